package journal

import "strings"

// crockford is Crockford's base 32: no I, L, O, U.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const (
	codeDigits = 12 // 60 bits
	codeGroup  = 4
)

// Code is the short form of a head for people and cameras: its first 60 bits
// as three groups of four digits in Crockford's base 32.
func Code(h Hash) string {
	var b strings.Builder
	for i := range codeDigits {
		if i > 0 && i%codeGroup == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(crockford[fiveBits(h, i)])
	}
	return b.String()
}

// fiveBits returns the i-th group of five bits, first bit first.
func fiveBits(h Hash, i int) byte {
	bit := i * 5
	two := uint16(h[bit/8])<<8 | uint16(h[bit/8+1])
	return byte(two>>(11-bit%8)) & 31
}

// Code is the short form of the log's head.
func (l *Log) Code() string { return Code(l.Head()) }

// Contains finds the record whose head had the given code, as it was read from
// a film: case, spaces and hyphens do not matter, O is 0, I and L are 1. With
// ok the record existed, with all before it, when the code was filmed.
func (l *Log) Contains(code string) (rec Record, ok bool) {
	want := normalCode(code)
	if len(want) != codeDigits {
		return Record{}, false
	}
	for _, r := range l.Records {
		if normalCode(Code(r.Hash)) == want {
			return r, true
		}
	}
	return Record{}, false
}

var codeReader = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")

func normalCode(s string) string { return codeReader.Replace(strings.ToUpper(s)) }
