package wipe

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// Runner carries out plans. One Runner serves many drives at once; it holds
// nothing that two drives would share.
type Runner struct {
	Pack    *rules.Pack
	Policy  rules.Policy
	Now     func() time.Time // needed
	Random  io.Reader        // keys and seeds; needed
	Observe Observer         // may be nil

	// Await is called when the journal is no longer durable and a new step
	// is about to start. It returns nil once the evidence medium is back (and
	// reattached). Nil: such a run ends as Interrupted.
	Await func(ctx context.Context, w *journal.Writer) error
	// Rejoin tries once to bring the evidence medium back, at a checkpoint, and
	// returns without waiting. Nil: only Await does.
	Rejoin func(w *journal.Writer)

	// Sleep waits between two polls of a device-internal erase. Nil: a timer.
	// A test gives a virtual clock.
	Sleep func(ctx context.Context, d time.Duration) error
	// After is the watchdog behind every request: a channel that gives when d
	// has passed. Nil: time.After. A test gives its own.
	After func(d time.Duration) <-chan time.Time

	// CheckpointEvery is how often a pass is flushed, the identity read again
	// and progress recorded. 0 means 10 s, the most that DESIGN §6 allows.
	CheckpointEvery time.Duration
	// Budget is how long one drive may spend on its errors. 0 means an hour.
	Budget time.Duration
	// HangLimit is how long one request may take before its drive counts as
	// gone. 0 means 5 min.
	HangLimit time.Duration
	// Chunk and Depth are the data path's, in bytes and requests. 0: by the kind
	// of medium. With Depth 1 two equal runs send the same in the same order.
	Chunk, Depth int
}

// Job is one drive's run.
type Job struct {
	Plan    Plan
	Keys    rules.KeyConditions
	Journal *journal.Writer
	Resume  *Progress // nil: from the beginning
	Gap     bool      // a part of what was done to the drive before has no journal
	Notes   []string  // what the paper must say of the run's past
	PSID    string    // as typed from the drive's label, for a TCG revert; goes to the drive and nowhere else
}

// The ways in which a run ends early. What led there is wrapped. ErrEvidence and
// ErrStopped end it as Interrupted, for neither is a failure of the drive.
var (
	ErrExchanged = errors.New("another drive answers in its place: put the first one back and start again")
	ErrEvidence  = errors.New("the evidence medium is away, so no new step may start: plug a stick of this case in")
	ErrStopped   = errors.New("stopped by a person or the power button")
)

// Run carries out job on conn, the one exclusive descriptor of the drive.
// It returns an error only when nothing was begun; from the first write on, the
// Result says how the run ended, whatever happened. Cancelling ctx ends the run
// at the next safe point with rules.OutcomeInterrupted.
func (r *Runner) Run(ctx context.Context, conn devices.Conn, job Job) (Result, error) {
	w, err := r.begin(ctx, conn, job)
	if err != nil {
		return Result{}, err
	}
	if err := w.carryOut(ctx); errors.Is(err, errRequired) {
		w.res.Notes = append(w.res.Notes, err.Error())
	} else if err != nil {
		w.fault(err)
	}
	w.finish(ctx)
	w.conn.lanes.end()
	return w.res, nil
}

// interrupts reports whether err is somebody's wish or the evidence medium's
// absence, and not a failure of the drive.
func interrupts(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, ErrStopped) || errors.Is(err, ErrEvidence) || errors.Is(err, ErrPowerCycle)
}
