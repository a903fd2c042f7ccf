package overwrite

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"crypto/aes"
)

func TestKeystreamIsAESOfTheCounter(t *testing.T) {
	key := randomPass().Key
	block, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, 20000)
	for i := 0; i < len(plain); i += 16 {
		var counter [16]byte
		for j, n := 15, i/16; n > 0; j, n = j-1, n>>8 {
			counter[j] = byte(n)
		}
		block.Encrypt(plain[i:], counter[:])
	}
	k, err := NewKeystream(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct{ off, n int }{{0, 20000}, {4096, 512}, {16, 16}, {520, 520}, {1040, 5000}, {7, 1}, {8, 9000}} {
		got := make([]byte, at.n)
		k.Fill(got, int64(at.off))
		if !bytes.Equal(got, plain[at.off:at.off+at.n]) {
			t.Errorf("offset %d, %d bytes: differs from AES of the counter", at.off, at.n)
		}
	}
}

// TestKeystreamVector holds the format: certificates are checked against it for
// years. The vector is by openssl.
func TestKeystreamVector(t *testing.T) {
	k, err := NewKeystream(randomPass().Key)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 16)
	k.Fill(got, 1<<48)
	if hex.EncodeToString(got) != vector {
		t.Errorf("at 2^48: %x, want %s", got, vector)
	}
}

func TestWrite(t *testing.T) {
	patterns := []Pass{randomPass(), Fill(0), Fill(0xff), {Kind: Constant, Pattern: []byte{0x55, 0xaa}},
		{Kind: Constant, Pattern: []byte{0x92, 0x49, 0x24}}, {Kind: Constant, Pattern: []byte("twelve bytes")}}
	for _, p := range patterns {
		for _, geo := range []struct{ size, sector, chunk, depth int }{
			{1 << 20, 512, 64 << 10, 4}, {1<<20 + 512, 512, 64 << 10, 3}, {1<<20 + 100, 512, 1536, 1},
			{512, 512, 0, 0}, {1 << 20, 4096, 8192, 2}, {520 * 999, 520, 0, 2}, {3 << 20, 512, 0, 0}} {
			t.Run(fmt.Sprintf("%v %x %v", p.Kind, p.Pattern, geo), func(t *testing.T) {
				m := newMemory(geo.size, geo.sector)
				rand.NewChaCha8([32]byte{}).Read(m.data)
				before := bytes.Clone(m.data)
				o := m.options()
				o.Chunk, o.Depth = geo.chunk, geo.depth
				r, err := Write(context.Background(), m, p, o)
				if err != nil || !r.Clean() {
					t.Fatalf("%v, %+v", err, r)
				}
				whole := geo.size - geo.size%geo.sector
				if r.Bytes != int64(whole) || r.Flushed != int64(whole) || m.flushes != 1 || r.Flushes != 1 {
					t.Errorf("bytes %d, flushed %d, flushes %d: want %d", r.Bytes, r.Flushed, m.flushes, whole)
				}
				if !bytes.Equal(m.data[:whole], want(t, p, whole)) {
					t.Error("medium does not hold the pass")
				}
				if !bytes.Equal(m.data[whole:], before[whole:]) {
					t.Error("touched what lies beyond the last whole sector")
				}
				if most := m.most.Load(); most > int64(max(geo.depth, defaultDepth)) {
					t.Errorf("%d requests in flight", most)
				}
				if v, err := Verify(context.Background(), m, p, o); err != nil || !v.Clean() || v.Bytes != int64(whole) {
					t.Errorf("verify: %v, %+v", err, v)
				}
			})
		}
	}
}

func TestSequentialWithDepthOne(t *testing.T) {
	m := newMemory(1<<20, 512)
	o := m.options()
	o.Depth = 1
	if _, err := Write(context.Background(), m, randomPass(), o); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(m.begun) {
		t.Error("writes were not begun in order")
	}
}

func TestRefusals(t *testing.T) {
	good := newMemory(1<<20, 512)
	cases := map[string]struct {
		pass Pass
		m    *memory
		o    func(*Options)
	}{
		"no clock":            {randomPass(), good, func(o *Options) { o.Now = nil }},
		"key all zero":        {Pass{Kind: Random}, good, func(*Options) {}},
		"no kind":             {Pass{Key: [16]byte{1}}, good, func(*Options) {}},
		"no pattern":          {Pass{Kind: Constant}, good, func(*Options) {}},
		"pattern too long":    {Pass{Kind: Constant, Pattern: make([]byte, 4097)}, good, func(*Options) {}},
		"start within sector": {randomPass(), good, func(o *Options) { o.Start = 100 }},
		"end beyond medium":   {randomPass(), good, func(o *Options) { o.End = 2 << 20 }},
		"start behind end":    {randomPass(), good, func(o *Options) { o.Start, o.End = 1024, 512 }},
		"chunk within sector": {randomPass(), good, func(o *Options) { o.Chunk = 700 }},
		"too much memory":     {randomPass(), good, func(o *Options) { o.Depth, o.Chunk = 17, 1<<20 }},
		"negative retries":    {randomPass(), good, func(o *Options) { o.Retries = -1 }},
		"empty medium":        {randomPass(), newMemory(0, 512), func(*Options) {}},
		"no sector size":      {randomPass(), newMemory(512, 0), func(*Options) {}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := good.options()
			c.o(&o)
			_, err := Write(context.Background(), c.m, c.pass, o)
			_, verr := Verify(context.Background(), c.m, c.pass, o)
			if !errors.Is(err, ErrOptions) || !errors.Is(verr, ErrOptions) {
				t.Errorf("write: %v; verify: %v", err, verr)
			}
			if c.m.writes+c.m.flushes > 0 {
				t.Error("the medium was touched")
			}
		})
	}
}

func TestWriteFaults(t *testing.T) {
	const size, sector = 4 << 20, 512
	cases := map[string]struct {
		fault   func(*memory)
		bad     []Range
		retried int
	}{
		"one bad sector":           {func(m *memory) { m.badWrite = lbas(1000) }, []Range{{1000, 1}}, 0},
		"partial counts":           {func(m *memory) { m.badWrite = lbas(1000, 1003); m.partial = true }, []Range{{1000, 1}, {1003, 1}}, 0},
		"first and last":           {func(m *memory) { m.badWrite = lbas(0, size/sector-1) }, []Range{{0, 1}, {size/sector - 1, 1}}, 0},
		"neighbours join":          {func(m *memory) { m.badWrite = lbas(126, 127, 128, 129) }, []Range{{126, 4}}, 0},
		"error once":               {func(m *memory) { m.once = map[int64]int{77: 1} }, nil, 1},
		"error twice":              {func(m *memory) { m.once = map[int64]int{77: 2} }, nil, 1},
		"good when narrowed down":  {func(m *memory) { m.once = map[int64]int{77: 4} }, nil, 0},
		"good at the sector again": {func(m *memory) { m.once = map[int64]int{77: 6} }, nil, 1},
		"short writes":             {func(m *memory) { m.short = 700 }, nil, 0},
		"all of a chunk":           {func(m *memory) { m.badWrite = all(256, 384) }, []Range{{256, 128}}, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			m := newMemory(size, sector)
			c.fault(m)
			r, err := Write(context.Background(), m, randomPass(), m.options())
			if err != nil || r.Done != size || len(r.NotDone) > 0 {
				t.Fatalf("%v, %+v", err, r)
			}
			if !slices.Equal(r.BadRanges, c.bad) || r.Clean() != (c.bad == nil) {
				t.Errorf("bad %v, want %v", r.BadRanges, c.bad)
			}
			if c.retried > 0 && r.Retried == 0 {
				t.Error("a request succeeded only when tried again, and nothing says so")
			}
			expect := want(t, randomPass(), size)
			for _, b := range c.bad {
				clear(expect[b.LBA*sector : b.End()*sector])
			}
			if !bytes.Equal(m.data, expect) {
				t.Error("not everything around the bad sectors was written")
			}
			if r.Bytes != size-Sectors(c.bad)*sector {
				t.Errorf("%d bytes counted", r.Bytes)
			}
		})
	}
}

func all(from, to int64) map[int64]bool {
	m := map[int64]bool{}
	for ; from < to; from++ {
		m[from] = true
	}
	return m
}

func TestNoProgressIsAnError(t *testing.T) {
	m := newMemory(1<<20, 512)
	m.short = 1 // less than a sector: nothing done, no error said
	o := m.options()
	o.Budget.Errors = 10
	r, err := Write(context.Background(), m, randomPass(), o)
	if !errors.Is(err, ErrBudget) || r.Clean() {
		t.Fatalf("%v", err)
	}
	h := hand{e: newEngine(context.Background(), opWrite, m, o, layout{sector: 512}, nil), do: m.WriteAt}
	if n, err := h.try(make([]byte, 1024), 0); n != 0 || !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestGoneEndsAtOnce(t *testing.T) {
	m := newMemory(4<<20, 512)
	m.goneAt = 5000
	r, err := Write(context.Background(), m, randomPass(), m.options())
	if !errors.Is(err, ErrGone) || !errors.Is(err, errNoDev) || !strings.Contains(err.Error(), "resume from byte") {
		t.Fatalf("%v", err)
	}
	if m.writes > int(5000*512/(64<<10))+1+4 || r.Clean() || len(r.BadRanges) > 0 {
		t.Errorf("%d writes, %+v", m.writes, r)
	}
	if r.Done > 5000*512 || r.Flushed > r.Done || m.flushes > 0 {
		t.Errorf("done %d, flushed %d, flushes %d", r.Done, r.Flushed, m.flushes)
	}
	if n := len(r.NotDone); n == 0 || r.NotDone[n-1].End() != 8192 || r.NotDone[0].LBA*512 != r.Done {
		t.Errorf("not done: %v, done %d", r.NotDone, r.Done)
	}
}

func TestErrorBudget(t *testing.T) {
	m := newMemory(16<<20, 512)
	m.badWrite = all(4096, 12288) // 4 MiB in the middle
	o := m.options()
	o.Budget.Errors = 20
	r, err := Write(context.Background(), m, randomPass(), o)
	if !errors.Is(err, ErrBudget) {
		t.Fatalf("%v", err)
	}
	if r.Done != r.End || Sectors(r.BadRanges) < 20 || Sectors(r.BadRanges) > 30 {
		t.Errorf("done %d, %d bad", r.Done, Sectors(r.BadRanges))
	}
	k := want(t, randomPass(), 16<<20)
	left := slices.Concat(r.BadRanges, r.NotDone)
	for lba := range int64(32768) {
		listed := slices.ContainsFunc(left, func(x Range) bool { return x.LBA <= lba && lba < x.End() })
		if written := bytes.Equal(m.data[lba*512:(lba+1)*512], k[lba*512:(lba+1)*512]); written == listed {
			t.Fatalf("LBA %d: written %v, listed %v", lba, written, listed)
		}
	}
	if last := r.NotDone[len(r.NotDone)-1]; last.End() == 32768 {
		t.Errorf("the good end of the drive was not reached: %v", r.NotDone)
	}
}

func TestTimeBudget(t *testing.T) {
	m := newMemory(64<<20, 512)
	m.badWrite, m.perFault = all(4096, 131072), 7*time.Second // nothing behind 2 MiB can be written
	o := m.options()
	o.Budget.Time = 10 * time.Minute
	r, err := Write(context.Background(), m, randomPass(), o)
	if !errors.Is(err, ErrBudget) || !errors.Is(err, errMedium) {
		t.Fatalf("%v", err)
	}
	if r.Elapsed > 14*time.Minute {
		t.Errorf("took %v", r.Elapsed)
	}
	if Sectors(r.BadRanges)+Sectors(r.NotDone) != 131072-4096 {
		t.Errorf("%d bad and %d not done", Sectors(r.BadRanges), Sectors(r.NotDone))
	}
}

func TestFlushFails(t *testing.T) {
	m := newMemory(1<<20, 512)
	m.flushErr = errMedium
	r, err := Write(context.Background(), m, randomPass(), m.options())
	if !errors.Is(err, ErrFlush) || r.Flushed != 0 {
		t.Errorf("%v, flushed %d", err, r.Flushed)
	}
}

// vector is what
//
//	head -c 16 /dev/zero | openssl enc -aes-128-ctr -K 01020300000000000000000000000009 -iv 00000000000000000000100000000000
//
// printed (OpenSSL 3.0).
const vector = "2f233f59cf10cb2447787f790f3ffc99"
