package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"hash/crc32"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata anew")

func TestParse(t *testing.T) {
	data := sample(t)
	log, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	var types []Type
	var frames []int
	for i, r := range log.Records {
		types, frames = append(types, r.Type), append(frames, r.Frames)
		if r.Seq != uint64(i) || r.Wall.Nanosecond() != 123456789 || r.InMemory {
			t.Errorf("record %d: %+v", i, r)
		}
	}
	if !slices.Equal(types, []Type{TypeHeader, TypePlan, TypeIntent, TypeProgress, TypeResult}) ||
		!slices.Equal(frames, []int{1, 3, 1, 1, 2}) {
		t.Errorf("%v, %v", types, frames)
	}
	h := header()
	if log.Header != h || log.Records[1].Drive() != "S3Z8" || log.Records[0].Drive() != "" {
		t.Errorf("header %+v, drive %q", log.Header, log.Records[1].Drive())
	}
	if r := log.Report; r.TornBytes != 0 || r.Used != 8*FrameSize || r.Size != capacity || r.Closed {
		t.Errorf("report %+v", r)
	}
	again, err := ParseExcerpt(log.Bytes())
	if err != nil || again.Head() != log.Head() {
		t.Errorf("excerpt: %v", err)
	}
}

// TestGolden holds the format: what was written by an earlier version must be
// read by this one, and the same records must give the same bytes.
func TestGolden(t *testing.T) {
	const path = "testdata/v1.journal"
	log, err := Parse(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, log.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(log.Bytes(), want) {
		t.Error("the format changed: give it a new version")
	}
	if _, err := ParseExcerpt(want); err != nil {
		t.Error(err)
	}
}

// TestTornTail cuts the last record at every byte, and leaves every other set of
// its frames out.
func TestTornTail(t *testing.T) {
	whole := sample(t)
	full, err := Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	last := full.Records[len(full.Records)-1]
	end := int(last.Offset) + last.Frames*FrameSize
	check := func(name string, data []byte) {
		log, err := Parse(data)
		switch {
		case err != nil:
			t.Fatalf("%s: %v", name, err)
		case bytes.Equal(data, whole):
			return
		case len(log.Records) != len(full.Records)-1 || log.Head() != full.Records[len(full.Records)-2].Hash:
			t.Fatalf("%s: %d records", name, len(log.Records))
		case (log.Report.TornBytes > 0) == allZero(data[last.Offset:]):
			t.Fatalf("%s: torn %d bytes", name, log.Report.TornBytes)
		case log.Report.TornBytes > 0 && log.Report.TornOffset != last.Offset:
			t.Fatalf("%s: torn at %d", name, log.Report.TornOffset)
		}
	}
	for n := int(last.Offset); n < end; n++ {
		zeros, ones := bytes.Clone(whole), bytes.Clone(whole)
		clear(zeros[n:end])
		check("zeros behind", zeros)
		for i := n; i < end; i++ {
			ones[i] = 0xff
		}
		check("erased flash behind", ones)
	}
	second := bytes.Clone(whole)
	clear(second[last.Offset : last.Offset+FrameSize])
	check("only the second frame", second)
}

// TestEveryBitCounts flips each bit of a journal: no flip may go unnoticed, and
// no record before the flip may be lost.
func TestEveryBitCounts(t *testing.T) {
	data := sample(t)
	full, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	last := full.Records[len(full.Records)-1]
	for bit := range (int(full.Report.Used) + 2*FrameSize) * 8 {
		data[bit/8] ^= 1 << (bit % 8)
		log, err := Parse(data)
		at := int64(bit / 8)
		switch {
		case err == nil && log.Report.TornBytes == 0:
			t.Fatalf("bit %d: not noticed", bit)
		case at < last.Offset && err == nil:
			t.Fatalf("bit %d: damage in front of a whole record passes as a torn tail", bit)
		case at < FrameSize:
		case !isFinding(err) && err != nil:
			t.Fatalf("bit %d: %v", bit, err)
		default:
			for i, r := range log.Records {
				if r.Hash != full.Records[i].Hash {
					t.Fatalf("bit %d: record %d is another", bit, i)
				}
			}
			if n := before(full, at); len(log.Records) < n {
				t.Fatalf("bit %d: %d records kept, %d lie before it", bit, len(log.Records), n)
			}
		}
		data[bit/8] ^= 1 << (bit % 8)
	}
}

func isFinding(err error) bool {
	_, ok := errors.AsType[*Error](err)
	return ok
}

// before counts the records that end at or before a byte.
func before(l *Log, at int64) int {
	return len(slices.DeleteFunc(slices.Clone(l.Records), func(r Record) bool {
		return r.Offset+int64(r.Frames)*FrameSize > at
	}))
}

func TestFindings(t *testing.T) {
	data := sample(t)
	// frames: 0 header, 1–3 plan, 4 intent, 5 progress, 6–7 result
	other := header()
	other.Run[0]++
	om := newMedium(capacity)
	ow, err := Create(other, ticking(), Named{"other", om})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		put(t, ow, TypeNote, 0)
	}
	frameOf := func(d []byte, i int) []byte { return d[i*FrameSize : (i+1)*FrameSize] }
	cases := map[string]struct {
		spoil func([]byte) []byte
		want  error
		kept  int
	}{
		"a frame zeroed":      {func(d []byte) []byte { clear(frameOf(d, 4)); return d }, ErrGap, 2},
		"a frame overwritten": {func(d []byte) []byte { copy(frameOf(d, 4), "x"); return d }, ErrAltered, 2},
		"a record taken out": {func(d []byte) []byte {
			return append(slices.Delete(d, 4*FrameSize, 5*FrameSize), zeroFrame...)
		}, ErrGap, 2},
		"two frames changed places": {func(d []byte) []byte {
			a := bytes.Clone(frameOf(d, 4))
			copy(frameOf(d, 4), frameOf(d, 5))
			copy(frameOf(d, 5), a)
			return d
		}, ErrGap, 2},
		"an old record again":               {func(d []byte) []byte { copy(frameOf(d, 8), frameOf(d, 4)); return d }, ErrRewound, 5},
		"the header again":                  {func(d []byte) []byte { copy(frameOf(d, 8), frameOf(d, 0)); return d }, ErrRewound, 5},
		"another run's record":              {func(d []byte) []byte { copy(frameOf(d, 8), frameOf(om.stable, 8)); return d }, ErrForeign, 5},
		"another run's record behind a gap": {func(d []byte) []byte { copy(frameOf(d, 9), frameOf(om.stable, 9)); return d }, ErrForeign, 5},
		"an old record behind a gap":        {func(d []byte) []byte { copy(frameOf(d, 9), frameOf(d, 4)); return d }, ErrRewound, 5},
		"forged without the chain":          {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.prev[0]++ }) }, ErrAltered, 5},
		"forged with the chain broken behind": {func(d []byte) []byte {
			return forge(d, 4, func(f *frame) { f.payload = []byte(`{}`); f.total = 2; f.seq, f.index = 2, 4 })
		}, ErrAltered, 3},
		"second header":            {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.typ = TypeHeader }) }, ErrAltered, 5},
		"continuation of nothing":  {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.flags = flagContinuation }) }, ErrAltered, 5},
		"payload cut wrong":        {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.total = 5 }) }, ErrAltered, 5},
		"payload no JSON":          {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.payload = []byte("{") }) }, ErrAltered, 5},
		"unknown flag":             {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.flags = 1 << 7 }) }, ErrAltered, 5},
		"bad type":                 {func(d []byte) []byte { return forge(d, 8, func(f *frame) { f.typ = "A b" }) }, ErrAltered, 5},
		"shorter, between frames":  {func(d []byte) []byte { return d[:100*FrameSize] }, ErrTruncated, 5},
		"shorter, within a frame":  {func(d []byte) []byte { return d[:100*FrameSize+77] }, ErrTruncated, 5},
		"shorter, within a record": {func(d []byte) []byte { return d[:7*FrameSize] }, ErrTruncated, 4},
		"longer":                   {func(d []byte) []byte { return append(d, zeroFrame...) }, ErrAltered, 5},
		"another version":          {func(d []byte) []byte { d[offVersion] = 2; return d }, ErrVersion, 0},
		"header damaged":           {func(d []byte) []byte { d[200]++; return d }, ErrAltered, 0},
		"header zeroed":            {func(d []byte) []byte { clear(frameOf(d, 0)); return d }, ErrGap, 0},
		"another file":             {func([]byte) []byte { return []byte(strings.Repeat("hello ", 200)) }, ErrNotOurs, 0},
		"zeros":                    {func([]byte) []byte { return make([]byte, capacity) }, ErrEmpty, 0},
		"nothing":                  {func([]byte) []byte { return nil }, ErrEmpty, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			log, err := Parse(c.spoil(bytes.Clone(data)))
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			f, ok := errors.AsType[*Error](err)
			if !ok || f.Next == "" {
				t.Errorf("no next step: %v", err)
			}
			if len(log.Records) != c.kept {
				t.Errorf("%d records kept, want %d", len(log.Records), c.kept)
			}
		})
	}
}

// forge puts a frame that follows the last record at place i, changed by f and
// with right checksums.
func forge(d []byte, i int, change func(*frame)) []byte {
	prev, _ := decode(d[(i-1)*FrameSize : i*FrameSize])
	f := frame{run: prev.run, index: uint64(i), seq: prev.seq + 1, typ: TypeNote, total: 2, payload: []byte("{}"), prev: prev.hash}
	change(&f)
	if len(f.payload) != 2 {
		f.total = len(f.payload)
	}
	clear(d[i*FrameSize : (i+1)*FrameSize])
	f.encode(d[i*FrameSize : (i+1)*FrameSize])
	return d
}

// TestReservedFieldsAreZero: checksums are right, but no writer of version 1
// leaves anything there.
func TestReservedFieldsAreZero(t *testing.T) {
	for _, at := range []int{offFlags + 1, offHere + 2, offHere + 3, offHash - 1} {
		d := forge(sample(t), 8, func(*frame) {})
		b := d[8*FrameSize : 9*FrameSize]
		b[at] = 1
		sum := sha256.Sum256(b[:offHash])
		copy(b[offHash:], sum[:])
		binary.LittleEndian.PutUint32(b[offCRC:], crc32.Checksum(b[:offCRC], castagnoli))
		if log, err := Parse(d); !errors.Is(err, ErrAltered) || len(log.Records) != 5 {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}

// TestTailTooLong: no unfinished write leaves so much.
func TestTailTooLong(t *testing.T) {
	h := header()
	h.Capacity = 4 * maxTorn / FrameSize * FrameSize
	m := newMedium(int(h.Capacity))
	if _, err := Create(h, ticking(), Named{"a", m}); err != nil {
		t.Fatal(err)
	}
	m.stable[FrameSize+maxTorn-1] = 1
	if log, err := Parse(m.stable); err != nil || log.Report.TornBytes != maxTorn {
		t.Errorf("as much as one write leaves: %v, %+v", err, log.Report)
	}
	m.stable[FrameSize+maxTorn] = 1
	if log, err := Parse(m.stable); !errors.Is(err, ErrAltered) || len(log.Records) != 1 {
		t.Errorf("more: %v", err)
	}
}

func TestHeaderOfAnotherRun(t *testing.T) {
	h := header()
	raw, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := encodeRecord(nil, frame{run: RunID{9}, typ: TypeHeader}, raw)
	if _, err := Parse(append(d, make([]byte, capacity-len(d))...)); !errors.Is(err, ErrForeign) {
		t.Errorf("%v", err)
	}
}

func TestExcerpt(t *testing.T) {
	data := sample(t)
	log, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	used := log.Bytes()
	for name, d := range map[string][]byte{
		"zeros behind": data, "a byte short": used[:len(used)-1], "a frame short": used[:len(used)-FrameSize],
		"a byte more": append(bytes.Clone(used), 0),
	} {
		if _, err := ParseExcerpt(d); !errors.Is(err, ErrTruncated) {
			t.Errorf("%s: %v", name, err)
		}
	}
	short, err := ParseExcerpt(used[:4*FrameSize])
	if err != nil || short.Head() == log.Head() {
		t.Errorf("a shorter excerpt has another head, which the certificate names: %v", err)
	}
}

func TestCode(t *testing.T) {
	var h Hash
	for i := range h {
		h[i] = byte(i*37 + 1)
	}
	// the first 60 bits of 01264b7095badf04, made by another program
	if got := Code(h); got != "04K4-PW4N-QBFG" {
		t.Errorf("code %s", got)
	}
	if Code(Hash{}) != "0000-0000-0000" {
		t.Error("zero hash")
	}
	log, err := Parse(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range log.Records {
		code := Code(want.Hash)
		spoken := strings.NewReplacer("-", " ", "0", "o", "1", "l").Replace(strings.ToLower(code))
		for _, c := range []string{code, spoken, strings.ReplaceAll(code, "-", "")} {
			if got, ok := log.Contains(c); !ok || got.Seq != want.Seq {
				t.Errorf("%s: %v, record %d, want %d", c, ok, got.Seq, want.Seq)
			}
		}
	}
	if log.Code() != Code(log.Head()) {
		t.Error("the log's code is not its head's")
	}
	for _, c := range []string{"", "0000-0000-0000", Code(log.Head())[:13], Code(log.Head()) + "0"} {
		if _, ok := log.Contains(c); ok {
			t.Errorf("%q was found", c)
		}
	}
}

func TestMerge(t *testing.T) {
	data := sample(t)
	long, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	cut := bytes.Clone(data)
	clear(cut[5*FrameSize:])
	short, err := Parse(cut)
	if err != nil {
		t.Fatal(err)
	}
	other, err := Parse(forge(bytes.Clone(cut), 5, func(*frame) {}))
	if err != nil {
		t.Fatal(err)
	}
	if best, err := Merge(short, long); err != nil || best != long {
		t.Errorf("%v", err)
	}
	if _, err := Merge(other, long); !errors.Is(err, ErrDiverged) {
		t.Errorf("%v", err)
	}
	if _, err := Merge(); !errors.Is(err, ErrEmpty) {
		t.Errorf("%v", err)
	}
}

func FuzzParse(f *testing.F) {
	golden, err := os.ReadFile("testdata/v1.journal")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	f.Add(append(bytes.Clone(golden), make([]byte, capacity-len(golden))...))
	f.Add(golden[:700])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := Parse(data)
		if log == nil {
			t.Fatal("no log")
		}
		if err != nil && !isFinding(err) {
			t.Fatalf("untyped error %v", err)
		}
		if int64(len(log.used)) != log.Report.Used || log.Report.Used > int64(len(data)) {
			t.Fatalf("report %+v", log.Report)
		}
		if len(log.Records) > 0 {
			again, err := ParseExcerpt(log.Bytes())
			if err != nil || again.Head() != log.Head() {
				t.Fatalf("what was verified does not verify: %v", err)
			}
		}
	})
}
