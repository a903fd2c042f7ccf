package journal

import (
	"bytes"
	"errors"
	"fmt"
)

// Resume goes on with the journal of a run that was cut off. It reads and
// verifies every store, takes the longest chain, brings shorter copies of it up
// to the same head, and appends a resumed record that tells what was found. It
// returns the log as it was found, for the caller to learn how far the drives
// were.
//
// A store that is damaged, foreign or diverged is an error and nothing is
// written; the caller decides whether to go on without it. A store without a
// whole header is a mirror that was never begun; it is filled. A run that was closed
// cannot be resumed (ErrClosed).
func Resume(tool string, o Options, stores ...Named) (*Writer, *Log, error) {
	logs, err := readLogs(stores)
	if err != nil {
		return nil, nil, err
	}
	var begun []*Log
	for _, l := range logs {
		if len(l.Records) > 0 {
			begun = append(begun, l)
		}
	}
	best, err := Merge(begun...)
	if err != nil {
		return nil, nil, err
	}
	if best.Report.Closed {
		return nil, best, &Error{Kind: ErrClosed, Offset: best.Report.Used, Next: "the run came to its end; begin a new one"}
	}
	w, err := newWriter(best.Header, o)
	if err != nil {
		return nil, best, err
	}
	w.adopt(best)
	payload := ResumedPayload{Tool: tool, Head: best.Head()}
	for i, n := range stores {
		if r := logs[i].Report; r.TornBytes > payload.TornBytes {
			payload.TornOffset, payload.TornBytes = r.TornOffset, r.TornBytes
		}
		if logs[i] == best {
			payload.Store = n.Name
		}
		if err := w.rejoin(n, logs[i]); err != nil {
			return nil, best, err
		}
	}
	rec, err := w.add(TypeResumed, payload)
	if err != nil {
		return nil, best, err
	}
	w.flush()
	return w, best, w.durability(rec)
}

// readLogs parses every store; a log without records stands for a store of
// zeros, or one whose header was cut.
func readLogs(stores []Named) ([]*Log, error) {
	var logs []*Log
	begun := false
	var empty error
	for _, n := range stores {
		data, err := ReadStore(n)
		if err != nil {
			return nil, err
		}
		l, err := Parse(data)
		switch {
		case err == nil:
			begun = true
		case errors.Is(err, ErrEmpty):
			empty = &StoreError{n.Name, "read", err}
		default:
			return nil, &StoreError{n.Name, "read", err}
		}
		logs = append(logs, l)
	}
	if !begun && empty != nil {
		return nil, empty
	}
	return logs, nil
}

// adopt takes over a verified chain.
func (w *Writer) adopt(l *Log) {
	w.buf = bytes.Clone(l.used)
	w.head = l.Head()
	for _, r := range l.Records {
		w.starts = append(w.starts, r.Offset)
	}
}

// rejoin brings one store up to the adopted chain.
func (w *Writer) rejoin(n Named, l *Log) error {
	if len(l.Records) == 0 {
		if r := l.Report; r.TornBytes > 0 { // its header was being written
			if err := writeSync(n.Name, n.Store, make([]byte, r.TornBytes), r.TornOffset); err != nil {
				return err
			}
		}
		return w.attach(n)
	}
	if l.Report.Size != w.header.Capacity {
		return &StoreError{n.Name, "size", fmt.Errorf("%d bytes, the journal was made with %d: %w",
			l.Report.Size, w.header.Capacity, ErrTruncated)}
	}
	if err := wipeTorn(n, l.Report.Used, l.Report.TornBytes); err != nil {
		return err
	}
	s := &slot{name: n.Name, store: n.Store, durable: l.Report.Used}
	if err := w.follow(s); err != nil {
		return err
	}
	w.addSlot(s)
	return nil
}
