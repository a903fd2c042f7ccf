// Package session is one start of the program at the 庁舎: one station, one
// evidence place, one case. It runs many drives at once, none of which waits for
// another, and gives every started run its paper, also the failed ones.
//
//	outcomes := s.Run(ctx, works)
//
// After a power cut the next start goes on:
//
//	runs, damaged, err := session.FindUnfinished(place)
//	works, left := s.Resume(runs, detected, environment)
//	outcomes := s.Run(ctx, works)
//
// While the evidence place is away, what runs goes on with its record in memory;
// no new step starts, and no paper counts as stored, until Session.Search finds it
// or another stick of the case.
package session

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/journal"
)

// Session holds what all drives of one start share. Its fields are not changed
// while Run goes on.
type Session struct {
	System devices.System
	Runner *wipe.Runner
	Place  Evidence
	Base   certs.Statement // case, policy, rule pack, station, people, clock, boot, tool
	Stick  string          // the stick's id: part of every certificate number
	Random io.Reader
	Now    func() time.Time
	Mono   func() time.Duration

	// Issue signs a Statement with its journal: certs.Issue with the stick's key.
	Issue func(certs.Statement, []byte) ([]byte, error)
	// Whole says whether a paper that was found is complete, after a power cut
	// while it was being stored. Nil: by the PDF's first and last bytes.
	Whole func(pdf []byte) error

	// Search looks once for an evidence place that can be used now: the one that
	// was lost, or that of another stick of the same case. It is asked again and
	// again while none is there. Nil: only Place is tried again.
	Search func(ctx context.Context) (Evidence, error)
	// Patience is how long a drive waits for the evidence place before it gives
	// up. 0: until somebody stops it.
	Patience time.Duration

	// Done is told of each outcome as soon as it is there, one at a time. Nil: nobody.
	Done func(Outcome)

	// JournalBytes is the preallocated size of one run's journal. 0: JournalSize.
	JournalBytes int64

	numbers sync.Mutex // one certificate number after another
	telling sync.Mutex // one outcome after another
	place   current    // where the evidence goes now
	logs    sync.Map   // *journal.Writer → *runLog
}

// Work is one drive with what is known of its past.
type Work struct {
	Plan           wipe.Plan
	Classification certs.Classification
	Asset          certs.Asset
	Host           certs.Machine // 取り外し元機器

	Notes []string // what the paper must say of the drive's past

	// Confirmed are the persons who said that this drive is meant. Each becomes a
	// record before the plan, or, of a run that goes on, after the resumption.
	Confirmed []Confirmation
	PSID      string // as typed from the drive's label; recorded nowhere, so typed again after a power cut

	// Resume and what follows is filled by Session.Resume.
	Resume  *wipe.Progress
	Journal *journal.Writer // the journal that goes on
	Gap     bool            // it may lack records
	number  string          // the certificate number that was reserved for it
}

// Outcome is how one drive ended.
type Outcome struct {
	Work   Work
	Result wipe.Result
	Begun  bool   // the run was begun, so there must be a paper
	Number string // certificate number; empty when none could be reserved
	File   string // the paper's path on the evidence place; empty when none was stored
	Err    error  // why it was not begun, or why the paper is not stored
}

// Run carries out all works in parallel and returns their outcomes in the same
// order. It returns when the last one has ended.
func (s *Session) Run(ctx context.Context, works []Work) []Outcome {
	out := make([]Outcome, len(works))
	var all sync.WaitGroup
	for i, work := range works {
		all.Go(func() {
			out[i] = s.one(ctx, work)
			s.telling.Lock()
			defer s.telling.Unlock()
			if s.Done != nil {
				s.Done(out[i])
			}
		})
	}
	all.Wait()
	return out
}

// one opens the drive, makes the journal, runs, and stores the paper.
func (s *Session) one(ctx context.Context, work Work) (o Outcome) {
	o.Work = work
	if work.Resume != nil && work.Resume.Ended != nil {
		return s.paperOnly(ctx, work)
	}
	conn, err := s.open(ctx, work.Plan.Device)
	if err != nil {
		o.Err = errors.Join(err, s.forget(work.Journal))
		return o
	}
	defer func() { o.Err = errors.Join(o.Err, s.release(conn)) }()
	log, err := s.logFor(&work)
	if err != nil {
		o.Err = err
		return o
	}
	o.Work = work
	defer func() { o.Err = errors.Join(o.Err, s.forget(log.w)) }()
	o.Result, o.Err = s.runner().Run(ctx, conn, wipe.Job{
		Plan: work.Plan, Keys: work.Plan.Keys, Journal: log.w, Resume: work.Resume, Gap: work.Gap, Notes: work.Notes, PSID: work.PSID,
	})
	if o.Err != nil {
		if work.Resume == nil {
			o.Err = errors.Join(o.Err, notBegun(log.w, work.Plan.Target.Serial, o.Err))
		}
		return o
	}
	o.Begun = true
	if o.Result.PowerCycle {
		o.Err = wipe.ErrPowerCycle
		return o
	}
	o.Number, o.File, o.Err = s.paper(ctx, work, o.Result, log)
	return o
}

// runner is the session's runner with the session behind its evidence.
func (s *Session) runner() *wipe.Runner {
	r := *s.Runner
	r.Await = s.await
	r.Rejoin = func(w *journal.Writer) { _ = s.rejoin(w) } // Await tells why, and waits
	return &r
}

// paperOnly gives a run that had come to its outcome the paper that it lacks.
func (s *Session) paperOnly(ctx context.Context, work Work) (o Outcome) {
	o.Work, o.Begun = work, true
	log, err := s.logFor(&work)
	if err != nil {
		o.Err = err
		return o
	}
	o.Work = work
	defer func() { o.Err = errors.Join(o.Err, s.forget(log.w)) }()
	o.Result, _ = work.Resume.Result(s.Runner.Pack, s.Runner.Policy)
	o.Result.Plan.Device = work.Plan.Device
	o.Number, o.File, o.Err = s.paper(ctx, work, o.Result, log)
	return o
}
