package journal

import (
	"errors"
	"fmt"
	"io"
)

// slot is one store and how far it has followed the chain.
type slot struct {
	name    string
	store   Store
	durable int64 // bytes acknowledged by Sync
	err     error // why it is detached
}

func (w *Writer) anyDetached() bool {
	for _, s := range w.stores {
		if s.err != nil {
			return true
		}
	}
	return false
}

func (w *Writer) state(s *slot) StoreState {
	return StoreState{Name: s.name, Attached: s.err == nil, Records: w.recordsIn(s.durable), Err: s.err}
}

// flush brings every attached store up to the head. A store that fails is
// detached and the chain says so in a record of its own, which the remaining
// stores get as well.
func (w *Writer) flush() {
	for again := true; again; {
		again = false
		for _, s := range w.stores {
			if s.err != nil {
				continue
			}
			if err := w.follow(s); err != nil {
				w.detach(s, err)
				again = true
			}
		}
	}
}

// follow writes the missing records to s, each durable before the next: so a
// power cut can tear only the last.
func (w *Writer) follow(s *slot) error {
	for i := int(w.recordsIn(s.durable)); i < len(w.starts); i++ {
		end := int64(len(w.buf))
		if i+1 < len(w.starts) {
			end = w.starts[i+1]
		}
		if err := writeSync(s.name, s.store, w.buf[w.starts[i]:end], w.starts[i]); err != nil {
			return err
		}
		w.change(func() { s.durable = end })
	}
	return nil
}

func (w *Writer) detach(s *slot, err error) {
	w.change(func() { s.err = err })
	if w.closed {
		return // nothing may follow the closing record; its Append tells
	}
	op := "write"
	if se, ok := errors.AsType[*StoreError](err); ok {
		op = se.Op
	}
	p := StorePayload{Store: s.name, Op: op, Seq: w.recordsIn(s.durable)}
	// It has room: keepFrames are left for it. Should stores fail so often that
	// even those are used, the state in Stores still tells it.
	if _, full := w.add(TypeDetached, p); full != nil {
		w.change(func() { s.err = errors.Join(err, full) })
	}
}

// writeSync writes p at off and makes it durable.
func writeSync(name string, st Store, p []byte, off int64) error {
	n, err := st.WriteAt(p, off)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return &StoreError{name, "write", err}
	}
	if err := st.Sync(); err != nil {
		return &StoreError{name, "sync", err}
	}
	return nil
}

// readAll reads the whole store, whose size must be that of the journal.
func (w *Writer) readAll(n Named) ([]byte, error) {
	data, err := ReadStore(n)
	if err == nil && int64(len(data)) != w.header.Capacity {
		err = &StoreError{n.Name, "size", &Error{Kind: ErrTruncated, Offset: int64(len(data)),
			Detail: fmt.Sprintf("%d bytes, the journal was made with %d", len(data), w.header.Capacity), Next: nextOther}}
	}
	return data, err
}

// ReadStore reads all bytes of a store, for Parse.
func ReadStore(n Named) ([]byte, error) {
	size, err := n.Store.Size()
	if err != nil {
		return nil, &StoreError{n.Name, "size", err}
	}
	data := make([]byte, size)
	if k, err := n.Store.ReadAt(data, 0); k < len(data) {
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		return nil, &StoreError{n.Name, "read", err}
	}
	return data, nil
}

// attach adds an empty store and writes the whole chain to it. The header goes
// last: until it is there, Parse calls the copy damaged instead of taking a part
// for the whole.
func (w *Writer) attach(n Named) error {
	for _, s := range w.stores {
		if s.name == n.Name {
			return fmt.Errorf("journal: %s: a store of this name is there already: use Reattach", n.Name)
		}
	}
	data, err := w.readAll(n)
	if err != nil {
		return err
	}
	if !allZero(data) {
		return &StoreError{n.Name, "read", &Error{Kind: ErrForeign, Detail: "not empty", Next: "make a new file for this run"}}
	}
	if len(w.buf) > FrameSize {
		if err := writeSync(n.Name, n.Store, w.buf[FrameSize:], FrameSize); err != nil {
			return err
		}
	}
	if err := writeSync(n.Name, n.Store, w.buf[:FrameSize], 0); err != nil {
		return err
	}
	w.addSlot(&slot{name: n.Name, store: n.Store, durable: int64(len(w.buf))})
	return nil
}

func (w *Writer) addSlot(s *slot) {
	w.change(func() { w.stores = append(w.stores, s) })
}
