package emulator

import (
	"encoding/binary"
	"math"
)

// The block commands of every target (SBC-4), and those of SPC-5 that a host
// cannot do without. The lock is held.

func (t *target) nothing(*command) answer { return good(nil) }

// testUnitReady is TEST UNIT READY: not ready while a format or sanitize runs.
func (t *target) testUnitReady(*command) answer {
	if a, blocked := t.blocked(true); blocked {
		return a
	}
	return good(nil)
}

// requestSense is REQUEST SENSE: how a background operation gets on.
func (t *target) requestSense(c *command) answer {
	t.d.poll()
	a, blocked := t.blocked(false)
	if !blocked {
		a = t.d.p.Road.check(0, 0, 0)
	}
	return good(a.sense[:min(len(a.sense), int(c.cdb[4]))])
}

// blocked is the sense data of a drive that is busy erasing or failed to.
func (t *target) blocked(poll bool) (answer, bool) {
	if poll {
		t.d.poll()
	}
	if t.d.sas != nil {
		return t.d.sas.blocked(t.d)
	}
	return answer{}, false
}

// extent decodes LBA and length of READ, WRITE, VERIFY and WRITE SAME.
func (c *command) extent() (lba, n uint64) {
	switch cdbLength(c.cdb[0]) {
	case 6:
		lba, n = uint64(c.u32(0)&0x1FFFFF), uint64(c.cdb[4])
		if n == 0 {
			n = 256
		}
	case 10:
		lba, n = uint64(c.u32(2)), uint64(c.u16(7))
	case 12:
		lba, n = uint64(c.u32(2)), uint64(c.u32(6))
	case 16:
		lba, n = c.u64(2), uint64(c.u32(10))
	}
	return lba, n
}

// outside is the answer to an extent beyond the capacity.
func (t *target) outside(lba, n uint64) (answer, bool) {
	size := t.d.addressable(t.u)
	if n > size || lba > size-n {
		return t.d.p.Road.check(0x05, 0x21, 0x00), true
	}
	return answer{}, false
}

// ready is what stands before every data command.
func (t *target) ready(lba, n uint64) (answer, bool) {
	if a, bad := t.outside(lba, n); bad {
		return a, true
	}
	if a, bad := t.blocked(false); bad {
		return a, true
	}
	if t.d.ata != nil {
		t.d.ata.sec.prepared = false
	}
	if err := t.d.mediaBlocked(); err != nil {
		return t.mediaError(err, lba, false), true
	}
	return answer{}, false
}

func (t *target) readWrite(c *command) answer {
	lba, n := c.extent()
	if a, bad := t.ready(lba, n); bad {
		return a
	}
	op := c.cdb[0]
	write := op == 0x0A || op == 0x2A || op == 0x8A || op == 0xAA
	size := uint64(t.d.sector())
	if n*size > uint64(len(c.data)) || n > 0 && write != c.out {
		return t.d.p.Road.check(0x05, 0x24, 0x00)
	}
	p := c.data[:n*size]
	moved, err := t.d.move(write, p, t.u.first+lba)
	if err != nil {
		return t.mediaError(err, lba+uint64(moved)/size, write)
	}
	if write && c.cdb[1]&0x08 != 0 { // FUA
		t.d.med.Flush()
	}
	if write {
		return good(nil)
	}
	return good(p)
}

func (t *target) verify(c *command) answer {
	lba, n := c.extent()
	if a, bad := t.ready(lba, n); bad {
		return a
	}
	if ok, err := t.d.firstBad(false, t.u.first+lba, n); err != nil {
		return t.mediaError(err, lba+ok, false)
	}
	return good(nil)
}

func (t *target) synchronize(*command) answer {
	t.d.med.Flush()
	return good(nil)
}

// writeSame is WRITE SAME(10) and (16); with UNMAP it deallocates.
func (t *target) writeSame(c *command) answer {
	lba, n := c.extent()
	if n == 0 {
		n = t.d.addressable(t.u) - min(lba, t.d.addressable(t.u))
	}
	if a, bad := t.ready(lba, n); bad {
		return a
	}
	size := int(t.d.sector())
	block := make([]byte, size)
	if c.cdb[1]&1 == 0 { // not NDOB
		if len(c.data) < size {
			return t.d.p.Road.check(0x05, 0x24, 0x00)
		}
		copy(block, c.data)
	}
	for i := range n {
		if moved, err := t.d.move(true, block, t.u.first+lba+i); err != nil {
			return t.mediaError(err, lba+i+uint64(moved), true)
		}
	}
	return good(nil)
}

// unmap is UNMAP: the addresses read as zeros, flash keeps the cells.
func (t *target) unmap(c *command) answer {
	if len(c.data) < 8 {
		return good(nil)
	}
	list := c.data[8:]
	list = list[:min(len(list), int(binary.BigEndian.Uint16(c.data[2:])))]
	for ; len(list) >= 16; list = list[16:] {
		lba, n := binary.BigEndian.Uint64(list), uint64(binary.BigEndian.Uint32(list[8:]))
		if a, bad := t.ready(lba, n); bad {
			return a
		}
		if n > 0 {
			t.d.med.Discard(t.u.first+lba, n)
		}
	}
	return good(nil)
}

func (t *target) readCapacity10(*command) answer {
	if a, blocked := t.blocked(false); blocked {
		return a
	}
	b := make([]byte, 8)
	binary.BigEndian.PutUint32(b, uint32(min(t.d.addressable(t.u)-1, math.MaxUint32)))
	binary.BigEndian.PutUint32(b[4:], t.d.sector())
	return good(b)
}

// readCapacity16 is SERVICE ACTION IN(16), of which only READ CAPACITY(16) is
// known.
func (t *target) readCapacity16(c *command) answer {
	if c.cdb[1]&0x1F != 0x10 {
		return t.d.p.Road.check(0x05, 0x24, 0x00)
	}
	if a, blocked := t.blocked(false); blocked {
		return a
	}
	b := make([]byte, 32)
	binary.BigEndian.PutUint64(b, t.d.addressable(t.u)-1)
	binary.BigEndian.PutUint32(b[8:], t.d.sector())
	for n := t.d.p.PhysicalSector / t.d.sector(); n > 1; n >>= 1 {
		b[13]++
	}
	if t.d.trims() {
		b[14] = 0xC0 // LBPME, LBPRZ
	}
	return good(b[:min(32, int(c.u32(10)))])
}

func (d *Drive) trims() bool { return d.p.ATA.Trim || d.p.Kind == SASSSD }

func (t *target) reportLUNs(c *command) answer {
	b := make([]byte, 16)
	b[3] = 8
	return good(b[:min(16, int(c.u32(6)))])
}
