package scsi

import (
	"context"

	"github.com/massho/massho/devices/support"
)

// Capacity is what READ CAPACITY returns (SBC-4 clauses 5.20, 5.21).
type Capacity struct {
	Blocks        uint64        // logical blocks: the last LBA plus one
	BlockLength   uint32        // bytes; 520 and 528 are real
	PhysicalExp   uint8         // 2^n logical blocks in a physical one
	Provisioned   support.State // LBPME: thin provisioning (trim)
	ProtectionOn  support.State // PROT_EN
	LowestAligned uint16
}

// PhysicalLength is the size of a physical block in bytes.
func (c Capacity) PhysicalLength() uint64 { return uint64(c.BlockLength) << c.PhysicalExp }

// ParseCapacity10 decodes READ CAPACITY(10) data. saturated is true when the
// last LBA is FFFFFFFFh: then Blocks is not known and only (16) tells it.
func ParseCapacity10(b []byte) (c Capacity, saturated bool, err error) {
	if len(b) < 8 {
		return c, false, &ParseError{What: "READ CAPACITY(10) data", Why: "shorter than 8 bytes"}
	}
	c.BlockLength = be32(b[4:])
	last := be32(b)
	if last == 0xFFFFFFFF {
		return c, true, nil
	}
	c.Blocks = uint64(last) + 1
	return c, false, nil
}

// ParseCapacity16 decodes READ CAPACITY(16) data of 12 or more bytes.
func ParseCapacity16(b []byte) (Capacity, error) {
	if len(b) < 12 {
		return Capacity{}, &ParseError{What: "READ CAPACITY(16) data", Why: "shorter than 12 bytes"}
	}
	last := be64(b)
	if last == 1<<64-1 {
		return Capacity{}, &ParseError{What: "READ CAPACITY(16) data", Why: "last LBA is all ones"}
	}
	c := Capacity{Blocks: last + 1, BlockLength: be32(b[8:])}
	if len(b) >= 16 {
		c.ProtectionOn = support.Of(b[12]&0x01 != 0)
		c.PhysicalExp = b[13] & 0x0F
		c.Provisioned = support.Of(b[14]&0x80 != 0)
		c.LowestAligned = be16(b[14:]) & 0x3FFF
	}
	return c, nil
}

// ReadCapacity10 sends READ CAPACITY(10).
func ReadCapacity10(ctx context.Context, t Transport) (c Capacity, saturated bool, err error) {
	cdb := make([]byte, 10)
	cdb[0] = OpReadCapacity10
	b, err := run(ctx, t, "READ CAPACITY(10)", Command{CDB: cdb, Dir: In, Data: make([]byte, 8)})
	if err != nil {
		return c, false, err
	}
	return ParseCapacity10(b)
}

// ReadCapacity16 sends READ CAPACITY(16), which USB bridges may not survive.
func ReadCapacity16(ctx context.Context, t Transport) (Capacity, error) {
	cdb := make([]byte, 16)
	cdb[0], cdb[1] = OpServiceActionIn16, 0x10
	put32(cdb[10:], 32)
	b, err := run(ctx, t, "READ CAPACITY(16)", Command{CDB: cdb, Dir: In, Data: make([]byte, 32)})
	if err != nil {
		return Capacity{}, err
	}
	return ParseCapacity16(b)
}

// ReadCapacity sends (10), and (16) only where (10) cannot tell. It is the
// careful way for USB; a SAS drive is asked (16) for its protection and its
// physical block length.
func ReadCapacity(ctx context.Context, t Transport) (Capacity, error) {
	c, saturated, err := ReadCapacity10(ctx, t)
	if err != nil || !saturated {
		return c, err
	}
	return ReadCapacity16(ctx, t)
}
