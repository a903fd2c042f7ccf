package main

import (
	"encoding/binary"
	"fmt"
	"sort"
)

// tables are the tables of one sfnt file by tag (OpenType 1.9, "Organization
// of an OpenType Font").
type tables map[string][]byte

func parse(b []byte) (tables, error) {
	if len(b) < 12 || binary.BigEndian.Uint32(b) != 0x00010000 {
		return nil, fmt.Errorf("no TrueType outlines: gopdf embeds only those")
	}
	t := tables{}
	for i := range int(binary.BigEndian.Uint16(b[4:])) {
		e := b[12+16*i:]
		off, n := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
		if uint64(off)+uint64(n) > uint64(len(b)) {
			return nil, fmt.Errorf("table %q runs beyond the file", e[:4])
		}
		t[string(e[:4])] = b[off : off+n]
	}
	for _, tag := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "OS/2"} {
		if t[tag] == nil {
			return nil, fmt.Errorf("no table %q", tag)
		}
	}
	return t, nil
}

// build writes the file: directory sorted by tag, tables on 4 bytes, checksums.
func (t tables) build() []byte {
	tags := make([]string, 0, len(t))
	for tag := range t {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	sel := 0
	for 1<<(sel+1) <= len(tags) {
		sel++
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	out = append16(out, len(tags), 16<<sel, sel, 16*(len(tags)-1<<sel))
	pos, head := 12+16*len(tags), 0
	for _, tag := range tags {
		if tag == "head" {
			head = pos
		}
		out = append(out, tag...)
		out = binary.BigEndian.AppendUint32(out, checksum(t[tag]))
		out = binary.BigEndian.AppendUint32(out, uint32(pos))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t[tag])))
		pos += (len(t[tag]) + 3) &^ 3
	}
	for _, tag := range tags {
		out = append(out, t[tag]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	// head.checkSumAdjustment makes the whole file sum up to this constant.
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) (sum uint32) {
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	var last [4]byte
	copy(last[:], b)
	return sum + binary.BigEndian.Uint32(last[:])
}

func append16(b []byte, v ...int) []byte {
	for _, x := range v {
		b = binary.BigEndian.AppendUint16(b, uint16(x))
	}
	return b
}

// glyph returns the outline of glyph g.
func (t tables) glyph(g int) []byte {
	if binary.BigEndian.Uint16(t["head"][50:]) == 0 {
		l := t["loca"][2*g:]
		return t["glyf"][2*int(binary.BigEndian.Uint16(l)) : 2*int(binary.BigEndian.Uint16(l[2:]))]
	}
	l := t["loca"][4*g:]
	return t["glyf"][binary.BigEndian.Uint32(l):binary.BigEndian.Uint32(l[4:])]
}

// metrics returns advance width and left side bearing of glyph g, 4 bytes.
func (t tables) metrics(g int) []byte {
	n := int(binary.BigEndian.Uint16(t["hhea"][34:]))
	if g < n {
		return t["hmtx"][4*g : 4*g+4]
	}
	m := append([]byte{}, t["hmtx"][4*n-4:4*n-2]...)
	return append(m, t["hmtx"][4*n+2*(g-n):4*n+2*(g-n)+2]...)
}
