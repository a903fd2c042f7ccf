package emulator

import (
	"context"
	"time"
)

// ready waits out what keeps a command from being answered at all: no power,
// a drive that is gone, a hang. It must be called without the lock.
func (d *Drive) ready(life int, closed <-chan struct{}, ctx context.Context, timeout time.Duration) error {
	d.mu.Lock()
	f := d.faults
	if f.VanishAfter > 0 && d.moved >= f.VanishAfter {
		d.gone = true
	}
	if f.ResetAfter > 0 && d.moved >= f.ResetAfter {
		d.faults.ResetAfter = 0
		d.reset()
	}
	err := d.present(life)
	hangs := f.HangAfter > 0 && d.moved >= f.HangAfter
	released := d.released
	d.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case <-closed:
		return ErrClosed
	default:
	}
	if !hangs {
		return nil
	}
	return d.hang(ctx, f.HangBlocks, closed, released, timeout)
}

func (d *Drive) hang(ctx context.Context, blocks bool, closed, released <-chan struct{}, timeout time.Duration) error {
	if ctx == nil {
		ctx = context.Background()
	}
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

// present says whether anything answers a descriptor of the given life.
func (d *Drive) present(life int) error {
	switch {
	case d.gone:
		return ErrGone
	case !d.powered, life != d.life:
		return ErrNoPower
	}
	return nil
}

// reset is a hard reset: the volatile cache survives it, states that a reset
// clears do not, and the next SCSI command gets UNIT ATTENTION.
func (d *Drive) reset() {
	d.attn = true
	if s := d.faults.SerialAfterReset; s != "" {
		d.serial = s
	}
}
