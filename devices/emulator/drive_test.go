package emulator_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
)

const mib = 1 << 20

func newDrive(t testing.TB, p emulator.Params) *emulator.Drive {
	t.Helper()
	if p.Kind == "" {
		p.Kind = emulator.HDD
	}
	if p.Sectors == 0 {
		p.Sectors = 4 * mib / 512
	}
	d, err := emulator.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func open(t testing.TB, d *emulator.Drive) devices.Conn {
	t.Helper()
	s := emulator.NewSystem(d)
	list, err := s.Detect(context.Background(), devices.DetectOptions{})
	if err != nil || len(list) == 0 {
		t.Fatalf("detect: %d devices, %v", len(list), err)
	}
	c, err := s.Open(context.Background(), list[0])
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func overwrite(t testing.TB, c devices.Conn, fill byte) {
	t.Helper()
	buf := bytes.Repeat([]byte{fill}, mib)
	for off := int64(0); off < c.Size(); off += mib {
		n := min(mib, c.Size()-off)
		if _, err := c.WriteAt(buf[:n], off); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestOverwriteLeavesWhatAddressesDoNotReach(t *testing.T) {
	tests := []struct {
		name string
		p    emulator.Params
		want map[emulator.AreaKind]bool
	}{
		{"disk", emulator.Params{Kind: emulator.HDD}, nil},
		{"disk with reallocated sectors", emulator.Params{Kind: emulator.HDD, Reallocated: []uint64{100, 5000}},
			map[emulator.AreaKind]bool{emulator.AreaReallocated: true}},
		{"disk with HPA and DCO", emulator.Params{Kind: emulator.HDD, HPASectors: 4096, DCOSectors: 4096},
			map[emulator.AreaKind]bool{emulator.AreaHPA: true, emulator.AreaDCO: true}},
		{"flash", emulator.Params{Kind: emulator.SSD}, map[emulator.AreaKind]bool{emulator.AreaSpare: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, tt.p)
			d.Prefill()
			if len(d.Contains(d.Marker())) == 0 {
				t.Fatal("Prefill left no marker")
			}
			c := open(t, d)
			overwrite(t, c, 0xA5)
			overwrite(t, c, 0x5A)
			got := map[emulator.AreaKind]bool{}
			for _, r := range d.Remnants() {
				got[r.Area.Kind] = true
				if r.HostReachable != (r.Area.Kind == emulator.AreaHPA || r.Area.Kind == emulator.AreaDCO) {
					t.Errorf("%+v: reachable is wrong", r)
				}
			}
			for k := range tt.want {
				if !got[k] {
					t.Errorf("no remnant in %s", k)
				}
			}
			for k := range got {
				if !tt.want[k] {
					t.Errorf("a remnant in %s", k)
				}
			}
			if n := len(d.Contains(d.Marker())); (n > 0) != (len(tt.want) > 0) {
				t.Errorf("marker found in %d areas", n)
			}
		})
	}
}

func TestPowerCutTakesBackWhatWasNotFlushed(t *testing.T) {
	d := newDrive(t, emulator.Params{Seed: 7})
	d.Prefill()
	c := open(t, d)
	buf := bytes.Repeat([]byte{0xFF}, mib)
	if _, err := c.WriteAt(buf, 0); err != nil {
		t.Fatal(err)
	}
	if d.Unflushed() == 0 {
		t.Fatal("nothing is in the cache")
	}
	d.PowerCut()
	if _, err := c.ReadAt(buf, 0); !errors.Is(err, emulator.ErrNoPower) {
		t.Fatalf("read after the cut: %v", err)
	}
	d.PowerOn()
	if _, err := c.ReadAt(buf, 0); !errors.Is(err, emulator.ErrNoPower) {
		t.Fatalf("a descriptor of the life before reads: %v", err)
	}
	c = open(t, d)
	if _, err := c.ReadAt(buf, 0); err != nil {
		t.Fatal(err)
	}
	old, torn := 0, 0
	for p := 0; p < mib; p += 4096 {
		switch n := bytes.Count(buf[p:p+4096], d.Marker()); {
		case n == 8:
			old++
		case n > 0:
			torn++
		}
	}
	if old == 0 || torn == 0 || old+torn == mib/4096 {
		t.Errorf("%d pages lost, %d torn of %d: want some of each", old, torn, mib/4096)
	}
	overwrite(t, c, 1)
	d.PowerCycle()
	c = open(t, d)
	if _, err := c.ReadAt(buf, 0); err != nil || !bytes.Equal(buf, bytes.Repeat([]byte{1}, mib)) {
		t.Errorf("flushed data changed: %v", err)
	}
}

func TestSameSeedSameRemnants(t *testing.T) {
	run := func(seed uint64) []emulator.Remnant {
		d := newDrive(t, emulator.Params{Kind: emulator.SSD, Seed: seed, Faults: emulator.Faults{PowerCutAfter: 2*mib + 512}})
		d.Prefill()
		c := open(t, d)
		buf := make([]byte, 64<<10)
		for off := int64(0); off < c.Size(); off += int64(len(buf)) {
			if _, err := c.WriteAt(buf, off); err != nil {
				break
			}
		}
		return d.Remnants()
	}
	a, b, other := run(1), run(1), run(2)
	if !equal(a, b) {
		t.Error("one seed, two results")
	}
	if equal(a, other) {
		t.Error("two seeds, one result")
	}
}

func equal(a, b []emulator.Remnant) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestReadErrorsMove(t *testing.T) {
	d := newDrive(t, emulator.Params{Faults: emulator.Faults{ReadErrors: []emulator.Range{{First: 20, Count: 2}}}})
	d.Prefill()
	c := open(t, d)
	buf := make([]byte, 64*512)
	n, err := c.ReadAt(buf, 0)
	var io *emulator.IOError
	if n != 20*512 || !errors.As(err, &io) || io.LBA != 20 || !errors.Is(err, emulator.ErrMedium) {
		t.Fatalf("read %d, %v", n, err)
	}
	if _, err := c.WriteAt(buf, 0); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadAt(buf, 0); err != nil {
		t.Fatalf("after the write: %v", err)
	}
	kinds := map[emulator.AreaKind]bool{}
	for _, r := range d.Remnants() {
		kinds[r.Area.Kind] = true
	}
	if !kinds[emulator.AreaReallocated] {
		t.Error("the old sectors are not out of service")
	}
}

func TestFalseCapacityWraps(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.USBFlash, Sectors: 8192, Exist: 4096, Seed: 1})
	c := open(t, d)
	a, b := bytes.Repeat([]byte{1}, 4096), bytes.Repeat([]byte{2}, 4096)
	for off, p := range map[int64][]byte{0: a} {
		if _, err := c.WriteAt(p, off); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.WriteAt(b, 4096*512); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadAt(a, 0); err != nil || a[0] != 2 {
		t.Errorf("LBA 0 reads %d, %v: the address did not wrap", a[0], err)
	}
}

func BenchmarkOverwrite64MiB(b *testing.B) {
	for _, k := range []emulator.Kind{emulator.HDD, emulator.SSD} {
		b.Run(string(k), func(b *testing.B) {
			b.SetBytes(64 * mib)
			for b.Loop() {
				d := newDrive(b, emulator.Params{Kind: k, Sectors: 64 * mib / 512})
				d.Prefill()
				c := open(b, d)
				overwrite(b, c, 1)
				buf := make([]byte, mib)
				for off := int64(0); off < c.Size(); off += mib {
					if _, err := c.ReadAt(buf, off); err != nil {
						b.Fatal(err)
					}
				}
				_ = d.Remnants()
			}
		})
	}
}
