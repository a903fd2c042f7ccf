package collect

import (
	"strings"

	"github.com/massho/massho/certs/handover"
)

// HandoverOf sorts the media of a report into what may leave and what may not.
// A PC with any finding that is serious keeps all of its media here.
func HandoverOf(r Report) handover.Handover {
	h := handover.Handover{Leaves: []handover.Item{}, Stays: []handover.Item{}, Missing: []handover.Item{}}
	for _, a := range r.Assets {
		held := ""
		for _, f := range r.Findings {
			if f.Level == Serious && (f.Asset == a.Number || concerns(f, a)) {
				held = "重大な指摘あり: " + kinds[f.Code].text.Ja
			}
		}
		for _, m := range a.Media {
			it := handover.Item{Asset: a.Number, Host: a.HostSerial, Model: m.Model, Serial: m.Serial, Number: m.Number, State: m.State().Ja}
			switch {
			case held != "":
				it.State += "、" + held
				h.Stays = append(h.Stays, it)
			case m.mayLeave():
				h.Leaves = append(h.Leaves, it)
			default:
				it.State += "、庁舎外へ持ち出さない"
				h.Stays = append(h.Stays, it)
			}
		}
		for _, g := range a.Gaps {
			if g.Code != MediaFailed && g.Code != MediaOver {
				h.Missing = append(h.Missing, handover.Item{Asset: a.Number, Host: a.HostSerial, Model: a.HostModel, Serial: g.Medium, State: g.Text("ja")})
			}
		}
	}
	return h
}

// concerns reports whether a finding is about a paper of the PC, or about a
// stick that signed one.
func concerns(f Finding, a Asset) bool {
	for _, m := range a.Media {
		if f.Number == m.Number && f.Number != "" {
			return true
		}
		if f.Number == "" && f.Stick != "" && strings.Contains(m.Number, "-"+f.Stick+"-") {
			return true
		}
	}
	return false
}
