//go:build linux

package linux

import (
	"context"
	"fmt"
	"time"
	"unsafe"

	"github.com/massho/massho/devices/mmc"
)

// mmcIocCmd is struct mmc_ioc_cmd of <linux/mmc/ioctl.h>, 72 bytes.
type mmcIocCmd struct {
	writeFlag      int32
	isACMD         int32
	opcode         uint32
	arg            uint32
	response       [4]uint32
	flags          uint32
	blksz          uint32
	blocks         uint32
	postsleepMinUs uint32
	postsleepMaxUs uint32
	dataTimeoutNs  uint32
	cmdTimeoutMs   uint32
	_              uint32
	dataPtr        unsafe.Pointer // u64 in the kernel's words
}

var _ [72]byte = [unsafe.Sizeof(mmcIocCmd{})]byte{}

const (
	mmcIOCCmd      = 0xC048B300 // MMC_IOC_CMD: _IOWR(179, 0, 72 bytes)
	mmcIOCMultiCmd = 0xC008B301 // MMC_IOC_MULTI_CMD: _IOWR(179, 1, 8 bytes and the commands)
	mmcIOCMaxCmds  = 255        // MMC_IOC_MAX_CMDS

	// Response types of <linux/mmc/core.h>.
	mmcRspR1  = 1<<0 | 1<<2 | 1<<4 // present, CRC, opcode
	mmcRspR1b = mmcRspR1 | 1<<3    // and busy
	mmcCmdAC  = 0 << 5             // addressed, no data
	mmcCmdTC  = 1 << 5             // addressed, with data

	defaultMMCTimeout = 10 * time.Second
)

// mmcTransport is mmc.Transport over MMC_IOC_CMD. The kernel waits for the end
// of the card's busy signal itself.
type mmcTransport struct{ h handle }

// Exec sends one command. ctx is looked at before it only.
func (t mmcTransport) Exec(ctx context.Context, c mmc.Command) (uint32, error) {
	if err := ctx.Err(); err != nil {
		return 0, fmt.Errorf("CMD%d: not sent: %w", c.Index, err)
	}
	ioc, err := mmcCommand(c)
	if err != nil {
		return 0, err
	}
	if err := t.h.do("MMC_IOC_CMD", mmcIOCCmd, unsafe.Pointer(&ioc)); err != nil {
		return 0, fmt.Errorf("CMD%d: %w", c.Index, err)
	}
	return ioc.response[0], nil
}

// ExecAll sends commands without data with nothing of the kernel's between them.
// The kernel stops at the first that fails on the bus.
func (t mmcTransport) ExecAll(ctx context.Context, cmds []mmc.Command) ([]uint32, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("MMC_IOC_MULTI_CMD: not sent: %w", err)
	}
	// struct mmc_ioc_multi_cmd: a u64 count, then the commands, 8-byte aligned.
	multi := new(struct {
		n    uint64
		cmds [mmcIOCMaxCmds]mmcIocCmd
	})
	if len(cmds) == 0 || len(cmds) > mmcIOCMaxCmds {
		return nil, fmt.Errorf("MMC_IOC_MULTI_CMD: %d commands", len(cmds))
	}
	multi.n = uint64(len(cmds))
	for i, c := range cmds {
		ioc, err := mmcCommand(c)
		if err != nil {
			return nil, err
		}
		if len(c.Data) > 0 {
			return nil, fmt.Errorf("CMD%d: data in a sequence", c.Index)
		}
		multi.cmds[i] = ioc
	}
	if err := t.h.do("MMC_IOC_MULTI_CMD", mmcIOCMultiCmd, unsafe.Pointer(multi)); err != nil {
		return nil, fmt.Errorf("CMD%d and what follows it: %w", cmds[0].Index, err)
	}
	out := make([]uint32, len(cmds))
	for i := range out {
		out[i] = multi.cmds[i].response[0]
	}
	return out, nil
}

// mmcCommand is c as the kernel takes it.
func mmcCommand(c mmc.Command) (mmcIocCmd, error) {
	ioc := mmcIocCmd{opcode: c.Index, arg: c.Arg, flags: mmcRspR1 | mmcCmdAC, cmdTimeoutMs: millis(c.Timeout, defaultMMCTimeout)}
	if c.Busy {
		ioc.flags = mmcRspR1b | mmcCmdAC
	}
	if n := len(c.Data); n > 0 {
		if n%512 != 0 {
			return ioc, fmt.Errorf("CMD%d: %d bytes, not whole blocks of 512", c.Index, n)
		}
		ioc.flags = mmcRspR1 | mmcCmdTC
		ioc.blksz, ioc.blocks = 512, uint32(n/512)
		ioc.dataPtr = unsafe.Pointer(unsafe.SliceData(c.Data))
	}
	return ioc, nil
}
