//go:build linux

package linux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
)

// attachLoop puts a file of size bytes behind a free loop device for the time
// of the test. It skips without root or without loop devices.
func attachLoop(t *testing.T, size int64) (dev, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "disk.img")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		t.Fatal(err)
	}
	return attachFile(t, file), file
}

func attachFile(t *testing.T, file string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	ctl, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no loop devices:", err)
	}
	defer shut(t, ctl)
	back, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, back)
	for range 50 { // another test program may take the free one first
		n, errno := kernelIoctl(ctl.Fd(), unix.LOOP_CTL_GET_FREE, nil)
		if errno != 0 {
			t.Skip("no free loop device:", errno)
		}
		dev := fmt.Sprintf("/dev/loop%d", n)
		if errno := setLoop(t, dev, back); errno == unix.EBUSY {
			continue
		} else if errno != 0 {
			t.Fatal("LOOP_SET_FD:", errno)
		}
		t.Cleanup(func() { detachLoop(t, dev) })
		return dev
	}
	t.Skip("every free loop device was taken by somebody else")
	return ""
}

func setLoop(t *testing.T, dev string, back *os.File) syscall.Errno {
	t.Helper()
	l, err := os.OpenFile(dev, os.O_RDWR, 0)
	if err != nil {
		t.Skip("no loop device node:", err)
	}
	defer shut(t, l)
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, l.Fd(), unix.LOOP_SET_FD, back.Fd())
	return errno
}

func detachLoop(t *testing.T, dev string) {
	l, err := os.OpenFile(dev, os.O_RDWR, 0)
	if err != nil {
		t.Error(err)
		return
	}
	defer shut(t, l)
	if _, errno := kernelIoctl(l.Fd(), unix.LOOP_CLR_FD, nil); errno != 0 && errno != unix.ENXIO {
		t.Error("LOOP_CLR_FD:", errno)
	}
}

func detectLoop(t *testing.T, dev string) (devices.Device, []devices.Device) {
	t.Helper()
	devs, err := NewSystem().Detect(context.Background(), devices.DetectOptions{Loop: []string{dev}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devs {
		if d.Path == dev {
			return d, devs
		}
	}
	t.Fatalf("%s is not listed", dev)
	return devices.Device{}, nil
}

func refusalCode(err error) devices.Code {
	var r *devices.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return ""
}

func page(t *testing.T, fill byte) []byte {
	t.Helper()
	p, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(p) })
	for i := range p {
		p[i] = fill
	}
	return p
}

func TestLoopDetectedOnlyWhenNamed(t *testing.T) {
	dev, _ := attachLoop(t, 8<<20)
	devs, err := NewSystem().Detect(context.Background(), devices.DetectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devs {
		if d.Transport == devices.TransportLoop {
			t.Errorf("%s was listed without being named", d.Name)
		}
	}
	d, all := detectLoop(t, dev)
	if d.Class != devices.ClassVirtual || !d.Transport.TestOnly() || d.IdentityProblem != "" || d.Unreadable {
		t.Errorf("%+v", d)
	}
	if !strings.HasPrefix(d.Identity.Serial, "LOOP-") || d.Identity.CapacityBytes() != 8<<20 || d.Identity.LogicalSector != 512 {
		t.Errorf("identity %+v", d.Identity)
	}
	if rs := devices.Refusals(d, devices.Environment{Present: all}); len(rs) != 0 {
		t.Errorf("refused: %v", rs)
	}
}

func TestLoopOpenWriteFlushRead(t *testing.T) {
	dev, file := attachLoop(t, 4<<20)
	d, _ := detectLoop(t, dev)
	c, err := NewSystem().Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, c)
	if c.Size() != 4<<20 || c.SectorSize() != 512 || c.ATA() != nil || c.SCSI() != nil || c.NVMe() != nil {
		t.Errorf("size %d sector %d wires %v %v %v", c.Size(), c.SectorSize(), c.ATA(), c.SCSI(), c.NVMe())
	}
	p := page(t, 0xA7)
	if _, err := c.WriteAt(p, 1<<20); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(context.Background()); err != nil {
		t.Fatal(err)
	}
	q := page(t, 0)
	if _, err := c.ReadAt(q, 1<<20); err != nil || !bytes.Equal(p, q) {
		t.Fatalf("read back: %v", err)
	}
	got := make([]byte, 4096)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, f)
	if _, err := f.ReadAt(got, 1<<20); err != nil || !bytes.Equal(got, p) {
		t.Fatalf("the file holds something else: %v", err)
	}
	if _, err := c.WriteAt(p[:100], 0); err == nil {
		t.Error("a write of 100 bytes was taken")
	}
	if _, err := c.ReadAt(p, 4<<20); err == nil {
		t.Error("a read past the end was taken")
	}
	if err := c.Reset(context.Background()); !errors.Is(err, devices.ErrNoReset) {
		t.Errorf("reset: %v", err)
	}
	id, err := c.LookIdentity(context.Background())
	if same, field := d.Identity.Same(id); err != nil || !same {
		t.Errorf("identity: %v %s", err, field)
	}
}

func TestLoopRescanSeesGrowth(t *testing.T) {
	dev, file := attachLoop(t, 4<<20)
	d, _ := detectLoop(t, dev)
	c, err := NewSystem().Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, c)
	if err := os.Truncate(file, 6<<20); err != nil {
		t.Fatal(err)
	}
	if c.Size() != 4<<20 {
		t.Errorf("size %d before the rescan", c.Size())
	}
	if err := c.Rescan(context.Background()); err != nil {
		t.Fatal(err)
	}
	if c.Size() != 6<<20 {
		t.Errorf("size %d after the rescan", c.Size())
	}
}

func TestLoopOpenIsExclusive(t *testing.T) {
	dev, _ := attachLoop(t, 4<<20)
	mkfs(t, dev, "ext4")
	d, _ := detectLoop(t, dev)
	c, err := NewSystem().Open(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewSystem().Open(context.Background(), d); refusalCode(err) != devices.CodeBusy {
		t.Errorf("second open: %v", err)
	}
	if err := unix.Mount(dev, t.TempDir(), "ext4", 0, ""); !errors.Is(err, unix.EBUSY) {
		t.Errorf("mount of an open drive: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c, err = NewSystem().Open(context.Background(), d)
	if err != nil {
		t.Fatalf("open after close: %v", err)
	}
	shut(t, c)
}

func TestLoopExchangedFileIsNoticed(t *testing.T) {
	dev, _ := attachLoop(t, 4<<20)
	d, _ := detectLoop(t, dev)
	other := filepath.Join(t.TempDir(), "other.img")
	if err := os.WriteFile(other, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	detachLoop(t, dev)
	back, err := os.OpenFile(other, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer shut(t, back)
	if errno := setLoop(t, dev, back); errno != 0 {
		t.Skipf("%s was taken by somebody else: %v", dev, errno)
	}
	if _, err := NewSystem().Open(context.Background(), d); refusalCode(err) != devices.CodeIdentityChanged {
		t.Errorf("open after the exchange: %v", err)
	}
}

func TestLoopTwiceOnOneFileIsADuplicate(t *testing.T) {
	dev, file := attachLoop(t, 4<<20)
	second := attachFile(t, file)
	devs, err := NewSystem().Detect(context.Background(), devices.DetectOptions{Loop: []string{dev, second}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range devs {
		if d.Transport != devices.TransportLoop {
			continue
		}
		rs := devices.Refusals(d, devices.Environment{Present: devs})
		if len(rs) != 1 || rs[0].Code != devices.CodeSerialDuplicate {
			t.Errorf("%s: %v", d.Name, rs)
		}
	}
}

func mkfs(t *testing.T, dev, fs string, args ...string) {
	t.Helper()
	cmd := exec.Command("mkfs."+fs, append(args, dev)...)
	if _, err := exec.LookPath("mkfs." + fs); err != nil {
		t.Skip(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("mkfs.%s: %v\n%s", fs, err, out)
	}
}

func mountOn(t *testing.T, dev, fs string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount(dev, dir, fs, 0, ""); err != nil {
		t.Skipf("mount %s: %v", fs, err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func TestLoopMountedIsRefused(t *testing.T) {
	dev, _ := attachLoop(t, 16<<20)
	before, _ := detectLoop(t, dev)
	mkfs(t, dev, "ext4")
	dir := mountOn(t, dev, "ext4")
	d, all := detectLoop(t, dev)
	rs := devices.Refusals(d, devices.Environment{Present: all, Evidence: []string{filepath.Join(dir, "case-1")}})
	if len(rs) != 2 || rs[0].Code != devices.CodeMounted || rs[1].Code != devices.CodeEvidence {
		t.Fatalf("refusals: %v", rs)
	}
	if !strings.Contains(rs[0].Why.Ja, dir) || !strings.Contains(rs[0].Next.En, "Unmount") {
		t.Errorf("%+v", rs[0])
	}
	// also for a snapshot from before the mount
	if _, err := NewSystem().Open(context.Background(), before); refusalCode(err) != devices.CodeMounted {
		t.Errorf("open: %v", err)
	}
}

func TestLoopSwapIsRefused(t *testing.T) {
	dev, _ := attachLoop(t, 16<<20)
	if out, err := exec.Command("mkswap", dev).CombinedOutput(); err != nil {
		t.Skipf("mkswap: %v %s", err, out)
	}
	path := append([]byte(dev), 0)
	if _, _, errno := syscall.Syscall(syscall.SYS_SWAPON, uintptr(unsafe.Pointer(&path[0])), 0, 0); errno != 0 {
		t.Skip("swapon:", errno)
	}
	t.Cleanup(func() {
		if _, _, errno := syscall.Syscall(syscall.SYS_SWAPOFF, uintptr(unsafe.Pointer(&path[0])), 0, 0); errno != 0 {
			t.Error("swapoff:", errno)
		}
	})
	d, _ := detectLoop(t, dev)
	if rs := devices.InUse(d); len(rs) != 1 || rs[0].Code != devices.CodeSwap {
		t.Errorf("refusals: %v", rs)
	}
	if _, err := NewSystem().Open(context.Background(), d); refusalCode(err) != devices.CodeSwap {
		t.Errorf("open: %v", err)
	}
}

// A loop device on a loop device: no holders directory shows it.
func TestLoopOnLoopIsHeld(t *testing.T) {
	dev, _ := attachLoop(t, 8<<20)
	upper := attachFile(t, dev)
	d, _ := detectLoop(t, dev)
	rs := devices.InUse(d)
	if len(rs) != 1 || rs[0].Code != devices.CodeHeld || !strings.Contains(rs[0].Why.En, filepath.Base(upper)) {
		t.Errorf("refusals: %v", rs)
	}
}

// The second member of a btrfs filesystem is in no line of mountinfo.
func TestBtrfsMemberIsHeld(t *testing.T) {
	a, _ := attachLoop(t, 120<<20)
	b, _ := attachLoop(t, 120<<20)
	mkfs(t, a, "btrfs", "-q", "-f", "-d", "single", "-m", "raid1", b)
	mountOn(t, a, "btrfs")
	for _, dev := range []string{a, b} {
		d, _ := detectLoop(t, dev)
		if rs := devices.InUse(d); len(rs) == 0 {
			t.Errorf("%s is a member of a mounted btrfs and nothing was said: %+v", dev, d.Stack)
		}
		if _, err := NewSystem().Open(context.Background(), d); refusalCode(err) == "" {
			t.Errorf("%s: open: %v", dev, err)
		}
	}
}

// The boot stick is found by the UUID that GRUB sees.
func TestLoopFATUUID(t *testing.T) {
	dev, _ := attachLoop(t, 64<<20)
	mkfs(t, dev, "vfat", "-F", "32", "-i", "5A1B2C3D")
	d, all := detectLoop(t, dev)
	if fmt.Sprint(d.Stack.FSUUIDs) != "[5A1B-2C3D]" || d.Stack.Unread {
		t.Fatalf("UUIDs %v unread %v", d.Stack.FSUUIDs, d.Stack.Unread)
	}
	rs := devices.Refusals(d, devices.Environment{Present: all, Boot: []string{"5a1b-2c3d"}})
	if len(rs) != 1 || rs[0].Code != devices.CodeBootStick {
		t.Errorf("refusals: %v", rs)
	}
}

func TestLoopHeldByDM(t *testing.T) {
	dev, _ := attachLoop(t, 8<<20)
	name := "massho-test-" + filepath.Base(dev)
	out, err := exec.Command("dmsetup", "create", name, "--noudevsync", "--table",
		fmt.Sprintf("0 %d linear %s 0", 8<<20/512, dev)).CombinedOutput()
	if err != nil {
		t.Skipf("no device mapper: %s", strings.TrimSpace(string(out)))
	}
	t.Cleanup(func() { _ = exec.Command("dmsetup", "remove", "--noudevsync", name).Run() })
	d, _ := detectLoop(t, dev)
	if rs := devices.InUse(d); len(rs) != 1 || rs[0].Code != devices.CodeHeld {
		t.Errorf("refusals: %v", rs)
	}
	if _, err := NewSystem().Open(context.Background(), d); refusalCode(err) != devices.CodeHeld {
		t.Errorf("open: %v", err)
	}
}
