package emulator

import (
	"encoding/binary"
	"time"

	"github.com/massho/massho/devices/ata"
)

// span is the first sector and the number of sectors of a data command.
func (a *ataDevice) span(c ata.Command) (lba, n uint64, ok bool) {
	lba, n = c.LBA, uint64(c.Count)
	if n == 0 {
		n = 256
		if c.Extended {
			n = 65536
		}
	}
	return lba, n, lba+n <= a.d.max && uint64(len(c.Data)) >= n*uint64(a.d.sector())
}

// read is READ SECTOR(S) and READ DMA, 28-bit and EXT.
func (a *ataDevice) read(c ata.Command) regs { return a.transfer(c, false) }

// write is WRITE SECTOR(S) and WRITE DMA, 28-bit and EXT.
func (a *ataDevice) write(c ata.Command) regs { return a.transfer(c, true) }

func (a *ataDevice) transfer(c ata.Command, write bool) regs {
	lba, n, ok := a.span(c)
	if !ok || c.Protocol.Out() != write {
		return failed(ata.ErrorIDNF)
	}
	moved, err := a.d.move(write, c.Data[:n*uint64(a.d.sector())], lba)
	if err != nil {
		r := failed(ata.ErrorUNC)
		r.lba = lba + uint64(moved)/uint64(a.d.sector())
		return r
	}
	return done()
}

// dataSetManagement is DATA SET MANAGEMENT TRIM (ACS-4 clause 7.6).
func (a *ataDevice) dataSetManagement(c ata.Command) regs {
	if !a.d.p.ATA.Trim || c.Feature != 1 {
		return abort()
	}
	for b := c.Data; len(b) >= 8; b = b[8:] {
		v := binary.LittleEndian.Uint64(b)
		lba, n := v&(1<<48-1), v>>48
		if lba+n > a.d.max {
			return failed(ata.ErrorIDNF)
		}
		if n > 0 {
			a.d.med.Discard(lba, n)
		}
	}
	return done()
}

func (a *ataDevice) flush(ata.Command) regs {
	a.d.med.Flush()
	return done()
}

func (a *ataDevice) standby(ata.Command) regs { return done() }

func (a *ataDevice) checkPowerMode(ata.Command) regs {
	r := done()
	r.count = 0xFF // active or idle
	return r
}

// setFeatures accepts the write cache and look-ahead switches and changes
// nothing that a test looks at.
func (a *ataDevice) setFeatures(c ata.Command) regs {
	switch c.Feature {
	case 0x02, 0x82, 0x55, 0xAA, 0x03, 0x05, 0x85:
		return done()
	}
	return abort()
}

// smart is the SMART feature set (ACS-4 clause 7.46; the attribute table as
// SFF-8035i and all drives have it).
func (a *ataDevice) smart(c ata.Command) regs {
	if !a.d.p.ATA.SMART || c.LBA>>8&0xFFFF != 0xC24F {
		return abort()
	}
	switch c.Feature {
	case 0xD0:
		return a.fill(c, a.smartData())
	case 0xD1:
		return a.fill(c, a.smartThresholds())
	case 0xD8, 0xD9:
		a.readSMART = c.Feature == 0xD8
		return done()
	case 0xDA:
		r := done()
		r.lba = 0xC24F00
		if a.d.faults.Predict {
			r.lba = 0x2CF400
		}
		return r
	}
	return abort()
}

type attribute struct {
	id               byte
	value, threshold byte
	raw              uint64
}

func (a *ataDevice) attributes() []attribute {
	var pending uint64
	for _, r := range a.d.faults.ReadErrors {
		pending += r.Count
	}
	hours := uint64(a.d.p.Clock.Now().Sub(Epoch) / time.Hour)
	list := []attribute{
		{5, 100, 10, a.d.grown}, {9, 100, 0, 1200 + hours}, {194, 70, 0, 30},
		{197, 100, 0, pending}, {198, 100, 0, pending},
	}
	if a.d.faults.Predict {
		list[0].value = 5
	}
	return list
}

func (a *ataDevice) smartData() []byte {
	b := make([]byte, 512)
	b[0] = 0x10
	for i, at := range a.attributes() {
		e := b[2+12*i:]
		e[0], e[1], e[3], e[4] = at.id, 0x32, at.value, at.value
		binary.LittleEndian.PutUint32(e[5:], uint32(at.raw))
	}
	return sum511(b)
}

func (a *ataDevice) smartThresholds() []byte {
	b := make([]byte, 512)
	b[0] = 0x10
	for i, at := range a.attributes() {
		b[2+12*i], b[3+12*i] = at.id, at.threshold
	}
	return sum511(b)
}

// sum511 makes the last byte the checksum of the rest.
func sum511(b []byte) []byte {
	var sum byte
	for _, c := range b[:511] {
		sum += c
	}
	b[511] = -sum
	return b
}

// readLog is READ LOG EXT: the log directory and the IDENTIFY DEVICE data log.
func (a *ataDevice) readLog(c ata.Command) regs {
	page := c.LBA >> 8 & 0xFF
	b := make([]byte, 512)
	switch {
	case c.LBA&0xFF == 0x00 && page == 0:
		binary.LittleEndian.PutUint16(b, 1)
		b[2*0x30] = 1
	case c.LBA&0xFF == 0x30 && page == 0:
		b[0], b[8], b[9] = 1, 1, 0 // one page: the list itself
	case c.LBA&0xFF == 0x30 && page == 1:
		w := a.identifyWords()
		copy(b, w[:])
	default:
		return abort()
	}
	return a.fill(c, b)
}
