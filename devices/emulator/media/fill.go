package media

import "encoding/binary"

// Fill is what an erase leaves behind. The zero value is zeros.
type Fill struct {
	kind    fillKind
	pattern [4]byte
	key     uint64
}

type fillKind uint8

const (
	fillZeros fillKind = iota
	fillPattern
	fillNoise
)

// Zeros is the fill of a page that was never written.
var Zeros = Fill{}

// Pattern repeats the four bytes of v, the first byte being bits 31:24.
func Pattern(v uint32) Fill {
	f := Fill{kind: fillPattern}
	binary.BigEndian.PutUint32(f.pattern[:], v)
	return f
}

// Noise is what old ciphertext reads as under a new key: nothing of the data,
// another noise for every key.
func Noise(key uint64) Fill { return Fill{kind: fillNoise, key: key} }

// bytes fills p with what lies at offset at of page index.
func (f Fill) bytes(p []byte, index uint64, at int) {
	switch f.kind {
	case fillPattern:
		for i := range p {
			p[i] = f.pattern[(at+i)&3]
		}
	case fillNoise:
		f.noise(p, index, at)
	default:
		clear(p)
	}
}

// noise is splitmix64 over (key, page, word): cheap, and the same at any place.
func (f Fill) noise(p []byte, index uint64, at int) {
	var w [8]byte
	for i := range p {
		word := uint64(at+i) >> 3
		if i == 0 || (at+i)&7 == 0 {
			z := f.key + index*0x9E3779B97F4A7C15 + word*0xD1342543DE82EF95
			z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
			z = (z ^ z>>27) * 0x94D049BB133111EB
			binary.LittleEndian.PutUint64(w[:], z^z>>31)
		}
		p[i] = w[(at+i)&7]
	}
}

// span is a range of pages whose never-written members read as fill.
type span struct {
	first, end uint64
	fill       Fill
}

func (m *Medium) baseFill(index uint64) Fill {
	for i := len(m.base) - 1; i >= 0; i-- {
		if s := m.base[i]; index >= s.first && index < s.end {
			return s.fill
		}
	}
	return Zeros
}

// setBase forgets spans that the new one covers, so the list stays short.
func (m *Medium) setBase(first, end uint64, f Fill) {
	if first >= end {
		return
	}
	kept := m.base[:0]
	for _, s := range m.base {
		if s.first < first || s.end > end {
			kept = append(kept, s)
		}
	}
	m.base = append(kept, span{first, end, f})
}
