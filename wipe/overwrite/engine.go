package overwrite

import (
	"context"
	"fmt"
	"math"
	"sync"
	"time"
)

// idle marks a worker that has no chunk in hand.
const idle = math.MaxInt64

// engine is one call at work: it hands out chunks in order, keeps count of what
// is done, and reports. Each worker holds one chunk at a time.
type engine struct {
	op      string // "write", "verify", "scan": for errors
	t       Target
	o       Options
	l       layout
	ctx     context.Context
	extents []span // what is to be done, in order
	began   time.Time
	bufs    *buffers

	kick chan struct{} // wakes the reporter
	ack  chan struct{} // Depth 1: the reporter has done what was due

	mu      sync.Mutex
	turned  sync.Cond // turn has advanced
	extent  int       // the one that is handed out
	next    int64     // offset handed out next
	seq     int64     // number of chunks handed out
	turn    int64     // number of the chunk that may be visited
	flight  []int64   // per worker: offset of the chunk in hand, or idle
	kept    int64     // least offset given up because of an early end
	bytes   int64     // done
	stop    error     // why to end early
	spent   bool      // the budget is
	cause   error     // the error that spent it
	cost    time.Duration
	bad     spans
	passed  spans // not done, passed over
	errors  int   // bad sectors
	retried int
	stride  int64 // how much the next skip passes over
	skipped int64 // where the last skip began
	mark    int64 // bytes at which the next sample is due
	samples []Sample
	due     time.Time // when the reporter has something to do

	// Only the reporter uses these.
	flushed int64
	flushes int
	told    time.Time // last Progress
	checked time.Time // last Checkpoint
}

// maxSamples is how long the throughput graph is.
const maxSamples = 512

// chunk is one request.
type chunk struct {
	off int64
	n   int
	seq int64
}

func newEngine(ctx context.Context, op string, t Target, o Options, l layout, extents []span) *engine {
	e := &engine{op: op, t: t, o: o, l: l, ctx: ctx, extents: extents, began: o.Now(),
		kick: make(chan struct{}, 1), ack: make(chan struct{}), kept: idle, next: l.start, stride: l.chunk,
		samples: make([]Sample, 0, maxSamples), flushed: l.start}
	e.turned.L = &e.mu
	e.told, e.checked = e.began, e.began
	e.due = e.nextDue()
	e.flight = make([]int64, o.Depth)
	for i := range e.flight {
		e.flight[i] = idle
	}
	if len(extents) > 0 {
		e.next = extents[0].off
	}
	return e
}

// run lets the workers work until all is handed out or something ends it, and
// reports meanwhile from the calling goroutine.
func (e *engine) run(work func(worker int)) {
	var all sync.WaitGroup
	for i := range e.flight {
		all.Go(func() { work(i) })
	}
	done := make(chan struct{})
	go func() {
		all.Wait()
		close(done)
	}()
	for {
		select {
		case <-e.kick:
			e.report()
			if e.alone() {
				e.ack <- struct{}{}
			}
		case <-done:
			return
		}
	}
}

// alone: one worker only. It waits for the reporter, so that nothing runs beside
// anything else and equal calls do the same in the same order.
func (e *engine) alone() bool { return len(e.flight) == 1 }

// take hands out the next chunk to a worker.
func (e *engine) take(worker int) (chunk, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop == nil && e.ctx.Err() != nil {
		e.end(e.ctx.Err())
	}
	if e.stop != nil || e.extent >= len(e.extents) {
		return chunk{}, false
	}
	c := chunk{off: e.next, n: int(min(e.l.chunk, e.extents[e.extent].end-e.next)), seq: e.seq}
	e.seq++
	e.flight[worker] = c.off
	e.advance(int64(c.n))
	return c, true
}

// advance moves the place of the next chunk within the extent, or to the next.
func (e *engine) advance(n int64) {
	e.next += n
	if e.next < e.extents[e.extent].end {
		return
	}
	e.extent++
	if e.extent < len(e.extents) {
		e.next = e.extents[e.extent].off
	}
}

// finish counts a worker's chunk as handled, n bytes of it as done, and wakes
// the reporter when something is due.
func (e *engine) finish(worker int, n int64) {
	now := e.o.Now()
	e.mu.Lock()
	e.flight[worker] = idle
	e.bytes += n
	if e.bytes >= e.mark && len(e.samples) < maxSamples {
		e.samples = append(e.samples, Sample{now.Sub(e.began), e.bytes})
		e.mark = e.bytes + e.total()/(maxSamples-2)
	}
	due := !now.Before(e.due)
	e.mu.Unlock()
	if !due {
		return
	}
	if e.alone() {
		e.kick <- struct{}{}
		<-e.ack
		return
	}
	select {
	case e.kick <- struct{}{}:
	default: // the reporter is awake already
	}
}

// total is how many bytes there are to do.
func (e *engine) total() int64 {
	var n int64
	for _, x := range e.extents {
		n += x.end - x.off
	}
	return n
}

// low is the offset before which everything was handled.
func (e *engine) low() int64 {
	low := min(e.next, e.kept)
	for _, off := range e.flight {
		low = min(low, off)
	}
	return low
}

// end stops the work for err, unless it was stopped before. mu is held.
func (e *engine) end(err error) {
	if e.stop == nil {
		e.stop = err
	}
	e.turned.Broadcast()
}

// fail is end without mu held.
func (e *engine) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.end(err)
}

// ended says why to stop now, or nil.
func (e *engine) ended() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stop == nil && e.ctx.Err() != nil {
		e.end(e.ctx.Err())
	}
	return e.stop
}

// awaitTurn returns when every chunk handed out before c was visited, and holds
// the others off until passTurn.
func (e *engine) awaitTurn(c chunk) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.turn != c.seq {
		e.turned.Wait()
	}
}

func (e *engine) passTurn() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.turn++
	e.turned.Broadcast()
}

// lba names a place in errors.
func (e *engine) lba(off int64) string { return fmt.Sprintf("%s at LBA %d", e.op, off/e.l.sector) }
