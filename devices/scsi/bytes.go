package scsi

import (
	"encoding/binary"
	"fmt"
	"strings"
)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

func put16(b []byte, v uint16) { binary.BigEndian.PutUint16(b, v) }
func put32(b []byte, v uint32) { binary.BigEndian.PutUint32(b, v) }

// text is an ASCII field without the padding at either end. What is not
// printable is escaped and not replaced: two serials must not become one.
func text(b []byte) string {
	s := strings.Trim(string(b), " \x00")
	var out strings.Builder
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7E {
			fmt.Fprintf(&out, `\x%02X`, c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}
