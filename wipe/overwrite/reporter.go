package overwrite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// report calls what is due. Only the goroutine that called the package runs it.
func (e *engine) report() {
	if e.ended() != nil {
		return // close tells the rest
	}
	now := e.o.Now()
	if e.o.Checkpoint != nil && now.Sub(e.checked) >= e.o.CheckpointEvery {
		e.checked = now
		if err := e.checkpoint(e.ctx); err != nil {
			e.fail(err)
			return
		}
	}
	if e.o.Progress != nil && now.Sub(e.told) >= e.o.ProgressEvery {
		e.told = now
		e.o.Progress(e.progress())
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.due = e.nextDue()
}

// nextDue is when something must be told next.
func (e *engine) nextDue() time.Time {
	due := e.began.Add(math.MaxInt64)
	if e.o.Checkpoint != nil {
		due = e.checked.Add(e.o.CheckpointEvery)
	}
	if next := e.told.Add(e.o.ProgressEvery); e.o.Progress != nil && next.Before(due) {
		due = next
	}
	return due
}

// checkpoint flushes and tells how far the medium surely is. The workers need
// not pause: the offset is taken first, a flush covers every write that was
// acknowledged before it began, and all before the offset were.
func (e *engine) checkpoint(ctx context.Context) error {
	if err := e.flush(ctx); err != nil {
		return err
	}
	if e.o.Checkpoint == nil {
		return nil
	}
	p := e.progress()
	p.Done = e.flushed // what is beyond could be mistaken for safe
	if err := e.o.Checkpoint(p); err != nil {
		return fmt.Errorf("overwrite: %s: %w at byte %d: %w", e.op, ErrCheckpoint, p.Flushed, err)
	}
	return nil
}

// flush makes durable what is done by now. Readers have nothing to flush.
func (e *engine) flush(ctx context.Context) error {
	e.mu.Lock()
	low := e.low()
	e.mu.Unlock()
	if e.op == opWrite {
		if err := e.t.Flush(ctx); err != nil {
			return e.flushError(err)
		}
		e.flushes++
	}
	e.flushed = low
	return nil
}

func (e *engine) flushError(err error) error {
	if ctxErr := e.ctx.Err(); ctxErr != nil && errors.Is(err, ctxErr) {
		return ctxErr
	}
	if e.o.Gone != nil && e.o.Gone(err) {
		return fmt.Errorf("overwrite: flush: %w: %w; resume from byte %d when it is back", ErrGone, err, e.flushed)
	}
	return fmt.Errorf("overwrite: flush: %w: %w; resume from byte %d, or begin the pass again", ErrFlush, err, e.flushed)
}

func (e *engine) progress() Progress {
	e.mu.Lock()
	defer e.mu.Unlock()
	p := Progress{Done: e.low(), Flushed: e.flushed, Total: e.l.end, Elapsed: e.o.Now().Sub(e.began),
		Bad: e.bad.ranges(e.l.sector), NotDone: e.passed.ranges(e.l.sector)}
	if e.op != opWrite {
		p.Flushed = p.Done
	}
	return p
}

// close ends the call: the last flush, the last checkpoint, the report. A
// cancelled call flushes all the same, so that it ends at a safe place; one
// whose drive is gone, or whose flush failed, cannot.
func (e *engine) close() (Report, error) {
	err := e.stop
	if !errors.Is(err, ErrGone) && !errors.Is(err, ErrFlush) {
		if errors.Is(err, ErrCheckpoint) {
			e.o.Checkpoint = nil
		}
		if last := e.checkpoint(context.WithoutCancel(e.ctx)); last != nil {
			err = errors.Join(err, last)
		}
	}
	r := e.result()
	switch {
	case err == nil && e.spent:
		err = fmt.Errorf("overwrite: %s: %w: %d sectors were not done: take the drive to destruction: %w",
			e.op, ErrBudget, Sectors(r.NotDone), e.cause)
	case err != nil && e.ctx.Err() != nil && errors.Is(err, e.ctx.Err()):
		err = fmt.Errorf("overwrite: %s: stopped; resume from byte %d: %w", e.op, r.Flushed, err)
	}
	return r, err
}

func (e *engine) result() Report {
	done := e.l.end
	if low := e.low(); e.extent < len(e.extents) || low < done && e.kept != idle {
		done = low
	}
	elapsed := e.o.Now().Sub(e.began)
	if n := len(e.samples); n == 0 || e.samples[n-1].Bytes != e.bytes {
		e.samples = append(e.samples, Sample{elapsed, e.bytes})
	}
	passed := slices.Clone(e.passed)
	for _, x := range e.extents {
		passed = append(passed, span{max(x.off, done), max(x.end, done)})
	}
	passed = slices.DeleteFunc(passed, func(x span) bool { return x.end <= x.off })
	return Report{Start: e.l.start, End: e.l.end, Done: done, Flushed: min(e.flushed, done), Bytes: e.bytes,
		Elapsed: elapsed, BadRanges: e.bad.ranges(e.l.sector), NotDone: passed.ranges(e.l.sector),
		Retried: e.retried, Flushes: e.flushes, Samples: e.samples}
}
