package session

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// Unfinished is a run that has no end on the places that were looked at.
type Unfinished struct {
	Header   journal.Header
	Drive    string         // serial
	Progress *wipe.Progress // how far it had come; with Ended only its paper is missing
	Gap      bool           // another copy of its journal is damaged: records may be missing at the end

	copies []Copy
	origin originPayload
}

// Copy is where one copy of a journal lies.
type Copy struct {
	Place  Evidence
	Folder string
	Name   string
}

// String is the copy's path.
func (c Copy) String() string { return c.Place.Path(c.Folder, c.Name) }

// Damaged is a journal that may be shown and never continued. It stays as it is.
// Its drive starts over, and the paper says so.
type Damaged struct {
	Copy  Copy
	Run   journal.RunID // zero: not even that can be read
	Drive string        // serial; empty: not known
	Err   error         // what is wrong: a *journal.Error, or what of its records contradicts
}

// ErrShorter says that the only whole copy of a journal ends before a damaged one
// does: records that were acknowledged are missing from it.
var ErrShorter = errors.New("the whole copy of this journal ends before the damaged one: start the drive over")

// FindUnfinished reads the journals of all places given (this stick's, and any
// other of the case that is plugged in) and returns the runs that have no end,
// and every copy that is damaged. It changes nothing. An error means that a place
// could not be read at all.
func FindUnfinished(places ...Evidence) ([]Unfinished, []Damaged, error) {
	found := map[journal.RunID]*copies{}
	var order []journal.RunID
	var damaged []Damaged
	for _, p := range places {
		for _, folder := range []string{evidence.DirJournals, evidence.DirMirror} {
			names, err := p.Names(folder)
			if err != nil {
				return nil, nil, err
			}
			for _, name := range names {
				if !strings.HasSuffix(name, evidence.JournalExt) {
					continue
				}
				c := Copy{p, folder, name}
				log, err := read(c)
				switch {
				case errors.Is(err, journal.ErrEmpty):
					continue // cut before its first record: nothing was begun
				case err != nil && len(log.Records) == 0:
					damaged = append(damaged, Damaged{Copy: c, Err: err})
					continue
				}
				run := log.Header.Run
				if found[run] == nil {
					found[run] = &copies{}
					order = append(order, run)
				}
				found[run].add(c, log, err)
			}
		}
	}
	var runs []Unfinished
	for _, run := range order {
		u, bad := found[run].judge()
		damaged = append(damaged, bad...)
		if u != nil {
			runs = append(runs, *u)
		}
	}
	return runs, damaged, nil
}

func read(c Copy) (*journal.Log, error) {
	data, err := c.Place.Load(c.Folder, c.Name)
	if err != nil {
		return &journal.Log{}, err
	}
	return journal.Parse(data)
}

// copies is all that was found of one run.
type copies struct {
	good    []Copy
	logs    []*journal.Log
	damaged []Damaged
	longest uint64 // records that were verified of a damaged copy
}

func (c *copies) add(at Copy, log *journal.Log, err error) {
	if err == nil {
		c.good, c.logs = append(c.good, at), append(c.logs, log)
		return
	}
	drive := ""
	for _, r := range log.Records {
		if drive == "" {
			drive = r.Drive()
		}
	}
	c.damaged = append(c.damaged, Damaged{Copy: at, Run: log.Header.Run, Drive: drive, Err: err})
	c.longest = max(c.longest, uint64(len(log.Records)))
}

// judge says what the copies of one run come to: nil is a run that ended, that
// never began, or that nobody may go on with.
func (c *copies) judge() (*Unfinished, []Damaged) {
	if len(c.logs) == 0 {
		return nil, c.damaged
	}
	best, err := journal.Merge(c.logs...)
	if err == nil && uint64(len(best.Records)) < c.longest {
		err = ErrShorter
	}
	if err != nil {
		return nil, c.refuse(err)
	}
	if best.Report.Closed {
		return nil, c.damaged
	}
	p, err := wipe.ReadProgress(best)
	switch {
	case errors.Is(err, wipe.ErrNoPlan):
		return nil, c.damaged
	case err != nil:
		return nil, c.refuse(err)
	}
	return &Unfinished{Header: best.Header, Drive: p.Drive, Progress: p, Gap: len(c.damaged) > 0, copies: c.good, origin: origin(best)}, c.damaged
}

// refuse calls every copy damaged.
func (c *copies) refuse(err error) []Damaged {
	out := slices.Clone(c.damaged)
	for i, at := range c.good {
		drive := ""
		for _, r := range c.logs[i].Records {
			if drive == "" {
				drive = r.Drive()
			}
		}
		out = append(out, Damaged{Copy: at, Run: c.logs[i].Header.Run, Drive: drive, Err: err})
	}
	return out
}

// origin finds what the session had recorded of the run, the last time: a stick that
// went on with it gave it a number of its own.
func origin(log *journal.Log) (o originPayload) {
	for _, r := range log.Records {
		var v originPayload
		if r.Type == journal.TypeNote && json.Unmarshal(r.Payload, &v) == nil && v.Number != "" {
			o = v
		}
	}
	return o
}

// MarkPast adds to each work whose drive has a damaged journal what its paper must
// say: that it starts over, and why.
func MarkPast(works []Work, damaged []Damaged) {
	for i := range works {
		w := &works[i]
		for _, d := range damaged {
			if d.Drive != "" && d.Drive == w.Plan.Target.Serial && w.Resume == nil {
				w.Notes = append(w.Notes, fmt.Sprintf(
					"この媒体の以前の作業の記録は破損していたため引き継がず、最初からやり直しました。 / The journal of an earlier run of this drive is damaged and was not used: it was started over. (%s: %v)", d.Run, d.Err))
			}
		}
	}
}
