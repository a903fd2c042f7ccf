package ata

import (
	"fmt"

	"github.com/massho/massho/devices/scsi"
)

// PROTOCOL field of ATA PASS-THROUGH (SAT-5 clause 12.2.2.2).
const (
	satNonData byte = 3
	satPIOIn   byte = 4
	satPIOOut  byte = 5
	satDMA     byte = 6
)

// Byte 2 of the CDB. With data, T_LENGTH 10b says that the sector count field
// holds the length and BYT_BLOK that it counts blocks; CK_COND is left off
// then, because some bridges lose the data when it is set.
const (
	satCheckCond byte = 0x20
	satLengthIn  byte = 0x0E // T_DIR from device, BYT_BLOK, T_LENGTH 10b
	satLengthOut byte = 0x06 // BYT_BLOK, T_LENGTH 10b
)

// SATCDB16 builds the ATA PASS-THROUGH(16) CDB of a command (SAT-5 clause
// 12.2.2). It refuses a command that the CDB cannot say.
func SATCDB16(c Command) ([]byte, error) {
	proto, flags, err := satBytes(c)
	if err != nil {
		return nil, err
	}
	if !c.Extended && (c.Feature > 0xFF || c.Count > 0xFF || c.LBA > 1<<28-1) {
		return nil, fmt.Errorf("%s: a 28-bit command with 48-bit registers", Name(c))
	}
	cdb := make([]byte, 16)
	cdb[0], cdb[1], cdb[2] = scsi.OpATAPassThrough16, proto<<1, flags
	cdb[4], cdb[6] = byte(c.Feature), byte(c.Count)
	cdb[8], cdb[10], cdb[12] = byte(c.LBA), byte(c.LBA>>8), byte(c.LBA>>16)
	cdb[13], cdb[14] = c.device(), c.Command
	if c.Extended {
		cdb[1] |= 1
		cdb[3], cdb[5] = byte(c.Feature>>8), byte(c.Count>>8)
		cdb[7], cdb[9], cdb[11] = byte(c.LBA>>24), byte(c.LBA>>32), byte(c.LBA>>40)
	}
	return cdb, nil
}

// SATCDB12 builds the ATA PASS-THROUGH(12) CDB. It carries 28-bit commands
// only: SANITIZE and the EXT commands cannot go this road.
func SATCDB12(c Command) ([]byte, error) {
	proto, flags, err := satBytes(c)
	if err != nil {
		return nil, err
	}
	if c.Extended || c.Feature > 0xFF || c.Count > 0xFF || c.LBA > 1<<28-1 {
		return nil, &RoadError{Command: Name(c), Unsupported: true,
			Why: "ATA PASS-THROUGH(12) carries no 48-bit command"}
	}
	return []byte{
		scsi.OpATAPassThrough12, proto << 1, flags, byte(c.Feature), byte(c.Count),
		byte(c.LBA), byte(c.LBA >> 8), byte(c.LBA >> 16), c.device(), c.Command, 0, 0,
	}, nil
}

// device is the DEVICE register: LBA 27:24 of a 28-bit command ride in it.
func (c Command) device() byte {
	if c.Extended {
		return c.Device
	}
	return c.Device | byte(c.LBA>>24)&0x0F
}

func satBytes(c Command) (proto, flags byte, err error) {
	blocks := len(c.Data) / 512
	switch {
	case c.Protocol == NonData && len(c.Data) != 0,
		c.Protocol != NonData && (blocks == 0 || len(c.Data)%512 != 0):
		return 0, 0, fmt.Errorf("%s: %s with %d bytes", Name(c), c.Protocol, len(c.Data))
	case c.Protocol != NonData && blocks != c.satLength():
		// The sector count field is both a register of the command and the
		// length of the transfer: a bridge that moves more than the buffer
		// holds corrupts memory or hangs.
		return 0, 0, fmt.Errorf("%s: count %d does not say %d blocks", Name(c), c.Count, blocks)
	}
	switch c.Protocol {
	case NonData:
		return satNonData, satCheckCond, nil
	case PIOIn:
		return satPIOIn, satLengthIn, nil
	case PIOOut:
		return satPIOOut, satLengthOut, nil
	case DMAIn:
		return satDMA, satLengthIn, nil
	case DMAOut:
		return satDMA, satLengthOut, nil
	default:
		return 0, 0, fmt.Errorf("%s: protocol %d", Name(c), uint8(c.Protocol))
	}
}

// satLength is the number of blocks that the sector count field says.
func (c Command) satLength() int {
	if c.Count == 0 && !c.Extended {
		return 256
	}
	return int(c.Count)
}
