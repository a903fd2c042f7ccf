package console

import (
	"fmt"
	"strings"

	"github.com/massho/massho/wipe/journal"
)

// Canvas is what one seat can show.
type Canvas struct {
	Cols, Rows int
	// Plain: a terminal of unknown make, where line drawing and characters of
	// ambiguous width may take two columns and a QR code would not be square.
	Plain bool
}

// The rows of the frame around a page's body.
const (
	headRows = 3
	footRows = 3
)

// panelCols is the width of the panel with the QR code, with a blank before it.
const panelCols = qrCols + 1

// Render draws the whole screen: exactly c.Rows lines of c.Cols columns.
func (m *Model) Render(c Canvas) string {
	var lines []string
	if l, ok := m.over.(*largePage); ok {
		lines = l.screen(m, c)
	} else {
		lines = append(m.header(c.Cols), m.middle(c)...)
		lines = append(lines, m.footer(c.Cols)...)
	}
	for i := range lines {
		lines[i] = fit(lines[i], c.Cols)
	}
	out := strings.Join(lines[:min(len(lines), c.Rows)], "\n")
	if c.Plain {
		out = serialSafe.Replace(out)
	}
	return out
}

// middle is the page, or what lies over it, and the panel beside it.
func (m *Model) middle(c Canvas) []string {
	h := max(1, c.Rows-headRows-footRows)
	front := m.page
	if m.over != nil {
		front = m.over
	}
	panel, w := m.panel(c, h), c.Cols
	if _, own := front.(*labelPage); own {
		panel = nil // it shows a QR code of its own
	}
	if panel != nil {
		w -= panelCols
	}
	body := front.body(m, w, h)
	if len(body) > h {
		// A page that does not keep its promise must not push the footer off.
		body = append(body[:h-1], bad.on(m.t("（表示しきれません）", "(does not fit)")))
	}
	for len(body) < h {
		body = append(body, "")
	}
	for i := range panel {
		body[i] = fit(body[i], w) + " " + panel[i]
	}
	return body
}

// header: what the film must always show. The clock is never cut.
func (m *Model) header(cols int) []string {
	clock := dateTime(m.now, m.lang) + m.now.In(jst).Format(":05") + " "
	left := " 抹消 massho  " + m.caseText()
	first := title.on(fit(left, cols-width(clock)-1) + " " + clock)

	second := m.headText()
	if m.word != "" {
		second += "  " + m.t("合言葉 ", "word ") + m.word + m.wordAt.In(jst).Format(" (15:04:05)")
	}
	if m.facts.Training {
		second = training.on(m.t(" 訓練 ", " TRAINING 訓練 ")) + " " + second
	}
	front := m.page
	if m.over != nil {
		front = m.over
	}
	keys := m.hintLine(globalHints, cols)
	name := "── " + front.title(m) + " "
	rule := strings.Repeat("─", max(1, cols-width(name)-width(keys)-1))
	return []string{first, " " + cut(second, cols-1), bold.on(name) + rule + " " + keys}
}

// caseText names the case, or says that there is none.
func (m *Model) caseText() string {
	if !m.facts.Signed {
		return m.t("署名された案件なし（分類は作業者の申告）", "no signed case (classified on the operator's word)")
	}
	return m.t("案件 ", "case ") + m.facts.Case.ID + " " + m.facts.Case.Municipality + " " + m.facts.Case.Title
}

// headNow is the head that is shown at this moment: each in turn, for five
// seconds.
func (m *Model) headNow() (h Head, at, of int, ok bool) {
	of = len(m.status.Heads)
	if of == 0 {
		return Head{}, 0, 0, false
	}
	at = int(m.now.Unix()/5) % of
	return m.status.Heads[at], at + 1, of, true
}

// headText is drive and code of the journal's head.
func (m *Model) headText() string {
	h, at, of, ok := m.headNow()
	if !ok {
		return m.t("記録 まだ始まっていません", "record: none begun")
	}
	s := m.t("記録 ", "record ") + bold.on(journal.Code(h.Hash)) + fmt.Sprintf(" #%d", h.Seq)
	if h.Drive != "" {
		s = m.t("媒体 ", "drive ") + cutLeft(h.Drive, 16) + "  " + s
	}
	if of > 1 {
		s += fmt.Sprintf(" (%d/%d)", at, of)
	}
	return s
}

// footer: notice, the page's keys, whether the stick may be pulled.
func (m *Model) footer(cols int) []string {
	front := m.page
	if m.over != nil {
		front = m.over
	}
	last := m.pull()
	if m.facts.Training {
		last += " " + training.on(m.t("訓練", "訓練 TRAINING"))
	}
	return []string{m.notice.style.on(cut(m.notice.text, cols)), m.hintLine(front.hints(m), cols), last}
}

// hintLine is as many hints as fit, in their order.
func (m *Model) hintLine(hints []hint, cols int) string {
	s := ""
	for _, h := range hints {
		one := bold.on(h.key) + " " + m.t(h.ja, h.en)
		if s != "" {
			one = "  " + one
		}
		if width(s)+width(one) > cols {
			break
		}
		s += one
	}
	return s
}

// pull says whether the stick may be pulled, and why.
func (m *Model) pull() string {
	why := m.status.Why.In(m.lang)
	if why != "" {
		why = " " + why
	}
	switch m.status.Pull {
	case PullAllowed:
		return good.on(m.t(" 〇 USBを抜いてよい ", " 〇 the stick may be pulled ")) + why
	case PullGone:
		return alarm.on(m.t(" Ｘ USBがありません。挿してください ", " Ｘ no stick: plug it in ")) + why
	}
	return alarm.on(m.t(" ！ USBを抜かないでください ", " ！ do not pull the stick ")) + why
}
