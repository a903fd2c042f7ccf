package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"unicode/utf16"
)

// cut keeps the glyphs of runes, in rune order after .notdef, and whatever
// composite glyphs are made of. index gives the glyph of a rune.
func cut(t tables, runes []rune, index func(rune) int, name string) ([]byte, error) {
	old := []int{0}
	for _, r := range runes {
		old = append(old, index(r))
	}
	glyphs, err := collect(t, &old)
	if err != nil {
		return nil, err
	}
	out := tables{"glyf": {}, "loca": {}, "hmtx": {}}
	for i, g := range glyphs {
		out["loca"] = binary.BigEndian.AppendUint32(out["loca"], uint32(len(out["glyf"])))
		out["glyf"] = append(out["glyf"], g...)
		for len(out["glyf"])%4 != 0 {
			out["glyf"] = append(out["glyf"], 0)
		}
		out["hmtx"] = append(out["hmtx"], t.metrics(old[i])...)
	}
	out["loca"] = binary.BigEndian.AppendUint32(out["loca"], uint32(len(out["glyf"])))
	for _, tag := range []string{"head", "hhea", "maxp", "OS/2", "cvt ", "fpgm", "prep"} {
		out[tag] = bytes.Clone(t[tag])
	}
	binary.BigEndian.PutUint32(out["head"][8:], 0)
	binary.BigEndian.PutUint16(out["head"][50:], 1) // long loca
	binary.BigEndian.PutUint16(out["hhea"][34:], uint16(len(glyphs)))
	binary.BigEndian.PutUint16(out["maxp"][4:], uint16(len(glyphs)))
	out["post"] = make([]byte, 32)
	binary.BigEndian.PutUint32(out["post"], 0x00030000)
	out["cmap"] = cmap(runes)
	out["name"] = nameTable(name)
	return out.build(), nil
}

// collect returns the outlines of old, appending the components of composite
// glyphs to old and renumbering them inside the outlines (OpenType, glyf).
func collect(t tables, old *[]int) ([][]byte, error) {
	var glyphs [][]byte
	for i := 0; i < len(*old); i++ {
		g := bytes.Clone(t.glyph((*old)[i]))
		if len(g) >= 10 && int16(binary.BigEndian.Uint16(g)) < 0 {
			if err := renumber(g, old); err != nil {
				return nil, fmt.Errorf("glyph %d: %w", (*old)[i], err)
			}
		}
		glyphs = append(glyphs, g)
	}
	if len(glyphs) > 0xFFFF {
		return nil, fmt.Errorf("%d glyphs: too many for one font", len(glyphs))
	}
	return glyphs, nil
}

func renumber(g []byte, old *[]int) error {
	for p := 10; ; {
		if p+4 > len(g) {
			return fmt.Errorf("composite runs beyond its outline")
		}
		flags := binary.BigEndian.Uint16(g[p:])
		part := int(binary.BigEndian.Uint16(g[p+2:]))
		at := slices.Index(*old, part)
		if at < 0 {
			at = len(*old)
			*old = append(*old, part)
		}
		binary.BigEndian.PutUint16(g[p+2:], uint16(at))
		p += 6
		if flags&0x0001 != 0 { // ARG_1_AND_2_ARE_WORDS
			p += 2
		}
		switch {
		case flags&0x0008 != 0: // WE_HAVE_A_SCALE
			p += 2
		case flags&0x0040 != 0: // WE_HAVE_AN_X_AND_Y_SCALE
			p += 4
		case flags&0x0080 != 0: // WE_HAVE_A_TWO_BY_TWO
			p += 8
		}
		if flags&0x0020 == 0 { // MORE_COMPONENTS
			return nil
		}
	}
}

// group is a run of runes with consecutive glyphs.
type group struct{ first, last, glyph int }

func groups(runes []rune) (gs []group) {
	for i, r := range runes {
		if n := len(gs); n > 0 && gs[n-1].last+1 == int(r) {
			gs[n-1].last = int(r)
			continue
		}
		gs = append(gs, group{int(r), int(r), i + 1})
	}
	return gs
}

// cmap has a format 4 for the BMP, which gopdf insists on, and a format 12.
func cmap(runes []rune) []byte {
	var f4 []group
	f12 := groups(runes)
	for _, g := range f12 {
		if g.last <= 0xFFFF {
			f4 = append(f4, g)
		}
	}
	f4 = append(f4, group{0xFFFF, 0xFFFF, 0})
	n := len(f4)
	sel := 0
	for 1<<(sel+1) <= n {
		sel++
	}
	b := append16(nil, 4, 16+8*n, 0, 2*n, 2<<sel, sel, 2*(n-1<<sel))
	for _, g := range f4 {
		b = append16(b, g.last)
	}
	b = append16(b, 0)
	for _, g := range f4 {
		b = append16(b, g.first)
	}
	for _, g := range f4 {
		delta := g.glyph - g.first
		if g.first == 0xFFFF {
			delta = 1
		}
		b = append16(b, delta)
	}
	b = append(b, make([]byte, 2*n)...)
	out := append16(nil, 0, 2, 3, 1)
	out = binary.BigEndian.AppendUint32(out, 20)
	out = append16(out, 3, 10)
	out = binary.BigEndian.AppendUint32(out, uint32(20+len(b)))
	out = append(out, b...)
	out = append16(out, 12, 0)
	for _, v := range []int{16 + 12*len(f12), 0, len(f12)} {
		out = binary.BigEndian.AppendUint32(out, uint32(v))
	}
	for _, g := range f12 {
		for _, v := range []int{g.first, g.last, g.glyph} {
			out = binary.BigEndian.AppendUint32(out, uint32(v))
		}
	}
	return out
}

// nameTable gives the cut font a name of its own, as the IPA Font License asks.
func nameTable(name string) []byte {
	var text []byte
	for _, u := range utf16.Encode([]rune(name)) {
		text = binary.BigEndian.AppendUint16(text, u)
	}
	ids := []int{1, 2, 4, 6} // family, subfamily, full name, PostScript name
	out := append16(nil, 0, len(ids), 6+12*len(ids))
	for _, id := range ids {
		out = append16(out, 3, 1, 0x409, id, len(text), 0)
	}
	return append(out, text...)
}
