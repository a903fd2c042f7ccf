package collect

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/journal"
)

// Run is one run, from all copies of its journal.
type Run struct {
	ID       journal.RunID
	Stick    string // that began it
	Log      *journal.Log
	Copies   []string // where copies lie: "U1 journals"
	Drives   []string // serials of the media it was about, as the journal names them
	Acted    bool     // something was going to be done to a medium
	Closed   bool
	Number   string // paper that the closing record names
	SHA256   string
	InMemory int
	Papers   []string // papers that rest on it
	Began    time.Time
	Ended    time.Time // time of its last record
}

// closing is the payload of the record that closes a run.
type closing struct {
	Drive  string `json:"drive"`
	Number string `json:"number"`
	SHA256 string `json:"sha256"`
}

// copyOf is one readable copy of a journal.
type copyOf struct {
	stick *Stick
	file  JournalFile
}

func isAny(err error, targets ...error) bool {
	return slices.ContainsFunc(targets, func(t error) bool { return errors.Is(err, t) })
}

// journals joins the copies of each run's journal.
func (e *examiner) journals() {
	copies := map[journal.RunID][]copyOf{}
	var order []journal.RunID
	for i := range e.taken {
		s := &e.taken[i]
		for _, j := range s.Journals {
			if !e.readable(s, j) {
				continue
			}
			run := j.Log.Header.Run
			if copies[run] == nil {
				order = append(order, run)
			}
			copies[run] = append(copies[run], copyOf{s, j})
		}
	}
	for _, id := range order {
		run := e.join(copies[id])
		e.runs[id] = run
		e.describe(run)
	}
	slices.SortFunc(order, func(a, b journal.RunID) int { return e.runs[a].Began.Compare(e.runs[b].Began) })
	for _, id := range order {
		e.out.Runs = append(e.out.Runs, *e.runs[id])
	}
}

// readable judges one copy on its own.
func (e *examiner) readable(s *Stick, j JournalFile) bool {
	quiet := s.Earlier // said when it was collected
	find := func(c Code, detail string) {
		if !quiet {
			e.find(Finding{Code: c, Stick: s.ID, Run: j.Log.Header.Run.String(), Detail: detail})
		}
	}
	if errors.Is(j.Err, journal.ErrEmpty) {
		return false // a mirror that was never begun, or a run that was not
	}
	if j.Err != nil {
		find(JournalDamaged, j.Path+": "+j.Err.Error())
	}
	if len(j.Log.Records) == 0 {
		return false
	}
	if h := j.Log.Header; h.Case != e.in.Case.ID {
		find(JournalForeign, j.Path+": "+h.Case)
		return false
	}
	if j.Err == nil && j.Log.Report.TornBytes > 0 {
		find(JournalTorn, fmt.Sprintf("%s: %d bytes", j.Path, j.Log.Report.TornBytes))
	}
	return true
}

// join takes the longest copy. Copies that disagree within one stick are its
// two files; between sticks, somebody has made two stories of one run.
func (e *examiner) join(copies []copyOf) *Run {
	best := copies[0]
	for _, c := range copies[1:] {
		if len(c.file.Log.Records) > len(best.file.Log.Records) {
			best = c
		}
	}
	h := best.file.Log.Header
	run := &Run{ID: h.Run, Stick: h.Stick, Log: best.file.Log}
	for _, c := range copies {
		where := c.stick.ID + " " + c.file.Path
		if !slices.Contains(run.Copies, where) {
			run.Copies = append(run.Copies, where)
		}
		if _, err := journal.Merge(best.file.Log, c.file.Log); err != nil {
			code := JournalForked
			if c.stick.ID == best.stick.ID && c.stick.Name == best.stick.Name {
				code = JournalMirror
			}
			e.find(Finding{Code: code, Stick: c.stick.ID, Run: h.Run.String(), Detail: err.Error()})
		}
		if c.stick.ID != h.Stick {
			e.find(Finding{Code: RunElsewhere, Stick: c.stick.ID, Run: h.Run.String(), Detail: "USB" + h.Stick + " の実行"})
		}
	}
	return run
}

// describe reads what matters out of the records.
func (e *examiner) describe(r *Run) {
	resumed := 0
	for _, rec := range r.Log.Records {
		if d := rec.Drive(); d != "" && !slices.Contains(r.Drives, d) {
			r.Drives = append(r.Drives, d)
		}
		if rec.InMemory {
			r.InMemory++
		}
		switch rec.Type {
		case journal.TypeIntent, journal.TypeProgress:
			r.Acted = true
		case journal.TypeResumed:
			resumed++
		case journal.TypeClosed:
			var c closing
			r.Closed = true
			if json.Unmarshal(rec.Payload, &c) == nil {
				r.Number, r.SHA256 = c.Number, c.SHA256
			}
		}
	}
	r.Began, r.Ended = r.Log.Records[0].Wall, r.Log.Records[len(r.Log.Records)-1].Wall
	id := r.ID.String()
	if r.InMemory > 0 {
		e.find(Finding{Code: RunInMemory, Stick: r.Stick, Run: id, Medium: first(r.Drives), Detail: fmt.Sprintf("%d件", r.InMemory)})
	}
	if resumed > 0 {
		e.find(Finding{Code: RunResumed, Stick: r.Stick, Run: id, Medium: first(r.Drives), Detail: fmt.Sprintf("%d回", resumed)})
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// matchRuns wants a paper for every run that was begun.
func (e *examiner) matchRuns() {
	for i := range e.out.Runs {
		r := &e.out.Runs[i]
		for _, p := range e.out.Papers {
			if p.Run == r.ID.String() {
				r.Papers = append(r.Papers, p.Number)
			}
		}
		e.matchRun(r)
	}
}

func (e *examiner) matchRun(r *Run) {
	f := Finding{Stick: r.Stick, Run: r.ID.String(), Medium: first(r.Drives), Number: r.Number}
	switch {
	case r.Closed && r.Number != "":
		switch {
		case e.byNumber(r.Number) == nil:
			f.Code = RunPaperLost
			e.find(f)
		case !slices.ContainsFunc(e.out.Papers, func(p Paper) bool { return p.Number == r.Number && (r.SHA256 == p.First || r.SHA256 == p.SHA256) }):
			f.Code = RunPaperDiffers
			e.find(f)
		}
	case len(r.Papers) > 0:
		f.Code, f.Number = RunNotClosed, r.Papers[0]
		e.find(f)
	case r.Acted:
		f.Code = RunNoPaper
		if p := e.laterPaper(r); p != nil {
			f.Code, f.Number = RunRedone, p.Number
		}
		e.find(f)
	}
}

// laterPaper is a sound paper on a medium of the run, issued after it stopped:
// the run was begun again from its start, with another journal.
func (e *examiner) laterPaper(r *Run) *Paper {
	for i := range e.out.Papers {
		p := &e.out.Papers[i]
		for _, d := range r.Drives {
			if p.Sound && serials.Same(d, p.Serial) && p.Issued.After(r.Ended) {
				return p
			}
		}
	}
	return nil
}
