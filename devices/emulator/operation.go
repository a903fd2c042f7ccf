package emulator

import (
	"context"
	"time"
)

// operation is work that the drive does by itself for some time: an erase that
// blocks, or a sanitize in the background.
type operation struct {
	name       string
	start, end time.Time
	blocks     bool          // no other command is taken meanwhile
	finish     func()        // its effect
	cut        func(float64) // what a power cut leaves, at that part of its time
	fails      func()        // its end where Faults.EraseFails; nil: cannot fail
}

// begin starts op, to last for d; an instant one is over at once.
func (d *Drive) begin(op *operation, lasts time.Duration) {
	if d.faults.Instant && !op.blocks {
		lasts = 0
	}
	op.start = d.p.Clock.Now()
	op.end = op.start.Add(lasts)
	d.op = op
	d.tick()
}

// tick ends the operation whose time has come, or cuts the power in it.
func (d *Drive) tick() {
	op := d.op
	if op == nil || !d.powered {
		return
	}
	now := d.p.Clock.Now()
	if c := d.faults.CutErase; c > 0 && op.part(now) >= c {
		d.faults.CutErase = 0
		d.powerCut()
		return
	}
	if now.Before(op.end) {
		return
	}
	d.op = nil
	if d.faults.EraseFails && op.fails != nil {
		op.fails()
		return
	}
	op.finish()
}

// part is how much of the operation's time has passed, 0 to 1.
func (op *operation) part(now time.Time) float64 {
	total := op.end.Sub(op.start)
	if total <= 0 || !now.Before(op.end) {
		return 1
	}
	return max(0, float64(now.Sub(op.start))/float64(total))
}

// progress is part in 65536ths, never quite all.
func (op *operation) progress(now time.Time) uint16 {
	return uint16(min(0xFFFE, op.part(now)*65536))
}

// poll is a status command while an operation runs: it takes Params.PollTime,
// so that a caller that never moves the clock sees progress all the same.
func (d *Drive) poll() {
	if d.op == nil {
		return
	}
	step := d.p.PollTime
	if step == 0 {
		step = max(time.Millisecond, d.op.end.Sub(d.op.start)/8)
	}
	d.p.Clock.Advance(step)
	d.tick()
}

// busyFor is the time for which a blocking operation still takes no command.
func (d *Drive) busyFor() time.Duration {
	if d.op == nil || !d.op.blocks {
		return 0
	}
	return max(time.Nanosecond, d.op.end.Sub(d.p.Clock.Now()))
}

// sit waits for the blocking operation that the current command started. It
// gives the lock up while it waits. The operation goes on when the command
// times out.
func (d *Drive) sit(ctx context.Context, who caller, timeout time.Duration) error {
	for d.op != nil && d.op.blocks {
		left := d.p.Clock.slice(d.busyFor())
		if c := d.faults.CutErase; c > 0 {
			left = max(1, time.Duration(float64(left)*c))
		}
		if timeout > 0 && left > timeout {
			left = timeout
		}
		d.mu.Unlock()
		err := d.p.Clock.Wait(ctx, left)
		d.mu.Lock()
		d.tick()
		if gone := d.present(who.life); gone != nil {
			return gone
		}
		if err != nil {
			return err
		}
		if timeout > 0 {
			if timeout -= left; timeout <= 0 && d.op != nil {
				return ErrTimeout
			}
		}
	}
	return nil
}

// lasts is how long an erase of the drive's own takes: Params.EraseTakes, or
// by what it does.
func (d *Drive) lasts(passes int, quick time.Duration) time.Duration {
	switch {
	case d.p.EraseTakes > 0:
		return d.p.EraseTakes
	case passes == 0:
		return quick
	}
	bytes := d.p.native() * uint64(d.sector())
	return max(quick, time.Duration(passes)*d.transferTime(int(bytes)))
}
