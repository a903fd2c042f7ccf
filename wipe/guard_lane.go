package wipe

import (
	"sync"
	"time"
)

// lane is a goroutine that carries one transfer after another, with what it
// needs for that, so that a steady stream of requests costs no allocation. A
// lane whose transfer hangs is left to itself and never used again.
type lane struct {
	ask   chan transfer
	came  chan answer[int] // one place: a lane that was left can end
	timer *time.Timer
}

// transfer is a read or a write.
type transfer struct {
	do  func(p []byte, off int64) (int, error)
	p   []byte
	off int64
}

// lanes are those of one guard that have nothing to do.
type lanes struct {
	mu   sync.Mutex
	idle []*lane
	over bool // nothing will be asked any more
}

// take gives an idle lane, or a new one.
func (l *lanes) take() *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.idle); n > 0 {
		free := l.idle[n-1]
		l.idle = l.idle[:n-1]
		return free
	}
	fresh := &lane{ask: make(chan transfer, 1), came: make(chan answer[int], 1)}
	go fresh.run()
	return fresh
}

// give puts a lane back whose transfer has come to its end.
func (l *lanes) give(done *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		close(done.ask)
		return
	}
	l.idle = append(l.idle, done)
}

// end lets all goroutines end that have nothing to do, and the others when they
// are done.
func (l *lanes) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	for _, x := range l.idle {
		close(x.ask)
	}
	l.idle = nil
}

func (l *lane) run() {
	for t := range l.ask {
		n, err := t.do(t.p, t.off)
		l.came <- answer[int]{n, err}
	}
}

// expiry tells when a transfer that begins now has taken too long.
func (l *lane) expiry(g *guard) <-chan time.Time {
	if g.after != nil {
		return g.after(g.limit)
	}
	if l.timer == nil {
		l.timer = time.NewTimer(g.limit)
	} else {
		l.timer.Reset(g.limit)
	}
	return l.timer.C
}

// transfer does one read or write within the bounds of g.
func (g *guard) transfer(name string, t transfer) (int, error) {
	if err := g.cool(); err != nil {
		return 0, err
	}
	if err := g.barred(); err != nil {
		return 0, err
	}
	l := g.lanes.take()
	l.ask <- t
	a, left := await(g, name, g.limit, l.came, l.expiry(g))
	if l.timer != nil {
		l.timer.Stop()
	}
	if left != nil {
		close(l.ask)
		return 0, left
	}
	g.lanes.give(l)
	return a.v, a.err
}
