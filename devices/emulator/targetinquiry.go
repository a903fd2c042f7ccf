package emulator

import (
	"encoding/binary"
	"strings"

	"github.com/massho/massho/devices/scsi"
)

// inquiry is INQUIRY, standard data or a VPD page (SPC-5 clause 6.7).
func (t *target) inquiry(c *command) answer {
	n := int(c.u16(3))
	if c.cdb[1]&1 == 0 {
		if c.cdb[2] != 0 {
			return t.d.p.Road.check(0x05, 0x24, 0x00)
		}
		b := t.standardInquiry()
		return good(b[:min(len(b), n)])
	}
	page := c.cdb[2]
	body, ok := t.vpd(page)
	if !ok {
		return t.d.p.Road.check(0x05, 0x24, 0x00)
	}
	b := append([]byte{0, page, byte(len(body) >> 8), byte(len(body))}, body...)
	return good(b[:min(len(b), n)])
}

// padded is s in n bytes, padded with spaces.
func padded(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s + strings.Repeat(" ", n-len(s))
}

func (t *target) names() (vendor, product, revision string) {
	p := t.d.p
	switch {
	case p.Road.StubIdentity:
		return "EMU", "USB-SATA Bridge", "0100"
	case p.Kind.ATA():
		return "ATA", p.Model, p.Firmware // as SAT says
	default:
		vendor, product, _ = strings.Cut(p.Model, " ")
		return vendor, product, p.Firmware
	}
}

func (t *target) standardInquiry() []byte {
	b := make([]byte, 96)
	if t.d.p.Kind == USBFlash {
		b[1] = 0x80
	}
	b[2], b[3], b[4], b[7] = 0x06, 0x02, byte(len(b)-5), 0x02
	vendor, product, revision := t.names()
	copy(b[8:], padded(vendor, 8)+padded(product, 16)+padded(revision, 4))
	return b
}

func (t *target) vpd(page byte) ([]byte, bool) {
	stub := t.d.p.Road.StubIdentity
	switch {
	case page == scsi.PageSupported:
		list := []byte{0x00, 0x80, 0x83}
		if t.d.ata != nil && !stub {
			list = append(list, 0x89)
		}
		return append(list, 0xB0, 0xB1, 0xB2), true
	case page == scsi.PageSerial && stub:
		return []byte("000000000001"), true
	case page == scsi.PageSerial:
		return []byte(padded(t.d.serial, 20)), true
	case page == scsi.PageIdentification:
		return t.identification(), true
	case page == scsi.PageATAInformation && t.d.ata != nil && !stub:
		return t.ataInformation(), true
	case page == scsi.PageBlockLimits:
		return t.blockLimits(), true
	case page == scsi.PageCharacteristics:
		b := make([]byte, 60)
		binary.BigEndian.PutUint16(b, t.d.p.RPM)
		b[3] = 3
		return b, true
	case page == 0xB2:
		b := make([]byte, 4)
		if t.d.trims() {
			b[1], b[2] = 0xE4, 0x02
		}
		return b, true
	}
	return nil, false
}

// identification is VPD page 83h: a T10 vendor ID descriptor and an NAA name.
func (t *target) identification() []byte {
	vendor, product, _ := t.names()
	name := padded(vendor, 8) + padded(product, 16) + t.d.serial
	b := append([]byte{0x02, 0x01, 0, byte(len(name))}, name...)
	if wwn := t.d.p.WWN; wwn != 0 && !t.d.p.Road.StubIdentity {
		b = append(b, 0x01, 0x03, 0, 8)
		b = binary.BigEndian.AppendUint64(b, wwn)
	}
	return b
}

// ataInformation is VPD page 89h (SAT-5 clause 12.4.2).
func (t *target) ataInformation() []byte {
	b := make([]byte, 568)
	copy(b[4:], padded("massho", 8)+padded("emulated SAT", 16)+padded("0001", 4))
	b[32] = 0x34
	b[52] = 0xEC
	w := t.d.ata.identifyWords()
	copy(b[56:], w[:])
	return b
}

func (t *target) blockLimits() []byte {
	b := make([]byte, 60)
	most := t.d.p.Road.MaxTransfer
	if most == 0 {
		most = 1 << 20
	}
	binary.BigEndian.PutUint32(b[4:], uint32(most)/t.d.sector())
	if t.d.trims() {
		binary.BigEndian.PutUint32(b[16:], 0x400000)
		binary.BigEndian.PutUint32(b[20:], 64)
	}
	return b
}

// modePages is the read-write error recovery page of a disk, the caching and the
// control page (SBC-4 clause 6.5, SPC-5 7.5).
func (t *target) modePages(page byte) ([]byte, bool) {
	recovery := make([]byte, 12)
	recovery[0], recovery[1], recovery[2] = 0x01, 0x0A, 0xC0 // AWRE, ARRE
	caching := make([]byte, 20)
	caching[0], caching[1] = 0x08, 0x12
	if t.d.p.CacheBytes >= 0 {
		caching[2] = 0x04 // WCE
	}
	control := make([]byte, 12)
	control[0], control[1] = 0x0A, 0x0A
	if t.d.p.Road.Layout == LayoutDescriptor {
		control[2] = 0x04 // D_SENSE
	}
	switch page & 0x3F {
	case 0x01:
		return recovery, true
	case 0x08:
		return caching, true
	case 0x0A:
		return control, true
	case 0x3F:
		return append(append(recovery, caching...), control...), true
	}
	return nil, false
}

// blockDescriptor is the short block descriptor; none where DBD is set, and none
// of a stick, whose firmware knows little.
func (t *target) blockDescriptor(c *command) []byte {
	if c.cdb[1]&0x08 != 0 || t.d.p.Kind == USBFlash {
		return nil
	}
	b := make([]byte, 8)
	binary.BigEndian.PutUint32(b, uint32(min(t.d.addressable(t.u), 0xFFFFFFFF)))
	n := t.d.sector()
	b[5], b[6], b[7] = byte(n>>16), byte(n>>8), byte(n)
	return b
}

func (t *target) modeSense6(c *command) answer {
	pages, ok := t.modePages(c.cdb[2])
	if !ok {
		return t.d.p.Road.check(0x05, 0x24, 0x00)
	}
	d := t.blockDescriptor(c)
	b := append([]byte{byte(3 + len(d) + len(pages)), 0, 0x10, byte(len(d))}, append(d, pages...)...)
	return good(b[:min(len(b), int(c.cdb[4]))])
}

func (t *target) modeSense10(c *command) answer {
	pages, ok := t.modePages(c.cdb[2])
	if !ok {
		return t.d.p.Road.check(0x05, 0x24, 0x00)
	}
	d := t.blockDescriptor(c)
	b := append([]byte{0, byte(6 + len(d) + len(pages)), 0, 0x10, 0, 0, 0, byte(len(d))}, append(d, pages...)...)
	return good(b[:min(len(b), int(c.u16(7)))])
}
