package emulator

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/scsi"
)

// passThrough is ATA PASS-THROUGH(12) and (16) (SAT-5 clause 12.2.2).
func (t *target) passThrough(ctx context.Context, c *command) (answer, error) {
	road := t.d.p.Road
	if road.NoPassThrough || road.No85 && c.cdb[0] == scsi.OpATAPassThrough16 {
		return road.check(0x05, 0x20, 0x00), nil
	}
	ac, ck, ok := c.taskfile()
	if !ok {
		return road.check(0x05, 0x24, 0x00), nil
	}
	g, err := t.d.ata.exec(ctx, t.who, ac)
	if err != nil {
		return answer{}, err
	}
	a := road.registers(g, ck)
	if ac.Protocol.In() && !g.refused() {
		a.data = ac.Data
	}
	return a, nil
}

// taskfile decodes the CDB; not ok where its fields contradict each other.
func (c *command) taskfile() (ac ata.Command, ckCond, ok bool) {
	flags := c.cdb[2]
	ckCond = flags&0x20 != 0
	if c.cdb[0] == scsi.OpATAPassThrough16 {
		ac = ata.Command{
			Feature: uint16(c.cdb[4]), Count: uint16(c.cdb[6]),
			LBA:    uint64(c.cdb[8]) | uint64(c.cdb[10])<<8 | uint64(c.cdb[12])<<16,
			Device: c.cdb[13], Command: c.cdb[14], Extended: c.cdb[1]&1 != 0,
		}
		if ac.Extended {
			ac.Feature |= uint16(c.cdb[3]) << 8
			ac.Count |= uint16(c.cdb[5]) << 8
			ac.LBA |= uint64(c.cdb[7])<<24 | uint64(c.cdb[9])<<32 | uint64(c.cdb[11])<<40
		}
	} else {
		ac = ata.Command{
			Feature: uint16(c.cdb[3]), Count: uint16(c.cdb[4]),
			LBA:    uint64(c.cdb[5]) | uint64(c.cdb[6])<<8 | uint64(c.cdb[7])<<16,
			Device: c.cdb[8], Command: c.cdb[9],
		}
	}
	if !ac.Extended {
		ac.LBA |= uint64(ac.Device&0x0F) << 24
	}
	ac.Timeout = c.Timeout
	in := flags&0x08 != 0
	switch c.cdb[1] >> 1 & 0x0F {
	case 3:
		return ac, ckCond, flags&3 == 0
	case 4:
		ac.Protocol = ata.PIOIn
	case 5:
		ac.Protocol = ata.PIOOut
	case 6, 12:
		ac.Protocol = ata.DMAOut
		if in {
			ac.Protocol = ata.DMAIn
		}
	default:
		return ac, ckCond, false
	}
	n, ok := c.length(ac, flags)
	if !ok || ac.Protocol.In() != in || ac.Protocol.Out() != c.out || n > len(c.data) {
		return ac, ckCond, false
	}
	ac.Data = c.data[:n]
	return ac, ckCond, true
}

// length is the transfer length that T_LENGTH, BYT_BLOK and T_TYPE say.
func (c *command) length(ac ata.Command, flags byte) (int, bool) {
	var n int
	switch flags & 3 {
	case 1:
		n = int(ac.Feature)
	case 2:
		n = int(ac.Count)
	case 3: // in the transport: the buffer says it
		return len(c.data) / 512 * 512, len(c.data) >= 512
	default:
		return 0, false
	}
	if flags&0x04 != 0 {
		n *= 512
	}
	return n, n > 0
}

// commandName is the standard's name of c, for faults and messages. For a
// pass-through it is the ATA command's.
func commandName(c *command) string {
	op := c.cdb[0]
	if op == scsi.OpATAPassThrough16 || op == scsi.OpATAPassThrough12 {
		if ac, _, ok := c.taskfile(); ok {
			return ata.Name(ac)
		}
		return "ATA PASS-THROUGH"
	}
	if op == scsi.OpSanitize {
		if n, ok := sanitizeNames[c.cdb[1]&0x1F]; ok {
			return n
		}
	}
	if n, ok := scsiNames[op]; ok {
		return n
	}
	return fmt.Sprintf("SCSI command %02Xh", op)
}

var sanitizeNames = map[byte]string{
	0x01: "SANITIZE OVERWRITE", 0x02: "SANITIZE BLOCK ERASE",
	0x03: "SANITIZE CRYPTOGRAPHIC ERASE", 0x1F: "SANITIZE EXIT FAILURE MODE",
}

var scsiNames = map[byte]string{
	0x00: "TEST UNIT READY", 0x03: "REQUEST SENSE", 0x04: "FORMAT UNIT", 0x08: "READ(6)", 0x0A: "WRITE(6)",
	0x12: "INQUIRY", 0x15: "MODE SELECT(6)", 0x1A: "MODE SENSE(6)", 0x1B: "START STOP UNIT",
	0x25: "READ CAPACITY(10)", 0x28: "READ(10)", 0x2A: "WRITE(10)", 0x2F: "VERIFY(10)",
	0x35: "SYNCHRONIZE CACHE(10)", 0x37: "READ DEFECT DATA(10)", 0x41: "WRITE SAME(10)", 0x42: "UNMAP",
	0x48: "SANITIZE", 0x4D: "LOG SENSE", 0x55: "MODE SELECT(10)", 0x5A: "MODE SENSE(10)",
	0x88: "READ(16)", 0x8A: "WRITE(16)", 0x8F: "VERIFY(16)", 0x91: "SYNCHRONIZE CACHE(16)",
	0x93: "WRITE SAME(16)", 0x9E: "READ CAPACITY(16)", 0xA0: "REPORT LUNS",
	0xA3: "REPORT SUPPORTED OPERATION CODES", 0xA8: "READ(12)", 0xAA: "WRITE(12)", 0xB7: "READ DEFECT DATA(12)",
}
