package console

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/session"
)

// logPage shows what was said since the start, newest last; it opens at the end.
type logPage struct {
	quietPage
	pager
	h, n   int
	opened bool
}

func (p *logPage) title(m *Model) string { return m.t("ログ", "Log") }

// logLines are the world's lines, the refusals of the drives present, and the
// phases of the runs.
func (m *Model) logLines(w int) []string {
	var out []string
	for _, l := range m.world.Log() {
		out = append(out, item(l.At.In(jst).Format("15:04:05 "), l.Text.In(m.lang), w)...)
	}
	for _, d := range m.drives {
		for _, r := range d.Refusals {
			out = append(out, item("  Ｘ ", r.Object+": "+m.t(r.Why.Ja+"。"+r.Next.Ja, r.Why.En+". "+r.Next.En), w)...)
		}
		for _, n := range d.Device.Notes {
			out = append(out, item("  · ", d.Device.Identity.Serial+": "+n, w)...)
		}
	}
	_, events := m.feed.snapshot()
	for _, e := range events {
		out = append(out, item("  ▶ ", e.Drive+"  "+m.phaseText(e)+"  "+e.Head+"  "+e.Text, w)...)
	}
	return out
}

func (p *logPage) body(m *Model, w, h int) []string {
	lines := m.logLines(w)
	p.h, p.n = h-1, len(lines)
	if !p.opened {
		p.opened, p.pager.top = true, len(lines)
	}
	if len(lines) == 0 {
		return []string{"", m.t("  まだ何もありません。", "  Nothing yet.")}
	}
	part, page, pages := p.show(lines, p.h)
	out := append([]string(nil), part...)
	for len(out) < p.h {
		out = append(out, "")
	}
	return append(out, inverse.on(fmt.Sprintf(m.t(" %d/%dページ（PgUp PgDn） ", " page %d/%d (PgUp PgDn) "), page, pages)))
}

func (p *logPage) hints(*Model) []hint { return []hint{{"F3 Esc", "閉じる", "close"}} }

func (p *logPage) key(m *Model, k keyPress) tea.Cmd { return closeOrPage(m, &p.pager, k, p.h) }

// largePage is for the camera: code and QR of the journal's head as large as
// the screen allows, with case, drive, clock, and whether the stick may go.
type largePage struct{ quietPage }

func (p *largePage) title(m *Model) string          { return m.t("大画面", "Large") }
func (p *largePage) body(*Model, int, int) []string { return nil }
func (p *largePage) hints(*Model) []hint            { return []hint{{"F5 Esc", "閉じる", "close"}} }

func (p *largePage) key(m *Model, k keyPress) tea.Cmd {
	switch k.name {
	case "esc", "enter":
		m.over = nil
		return m.settle()
	}
	return nil
}

// screen draws the whole screen; it has no header of its own.
func (p *largePage) screen(m *Model, c Canvas) []string {
	out := []string{title.on(fit(" "+m.caseText(), c.Cols))}
	head, at, of, ok := m.headNow()
	if !ok {
		out = append(out, "", "")
		out = append(out, big(m.now.In(jst).Format("15:04:05"))...)
		out = append(out, "", "  "+dateTime(m.now, m.lang))
		out = append(out, "", "  "+m.headText())
		return p.bottom(m, c, out)
	}
	var left []string
	switch {
	case c.Plain: // no half blocks: one wide line of large letters
		left = append(bigPlain(strings.ReplaceAll(journal.Code(head.Hash), "-", "")), "")
	default:
		for _, group := range strings.Split(journal.Code(head.Hash), "-") {
			left = append(left, big(group)...)
			left = append(left, "")
		}
	}
	if c.Rows >= tallRows && !c.Plain {
		left = append(left, big(m.now.In(jst).Format("15:04"))...)
	}
	left = append(left, bold.on(dateTime(m.now, m.lang)+m.now.In(jst).Format(":05")),
		"S/N "+bold.on(cutLeft(head.Drive, 24)), fmt.Sprintf("#%d  (%d/%d)", head.Seq, at, of))
	if m.word != "" {
		left = append(left, m.t("合言葉 ", "word ")+bold.on(m.word)+m.wordAt.In(jst).Format(" 15:04:05"))
	}
	var right []string
	if !c.Plain && c.Cols >= bigQRCols+leftCols && c.Rows >= bigQRRows+4 {
		code, err := m.qr(QRText(head.Hash))
		if err == nil {
			right = code.large()
		} else {
			right = []string{bad.on(err.Error())}
		}
	}
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		if len(right) > 0 {
			l = fit(l, c.Cols-bigQRCols-1) + r
		}
		out = append(out, l)
	}
	return p.bottom(m, c, out)
}

// leftCols is what clock and code need beside the QR code; with tallRows there
// is room for a large clock below the code.
const (
	leftCols = 42
	tallRows = 28
)

// bottom fills up to the footer of every screen.
func (p *largePage) bottom(m *Model, c Canvas, out []string) []string {
	foot := []string{m.pull(), m.hintLine(p.hints(m), c.Cols)}
	if m.facts.Training {
		foot = append([]string{training.on(fit(m.t("  訓練  訓練  訓練", "  TRAINING 訓練  TRAINING 訓練"), c.Cols))}, foot...)
	}
	for len(out) < c.Rows-len(foot) {
		out = append(out, "")
	}
	return append(out[:max(0, c.Rows-len(foot))], foot...)
}

// labelPage shows what belongs on a drive's label, with a QR code of the
// certificate's number and the journal's head.
type labelPage struct {
	quietPage
	outcome session.Outcome
}

func (p *labelPage) title(m *Model) string { return m.t("ラベル", "Label") }

// LabelText is what the QR code of a label says.
func LabelText(number, serial string) string {
	return "MASSHO-LABEL:" + strings.ToUpper(number) + "/" + strings.ToUpper(serial)
}

func (p *labelPage) body(m *Model, w, h int) []string {
	t := p.outcome.Work.Plan.Target
	left := append(big(lastPart(p.outcome.Number)), "", bold.on(p.outcome.Number), "S/N "+t.Serial, t.Model,
		m.t("管理番号 ", "asset ")+m.orNone(t.Asset), p.outcome.Result.Ended.In(jst).Format(time.DateOnly), "", m.nextStep(p.outcome))
	var right []string
	if code, err := m.qr(LabelText(p.outcome.Number, t.Serial)); err == nil && len(code)/2 < h && w >= len(code)+30 {
		right = code.large()
	}
	var out []string
	for i := range max(len(left), len(right)) {
		l, r := "", ""
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		if len(right) > 0 {
			l = fit(l, w-width(right[0])-1) + r
		}
		out = append(out, l)
	}
	return out[:min(len(out), h)]
}

// lastPart is the running number at the end of a certificate's number.
func lastPart(number string) string {
	parts := strings.Split(number, "-")
	return parts[len(parts)-1]
}

func (p *labelPage) hints(*Model) []hint { return []hint{{"Esc", "閉じる", "close"}} }

func (p *labelPage) key(m *Model, k keyPress) tea.Cmd {
	if k.name == "esc" || k.name == "enter" {
		m.over = nil
	}
	return nil
}
