package tcg

import (
	"encoding/binary"
	"fmt"
)

// Sizes of the headers (Core clause 3.2.3).
const (
	comPacketHeader = 20
	packetHeader    = 24
	subPacketHeader = 12
	allHeaders      = comPacketHeader + packetHeader + subPacketHeader
)

// Packet is one data subpacket with the headers around it: synchronous
// communication carries one of each (Core clause 3.3.10.3).
type Packet struct {
	ComID     uint16
	Extension uint16 // ComID extension; 0 for static ComIDs
	TSN, HSN  uint32 // session numbers; both 0 outside sessions
	Payload   []byte
	// Outstanding and MinTransfer say what is still to fetch, in bytes. With an
	// empty payload and Outstanding other than 0 the TPer is still working.
	Outstanding, MinTransfer uint32
}

var be = binary.BigEndian

// Encode is the packet in whole 512-byte blocks.
func (p Packet) Encode() []byte {
	n := len(p.Payload)
	whole := (n + 3) / 4 * 4
	b := make([]byte, allHeaders, allHeaders+whole+block)
	be.PutUint16(b[4:], p.ComID)
	be.PutUint16(b[6:], p.Extension)
	be.PutUint32(b[8:], p.Outstanding)
	be.PutUint32(b[12:], p.MinTransfer)
	if n == 0 {
		return padded(b[:comPacketHeader])
	}
	be.PutUint32(b[16:], uint32(packetHeader+subPacketHeader+whole))
	be.PutUint32(b[20:], p.TSN)
	be.PutUint32(b[24:], p.HSN)
	be.PutUint32(b[40:], uint32(subPacketHeader+whole))
	be.PutUint32(b[52:], uint32(n))
	return padded(append(b, p.Payload...))
}

// ParsePacket decodes a ComPacket. One without a packet has no payload.
func ParsePacket(b []byte) (Packet, error) {
	const what = "TCG ComPacket"
	if len(b) < comPacketHeader {
		return Packet{}, &ParseError{what, fmt.Sprintf("%d bytes", len(b))}
	}
	p := Packet{ComID: be.Uint16(b[4:]), Extension: be.Uint16(b[6:]),
		Outstanding: be.Uint32(b[8:]), MinTransfer: be.Uint32(b[12:])}
	length := uint64(be.Uint32(b[16:]))
	b = b[comPacketHeader:]
	if length == 0 {
		return p, nil
	}
	switch {
	case length > uint64(len(b)):
		return p, &ParseError{what, fmt.Sprintf("%d bytes of %d", len(b), length)}
	case length < packetHeader+subPacketHeader:
		return p, &ParseError{what, fmt.Sprintf("its length of %d holds no subpacket", length)}
	}
	b = b[:length]
	p.TSN, p.HSN = be.Uint32(b), be.Uint32(b[4:])
	if n := uint64(be.Uint32(b[20:])); n > uint64(len(b)-packetHeader) || n < subPacketHeader {
		return p, &ParseError{what, fmt.Sprintf("a packet of %d bytes", n)}
	}
	b = b[packetHeader:]
	if kind := be.Uint16(b[6:]); kind != 0 {
		return p, &ParseError{what, fmt.Sprintf("subpacket of kind %04Xh", kind)}
	}
	n := uint64(be.Uint32(b[8:]))
	if b = b[subPacketHeader:]; n > uint64(len(b)) {
		return p, &ParseError{what, fmt.Sprintf("a subpacket of %d bytes", n)}
	}
	p.Payload = b[:n]
	return p, nil
}
