package emulator

// Layout is how a road brings back the registers of an ATA command, or sense
// data of its own (facts: the four shapes that are seen).
type Layout uint8

// The layouts. The zero value is descriptor format.
const (
	LayoutDescriptor Layout = iota // 72h with an ATA Status Return descriptor
	LayoutFixed                    // 70h as SAT-5 clause 12.2.2.8 says
	LayoutOldLibata                // aborted commands: registers at bytes 8 to 11 and 16 to 19
	LayoutAppended                 // 70h with the descriptor at byte 18
)

// Road is what lies between the host and the drive: an HBA's driver or a USB
// bridge. The zero value passes everything.
type Road struct {
	Layout        Layout
	CutSense      int  // sense data are cut to so many bytes (USB: 18); 0: not cut
	NoRegisters   bool // success comes back as GOOD, without registers
	No85          bool // ATA PASS-THROUGH(16) is refused: only A1h goes through
	NoPassThrough bool // neither goes through
	StubIdentity  bool // INQUIRY and VPD show the bridge, not the drive
	MaxTransfer   int  // bytes that one command may move; 0: 1 MiB
}

// answer is what a SCSI command ends with.
type answer struct {
	status byte
	sense  []byte
	data   []byte // data-in
}

func good(data []byte) answer { return answer{data: data} }

// check is CHECK CONDITION with sense data in the road's format.
func (r Road) check(key, asc, ascq byte) answer { return r.checkInfo(key, asc, ascq, nil, nil) }

// checkInfo also carries an LBA, or a sense key specific field (a progress
// indication in 65536ths).
func (r Road) checkInfo(key, asc, ascq byte, lba *uint64, progress *uint16) answer {
	if r.Layout == LayoutDescriptor && (lba != nil && *lba > 1<<32-1) {
		b := []byte{0x72, key, asc, ascq, 0, 0, 0, 12, 0x00, 0x0A, 0x80, 0}
		for i := 7; i >= 0; i-- {
			b = append(b, byte(*lba>>(8*i)))
		}
		return answer{status: 2, sense: r.cut(b)}
	}
	b := make([]byte, 18)
	b[0], b[2], b[7], b[12], b[13] = 0x70, key, 10, asc, ascq
	if lba != nil {
		b[0] |= 0x80
		b[3], b[4], b[5], b[6] = byte(*lba>>24), byte(*lba>>16), byte(*lba>>8), byte(*lba)
	}
	if progress != nil {
		b[15], b[16], b[17] = 0x80, byte(*progress>>8), byte(*progress)
	}
	return answer{status: 2, sense: r.cut(b)}
}

func (r Road) cut(b []byte) []byte {
	if r.CutSense > 0 && len(b) > r.CutSense {
		return b[:r.CutSense]
	}
	return b
}

// registers brings the registers of an ATA command back. With CK_COND, success
// is CHECK CONDITION 00h/1Dh as well.
func (r Road) registers(g regs, ckCond bool) answer {
	if !g.refused() && (!ckCond || r.NoRegisters) {
		return answer{}
	}
	key, asc, ascq := byte(0x01), byte(0x00), byte(0x1D)
	if g.refused() {
		key, asc, ascq = 0x0B, 0x00, 0x00
		if g.err&0x40 != 0 {
			key, asc, ascq = 0x03, 0x11, 0x04 // UNC
		}
	}
	var b []byte
	switch {
	case r.Layout == LayoutFixed:
		b = satFixed(g, key, asc, ascq)
	case r.Layout == LayoutAppended:
		b = append(satFixed(g, key, asc, ascq)[:18], satDescriptor(g)...)
		b[7] = byte(len(b) - 8)
	case r.Layout == LayoutOldLibata && g.refused():
		b = oldLibata(g, key)
	default:
		d := satDescriptor(g)
		b = append([]byte{0x72, key, asc, ascq, 0, 0, 0, byte(len(d))}, d...)
	}
	if r.NoRegisters {
		return r.check(key, asc, ascq)
	}
	return answer{status: 2, sense: r.cut(b)}
}

// satDescriptor is the ATA Status Return descriptor (SAT-5 clause 12.2.2.7).
func satDescriptor(g regs) []byte {
	d := make([]byte, 14)
	d[0], d[1] = 0x09, 0x0C
	d[3], d[5] = g.err, byte(g.count)
	d[7], d[9], d[11] = byte(g.lba), byte(g.lba>>8), byte(g.lba>>16)
	d[12], d[13] = g.device, g.status
	if g.ext {
		d[2] = 1
		d[4] = byte(g.count >> 8)
		d[6], d[8], d[10] = byte(g.lba>>24), byte(g.lba>>32), byte(g.lba>>40)
	}
	return d
}

// satFixed is fixed format sense (SAT-5 clause 12.2.2.8).
func satFixed(g regs, key, asc, ascq byte) []byte {
	b := make([]byte, 18)
	b[0], b[2], b[7], b[12], b[13] = 0xF0, key, 10, asc, ascq
	b[3], b[4], b[5], b[6] = g.err, g.status, g.device, byte(g.count)
	b[8] = registerFlags(g)
	b[9], b[10], b[11] = byte(g.lba), byte(g.lba>>8), byte(g.lba>>16)
	return b
}

func registerFlags(g regs) (f byte) {
	if g.ext {
		f |= 0x80
		if g.count>>8 != 0 {
			f |= 0x40
		}
		if g.lba>>24 != 0 {
			f |= 0x20
		}
	}
	return f
}

// oldLibata is what kernels before 6.11 made of an aborted command: recorded
// on Debian 6.1 AHCI as 70 00 0b 00 00 00 00 0a 04 41 40 00 00 00 00 00 80 00.
func oldLibata(g regs, key byte) []byte {
	b := make([]byte, 32)
	b[0], b[2], b[7] = 0x70, key, 10
	b[8], b[9], b[10], b[11] = g.err, g.status, g.device, byte(g.count)
	b[16] = registerFlags(g)
	b[17], b[18], b[19] = byte(g.lba), byte(g.lba>>8), byte(g.lba>>16)
	return b
}
