package wipe

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/massho/massho/devices"
)

// echo is a drive that answers at once, or hangs until it is let go.
type echo struct {
	devices.Conn
	hang  bool
	letGo chan struct{}
	came  chan struct{}
}

func (e *echo) ReadAt(p []byte, _ int64) (int, error) {
	if e.hang {
		<-e.letGo
		close(e.came)
	}
	return len(p), nil
}

func (e *echo) WriteAt(p []byte, off int64) (int, error) { return e.ReadAt(p, off) }

// TestTransfersDoNotAllocate: the guard is in the way of every request of a
// steady pass.
func TestTransfersDoNotAllocate(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g := newGuard(ctx, &echo{}, &Runner{})
	p := make([]byte, 4096)
	for name, do := range map[string]func([]byte, int64) (int, error){"read": g.ReadAt, "write": g.WriteAt} {
		allocs := testing.AllocsPerRun(200, func() {
			if n, err := do(p, 0); n != len(p) || err != nil {
				t.Fatalf("%s: %d, %v", name, n, err)
			}
		})
		if allocs > 0 {
			t.Errorf("%s: %.0f allocations", name, allocs)
		}
	}
	idle := g.lanes.idle
	g.lanes.end()
	for _, l := range idle {
		if _, open := <-l.ask; open {
			t.Error("a goroutine was left behind")
		}
	}
}

// TestHangingLaneIsLeft: its answer comes too late for anybody, and no other
// request gets that lane.
func TestHangingLaneIsLeft(t *testing.T) {
	expire := make(chan time.Time)
	slow := &echo{hang: true, letGo: make(chan struct{}), came: make(chan struct{})}
	g := newGuard(context.Background(), slow, &Runner{After: func(time.Duration) <-chan time.Time { return expire }})
	gone := make(chan error)
	go func() {
		_, err := g.ReadAt(make([]byte, 512), 0)
		gone <- err
	}()
	expire <- time.Time{}
	if err := <-gone; !errors.Is(err, devices.ErrGone) {
		t.Fatalf("%v", err)
	}
	if len(g.lanes.idle) > 0 {
		t.Error("the hanging lane is offered again")
	}
	if _, err := g.WriteAt(make([]byte, 512), 0); !errors.Is(err, devices.ErrGone) {
		t.Errorf("a request after the drive was given up: %v", err)
	}
	close(slow.letGo)
	<-slow.came // it ends on its own
}

func BenchmarkGuard(b *testing.B) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	g := newGuard(ctx, &echo{}, &Runner{})
	p := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := g.ReadAt(p, 0); err != nil {
			b.Fatal(err)
		}
	}
}
