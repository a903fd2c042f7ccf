package console

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// confirmPage asks for the end of the serial number, read off the label; and
// for a second person where the policy wants one.
type confirmPage struct {
	need   int // characters of the end
	by     []Confirmation
	who    list // among those who may confirm now
	field  field
	wanted []string // the roles that must confirm, in order
}

func newConfirmPage(m *Model) *confirmPage {
	p := &confirmPage{need: m.suffixLength(m.round.drive()), wanted: []string{certs.RoleOperator}}
	if m.facts.Policy.RequireSecondPerson {
		p.wanted = append(p.wanted, certs.RoleWitness)
	}
	p.field.max = p.need
	return p
}

// suffixLength is how much of the serial's end names this drive alone among
// those present: at least devices.MinSuffix characters, or all of a short one.
func (m *Model) suffixLength(d Drive) int {
	key := []rune(devices.SerialKey(d.Device.Identity.Serial))
	var all []devices.Device
	for _, x := range m.drives {
		all = append(all, x.Device)
	}
	for n := min(devices.MinSuffix, len(key)); n < len(key); n++ {
		if _, err := devices.MatchSerial(all, string(key[len(key)-n:])); err == nil {
			return n
		}
	}
	return len(key)
}

func (p *confirmPage) title(m *Model) string { return m.t("6 確認", "6 Confirmation") }

func (p *confirmPage) enter(*Model) tea.Cmd { return nil }

// candidates are those who may confirm now: of the role that is wanted, and not
// the one who did already.
func (p *confirmPage) candidates(m *Model) []Attendee {
	var out []Attendee
	for _, a := range m.people {
		used := slices.ContainsFunc(p.by, func(c Confirmation) bool { return c.Person == a })
		if a.Role == p.wanted[len(p.by)] && !used {
			out = append(out, a)
		}
	}
	return out
}

func (p *confirmPage) body(m *Model, w, h int) []string {
	plan := m.round.work.Plan
	id := m.round.drive().Device.Identity
	out := append(m.inHand(w), alarm.on(fit(m.t("  この媒体のデータは戻せません", "  its data cannot be brought back"), min(w, 44))), "")
	row := func(name, value string) { out = append(out, cut("  "+fit(name, 14)+bold.on(value), w)) }
	row(m.t("型式", "model"), id.Model)
	row(m.t("シリアル番号", "serial"), id.Serial)
	row(m.t("容量", "size"), bytesText(id.CapacityBytes()))
	row(m.t("場所", "at"), m.round.drive().Device.Location)
	row(m.t("管理番号", "asset"), m.orNone(plan.Target.Asset))
	row(m.t("分類", "row"), plan.Row.Label().In(m.lang))
	row(m.t("見込み時間", "takes"), about(plan.Estimate, m.lang))
	out = append(out, "")
	for _, c := range p.by {
		out = append(out, good.on("  〇 ")+m.roleText(c.Person.Role)+" "+m.personText(c.Person)+m.t(" が確認 ", " confirmed ")+c.At.In(jst).Format("15:04:05"))
	}
	out = append(out, p.asker(m, w)...)
	return append(out, "", "  "+fmt.Sprintf(m.t("ラベルのシリアル番号の末尾%d文字: ", "last %d characters of the serial on the label: "), p.need)+p.field.show(), "",
		faint.on("  "+m.t("画面ではなく、媒体のラベルを見て入力してください。", "Read it off the label, not off the screen.")))
}

// asker says whose turn it is.
func (p *confirmPage) asker(m *Model, w int) []string {
	all := p.candidates(m)
	if len(all) == 0 {
		return []string{bad.on("  " + m.t("確認できる人がいません。Esc で戻り、立会者を選び直してください。", "Nobody is here who could confirm: go back with Esc and choose people again."))}
	}
	p.who.clamp(len(all))
	role := m.roleText(p.wanted[len(p.by)])
	if len(all) == 1 {
		return []string{cut("  "+role+": "+bold.on(m.personText(all[0])), w)}
	}
	var names []string
	for i, a := range all {
		n := m.personText(a)
		if i == p.who.at {
			n = inverse.on(" " + n + " ")
		}
		names = append(names, n)
	}
	return []string{cut("  "+role+m.t("（↑↓で選ぶ）: ", " (↑↓): ")+strings.Join(names, " "), w)}
}

func (p *confirmPage) hints(*Model) []hint {
	return []hint{{"0-9 A-Z", "入力", "type"}, {"Enter", "決定", "confirm"}, {"Esc", "計画へ戻る（何もしない）", "back to the plan (does nothing)"}}
}

func (p *confirmPage) help() rules.Label {
	return rules.Label{
		Ja: "媒体のラベルに書かれたシリアル番号の末尾を入力してください。大文字と小文字、ハイフンは区別しません。違う媒体のものを入力すると、何も起こりません。" +
			"案件の方針が求めるときは、立会職員が自分でもう一度入力します。選んだ媒体をすべて確認すると、消去が始まります。",
		En: "Type the end of the serial number on the drive's label. Case and hyphens do not matter. If it is another drive's nothing happens. " +
			"Where the policy asks for it the witness types it again. Once all chosen drives are confirmed the erasure begins.",
	}
}

func (p *confirmPage) key(m *Model, k keyPress) tea.Cmd {
	all := p.candidates(m)
	switch {
	case k.name == "esc":
		return m.goTo(&planPage{})
	case k.name == "up" || k.name == "down":
		p.who.move(k, len(all), 1)
	case k.name == "enter":
		return p.check(m, all)
	default:
		p.field.key(k)
	}
	return nil
}

// check compares what was typed with the drive in hand, never with another.
func (p *confirmPage) check(m *Model, all []Attendee) tea.Cmd {
	key := []rune(devices.SerialKey(m.round.drive().Device.Identity.Serial))
	typed := devices.SerialKey(p.field.text)
	switch {
	case len(all) == 0:
		return nil
	case typed == "" || typed != string(key[len(key)-p.need:]):
		p.field.text = ""
		m.refuse("この媒体のシリアル番号と一致しません。何もしていません。", "That is not this drive's serial. Nothing was done.")
		return nil
	}
	p.by = append(p.by, Confirmation{Person: all[p.who.at], Typed: p.field.text, At: m.world.Now()})
	p.field.text, p.who.at = "", 0
	if len(p.by) < len(p.wanted) {
		m.say("続けて、立会職員が入力してください。", "Now the witness types it.")
		return nil
	}
	return m.confirmed(p.by)
}
