package wipe

import (
	"context"
	"errors"
	"fmt"
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

	// Sleep waits between two polls of a device-internal erase. Nil: a timer.
	// A test gives a virtual clock.
	Sleep func(ctx context.Context, d time.Duration) error

	// CheckpointEvery is how often a pass is flushed, the identity read again
	// and progress recorded. 0 means 10 s, the most that DESIGN §6 allows.
	CheckpointEvery time.Duration
	// Budget is how long one drive may spend on its errors. 0 means 30 min.
	Budget time.Duration
}

// Job is one drive's run.
type Job struct {
	Plan    Plan
	Keys    rules.KeyConditions
	Journal *journal.Writer
	Resume  *Progress // nil: from the beginning
}

// The ways in which a run ends early. What led there is wrapped.
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
	return w.res, nil
}

// begin records the plan and makes sure that this is the drive it was made for.
func (r *Runner) begin(ctx context.Context, conn devices.Conn, job Job) (*work, error) {
	w := &work{
		Runner: r, job: job, conn: conn,
		drive: job.Plan.Device.Identity.Serial,
		buf:   alignedBuffer(conn.SectorSize()),
	}
	w.res = Result{Plan: job.Plan, Started: r.Now()}
	w.say(Event{Phase: PhaseIdentify})
	before, err := conn.Look(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: identify: %w", w.drive, err)
	}
	if same, field := job.Plan.Device.Identity.Same(before.Identity); !same {
		return nil, fmt.Errorf("%s: %s differs from the plan: %w", w.drive, field, ErrExchanged)
	}
	w.res.Before, w.res.Rechecks = before, 1
	if job.Resume != nil {
		return w, w.takeUp(ctx, before)
	}
	if err := w.durable(ctx, journal.TypePlan, planPayload{w.drive, job.Plan.Hash(), job.Plan}); err != nil {
		return nil, err
	}
	if err := w.durable(ctx, journal.TypeIdentity, identityPayload{w.drive, before}); err != nil {
		return nil, err
	}
	return w, nil
}

// takeUp goes on with an interrupted run: what the drive was before the first
// write is what the journal says, not what it is now.
func (w *work) takeUp(ctx context.Context, now devices.Facts) error {
	if same, field := w.job.Resume.Before.Identity.Same(now.Identity); !same {
		return fmt.Errorf("%s: %s differs from the journal: %w", w.drive, field, ErrExchanged)
	}
	w.res.Before, w.res.Errors = w.job.Resume.Before, w.job.Resume.Errors
	return w.durable(ctx, journal.TypeIdentity, identityPayload{w.drive, now})
}

// carryOut does the planned steps in order and stops at the first one after
// which the row can no longer be reached as planned.
func (w *work) carryOut(ctx context.Context) error {
	if err := w.prepare(ctx); err != nil {
		return err
	}
	if err := w.plant(ctx); err != nil {
		return err
	}
	for i, planned := range w.job.Plan.Steps {
		if done, ok := w.job.Resume.finished(i); ok {
			w.res.Steps = append(w.res.Steps, done)
			continue
		}
		if w.skipped(planned) {
			continue
		}
		if err := w.step(ctx, i, planned); err != nil {
			return err
		}
	}
	return nil
}

// finish looks at the drive once more, derives the outcome and records it.
func (w *work) finish(ctx context.Context) {
	// A cancelled run still looks: what the drive is now belongs on the paper.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	held := true
	after, err := w.conn.Look(look)
	if err != nil {
		w.fault(fmt.Errorf("%s: identify at the end: %w", w.drive, err))
		held = false
	} else if same, field := w.res.Before.Identity.Same(after.Identity); !same {
		w.fault(fmt.Errorf("%s: %s differs at the end: %w", w.drive, field, ErrExchanged))
		held = false
	} else {
		w.res.After = after
		w.res.Rechecks++
	}
	w.res.Ended = w.Now()
	w.res.Facts = w.facts(held)
	w.res.Derivation = w.Pack.Derive(w.job.Plan.Row, w.res.Facts, w.Policy)
	w.res.Prompt = w.job.Plan.promptAfter(w.res.Derivation, w.Pack, w.Policy)
	w.note(journal.TypeOutcome, outcomePayload{w.drive, w.res.After, w.res.Facts, w.res.Derivation, w.res.Rechecks})
	w.say(Event{Phase: PhaseDone})
}
