package scsi

import (
	"context"
	"fmt"
	"time"
)

// Format is one FORMAT UNIT (SBC-4 clause 5.4) with the device's own defect
// lists and defaults (FOV 0b), and no protection information.
type Format struct {
	Immediate bool // return when accepted; poll REQUEST SENSE
	Timeout   time.Duration
}

// Command builds the CDB and the short parameter list header. FFMT stays 00b:
// a fast format writes nothing.
func (f Format) Command() Command {
	list := make([]byte, 4)
	if f.Immediate {
		list[1] = 0x02
	}
	return Command{
		CDB: []byte{OpFormatUnit, 0x10, 0, 0, 0, 0}, // FMTDATA
		Dir: Out, Data: list, Timeout: f.Timeout,
	}
}

// Run sends FORMAT UNIT.
func (f Format) Run(ctx context.Context, t Transport) error {
	_, err := run(ctx, t, "FORMAT UNIT", f.Command())
	return err
}

// ModeHeader is MODE SENSE(10) data up to the first block descriptor (SPC-5
// clause 7.5.6).
type ModeHeader struct {
	WriteProtected bool // WP of a direct-access device
	HasBlock       bool // a short block descriptor is there
	Blocks         uint32
	BlockLength    uint32 // 24 bits
}

// ParseModeSense10 decodes MODE SENSE(10) data with at most short block
// descriptors.
func ParseModeSense10(b []byte) (ModeHeader, error) {
	if len(b) < 8 {
		return ModeHeader{}, &ParseError{What: "MODE SENSE(10) data", Why: "shorter than 8 bytes"}
	}
	h := ModeHeader{WriteProtected: b[3]&0x80 != 0}
	n := int(be16(b[6:]))
	switch {
	case n == 0:
		return h, nil
	case b[4]&1 != 0:
		return h, &ParseError{What: "MODE SENSE(10) data", Why: "long block descriptors were not asked for"}
	case n < 8 || len(b) < 16:
		return h, &ParseError{What: "MODE SENSE(10) data", Why: fmt.Sprintf("block descriptors of %d bytes", n)}
	}
	h.HasBlock = true
	h.Blocks = be32(b[8:])
	h.BlockLength = be32(b[12:]) & 0xFFFFFF
	return h, nil
}

// ModeSense sends MODE SENSE(10) for all pages of which only the header and
// the block descriptor are read.
func ModeSense(ctx context.Context, t Transport) (ModeHeader, error) {
	cdb := make([]byte, 10)
	cdb[0], cdb[2] = OpModeSense10, 0x3F
	put16(cdb[7:], 252)
	b, err := run(ctx, t, "MODE SENSE(10)", Command{CDB: cdb, Dir: In, Data: make([]byte, 252)})
	if err != nil {
		return ModeHeader{}, err
	}
	return ParseModeSense10(b)
}

// BlockLengthCommand builds the MODE SELECT(10) that sets the logical block
// length for the next FORMAT UNIT. The number of blocks is zero: with another
// length the device then takes all it has (SBC-4 clause 6.5.2.2).
func BlockLengthCommand(length uint32) (Command, error) {
	if length == 0 || length > 0xFFFFFF {
		return Command{}, fmt.Errorf("MODE SELECT(10): a block length of %d bytes", length)
	}
	list := make([]byte, 16)
	list[7] = 8 // BLOCK DESCRIPTOR LENGTH
	put32(list[12:], length)
	cdb := make([]byte, 10)
	cdb[0], cdb[1] = OpModeSelect10, 0x10 // PF
	put16(cdb[7:], uint16(len(list)))
	return Command{CDB: cdb, Dir: Out, Data: list}, nil
}

// SetBlockLength sends MODE SELECT(10). Until FORMAT UNIT has ended well the
// medium holds nothing that can be read.
func SetBlockLength(ctx context.Context, t Transport, length uint32) error {
	cmd, err := BlockLengthCommand(length)
	if err != nil {
		return err
	}
	_, err = run(ctx, t, "MODE SELECT(10)", cmd)
	return err
}
