package ata

import (
	"fmt"
	"strings"

	"github.com/massho/massho/devices/support"
)

// words are IDENTIFY words 0 to len-1.
type words []uint16

// at is word i, or zero where the data are cut: look with has before a zero
// may mean anything.
func (w words) at(i int) uint16 {
	if i < len(w) {
		return w[i]
	}
	return 0
}

func (w words) has(i int) bool { return i < len(w) }

// marked reports whether word i carries the validity mark 01b in bits 15:14.
func (w words) marked(i int) bool { return w.has(i) && w[i]>>14 == 1 }

// bit is bit b of word i where ok says that the word is valid.
func (w words) bit(ok bool, i, b int) support.State {
	if !ok || !w.has(i) {
		return support.Unknown
	}
	return support.Of(w[i]>>b&1 != 0)
}

func (w words) dword(i int) uint32 { return uint32(w.at(i)) | uint32(w.at(i+1))<<16 }

func (w words) qword(i int) uint64 { return uint64(w.dword(i)) | uint64(w.dword(i+2))<<32 }

// bytes are words from..to as the bytes of an ATA string: high byte first.
func (w words) bytes(from, to int) []byte {
	var b []byte
	for i := from; i <= to && i < len(w); i++ {
		b = append(b, byte(w[i]>>8), byte(w[i]))
	}
	return b
}

// text is an ATA string without padding. Drives pad with spaces or NULs on
// either side, and a NUL may end the string early with leftovers behind it
// only in garbage: inner NULs become spaces. What is not printable is escaped.
func (w words) text(from, to int) string {
	s := strings.ReplaceAll(string(w.bytes(from, to)), "\x00", " ")
	var out strings.Builder
	for _, c := range []byte(strings.Trim(s, " ")) {
		if c < 0x20 || c > 0x7E {
			fmt.Fprintf(&out, `\x%02X`, c)
		} else {
			out.WriteByte(c)
		}
	}
	return out.String()
}

// printable reports whether a string field holds only ASCII and padding.
func (w words) printable(from, to int) bool {
	for _, c := range w.bytes(from, to) {
		if c != 0 && (c < 0x20 || c > 0x7E) {
			return false
		}
	}
	return true
}

// checksum judges word 255: signature A5h in the low byte, and all 512 bytes
// add to zero (ACS-4 clause 7.13.6.97).
func (w words) checksum() Checksum {
	if !w.has(255) || byte(w[255]) != 0xA5 {
		return ChecksumAbsent
	}
	var sum byte
	for _, v := range w {
		sum += byte(v) + byte(v>>8)
	}
	if sum != 0 {
		return ChecksumBad
	}
	return ChecksumOK
}

const compactFlash = 0x848A // word 0 of a CompactFlash card, which is an ATA device

// reject refuses what is not the answer of an ATA disk.
func (w words) reject(sum Checksum) error {
	switch {
	case w[0] == 0x0000 || w[0] == 0xFFFF:
		return &IdentifyError{ReasonEmpty, fmt.Sprintf("word 0 is %04Xh", w[0])}
	case sum == ChecksumOK && w[0]>>15 == 0:
		return nil
	case w[0]>>14 == 2 && w[0] != compactFlash:
		return &IdentifyError{ReasonATAPI, fmt.Sprintf("a packet device (word 0 is %04Xh)", w[0])}
	case w[0]>>15 != 0 && w[0] != compactFlash:
		return &IdentifyError{ReasonGarbage, fmt.Sprintf("word 0 is %04Xh", w[0])}
	case w.text(27, 46) == "":
		return &IdentifyError{ReasonGarbage, "no model number and no valid checksum"}
	case !w.printable(10, 19) || !w.printable(23, 26) || !w.printable(27, 46):
		return &IdentifyError{ReasonGarbage, "names are not ASCII and there is no valid checksum"}
	case sum == ChecksumAbsent && w.at(53)&0x00F8 != 0:
		// Word 53 says which other words are valid: bits 7:3 have been
		// reserved in every edition. Leftover text has them set.
		return &IdentifyError{ReasonGarbage, fmt.Sprintf("word 53 is %04Xh and there is no checksum", w.at(53))}
	}
	return nil
}

// sparse reports whether nothing but names is there.
func (w words) sparse() bool {
	for _, i := range []int{49, 53, 80, 82, 83, 84, 85, 86, 87, 128} {
		if w.at(i) != 0 {
			return false
		}
	}
	return true
}
