package scsi

import (
	"context"

	"github.com/massho/massho/devices/support"
)

// BlockLimits is the part of VPD page B0h that matters here (SBC-4 clause
// 6.6.4). Zero means not reported.
type BlockLimits struct {
	OptimalTransfer uint32 // blocks
	MaxTransfer     uint32 // blocks
	MaxUnmap        uint32 // LBAs in one UNMAP
	MaxWriteSame    uint64 // blocks
}

// ParseVPDB0 decodes the Block Limits page; shorter editions of it leave the
// later fields zero.
func ParseVPDB0(b []byte) (BlockLimits, error) {
	body, err := vpdBody(b, PageBlockLimits)
	if err != nil {
		return BlockLimits{}, err
	}
	if len(body) < 12 {
		return BlockLimits{}, &ParseError{What: "VPD page B0h", Why: "shorter than 16 bytes"}
	}
	l := BlockLimits{MaxTransfer: be32(body[4:]), OptimalTransfer: be32(body[8:])}
	if len(body) >= 40 {
		l.MaxUnmap = be32(body[16:])
		l.MaxWriteSame = be64(body[32:])
	}
	return l, nil
}

// Zoning is the ZONED field of VPD page B1h (SBC-4 clause 6.6.2).
type Zoning byte

// The zonings that a direct-access device reports. Host managed zoned devices
// have a peripheral device type of their own (14h).
const (
	ZonedNotReported   Zoning = 0
	ZonedHostAware     Zoning = 1
	ZonedDeviceManaged Zoning = 2
	ZonedReserved      Zoning = 3
)

// Characteristics is VPD page B1h.
type Characteristics struct {
	Rotational support.State // unknown when the rate is not reported
	RPM        uint16        // 0 when not rotating or not known
	Rate       uint16        // MEDIUM ROTATION RATE as it came
	FormFactor byte          // 2 3.5 inch, 3 2.5 inch, 4 1.8 inch, 0 not reported
	Zoned      Zoning
}

// ParseVPDB1 decodes the Block Device Characteristics page.
func ParseVPDB1(b []byte) (Characteristics, error) {
	body, err := vpdBody(b, PageCharacteristics)
	if err != nil {
		return Characteristics{}, err
	}
	if len(body) < 4 {
		return Characteristics{}, &ParseError{What: "VPD page B1h", Why: "shorter than 8 bytes"}
	}
	c := Characteristics{Rate: be16(body), FormFactor: body[3] & 0x0F}
	switch {
	case c.Rate == 1:
		c.Rotational = support.No
	case c.Rate >= 0x0401 && c.Rate <= 0xFFFE:
		c.Rotational, c.RPM = support.Yes, c.Rate
	}
	if len(body) >= 5 {
		c.Zoned = Zoning(body[4] >> 4 & 3)
	}
	return c, nil
}

// BlockCharacteristics returns VPD page B1h and its bytes.
func BlockCharacteristics(ctx context.Context, t Transport) (Characteristics, []byte, error) {
	b, err := VPD(ctx, t, PageCharacteristics)
	if err != nil {
		return Characteristics{}, b, err
	}
	c, err := ParseVPDB1(b)
	return c, b, err
}

// Limits returns VPD page B0h and its bytes.
func Limits(ctx context.Context, t Transport) (BlockLimits, []byte, error) {
	b, err := VPD(ctx, t, PageBlockLimits)
	if err != nil {
		return BlockLimits{}, b, err
	}
	l, err := ParseVPDB0(b)
	return l, b, err
}
