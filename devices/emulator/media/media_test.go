package media

import (
	"bytes"
	"testing"
)

func fill(n int, b byte) []byte { return bytes.Repeat([]byte{b}, n*512) }

func content(m *Medium, lba uint64) byte {
	b := make([]byte, 512)
	m.Read(b, lba)
	return b[0]
}

func TestALaterWriteDecidesOverAnEarlierOne(t *testing.T) {
	for seed := range uint64(200) {
		m := New(Config{SectorSize: 512, Sectors: 8, CachePages: 8, Seed: seed})
		m.Write(fill(8, 1), 0)
		m.Flush()
		m.Write(fill(8, 2), 0)
		m.Write(fill(8, 3), 0)
		m.Cut()
		kinds := map[byte]bool{}
		for s := range uint64(8) {
			kinds[content(m, s)] = true
		}
		// 3 kept, 3 lost over 2 or 1, or one of them torn: never three at once.
		if len(kinds) > 2 {
			t.Fatalf("seed %d: sectors of %d writes", seed, len(kinds))
		}
	}
}

func TestCacheHoldsNoMoreThanItHas(t *testing.T) {
	m := New(Config{SectorSize: 512, Sectors: 800, CachePages: 4})
	m.Write(fill(800, 1), 0)
	if got := m.Unflushed(); got != 4*4096 {
		t.Errorf("%d bytes are volatile", got)
	}
	m.Flush()
	if m.Unflushed() != 0 {
		t.Error("not empty after Flush")
	}
}

func TestPartialWritesKeepTheirNeighbours(t *testing.T) {
	m := New(Config{SectorSize: 512, Sectors: 32})
	m.Write(fill(32, 7), 0)
	m.MarkOriginal()
	m.Write(fill(3, 9), 6) // over a page border
	for s := range uint64(32) {
		want := byte(7)
		if s >= 6 && s < 9 {
			want = 9
		}
		if got := content(m, s); got != want {
			t.Errorf("sector %d holds %d, want %d", s, got, want)
		}
	}
	runs := m.Survivors()
	if len(runs) != 2 || runs[0] != (Run{Mapped, 0, 6}) || runs[1] != (Run{Mapped, 9, 23}) {
		t.Errorf("survivors %+v", runs)
	}
}

func TestEraseFills(t *testing.T) {
	for _, tt := range []struct {
		name string
		fill Fill
		same bool // two sectors read the same
	}{{"zeros", Zeros, true}, {"pattern", Pattern(0x01020304), true}, {"noise", Noise(5), false}} {
		m := New(Config{SectorSize: 512, Sectors: 64})
		m.Write(fill(16, 1), 0)
		m.Erase(Scope{End: 64, Spares: true, Fill: tt.fill})
		a, b := make([]byte, 512), make([]byte, 512)
		m.Read(a, 3)
		m.Read(b, 60) // never written: reads the same way
		if bytes.Equal(a, b) != tt.same {
			t.Errorf("%s: alike %v", tt.name, !tt.same)
		}
		m.Read(b, 3)
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two readings of one place differ", tt.name)
		}
	}
	m := New(Config{SectorSize: 512, Sectors: 8})
	m.Erase(Scope{End: 8, Fill: Pattern(0x01020304)})
	b := make([]byte, 512)
	m.Read(b, 1)
	if !bytes.Equal(b[:4], []byte{1, 2, 3, 4}) {
		t.Errorf("the pattern begins % X", b[:4])
	}
}

func TestDiscardOnFlashKeepsTheCells(t *testing.T) {
	m := New(Config{SectorSize: 512, Sectors: 64, SparePages: 8})
	m.Write(fill(64, 1), 0)
	m.MarkOriginal()
	m.Discard(0, 64)
	if content(m, 5) != 0 {
		t.Error("it still reads")
	}
	for _, r := range m.Survivors() {
		if r.Place != Stale {
			t.Errorf("%+v", r)
		}
	}
	if len(m.Survivors()) == 0 {
		t.Error("the cells are gone")
	}
}

func TestFourKilobyteAndOddSectors(t *testing.T) {
	for _, size := range []int{520, 528, 4096} {
		m := New(Config{SectorSize: size, Sectors: 20, CachePages: 4})
		p := bytes.Repeat([]byte{6}, size*5)
		m.Write(p, 9)
		got := make([]byte, size*7)
		m.Read(got, 8)
		if !bytes.Equal(got[size:6*size], p) || got[0] != 0 || got[6*size] != 0 {
			t.Errorf("%d-byte sectors are mixed up", size)
		}
	}
}
