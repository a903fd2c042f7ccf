//go:build linux

package linux

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
	"unsafe"

	"github.com/massho/massho/devices/nvme"
)

// nvmePassthru64 is struct nvme_passthru_cmd64 of <linux/nvme_ioctl.h>; the
// 72 bytes of nvme_passthru_cmd are the same up to timeoutMs, then a 32-bit
// result. addr is a u64 there: a pointer here, on the 64-bit machines that the
// size check below admits.
type nvmePassthru64 struct {
	opcode      uint8
	flags       uint8
	rsvd1       uint16
	nsid        uint32
	cdw2, cdw3  uint32
	metadata    unsafe.Pointer
	addr        unsafe.Pointer
	metadataLen uint32
	dataLen     uint32
	cdw10       uint32
	cdw11       uint32
	cdw12       uint32
	cdw13       uint32
	cdw14       uint32
	cdw15       uint32
	timeoutMs   uint32
	rsvd2       uint32 // nvme_passthru_cmd: result
	result      uint64 // nvme_passthru_cmd: not there
}

const (
	nvmeAdminCmd   = 0xC0484E41 // NVME_IOCTL_ADMIN_CMD, 72 bytes
	nvmeAdmin64Cmd = 0xC0504E47 // NVME_IOCTL_ADMIN64_CMD, 80 bytes

	defaultNVMeTimeout = 60 * time.Second
)

// The kernel's sizes: a build for a machine where they differ fails here.
var (
	_ [80]byte = [unsafe.Sizeof(nvmePassthru64{})]byte{}
	_ [88]byte = [unsafe.Sizeof(sgIOHdr{})]byte{}
)

// nvmeTransport is nvme.Transport over the admin passthrough ioctls.
type nvmeTransport struct {
	h   handle
	old bool // the kernel has no ADMIN64
}

// NVMeAdmin returns the admin transport of an open NVMe namespace or
// controller node. It must never be given a USB device: some bridges break at
// the ioctl alone. The caller chooses by sysfs. As with SGIO, ctx is looked at
// before the command only.
func NVMeAdmin(f *os.File) nvme.Transport {
	return &nvmeTransport{h: handle{f, kernelIoctl}}
}

// Admin sends one command. A positive return of the ioctl is the NVMe status,
// with errno 0: it is always an error here.
func (t *nvmeTransport) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	if err := ctx.Err(); err != nil {
		return nvme.Completion{}, fmt.Errorf("%s: not sent: %w", nvme.Name(c), err)
	}
	cmd := newPassthru(c)
	req := uintptr(nvmeAdmin64Cmd)
	if t.old {
		req = nvmeAdminCmd
	}
	ret, errno := t.h.call(req, unsafe.Pointer(cmd))
	if errno == syscall.ENOTTY && !t.old {
		t.old = true
		cmd = newPassthru(c)
		ret, errno = t.h.call(nvmeAdminCmd, unsafe.Pointer(cmd))
	}
	result := uint32(cmd.result)
	if t.old {
		result = cmd.rsvd2
	}
	if errno != 0 {
		return nvme.Completion{}, fmt.Errorf("%s: %w", nvme.Name(c),
			&os.PathError{Op: "NVMe admin ioctl", Path: t.h.f.Name(), Err: errno})
	}
	if ret != 0 {
		return nvme.Completion{}, nvmeStatus(c, ret, result)
	}
	return nvme.Completion{Result: result}, nil
}

// nvmeStatus is the error for a positive return: never nil.
func nvmeStatus(c nvme.AdminCommand, ret uintptr, result uint32) error {
	if ret > 0xFFFF {
		return fmt.Errorf("%s: the ioctl returned %Xh, which is no NVMe status", nvme.Name(c), ret)
	}
	err := nvme.NewStatusError(c, uint16(ret))
	if err == nil {
		return fmt.Errorf("%s: the ioctl returned status %04Xh without a status code", nvme.Name(c), ret)
	}
	var se *nvme.StatusError
	if errors.As(err, &se) {
		se.Result = result
	}
	return err
}

func newPassthru(c nvme.AdminCommand) *nvmePassthru64 {
	cmd := &nvmePassthru64{
		opcode: c.Opcode, nsid: c.NSID,
		cdw10: c.CDW10, cdw11: c.CDW11, cdw12: c.CDW12, cdw13: c.CDW13, cdw14: c.CDW14, cdw15: c.CDW15,
		timeoutMs: millis(c.Timeout, defaultNVMeTimeout),
	}
	if len(c.Data) > 0 {
		cmd.addr = unsafe.Pointer(unsafe.SliceData(c.Data))
		cmd.dataLen = uint32(len(c.Data))
	}
	return cmd
}
