package emulator

import (
	"encoding/binary"
	"time"
)

// supportedCodes is REPORT SUPPORTED OPERATION CODES for one command (SPC-5
// clause 6.34). Without the feature the question itself is refused.
func (t *target) supportedCodes(c *command) answer {
	road := t.d.p.Road
	if c.cdb[1]&0x1F != 0x0C || !t.d.p.SCSI.SupportedCodes {
		return road.check(0x05, 0x20, 0x00)
	}
	mode, op, action := c.cdb[2]&7, c.cdb[3], c.u16(4)
	b := make([]byte, 4)
	switch {
	case mode > 3:
		return road.check(0x05, 0x24, 0x00)
	case mode == 0:
		b = t.allCodes()
	case t.knows(op, mode, action):
		b[1] = 3
		n := cdbLength(op)
		usage := make([]byte, n)
		usage[0] = op
		b[3] = byte(n)
		b = append(b, usage...)
	default:
		b[1] = 1
	}
	return good(b[:min(len(b), int(c.u32(6)))])
}

// allCodes is the list of all commands, without timeouts descriptors.
func (t *target) allCodes() []byte {
	b := make([]byte, 4)
	for op := range 256 {
		op := byte(op)
		if op == 0x48 || !t.knows(op, 1, 0) {
			continue
		}
		b = append(b, op, 0, 0, 0, 0, 0, 0, byte(cdbLength(op)))
	}
	for action := range uint16(0x20) {
		if t.knows(0x48, 2, action) {
			b = append(b, 0x48, 0, byte(action>>8), byte(action), 0, 0x01, 0, 10) // SERVACTV
		}
	}
	be.PutUint32(b, uint32(len(b)-4))
	return b
}

func (t *target) knows(op, mode byte, action uint16) bool {
	f := t.d.p.SCSI
	if op == 0x48 && mode >= 2 {
		return action == 1 && f.SanitizeOverwrite || action == 2 && f.SanitizeBlock ||
			action == 3 && f.SanitizeCrypto || action == 0x1F && t.sanitizes()
	}
	switch op {
	case 0x48:
		return t.sanitizes()
	case 0x04:
		return f.FormatUnit
	}
	return t.handler(op) != nil
}

func (t *target) sanitizes() bool {
	f := t.d.p.SCSI
	return f.SanitizeOverwrite || f.SanitizeBlock || f.SanitizeCrypto
}

// readDefects is READ DEFECT DATA(10) and (12) for the grown list, in physical
// sector format (SBC-4 clauses 5.16, 5.17).
func (t *target) readDefects(c *command) answer {
	long := c.cdb[0] == 0xB7
	request, alloc, head := c.cdb[2], int(c.u16(7)), 4
	if long {
		request, alloc, head = c.cdb[1], int(c.u32(6)), 8
	}
	n := int(min(t.d.grown, 1<<12))
	if request&0x08 == 0 {
		n = 0
	}
	b := make([]byte, head+8*n)
	b[1] = request&0x18 | 5
	if long {
		binary.BigEndian.PutUint32(b[4:], uint32(8*n))
	} else {
		binary.BigEndian.PutUint16(b[2:], uint16(8*n))
	}
	for i := range n {
		binary.BigEndian.PutUint32(b[head+8*i+4:], uint32(i))
	}
	return good(b[:min(len(b), alloc)])
}

// logSense is LOG SENSE for temperature, endurance, hours and failure
// prediction (SPC-5 clause 7.3, SBC-4 clause 6.4).
func (t *target) logSense(c *command) answer {
	page := c.cdb[2] & 0x3F
	param := func(code uint16, data ...byte) []byte {
		return append([]byte{byte(code >> 8), byte(code), 0x03, byte(len(data))}, data...)
	}
	var body []byte
	switch page {
	case 0x00:
		body = []byte{0x00, 0x0D, 0x11, 0x15, 0x2F}
	case 0x0D:
		body = append(param(0, 0, 31), param(1, 0, 65)...)
	case 0x11:
		if !t.d.p.Kind.Flash() {
			return t.d.p.Road.check(0x05, 0x24, 0x00)
		}
		body = param(1, 0, 0, 0, 3)
	case 0x15:
		minutes := uint32(72000 + t.d.p.Clock.Now().Sub(Epoch)/time.Minute)
		data := binary.BigEndian.AppendUint32(nil, minutes)
		body = param(0, append(data, 0, 0, 0, 0, 0, 0, 0, 0)...)
	case 0x2F:
		asc := byte(0)
		if t.d.faults.Predict {
			asc = 0x5D
		}
		body = param(0, asc, 0, 31, 0)
	default:
		return t.d.p.Road.check(0x05, 0x24, 0x00)
	}
	b := append([]byte{page, 0, byte(len(body) >> 8), byte(len(body))}, body...)
	return good(b[:min(len(b), int(c.u16(7)))])
}
