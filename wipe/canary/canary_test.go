package canary

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
)

const sector = 512

// fake is a medium in memory with the lies that canaries must find.
type fake struct {
	data       []byte
	wrap       int64          // >0: real size; higher offsets wrap around
	unreadable map[int64]bool // offsets; cleared by a write
	unwritable map[int64]bool
	flushErr   error
}

func newFake(sectors int) *fake {
	return &fake{data: make([]byte, sectors*sector), unreadable: map[int64]bool{}, unwritable: map[int64]bool{}}
}

func (f *fake) at(off int64) int64 {
	if f.wrap > 0 {
		return off % f.wrap
	}
	return off
}

func (f *fake) ReadAt(p []byte, off int64) (int, error) {
	if f.unreadable[off] {
		return 0, errors.New("medium error")
	}
	return copy(p, f.data[f.at(off):]), nil
}

func (f *fake) WriteAt(p []byte, off int64) (int, error) {
	if f.unwritable[off] {
		return 0, errors.New("write fault")
	}
	delete(f.unreadable, off)
	return copy(f.data[f.at(off):], p), nil
}

func (f *fake) Flush(context.Context) error { return f.flushErr }
func (f *fake) SectorSize() int             { return sector }

func TestPositions(t *testing.T) {
	for _, tc := range []struct {
		name    string
		n       int
		sectors uint64
		want    int
	}{
		{"a usual disk", 1000, 1 << 31, 1000},
		{"more marks than sectors", 1000, 10, 10},
		{"exactly as many", 64, 64, 64},
		{"one more sector than marks", 64, 65, 64},
		{"two marks", 2, 100, 2},
		{"none", 0, 100, 0},
		{"no sectors", 10, 0, 0},
		{"largest medium", 1000, math.MaxUint64, 1000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			pos := Key{1}.Positions(tc.n, tc.sectors)
			if len(pos) != tc.want {
				t.Fatalf("%d positions, want %d", len(pos), tc.want)
			}
			if tc.want == 0 {
				return
			}
			if pos[0] != 0 || pos[len(pos)-1] != tc.sectors-1 {
				t.Errorf("first %d and last %d, want 0 and %d", pos[0], pos[len(pos)-1], tc.sectors-1)
			}
			if !slices.IsSorted(pos) || len(slices.Compact(slices.Clone(pos))) != len(pos) {
				t.Error("positions are not ascending and distinct")
			}
		})
	}
	if slices.Equal(Key{1}.Positions(100, 1e6), Key{2}.Positions(100, 1e6)) {
		t.Error("two keys draw the same places")
	}
}

func TestPlantAndCheck(t *testing.T) {
	const sectors, n = 5000, 500
	for _, tc := range []struct {
		name    string
		prepare func(*fake)
		erase   func(*fake, []uint64)
		wrong   bool
		survive int
		unread  int
		rewrite bool
	}{
		{name: "erased whole", erase: func(f *fake, _ []uint64) { clear(f.data) }},
		{name: "erased nothing", erase: func(*fake, []uint64) {}, survive: n},
		{name: "one left", survive: 1, erase: func(f *fake, at []uint64) {
			keep := slices.Clone(f.data[at[7]*sector : (at[7]+1)*sector])
			clear(f.data)
			copy(f.data[at[7]*sector:], keep)
		}},
		{name: "half of one left", survive: 1, erase: func(f *fake, at []uint64) {
			keep := slices.Clone(f.data[at[7]*sector+256 : (at[7]+1)*sector])
			clear(f.data)
			copy(f.data[at[7]*sector+256:], keep)
		}},
		{name: "false capacity", prepare: func(f *fake) { f.wrap = sectors * sector / 4 }, wrong: true, erase: func(f *fake, _ []uint64) { clear(f.data) }},
		{name: "unreadable after, not rewritten", unread: 1, erase: func(f *fake, at []uint64) { clear(f.data); f.unreadable[int64(at[3]*sector)] = true }},
		{name: "unreadable after, rewritten", rewrite: true, erase: func(f *fake, at []uint64) { clear(f.data); f.unreadable[int64(at[3]*sector)] = true }},
		{name: "unreadable and unwritable after", rewrite: true, unread: 1, erase: func(f *fake, at []uint64) {
			clear(f.data)
			f.unreadable[int64(at[3]*sector)] = true
			f.unwritable[int64(at[3]*sector)] = true
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := newFake(sectors)
			if tc.prepare != nil {
				tc.prepare(f)
			}
			buf := make([]byte, sector)
			set, rep, err := Plant(t.Context(), f, Key{9}, n, sectors, buf)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(rep.Wrong) > 0; got != tc.wrong {
				t.Fatalf("%d marks read back wrong, want some: %v", len(rep.Wrong), tc.wrong)
			}
			if !tc.wrong && rep.Planted != n {
				t.Fatalf("planted %d of %d", rep.Planted, n)
			}
			tc.erase(f, set.LBAs)
			check, err := Check(t.Context(), f, set, tc.rewrite, buf)
			if err != nil {
				t.Fatal(err)
			}
			if len(check.Survivors) != tc.survive || len(check.Unreadable) != tc.unread {
				t.Errorf("survivors %d, unreadable %d; want %d, %d", len(check.Survivors), len(check.Unreadable), tc.survive, tc.unread)
			}
			if check.Read+uint64(len(check.Unreadable)) != rep.Planted {
				t.Errorf("read %d + unreadable %d is not planted %d", check.Read, len(check.Unreadable), rep.Planted)
			}
		})
	}
}

func TestPlantReportsBadPlacesAndFlush(t *testing.T) {
	f := newFake(100)
	f.unwritable[0] = true
	_, rep, err := Plant(t.Context(), f, Key{}, 100, 100, make([]byte, sector))
	if err != nil || rep.Planted != 99 || !slices.Equal(rep.Unwritable, []uint64{0}) {
		t.Errorf("planted %d, unwritable %v, err %v", rep.Planted, rep.Unwritable, err)
	}
	f.flushErr = errors.New("gone")
	if _, _, err := Plant(t.Context(), f, Key{}, 100, 100, make([]byte, sector)); err == nil {
		t.Error("a failed flush after planting was not reported")
	}
}

func TestDetectionProbability(t *testing.T) {
	for _, tc := range []struct {
		f    float64
		n    int
		want float64
	}{{0.005, 1000, 0.993}, {0.001, 3000, 0.950}, {0, 1000, 0}, {1, 1, 1}} {
		if got := DetectionProbability(tc.f, tc.n); math.Abs(got-tc.want) > 0.001 {
			t.Errorf("DetectionProbability(%v, %d) = %.4f, want %.3f", tc.f, tc.n, got, tc.want)
		}
	}
	if f := MissedFraction(0.95, 3000); math.Abs(f-0.001) > 0.0001 {
		t.Errorf("MissedFraction(0.95, 3000) = %v", f)
	}
}

// A drive that misses 0.5 % in one piece at a random place is caught at least
// at the computed rate: stratified marks are never worse than independent ones.
func TestMissedHalfPercentIsCaught(t *testing.T) {
	const sectors, runs, n = 200_000, 400, 1000
	caught := 0
	for i := range runs {
		k := Key{byte(i), byte(i >> 8)}
		pos := k.Positions(n, sectors)
		start := Key{0xff, byte(i), byte(i >> 8)}.draw(0) % (sectors - sectors/200)
		at, _ := slices.BinarySearch(pos, start)
		if at < len(pos) && pos[at] < start+sectors/200 {
			caught++
		}
	}
	if rate := float64(caught) / runs; rate < 0.98 {
		t.Errorf("caught %.3f of the drives that missed 0.5 %%, computed %.3f", rate, DetectionProbability(0.005, n))
	}
}
