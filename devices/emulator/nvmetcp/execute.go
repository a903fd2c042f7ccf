package nvmetcp

import (
	"context"

	"github.com/massho/massho/devices/nvme"
)

// I/O opcodes (NVM Command Set 1.0 clause 3.2).
const (
	ioFlush       = 0x00
	ioWrite       = 0x01
	ioRead        = 0x02
	ioWriteZeroes = 0x08
	ioDatasetMgmt = 0x09
)

// execute does one command of the controller's.
func (c *conn) execute(ctx context.Context, cmd *command) (uint32, error) {
	if c.qid != 0 {
		return 0, c.io(ctx, cmd)
	}
	ac := nvme.AdminCommand{
		Opcode: cmd.opcode(), NSID: cmd.nsid(), CDW10: cmd.dword(10), CDW11: cmd.dword(11), CDW12: cmd.dword(12),
		CDW13: cmd.dword(13), CDW14: cmd.dword(14), CDW15: cmd.dword(15), Data: cmd.data, Out: cmd.out,
	}
	r, err := c.session.ctrl.Admin(ctx, ac)
	if err == nil && ac.Opcode == nvme.OpIdentify && byte(ac.CDW10) == nvme.CNSController {
		c.session.overFabrics(cmd.data)
	}
	return r.Result, err
}

// overFabrics puts the fields of Identify Controller that a fabric has into the
// controller's own answer (NVMe Base 2.0 figure 275, "Fabrics Specific").
func (s *session) overFabrics(b []byte) {
	if len(b) < 4096 {
		return
	}
	le.PutUint16(b[78:], s.id)        // CNTLID
	b[111] = 1                        // CNTRLTYPE: I/O controller
	b[259] = 3                        // AERL
	le.PutUint16(b[320:], 10)         // KAS: in 100 ms
	le.PutUint16(b[514:], queueDepth) // MAXCMD
	le.PutUint32(b[536:], 1|1<<20)    // SGLS: supported, with transport descriptors
	clear(b[768:1024])
	copy(b[768:], s.nqn)
	le.PutUint32(b[1792:], (64+inCapsule)/16) // IOCCSZ
	le.PutUint32(b[1796:], 1)                 // IORCSZ
	b[1803] = 1                               // MSDBD
}

// io is one command of an I/O queue.
func (c *conn) io(ctx context.Context, cmd *command) error {
	ctrl, nsid := c.session.ctrl, cmd.nsid()
	size := int64(ctrl.BlockSize(nsid))
	if size == 0 {
		return status(0x00B)
	}
	lba := uint64(cmd.dword(10)) | uint64(cmd.dword(11))<<32
	n := int64(cmd.dword(12)&0xFFFF) + 1
	if lba > 1<<47 {
		return status(0x080)
	}
	switch cmd.opcode() {
	case ioFlush:
		return ctrl.Flush(ctx, nsid)
	case ioRead, ioWrite:
		if int64(len(cmd.data)) != n*size {
			return status(0x002)
		}
		if cmd.opcode() == ioRead {
			return ctrl.ReadAt(nsid, cmd.data, int64(lba)*size)
		}
		return ctrl.WriteAt(nsid, cmd.data, int64(lba)*size)
	case ioWriteZeroes:
		return ctrl.WriteAt(nsid, make([]byte, n*size), int64(lba)*size)
	case ioDatasetMgmt:
		return c.datasetManagement(cmd)
	}
	return status(0x001)
}

// datasetManagement deallocates ranges; other hints change nothing.
func (c *conn) datasetManagement(cmd *command) error {
	n := int(cmd.dword(10)&0xFF) + 1
	if len(cmd.data) < 16*n {
		return status(0x002)
	}
	if cmd.dword(11)&(1<<2) == 0 { // AD
		return nil
	}
	for i := range n {
		r := cmd.data[16*i:]
		if err := c.session.ctrl.Deallocate(cmd.nsid(), le.Uint64(r[8:]), uint64(le.Uint32(r[4:]))); err != nil {
			return err
		}
	}
	return nil
}

func status(v uint16) error { return nvme.NewStatusError(nvme.AdminCommand{}, v|1<<14) }
