package emulator

import (
	"encoding/binary"
	"time"

	"github.com/massho/massho/devices/ata"
)

// words is IDENTIFY DEVICE data under construction (ACS-4 clause 7.13.6).
type words [512]byte

func (w *words) set(i int, v uint16) { binary.LittleEndian.PutUint16(w[2*i:], v) }
func (w *words) get(i int) uint16    { return binary.LittleEndian.Uint16(w[2*i:]) }

// bit sets bit b of word i if on.
func (w *words) bit(i, b int, on bool) {
	v := w.get(i) &^ (1 << b)
	if on {
		v |= 1 << b
	}
	w.set(i, v)
}

// text writes an ATA string: padded with spaces, two characters a word, the
// first in bits 15:8.
func (w *words) text(i, n int, s string) {
	for k := range 2 * n {
		c := byte(' ')
		if k < len(s) {
			c = s[k]
		}
		w[2*i+(k^1)] = c
	}
}

// identify is IDENTIFY DEVICE (clause 7.13).
func (a *ataDevice) identify(c ata.Command) regs {
	w := a.identifyWords()
	return a.fill(c, w[:])
}

func (a *ataDevice) identifyWords() words {
	if len(a.d.p.Identify) == 512 {
		return a.recorded()
	}
	var w words
	a.describe(&w)
	a.current(&w)
	sign(w[:])
	return w
}

// describe writes what never changes.
func (a *ataDevice) describe(w *words) {
	p := a.d.p
	w.set(0, 0x0040)
	w.text(23, 4, p.Firmware)
	w.text(27, 20, p.Model)
	for i, v := range map[int]uint16{
		1: 0x3FFF, 2: 0xC837, 3: 16, 6: 63, 47: 0x8010, 48: 0x4000, 49: 0x2F00, 50: 0x4000,
		53: 0x0006, 59: 0x0110, 63: 0x0007, 64: 0x0003, 65: 120, 66: 120, 67: 120, 68: 120,
		75: 0x001F, 76: 0x850E, 77: 0x0006, 78: 0x0040,
		82: 0x4068, 83: 0x7400, 84: 0x4020, 85: 0x4068, 86: 0xB400, 87: 0x4020, 88: 0x407F,
		93: 0, 119: 0x4000, 120: 0x4000, 222: 0x107F,
	} {
		w.set(i, v)
	}
	w.set(80, 0x03F0) // up to ATA8-ACS-2, the last with HPA and DCO
	if !p.ATA.HPA && !p.ATA.DCO {
		w.set(80, 0x0FF0) // up to ACS-4
	}
	a.features(w)
	a.geometry(w)
	w.set(89, eraseWord(p.ATA.EraseTime))
	w.set(90, eraseWord(p.ATA.EnhancedEraseTime))
	w.set(217, p.RPM)
	w.bit(48, 0, a.d.tcg != nil)
	w.set(168, 3) // 2.5 inch
	if !p.Kind.Flash() {
		w.set(168, 2) // 3.5 inch
	}
}

// features writes the supported feature sets and sanitize (word 59).
func (a *ataDevice) features(w *words) {
	f := a.d.p.ATA
	for _, b := range []struct {
		word, bit int
		on        bool
	}{
		{82, 0, f.SMART}, {82, 1, f.Security}, {82, 10, f.HPA}, {83, 11, f.DCO},
		{82, 5, a.d.p.CacheBytes >= 0}, {85, 5, a.d.p.CacheBytes >= 0}, {86, 11, f.DCO},
		{59, 12, a.sanitizeSupported()}, {59, 11, a.sanitizeSupported()}, {59, 10, a.sanitizeSupported()},
		{59, 13, f.SanitizeCrypto}, {59, 14, f.SanitizeOverwrite}, {59, 15, f.SanitizeBlock},
		{119, 8, f.AMAC}, {120, 8, f.AMAC},
		{169, 0, f.Trim}, {69, 14, f.Trim}, {69, 5, f.Trim}, {128, 0, f.Security}, {128, 5, f.Security && f.Enhanced},
	} {
		w.bit(b.word, b.bit, b.on)
	}
	if wwn := a.d.p.WWN; wwn != 0 {
		w.bit(84, 8, true)
		w.bit(87, 8, true)
		for i := range 4 {
			w.set(108+i, uint16(wwn>>(48-16*i)))
		}
	}
}

// geometry writes the sector sizes.
func (a *ataDevice) geometry(w *words) {
	p := a.d.p
	v := uint16(0x4000)
	for n := p.PhysicalSector / p.LogicalSector; n > 1; n >>= 1 {
		v = v | 0x2000 + 1
	}
	if p.LogicalSector != 512 {
		v |= 0x1000
		w.set(117, uint16(p.LogicalSector/2))
	}
	w.set(106, v)
}

// current writes what a command may have changed: serial, capacity, security
// state, SMART and HPA enabled.
func (a *ataDevice) current(w *words) {
	w.text(10, 10, a.d.serial)
	n := a.d.max
	short := min(n, 1<<28-1)
	w.set(60, uint16(short))
	w.set(61, uint16(short>>16))
	for i := range 4 {
		w.set(100+i, uint16(n>>(16*i)))
	}
	s := &a.sec
	for b, on := range map[int]bool{1: s.enabled, 2: s.locked, 3: s.frozen, 4: s.expired(), 8: s.enabled && s.maximum} {
		w.bit(128, b, on)
	}
	w.bit(85, 0, a.d.p.ATA.SMART && a.readSMART)
	w.bit(85, 1, s.enabled)
	// Under TCG control there is no ATA security, and no SANITIZE.
	for _, b := range []struct{ word, bit int }{{82, 1}, {128, 0}, {128, 5}, {59, 12}} {
		if a.d.tcg.owned() {
			w.bit(b.word, b.bit, false)
		}
	}
	w.bit(85, 10, a.d.p.ATA.HPA && n < a.overlaid())
	if a.d.p.ATA.Security {
		w.set(92, 0xFFFE)
		if s.masterID != 0 {
			w.set(92, s.masterID)
		}
	}
}

// eraseWord is the estimate of words 89 and 90: minutes/2 in the low byte, or
// in bits 14:0 with bit 15 where that does not hold them.
func eraseWord(d time.Duration) uint16 {
	half := uint64((d + 2*time.Minute - 1) / (2 * time.Minute))
	if half < 255 {
		return uint16(half)
	}
	return 0x8000 | uint16(min(half, 0x7FFF))
}
