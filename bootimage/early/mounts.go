//go:build linux

package early

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// mountPoint is a file system without a device.
type mountPoint struct{ fsType, target string }

// base are needed before drivers are loaded, late only after: efivarfs is a
// module. u-root's init has mounted most of them; what is there stays.
var (
	base = []mountPoint{{"proc", "proc"}, {"sysfs", "sys"}, {"devtmpfs", "dev"}, {"tmpfs", "run"}, {"securityfs", "sys/kernel/security"}}
	late = []mountPoint{{"efivarfs", "sys/firmware/efi/efivars"}}
)

// mountBase mounts what is needed from the start; in a test's tree nothing.
func mountBase(root string) []error { return mountAll(root, base) }

// mountLate mounts the firmware's variables where the firmware is UEFI.
func mountLate(root string) []error {
	if _, err := os.Stat(at(root, "sys/firmware/efi")); err != nil {
		return nil
	}
	return mountAll(root, late)
}

func mountAll(root string, points []mountPoint) (failed []error) {
	if root != "/" {
		return nil
	}
	for _, p := range points {
		target := at(root, p.target)
		if mounted(target, p.fsType) {
			continue
		}
		err := os.MkdirAll(target, 0o755)
		if err == nil || p.fsType != "tmpfs" {
			err = unix.Mount(p.fsType, target, p.fsType, unix.MS_NOSUID|unix.MS_NOEXEC, "")
		}
		if err != nil && !errors.Is(err, unix.EBUSY) {
			failed = append(failed, fmt.Errorf("mount %s on %s: %w", p.fsType, target, err))
		}
	}
	return failed
}

// mounted says whether target carries a file system of that type.
func mounted(target, fsType string) bool {
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[1] == target && f[2] == fsType {
			return true
		}
	}
	return false
}

// Mounted is an evidence place that is mounted.
type Mounted struct {
	Place
	// Dir is the folder to write records to.
	Dir string

	point string
}

// evidenceOptions: names are UTF-8; times are UTC; a damaged file system stops
// taking writes instead of getting worse; data goes out as soon as the stick
// is idle, for the person who pulls it.
const evidenceOptions = "utf8,shortname=mixed,tz=UTC,errors=remount-ro,flush"

// Mount mounts p on dir, or on dir's neighbour "boot" for the Explorer form.
// Up has done it once; a caller needs it after the stick was pulled and put
// back: Detach, FindEvidence, Mount.
func (p Place) Mount(dir string) (*Mounted, error) {
	m := &Mounted{Place: p, Dir: dir, point: dir}
	if p.Folder != "" {
		m.point = filepath.Join(filepath.Dir(dir), "boot")
		m.Dir = filepath.Join(m.point, p.Folder)
	}
	if err := os.MkdirAll(m.point, 0o755); err != nil {
		return nil, fmt.Errorf("mount the evidence place: %w", err)
	}
	flags := uintptr(unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_NOATIME)
	if p.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	if err := unix.Mount(p.Device, m.point, "vfat", flags, evidenceOptions); err != nil {
		return nil, fmt.Errorf("mount the evidence place %s on %s: %w", p.Device, m.point, err)
	}
	if p.ReadOnly {
		return m, nil
	}
	if err := os.MkdirAll(m.Dir, 0o755); err != nil {
		return nil, errors.Join(fmt.Errorf("evidence folder on %s: %w", p.Device, err), m.Unmount())
	}
	return m, nil
}

// Unmount flushes the evidence place and unmounts it. After it has returned
// nil the stick may be pulled.
func (m *Mounted) Unmount() error {
	if err := unix.Unmount(m.point, 0); err != nil {
		return fmt.Errorf("unmount the evidence place %s: %w; close its files and try again", m.point, err)
	}
	return nil
}

// Detach gives up an evidence place whose medium is gone. Files that are still
// open fail from now on; nothing is flushed, for there is nowhere to flush to.
// The kernel keeps the volume's mark "not properly unmounted" for ever after:
// Windows will offer to check the stick, and fsck.fat names the mark.
func (m *Mounted) Detach() error {
	if err := unix.Unmount(m.point, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("detach the evidence place %s: %w", m.point, err)
	}
	return nil
}

// PowerOff writes everything out and switches the machine off. The evidence
// place must have been unmounted: PowerOff refuses while a file system of a
// block device is mounted for writing.
func PowerOff() error { return finish(unix.LINUX_REBOOT_CMD_POWER_OFF) }

// Reboot is PowerOff, and starts again.
func Reboot() error { return finish(unix.LINUX_REBOOT_CMD_RESTART) }

// ErrStillMounted says that a medium could lose data if power went now.
var ErrStillMounted = errors.New("a medium is still mounted for writing; unmount it first")

func finish(cmd int) error {
	b, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return fmt.Errorf("power off: %w", err)
	}
	if dev := writable(string(b)); dev != "" {
		return fmt.Errorf("power off: %s: %w", dev, ErrStillMounted)
	}
	unix.Sync()
	if err := unix.Reboot(cmd); err != nil {
		return fmt.Errorf("power off: %w", err)
	}
	return nil
}

// writable returns the first block device of a mount table that takes writes.
func writable(mounts string) string {
	for line := range strings.Lines(mounts) {
		f := strings.Fields(line)
		if len(f) > 3 && strings.HasPrefix(f[0], "/dev/") && !strings.HasPrefix(f[3]+",", "ro,") {
			return f[0]
		}
	}
	return ""
}
