package emulator

import (
	"context"
	"sync"
	"time"
)

// Clock is the time that drives live in. Nothing in this package sleeps:
// commands take virtual time, and it passes when someone advances it.
//
// NewClock gives a clock that stands still but for Advance and the time that
// commands take. WallClock follows a real one, for drives that are served to a
// virtual machine.
type Clock struct {
	mu    sync.Mutex
	t     time.Time
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

// Epoch is where a drive's own clock starts: a fixed time, so that two runs
// of one seed are the same.
var Epoch = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)

// NewClock is a virtual clock that starts at t.
func NewClock(t time.Time) *Clock { return &Clock{t: t} }

// WallClock is a clock that follows now; waiting is done by sleep, which
// returns early with the context's error.
func WallClock(now func() time.Time, sleep func(context.Context, time.Duration) error) *Clock {
	return &Clock{now: now, sleep: sleep}
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	if c.now != nil {
		return c.now()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

// Advance moves a virtual clock on by d; a wall clock moves by itself.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.t = c.t.Add(d)
	}
}

// slice bounds one wait on a wall clock, so that a power cut from elsewhere is
// seen.
func (c *Clock) slice(d time.Duration) time.Duration {
	if c.sleep != nil {
		return min(d, 100*time.Millisecond)
	}
	return d
}

// Wait lets d pass: at once on a virtual clock, by sleeping on a wall clock.
func (c *Clock) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if c.sleep != nil {
		return c.sleep(ctx, d)
	}
	c.Advance(d)
	return nil
}
