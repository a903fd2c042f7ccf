package emulator

import (
	"context"
	"time"
)

// caller is who sends a command: a descriptor of one life of the drive.
type caller struct {
	life   int
	closed <-chan struct{}
}

// enter waits out what keeps a command from being taken at all: no power, a
// drive that is gone, a hang, a blocking operation. Without an error it
// returns with the lock held.
func (d *Drive) enter(ctx context.Context, who caller, timeout time.Duration, name string) error {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	if ctx == nil {
		ctx = context.Background()
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		select {
		case <-who.closed:
			return ErrClosed
		default:
		}
		d.mu.Lock()
		d.occur()
		if err := d.present(who.life); err != nil {
			d.mu.Unlock()
			return err
		}
		hangs, released := d.hangs(name), d.released
		blocks := d.faults.HangBlocks
		busy := d.busyFor()
		if !hangs && busy == 0 {
			return nil
		}
		d.mu.Unlock()
		if hangs {
			return d.hang(ctx, blocks, who.closed, released, timeout)
		}
		wait := min(d.p.Clock.slice(busy), timeout)
		if err := d.p.Clock.Wait(ctx, wait); err != nil {
			return err
		}
		if timeout -= wait; timeout <= 0 {
			return ErrTimeout
		}
	}
}

// occur lets happen what time or the bytes moved so far have brought about.
func (d *Drive) occur() {
	f := &d.faults
	if f.VanishAfter > 0 && d.moved >= f.VanishAfter {
		d.gone = true
	}
	if f.ResetAfter > 0 && d.moved >= f.ResetAfter {
		f.ResetAfter = 0
		d.reset()
	}
	d.tick()
}

// present says whether anything answers a descriptor of the given life.
func (d *Drive) present(life int) error {
	switch {
	case d.gone:
		return ErrGone
	case !d.powered, life != d.life && life != anyLife:
		return ErrNoPower
	}
	return nil
}

func (d *Drive) hangs(name string) bool {
	f := d.faults
	return f.HangAfter > 0 && d.moved >= f.HangAfter || f.HangOn != "" && matches(name, f.HangOn)
}

func (d *Drive) hang(ctx context.Context, blocks bool, closed, released <-chan struct{}, timeout time.Duration) error {
	if !blocks {
		if err := d.p.Clock.Wait(ctx, timeout); err != nil {
			return err
		}
		return ErrTimeout
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-closed:
		return ErrClosed
	case <-released:
		return ErrTimeout
	}
}

// reset is a hard reset without loss of power: the volatile cache survives it,
// and the next SCSI command gets UNIT ATTENTION.
func (d *Drive) reset() {
	d.attn = true
	if s := d.faults.SerialAfterReset; s != "" {
		d.serial = s
	}
}
