package console

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
)

// quietPage gives the parts that most overlays do not need.
type quietPage struct{}

func (quietPage) enter(*Model) tea.Cmd { return nil }
func (quietPage) help() rules.Label    { return rules.Label{} }

// messagePage shows what went wrong until it is acknowledged.
type messagePage struct {
	quietPage
	pager
	text string
	h    int
}

func (p *messagePage) title(m *Model) string { return m.t("お知らせ", "Message") }

func (p *messagePage) body(m *Model, w, h int) []string {
	p.h = h - 2
	part, page, pages := p.show(wrap(p.text, w-4), p.h)
	out := []string{caution.on(fit(" ！ "+m.t("確認してください", "please read"), min(w, 30))), ""}
	for _, l := range part {
		out = append(out, "  "+l)
	}
	if pages > 1 {
		out[0] += fmt.Sprintf(" %d/%d PgUp PgDn", page, pages)
	}
	return out
}

func (p *messagePage) hints(*Model) []hint {
	return []hint{{"Enter", "読みました", "I have read it"}}
}

func (p *messagePage) key(m *Model, k keyPress) tea.Cmd {
	if k.name == "enter" || k.name == "esc" {
		m.over = nil
		return m.settle()
	}
	p.pager.key(k, p.h)
	return nil
}

// helpPage is the help of the page below it, and what holds everywhere.
type helpPage struct {
	quietPage
	pager
	about page
	h     int
}

func (p *helpPage) title(m *Model) string { return m.t("ヘルプ", "Help") }

func (p *helpPage) body(m *Model, w, h int) []string {
	var lines []string
	lines = append(lines, bold.on(p.about.title(m)))
	lines = append(lines, wrap(p.about.help().In(m.lang), w)...)
	lines = append(lines, "", bold.on(m.t("この画面のキー", "Keys of this screen")))
	for _, x := range p.about.hints(m) {
		lines = append(lines, "  "+fit(x.key, 12)+m.t(x.ja, x.en))
	}
	lines = append(lines, "", bold.on(m.t("どの画面でも使えるキー", "Keys that work on every screen")))
	for _, x := range []hint{
		{"F1 Ctrl+G", "このヘルプ", "this help"},
		{"F2 Ctrl+L", "日本語 / English", "English / 日本語"},
		{"F3 Ctrl+O", "ログ（起動時からの記録）", "log, from the start"},
		{"F4 Ctrl+K", "キーボードの種類: 今は " + keyboardName(m.keyboard), "keyboard layout: now " + keyboardName(m.keyboard)},
		{"F5 Ctrl+B", "大画面（カメラに記録コードとQRを映す）", "large mode: code and QR for the camera"},
		{"F6 Ctrl+W", "合言葉を記録（監視している人に頼まれたとき）", "challenge word, when the supervisor asks for one"},
		{"Ctrl+R", "画面を描き直す", "draw the screen again"},
	} {
		lines = append(lines, "  "+fit(x.key, 12)+m.t(x.ja, x.en))
	}
	lines = append(lines, "")
	lines = append(lines, wrap(m.t("画面の下の「抜いてよい」「抜かないでください」は、記録用USBのことです。いつも正しいので、抜く前に必ず見てください。色だけで区別しているところはありません。",
		"At the bottom the screen always says, truly, whether the stick with the records may be pulled: look before you pull. Colour is never the only sign."), w)...)
	p.h = h - 1
	part, page, pages := p.show(lines, p.h)
	if pages > 1 {
		for len(part) < p.h {
			part = append(part, "")
		}
		part = append(slices.Clone(part), inverse.on(fmt.Sprintf(m.t(" %d/%dページ（PgUp PgDn） ", " page %d/%d (PgUp PgDn) "), page, pages)))
	}
	return part
}

func (p *helpPage) hints(*Model) []hint { return []hint{{"F1 Esc", "閉じる", "close"}} }

func (p *helpPage) key(m *Model, k keyPress) tea.Cmd { return closeOrPage(m, &p.pager, k, p.h) }

func closeOrPage(m *Model, p *pager, k keyPress, h int) tea.Cmd {
	if k.name == "esc" || k.name == "enter" {
		m.over = nil
		return m.settle()
	}
	p.key(k, h)
	return nil
}

// wordPage takes a challenge word: the supervisor says one, it goes into every
// journal, and the new heads prove that the film is of now.
type wordPage struct {
	quietPage
	field field
}

func newWordPage() *wordPage { return &wordPage{field: field{max: 16}} }

func (p *wordPage) title(m *Model) string { return m.t("合言葉", "Challenge word") }

func (p *wordPage) body(m *Model, w, h int) []string {
	out := wrap(m.t("監視している人が決めた言葉を、英数字で入力してください。日時とともに記録に入り、記録コードが変わります。生で見ている人にだけ、今の映像であることを示します。",
		"Type the word that the supervisor chose, in letters and digits. It goes into the record with the time, and the code changes. To somebody who watches live it shows that the picture is of now."), w)
	return append(out, "", "  "+p.field.show())
}

func (p *wordPage) hints(*Model) []hint {
	return []hint{{"Enter", "記録する", "record it"}, {"Esc", "やめる", "cancel"}}
}

func (p *wordPage) key(m *Model, k keyPress) tea.Cmd {
	switch {
	case k.name == "esc":
		m.over = nil
	case k.name == "enter" && strings.TrimSpace(p.field.text) == "":
		m.refuse("言葉を入力してください。", "Type a word.")
	case k.name == "enter":
		word := strings.TrimSpace(p.field.text)
		ctx, w := m.ctx, m.world
		m.over = nil
		return m.act(func() error { return w.Challenge(ctx, word) }, func(m *Model) tea.Cmd {
			m.word, m.wordAt = word, w.Now()
			m.status = w.Status()
			m.say("合言葉を記録しました。上に表示しています。", "The word is recorded and shown at the top.")
			return nil
		})
	default:
		p.field.key(k)
	}
	return nil
}

// acceptPage records a person's choice of a lower level than the row asks.
type acceptPage struct {
	quietPage
	list
	who []Attendee
}

func newAcceptPage(m *Model) *acceptPage { return &acceptPage{who: m.people} }

func (p *acceptPage) title(m *Model) string { return m.t("水準の承諾", "Accept a lower level") }

func (p *acceptPage) body(m *Model, w, h int) []string {
	out := wrap(m.t("この媒体では、図表41が求める水準に今は届きません。承諾すると、図表41(3)の消去までを行い、そのあと物理的な破壊が必要になります。承諾した人の名前が証明書に載ります。",
		"This drive does not reach now what 図表41 asks. If accepted it is erased to level (3) and must be destroyed afterwards. Who accepted is printed on the certificate."), w)
	out = append(out, "", bold.on(m.t("承諾する人:", "Who accepts:")))
	for i, a := range p.who {
		mark := "   "
		if i == p.list.at {
			mark = " → "
		}
		out = append(out, fmt.Sprintf("%s%d  %s %s", mark, i+1, m.roleText(a.Role), m.personText(a)))
	}
	return out
}

func (p *acceptPage) hints(*Model) []hint {
	return []hint{{"↑↓", "選ぶ", "choose"}, {"Y", "承諾する", "accept"}, {"Esc", "やめる", "cancel"}}
}

func (p *acceptPage) key(m *Model, k keyPress) tea.Cmd {
	switch {
	case p.list.move(k, len(p.who), 1):
	case k.name == "esc":
		m.over = nil
	case strings.EqualFold(k.text, "y") && len(p.who) > 0:
		m.over = nil
		m.round.answers.Accept = &wipe.Acceptance{Level: rules.Row3, By: m.acceptedBy(p.who[p.list.at])}
		return m.planDrive()
	}
	return nil
}

// acceptedBy is what the record says of who chose: name and role in Japanese,
// whatever the screen's language.
func (m *Model) acceptedBy(a Attendee) string {
	role := "作業者"
	if a.Role == certs.RoleWitness {
		role = "立会職員"
	}
	if a.OffRoster {
		return role + " 名簿外 " + a.ID
	}
	return role + " " + m.personText(a)
}
