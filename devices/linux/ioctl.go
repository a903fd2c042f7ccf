//go:build linux

package linux

import (
	"math"
	"os"
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// ioctlFunc is the one system call below this package. It returns what the
// kernel returned: ret is meaningful where errno is 0, and a positive ret is
// not a success for every request (NVMe).
type ioctlFunc func(fd uintptr, req uintptr, arg unsafe.Pointer) (ret uintptr, errno syscall.Errno)

// kernelIoctl asks the kernel once. An interrupted command is not sent again:
// whether the drive saw it is not known.
func kernelIoctl(fd, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
	ret, _, errno := syscall.Syscall(syscall.SYS_IOCTL, fd, req, uintptr(arg))
	return ret, errno
}

// handle is an open device node and the way to its ioctls.
type handle struct {
	f     *os.File
	ioctl ioctlFunc
}

// call sends req with the descriptor held open.
func (h handle) call(req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
	ret, errno := h.ioctl(h.f.Fd(), req, arg)
	runtime.KeepAlive(h.f)
	return ret, errno
}

// do sends a request that has no positive results.
func (h handle) do(name string, req uintptr, arg unsafe.Pointer) error {
	if _, errno := h.call(req, arg); errno != 0 {
		return &os.PathError{Op: name, Path: h.f.Name(), Err: errno}
	}
	return nil
}

// sizeBytes is BLKGETSIZE64: what the host can address now.
func (h handle) sizeBytes() (uint64, error) {
	var n uint64
	err := h.do("BLKGETSIZE64", unix.BLKGETSIZE64, unsafe.Pointer(&n))
	return n, err
}

// sectorSizes are BLKSSZGET and BLKPBSZGET, in bytes.
func (h handle) sectorSizes() (logical, physical uint32, err error) {
	var l int32
	var p uint32
	if err := h.do("BLKSSZGET", unix.BLKSSZGET, unsafe.Pointer(&l)); err != nil {
		return 0, 0, err
	}
	if err := h.do("BLKPBSZGET", unix.BLKPBSZGET, unsafe.Pointer(&p)); err != nil {
		return 0, 0, err
	}
	return uint32(l), p, nil
}

// readOnly is BLKROGET.
func (h handle) readOnly() (bool, error) {
	var ro int32
	err := h.do("BLKROGET", unix.BLKROGET, unsafe.Pointer(&ro))
	return ro != 0, err
}

// rereadPartitions is BLKRRPART. It fails with EBUSY while a partition is in
// use and with EINVAL where the device takes no partitions.
func (h handle) rereadPartitions() error {
	return h.do("BLKRRPART", unix.BLKRRPART, nil)
}

// loopSetCapacity makes a loop device see its file's new size.
func (h handle) loopSetCapacity() error {
	return h.do("LOOP_SET_CAPACITY", unix.LOOP_SET_CAPACITY, nil)
}

// Reset kinds of SG_SCSI_RESET (scsi/sg.h).
const (
	sgScsiReset           = 0x2284
	sgResetDevice   int32 = 1
	sgResetNoHigher int32 = 0x100 // never escalate to target, bus, host: others live there
)

// scsiReset resets this logical unit and nothing above it.
func (h handle) scsiReset() error {
	kind := sgResetDevice | sgResetNoHigher
	return h.do("SG_SCSI_RESET", sgScsiReset, unsafe.Pointer(&kind))
}

// millis is d for the u32 fields of the kernel: rounded up, def for 0, and
// never 0 itself, which means the kernel's default and not "for ever".
func millis(d, def time.Duration) uint32 {
	if d <= 0 {
		d = def
	}
	ms := d.Milliseconds()
	if d%time.Millisecond != 0 {
		ms++
	}
	return uint32(min(ms, math.MaxUint32))
}
