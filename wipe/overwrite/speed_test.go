package overwrite

import (
	"bytes"
	"context"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

// sink is a drive that costs nothing: writes vanish, reads give one content.
type sink struct {
	size int64
	give []byte
}

func (s *sink) Size() int64                 { return s.size }
func (s *sink) SectorSize() int             { return 512 }
func (s *sink) Flush(context.Context) error { return nil }
func (s *sink) WriteAt(p []byte, off int64) (int, error) {
	return len(p), nil
}
func (s *sink) ReadAt(p []byte, off int64) (int, error) {
	if s.give != nil {
		copy(p, s.give[off%int64(len(s.give)):])
	}
	return len(p), nil
}

// TestSteadyLoopDoesNotAllocate: a hundred times the data must not cost one
// allocation more than the samples' list, which has its room from the start.
func TestSteadyLoopDoesNotAllocate(t *testing.T) {
	o := OptionsFor(SolidState, time.Now)
	o.Chunk = 8192
	o.Progress = func(Progress) {}
	o.ProgressEvery = time.Hour
	calls := map[string]func(size int64){
		"write random":   func(n int64) { Write(context.Background(), &sink{size: n}, randomPass(), o) },
		"write constant": func(n int64) { Write(context.Background(), &sink{size: n}, Fill(0), o) },
		"write 3 bytes": func(n int64) {
			Write(context.Background(), &sink{size: n}, Pass{Kind: Constant, Pattern: []byte("abc")}, o)
		},
		"verify constant": func(n int64) {
			Verify(context.Background(), &sink{size: n, give: make([]byte, 1<<20)}, Fill(0), o)
		},
		"verify random": func(n int64) { // all differs: one range that grows
			Verify(context.Background(), &sink{size: n, give: make([]byte, 1<<20)}, randomPass(), o)
		},
	}
	for name, call := range calls {
		few := testing.AllocsPerRun(5, func() { call(4 << 20) })   // 512 chunks
		many := testing.AllocsPerRun(5, func() { call(40 << 20) }) // 5120 chunks
		if many-few > 10 {
			t.Errorf("%s: %.0f allocations for 512 chunks, %.0f for 5120", name, few, many)
		}
	}
}

func TestMemoryOfOneDrive(t *testing.T) {
	o := OptionsFor(SolidState, time.Now)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := Write(context.Background(), &sink{size: 64 << 20}, randomPass(), o); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
		t.Errorf("%d bytes allocated for one drive", used)
	}
}

func TestBuffersAreAligned(t *testing.T) {
	for _, n := range []int{512, 4096, 1 << 20, 520 * 2016} {
		for range 20 {
			bufs := newBuffers(3, n)
			for i := range 3 {
				b := bufs.slot(i)
				if p := &b[0]; len(b) != n || cap(b) != n || reflect.ValueOf(p).Pointer()%alignment != 0 {
					t.Errorf("%d bytes at %p", len(b), p)
				}
				if slices.ContainsFunc(b, func(x byte) bool { return x != 0 }) {
					t.Error("not zero, or beside another's")
				}
				b[0], b[n-1] = 1, 1
			}
		}
	}
}

func BenchmarkKeystream(b *testing.B) {
	k, err := NewKeystream(randomPass().Key)
	if err != nil {
		b.Fatal(err)
	}
	buf := newBuffers(1, 1<<20).slot(0)
	b.SetBytes(1 << 20)
	b.ReportAllocs()
	for off := int64(0); b.Loop(); off += 1 << 20 {
		k.Fill(buf, off)
	}
}

func BenchmarkCompare(b *testing.B) {
	for name, p := range map[string]Pass{"random": randomPass(), "constant": Fill(0)} {
		b.Run(name, func(b *testing.B) {
			src, err := newSource(p, piece)
			if err != nil {
				b.Fatal(err)
			}
			data := newBuffers(1, 8<<20).slot(0)
			src.fill(data, 0)
			c := comparer{engine: &engine{l: layout{sector: 512, unit: piece}}, src: src}
			b.SetBytes(8 << 20)
			b.ReportAllocs()
			for b.Loop() {
				c.compare(data, 0, nil)
			}
			if len(c.differ) > 0 {
				b.Fatal("differs")
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, p := range map[string]Pass{"random": randomPass(), "constant": Fill(0)} {
		b.Run(name, func(b *testing.B) {
			const size = 256 << 20
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if r, err := Write(context.Background(), &sink{size: size}, p, OptionsFor(SolidState, time.Now)); err != nil || !r.Clean() {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRead(b *testing.B) {
	for name, p := range map[string]Pass{"random": randomPass(), "constant": Fill(0)} {
		b.Run(name, func(b *testing.B) {
			const size = 256 << 20
			s := &sink{size: size}
			src, err := newSource(p, piece)
			if err != nil {
				b.Fatal(err)
			}
			s.give = bytes.Clone(make([]byte, size))
			src.fill(s.give, 0)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if r, err := Verify(context.Background(), s, p, OptionsFor(SolidState, time.Now)); err != nil || !r.Clean() {
					b.Fatal(err)
				}
			}
		})
	}
}
