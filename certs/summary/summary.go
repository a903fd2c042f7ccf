// Package summary is the paper for a whole case, one line a medium: what was
// done with it, which paper says so, and what is still open. It lies on its
// long side and is signed like every paper of the office (certs/deed).
//
// Each line points at its certificate by number and hash, so that a checker who
// has both sees whether they say the same (Line.Agrees). The figures at the top
// are counted from the lines when the page is drawn; nobody types them.
package summary

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/wipe/rules"
)

// Kind of the deed.
const Kind = "summary/v1"

// Summary is the content of the paper.
type Summary struct {
	deed.Head
	Lines   []Line    `json:"lines"`   // one for each paper about a medium, by number
	Missing []Missing `json:"missing"` // media that the case expects and no paper covers
}

// Line is one medium with its paper.
type Line struct {
	deed.Ref
	Paper      rules.Paper       `json:"paper"`
	Asset      string            `json:"asset"` // 管理番号, as corrected
	Host       string            `json:"host"`  // maker, model and serial of 取り外し元機器
	Model      string            `json:"model"` // of the medium, with its maker
	Serial     string            `json:"serial"`
	Capacity   uint64            `json:"capacity"` // bytes; 0: not known
	Row        rules.Row         `json:"row"`
	Reached    rules.Row         `json:"reached"`
	Items      []string          `json:"items"` // methods of 図表41
	NIST       rules.Method      `json:"nist"`
	Outcome    rules.Outcome     `json:"outcome"`
	Basis      rules.Basis       `json:"basis"`
	Techniques []rules.Technique `json:"techniques"`
	Ended      time.Time         `json:"ended,omitzero"`      // of the work
	Standing   notice.Standing   `json:"standing"`            // what the office has said of it
	Reissued   *deed.Ref         `json:"reissued,omitempty"`  // by which the paper was issued again; Standing is then that one's
	Destroyed  *deed.Ref         `json:"destroyed,omitempty"` // 破壊の完了証明書
	Due        time.Time         `json:"due,omitzero"`        // 提出期限 of that, where it is awaited
	Trouble    string            `json:"trouble"`             // why the paper does not count; empty: it does
	InsideOnly bool              `json:"insideOnly"`          // must not leave the 庁舎
}

// Missing is what one PC lacks.
type Missing struct {
	Asset    string `json:"asset"`
	Host     string `json:"host"`
	Expected int    `json:"expected"`
	Found    int    `json:"found"`
}

// State is how a medium stands.
type State string

// The states, worst first.
const (
	Void       State = "void"       // its paper does not count, or was rejected, withdrawn or issued again
	Incomplete State = "incomplete" // 消去・抹消 未完了
	Waiting    State = "waiting"    // for its destruction
	Done       State = "done"
)

var stateLabels = map[State]rules.Label{
	Void: {Ja: "無効", En: "void"}, Incomplete: {Ja: "未完了", En: "not complete"},
	Waiting: {Ja: "破壊待ち", En: "awaits destruction"}, Done: {Ja: "完了", En: "complete"},
}

// State of a line: what its papers add up to.
func (l Line) State() State {
	dead := l.Standing == notice.Rejected || l.Standing == notice.Withdrawn || l.Standing == notice.Superseded
	switch {
	case l.Trouble != "" || dead:
		return Void
	case l.Destroyed != nil || l.Paper == rules.PaperDestruction:
		return Done
	case l.Paper == rules.PaperErasedRow2 || l.Paper == rules.PaperErasedRow3:
		return Done
	case l.Paper == rules.PaperStageA:
		return Waiting
	}
	return Incomplete
}

// Count is how many lines are in each state.
func (s *Summary) Count() map[State]int {
	out := map[State]int{}
	for _, l := range s.Lines {
		out[l.State()]++
	}
	return out
}

// LineOfDestruction is the line of a medium that could not be erased in the 庁舎
// and has only the record of its destruction.
func LineOfDestruction(r *destroy.Record, ref deed.Ref) Line {
	l := Line{Ref: ref, Paper: rules.PaperDestruction, Asset: r.Asset.Number, Host: machine(r.Host), Model: join(" ", r.Medium.Maker, r.Medium.Model),
		Serial: r.Medium.Serial, Row: r.Row, NIST: rules.MethodNone, Items: []string{}, Techniques: []rules.Technique{}, Ended: r.Performed, Standing: notice.Unseen}
	if r.Method != nil { // a PC without a medium: nothing was destroyed
		l.Items, l.Reached, l.NIST = []string{r.Method.Item}, r.Row, rules.MethodDestroy
	}
	return l
}

// LineOf is the line of a certificate. What the office knows beyond it, the
// caller adds.
func LineOf(s certs.Statement, payload, file string) Line {
	d := s.Derivation
	l := Line{Ref: deed.Ref{Number: s.Number, Payload: payload, File: file}, Paper: d.Paper, Asset: s.Asset.Number, Host: machine(s.Host),
		Model: join(" ", s.Medium.Maker, s.Medium.Model), Serial: s.Medium.Serial, Capacity: s.Medium.CapacityBefore,
		Row: d.Row, Reached: d.Reached, Items: slices.Clone(d.Items), NIST: d.NIST, Outcome: d.Outcome, Basis: d.Basis,
		Techniques: []rules.Technique{}, Standing: notice.Unseen, InsideOnly: s.Destruction != nil && s.Destruction.InsideOnly}
	if l.Items == nil {
		l.Items = []string{}
	}
	for _, st := range s.Facts.Steps {
		l.Techniques = append(l.Techniques, st.Technique)
	}
	for _, st := range s.Steps {
		for _, end := range []time.Time{st.Ended, verified(st)} {
			if end.After(l.Ended) {
				l.Ended = end
			}
		}
	}
	return l
}

func verified(st certs.StepRecord) time.Time {
	if st.Verify == nil {
		return time.Time{}
	}
	return st.Verify.Ended
}

func machine(m certs.Machine) string {
	if m.SerialPlaceholder {
		m.Serial = ""
	}
	return join(" ", m.Maker, m.Model, m.Serial)
}

// ErrDisagrees says that a line is not what its certificate says.
var ErrDisagrees = errors.New("the summary says something else than the certificate")

// Agrees compares a line with its certificate. What the office corrected or
// added is not compared.
func (l Line) Agrees(s certs.Statement, payload string) error {
	want := LineOf(s, payload, l.File)
	got := l
	got.Asset, got.Host = want.Asset, want.Host
	got.Standing, got.Reissued, got.Destroyed, got.Due, got.Trouble = want.Standing, nil, nil, time.Time{}, ""
	if !certs.SameJSON(got, want) {
		return fmt.Errorf("%w: %s", ErrDisagrees, l.Number)
	}
	return nil
}

// named: a paper that is pointed at has number and hash.
func named(r *deed.Ref) bool { return r == nil || r.Number != "" && deed.Valid64(r.Payload) }

// The methods of deed.Content.

// Kind is the deed's kind.
func (s *Summary) Kind() string { return Kind }

// Title is the paper's title.
func (s *Summary) Title() string {
	return s.t("消去・抹消 総括表", "Summary of erasure and sanitization")
}

// Subjects are the papers that it lists.
func (s *Summary) Subjects() (out []deed.Ref) {
	for _, l := range s.Lines {
		out = append(out, l.Ref)
		for _, r := range []*deed.Ref{l.Reissued, l.Destroyed} {
			if r != nil {
				out = append(out, *r)
			}
		}
	}
	return out
}

// Files is none.
func (s *Summary) Files() []deed.FileRef { return nil }

// Validate refuses what no summary may say.
func (s *Summary) Validate() error {
	last := ""
	for _, l := range s.Lines {
		switch {
		case l.Number <= last:
			return fmt.Errorf("line %s: numbers must ascend, each once", l.Number)
		case !deed.Valid64(l.Payload) || l.File != "" && !deed.Valid64(l.File):
			return fmt.Errorf("line %s: the paper is not named by hash", l.Number)
		case !named(l.Destroyed) || !named(l.Reissued):
			return fmt.Errorf("line %s: the certificate of destruction or the reissue is not named by number and hash", l.Number)
		case l.Paper == "" || (l.Outcome == "") != (l.Paper == rules.PaperDestruction):
			return fmt.Errorf("line %s: no outcome", l.Number)
		}
		last = l.Number
	}
	for _, m := range s.Missing {
		if m.Asset == "" || m.Expected <= m.Found || m.Found < 0 {
			return fmt.Errorf("missing of %q: %d of %d", m.Asset, m.Found, m.Expected)
		}
	}
	return nil
}
