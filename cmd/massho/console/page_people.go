package console

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// peoplePage shows the case and this PC, and asks who is here. There is no IME:
// names come from the case; somebody else types an id.
type peoplePage struct {
	list
	here   map[int]bool // places in the case's list
	extra  []Attendee   // 名簿外
	typing string       // the role of the stand-in whose id is typed; empty: none
	field  field
}

func (p *peoplePage) title(m *Model) string { return m.t("2 案件と立会者", "2 Case and people") }

func (p *peoplePage) enter(*Model) tea.Cmd {
	p.here = map[int]bool{}
	p.field.max = 24
	return nil
}

// listed are the people who may be here: the office's validator is not.
func (m *Model) listed() []cases.Person {
	return slices.DeleteFunc(slices.Clone(m.facts.Case.People), func(x cases.Person) bool { return x.Role == certs.RoleValidator })
}

func (m *Model) roleText(role string) string {
	switch role {
	case certs.RoleOperator:
		return m.t("作業者", "operator")
	case certs.RoleWitness:
		return m.t("立会職員", "witness")
	case certs.RoleValidator:
		return m.t("確認職員", "validator")
	}
	return role
}

// caseLines is what the case says, and which line of its roster this PC is.
func (m *Model) caseLines(w int) []string {
	c, host := m.facts.Case, m.facts.Host
	var out []string
	row := func(name, value string) { out = append(out, cut(fit(name, 10)+" "+value, w)) }
	if m.facts.Signed {
		row(m.t("案件", "case"), c.ID+"  "+c.Title)
		row(m.t("団体", "body"), c.Municipality+" "+c.Department)
		row(m.t("受託者", "contractor"), c.Contractor.Name)
	} else {
		out = append(out, wrap("！ "+m.t("署名された案件がありません。分類は作業者の申告として記録され、証明書にもそう印字されます。",
			"There is no signed case. The classification is the operator's own word, and the certificate says so."), w)...)
	}
	serial := host.Serial
	if host.SerialPlaceholder || serial == "" {
		serial = m.t("（シリアル番号なし）", "(no serial number)")
	}
	row(m.t("このPC", "this PC"), host.Vendor+" "+host.Product+"  "+serial)
	if i, ok := session.HostIndex(c, host); ok {
		a := c.Roster[i]
		row(m.t("台帳", "roster"), good.on("〇 ")+a.Number+" "+a.Section+" "+a.Lease+
			m.t(fmt.Sprintf("  媒体%d台の予定", a.ExpectedMedia), fmt.Sprintf("  %d media expected", a.ExpectedMedia)))
	} else if m.facts.Signed {
		row(m.t("台帳", "roster"), "！ "+m.t("このPCは名簿にありません（作業機として扱います）", "this PC is not in the roster (taken for a work station)"))
	}
	return out
}

func (p *peoplePage) body(m *Model, w, h int) []string {
	out := append(m.caseLines(w), "", bold.on(m.t("ここにいる人を選んでください。", "Choose who is here.")))
	people := m.listed()
	full := p.inFull(m, people, w)
	room := h - len(out) - 2 - len(p.extra) - len(full)
	if p.typing != "" {
		room -= 2
	}
	from, to := p.window(len(people), max(1, room))
	for i := from; i < to; i++ {
		out = append(out, p.line(m, i, people[i], w))
	}
	if len(people) > to-from {
		out = append(out, faint.on(fmt.Sprintf("   %d–%d / %d  PgUp PgDn", from+1, to, len(people))))
	}
	out = append(out, full...)
	for _, x := range p.extra {
		out = append(out, cut("    [x] "+m.t("名簿外 ", "not listed ")+x.ID+" "+m.roleText(x.Role), w))
	}
	if p.typing != "" {
		out = append(out, "", m.t("名簿外の", "not listed, ")+m.roleText(p.typing)+m.t("のID（英数字）: ", ", id: ")+p.field.show())
	}
	return out
}

// inFull is the person under the cursor with nothing cut off, where the list
// has no room for it.
func (p *peoplePage) inFull(m *Model, people []cases.Person, w int) []string {
	if p.list.at >= len(people) {
		return nil
	}
	x := people[p.list.at]
	if width(p.whole(m, p.list.at, x)) <= w {
		return nil
	}
	return item("     ", x.Name+"  "+x.Title+" "+x.Organisation, w)
}

func (p *peoplePage) line(m *Model, i int, x cases.Person, w int) string {
	return cut(p.whole(m, i, x), w)
}

func (p *peoplePage) whole(m *Model, i int, x cases.Person) string {
	mark, box := "   ", "[ ]"
	if i == p.list.at {
		mark = " → "
	}
	if p.here[i] {
		box = "[x]"
	}
	n := " "
	if i < 9 {
		n = fmt.Sprint(i + 1)
	}
	return mark + n + " " + box + " " + fit(m.roleText(x.Role), 9) + " " + x.Name + "  " + x.Title + " " + x.Organisation
}

func (p *peoplePage) hints(*Model) []hint {
	if p.typing != "" {
		return []hint{{"Enter", "決定", "confirm"}, {"Esc", "やめる", "cancel"}}
	}
	return []hint{{"1-9 Space", "選ぶ", "choose"}, {"O", "名簿外の作業者", "other operator"}, {"W", "名簿外の立会者", "other witness"},
		{"Enter", "次へ", "next"}, {"Esc", "時計へ戻る", "back to the clock"}}
}

func (p *peoplePage) help() rules.Label {
	return rules.Label{
		Ja: "作業者を1人以上選んでください。案件の方針が二人での確認を求めるときは、立会職員も要ります。選んだ人の名前は証明書に載りますが、署名は後日、庁内の massho-office で各自の鍵により行います。" +
			"名簿にない人が来たときは O（作業者）または W（立会者）を押し、社員番号などのIDを入力します。証明書には「名簿外」と載ります。",
		En: "Choose at least one operator. Where the policy asks for a second person, a witness is needed too. The names go onto the certificates; people sign later, in the office, with their own keys. " +
			"For somebody whom the case does not list press O (operator) or W (witness) and type an id; the certificate says 名簿外.",
	}
}

func (p *peoplePage) key(m *Model, k keyPress) tea.Cmd {
	people := m.listed()
	if p.typing != "" {
		p.typeKey(m, k)
		return nil
	}
	if n := number(k); n >= 0 && n < len(people) {
		p.list.at, p.here[n] = n, !p.here[n]
		return nil
	}
	switch {
	case p.list.move(k, len(people), 8):
	case k.name == "space" && p.list.at < len(people):
		p.here[p.list.at] = !p.here[p.list.at]
	case k.text == "o" || k.text == "O":
		p.typing = certs.RoleOperator
	case k.text == "w" || k.text == "W":
		p.typing = certs.RoleWitness
	case k.name == "esc":
		return m.goTo(&clockPage{})
	case k.name == "enter":
		return p.finish(m)
	}
	return nil
}

func (p *peoplePage) typeKey(m *Model, k keyPress) {
	switch {
	case k.name == "esc":
		p.typing, p.field.text = "", ""
	case k.name == "enter" && p.field.text != "":
		p.extra = append(p.extra, Attendee{ID: p.field.text, Role: p.typing, OffRoster: true})
		p.typing, p.field.text = "", ""
	case k.name == "enter":
		m.refuse("IDを入力してください。", "Type an id.")
	default:
		p.field.key(k)
	}
}

// finish makes sure that somebody answers for the work.
func (p *peoplePage) finish(m *Model) tea.Cmd {
	var here []Attendee
	for i, x := range m.listed() {
		if p.here[i] {
			here = append(here, Attendee{ID: x.ID, Role: x.Role})
		}
	}
	here = append(here, p.extra...)
	has := func(role string) bool {
		return slices.ContainsFunc(here, func(a Attendee) bool { return a.Role == role })
	}
	switch {
	case !has(certs.RoleOperator):
		m.refuse("作業者を選んでください（名簿にいないときは O）。", "Choose an operator (O: somebody not listed).")
		return nil
	case m.facts.Policy.RequireSecondPerson && !has(certs.RoleWitness):
		m.refuse("この案件は二人での確認を求めています。立会職員も選んでください（名簿にいないときは W）。",
			"This case asks for a second person: choose a witness too (W: somebody not listed).")
		return nil
	}
	w := m.world
	return m.act(func() error { return w.SetPeople(here) }, func(m *Model) tea.Cmd {
		m.people = here
		return m.goTo(&drivesPage{})
	})
}

// personText names somebody who is here.
func (m *Model) personText(a Attendee) string {
	if a.OffRoster {
		return m.t("名簿外 ", "not listed ") + a.ID
	}
	for _, x := range m.facts.Case.People {
		if x.ID == a.ID {
			return x.Name
		}
	}
	return a.ID
}
