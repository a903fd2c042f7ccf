package iscsi

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Opcodes (RFC 7143 clause 11.2.1.2).
const (
	opNOPOut     = 0x00
	opCommand    = 0x01
	opTaskOut    = 0x02
	opLogin      = 0x03
	opText       = 0x04
	opDataOut    = 0x05
	opLogout     = 0x06
	opNOPIn      = 0x20
	opResponse   = 0x21
	opTaskIn     = 0x22
	opLoginIn    = 0x23
	opTextIn     = 0x24
	opDataIn     = 0x25
	opLogoutIn   = 0x26
	opR2T        = 0x31
	opReject     = 0x3F
	flagFinal    = 0x80
	flagImmed    = 0x40
	headerLength = 48
	noTag        = 0xFFFFFFFF

	maxSegment = 256 << 10 // bytes of one data segment, both ways
	maxBurst   = 256 << 10
	maxData    = 16 << 20 // bytes of one command
)

// pdu is one protocol data unit: the basic header segment and its data.
type pdu struct {
	h    [headerLength]byte
	data []byte
}

func (p *pdu) op() byte             { return p.h[0] & 0x3F }
func (p *pdu) immediate() bool      { return p.h[0]&flagImmed != 0 }
func (p *pdu) u32(at int) uint32    { return binary.BigEndian.Uint32(p.h[at:]) }
func (p *pdu) set(at int, v uint32) { binary.BigEndian.PutUint32(p.h[at:], v) }
func (p *pdu) tag() uint32          { return p.u32(16) }

// read takes one PDU off the wire. Additional header segments are dropped: no
// command here needs one.
func read(r io.Reader) (*pdu, error) {
	p := &pdu{}
	if _, err := io.ReadFull(r, p.h[:]); err != nil {
		return nil, err
	}
	n := int(p.h[5])<<16 | int(p.h[6])<<8 | int(p.h[7])
	if n > maxSegment {
		return nil, fmt.Errorf("iscsi: a data segment of %d bytes", n)
	}
	if _, err := io.CopyN(io.Discard, r, 4*int64(p.h[4])); err != nil {
		return nil, err
	}
	p.data = make([]byte, (n+3)&^3)
	if _, err := io.ReadFull(r, p.data); err != nil {
		return nil, err
	}
	p.data = p.data[:n]
	return p, nil
}

// write puts one PDU on the wire, padded to whole words.
func write(w io.Writer, p *pdu) error {
	n := len(p.data)
	p.h[5], p.h[6], p.h[7] = byte(n>>16), byte(n>>8), byte(n)
	buf := make([]byte, headerLength+(n+3)&^3)
	copy(buf, p.h[:])
	copy(buf[headerLength:], p.data)
	_, err := w.Write(buf)
	return err
}
