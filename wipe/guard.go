package wipe

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/massho/massho/devices"
)

// Bounds of one request, and of all requests after a stop was asked for.
const (
	requestLimit = 5 * time.Minute // the kernel's own recovery (30 s, several times, then resets) ends before
	stopGrace    = 3 * time.Second
)

// guard is the drive's descriptor as a run uses it. A request that does not come
// back holds nobody: after its limit the drive counts as gone, and once a stop
// was asked for, after stopGrace, as left to itself. From then on nothing is sent
// to it any more. While the drive cools down, reads and writes wait.
//
// A request that was given up still owns its buffer until the kernel lets go of
// it; the buffers of a run are never used again after that.
type guard struct {
	devices.Conn
	stop  <-chan struct{}                      // closed when somebody wants the run to end
	after func(time.Duration) <-chan time.Time // nil: the clock
	limit time.Duration
	lanes lanes
	read  func(p []byte, off int64) (int, error) // Conn's
	write func(p []byte, off int64) (int, error)

	mu   sync.Mutex
	dead error         // why nothing is sent any more
	over chan struct{} // closed when the grace after a stop has passed; nil: not stopped
	hot  chan struct{} // closed when the drive has cooled down; nil: it is not hot
}

func newGuard(ctx context.Context, conn devices.Conn, r *Runner) *guard {
	g := &guard{Conn: conn, stop: ctx.Done(), after: r.After, limit: r.HangLimit, read: conn.ReadAt, write: conn.WriteAt}
	if g.limit <= 0 {
		g.limit = requestLimit
	}
	return g
}

// answer is what a request came back with.
type answer[T any] struct {
	v   T
	err error
}

// request does one request within the bounds of g.
func request[T any](g *guard, name string, limit time.Duration, do func() (T, error)) (T, error) {
	var none T
	if err := g.barred(); err != nil {
		return none, err
	}
	came := make(chan answer[T], 1)
	go func() {
		v, err := do()
		came <- answer[T]{v, err}
	}()
	a, left := await(g, name, limit, came, g.later(limit))
	if left != nil {
		return none, left
	}
	return a.v, a.err
}

// await waits for an answer within the bounds of g; left is why it was given up.
func await[T any](g *guard, name string, limit time.Duration, came <-chan answer[T], expired <-chan time.Time) (a answer[T], left error) {
	stop, over := g.stop, (<-chan struct{})(nil)
	for {
		select {
		case a := <-came:
			return a, nil
		case <-expired:
			return a, g.giveUp(fmt.Errorf("%s: no answer in %s: %w", name, limit, devices.ErrGone))
		case <-stop:
			stop, over = nil, g.grace()
		case <-over:
			return a, g.giveUp(fmt.Errorf("%s: still running, left to itself: %w", name, ErrStopped))
		}
	}
}

// later is g.after, or the clock.
func (g *guard) later(d time.Duration) <-chan time.Time {
	if g.after != nil {
		return g.after(d)
	}
	return time.After(d)
}

// barred is why nothing may be sent any more.
func (g *guard) barred() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dead
}

func (g *guard) giveUp(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dead == nil {
		g.dead = err
	}
	return err
}

// grace starts the time that is left after a stop, once for all requests.
func (g *guard) grace() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.over == nil {
		over := make(chan struct{})
		end := g.later(stopGrace)
		go func() {
			<-end
			close(over)
		}()
		g.over = over
	}
	return g.over
}

// hold makes reads and writes wait until the function that it returns is called.
func (g *guard) hold() (release func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	hot := make(chan struct{})
	g.hot = hot
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.hot = nil
		close(hot)
	}
}

// cool waits while the drive is held.
func (g *guard) cool() error {
	g.mu.Lock()
	hot := g.hot
	g.mu.Unlock()
	if hot == nil {
		return nil
	}
	select {
	case <-hot:
		return nil
	case <-g.stop:
		return ErrStopped
	}
}

// commandLimit is what a command with a timeout of its own may take: the road
// ends it by itself, and then recovers.
func (g *guard) commandLimit(timeout time.Duration) time.Duration { return timeout + g.limit }
