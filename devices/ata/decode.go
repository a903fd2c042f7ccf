package ata

import (
	"fmt"
	"math/bits"

	"github.com/massho/massho/devices/support"
)

// FormFactor is word 168 bits 3:0 (ACS-4 clause 7.13.6.72).
type FormFactor uint8

// String is the form factor in words.
func (f FormFactor) String() string {
	names := [...]string{"not reported", "5.25 inch", "3.5 inch", "2.5 inch", "1.8 inch",
		"less than 1.8 inch", "mSATA", "M.2", "MicroSSD", "CFast"}
	if int(f) < len(names) {
		return names[f]
	}
	return fmt.Sprintf("form factor %Xh", uint8(f))
}

// Zoning is word 69 bits 1:0 (ACS-4 clause 7.13.6.29).
type Zoning uint8

// The zonings. A host-managed device has a signature of its own and does not
// answer IDENTIFY DEVICE as a disk does.
const (
	ZonedNotReported   Zoning = 0
	ZonedHostAware     Zoning = 1
	ZonedDeviceManaged Zoning = 2
	ZonedReserved      Zoning = 3
)

func (id *Identify) warn(format string, a ...any) {
	id.Warnings = append(id.Warnings, fmt.Sprintf(format, a...))
}

func (id *Identify) decode() {
	w := id.words
	id.Model, id.Serial, id.Firmware = w.text(27, 46), w.text(10, 19), w.text(23, 26)
	id.LogicalSector = 512
	if id.Checksum == ChecksumBad {
		id.warn("word 255: the checksum is wrong")
	}
	if w.sparse() {
		id.Sparse = true
		id.warn("names only: made up by a driver, not the answer of a drive")
		return
	}
	id.Removable = w[0]>>7&1 != 0 && w[0] != compactFlash
	id.Incomplete = w[0]>>2&1 != 0 && (w[2] == 0x37C8 || w[2] == 0x738C)
	if id.Incomplete {
		id.warn("word 0: the response is incomplete until the drive spins up")
		return
	}
	id.decodeFeatures()
	id.decodeGeometry()
	id.decodeMedium()
	id.decodeSanitize()
	id.decodeSecurity()
}

// decodeFeatures reads words 82 to 84 (supported), 87 and 119. Words 82 and
// 83 share the mark of 83; 85 to 87 that of 87.
func (id *Identify) decodeFeatures() {
	w := id.words
	set2, set3 := w.marked(83), w.marked(84)
	id.SMART = w.bit(set2, 82, 0)
	id.HPA = w.bit(set2, 82, 10)
	id.LBA48 = w.bit(set2, 83, 10)
	id.DCO = w.bit(set2, 83, 11)
	id.GPL = w.bit(set3, 84, 5)
	id.TrustedComputing = w.bit(w.marked(48), 48, 0)
	if v := w.at(76); v != 0 && v != 0xFFFF {
		id.SATA = support.Yes
	} else if w.has(76) {
		id.SATA = support.No
	}
	if w.marked(87) && w.at(87)>>8&1 != 0 && w.has(111) {
		if wwn := w.wwn(); wwn != 0 {
			id.WWN = fmt.Sprintf("naa.%016x", wwn)
		}
	}
	id.AMAC = w.amac()
}

// wwn is words 108 to 111, the most significant word first.
func (w words) wwn() uint64 {
	return uint64(w[108])<<48 | uint64(w[109])<<32 | uint64(w[110])<<16 | uint64(w[111])
}

// amac is word 119 bit 8. The feature set came with ACS-3 (word 80 bit 10): a
// drive that conforms to nothing newer than ACS-2 does not have it even where
// it does not report word 119.
func (w words) amac() support.State {
	valid := w.marked(87) && w.has(86) && w[86]>>15 == 1 && w.marked(119)
	if s := w.bit(valid, 119, 8); s != support.Unknown {
		return s
	}
	if v := w.at(80); w.has(119) && v != 0 && v != 0xFFFF && bits.Len16(v) <= 10 {
		return support.No
	}
	return support.Unknown
}

// decodeGeometry reads the capacity and the sector sizes.
func (id *Identify) decodeGeometry() {
	w := id.words
	id.Sectors28 = w.dword(60)
	id.Sectors = uint64(id.Sectors28)
	if id.LBA48.IsYes() && w.has(103) {
		if n := w.qword(100); n != 0 {
			id.Sectors = n
		} else {
			id.warn("48-bit addressing without a 48-bit capacity")
		}
	}
	if w.has(233) && w[69]>>3&1 != 0 { // extended number of user addressable sectors
		if n := w.qword(230); n != 0 {
			if id.LBA48.IsYes() && n < id.Sectors {
				id.warn("words 230 to 233 say %d sectors, words 100 to 103 %d", n, id.Sectors)
			}
			id.Sectors = n
		}
	}
	if !w.marked(106) {
		return
	}
	v := w[106]
	if v>>12&1 != 0 && w.has(118) {
		if n := w.dword(117); n >= 256 && n <= 1<<20 {
			id.LogicalSector = 2 * n
		} else {
			id.warn("words 117 and 118: a logical sector of %d words", n)
		}
	}
	id.PhysicalSector = id.LogicalSector
	if v>>13&1 != 0 {
		id.PhysicalSector <<= v & 0x0F
	}
}

// decodeMedium reads what the medium is.
func (id *Identify) decodeMedium() {
	w := id.words
	if w.has(217) {
		switch v := w[217]; {
		case v == 1:
			id.Rotational = support.No
		case v >= 0x0401 && v <= 0xFFFE:
			id.Rotational, id.RPM = support.Yes, v
		}
	}
	id.FormFactor = FormFactor(w.at(168) & 0x0F)
	id.Trim = w.bit(true, 169, 0)
	id.EncryptsAll = w.bit(true, 69, 4)
	id.TrimZeroes = w.bit(id.Trim.IsYes() && w.at(69)>>14&1 != 0, 69, 5)
	id.Zoned = Zoning(w.at(69) & 3)
}

func (id *Identify) decodeSanitize() {
	w := id.words
	if !w.has(59) {
		return
	}
	feature := w[59]>>12&1 != 0
	of := func(b int) support.State { return support.Of(feature && w[59]>>b&1 != 0) }
	id.Sanitize = SanitizeSupport{
		Supported: of(12), Crypto: of(13), Overwrite: of(14), Block: of(15),
		Antifreeze: of(10), ACS3: of(11),
	}
	if !feature && w[59]>>13 != 0 {
		id.warn("word 59 (%04Xh) names sanitize commands without the feature set", w[59])
	}
}

func (id *Identify) decodeSecurity() {
	w, s := id.words, &id.Security
	set := w.bit(w.marked(83), 82, 1)
	s.Supported = id.agree("security", set, w.bit(true, 128, 0))
	s.Enabled = id.agree("security enabled", w.bit(w.marked(87), 85, 1), w.bit(true, 128, 1))
	s.Locked = w.bit(true, 128, 2)
	s.Frozen = w.bit(true, 128, 3)
	s.Expired = w.bit(true, 128, 4)
	s.Enhanced = w.bit(true, 128, 5)
	s.Maximum = w.bit(true, 128, 8)
	s.EraseTime = eraseTime(w.at(89))
	s.EnhancedEraseTime = eraseTime(w.at(90))
	s.MasterIdentifier = w.at(92)
}

// agree joins two words that say the same thing: word 128 decides where the
// other says nothing, and where they differ nobody knows.
func (id *Identify) agree(what string, set, w128 support.State) support.State {
	if set == support.Unknown || w128 == support.Unknown || set == w128 {
		return w128
	}
	id.warn("%s: word 82 or 85 says %s, word 128 says %s", what, set, w128)
	return support.Unknown
}

// eraseTime decodes words 89 and 90 (ACS-4 clause 7.13.6.39): bit 15 says
// whether the time is 15 or, as before ACS-3, 8 bits wide.
func eraseTime(v uint16) EraseTime {
	if v&0x8000 != 0 {
		n := int(v & 0x7FFF)
		return EraseTime{Minutes: min(2*n, 65532), MoreThan: n == 0x7FFF}
	}
	n := int(v & 0xFF)
	if n == 255 {
		return EraseTime{Minutes: 508, MoreThan: true}
	}
	return EraseTime{Minutes: 2 * n}
}
