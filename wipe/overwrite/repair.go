package overwrite

import (
	"fmt"
	"io"
)

// fanOut is into how many parts a failing request is cut at each level. A
// failing attempt costs the drive's own recovery time, seconds, a good one
// next to nothing; so few levels with many parts find a bad sector sooner than
// halving.
const fanOut = 16

// hand is one worker's way to the target.
type hand struct {
	e     *engine
	do    func(p []byte, off int64) (int, error) // WriteAt or ReadAt
	holes spans                                  // what of the chunk in hand was not done
	gave  bool                                   // some of it was given up
}

// all does the whole of p, in the good case by one request, and returns how
// many bytes were done. What was not is in holes and in the engine's lists.
func (h *hand) all(p []byte, off int64) int64 {
	h.holes = h.holes[:0]
	n, err := h.try(p, off)
	if err == nil {
		return int64(n)
	}
	h.gave = false
	good := int64(n) + h.narrow(p[n:], off+int64(n), err, true)
	if h.gave {
		h.e.skipAhead(off)
	}
	return good
}

// try does p and goes on after short counts. It returns whole sectors.
func (h *hand) try(p []byte, off int64) (int, error) {
	done := 0
	for {
		n, err := h.do(p[done:], off+int64(done))
		if n < 0 || n > len(p)-done {
			return done, fmt.Errorf("%w: %d of %d bytes", io.ErrShortBuffer, n, len(p)-done)
		}
		n -= n % int(h.e.l.sector)
		done += n
		switch {
		case done == len(p):
			return done, nil // io.ReaderAt may say EOF with the last byte
		case err != nil:
			return done, err
		case n == 0:
			return done, io.ErrNoProgress
		}
	}
}

// retry is try, its time charged to the budget.
func (h *hand) retry(p []byte, off int64) (int, error) {
	began := h.e.o.Now()
	n, err := h.try(p, off)
	h.e.charge(h.e.o.Now().Sub(began), err)
	return n, err
}

// narrow gets done what it can of p, whose beginning just failed with err: again
// a number of times at the first level and at the sector, then in parts.
func (h *hand) narrow(p []byte, off int64, err error, first bool) (good int64) {
	sector := int(h.e.l.sector)
	again := 0
	if first || len(p) == sector {
		again = h.e.o.Retries
	}
	for ; ; again-- {
		if h.e.hopeless(err, off) {
			h.giveUp(off, int64(len(p)))
			return good
		}
		if again == 0 {
			break
		}
		n, retryErr := h.retry(p, off)
		if n > 0 || retryErr == nil {
			h.e.countRetry()
		}
		good += int64(n)
		p, off, err = p[n:], off+int64(n), retryErr
		if err == nil {
			return good
		}
	}
	if len(p) <= sector {
		h.bad(off, int64(len(p)))
		return good
	}
	part := (len(p)/fanOut + sector - 1) / sector * sector
	for part = max(part, sector); len(p) > 0; {
		n := min(part, len(p))
		good += h.part(p[:n], off)
		p, off = p[n:], off+int64(n)
	}
	return good
}

// part does one part of a request that failed.
func (h *hand) part(p []byte, off int64) int64 {
	if h.e.barred() {
		h.giveUp(off, int64(len(p)))
		return 0
	}
	n, err := h.retry(p, off)
	if err == nil {
		return int64(n)
	}
	return int64(n) + h.narrow(p[n:], off+int64(n), err, false)
}

func (h *hand) bad(off, n int64) {
	h.holes.add(off, off+n)
	h.e.addBad(off, n)
}

func (h *hand) giveUp(off, n int64) {
	h.gave = true
	h.holes.add(off, off+n)
	h.e.giveUp(off, n)
}
