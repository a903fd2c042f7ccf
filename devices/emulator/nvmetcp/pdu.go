package nvmetcp

import (
	"encoding/binary"
	"fmt"
	"io"
)

// PDU types (NVMe/TCP 1.0 clause 3.6).
const (
	pduICReq         = 0x00
	pduICResp        = 0x01
	pduH2CTerm       = 0x02
	pduCommand       = 0x04
	pduResponse      = 0x05
	pduH2CData       = 0x06
	pduC2HData       = 0x07
	pduR2T           = 0x09
	flagLast    byte = 1 << 2

	commonHeader = 8
	maxTransfer  = 1 << 20  // bytes of one command: MDTS
	inCapsule    = 8192     // bytes of data in a command capsule
	maxPDU       = 64 << 10 // bytes of one PDU that a host may send
	maxHostData  = 32 << 10 // MAXH2CDATA
)

var le = binary.LittleEndian

// pdu is one protocol data unit: header and data.
type pdu struct {
	kind, flags byte
	head        []byte // the type-specific header, behind the common one
	data        []byte
}

// read takes one PDU off the wire.
func read(r io.Reader) (*pdu, error) {
	var h [commonHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return nil, err
	}
	hlen, pdo, plen := int(h[2]), int(h[3]), int(le.Uint32(h[4:]))
	if hlen < commonHeader || plen < hlen || plen > maxPDU || pdo != 0 && (pdo < hlen || pdo > plen) {
		return nil, fmt.Errorf("nvmetcp: PDU %02Xh of %d bytes, header %d, data at %d", h[0], plen, hlen, pdo)
	}
	rest := make([]byte, plen-commonHeader)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, err
	}
	p := &pdu{kind: h[0], flags: h[1], head: rest[:hlen-commonHeader]}
	if pdo != 0 {
		p.data = rest[pdo-commonHeader:]
	}
	return p, nil
}

// write puts one PDU on the wire, its data right behind its header.
func write(w io.Writer, p *pdu) error {
	hlen := commonHeader + len(p.head)
	b := make([]byte, commonHeader, hlen+len(p.data))
	b[0], b[1], b[2] = p.kind, p.flags, byte(hlen)
	if len(p.data) > 0 {
		b[3] = byte(hlen)
	}
	le.PutUint32(b[4:], uint32(hlen+len(p.data)))
	b = append(append(b, p.head...), p.data...)
	_, err := w.Write(b)
	return err
}
