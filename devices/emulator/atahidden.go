package emulator

import (
	"encoding/binary"

	"github.com/massho/massho/devices/ata"
)

// hiddenAreas is the state of the Host Protected Area, the Device
// Configuration Overlay and the Accessible Max Address.
type hiddenAreas struct {
	lasting      uint64 // addressable sectors that survive a power cycle
	spent        bool   // this power cycle's one lasting change was made
	setMaxFrozen bool
	dcoFrozen    bool
	dcoRestored  bool
	amacFrozen   bool
}

func (h *hiddenAreas) powerOn(d *Drive) {
	d.max = h.lasting
	h.spent, h.setMaxFrozen, h.dcoFrozen, h.amacFrozen = false, false, false, false
}

// overlaid is the number of sectors that the overlay leaves.
func (a *ataDevice) overlaid() uint64 {
	n := a.d.p.native()
	if !a.hidden.dcoRestored {
		n -= a.d.p.DCOSectors
	}
	return n
}

// readNativeMax is READ NATIVE MAX ADDRESS (EXT) (ATA8-ACS clauses 7.31, 7.32).
func (a *ataDevice) readNativeMax(c ata.Command) regs {
	if !a.d.p.ATA.HPA || c.Extended != (c.Command == ata.CmdReadNativeMaxExt) {
		return abort()
	}
	a.nativeSeen = true
	r := done()
	r.lba = a.overlaid() - 1
	if !c.Extended {
		r.lba = min(r.lba, 1<<28-1)
	}
	return r
}

// setMax is SET MAX ADDRESS (EXT) (ATA8-ACS clauses 7.49, 7.50). F9h with
// another feature is SET MAX FREEZE LOCK or a password, of which only the
// freeze is known here.
func (a *ataDevice) setMax(c ata.Command) regs {
	if !a.d.p.ATA.HPA {
		return abort()
	}
	if c.Command == ata.CmdSetMax && !a.nativeSeen && c.Feature == 0x04 {
		a.hidden.setMaxFrozen = true
		return done()
	}
	lasting := c.Count&1 != 0
	switch {
	case !a.nativeSeen || a.hidden.setMaxFrozen:
		return abort()
	case c.LBA >= a.overlaid():
		return failed(ata.ErrorIDNF)
	case lasting && a.hidden.spent:
		return failed(ata.ErrorIDNF)
	}
	a.d.max = c.LBA + 1
	if lasting {
		a.hidden.lasting, a.hidden.spent = a.d.max, true
	}
	return done()
}

// deviceConfiguration is DEVICE CONFIGURATION IDENTIFY, RESTORE and FREEZE
// LOCK (ATA8-ACS clause 7.9).
func (a *ataDevice) deviceConfiguration(c ata.Command) regs {
	h := &a.hidden
	if !a.d.p.ATA.DCO || h.dcoFrozen {
		return abort()
	}
	switch c.Feature {
	case 0xC0:
		if a.d.max != a.overlaid() { // a host protected area is set
			return abort()
		}
		h.dcoRestored = true
		a.d.max = a.overlaid()
		h.lasting = a.d.max
		return done()
	case 0xC1:
		h.dcoFrozen = true
		return done()
	case 0xC2:
		return a.fill(c, a.dcoData())
	}
	return abort()
}

func (a *ataDevice) dcoData() []byte {
	b := make([]byte, 512)
	binary.LittleEndian.PutUint16(b[0:], 2)
	binary.LittleEndian.PutUint16(b[2:], 0x0007)
	binary.LittleEndian.PutUint16(b[4:], 0x007F)
	binary.LittleEndian.PutUint64(b[6:], a.d.p.native()-1)
	binary.LittleEndian.PutUint16(b[14:], 0x01FF)
	sign(b)
	return b
}

// accessibleMax is the Accessible Max Address Configuration feature set (ACS-4
// clause 7.1).
func (a *ataDevice) accessibleMax(c ata.Command) regs {
	h := &a.hidden
	if !a.d.p.ATA.AMAC || !c.Extended {
		return abort()
	}
	switch c.Feature {
	case 0x0000:
		r := done()
		r.lba = a.d.p.native() - 1
		return r
	case 0x0001:
		switch {
		case h.amacFrozen || h.spent:
			return abort()
		case c.LBA >= a.d.p.native():
			return failed(ata.ErrorIDNF)
		}
		a.d.max = c.LBA + 1
		h.lasting, h.spent = a.d.max, true
		return done()
	case 0x0002:
		h.amacFrozen = true
		return done()
	}
	return abort()
}

// fill puts b into the command's buffer, as much as it takes.
func (a *ataDevice) fill(c ata.Command, b []byte) regs {
	clear(c.Data)
	copy(c.Data, b)
	return done()
}

// sign writes the A5h signature and makes the bytes of b add to zero.
func sign(b []byte) {
	b[510], b[511] = 0xA5, 0
	var sum byte
	for _, c := range b {
		sum += c
	}
	b[511] = -sum
}
