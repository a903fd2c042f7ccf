package mmc

import (
	"fmt"

	"github.com/massho/massho/devices/support"
)

// CSD is the Card Specific Data register (JESD84-B51 clause 7.3; SD clause
// 5.3).
type CSD struct {
	Structure   byte   // CSD_STRUCTURE
	SpecVersion byte   // SPEC_VERS, MMC only: 4 is version 4.x and 5.x
	Classes     uint16 // CCC: bit 5 erase, bit 4 block write
	// Bytes is the capacity of the user area; 0 when the register cannot tell
	// it (e.MMC above 2 GB: see ExtCSD.Sectors).
	Bytes             uint64
	PermWriteProtect  bool
	TempWriteProtect  bool
	EraseGroupSectors uint32 // MMC: 512-byte sectors in an erase group; 0 on SD
}

// EraseClass reports whether the card has the erase commands (CCC bit 5).
func (c CSD) EraseClass() support.State { return support.Of(c.Classes>>5&1 != 0) }

// ParseCSDText decodes the 32 hex digits of the kernel's sysfs file "csd".
func ParseCSDText(s string, k Kind) (CSD, error) {
	b, err := hexRegister("CSD", s)
	if err != nil {
		return CSD{}, err
	}
	return ParseCSD(b, k)
}

// field is bits hi..lo of a 128-bit register.
func field(b []byte, hi, lo int) uint32 {
	var v uint32
	for i := hi; i >= lo; i-- {
		v = v<<1 | uint32(b[15-i/8]>>(i%8)&1)
	}
	return v
}

// ParseCSD decodes the 16 bytes of the CSD, the most significant first.
func ParseCSD(b []byte, k Kind) (CSD, error) {
	if len(b) != 16 {
		return CSD{}, &ParseError{"CSD", fmt.Sprintf("%d bytes", len(b))}
	}
	if uniform(b) {
		return CSD{}, &ParseError{"CSD", fmt.Sprintf("all bytes are %02Xh", b[0])}
	}
	c := CSD{
		Structure: byte(field(b, 127, 126)), Classes: uint16(field(b, 95, 84)),
		PermWriteProtect: field(b, 13, 13) != 0, TempWriteProtect: field(b, 12, 12) != 0,
	}
	switch {
	case k == KindMMC:
		c.SpecVersion = byte(field(b, 125, 122))
		c.EraseGroupSectors = c.eraseGroup(b)
		if field(b, 73, 62) != 0xFFF { // FFFh: above 2 GB
			c.Bytes = smallCapacity(b)
		}
	case k == KindSD && c.Structure == 0:
		c.Bytes = smallCapacity(b)
	case k == KindSD && c.Structure == 1:
		c.Bytes = (uint64(field(b, 69, 48)) + 1) * 512 * 1024
	case k == KindSD && c.Structure == 2: // SDUC
		c.Bytes = (uint64(field(b, 75, 48)) + 1) * 512 * 1024
	default:
		return CSD{}, &ParseError{"CSD", fmt.Sprintf("structure %d of %s", c.Structure, k)}
	}
	return c, nil
}

// smallCapacity is (C_SIZE+1) << (C_SIZE_MULT+2) << READ_BL_LEN.
func smallCapacity(b []byte) uint64 {
	return (uint64(field(b, 73, 62)) + 1) << (field(b, 49, 47) + 2) << field(b, 83, 80)
}

// eraseGroup is (ERASE_GRP_SIZE+1) * (ERASE_GRP_MULT+1) write blocks.
func (CSD) eraseGroup(b []byte) uint32 {
	blocks := (field(b, 46, 42) + 1) * (field(b, 41, 37) + 1)
	if l := field(b, 25, 22); l > 9 { // WRITE_BL_LEN
		return blocks << (l - 9)
	}
	return blocks
}
