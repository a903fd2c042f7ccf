package overwrite

import (
	"fmt"
	"time"
)

// hopeless judges an error at off: with true nothing more may be tried there.
func (e *engine) hopeless(err error, off int64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop == nil && e.o.Gone != nil && e.o.Gone(err) {
		e.end(fmt.Errorf("overwrite: %s: %w: %w; resume from byte %d when it is back",
			e.lba(off), ErrGone, err, e.low()))
	}
	return e.barredLocked()
}

// barred says that the call ends or that the budget is spent.
func (e *engine) barred() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.barredLocked()
}

func (e *engine) barredLocked() bool {
	if e.stop == nil && e.ctx.Err() != nil {
		e.end(e.ctx.Err())
	}
	return e.stop != nil || e.spent
}

// charge books the time of an attempt after an error.
func (e *engine) charge(d time.Duration, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cost += d
	if e.o.Budget.Time > 0 && e.cost >= e.o.Budget.Time && err != nil {
		e.spend(err)
	}
}

func (e *engine) spend(err error) {
	if !e.spent {
		e.spent, e.cause = true, err
	}
}

func (e *engine) countRetry() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.retried++
}

// addBad lists a sector that failed every attempt.
func (e *engine) addBad(off, n int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bad.add(off, off+n)
	e.errors++
	if e.o.Budget.Errors > 0 && e.errors >= e.o.Budget.Errors {
		e.spend(fmt.Errorf("%s: %d bad sectors", e.lba(off), e.errors))
	}
}

// giveUp leaves n bytes at off undone. If the call ends early, they count as
// never begun, and a resumed call does them; if the budget is spent, they are
// passed over for good.
func (e *engine) giveUp(off, n int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop != nil {
		e.kept = min(e.kept, off)
		return
	}
	e.passed.add(off, off+n)
}

// skipAhead passes over more behind a chunk at off that was given up. The stride
// doubles every time, so that a dying drive costs a few more errors and not
// days, and what is still good of it is reached all the same. Chunks that were
// in flight together make one skip.
func (e *engine) skipAhead(off int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop != nil || e.extent >= len(e.extents) || off < e.skipped {
		return
	}
	e.skipped = e.next
	e.skip(e.next + e.stride)
	e.stride *= 2
}

// skip passes over everything from the next chunk up to the offset to.
func (e *engine) skip(to int64) {
	for e.extent < len(e.extents) && e.next < to {
		n := min(to, e.extents[e.extent].end) - e.next
		e.passed.add(e.next, e.next+n)
		e.advance(n)
	}
}
