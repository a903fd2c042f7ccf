package wipe

import (
	"context"
	"fmt"
	"slices"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/journal"
)

// begin records the plan and makes sure that this is the drive it was made for.
func (r *Runner) begin(ctx context.Context, conn devices.Conn, job Job) (*work, error) {
	g := newGuard(ctx, conn, r)
	w := &work{
		Runner: r, job: job, conn: g,
		drive: job.Plan.Device.Identity.Serial,
		buf:   alignedBuffer(conn.SectorSize()),
	}
	w.res = Result{Plan: job.Plan, Started: r.Now(), Notes: slices.Clone(job.Notes)}
	w.say(Event{Phase: PhaseIdentify})
	before, err := g.Look(ctx)
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
	// The plan last: a journal that has one has everything a resume needs.
	if err := w.durable(ctx, journal.TypeIdentity, w.identity(before)); err != nil {
		return nil, err
	}
	if err := w.durable(ctx, journal.TypePlan, planPayload{w.drive, job.Plan.Hash(), job.Plan}); err != nil {
		return nil, err
	}
	return w, nil
}

// identity is the record of a look at the drive.
func (w *work) identity(f devices.Facts) identityPayload {
	d := w.job.Plan.Device
	return identityPayload{w.drive, f, d.Location, otherNames(d)}
}

// takeUp goes on with an interrupted run: what the drive was before the first
// write is what the journal says, not what it is now.
func (w *work) takeUp(ctx context.Context, now devices.Facts) error {
	p := w.job.Resume
	if same, field := p.Before.Identity.Same(now.Identity); !same {
		return fmt.Errorf("%s: %s differs from the journal: %w", w.drive, field, ErrExchanged)
	}
	if p.Ended != nil {
		return fmt.Errorf("%s: the run has ended, and only its paper is missing", w.drive)
	}
	w.res.Started, w.res.Before, w.res.Errors, w.inMemory = p.Started, p.Before, slices.Clone(p.Errors), p.InMemory
	w.res.Before.Identity.Raw = now.Identity.Raw // the journal does not carry the raw answers
	return w.durable(ctx, journal.TypeIdentity, w.identity(now))
}

// carryOut does the planned steps in order and stops at the first one after
// which the row can no longer be reached as planned.
func (w *work) carryOut(ctx context.Context) error {
	for _, before := range []func(context.Context) error{w.settle, w.prepare, w.plant} {
		if err := before(ctx); err != nil {
			return err
		}
	}
	for i, planned := range w.job.Plan.Steps {
		if done, ok := w.job.Resume.finished(i); ok {
			w.res.Steps, w.recorded = append(w.res.Steps, done), append(w.recorded, i)
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
