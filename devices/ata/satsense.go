package ata

import "github.com/massho/massho/devices/scsi"

// The ATA Status Return descriptor (SAT-5 clause 12.2.2.7).
const (
	returnDescriptor       byte = 0x09
	returnDescriptorLength byte = 0x0C
)

// senseRegisters finds the ATA registers in sense data, in whichever of the
// four shapes they come; nil when they are not there.
//
//	(a) descriptor format with an ATA Status Return descriptor
//	(d) fixed format with that descriptor appended at byte 18
//	(b) fixed format as SAT-5 clause 12.2.2.8 lays it out
//	(c) fixed format as libata laid it out before kernel 6.11, on errors only
func senseRegisters(s scsi.Sense) *Registers {
	if !s.Fixed() {
		for _, d := range s.Descriptors {
			if d.Type == returnDescriptor {
				if r := descriptorRegisters(d.Data); r != nil {
					return r
				}
			}
		}
		return nil
	}
	b := s.Raw
	if len(b) >= 32 && b[18] == returnDescriptor && b[19] == returnDescriptorLength {
		return descriptorRegisters(b[20:])
	}
	switch {
	case len(b) < 12:
		return nil
	case s.Is(0x00, 0x1D):
		return plausible(fixedRegisters(b))
	case refusedByRoad(s):
		return nil
	case zeros(b[3:7]):
		return oldLibataRegisters(s)
	default:
		return ended(fixedRegisters(b))
	}
}

// refusedByRoad is an answer of the translator or the bridge about the CDB: no
// drive saw the command, and what else the bytes hold is junk.
func refusedByRoad(s scsi.Sense) bool {
	if s.Key == scsi.KeyUnitAttention {
		return true
	}
	return s.Key == scsi.KeyIllegalRequest && (s.ASC == 0x20 || s.ASC == 0x24 || s.ASC == 0x25)
}

// descriptorRegisters decodes the bytes after the descriptor's length.
func descriptorRegisters(d []byte) *Registers {
	if len(d) < int(returnDescriptorLength) {
		return nil
	}
	r := &Registers{
		Error:  d[1],
		Count:  uint16(d[3]),
		LBA:    uint64(d[5]) | uint64(d[7])<<8 | uint64(d[9])<<16,
		Device: d[10],
		Status: d[11],
	}
	if d[0]&1 != 0 { // EXTEND: the upper halves are valid; else not returned
		r.Count |= uint16(d[2]) << 8
		r.LBA |= uint64(d[4])<<24 | uint64(d[6])<<32 | uint64(d[8])<<40
		r.CountHigh, r.LBAHigh = HighKnown, HighKnown
	}
	return r
}

// fixedRegisters decodes shape (b): INFORMATION holds error, status, device
// and count 7:0; COMMAND-SPECIFIC INFORMATION holds the flags and LBA 23:0.
func fixedRegisters(b []byte) *Registers {
	return &Registers{
		Error: b[3], Status: b[4], Device: b[5], Count: uint16(b[6]),
		LBA:       uint64(b[9]) | uint64(b[10])<<8 | uint64(b[11])<<16,
		CountHigh: upper(b[8], 0x40),
		LBAHigh:   upper(b[8], 0x20),
	}
}

// upper reads a NONZERO flag of shape (b). Where EXTEND is clear the device
// returned no upper half: it is not known rather than zero.
func upper(flags, bit byte) High {
	switch {
	case flags&bit != 0:
		return HighNonZero
	case flags&0x80 != 0:
		return HighZero
	default:
		return HighUnknown
	}
}

// oldLibataRegisters decodes shape (c): error, status, device and count at
// bytes 8 to 11, because libata wrote them eight bytes too far, over which it
// then put the sense code; flags and LBA follow at 16. It did so for aborted
// commands only, so anything without an error is not this shape.
func oldLibataRegisters(s scsi.Sense) *Registers {
	b := s.Raw
	r := &Registers{Error: b[8], Status: b[9], Device: b[10], Count: uint16(b[11])}
	if r.Error == 0 {
		return nil
	}
	if len(b) >= 20 {
		r.LBA = uint64(b[17]) | uint64(b[18])<<8 | uint64(b[19])<<16
		r.CountHigh, r.LBAHigh = upper(b[16], 0x40), upper(b[16], 0x20)
	}
	return ended(r)
}

// ended keeps r only if its status is that of a command that ended in error:
// not busy, no data pending, and ERR or DF set.
func ended(r *Registers) *Registers {
	if r.Status&(StatusBSY|StatusDRQ) != 0 || r.Status&(StatusERR|StatusDF) == 0 {
		return nil
	}
	return r
}

// plausible drops registers of which the road returned none although it says
// 00h/1Dh: a status of zero is no drive's (DRDY is set when a command ends).
func plausible(r *Registers) *Registers {
	if r.Status == 0 {
		return nil
	}
	return r
}

func zeros(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
