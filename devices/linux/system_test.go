//go:build linux

package linux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
)

// A drive that hangs in the kernel is listed and holds up nobody.
func TestLoopHangingDriveIsListed(t *testing.T) {
	hanging, _ := attachLoop(t, 1<<20)
	sound, _ := attachLoop(t, 1<<20)
	release, hangs := make(chan struct{}), make(chan struct{})
	t.Cleanup(func() { close(release) })
	s := NewSystem(WithPerDrive(time.Hour))
	name := filepath.Base(hanging)
	hour := s.limit
	s.limit = func(ctx context.Context, f found) (context.Context, context.CancelFunc) {
		ctx, cancel := hour(ctx, f)
		if f.dev.Name == name { // its time is up as soon as it hangs
			go func() { <-hangs; cancel() }()
		}
		return ctx, cancel
	}
	var once sync.Once
	real := s.ioctl
	s.ioctl = func(fd, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
		if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); err == nil && filepath.Base(target) == name {
			once.Do(func() { close(hangs) })
			<-release
		}
		return real(fd, req, arg)
	}
	devs, err := s.Detect(context.Background(), devices.DetectOptions{Loop: []string{hanging, sound}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]devices.Device{}
	for _, d := range devs {
		got[d.Path] = d
	}
	if d := got[hanging]; !d.Unreadable || !strings.HasPrefix(d.IdentityProblem, devices.ProblemNoAnswer) || d.Identity.Serial != "" {
		t.Errorf("hanging: %+v", d)
	}
	if d := got[sound]; d.Unreadable || d.Identity.Serial == "" {
		t.Errorf("sound: %+v", d)
	}
	if rs := devices.Refusals(got[hanging], devices.Environment{}); len(rs) != 1 || rs[0].Code != devices.CodeUnreadable {
		t.Errorf("refusals: %v", rs)
	}
}

// Between SECURITY ERASE PREPARE and ERASE UNIT no other command may reach the
// drive: a Detect of the same program asks it nothing.
func TestLoopOpenDriveIsNotAsked(t *testing.T) {
	dev, _ := attachLoop(t, 1<<20)
	s := NewSystem()
	opt := devices.DetectOptions{Loop: []string{dev}}
	before := pick(t, s, opt, dev)
	c, err := s.Open(context.Background(), before)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	real := s.ioctl
	s.ioctl = func(fd, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
		if req == unix.LOOP_GET_STATUS64 {
			asked++
		}
		return real(fd, req, arg)
	}
	during := pick(t, s, opt, dev)
	if same, field := during.Identity.Same(before.Identity); !same || asked != 0 || during.Unreadable {
		t.Errorf("asked %d times, %s differs: %+v", asked, field, during)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if pick(t, s, opt, dev); asked != 1 {
		t.Errorf("asked %d times after Close", asked)
	}
}

func pick(t *testing.T, s *System, opt devices.DetectOptions, path string) devices.Device {
	t.Helper()
	devs, err := s.Detect(context.Background(), opt)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devs {
		if d.Path == path {
			return d
		}
	}
	t.Fatalf("%s is not listed", path)
	return devices.Device{}
}

// Another part of the same medium is not asked either.
func TestOpenMediumIsNotAsked(t *testing.T) {
	s := NewSystem()
	a := devices.Device{Name: "nvme0n1", SysPath: "/sys/a", Parent: "nqn.one"}
	s.keep(&conn{}, a)
	if d, held := s.opened(devices.Device{Name: "nvme0n2", SysPath: "/sys/b", Parent: "nqn.one"}); !held || !d.Unreadable {
		t.Errorf("%+v %v", d, held)
	}
	if _, held := s.opened(devices.Device{Name: "nvme1n1", SysPath: "/sys/c", Parent: "nqn.two"}); held {
		t.Error("another medium was taken for the open one")
	}
	// another drive that came to the same name
	if _, held := s.opened(devices.Device{Name: "nvme0n1", SysPath: "/sys/z", Parent: "nqn.three"}); held {
		t.Error("a name was taken for a medium")
	}
}

func TestOpenError(t *testing.T) {
	d := devices.Device{Name: "sda"}
	for err, want := range map[error]devices.Code{
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.EBUSY}:     devices.CodeBusy,
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.EROFS}:     devices.CodeReadOnly,
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.EACCES}:    devices.CodeReadOnly,
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.ENOENT}:    devices.CodeVanished,
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.ENXIO}:     devices.CodeVanished,
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.ENOMEDIUM}: devices.CodeNoMedium,
		&os.PathError{Op: "open", Path: "/dev/sda", Err: unix.EPERM}:     "",
		fmt.Errorf("x: %w", errExchanged):                                devices.CodeIdentityChanged,
		io.ErrUnexpectedEOF:                                              "",
	} {
		got := openError(d, err)
		if refusalCode(got) != want || got == nil {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// The node in /dev must be the device that sysfs shows under that name.
func TestOpenNodeNoticesAnotherDevice(t *testing.T) {
	dev, _ := attachLoop(t, 1<<20)
	s := NewSystem()
	f := found{dev: devices.Device{Name: filepath.Base(dev), Path: dev}, rdev: "7:4000"}
	if _, err := s.openNode(f, unix.O_RDONLY); !errors.Is(err, errExchanged) {
		t.Errorf("%v", err)
	}
	f = found{dev: devices.Device{Name: "null", Path: "/dev/null"}, rdev: "1:3"}
	if _, err := s.openNode(f, unix.O_RDONLY); !errors.Is(err, errExchanged) {
		t.Errorf("a character device: %v", err)
	}
}

func TestVanishedDrive(t *testing.T) {
	_, err := NewSystem().Open(context.Background(), devices.Device{Name: "sdqz", Path: "/dev/sdqz"})
	if refusalCode(err) != devices.CodeVanished {
		t.Errorf("%v", err)
	}
}

func TestWrapSaysGone(t *testing.T) {
	tr := unpack(t, []byte("-- sys/there/dev --\n8:0\n-- sys/there/device/state --\nrunning\n-- sys/off/dev --\n8:1\n-- sys/off/device/state --\noffline\n"))
	at := func(name string) *conn {
		return &conn{dev: devices.Device{Name: "sda"}, f: found{node: node(filepath.Join(tr.sys, name))}}
	}
	for name, c := range map[string]struct {
		where string
		err   error
		gone  bool
	}{
		"a bad sector":         {"there", unix.EIO, false},
		"EIO of a pulled one":  {"nowhere", unix.EIO, true},
		"EIO of an offline":    {"off", unix.EIO, true},
		"no such device":       {"there", unix.ENODEV, true},
		"no such address":      {"there", unix.ENXIO, true},
		"no space":             {"there", unix.ENOSPC, false},
		"no connection, SG_IO": {"there", &SGError{Host: 1}, true},
		"timeout, SG_IO":       {"there", &SGError{Host: 3}, false},
		"something else":       {"nowhere", io.EOF, false},
	} {
		err := at(c.where).wrap("write", c.err)
		if devices.Gone(err) != c.gone || !errors.Is(err, c.err) || !strings.HasPrefix(err.Error(), "sda: write: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const nvmeControllers = `-- sys/class/nvme/nvme0 -> ../../devices/a/nvme/nvme0 --
-- sys/devices/a/nvme/nvme0/reset_controller --
-- sys/devices/a/nvme/nvme0/rescan_controller --
-- sys/devices/b/nvme/nvme1/reset_controller --
-- sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0 -> ../../../a/nvme/nvme0 --
-- sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme1 -> ../../../b/nvme/nvme1 --
-- sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1/nsid --
1
`

// With multipath every controller of the medium is reset; without the
// attribute there is an error and never a silent nothing.
func TestNVMeResetReachesEveryController(t *testing.T) {
	tr := unpack(t, []byte(nvmeControllers))
	c := &conn{dev: devices.Device{Name: "nvme0n1"}, f: found{node: node(tr.sys + "/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1")},
		road: &road{nvme: &nvmeTransport{}}}
	if err := c.Reset(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{"a/nvme/nvme0", "b/nvme/nvme1"} {
		if got := node(tr.sys + "/devices/" + p).attr("reset_controller"); got != "1" {
			t.Errorf("%s: %q", p, got)
		}
	}
	if err := onControllers(c.f.node, "rescan_controller"); err == nil {
		t.Error("nvme1 has no rescan_controller, and nothing was said")
	}
}

func TestResetSCSI(t *testing.T) {
	for name, c := range map[string]struct {
		errno syscall.Errno
		none  bool
	}{"done": {0, false}, "libata": {unix.EIO, true}, "not known": {unix.ENOTTY, true}, "no permission": {unix.EACCES, false}} {
		h := fakeHandle(t, func(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
			if req != sgScsiReset || *(*int32)(arg) != 0x101 {
				t.Errorf("request %X kind %X: only this unit may be reset", req, *(*int32)(arg))
			}
			return 0, c.errno
		})
		err := (&conn{dev: devices.Device{Name: "sda"}, road: &road{h: h, scsi: sgTransport{h}}}).Reset(context.Background())
		if errors.Is(err, devices.ErrNoReset) != c.none || (err == nil) != (c.errno == 0) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The port of an old PATA controller has two drives: a probe would reset both.
func TestAloneOn(t *testing.T) {
	tr := unpack(t, []byte("-- sys/host1/target1:0:0/x --\n\n-- sys/host2/target2:0:0/x --\n\n-- sys/host2/target2:0:1/x --\n\n"))
	for host, want := range map[string]bool{"host1": true, "host2": false, "host3": false} {
		if got := aloneOn(node(filepath.Join(tr.sys, host))); got != want {
			t.Errorf("%s: %v", host, got)
		}
	}
}

// Flush passes on every failure but "I do not know this command".
func TestFlush(t *testing.T) {
	for name, c := range map[string]struct {
		key, asc byte
		wantErr  bool
	}{"done": {}, "no such command": {5, 0x20, false}, "write error": {3, 0x0C, true}, "unit attention": {6, 0x29, true}} {
		h := fakeHandle(t, func(_, _ uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
			hdr := (*sgIOHdr)(arg)
			if c.key != 0 {
				hdr.status, hdr.driverStatus = 2, 8
				sense := []byte{0x70, 0, c.key, 0, 0, 0, 0, 10, 0, 0, 0, 0, c.asc, 0, 0, 0, 0, 0}
				hdr.sbLenWr = uint8(copy(unsafe.Slice((*byte)(hdr.sbp), hdr.mxSbLen), sense))
			}
			return 0, 0
		})
		file, err := os.CreateTemp(t.TempDir(), "") // /dev/null takes no fsync
		if err != nil {
			t.Fatal(err)
		}
		h.f = file
		err = (&conn{dev: devices.Device{Name: "sda"}, road: &road{h: h, scsi: sgTransport{h}}}).Flush(context.Background())
		if (err != nil) != c.wantErr {
			t.Errorf("%s: %v", name, err)
		}
		shut(t, file)
	}
}

const dmi = `-- sys/class/dmi/id/sys_vendor --
FUJITSU CLIENT COMPUTING LIMITED
-- sys/class/dmi/id/product_name --
ESPRIMO D588/VX
-- sys/class/dmi/id/product_serial --
SERIAL
-- sys/class/dmi/id/product_uuid --
11111111-2222-3333-4444-555555555555
-- sys/class/dmi/id/chassis_type --
3
-- sys/class/dmi/id/chassis_asset_tag --
A0001
-- sys/class/dmi/id/board_name --
D3654-A1
-- sys/class/dmi/id/bios_vendor --
FUJITSU // American Megatrends Inc.
-- proc/meminfo --
MemTotal:        8000000 kB
-- proc/cpuinfo --
processor	: 0
model name	: Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz
`

func TestHost(t *testing.T) {
	for serial, placeholder := range map[string]bool{"MA7Z012345": false, "To be filled by O.E.M.": true, "": true} {
		s := NewSystem()
		s.tree = unpack(t, []byte(strings.Replace(dmi, "SERIAL", serial, 1)))
		h, err := s.Host(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if h.Product != "ESPRIMO D588/VX" || h.Serial != serial || h.ChassisAsset != "A0001" || h.ChassisType != "Desktop" ||
			h.BoardProduct != "D3654-A1" || h.MemoryBytes != 8000000*1024 || h.CPU != "Intel(R) Core(TM) i5-8500 CPU @ 3.00GHz" {
			t.Errorf("%+v", h)
		}
		if h.SerialPlaceholder != placeholder || h.BoardVendor != "" || h.SKU != "" {
			t.Errorf("%q: placeholder %v; what firmware does not fill must be empty: %+v", serial, h.SerialPlaceholder, h)
		}
	}
}

// A library does not print. ghw's logger holds on to descriptor 2 itself.
func TestHostIsSilent(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := unix.Dup(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Dup3(int(w.Fd()), 2, 0); err != nil {
		t.Fatal(err)
	}
	s := NewSystem()
	s.tree = unpack(t, []byte("-- proc/meminfo --\nMemTotal: 1 kB\n"))
	_, err = s.Host(context.Background())
	if err := errors.Join(unix.Dup3(kept, 2, 0), unix.Close(kept), w.Close()); err != nil {
		t.Fatal(err)
	}
	out, readErr := io.ReadAll(r)
	if err != nil || readErr != nil || len(bytes.TrimSpace(out)) != 0 {
		t.Errorf("%q %v %v", out, err, readErr)
	}
}
