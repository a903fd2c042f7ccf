package collect

import (
	"fmt"
	"slices"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/missing"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// Asset is one PC of the roster with what is known of its media.
type Asset struct {
	cases.Asset
	Media   []Medium
	Missing []missing.Medium // said on the spot
	Gaps    []Finding
}

// Medium is one medium by its last sound paper.
type Medium struct {
	Serial     string
	Model      string
	Number     string
	Paper      rules.Paper
	Row        rules.Row
	Outcome    rules.Outcome
	InsideOnly bool // must not leave the 庁舎
}

// State is how a medium stands, in the words of the papers.
func (m Medium) State() rules.Label {
	switch {
	case m.Paper == rules.PaperErasedRow2:
		return rules.Label{Ja: "抹消済み", En: "sanitized"}
	case m.Paper == rules.PaperErasedRow3:
		return rules.Label{Ja: "消去済み", En: "erased"}
	case m.Paper == rules.PaperStageA:
		return rules.Label{Ja: "庁舎内消去済み・破壊待ち", En: "erased, awaiting destruction"}
	}
	return rules.Label{Ja: "未完了", En: "not complete"}
}

// mayLeave says whether a medium may be handed over to the contractor: it was
// erased at least to the level of row (3).
func (m Medium) mayLeave() bool { return completes(m.Paper) && !m.InsideOnly }

// assets counts the media of each PC of the roster.
func (e *examiner) assets() {
	declared := e.declared()
	for i, a := range e.in.Case.Roster {
		st := Asset{Asset: a, Media: e.mediaOf(i)}
		for _, m := range declared {
			if serials.AssetKey(m.Asset) == serials.AssetKey(a.Number) {
				st.Missing = append(st.Missing, m)
			}
		}
		e.gaps(&st)
		e.out.Assets = append(e.out.Assets, st)
	}
}

// declared is what the sticks say is missing, less what has a paper after all.
func (e *examiner) declared() (out []missing.Medium) {
	for i := range e.out.Runs {
		r := &e.out.Runs[i]
		list, err := missing.Of(r.Log)
		if err != nil {
			e.find(Finding{Code: JournalDamaged, Stick: r.Stick, Run: r.ID.String(), Detail: err.Error()})
		}
		for _, m := range list {
			done := slices.ContainsFunc(e.out.Papers, func(p Paper) bool { return p.Sound && serials.Same(p.Serial, m.Serial) })
			out = slices.DeleteFunc(out, func(o missing.Medium) bool { return o.Asset == m.Asset && o.Serial == m.Serial })
			if !done {
				out = append(out, m)
			}
		}
	}
	return out
}

// mediaOf lists the media of one roster line, each by its best sound paper: a
// failed one counts until a later one says more.
func (e *examiner) mediaOf(index int) (out []Medium) {
	for _, p := range e.out.Papers {
		s := p.statement()
		if !p.Sound || p.Twice || !s.Asset.InRoster || s.Asset.RosterIndex != index {
			continue
		}
		m := Medium{Serial: p.Serial, Model: s.Medium.Model, Number: p.Number, Paper: p.Opened.Paper, Row: p.Row, Outcome: p.Outcome,
			InsideOnly: s.Destruction != nil && s.Destruction.InsideOnly}
		at := slices.IndexFunc(out, func(o Medium) bool { return serials.Same(o.Serial, m.Serial) })
		switch {
		case at < 0:
			out = append(out, m)
		case completes(m.Paper) || !completes(out[at].Paper):
			out[at] = m
		}
	}
	return out
}

// gaps says what is missing of one PC.
func (e *examiner) gaps(a *Asset) {
	add := func(f Finding) {
		f.Asset, f.Level = a.Number, kinds[f.Code].level
		a.Gaps = append(a.Gaps, f)
		e.find(f)
	}
	for _, m := range a.Media {
		if !completes(m.Paper) {
			add(Finding{Code: MediaFailed, Medium: m.Serial, Number: m.Number, Detail: m.Outcome.Label().Ja})
		}
	}
	said := 0
	for _, m := range a.Missing {
		said += m.Count
		if m.Reason == missing.RosterWrong {
			add(Finding{Code: MediaMissing, Medium: m.Serial, Detail: m.Reason.Label().Ja})
			continue
		}
		add(Finding{Code: MediaMissing, Medium: m.Serial, Detail: fmt.Sprintf("%s、%d個", m.Reason.Label().Ja, m.Count)})
	}
	for _, r := range e.out.Runs { // runs without paper on media that the roster names
		for _, m := range a.Asset.Media {
			if r.Acted && len(r.Papers) == 0 && slices.ContainsFunc(r.Drives, func(d string) bool { return serials.Same(d, m.Serial) }) && e.laterPaper(&r) == nil {
				add(Finding{Code: RunNoPaper, Stick: r.Stick, Run: r.ID.String(), Medium: m.Serial})
			}
		}
	}
	have := len(a.Media)
	switch {
	case have == 0 && said == 0 && a.ExpectedMedia > 0:
		add(Finding{Code: AssetUntouched, Detail: fmt.Sprintf("予定 %d個", a.ExpectedMedia)})
	case have+said < a.ExpectedMedia:
		add(Finding{Code: MediaShort, Detail: fmt.Sprintf("予定 %d個、書面 %d個、申告 %d個", a.ExpectedMedia, have, said)})
	case have > a.ExpectedMedia:
		add(Finding{Code: MediaOver, Detail: fmt.Sprintf("予定 %d個、書面 %d個", a.ExpectedMedia, have)})
	}
	for _, m := range a.Asset.Media {
		named := slices.ContainsFunc(a.Media, func(x Medium) bool { return serials.Same(x.Serial, m.Serial) }) ||
			slices.ContainsFunc(a.Missing, func(x missing.Medium) bool { return serials.Same(x.Serial, m.Serial) })
		if !named && have > 0 {
			add(Finding{Code: MediaShort, Medium: m.Serial, Detail: "名簿にある媒体"})
		}
	}
}
