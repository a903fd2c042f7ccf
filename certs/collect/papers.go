package collect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/acceptance"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// Paper is one distinct paper.
type Paper struct {
	verify.Opened
	Stick  string // that signed it
	Run    string // its journal's run id
	Issued time.Time
	Sound  bool // its check found nothing but what a person may overrule
	Data   []byte
	SHA256 string // of the file
	First  string // SHA-256 of the file up to the stick's signature
	Copies []string
	Twice  bool // another paper carries the number
}

// Statement fields that are used all the time.
func (p *Paper) statement() certs.Statement { return p.Opened.Statement }

// collectPapers checks each distinct paper once.
func (e *examiner) collectPapers() {
	var order []string
	for i := range e.taken {
		s := &e.taken[i]
		for _, f := range s.Papers {
			where := s.ID + " " + f.Path
			if p := e.papers[f.SHA256]; p != nil {
				if !slices.Contains(p.Copies, where) {
					p.Copies = append(p.Copies, where)
				}
				continue
			}
			e.papers[f.SHA256] = e.paper(s, f)
			order = append(order, f.SHA256)
		}
	}
	for _, hash := range order {
		e.out.Papers = append(e.out.Papers, *e.papers[hash])
	}
	slices.SortStableFunc(e.out.Papers, func(a, b Paper) int { return strings.Compare(a.Number, b.Number) })
}

func (e *examiner) paper(s *Stick, f PaperFile) *Paper {
	p := &Paper{Opened: verify.Open(f.Path, f.Data, e.in.Verify), Data: f.Data, SHA256: f.SHA256, First: f.SHA256, Copies: []string{s.ID + " " + f.Path}}
	st := p.statement()
	p.Issued, p.Run, p.Stick = st.Issued, st.Journal.RunID, p.Opened.Stick.Holder.Stick
	p.Sound = acceptance.Sound(p.Report)
	if len(p.Signatures) > 0 {
		p.First = deed.SHA256(f.Data[:p.Signatures[0].End])
	}
	if p.Stick == "" {
		p.Stick = s.ID
	}
	if p.Number == "" { // what could not be read is known by the file's name
		p.Number = strings.TrimSuffix(f.Path[strings.LastIndexByte(f.Path, '/')+1:], ".pdf")
	}
	return p
}

// byNumber is the paper of that number.
func (e *examiner) byNumber(number string) *Paper {
	for i := range e.out.Papers {
		if e.out.Papers[i].Number == number {
			return &e.out.Papers[i]
		}
	}
	return nil
}

var numberForm = regexp.MustCompile(`^(.+)-([^-]+)-(\d{4})$`)

// matchPapers compares the papers with one another and with the journals.
func (e *examiner) matchPapers() {
	for i := range e.out.Papers {
		p := &e.out.Papers[i]
		f := Finding{Stick: p.Stick, Number: p.Number, Asset: p.Asset, Medium: p.Serial}
		for j := range e.out.Papers {
			if o := &e.out.Papers[j]; i != j && o.Number == p.Number && o.Hash != p.Hash {
				p.Twice = true
				e.find(Finding{Code: NumberDouble, Number: p.Number, Detail: strings.Join(slices.Concat(p.Copies, o.Copies), "、")})
				e.find(Finding{Code: StickCloned, Stick: p.Stick, Detail: "番号 " + p.Number})
			}
		}
		if !p.Sound {
			g := f
			g.Code, g.Detail = PaperUnsound, fmt.Sprintf("%s (%d)", p.Verdict(), p.Code)
			e.find(g)
			continue
		}
		if m := numberForm.FindStringSubmatch(p.Number); m == nil || m[1] != e.in.Case.ID || m[2] != p.Stick {
			g := f
			g.Code = NumberForeign
			e.find(g)
		}
		if !p.statement().Asset.InRoster {
			g := f
			g.Code = PaperOffRoster
			e.find(g)
		}
		e.matchJournal(p, f)
	}
}

// matchJournal wants the attached journal to be a beginning of the stick's.
func (e *examiner) matchJournal(p *Paper, f Finding) {
	f.Run = p.Run
	var run *Run
	for i := range e.out.Runs {
		if e.out.Runs[i].ID.String() == p.Run {
			run = &e.out.Runs[i]
		}
	}
	if run == nil {
		f.Code = PaperNoJournal
		e.find(f)
		return
	}
	attached, err := journal.ParseExcerpt(p.Journal)
	if err == nil {
		_, err = journal.Merge(run.Log, attached)
	}
	if err != nil || len(attached.Records) > len(run.Log.Records) {
		f.Code = PaperForked
		if err != nil {
			f.Detail = err.Error()
		}
		e.find(f)
	}
}

// numbers wants a paper for every number that a stick has taken, and no hole
// in the series.
func (e *examiner) numbers() {
	taken := map[string][]int{}
	for _, s := range e.taken {
		taken[s.ID] = append(taken[s.ID], s.Numbers...)
	}
	for _, p := range e.out.Papers {
		if m := numberForm.FindStringSubmatch(p.Number); m != nil && p.Sound && m[1] == e.in.Case.ID && m[2] == p.Stick {
			var n int
			if _, err := fmt.Sscanf(m[3], "%d", &n); err == nil {
				taken[p.Stick] = append(taken[p.Stick], n)
			}
		}
	}
	for id, list := range taken {
		last := 0
		for _, n := range list {
			last = max(last, n)
		}
		for n := 1; n <= last; n++ {
			number := fmt.Sprintf("%s-%s-%04d", e.in.Case.ID, id, n)
			switch {
			case !slices.Contains(list, n):
				e.find(Finding{Code: NumberHole, Stick: id, Number: number})
			case e.byNumber(number) == nil:
				e.find(Finding{Code: NumberNoPaper, Stick: id, Number: number})
			}
		}
	}
}

// completes says whether a paper says that something was reached.
func completes(p rules.Paper) bool {
	return p == rules.PaperErasedRow2 || p == rules.PaperErasedRow3 || p == rules.PaperStageA
}

// media finds media and PCs that were done twice.
func (e *examiner) media() {
	for i := range e.out.Papers {
		a := &e.out.Papers[i]
		for j := range e.out.Papers[:i] {
			b := &e.out.Papers[j]
			if !a.Sound || !b.Sound || a.Number == b.Number {
				continue
			}
			if serials.Same(a.Serial, b.Serial) && completes(a.Opened.Paper) && completes(b.Opened.Paper) {
				detail := b.Number + "、" + a.Number
				if a.Stick != b.Stick {
					detail += "、USB " + b.Stick + " と " + a.Stick
				}
				e.find(Finding{Code: MediumTwice, Medium: b.Serial, Asset: b.Asset, Detail: detail})
			}
			if a.Stick != b.Stick && serials.AssetKey(a.Asset) == serials.AssetKey(b.Asset) && a.Asset != "" {
				e.find(Finding{Code: PCTwice, Asset: b.Asset, Detail: "USB " + b.Stick + " と " + a.Stick})
			}
		}
	}
}
