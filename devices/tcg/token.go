package tcg

import (
	"encoding/binary"
	"fmt"
)

// Tokens of the data stream (Core clause 3.2.2.3).
const (
	tokStartList    byte = 0xF0
	tokEndList      byte = 0xF1
	tokStartName    byte = 0xF2
	tokEndName      byte = 0xF3
	tokCall         byte = 0xF8
	tokEndOfData    byte = 0xF9
	tokEndOfSession byte = 0xFA
	tokStartTrans   byte = 0xFB
	tokEndTrans     byte = 0xFC
	tokEmpty        byte = 0xFF
)

// Kind is what a token carries.
type Kind uint8

// The kinds of tokens. The zero value is none of them.
const (
	KindControl Kind = iota + 1 // one of the single-byte tokens F0h to FCh
	KindUint
	KindInt // a negative number; Uint holds its two's complement
	KindBytes
)

// Token is one token of a data stream.
type Token struct {
	Kind    Kind
	Control byte // KindControl
	Uint    uint64
	Bytes   []byte // KindBytes; aliases the stream
}

// ParseError says that an answer is not what its specification says it is.
type ParseError struct {
	What string
	Why  string
}

// Error names the answer and what is wrong with it.
func (e *ParseError) Error() string { return e.What + ": " + e.Why }

const stream = "TCG data stream"

// nextToken reads one token and returns what follows it. Empty atoms are
// skipped, as the Core says; at the end of b the token's Kind is zero.
func nextToken(b []byte) (Token, []byte, error) {
	for len(b) > 0 && b[0] == tokEmpty {
		b = b[1:]
	}
	if len(b) == 0 {
		return Token{}, nil, nil
	}
	head := b[0]
	switch {
	case head < 0x80: // tiny atom
		v := uint64(head & 0x3F)
		if head&0x40 == 0 {
			return Token{Kind: KindUint, Uint: v}, b[1:], nil
		}
		return signed(v, 6), b[1:], nil
	case head < 0xC0: // short atom
		return atom(b, 1, int(head&0x0F), head&0x20 != 0, head&0x10 != 0)
	case head < 0xE0: // medium atom
		if len(b) < 2 {
			return Token{}, nil, &ParseError{stream, "a medium atom is cut short"}
		}
		return atom(b, 2, int(head&0x07)<<8|int(b[1]), head&0x10 != 0, head&0x08 != 0)
	case head < 0xE4: // long atom
		if len(b) < 4 {
			return Token{}, nil, &ParseError{stream, "a long atom is cut short"}
		}
		return atom(b, 4, int(b[1])<<16|int(b[2])<<8|int(b[3]), head&0x02 != 0, head&0x01 != 0)
	case head >= tokStartList && head <= tokEndName, head >= tokCall && head <= tokEndTrans:
		return Token{Kind: KindControl, Control: head}, b[1:], nil
	}
	return Token{}, nil, &ParseError{stream, fmt.Sprintf("token %02Xh is reserved", head)}
}

// atom is the value of n bytes behind a header. A byte string with the sign bit
// is one part of a continued token: what we ask for is never that long.
func atom(b []byte, header, n int, bytes, sign bool) (Token, []byte, error) {
	if header+n > len(b) {
		return Token{}, nil, &ParseError{stream, fmt.Sprintf("an atom of %d bytes is cut short", n)}
	}
	v, rest := b[header:header+n], b[header+n:]
	if bytes {
		if sign {
			return Token{}, nil, &ParseError{stream, "a continued byte string"}
		}
		return Token{Kind: KindBytes, Bytes: v}, rest, nil
	}
	if n == 0 || n > 8 {
		return Token{}, nil, &ParseError{stream, fmt.Sprintf("a number of %d bytes", n)}
	}
	var u [8]byte
	copy(u[8-n:], v)
	num := binary.BigEndian.Uint64(u[:])
	if sign {
		return signed(num, 8*n), rest, nil
	}
	return Token{Kind: KindUint, Uint: num}, rest, nil
}

// signed is a two's complement number of so many bits.
func signed(v uint64, bits int) Token {
	if v>>(bits-1)&1 == 0 {
		return Token{Kind: KindUint, Uint: v}
	}
	return Token{Kind: KindInt, Uint: v | ^uint64(0)<<(bits-1)}
}

// appendUint is the shortest atom that holds v.
func appendUint(b []byte, v uint64) []byte {
	if v < 0x40 {
		return append(b, byte(v))
	}
	var u [8]byte
	binary.BigEndian.PutUint64(u[:], v)
	i := 0
	for u[i] == 0 {
		i++
	}
	b = append(b, 0x80|byte(8-i))
	return append(b, u[i:]...)
}

// appendBytes is the shortest atom that holds the byte string v.
func appendBytes(b, v []byte) []byte {
	switch n := len(v); {
	case n < 16:
		b = append(b, 0xA0|byte(n))
	case n < 2048:
		b = append(b, 0xD0|byte(n>>8), byte(n))
	default:
		b = append(b, 0xE2, byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, v...)
}
