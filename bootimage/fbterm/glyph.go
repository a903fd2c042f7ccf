package fbterm

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"unicode"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// ErrNoFont means that a terminal was asked for without a font; package
// fbterm/font has one, or says how to build a program that has.
var ErrNoFont = errors.New("no font given for the full-screen console")

// face draws characters as masks of one cell size: the first of its fonts that
// has a character draws it.
type face struct {
	size  CellSize
	fonts []fontFace
	cache map[glyphKey]*image.Alpha
	buf   sfnt.Buffer
}

type fontFace struct {
	sfnt *sfnt.Font
	face font.Face
}

type glyphKey struct {
	text string
	wide bool
	bold bool
}

// newFace takes TrueType or OpenType files. The em is the height of a cell.
func newFace(size CellSize, files ...[]byte) (*face, error) {
	f := &face{size: size, cache: map[glyphKey]*image.Alpha{}}
	for i, b := range files {
		if len(b) == 0 {
			continue
		}
		sf, err := opentype.Parse(b)
		if err != nil {
			return nil, fmt.Errorf("font %d: parse: %w", i+1, err)
		}
		ff, err := opentype.NewFace(sf, &opentype.FaceOptions{Size: float64(size.H), DPI: 72, Hinting: font.HintingFull})
		if err != nil {
			return nil, fmt.Errorf("font %d: face of %d pixels: %w", i+1, size.H, err)
		}
		f.fonts = append(f.fonts, fontFace{sf, ff})
	}
	if len(f.fonts) == 0 {
		return nil, ErrNoFont
	}
	return f, nil
}

// mask is the coverage of one grapheme cluster, one or two cells wide.
func (f *face) mask(text string, wide, bold bool) *image.Alpha {
	key := glyphKey{text, wide, bold}
	if m, ok := f.cache[key]; ok {
		return m
	}
	m := f.draw(text, wide)
	if bold {
		embolden(m, max(1, f.size.W/12))
	}
	if len(f.cache) > 8192 { // a log full of odd text must not eat the memory
		clear(f.cache)
	}
	f.cache[key] = m
	return m
}

func (f *face) draw(text string, wide bool) *image.Alpha {
	w := f.size.W
	if wide {
		w *= 2
	}
	m := image.NewAlpha(image.Rect(0, 0, w, f.size.H))
	for i, r := range norm.NFC.String(text) { // か and its mark become が
		switch {
		case i > 0 && (unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r)):
			// Variation selectors and joiners have no picture of their own.
			if ff, ok := f.find(r); ok && !unicode.Is(unicode.Variation_Selector, r) {
				f.stamp(m, ff, r)
			}
		case r == ' ' || r == '\u3000' || r == '\u00a0':
		case drawPattern(m, r):
		default:
			ff, ok := f.find(r)
			if !ok {
				tofu(m)
				continue
			}
			f.stamp(m, ff, r)
		}
	}
	return m
}

func (f *face) find(r rune) (fontFace, bool) {
	for _, ff := range f.fonts {
		if i, err := ff.sfnt.GlyphIndex(&f.buf, r); err == nil && i != 0 {
			return ff, true
		}
	}
	return fontFace{}, false
}

// stamp draws r on the baseline, squeezed when its advance is wider than m.
func (f *face) stamp(m *image.Alpha, ff fontFace, r rune) {
	adv, _ := ff.face.GlyphAdvance(r)
	width, room := adv.Round(), m.Rect.Dx()
	target := m
	if width > room {
		target = image.NewAlpha(image.Rect(0, 0, width, f.size.H))
	}
	left := max(0, (room-width)/2)
	d := font.Drawer{Dst: target, Src: image.NewUniform(color.Alpha{0xff}), Face: ff.face,
		Dot: fixed.P(left, f.baseline(ff))}
	d.DrawString(string(r))
	if target != m {
		draw.ApproxBiLinear.Scale(m, m.Rect, target, target.Rect, draw.Over, nil)
	}
}

// baseline centres ascent and descent in the cell.
func (f *face) baseline(ff fontFace) int {
	mt := ff.face.Metrics()
	free := f.size.H - (mt.Ascent + mt.Descent).Round()
	return free/2 + mt.Ascent.Round()
}

// embolden smears the mask to the right by n pixels.
func embolden(m *image.Alpha, n int) {
	for y := range m.Rect.Dy() {
		row := m.Pix[y*m.Stride:][:m.Rect.Dx()]
		for x := len(row) - 1; x > 0; x-- {
			for k := 1; k <= n && x-k >= 0; k++ {
				row[x] = max(row[x], row[x-k])
			}
		}
	}
}

// tofu is the hollow box of a character that no font has.
func tofu(m *image.Alpha) {
	r := m.Rect.Inset(max(1, m.Rect.Dy()/10))
	t := max(1, m.Rect.Dy()/20)
	fill(m, r)
	clearRect(m, r.Inset(t))
}

func fill(m *image.Alpha, r image.Rectangle) { shade(m, r, 0xff) }

func clearRect(m *image.Alpha, r image.Rectangle) { shade(m, r, 0) }

func shade(m *image.Alpha, r image.Rectangle, a uint8) {
	draw.Draw(m, r, image.NewUniform(color.Alpha{a}), image.Point{}, draw.Src)
}
