package overwrite

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"
)

// TestCheckpointsAreDurable cuts the power at every checkpoint: all before the
// offset told must be on the medium then.
func TestCheckpointsAreDurable(t *testing.T) {
	m := newMemory(8<<20, 512)
	m.stable = make([]byte, 8<<20)
	m.badWrite = lbas(3000)
	expect := want(t, randomPass(), 8<<20)
	clear(expect[3000*512 : 3001*512])
	o := m.options()
	o.CheckpointEvery = time.Second
	m.lie = func([]byte, int64) { m.clock.add(300 * time.Millisecond) }
	var last int64
	told := 0
	o.Checkpoint = func(p Progress) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		told++
		if p.Flushed < last || p.Done != p.Flushed || p.Total != 8<<20 {
			t.Errorf("after %d: %+v", last, p)
		}
		if !bytes.Equal(m.stable[:p.Flushed], expect[:p.Flushed]) {
			t.Errorf("not all before %d is on the medium", p.Flushed)
		}
		if p.Flushed > 3000*512 && (len(p.Bad) != 1 || p.Bad[0] != (Range{3000, 1})) {
			t.Errorf("bad sector not told: %v", p.Bad)
		}
		last = p.Flushed
		return nil
	}
	r, err := Write(context.Background(), m, randomPass(), o)
	if err != nil || last != 8<<20 || told < 3 || r.Flushes != m.flushes {
		t.Errorf("%v: %d checkpoints, the last at %d", err, told, last)
	}
}

func TestCheckpointRefuses(t *testing.T) {
	m := newMemory(4<<20, 512)
	o := m.options()
	full := errors.New("journal is full")
	m.lie = func([]byte, int64) { m.clock.add(time.Second) }
	o.CheckpointEvery = 10 * time.Second
	calls := 0
	o.Checkpoint = func(Progress) error { calls++; return full }
	r, err := Write(context.Background(), m, randomPass(), o)
	if !errors.Is(err, ErrCheckpoint) || !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls, %d bytes", err, calls, r.Bytes)
	}
}

// TestCancelAndResume stops at many places and goes on from what was flushed.
func TestCancelAndResume(t *testing.T) {
	for stop := range 20 {
		m := newMemory(2<<20+512*3, 512)
		o := m.options()
		ctx, cancel := context.WithCancel(context.Background())
		m.lie = func([]byte, int64) {
			if m.writes > stop {
				cancel()
			}
		}
		r, err := Write(ctx, m, randomPass(), o)
		if !errors.Is(err, context.Canceled) || r.Clean() {
			t.Fatalf("stop at %d: %v", stop, err)
		}
		if m.writes > stop+1+o.Depth {
			t.Errorf("stop at %d: %d writes", stop, m.writes)
		}
		if r.Flushed != r.Done || m.flushes != 1 {
			t.Errorf("stop at %d: done %d, flushed %d: not a safe point", stop, r.Done, r.Flushed)
		}
		m.lie = nil
		o.Start = r.Flushed
		r, err = Write(context.Background(), m, randomPass(), o)
		if err != nil || !r.Clean() || r.Start != o.Start {
			t.Fatalf("resumed: %v, %+v", err, r)
		}
		if !bytes.Equal(m.data, want(t, randomPass(), len(m.data))) {
			t.Errorf("stop at %d: resumed pass does not cover the medium", stop)
		}
		o.Start = 0
		if v, err := Verify(context.Background(), m, randomPass(), o); err != nil || !v.Clean() {
			t.Errorf("verify: %v, %+v", err, v)
		}
	}
}

func TestResumeAtTheEnd(t *testing.T) {
	m := newMemory(1<<20, 512)
	o := m.options()
	o.Start = 1 << 20
	r, err := Write(context.Background(), m, randomPass(), o)
	if err != nil || !r.Clean() || m.writes != 0 || m.flushes != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestGoneMidwayResumes(t *testing.T) {
	m := newMemory(4<<20, 512)
	m.goneAt = 3333
	o := m.options()
	r, err := Write(context.Background(), m, randomPass(), o)
	if !errors.Is(err, ErrGone) {
		t.Fatal(err)
	}
	m.gone, m.goneAt = false, 0
	o.Start = r.Flushed
	if r, err = Write(context.Background(), m, randomPass(), o); err != nil || !r.Clean() {
		t.Fatalf("%v, %+v", err, r)
	}
	if !bytes.Equal(m.data, want(t, randomPass(), 4<<20)) {
		t.Error("resumed pass does not cover the medium")
	}
}

func TestProgressIsPaced(t *testing.T) {
	m := newMemory(8<<20, 512)
	o := m.options()
	m.lie = func([]byte, int64) { m.clock.add(100 * time.Millisecond) } // 128 chunks: 12.8 s
	o.ProgressEvery = 2 * time.Second
	var at []time.Duration
	o.Progress = func(p Progress) {
		if p.Done > p.Total || p.Flushed != 0 {
			t.Errorf("%+v", p)
		}
		at = append(at, p.Elapsed)
	}
	if _, err := Write(context.Background(), m, randomPass(), o); err != nil {
		t.Fatal(err)
	}
	if len(at) == 0 || len(at) > 6 {
		t.Errorf("told %d times: %v", len(at), at)
	}
}

func TestSamplesAreBounded(t *testing.T) {
	m := newMemory(8<<20, 512)
	o := m.options()
	o.Chunk = 512 // 16384 chunks
	r, err := Write(context.Background(), m, Fill(0), o)
	if err != nil || len(r.Samples) < 300 || len(r.Samples) > maxSamples+1 {
		t.Fatalf("%v: %d samples", err, len(r.Samples))
	}
	if last := r.Samples[len(r.Samples)-1]; last.Bytes != 8<<20 {
		t.Errorf("last sample at %d", last.Bytes)
	}
}
