package overwrite

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// written returns a medium that holds the pass.
func written(t *testing.T, p Pass, size, sector int) *memory {
	t.Helper()
	m := newMemory(size, sector)
	m.data = want(t, p, size)
	return m
}

func TestVerifyFinds(t *testing.T) {
	const size, sector = 4 << 20, 512
	for _, p := range []Pass{randomPass(), Fill(0xff), {Kind: Constant, Pattern: []byte{1, 2, 3}}} {
		cases := map[string]struct {
			spoil            func(*memory)
			differ, unread   []Range
			retried, partial bool
		}{
			"nothing wrong":       {spoil: func(*memory) {}},
			"one bit":             {func(m *memory) { m.data[1000*512+511] ^= 1 }, []Range{{1000, 1}}, nil, false, false},
			"first and last byte": {func(m *memory) { m.data[0]++; m.data[size-1]++ }, []Range{{0, 1}, {8191, 1}}, nil, false, false},
			"a run over chunks":   {func(m *memory) { flip(m.data[100*512 : 300*512]) }, []Range{{100, 200}}, nil, false, false},
			"everything":          {func(m *memory) { flip(m.data) }, []Range{{0, 8192}}, nil, false, false},
			"unreadable":          {func(m *memory) { m.badRead = lbas(5, 6, 4000) }, nil, []Range{{5, 2}, {4000, 1}}, false, false},
			"unreadable and different": {func(m *memory) {
				m.badRead = lbas(5)
				m.data[4*512]++
				m.data[5*512]++ // cannot be seen
				m.data[6*512]++
			}, []Range{{4, 1}, {6, 1}}, []Range{{5, 1}}, false, false},
			"read error once": {func(m *memory) { m.once = map[int64]int{9: 1} }, nil, nil, true, false},
			"short reads":     {func(m *memory) { m.short = 1024 }, nil, nil, false, false},
		}
		for name, c := range cases {
			t.Run(p.Kind.String()+" "+name, func(t *testing.T) {
				m := written(t, p, size, sector)
				c.spoil(m)
				r, err := Verify(context.Background(), m, p, m.options())
				if err != nil || r.Done != size {
					t.Fatalf("%v, %+v", err, r)
				}
				if !slices.Equal(r.Mismatched, c.differ) || !slices.Equal(r.BadRanges, c.unread) {
					t.Errorf("differ %v, unreadable %v", r.Mismatched, r.BadRanges)
				}
				if r.Clean() != (c.differ == nil && c.unread == nil) || (r.Retried > 0) != c.retried {
					t.Errorf("clean %v, retried %d", r.Clean(), r.Retried)
				}
				if m.writes+m.flushes > 0 {
					t.Error("verification wrote")
				}
			})
		}
	}
}

func flip(b []byte) {
	for i := range b {
		b[i] ^= 0xff
	}
}

// TestVerifyTellsOffsets catches a drive that wraps around: it stores the right
// data in the wrong place.
func TestVerifyTellsOffsets(t *testing.T) {
	m := newMemory(2<<20, 512)
	half := want(t, randomPass(), 1<<20)
	copy(m.data, half)
	copy(m.data[1<<20:], half)
	r, err := Verify(context.Background(), m, randomPass(), m.options())
	if err != nil || !slices.Equal(r.Mismatched, []Range{{2048, 2048}}) {
		t.Errorf("%v, %v", err, r.Mismatched)
	}
}

func TestVerifyWithAnotherKey(t *testing.T) {
	m := written(t, randomPass(), 1<<20, 512)
	other := randomPass()
	other.Key[5]++
	r, err := Verify(context.Background(), m, other, m.options())
	if err != nil || Sectors(r.Mismatched) != 2048 {
		t.Errorf("%v, %v", err, r.Mismatched)
	}
}

func TestMismatchBudget(t *testing.T) {
	m := written(t, randomPass(), 4<<20, 512)
	for i := 0; i < len(m.data); i += 1024 {
		m.data[i]++
	}
	o := m.options()
	o.Budget.Mismatches = 100
	r, err := Verify(context.Background(), m, randomPass(), o)
	if !errors.Is(err, ErrBudget) || r.Clean() || len(r.Mismatched) <= 100 || len(r.Mismatched) > 600 {
		t.Errorf("%v, %d ranges", err, len(r.Mismatched))
	}
	if n := len(r.NotDone); n == 0 || r.NotDone[n-1].End() != 8192 {
		t.Errorf("not done: %v", r.NotDone)
	}
}

func TestVerifyGone(t *testing.T) {
	m := written(t, randomPass(), 4<<20, 512)
	m.goneAt = 4000
	r, err := Verify(context.Background(), m, randomPass(), m.options())
	if !errors.Is(err, ErrGone) || r.Clean() || r.Done > 4000*512 || len(r.Mismatched) > 0 {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestSamplePlan(t *testing.T) {
	sizes := []int64{20000 * 512, 20001*512 + 77, 128 << 20, 1000204886016, 22 << 40}
	for _, size := range sizes {
		for _, sector := range []int{512, 4096} {
			seed := [32]byte{byte(size), byte(sector)}
			plan := SamplePlan(size, sector, seed)
			n := size / int64(sector)
			if n < 20000 {
				if !slices.Equal(plan, []Range{{0, n}}) {
					t.Errorf("%d sectors: a small medium must be read in full", n)
				}
				continue
			}
			checkPlan(t, plan, n)
			if !slices.Equal(plan, SamplePlan(size, sector, seed)) {
				t.Error("the plan is not a function of its seed")
			}
			seed[31]++
			if slices.Equal(plan, SamplePlan(size, sector, seed)) {
				t.Error("another seed gives the same plan")
			}
		}
	}
}

// checkPlan holds a plan against the figures of SP 800-88 Rev. 1 §4.7.
func checkPlan(t *testing.T, plan []Range, n int64) {
	t.Helper()
	inSection := make([]int, 1000)
	for i, r := range plan {
		if r.Count <= 0 || r.LBA < 0 || r.End() > n || i > 0 && r.LBA < plan[i-1].End() {
			t.Fatalf("range %d: %+v is empty, outside or overlaps", i, r)
		}
		for s := range int64(1000) {
			if s*n/1000 <= r.LBA && r.End() <= (s+1)*n/1000 {
				inSection[s]++
			}
		}
	}
	for s, k := range inSection {
		if k < 2 {
			t.Errorf("%d samples in subsection %d", k, s)
		}
	}
	if got := Sectors(plan); got*10 < n || got > n/10+2*1000+2 { // each sample is rounded up
		t.Errorf("%d of %d sectors: want a tenth, not much more", got, n)
	}
	if plan[0].LBA != 0 || plan[len(plan)-1].End() != n {
		t.Error("first or last LBA is left out")
	}
}

// TestSamplePlanVector holds the plan: a recorded seed must give the same places
// for years.
func TestSamplePlanVector(t *testing.T) {
	plan := SamplePlan(1000204886016, 512, [32]byte{1, 2, 3})
	if got := plan[:3]; !slices.Equal(got, sampleVector) {
		t.Errorf("%v, want %v", got, sampleVector)
	}
}

func TestDrawsAreEven(t *testing.T) {
	d := drawer{label: "test"}
	var seen [7]int
	for range 70000 {
		seen[d.below(7)]++
	}
	for v, k := range seen {
		if k < 9500 || k > 10500 { // 5 standard deviations
			t.Errorf("%d drawn %d times of 70000", v, k)
		}
	}
}

func TestVerifySampled(t *testing.T) {
	const size = 32 << 20
	m := written(t, randomPass(), size, 512)
	seed := [32]byte{7}
	r, err := VerifySampled(context.Background(), m, randomPass(), seed, m.options())
	plan := SamplePlan(size, 512, seed)
	if err != nil || !r.Clean() || !r.Sampled || r.Seed[:2] != "07" || r.Bytes != Sectors(plan)*512 {
		t.Fatalf("%v, %+v", err, r)
	}
	var differ, unread []Range
	for i, p := range plan {
		switch i % 500 {
		case 3:
			m.data[p.LBA*512]++
			differ = append(differ, Range{p.LBA, 1})
		case 9:
			unread = append(unread, Range{p.End() - 1, 1})
		}
	}
	m.badRead = map[int64]bool{}
	for _, u := range unread {
		m.badRead[u.LBA] = true
	}
	r, err = VerifySampled(context.Background(), m, randomPass(), seed, m.options())
	if err != nil || !slices.Equal(r.Mismatched, differ) || !slices.Equal(r.BadRanges, unread) {
		t.Errorf("%v: differ %v, want %v; unreadable %v, want %v", err, r.Mismatched, differ, r.BadRanges, unread)
	}
	small := written(t, randomPass(), 1<<20, 512)
	if r, err = VerifySampled(context.Background(), small, randomPass(), seed, small.options()); err != nil || r.Sampled || r.Bytes != 1<<20 {
		t.Errorf("small medium: %v, sampled %v, %d bytes", err, r.Sampled, r.Bytes)
	}
}

func TestSampledGone(t *testing.T) {
	m := written(t, randomPass(), 32<<20, 512)
	m.goneAt = 30000
	r, err := VerifySampled(context.Background(), m, randomPass(), [32]byte{}, m.options())
	if !errors.Is(err, ErrGone) || r.Clean() || len(r.NotDone) == 0 {
		t.Errorf("%v, %+v", err, r)
	}
}

func TestScan(t *testing.T) {
	const size = 16 << 20
	m := newMemory(size, 512)
	rand.NewChaCha8([32]byte{1}).Read(m.data)
	clear(m.data[:1<<20]) // was empty before
	places := Spots(size, 512, [32]byte{9}, 64, 8)
	o := m.options()
	o.Chunk = 1024 // a place takes several chunks
	key := [32]byte{4}
	before, r, err := Scan(context.Background(), m, places, key, o)
	if err != nil || !r.Clean() || len(before) != len(places) {
		t.Fatalf("%v, %+v", err, r)
	}
	old := bytes.Clone(m.data)
	clear(m.data)
	keep, broken := places[20], places[30]
	copy(m.data[keep.LBA*512:keep.End()*512], old[keep.LBA*512:])
	m.badRead = lbas(broken.LBA + 3)
	after, r, err := Scan(context.Background(), m, places, key, o)
	if err != nil || r.Clean() {
		t.Fatalf("%v, %+v", err, r)
	}
	for i, c := range Changes(before, after) {
		expect := Changed
		switch {
		case i == 20:
			expect = Remnant
		case i == 30:
			expect = NotSeen
		case places[i].End()*512 <= 1<<20:
			expect = NoWitness
		}
		if c != expect {
			t.Errorf("place %d: %v, want %v", i, c, expect)
		}
		if after[i].Constant != (i != 20 && i != 30) || after[i].Value != 0 {
			t.Errorf("place %d: %+v", i, after[i])
		}
	}
	other, _, err := Scan(context.Background(), m, places[:1], [32]byte{5}, o)
	if err != nil || other[0].MAC == after[0].MAC {
		t.Error("the print does not depend on the key")
	}
}

func TestScanRefusesPlaces(t *testing.T) {
	m := newMemory(1<<20, 512)
	for name, places := range map[string][]Range{
		"outside": {{2047, 2}}, "empty": {{1, 0}}, "overlap": {{0, 10}, {9, 1}}, "negative": {{-1, 1}},
	} {
		if _, _, err := Scan(context.Background(), m, places, [32]byte{}, m.options()); !errors.Is(err, ErrOptions) || m.reads > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJoin(t *testing.T) {
	got := Join([]Range{{10, 5}, {0, 2}, {15, 1}, {2, 1}, {12, 2}, {20, 1}})
	if !slices.Equal(got, []Range{{0, 3}, {10, 6}, {20, 1}}) {
		t.Errorf("%v", got)
	}
}

func FuzzSamplePlan(f *testing.F) {
	f.Add(uint64(20000), uint64(3))
	f.Add(uint64(1953525168), uint64(0))
	f.Fuzz(func(t *testing.T, n, seed uint64) {
		n = min(n, 1<<44)
		s := [32]byte{byte(seed), byte(seed >> 8)}
		plan := SamplePlan(int64(n)*512, 512, s)
		if n >= 20000 {
			checkPlan(t, plan, int64(n))
		} else if Sectors(plan) != int64(n) {
			t.Errorf("%d of %d sectors", Sectors(plan), n)
		}
	})
}

// sampleVector was printed by this package when the plan was fixed.
var sampleVector = []Range{{0, 1}, {297568, 97677}, {1639046, 97677}}
