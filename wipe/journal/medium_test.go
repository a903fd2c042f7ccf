package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

var errPulled = errors.New("no such device")

// medium is a store with a volatile cache: what was not synced may vanish or
// tear when the power goes.
type medium struct {
	stable  []byte // what a power cut leaves for sure
	cache   []byte // what reads see
	pending []write
	ops     int // writes and syncs so far
	cutAt   int // from this operation on everything fails; 0: never
	syncs   int
	pulled  bool
	short   bool // writes do half and say no error
	closed  bool
}

type write struct {
	off int64
	p   []byte
}

func newMedium(size int) *medium {
	return &medium{stable: make([]byte, size), cache: make([]byte, size)}
}

func (m *medium) step() error {
	m.ops++
	if m.pulled || m.cutAt > 0 && m.ops >= m.cutAt {
		return errPulled
	}
	return nil
}

func (m *medium) WriteAt(p []byte, off int64) (int, error) {
	err := m.step()
	if m.pulled {
		return 0, err
	}
	if m.short {
		p = p[:len(p)/2]
	}
	if off < 0 || off+int64(len(p)) > int64(len(m.cache)) {
		return 0, errors.New("beyond the end")
	}
	copy(m.cache[off:], p)
	m.pending = append(m.pending, write{off, bytes.Clone(p)})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (m *medium) Sync() error {
	if err := m.step(); err != nil {
		return err
	}
	m.syncs++
	m.stable, m.pending = bytes.Clone(m.cache), nil
	return nil
}

func (m *medium) ReadAt(p []byte, off int64) (int, error) {
	if m.pulled {
		return 0, errPulled
	}
	return copy(p, m.cache[off:]), nil
}

func (m *medium) Size() (int64, error) { return int64(len(m.cache)), nil }
func (m *medium) Close() error         { m.closed = true; return nil }

// cut ends the power: of each write that was not synced all, nothing, any
// sectors, or a part that ends at any byte reaches the medium.
func (m *medium) cut(dice *rand.Rand) *medium {
	left := bytes.Clone(m.stable)
	for _, w := range m.pending {
		switch dice.IntN(4) {
		case 0:
		case 1:
			copy(left[w.off:], w.p)
		case 2:
			copy(left[w.off:], w.p[:dice.IntN(len(w.p)+1)])
		case 3:
			for at := 0; at < len(w.p); at += FrameSize {
				if dice.IntN(2) == 0 {
					copy(left[w.off+int64(at):], w.p[at:at+FrameSize])
				}
			}
		}
	}
	return from(left)
}

func from(data []byte) *medium { return &medium{stable: bytes.Clone(data), cache: bytes.Clone(data)} }

// ticking is a clock that goes on by a second each time it is asked.
func ticking() Options {
	n := 0
	return Options{
		Now:       func() time.Time { n++; return time.Unix(1772600000+int64(n), 123456789) },
		Monotonic: func() time.Duration { return time.Duration(n) * time.Second },
		Reserve:   4 * FrameSize,
	}
}

const capacity = 128 * FrameSize

func header() Header {
	return Header{Case: "2026-017", Stick: "USB-03", Run: RunID{1, 2, 3, 15: 7}, Tool: "massho test", Nonce: "00ff",
		Created: "2026-03-04T05:06:07+09:00", Capacity: capacity}
}

// begin makes a journal with a header on one medium.
func begin(t *testing.T, stores ...*medium) *Writer {
	t.Helper()
	w, err := Create(header(), ticking(), named(stores)...)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func named(stores []*medium) []Named {
	var all []Named
	for i, s := range stores {
		all = append(all, Named{fmt.Sprintf("store %d", i), s})
	}
	return all
}

// put appends a record whose payload has about n bytes.
func put(t *testing.T, w *Writer, typ Type, n int) Record {
	t.Helper()
	r, err := w.Append(typ, payload(n))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func payload(n int) json.RawMessage {
	return fmt.Appendf(nil, `{"drive":"S3Z8","x":"%s"}`, bytes.Repeat([]byte("a"), n))
}

// sample is a journal with short and long records.
func sample(t *testing.T) []byte {
	t.Helper()
	m := newMedium(capacity)
	w := begin(t, m)
	put(t, w, TypePlan, 900)
	put(t, w, TypeIntent, 10)
	put(t, w, TypeProgress, 0)
	put(t, w, TypeResult, 400)
	return m.stable
}
