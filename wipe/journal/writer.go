package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Options of a Writer.
type Options struct {
	// Now is the claimed time, Monotonic the time since the process began.
	// Both are needed.
	Now       func() time.Time
	Monotonic func() time.Duration
	// Reserve is how many bytes at the end only records that matter more than
	// progress, ticks and notes may use. 0 means DefaultReserve.
	Reserve int64
}

// DefaultReserve keeps room for the intents, results and outcomes of some drives.
const DefaultReserve = 64 << 10

// keepFrames is kept at the very end for the writer's own records, so that a
// store's failure can be told even in a full journal.
const keepFrames = 8

// Writer appends records. It keeps the whole chain in memory, so that it goes
// on without a store and can be given to another. It may be used from several
// goroutines; records get their order from the order of the calls. A store that
// hangs holds up Append, but none of the methods that only tell the state.
type Writer struct {
	op     sync.Mutex // held by whoever changes the chain or the stores, also during I/O
	mu     sync.Mutex // guards all below for those who only look; its holder does no I/O
	header Header     // never changes
	opts   Options    // never changes

	buf     []byte  // all frames
	starts  []int64 // offset of each record
	head    Hash
	stores  []*slot
	closed  bool // a closing record stands at the end
	stopped bool // Close was called
}

// NotDurable tells that a record is in the chain but not on stable storage
// everywhere. errors.Is(err, ErrDetached) finds it.
type NotDurable struct {
	Record Record
	Failed []StoreState // the stores that do not have it; empty when there is no store at all
}

// Error names the record, the stores and the next step.
func (e *NotDurable) Error() string {
	var why []string
	for _, s := range e.Failed {
		why = append(why, fmt.Sprintf("%s: %v", s.Name, s.Err))
	}
	if len(e.Failed) == 0 {
		why = append(why, "no store")
	}
	return fmt.Sprintf("journal: record %d (%s): %v: %s; begin no new step, insert this stick again or another of the case",
		e.Record.Seq, e.Record.Type, ErrDetached, strings.Join(why, "; "))
}

// Unwrap gives ErrDetached and the stores' errors.
func (e *NotDurable) Unwrap() []error {
	errs := []error{ErrDetached}
	for _, s := range e.Failed {
		errs = append(errs, s.Err)
	}
	return errs
}

// Create begins a run's journal on empty stores of h.Capacity bytes (0: the
// first store's size) and writes its header. On error nothing may be relied on,
// and no store is closed.
func Create(h Header, o Options, stores ...Named) (*Writer, error) {
	if len(stores) == 0 {
		return nil, &Error{Kind: ErrDetached, Detail: "no store", Next: "give a place for the record"}
	}
	if h.Capacity == 0 {
		size, err := stores[0].Store.Size()
		if err != nil {
			return nil, &StoreError{stores[0].Name, "size", err}
		}
		h.Capacity = size
	}
	w, err := newWriter(h, o)
	if err != nil {
		return nil, err
	}
	if _, err := w.add(TypeHeader, h); err != nil {
		return nil, err
	}
	for _, n := range stores {
		if err := w.attach(n); err != nil {
			return nil, err
		}
	}
	return w, nil
}

func newWriter(h Header, o Options) (*Writer, error) {
	if o.Now == nil || o.Monotonic == nil {
		return nil, errors.New("journal: options: a clock is missing: set Now and Monotonic")
	}
	if o.Reserve == 0 {
		o.Reserve = DefaultReserve
	}
	if h.Run == (RunID{}) {
		return nil, errors.New("journal: header: no run id: give 128 random bits")
	}
	if h.Capacity%FrameSize != 0 || h.Capacity < 4*keepFrames*FrameSize {
		return nil, fmt.Errorf("journal: header: capacity %d: want a multiple of %d, at least %d",
			h.Capacity, FrameSize, 4*keepFrames*FrameSize)
	}
	return &Writer{header: h, opts: o}, nil
}

// Append adds one record and returns when every store has it on stable storage.
// payload is anything encoding/json takes; json.RawMessage is stored as it is,
// compacted. With *NotDurable the record is in the chain all the same; with any
// other error it is not.
func (w *Writer) Append(t Type, payload any) (Record, error) {
	w.op.Lock()
	defer w.op.Unlock()
	if w.stopped || w.closed {
		return Record{}, &Error{Kind: ErrClosed, Detail: "record " + string(t), Next: "begin a new run"}
	}
	if w.reserved(t) || !t.valid() {
		return Record{}, fmt.Errorf("journal: record type %q cannot be appended: use another type", t)
	}
	rec, err := w.add(t, payload)
	if err != nil {
		return Record{}, err
	}
	w.change(func() { w.closed = t == TypeClosed })
	w.flush()
	return rec, w.durability(rec)
}

// reserved says that only the writer itself makes records of type t.
func (w *Writer) reserved(t Type) bool {
	return t == TypeHeader || t == TypeResumed || t == TypeDetached || t == TypeReattached
}

// add puts a record into the chain in memory.
func (w *Writer) add(t Type, payload any) (Record, error) {
	raw, err := compact(payload)
	if err != nil {
		return Record{}, &Error{Kind: ErrPayload, Offset: int64(len(w.buf)), Detail: fmt.Sprintf("record %s: %v", t, err),
			Next: "mend the program"}
	}
	if len(raw) > MaxPayload {
		return Record{}, &Error{Kind: ErrTooLong, Offset: int64(len(w.buf)),
			Detail: fmt.Sprintf("record %s: %d bytes, at most %d", t, len(raw), MaxPayload), Next: "split it"}
	}
	frames := framesFor(len(raw))
	if free := w.free(t); int64(frames)*FrameSize > free {
		return Record{}, &Error{Kind: ErrFull, Offset: int64(len(w.buf)),
			Detail: fmt.Sprintf("record %s takes %d bytes, %d are free for it", t, frames*FrameSize, max(0, free)),
			Next:   "end this run and begin another, whose header names this head"}
	}
	rec := Record{Seq: uint64(len(w.starts)), Type: t, Wall: w.opts.Now().Round(0).UTC(), Mono: w.opts.Monotonic(),
		InMemory: w.anyDetached(), Payload: raw, Offset: int64(len(w.buf)), Frames: frames}
	first := frame{run: w.header.Run, index: uint64(len(w.buf) / FrameSize), seq: rec.Seq, typ: t,
		wall: rec.Wall.UnixNano(), mono: int64(rec.Mono), prev: w.head}
	if rec.InMemory {
		first.flags |= flagInMemory
	}
	w.change(func() {
		w.starts = append(w.starts, rec.Offset)
		w.buf, w.head = encodeRecord(w.buf, first, raw)
	})
	rec.Hash = w.head
	return rec, nil
}

func compact(payload any) (json.RawMessage, error) {
	raw, ok := payload.(json.RawMessage)
	if !ok {
		return json.Marshal(payload)
	}
	var b bytes.Buffer
	err := json.Compact(&b, raw)
	return b.Bytes(), err
}

// free is how many bytes a record of type t may still take.
func (w *Writer) free(t Type) int64 {
	free := w.header.Capacity - int64(len(w.buf))
	switch {
	case w.reserved(t):
		return free
	case t == TypeProgress || t == TypeTick || t == TypeNote:
		return free - max(w.opts.Reserve, keepFrames*FrameSize)
	}
	return free - keepFrames*FrameSize
}

// durability is nil, or tells which stores lack the record.
func (w *Writer) durability(rec Record) error {
	var failed []StoreState
	for _, s := range w.stores {
		if s.err != nil {
			failed = append(failed, w.state(s))
		}
	}
	if len(failed) == 0 && len(w.stores) > 0 {
		return nil
	}
	return &NotDurable{Record: rec, Failed: failed}
}

// change lets f change the state. Only the holder of op may call it; it may
// also look at the state without mu, for nobody else changes it.
func (w *Writer) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// Durable says that every store has every record.
func (w *Writer) Durable() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.stores {
		if s.err != nil || s.durable < int64(len(w.buf)) {
			return false
		}
	}
	return len(w.stores) > 0
}

// Head is the hash of the last record.
func (w *Writer) Head() Hash {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.head
}

// Seq is the number of the last record.
func (w *Writer) Seq() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return uint64(len(w.starts) - 1)
}

// Header is what the first record says.
func (w *Writer) Header() Header { return w.header }

// Free is how many bytes progress records may still take.
func (w *Writer) Free() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return max(0, w.free(TypeProgress))
}

// Stores tells how each store stands.
func (w *Writer) Stores() []StoreState {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []StoreState
	for _, s := range w.stores {
		all = append(all, w.state(s))
	}
	return all
}

// Bytes returns the used frames as they are now, for ParseExcerpt.
func (w *Writer) Bytes() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.buf)
}

// Close closes the stores. It appends nothing: a run that came to its end has a
// closing record already, and one that has none was interrupted.
func (w *Writer) Close() error {
	w.op.Lock()
	defer w.op.Unlock()
	if w.stopped {
		return nil
	}
	w.change(func() { w.stopped = true })
	var errs []error
	for _, s := range w.stores {
		if err := s.store.Close(); err != nil && s.err == nil {
			errs = append(errs, &StoreError{s.name, "close", err})
		}
	}
	return errors.Join(errs...)
}

// recordsIn is how many whole records lie within the first n bytes.
func (w *Writer) recordsIn(n int64) uint64 {
	i, found := slices.BinarySearch(w.starts, n)
	if !found && n < int64(len(w.buf)) {
		i-- // n lies within record i-1
	}
	return uint64(max(0, i))
}
