package overwrite

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var (
	errMedium = syscall.EIO
	errNoDev  = syscall.ENODEV
)

// memory is a drive in memory with a volatile cache and faults.
type memory struct {
	sector int
	data   []byte // what reads see

	mu       sync.Mutex
	stable   []byte         // what a power cut leaves; nil: not modelled
	badWrite map[int64]bool // LBAs that fail every write
	badRead  map[int64]bool
	once     map[int64]int // LBAs that fail so many times
	short    int           // writes and reads do at most so many bytes, without an error
	partial  bool          // a failing request does what lies before the bad sector
	goneAt   int64         // requests that reach this LBA, and all later ones, fail with ENODEV; 0: never
	gone     bool
	flushErr error
	perFault time.Duration // what a failing request costs on the clock
	clock    *clock
	lie      func(p []byte, off int64) // what the drive stores instead

	writes, reads, flushes int
	begun                  []int64 // offsets of writes
	flying, most           atomic.Int64
}

func newMemory(size, sector int) *memory {
	return &memory{sector: sector, data: make([]byte, size), clock: &clock{}}
}

func (m *memory) Size() int64     { return int64(len(m.data)) }
func (m *memory) SectorSize() int { return m.sector }

func (m *memory) enter() func() {
	n := m.flying.Add(1)
	for most := m.most.Load(); n > most && !m.most.CompareAndSwap(most, n); most = m.most.Load() {
	}
	return func() { m.flying.Add(-1) }
}

func (m *memory) WriteAt(p []byte, off int64) (int, error) {
	defer m.enter()()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes++
	m.begun = append(m.begun, off)
	n, err := m.admit(len(p), off, m.badWrite)
	src := p[:n]
	if m.lie != nil {
		src = bytes.Clone(src)
		m.lie(src, off)
	}
	copy(m.data[off:], src)
	return n, err
}

func (m *memory) ReadAt(p []byte, off int64) (int, error) {
	defer m.enter()()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reads++
	n, err := m.admit(len(p), off, m.badRead)
	copy(p[:n], m.data[off:])
	return n, err
}

// admit says how much of a request is done, and how it ends.
func (m *memory) admit(n int, off int64, bad map[int64]bool) (int, error) {
	if off%int64(m.sector) != 0 || n%m.sector != 0 || n == 0 {
		return 0, syscall.EINVAL
	}
	if m.gone {
		return 0, errNoDev
	}
	for at := off; at < off+int64(n); at += int64(m.sector) {
		lba := at / int64(m.sector)
		if m.goneAt > 0 && lba >= m.goneAt {
			m.gone = true
			return 0, errNoDev
		}
		fail := bad[lba]
		if m.once[lba] > 0 {
			m.once[lba]--
			fail = true
		}
		if fail {
			m.clock.add(m.perFault)
			if m.partial {
				return int(at - off), errMedium
			}
			return 0, errMedium
		}
	}
	if m.short > 0 && n > m.short {
		return m.short, nil
	}
	return n, nil
}

func (m *memory) Flush(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.flushes++
	switch {
	case m.gone:
		return errNoDev
	case m.flushErr != nil:
		return m.flushErr
	}
	if m.stable != nil {
		copy(m.stable, m.data)
	}
	return nil
}

// clock is time that passes only when it is told to.
type clock struct {
	mu sync.Mutex
	t  time.Duration
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t += d
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Unix(1e9, 0).Add(c.t)
}

func (m *memory) options() Options {
	return Options{Chunk: 64 << 10, Depth: 4, Retries: 2, Now: m.clock.now,
		Gone: func(err error) bool { return errors.Is(err, errNoDev) }}
}

func randomPass() Pass { return Pass{Kind: Random, Key: [16]byte{1, 2, 3, 15: 9}} }

// want is what a pass leaves on a medium, made in the plainest way.
func want(t *testing.T, p Pass, size int) []byte {
	t.Helper()
	out := make([]byte, size)
	if p.Kind == Constant {
		for i := range out {
			out[i] = p.Pattern[i%len(p.Pattern)]
		}
		return out
	}
	k, err := NewKeystream(p.Key)
	if err != nil {
		t.Fatal(err)
	}
	k.Fill(out, 0)
	return out
}

func lbas(all ...int64) map[int64]bool {
	m := map[int64]bool{}
	for _, l := range all {
		m[l] = true
	}
	return m
}
