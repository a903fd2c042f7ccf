package emulator

import (
	"fmt"
	"sync"
	"syscall"

	"github.com/massho/massho/devices/emulator/media"
)

// Stick is a file on an evidence medium with a volatile cache: what was not
// synced may vanish or tear at a power cut. It has the methods that a journal
// writes through, and it is safe for parallel use.
type Stick struct {
	mu     sync.Mutex
	med    *media.Medium
	size   int64
	faults StickFaults
	dead   bool // no power
	moved  int64
	syncs  int
}

// StickFaults is what is wrong with an evidence medium. Fields that count
// bytes count what was written, and 0 means never.
type StickFaults struct {
	Pulled        bool
	ReadOnly      bool
	Full          bool  // no write finds room
	LieOnSync     bool  // Sync says that it did, and did not
	PowerCutAfter int64 // bytes
	PullAfter     int64 // bytes
	WornAfter     int64 // bytes, then writes fail
	Forget        bool  // writes report success and store nothing
}

// NewStick makes a file of size zero bytes. The seed decides what a power cut
// leaves of what was not synced.
func NewStick(size int64, seed uint64) *Stick {
	sectors := uint64(size+511) / 512
	return &Stick{size: size, med: media.New(media.Config{
		SectorSize: 512, Sectors: sectors + 8, CachePages: 64, Seed: seed})}
}

// Fault replaces what is wrong with it.
func (s *Stick) Fault(f StickFaults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = f
}

// Size is the file's length.
func (s *Stick) Size() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size, s.there()
}

// there says whether anything answers.
func (s *Stick) there() error {
	if s.dead || s.faults.Pulled {
		return syscall.ENODEV
	}
	return nil
}

// ReadAt reads any bytes of the file.
func (s *Stick) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.there(); err != nil {
		return 0, fmt.Errorf("emulator: stick: read: %w", err)
	}
	if err := s.inside(len(p), off); err != nil {
		return 0, err
	}
	copy(p, s.whole(len(p), off)[off%512:])
	return len(p), nil
}

func (s *Stick) inside(n int, off int64) error {
	if off < 0 || off+int64(n) > s.size {
		return fmt.Errorf("emulator: stick: %d bytes at %d of %d: %w", n, off, s.size, syscall.EINVAL)
	}
	return nil
}

// whole is the sectors under [off, off+n).
func (s *Stick) whole(n int, off int64) []byte {
	first := off / 512
	buf := make([]byte, ((off+int64(n)+511)/512-first)*512)
	s.med.Read(buf, uint64(first))
	return buf
}

// WriteAt writes any bytes of the file; only Sync makes them durable.
func (s *Stick) WriteAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.inside(len(p), off); err != nil {
		return 0, err
	}
	n, err := s.room(len(p))
	if n > 0 && !s.faults.Forget {
		buf := s.whole(n, off)
		copy(buf[off%512:], p[:n])
		s.med.Write(buf, uint64(off/512))
	}
	s.moved += int64(n)
	if s.faults.PowerCutAfter > 0 && s.moved >= s.faults.PowerCutAfter && err != nil {
		s.cut()
	}
	if err != nil {
		return n, fmt.Errorf("emulator: stick: write: %w", err)
	}
	return n, nil
}

// room is how many of n bytes get through, and why no more.
func (s *Stick) room(n int) (int, error) {
	f := s.faults
	if err := s.there(); err != nil {
		return 0, err
	}
	switch {
	case f.ReadOnly:
		return 0, syscall.EROFS
	case f.Full:
		return 0, syscall.ENOSPC
	}
	for _, limit := range []struct {
		at  int64
		err error
	}{{f.PowerCutAfter, syscall.ENODEV}, {f.PullAfter, syscall.ENODEV}, {f.WornAfter, syscall.EIO}} {
		if limit.at > 0 && s.moved+int64(n) > limit.at {
			return int(max(0, limit.at-s.moved)), limit.err
		}
	}
	return n, nil
}

// Sync makes everything written durable.
func (s *Stick) Sync() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.there(); err != nil {
		return fmt.Errorf("emulator: stick: sync: %w", err)
	}
	s.syncs++
	if !s.faults.LieOnSync {
		s.med.Flush()
	}
	return nil
}

// Syncs is how often Sync was called and answered.
func (s *Stick) Syncs() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.syncs
}

// Close does nothing: a stick is not gone when a file on it is closed.
func (s *Stick) Close() error { return nil }

// PowerCut takes the power away: what was not synced is kept, lost or torn.
func (s *Stick) PowerCut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut()
}

func (s *Stick) cut() {
	if !s.dead {
		s.dead = true
		s.med.Cut()
		s.faults.PowerCutAfter = 0
	}
}

// PowerOn gives it back.
func (s *Stick) PowerOn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dead = false
}
