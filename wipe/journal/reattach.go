package journal

import (
	"errors"
	"fmt"
	"slices"
)

// Attach gives the whole chain to a further store: an empty file of the same
// size, for instance on another stick of the case. A detached store stays
// detached until Drop or Reattach.
func (w *Writer) Attach(n Named) error {
	w.op.Lock()
	defer w.op.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	if err := w.attach(n); err != nil {
		return err
	}
	return w.tell(StorePayload{Store: n.Name, Op: "attach", Seq: uint64(len(w.starts) - 1)})
}

// Drop gives up a detached store for good: another one has taken its place. The
// chain says so. The store is not closed.
func (w *Writer) Drop(name string) error {
	w.op.Lock()
	defer w.op.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	s, i := w.slot(name)
	if s == nil || s.err == nil {
		return fmt.Errorf("journal: %s: not a detached store: nothing to drop", name)
	}
	if len(w.stores) == 1 {
		return fmt.Errorf("journal: %s: the only store: attach another first", name)
	}
	w.change(func() { w.stores = slices.Delete(w.stores, i, i+1) })
	return w.tell(StorePayload{Store: name, Op: "drop", Seq: w.recordsIn(s.durable)})
}

// Reattach brings a detached store back, perhaps opened anew. What lies on it
// must be a prefix of this chain and hold at least every record that was
// acknowledged; then the records kept in memory are written to it. The error's
// kind is ErrForeign, ErrRewound, ErrDiverged, ErrAltered or ErrTruncated when
// it is not this journal as it was left; the store then stays as it is.
func (w *Writer) Reattach(n Named) error {
	w.op.Lock()
	defer w.op.Unlock()
	if err := w.usable(); err != nil {
		return err
	}
	s, _ := w.slot(n.Name)
	if s == nil || s.err == nil {
		return fmt.Errorf("journal: %s: not a detached store: nothing to reattach", n.Name)
	}
	data, err := w.readAll(n)
	if err != nil {
		return err
	}
	p, err := w.prefix(s, data)
	if err != nil {
		return &StoreError{n.Name, "read", err}
	}
	if err := wipeTorn(n, p.used, p.torn); err != nil {
		return err
	}
	fresh := &slot{name: n.Name, store: n.Store, durable: p.used}
	if err := w.follow(fresh); err != nil {
		return err
	}
	w.change(func() { *s = *fresh })
	return w.tell(StorePayload{Store: n.Name, Op: "reattach", Seq: p.records - 1, TornBytes: p.torn})
}

// found is what a store had when it came back.
type found struct {
	used, torn int64
	records    uint64
}

// prefix checks that data is a prefix of the chain that holds at least what s
// acknowledged.
func (w *Writer) prefix(s *slot, data []byte) (found, error) {
	log, err := Parse(data)
	if len(log.Records) > 0 && log.Header.Run != w.header.Run {
		return found{}, &Error{Kind: ErrForeign, Detail: fmt.Sprintf("run %v, expected %v", log.Header.Run, w.header.Run),
			Next: nextOther}
	}
	if err != nil && !errors.Is(err, ErrEmpty) {
		return found{}, err
	}
	used := log.Report.Used
	if n := int64(commonFrames(log.used, w.buf)); n < used {
		return found{}, &Error{Kind: ErrDiverged, Offset: n, Detail: "it holds records that this run did not make",
			Next: "keep it as it is and attach an empty file instead"}
	}
	if used < s.durable {
		return found{}, &Error{Kind: ErrRewound, Offset: used,
			Detail: fmt.Sprintf("it has %d records, %d were acknowledged", len(log.Records), w.recordsIn(s.durable)),
			Next:   "the medium loses what it stored, or an old copy was put on it: attach an empty file on another stick"}
	}
	return found{used: used, torn: log.Report.TornBytes, records: uint64(len(log.Records))}, nil
}

// wipeTorn zeroes what an unfinished write left behind its first frame, so that
// nothing of it can be taken for a part of the next record. The first frame
// stays until the next record overwrites it: should the power fail between, the
// tail is still reported.
func wipeTorn(n Named, used, torn int64) error {
	if torn <= FrameSize {
		return nil
	}
	return writeSync(n.Name, n.Store, make([]byte, torn-FrameSize), used+FrameSize)
}

// tell appends a reattached record, unless the run's closing record stands: then
// the stores only follow up to it.
func (w *Writer) tell(p StorePayload) error {
	if w.closed {
		return w.durability(Record{Seq: uint64(len(w.starts) - 1), Type: TypeClosed, Hash: w.head})
	}
	rec, err := w.add(TypeReattached, p)
	if err != nil {
		return err
	}
	w.flush()
	return w.durability(rec)
}

func (w *Writer) usable() error {
	if w.stopped {
		return &Error{Kind: ErrClosed, Next: "resume the run, or begin a new one"}
	}
	return nil
}

func (w *Writer) slot(name string) (*slot, int) {
	for i, s := range w.stores {
		if s.name == name {
			return s, i
		}
	}
	return nil, -1
}
