package collect

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/journal"
)

// Input is everything that Examine looks at.
type Input struct {
	Case   cases.Case
	Sticks []Stick             // new ones and the office's copies of earlier collections
	Issued []*x509.Certificate // certificates of the sticks that the office issued for the case
	Verify verify.Options      // trust root, clock, and what earlier receipts bound
}

// Report is what came of it.
type Report struct {
	Case     cases.Case
	Sticks   []StickState
	Papers   []Paper // each distinct paper once, in order of number
	Runs     []Run   // in order of their beginning
	Assets   []Asset // as in the roster
	Findings []Finding
}

// StickState is one stick id.
type StickState struct {
	ID      string
	Issued  bool
	Places  []string // where it was read from now
	Before  bool     // collected earlier
	Papers  int
	Numbers int
}

// Worst is the worst level of all findings.
func (r Report) Worst() Level {
	w := Note
	for _, f := range r.Findings {
		w = max(w, f.Level)
	}
	return w
}

// examiner collects findings while it goes.
type examiner struct {
	in     Input
	out    Report
	taken  []Stick // those of this case
	papers map[string]*Paper
	runs   map[journal.RunID]*Run
}

// Examine compares everything with everything. It is pure.
func Examine(in Input) Report {
	e := &examiner{in: in, papers: map[string]*Paper{}, runs: map[journal.RunID]*Run{}}
	e.out.Case = in.Case
	e.identify()
	e.clones()
	e.journals()
	e.collectPapers()
	e.matchPapers()
	e.matchRuns()
	e.numbers()
	e.media()
	e.assets()
	e.states()
	slices.SortStableFunc(e.out.Findings, func(a, b Finding) int { return int(b.Level - a.Level) })
	return e.out
}

func (e *examiner) find(f Finding) {
	f.Level = kinds[f.Code].level
	if !slices.Contains(e.out.Findings, f) {
		e.out.Findings = append(e.out.Findings, f)
	}
}

// identify takes the sticks of this case and authority, and says which ones
// that the office issued are not here.
func (e *examiner) identify() {
	for _, s := range e.in.Sticks {
		if !s.Earlier {
			e.out.Findings = append(e.out.Findings, s.Findings...)
		}
		if s.Cert == nil {
			continue
		}
		_, err := e.in.Verify.Trust.Check(s.Cert, s.Cert.NotBefore)
		if err != nil && !isTerm(err) || s.CaseID != e.in.Case.ID {
			detail := "案件 " + s.CaseID
			if err != nil {
				detail = err.Error()
			}
			e.find(Finding{Code: StickForeign, Stick: s.ID, Detail: detail})
			continue
		}
		if !e.issued(s.Cert) {
			e.find(Finding{Code: StickNotIssued, Stick: s.ID, Detail: s.Name})
		}
		e.taken = append(e.taken, s)
	}
	for _, c := range e.in.Issued {
		h, err := keys.HolderOf(c)
		here := slices.ContainsFunc(e.taken, func(s Stick) bool { return s.Cert.Equal(c) })
		if err == nil && h.Case == e.in.Case.ID && !here {
			e.find(Finding{Code: StickMissing, Stick: h.Stick, Detail: e.revoked(c)})
		}
	}
}

// revoked says whether a stick that is not here can do no more harm.
func (e *examiner) revoked(c *x509.Certificate) string {
	if _, err := e.in.Verify.Trust.Check(c, c.NotBefore); err != nil {
		return "失効済み"
	}
	return ""
}

func isTerm(err error) bool { return isAny(err, keys.ErrExpired, keys.ErrRevoked) }

func (e *examiner) issued(c *x509.Certificate) bool {
	return slices.ContainsFunc(e.in.Issued, c.Equal)
}

// clones compares every two places that carry one id. A stick's own story only
// grows: of two honest copies, the numbers of one contain those of the other.
func (e *examiner) clones() {
	for i, a := range e.taken {
		for _, b := range e.taken[i+1:] {
			if a.ID != b.ID {
				continue
			}
			aInB, bInA := contains(b.Numbers, a.Numbers), contains(a.Numbers, b.Numbers)
			f := Finding{Stick: a.ID, Detail: a.Name + "、" + b.Name}
			switch {
			case !aInB && !bInA:
				f.Code, f.Detail = StickCloned, "連番 "+differ(a.Numbers, b.Numbers)+"、"+f.Detail
			case a.Earlier && !b.Earlier && !aInB, b.Earlier && !a.Earlier && !bInA:
				f.Code, f.Detail = StickRewound, "連番 "+differ(a.Numbers, b.Numbers)
			case a.Earlier == b.Earlier: // Keep puts into one copy what grew honestly
				f.Code = StickDouble
			default:
				continue
			}
			e.find(f)
		}
	}
}

func contains(all, some []int) bool {
	for _, n := range some {
		if !slices.Contains(all, n) {
			return false
		}
	}
	return true
}

// differ lists the numbers that only one of the two has.
func differ(a, b []int) string {
	var out []string
	for _, n := range slices.Concat(a, b) {
		if slices.Contains(a, n) != slices.Contains(b, n) {
			out = append(out, fmt.Sprintf("%04d", n))
		}
	}
	return strings.Join(out, ", ")
}

// states sums up each stick id.
func (e *examiner) states() {
	at := map[string]int{}
	state := func(id string) *StickState {
		i, ok := at[id]
		if !ok {
			i = len(e.out.Sticks)
			at[id] = i
			e.out.Sticks = append(e.out.Sticks, StickState{ID: id})
		}
		return &e.out.Sticks[i]
	}
	for _, c := range e.in.Issued {
		if h, err := keys.HolderOf(c); err == nil && h.Case == e.in.Case.ID {
			state(h.Stick).Issued = true
		}
	}
	for _, s := range e.taken {
		st := state(s.ID)
		st.Before = st.Before || s.Earlier
		if !s.Earlier {
			st.Places = append(st.Places, s.Name)
		}
		st.Numbers = max(st.Numbers, len(s.Numbers))
	}
	for _, p := range e.out.Papers {
		state(p.Stick).Papers++
	}
	slices.SortFunc(e.out.Sticks, func(a, b StickState) int { return strings.Compare(a.ID, b.ID) })
}
