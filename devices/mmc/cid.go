package mmc

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// Kind tells the two register layouts apart.
type Kind uint8

// The kinds, as the kernel's sysfs file "type" names them ("MMC", "SD").
const (
	KindMMC Kind = iota + 1
	KindSD
)

// String is "MMC" or "SD".
func (k Kind) String() string {
	switch k {
	case KindMMC:
		return "MMC"
	case KindSD:
		return "SD"
	default:
		return "card?"
	}
}

// ParseError says that a register is not what its standard says it is.
type ParseError struct {
	What string
	Why  string
}

// Error names the register and what is wrong with it.
func (e *ParseError) Error() string { return e.What + ": " + e.Why }

// CID is the Card Identification register (JESD84-B51 clause 7.2; SD clause
// 5.2).
type CID struct {
	Manufacturer byte   // MID
	OEM          uint16 // OID: 8 bits on e.MMC since 4.0, two ASCII letters on SD
	Device       byte   // CBX, MMC only: 0 removable card, 1 BGA, 2 PoP
	Product      string // PNM
	Revision     byte   // PRV: two BCD digits
	Serial       uint32 // PSN
	Month        uint8  // 1 to 12
	Year         uint16 // full; on MMC 16 years may be missing (see YearWith)
	// CRC says whether the last byte is the right CRC7; some host
	// controllers cut it off and leave zero.
	CRC CRCState
}

// CRCState says how the last byte of a register looks.
type CRCState uint8

// The states of a CRC7.
const (
	CRCAbsent CRCState = iota // zero: the host controller cut it off
	CRCOK
	CRCBad
)

// SerialText is PSN as eight hex digits: the kernel's "serial" without 0x.
func (c CID) SerialText() string { return fmt.Sprintf("%08x", c.Serial) }

// YearWith is the year of manufacture of an MMC whose EXT_CSD has this
// revision: its four bits start at 1997 or, from revision 5 on, at 2013 for
// what would otherwise be before 2010.
func (c CID) YearWith(extCSDRevision byte) uint16 {
	if extCSDRevision >= 5 && c.Year < 2010 {
		return c.Year + 16
	}
	return c.Year
}

// ParseCIDText decodes the 32 hex digits of the kernel's sysfs file "cid".
func ParseCIDText(s string, k Kind) (CID, error) {
	b, err := hexRegister("CID", s)
	if err != nil {
		return CID{}, err
	}
	return ParseCID(b, k)
}

func hexRegister(what, s string) ([]byte, error) {
	b, err := hex.DecodeString(strings.TrimSpace(s))
	if err != nil || len(b) != 16 {
		return nil, &ParseError{what, fmt.Sprintf("%q is not 32 hex digits", s)}
	}
	return b, nil
}

// ParseCID decodes the 16 bytes of the CID, the most significant first.
func ParseCID(b []byte, k Kind) (CID, error) {
	if len(b) != 16 {
		return CID{}, &ParseError{"CID", fmt.Sprintf("%d bytes", len(b))}
	}
	if uniform(b) {
		return CID{}, &ParseError{"CID", fmt.Sprintf("all bytes are %02Xh", b[0])}
	}
	c := CID{Manufacturer: b[0], CRC: crcState(b)}
	switch k {
	case KindMMC:
		c.Device, c.OEM = b[1]&3, uint16(b[2])
		c.Product = text(b[3:9])
		c.Revision, c.Serial = b[9], binary.BigEndian.Uint32(b[10:])
		c.Month, c.Year = b[14]>>4, 1997+uint16(b[14]&0x0F)
	case KindSD:
		c.OEM = binary.BigEndian.Uint16(b[1:])
		c.Product = text(b[3:8])
		c.Revision, c.Serial = b[8], binary.BigEndian.Uint32(b[9:])
		mdt := binary.BigEndian.Uint16(b[13:])
		c.Month, c.Year = uint8(mdt&0x0F), 2000+mdt>>4&0xFF
	default:
		return CID{}, &ParseError{"CID", "neither MMC nor SD"}
	}
	return c, nil
}

func uniform(b []byte) bool {
	for _, c := range b {
		if c != b[0] || c != 0x00 && c != 0xFF {
			return false
		}
	}
	return true
}

// text is an ASCII field without padding; what is not printable is escaped.
func text(b []byte) string {
	var out strings.Builder
	for _, c := range []byte(strings.Trim(string(b), " \x00")) {
		if c < 0x20 || c > 0x7E {
			fmt.Fprintf(&out, `\x%02X`, c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

func crcState(b []byte) CRCState {
	switch last := b[15]; {
	case last == 0:
		return CRCAbsent
	case last == CRC7(b[:15])<<1|1:
		return CRCOK
	default:
		return CRCBad
	}
}

// CRC7 is the checksum of CID, CSD and commands: polynomial x^7 + x^3 + 1.
func CRC7(b []byte) byte {
	var crc byte
	for _, c := range b {
		for bit := 7; bit >= 0; bit-- {
			crc <<= 1
			if (crc>>7)^(c>>bit&1) != 0 {
				crc ^= 0x09
			}
			crc &= 0x7F
		}
	}
	return crc
}
