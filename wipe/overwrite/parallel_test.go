package overwrite

import (
	"context"
	"sync"
	"testing"
	"time"
)

// stuck is a drive whose requests do not come back until it is let go.
type stuck struct {
	sink
	held  chan struct{} // closed once a request hangs
	letGo chan struct{}
	once  sync.Once
}

func (s *stuck) WriteAt(p []byte, off int64) (int, error) {
	s.once.Do(func() { close(s.held) })
	<-s.letGo
	return s.sink.WriteAt(p, off)
}

func (s *stuck) ReadAt(p []byte, off int64) (int, error) {
	s.once.Do(func() { close(s.held) })
	<-s.letGo
	return s.sink.ReadAt(p, off)
}

// TestDrivesDoNotWaitForEachOther: while one drive hangs, 15 others write and
// read to their ends. Were anything shared, this test would not end.
func TestDrivesDoNotWaitForEachOther(t *testing.T) {
	zeros := make([]byte, 1<<20)
	o := OptionsFor(SolidState, time.Now)
	for name, call := range map[string]func(Target) (Report, error){
		"write random":   func(m Target) (Report, error) { return Write(context.Background(), m, randomPass(), o) },
		"write constant": func(m Target) (Report, error) { return Write(context.Background(), m, Fill(0), o) },
		"verify":         func(m Target) (Report, error) { return Verify(context.Background(), m, Fill(0), o) },
	} {
		t.Run(name, func(t *testing.T) {
			slow := &stuck{sink: sink{size: 64 << 20, give: zeros}, held: make(chan struct{}), letGo: make(chan struct{})}
			var hanging, others sync.WaitGroup
			hanging.Go(func() {
				if r, err := call(slow); err != nil || !r.Clean() {
					t.Errorf("the slow drive: %v, %+v", err, r)
				}
			})
			<-slow.held
			for range 15 {
				others.Go(func() {
					if r, err := call(&sink{size: 16 << 20, give: zeros}); err != nil || !r.Clean() {
						t.Errorf("another drive: %v, %+v", err, r)
					}
				})
			}
			others.Wait()
			close(slow.letGo)
			hanging.Wait()
		})
	}
}
