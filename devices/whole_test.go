package devices_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
)

func nvmeDrive(t *testing.T, p emulator.Params) *emulator.Drive {
	t.Helper()
	p.Kind, p.Serial = emulator.NVMe, "WHOLE0001"
	if p.Sectors == 0 {
		p.Sectors = 8192
	}
	p.NVMe = emulator.NVMeFeatures{Bare: true, SanitizeBlock: true, Format: true, Management: true}
	d, err := emulator.New(p)
	if err != nil {
		t.Fatal(err)
	}
	d.Prefill()
	return d
}

func detect(t *testing.T, sys devices.System) []devices.Device {
	t.Helper()
	list, err := sys.Detect(t.Context(), devices.DetectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWholeMediaDetect(t *testing.T) {
	three := []emulator.Namespace{{Sectors: 4096}, {Sectors: 1024}}
	for _, tc := range []struct {
		name    string
		p       emulator.Params
		names   []string
		sectors uint64
		hidden  devices.HiddenState
	}{
		{"one namespace", emulator.Params{}, []string{"emu0n1"}, 8192, devices.HiddenAbsent},
		{"three", emulator.Params{Namespaces: three}, []string{"emu0n1+emu0n2+emu0n3"}, 13312, devices.HiddenAbsent},
		{"three and capacity without one", emulator.Params{Namespaces: three, UnallocatedSectors: 512}, []string{"emu0n1+emu0n2+emu0n3"}, 13312, devices.HiddenPresent},
		{"two and one that is not attached", emulator.Params{Namespaces: []emulator.Namespace{{Sectors: 4096}, {Sectors: 1024, Detached: true}}},
			[]string{"emu0n1+emu0n2"}, 12288, devices.HiddenPresent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			list := detect(t, devices.WholeMedia(emulator.NewSystem(nvmeDrive(t, tc.p))))
			var names []string
			for _, d := range list {
				names = append(names, d.Name)
			}
			if len(names) != len(tc.names) || names[0] != tc.names[0] {
				t.Fatalf("devices %q, want %q", names, tc.names)
			}
			d := list[0]
			if d.Identity.Sectors != tc.sectors || d.Hidden.HPA != tc.hidden || len(d.Siblings) != 0 {
				t.Errorf("%d sectors, hidden %+v, siblings %v", d.Identity.Sectors, d.Hidden, d.Siblings)
			}
			if rs := devices.Refusals(d, devices.Environment{Present: list}); len(rs) > 0 {
				t.Errorf("refused: %v", rs)
			}
			if got, err := devices.MatchSerial(list, "0001"); err != nil || got.Name != d.Name {
				t.Errorf("%s, %v", got.Name, err)
			}
		})
	}
}

// What holds any namespace holds the whole medium, also by its device's path.
func TestWholeMediaInterlocks(t *testing.T) {
	d := nvmeDrive(t, emulator.Params{Namespaces: []emulator.Namespace{{Sectors: 4096}}})
	sys := devices.WholeMedia(emulator.NewSystem(d))
	list := detect(t, sys)
	for _, evidence := range []string{"/dev/emu0n2", "emu0n1"} {
		rs := devices.Refusals(list[0], devices.Environment{Present: list, Evidence: []string{evidence}})
		if len(rs) != 1 || rs[0].Code != devices.CodeEvidence {
			t.Errorf("%s: %v", evidence, rs)
		}
	}
	d.SetStack(devices.Stack{Mounts: []devices.Mount{{Source: "/dev/emu0n2p1", Target: "/mnt"}}})
	list = detect(t, sys)
	if rs := devices.Refusals(list[0], devices.Environment{Present: list}); len(rs) == 0 || rs[0].Code != devices.CodeMounted {
		t.Errorf("%v", rs)
	}
	if _, err := sys.Open(t.Context(), list[0]); err == nil {
		t.Error("a mounted medium was opened")
	}
}

func TestWholeMediaOpen(t *testing.T) {
	d := nvmeDrive(t, emulator.Params{Namespaces: []emulator.Namespace{{Sectors: 4096}, {Sectors: 1024}}})
	inner := emulator.NewSystem(d)
	sys := devices.WholeMedia(inner)
	dev := detect(t, sys)[0]
	c, err := sys.Open(t.Context(), dev)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range detect(t, inner) {
		var refused *devices.Refusal
		if _, err := inner.Open(t.Context(), part); !errors.As(err, &refused) || refused.Code != devices.CodeBusy {
			t.Errorf("%s: %v", part.Name, err)
		}
	}
	f, err := c.Look(t.Context())
	if same, field := dev.Identity.Same(f.Identity); err != nil || !same || f.Identity.Sectors != dev.Identity.Sectors || f.Hidden.HPA != devices.HiddenAbsent {
		t.Errorf("%s %+v, %v", field, f.Identity, err)
	}
	if id, err := c.LookIdentity(t.Context()); err != nil || id.Sectors != dev.Identity.Sectors || c.Size() != int64(dev.Identity.CapacityBytes()) {
		t.Errorf("%+v, %d, %v", id, c.Size(), err)
	}
	// One write over both borders, one over the end.
	want := bytes.Repeat([]byte("0123456789abcdef"), 6*1024*512/16)
	if n, err := c.WriteAt(want, 8000*512); n != 5312*512 || err == nil {
		t.Errorf("%d bytes, %v", n, err)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Error(err)
	}
	got := make([]byte, 5312*512)
	if n, err := c.ReadAt(got, 8000*512); n != len(got) || err != nil || !bytes.Equal(got, want[:len(got)]) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if ids := c.(devices.NSIDer).NSIDs(); len(ids) != 3 || ids[2] != 3 || c.NSID() != 1 || c.ATA() != nil || c.SCSI() != nil {
		t.Errorf("namespaces %v", ids)
	}
	if err := (nvme.Sanitize{Action: nvme.BlockErase}).Run(t.Context(), c.NVMe()); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if c, err = sys.Open(t.Context(), dev); err != nil {
		t.Errorf("closed, and not open again: %v", err)
	} else if err := c.Close(); err != nil {
		t.Error(err)
	}
}

// Another namespace in the place of one that was opened is another medium.
func TestWholeMediaNoticesAnother(t *testing.T) {
	d := nvmeDrive(t, emulator.Params{Namespaces: []emulator.Namespace{{Sectors: 4096}}})
	sys := devices.WholeMedia(emulator.NewSystem(d))
	dev := detect(t, sys)[0]
	c, err := sys.Open(t.Context(), dev)
	if err != nil {
		t.Fatal(err)
	}
	d.Fault(emulator.Faults{ResetAfter: 1, SerialAfterReset: "OTHER"})
	if _, err := c.ReadAt(make([]byte, 512), 0); err != nil {
		t.Fatal(err)
	}
	if id, err := c.LookIdentity(t.Context()); err == nil {
		if same, _ := dev.Identity.Same(id); same {
			t.Error("another drive passes for the first one")
		}
	}
	if _, err := c.Look(t.Context()); err == nil {
		t.Error("Look found nothing wrong")
	}
}

// Parts that cannot be one address space stay apart, and each is refused.
func TestWholeMediaLeavesApart(t *testing.T) {
	inner := fakeSystem{{Name: "n1", Parent: "s", Class: devices.ClassDisk, Caps: nvmeCaps, Identity: devices.Identity{Serial: "AAAA1111", Model: "m", Sectors: 8, LogicalSector: 512}},
		{Name: "n2", Parent: "s", Class: devices.ClassDisk, Caps: nvmeCaps, Identity: devices.Identity{Serial: "AAAA1111", Model: "m", Sectors: 8, LogicalSector: 4096}}}
	list := detect(t, devices.WholeMedia(inner))
	if len(list) != 2 {
		t.Fatalf("%d devices", len(list))
	}
	for _, d := range list {
		if rs := devices.Refusals(d, devices.Environment{Present: list}); len(rs) != 1 || rs[0].Code != devices.CodeOtherParts {
			t.Errorf("%s: %v", d.Name, rs)
		}
	}
}

var nvmeCaps = devices.Capabilities{NVMe: devices.NVMeCaps{Present: support.Yes}}

type fakeSystem []devices.Device

func (f fakeSystem) Detect(context.Context, devices.DetectOptions) ([]devices.Device, error) {
	return f, nil
}
func (fakeSystem) Open(context.Context, devices.Device) (devices.Conn, error) {
	return nil, errors.New("none")
}
func (fakeSystem) Host(context.Context) (devices.Host, error) { return devices.Host{}, nil }
