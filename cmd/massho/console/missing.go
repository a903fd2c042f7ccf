package console

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// missingReasons are why a medium that the case expects is not here.
var missingReasons = []struct {
	code  string
	text  rules.Label
	brief rules.Label
}{
	{"not-found", rules.Label{Ja: "見つからない（紛失のおそれ。すぐ担当課へ連絡）", En: "cannot be found (perhaps lost: tell the section at once)"}, rules.Label{Ja: "見つからない", En: "cannot be found"}},
	{"removed-before", rules.Label{Ja: "先に取り外されていた", En: "was taken out before"}, rules.Label{Ja: "先に取り外し", En: "taken out before"}},
	{"other-station", rules.Label{Ja: "別の作業機・別の日に処理する", En: "is done at another station or on another day"}, rules.Label{Ja: "別の所・別の日", En: "elsewhere, later"}},
	{"unreadable", rules.Label{Ja: "付いているが認識されない（庁舎内で破壊）", En: "is there but not recognised (destroy it inside)"}, rules.Label{Ja: "認識されない", En: "not recognised"}},
	{"roster-wrong", rules.Label{Ja: "名簿の誤り（はじめから存在しない）", En: "the roster is wrong (it never existed)"}, rules.Label{Ja: "名簿の誤り", En: "roster is wrong"}},
}

// expected compares the roster with the drives of this sitting: media named by
// serial and not seen, and numbers of media of this PC that are not reached.
func expected(c cases.Case, host devices.Host, seen []devices.Device) []Missing {
	keys := map[string]bool{}
	for _, d := range seen {
		keys[devices.SerialKey(d.Identity.Serial)] = true
	}
	here, known := session.HostIndex(c, host)
	var out []Missing
	for i, a := range c.Roster {
		ofThisPC := known && i == here
		touched, named := 0, 0
		for _, m := range a.Media {
			if keys[devices.SerialKey(m.Serial)] {
				touched++
			}
		}
		for _, m := range a.Media {
			if keys[devices.SerialKey(m.Serial)] || !ofThisPC && touched == 0 {
				continue
			}
			named++
			out = append(out, Missing{Asset: a.Number, Serial: m.Serial, Count: 1})
		}
		if !ofThisPC {
			continue
		}
		if n := a.ExpectedMedia - named - assignedTo(c, host, seen, i); n > 0 {
			out = append(out, Missing{Asset: a.Number, Count: n})
		}
	}
	return out
}

// assignedTo counts the drives that belong to one line of the roster.
func assignedTo(c cases.Case, host devices.Host, seen []devices.Device, index int) int {
	n := 0
	for i, d := range seen {
		again := false
		for _, other := range seen[:i] {
			again = again || devices.SameMedium(other, d)
		}
		if a, ok := session.Assign(c, host, d); ok && a.Index == index && !again {
			n++
		}
	}
	return n
}

// missingPage names every medium that the case expects and that is not here,
// and asks why: a gap is found today or never.
type missingPage struct {
	list
	media   []Missing
	reasons []int // place in missingReasons; -1: not said
}

func newMissingPage(m *Model) *missingPage {
	var seen []devices.Device
	for _, d := range m.drives {
		seen = append(seen, d.Device)
	}
	for _, o := range m.outcomes() { // done and unplugged again
		seen = append(seen, o.Work.Plan.Device)
	}
	p := &missingPage{media: expected(m.facts.Case, m.facts.Host, seen)}
	for range p.media {
		p.reasons = append(p.reasons, -1)
	}
	return p
}

func (p *missingPage) title(m *Model) string {
	return m.t("9 見当たらない媒体", "9 Missing media")
}

func (p *missingPage) enter(*Model) tea.Cmd { return nil }

func (p *missingPage) body(m *Model, w, h int) []string {
	if len(p.media) == 0 {
		return append([]string{"", good.on("  〇 " + m.t("見当たらない媒体はありません。", "Nothing is missing."))}, "",
			m.t("  名簿でこのPCの媒体とされたものは、すべてここにありました。", "  Every medium that the roster gives to this PC was here."))
	}
	out := wrap(bold.on(m.t("名簿にあって、ここにない媒体です。それぞれの理由を番号で選んでください。", "The roster names these, and they are not here. Say why, by number.")), w)
	from, to := p.window(len(p.media), max(1, h-len(out)-len(missingReasons)-3))
	for i := from; i < to; i++ {
		x := p.media[i]
		what := x.Serial
		if what == "" {
			what = fmt.Sprintf(m.t("シリアル番号不明 %d台", "%d of unknown serial"), x.Count)
		}
		mark, why := "   ", bad.on(m.t("理由未回答", "no reason given"))
		if i == p.list.at {
			mark = " → "
		}
		if r := p.reasons[i]; r >= 0 {
			why = missingReasons[r].brief.In(m.lang)
		}
		out = append(out, cut(mark+fit(x.Asset, 12)+fit(what, 22)+why, w))
	}
	if to-from < len(p.media) {
		out = append(out, faint.on(fmt.Sprintf("   %d–%d / %d", from+1, to, len(p.media))))
	}
	out = append(out, "")
	for i, r := range missingReasons {
		out = append(out, cut(fmt.Sprintf("   %d  %s", i+1, r.text.In(m.lang)), w))
	}
	return out
}

func (p *missingPage) hints(*Model) []hint {
	if len(p.media) == 0 {
		return []hint{{"Enter", "引渡しへ", "hand-over"}}
	}
	return []hint{{"↑↓", "媒体", "medium"}, {"1-5", "理由", "reason"}, {"Enter", "記録して引渡しへ", "record, then hand-over"}, {"Esc", "媒体の選択へ", "back to the drives"}}
}

func (p *missingPage) help() rules.Label {
	return rules.Label{
		Ja: "署名された名簿と、ここで見た媒体を突き合わせた結果です。見当たらない媒体は、今日なら探せます。理由を選ぶと記録に入り、庁内の massho-office collect で件数が突き合わされます。",
		En: "The signed roster compared with the drives seen here. What is missing can be looked for today. The reason is recorded, and massho-office collect counts everything again.",
	}
}

func (p *missingPage) key(m *Model, k keyPress) tea.Cmd {
	if n := number(k); n >= 0 && n < len(missingReasons) && len(p.media) > 0 {
		p.reasons[p.list.at] = n
		p.list.at = min(p.list.at+1, len(p.media)-1)
		return nil
	}
	switch {
	case p.list.move(k, len(p.media), 5):
	case k.name == "esc":
		return m.goTo(&drivesPage{})
	case k.name == "enter":
		return p.record(m)
	}
	return nil
}

func (p *missingPage) record(m *Model) tea.Cmd {
	for i := range p.media {
		if p.reasons[i] < 0 {
			p.list.at = i
			m.refuse("理由が選ばれていない媒体があります。", "A medium has no reason yet.")
			return nil
		}
		p.media[i].Reason = missingReasons[p.reasons[i]].code
	}
	if len(p.media) == 0 {
		return m.goTo(&handoverPage{})
	}
	ctx, w, list := m.ctx, m.world, p.media
	return m.act(func() error { return w.RecordMissing(ctx, list) }, func(m *Model) tea.Cmd { return m.goTo(&handoverPage{}) })
}
