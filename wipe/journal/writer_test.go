package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// parsed reads a medium as it would be found after a power cut.
func parsed(t *testing.T, data []byte) *Log {
	t.Helper()
	log, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestAppendIsDurable(t *testing.T) {
	a, b := newMedium(capacity), newMedium(capacity)
	w := begin(t, a, b)
	for i := range 5 {
		r := put(t, w, TypeIntent, i*300)
		for _, m := range []*medium{a, b} {
			log := parsed(t, m.stable)
			if got := log.Records[len(log.Records)-1]; got.Hash != r.Hash || got.Seq != r.Seq || log.Head() != w.Head() {
				t.Fatalf("record %d is not on the medium when Append returns", r.Seq)
			}
		}
	}
	if !w.Durable() || w.Seq() != 5 || !bytes.Equal(a.stable, b.stable) {
		t.Errorf("durable %v, seq %d", w.Durable(), w.Seq())
	}
	if log, err := ParseExcerpt(w.Bytes()); err != nil || log.Head() != w.Head() {
		t.Errorf("excerpt: %v", err)
	}
}

func TestRefusedRecords(t *testing.T) {
	m := newMedium(capacity)
	w := begin(t, m)
	head, before := w.Head(), bytes.Clone(m.stable)
	for name, c := range map[string]struct {
		typ     Type
		payload any
		want    error
	}{
		"not JSON":       {TypeNote, json.RawMessage("{"), ErrPayload},
		"no JSON type":   {TypeNote, func() {}, ErrPayload},
		"too long":       {TypeNote, strings.Repeat("x", MaxPayload), ErrTooLong},
		"larger than it": {TypeNote, strings.Repeat("x", capacity), ErrFull},
		"header":         {TypeHeader, 1, nil},
		"resumed":        {TypeResumed, 1, nil},
		"bad type":       {"A type", 1, nil},
		"long type":      {"abcdefghijklmnopq", 1, nil},
	} {
		_, err := w.Append(c.typ, c.payload)
		if err == nil || c.want != nil && !errors.Is(err, c.want) || errors.Is(err, ErrDetached) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.Head() != head || !bytes.Equal(m.stable, before) {
		t.Error("a refused record left something")
	}
}

func TestFull(t *testing.T) {
	m := newMedium(capacity)
	w := begin(t, m)
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = w.Append(TypeProgress, ProgressPayload{Drive: "S3Z8", Offset: int64(n)})
	}
	f, ok := errors.AsType[*Error](err)
	if !errors.Is(err, ErrFull) || !ok || f.Next == "" || w.Free() >= FrameSize {
		t.Fatalf("%v, %d free", err, w.Free())
	}
	kept := 0
	for err = nil; err == nil; kept++ {
		_, err = w.Append(TypeOutcome, payload(0))
	}
	if !errors.Is(err, ErrFull) || n+kept-2+1 != capacity/FrameSize-keepFrames {
		t.Errorf("%v after %d progress and %d outcomes", err, n-1, kept-1)
	}
	parsed(t, m.stable)
}

func TestClosed(t *testing.T) {
	m := newMedium(capacity)
	w := begin(t, m)
	put(t, w, TypeClosed, 0)
	if _, err := w.Append(TypeNote, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if log := parsed(t, m.stable); !log.Report.Closed {
		t.Error("not closed")
	}
	if _, _, err := Resume("t", ticking(), Named{"a", m}); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := w.Close(); err != nil || !m.closed {
		t.Errorf("%v", err)
	}
}

func TestCreateRefuses(t *testing.T) {
	used := newMedium(capacity)
	used.cache[capacity-1] = 1
	noRun, odd := header(), header()
	noRun.Run, odd.Capacity = RunID{}, capacity+1
	for name, c := range map[string]struct {
		h      Header
		o      Options
		stores []Named
	}{
		"not empty":    {header(), ticking(), []Named{{"a", used}}},
		"another size": {header(), ticking(), []Named{{"a", newMedium(capacity + FrameSize)}}},
		"no store":     {header(), ticking(), nil},
		"same name":    {header(), ticking(), []Named{{"a", newMedium(capacity)}, {"a", newMedium(capacity)}}},
		"no clock":     {header(), Options{}, []Named{{"a", newMedium(capacity)}}},
		"no run":       {noRun, ticking(), []Named{{"a", newMedium(capacity)}}},
		"odd capacity": {odd, ticking(), []Named{{"a", newMedium(capacity + 1)}}},
		"too small":    {Header{Run: RunID{1}}, ticking(), []Named{{"a", newMedium(FrameSize)}}},
	} {
		if _, err := Create(c.h, c.o, c.stores...); err == nil {
			t.Errorf("%s: made", name)
		}
	}
	if used.ops > 0 {
		t.Error("a used file was written to")
	}
}

// TestOneOfTwoFails: the run goes on, says which store failed, and the other
// one tells it.
func TestOneOfTwoFails(t *testing.T) {
	for name, fail := range map[string]func(*medium){
		"pulled": func(m *medium) { m.pulled = true }, "short write": func(m *medium) { m.short = true },
		"sync fails": func(m *medium) { m.cutAt = m.ops + 2 },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newMedium(capacity), newMedium(capacity)
			w := begin(t, a, b)
			put(t, w, TypePlan, 0)
			fail(b)
			r, err := w.Append(TypeIntent, payload(500))
			lost, ok := errors.AsType[*NotDurable](err)
			if !ok || !errors.Is(err, ErrDetached) || len(lost.Failed) != 1 || lost.Failed[0].Name != "store 1" ||
				lost.Failed[0].Records != 2 || lost.Record.Seq != r.Seq || !strings.Contains(err.Error(), "store 1") {
				t.Fatalf("%v", err)
			}
			if _, err = w.Append(TypeNote, payload(0)); !errors.Is(err, ErrDetached) || w.Durable() {
				t.Fatalf("a further record is not durable everywhere either: %v", err)
			}
			log := parsed(t, a.stable)
			var types []Type
			for _, r := range log.Records {
				types = append(types, r.Type)
			}
			if !slices.Equal(types, []Type{TypeHeader, TypePlan, TypeIntent, TypeDetached, TypeNote}) {
				t.Errorf("%v", types)
			}
			var p StorePayload
			if err := json.Unmarshal(log.Records[3].Payload, &p); err != nil || p.Store != "store 1" || p.Seq != 2 {
				t.Errorf("%v %+v", err, p)
			}
			if !log.Records[4].InMemory || log.Records[2].InMemory {
				t.Error("records made while a store was missing are not marked")
			}
			s := w.Stores()
			if s[0].Records != 5 || !s[0].Attached || s[1].Records != 2 || s[1].Attached || s[1].Err == nil {
				t.Errorf("%+v", s)
			}
		})
	}
}

// pullAndReturn makes a run that loses its only store and goes on for a while.
func pullAndReturn(t *testing.T) (*Writer, *medium) {
	t.Helper()
	m := newMedium(capacity)
	w := begin(t, m)
	put(t, w, TypePlan, 500)
	m.pulled = true
	for i := range 4 {
		if _, err := w.Append(TypeProgress, payload(i*200)); !errors.Is(err, ErrDetached) {
			t.Fatalf("%v", err)
		}
	}
	return w, m
}

func TestReattach(t *testing.T) {
	for name, torn := range map[string]func([]byte){
		"clean": func([]byte) {},
		"torn":  func(d []byte) { copy(d[4*FrameSize:], "half a fra"); copy(d[6*FrameSize:], "more") },
	} {
		t.Run(name, func(t *testing.T) {
			w, m := pullAndReturn(t)
			back := from(m.stable)
			torn(back.cache)
			if err := w.Reattach(Named{"store 0", back}); err != nil {
				t.Fatal(err)
			}
			if !w.Durable() {
				t.Error("not durable")
			}
			put(t, w, TypeIntent, 10)
			log := parsed(t, back.stable)
			if log.Head() != w.Head() || log.Report.TornBytes != 0 {
				t.Errorf("%+v", log.Report)
			}
			last := log.Records[len(log.Records)-2]
			var p StorePayload
			if err := json.Unmarshal(last.Payload, &p); err != nil || last.Type != TypeReattached || p.Seq != 1 ||
				(p.TornBytes > 0) != (name == "torn") {
				t.Errorf("%v: %s %+v", err, last.Type, p)
			}
			if last.InMemory || !log.Records[4].InMemory {
				t.Error("marks")
			}
		})
	}
}

func TestReattachRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(d []byte) []byte
		want  error
	}{
		"an older copy":       {func(d []byte) []byte { clear(d[FrameSize:]); return d }, ErrRewound},
		"an empty file":       {func(d []byte) []byte { return make([]byte, len(d)) }, ErrRewound},
		"altered":             {func(d []byte) []byte { d[100]++; return d }, ErrAltered},
		"another run":         {func([]byte) []byte { return foreign(t) }, ErrForeign},
		"another size":        {func(d []byte) []byte { return append(d, make([]byte, FrameSize)...) }, ErrTruncated},
		"continued by others": {func(d []byte) []byte { return forge(d, 3, func(*frame) {}) }, ErrDiverged},
	} {
		t.Run(name, func(t *testing.T) {
			w, m := pullAndReturn(t)
			back := from(c.spoil(bytes.Clone(m.stable)))
			before := bytes.Clone(back.cache)
			err := w.Reattach(Named{"store 0", back})
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if !bytes.Equal(before, back.cache) || w.Durable() {
				t.Error("a refused store was written to")
			}
			fresh := newMedium(capacity)
			if err := w.Attach(Named{"new stick", fresh}); !errors.Is(err, ErrDetached) {
				t.Fatalf("the lost store is still missing: %v", err)
			}
			if err := w.Drop("store 0"); err != nil || !w.Durable() {
				t.Fatalf("%v", err)
			}
			if log := parsed(t, fresh.stable); log.Head() != w.Head() {
				t.Error("the new stick does not hold the record")
			}
		})
	}
}

func foreign(t *testing.T) []byte {
	h := header()
	h.Run[3]++
	m := newMedium(capacity)
	if _, err := Create(h, ticking(), Named{"x", m}); err != nil {
		t.Fatal(err)
	}
	return m.stable
}

func TestReattachOnlyWhatIsDetached(t *testing.T) {
	m := newMedium(capacity)
	w := begin(t, m)
	if w.Reattach(Named{"store 0", m}) == nil || w.Reattach(Named{"x", m}) == nil || w.Drop("store 0") == nil {
		t.Error("accepted")
	}
}

func TestClosingRecordReachesTheStoreLater(t *testing.T) {
	w, m := pullAndReturn(t)
	if _, err := w.Append(TypeClosed, payload(0)); !errors.Is(err, ErrDetached) {
		t.Fatalf("%v", err)
	}
	back := from(m.stable)
	if err := w.Reattach(Named{"store 0", back}); err != nil {
		t.Fatal(err)
	}
	if log := parsed(t, back.stable); !log.Report.Closed || log.Head() != w.Head() {
		t.Errorf("%+v", log.Report)
	}
}

func TestPacer(t *testing.T) {
	p := NewPacer(time.Second) // shorter than allowed
	type call struct {
		drive   string
		now     time.Duration
		flushed bool
		want    bool
	}
	for i, c := range []call{
		{"a", 0, false, false}, {"a", 0, true, true}, {"a", 9 * time.Second, true, false}, {"b", 9 * time.Second, true, true},
		{"a", 10 * time.Second, false, false}, {"a", 10 * time.Second, true, true}, {"b", 18 * time.Second, true, false},
	} {
		if got := p.Due(c.drive, c.now, c.flushed); got != c.want {
			t.Errorf("call %d: %v", i, got)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	m := newMedium(capacity)
	w := begin(t, m)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				if _, err := w.Append(TypeProgress, payload(0)); err != nil {
					t.Error(err)
				}
				w.Head()
				w.Durable()
				w.Stores()
				w.Bytes()
			}
		})
	}
	all.Wait()
	if log := parsed(t, m.stable); len(log.Records) != 41 || log.Head() != w.Head() {
		t.Errorf("%d records", len(log.Records))
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	path, mirror := filepath.Join(dir, "run.journal"), filepath.Join(dir, "mirror.journal")
	var stores []Named
	for _, p := range []string{path, mirror} {
		f, err := CreateFile(p, capacity)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := f.Size(); err != nil || n != capacity {
			t.Fatalf("%d, %v", n, err)
		}
		stores = append(stores, Named{filepath.Base(p), f})
	}
	if _, err := CreateFile(path, capacity); err == nil {
		t.Error("an existing file was replaced")
	}
	w, err := Create(header(), ticking(), stores...)
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, TypeIntent, 700)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Append(TypeNote, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w, log, err := Resume("t", ticking(), Named{"run.journal", f})
	if err != nil || len(log.Records) != 2 {
		t.Fatalf("%v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.new")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := OpenFile(filepath.Join(dir, "none")); err == nil {
		t.Error("opened nothing")
	}
}
