package nvme

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
)

func le16(b []byte) uint16 { return binary.LittleEndian.Uint16(b) }
func le32(b []byte) uint32 { return binary.LittleEndian.Uint32(b) }
func le64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// Uint128 is a 16-byte number as controllers report capacities and counters.
type Uint128 struct{ Lo, Hi uint64 }

func le128(b []byte) Uint128 { return Uint128{Lo: le64(b), Hi: le64(b[8:])} }

// IsZero reports whether u is zero.
func (u Uint128) IsZero() bool { return u.Lo == 0 && u.Hi == 0 }

// Uint64 is u, and false if it does not fit.
func (u Uint128) Uint64() (uint64, bool) { return u.Lo, u.Hi == 0 }

// String is u in decimal.
func (u Uint128) String() string {
	n := new(big.Int).SetUint64(u.Hi)
	n.Lsh(n, 64)
	return n.Or(n, new(big.Int).SetUint64(u.Lo)).String()
}

// text is an ASCII field without padding; some controllers put it on the left.
// What is not printable is escaped: two serials must not become one.
func text(b []byte) string {
	var out strings.Builder
	for _, c := range []byte(strings.Trim(string(b), " \x00")) {
		if c < 0x20 || c > 0x7E {
			fmt.Fprintf(&out, `\x%02X`, c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// ParseError says that an answer is not what its standard says it is.
type ParseError struct {
	What string // the answer: "Identify Controller data"
	Why  string
}

// Error names the answer and what is wrong with it.
func (e *ParseError) Error() string { return e.What + ": " + e.Why }
