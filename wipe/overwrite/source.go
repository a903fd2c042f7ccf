package overwrite

import (
	"bytes"
	"fmt"
)

// maxPattern is the longest pattern of a constant pass.
const maxPattern = 4096

// source makes a pass's data. Not for use by several goroutines at once.
type source struct {
	keys   *Keystream // random
	period int        // constant: length of the pattern
	master []byte     // constant: the pattern, repeated; longer than period+room
	shared []byte     // constant, if every request starts with the same phase: what all requests write
	want   []byte     // random: scratch of the comparer
}

// newSource prepares a pass. unit is what the comparer asks for at a time.
func newSource(p Pass, unit int) (*source, error) {
	switch p.Kind {
	case Random:
		if p.Key == ([16]byte{}) {
			return nil, fmt.Errorf("overwrite: pass: %w: key is all zero: draw a fresh one", ErrOptions)
		}
		keys, err := NewKeystream(p.Key)
		return &source{keys: keys, want: make([]byte, unit)}, err
	case Constant:
		if n := len(p.Pattern); n == 0 || n > maxPattern {
			return nil, fmt.Errorf("overwrite: pass: %w: pattern of %d bytes: give 1 to %d", ErrOptions, n, maxPattern)
		}
		s := &source{period: len(p.Pattern)}
		s.master = bytes.Repeat(p.Pattern, 2+unit/s.period)
		return s, nil
	}
	return nil, fmt.Errorf("overwrite: pass: %w: %v", ErrOptions, p.Kind)
}

// alike says whether every request begins with the same phase of a constant
// pattern, so that one buffer serves them all.
func (s *source) alike(sector int) bool { return s.keys == nil && sector%s.period == 0 }

// data returns what belongs at off, n bytes: in buf, or in a buffer of its own
// that nobody may change.
func (s *source) data(buf []byte, off int64, n int) []byte {
	if s.shared != nil {
		return s.shared[:n]
	}
	s.fill(buf[:n], off)
	return buf[:n]
}

// fill sets dst to what belongs at off.
func (s *source) fill(dst []byte, off int64) {
	if s.keys != nil {
		s.keys.Fill(dst, off)
		return
	}
	n := copy(dst, s.master[off%int64(s.period):])
	for n -= n % s.period; n > 0 && n < len(dst); n *= 2 {
		copy(dst[n:], dst[:n])
	}
}

// expect returns the n bytes, at most a unit, that belong at off.
func (s *source) expect(off int64, n int) []byte {
	if s.keys != nil {
		s.keys.Fill(s.want[:n], off)
		return s.want[:n]
	}
	phase := int(off % int64(s.period))
	return s.master[phase : phase+n]
}
