package page

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/signintech/gopdf"

	"github.com/massho/massho/certs/fonts"
)

// A4 and its margins, in points.
const (
	pageW, pageH             = 595.28, 841.89
	marginL, marginR         = 48.0, 48.0
	marginTop, marginBottom  = 44.0, 54.0
	portraitW                = pageW - marginL - marginR
	watermarkW               = 700.0 // of the diagonal
	lineHeight               = 1.38  // of the font size
	geta                     = '〓'   // stands for a character without a glyph
	thin, normal, thickLines = 0.35, 0.6, 1.4
)

// sheet is a size of page: its width and height, and what the margins leave.
type sheet struct {
	pageW, pageH float64
	w, bottom    float64
}

// The two ways of lying. Sums of constants are exact.
var (
	portrait  = sheet{pageW, pageH, portraitW, pageH - marginBottom}
	landscape = sheet{pageH, pageW, pageH - marginL - marginR, pageW - marginBottom}
)

// sheetOf is the sheet of a document.
func sheetOf(doc Doc) sheet {
	if doc.Landscape {
		return landscape
	}
	return portrait
}

// style is how a piece of text looks.
type style struct {
	size float64
	bold bool
	gray uint8
}

// canvas measures and draws. Without a pdf it only measures.
type canvas struct {
	sheet
	set      *fonts.Set
	pdf      *gopdf.GoPdf
	err      error
	overflow []string // text that left its frame; tests insist on none
}

func newMeasurer(doc Doc, set *fonts.Set) *canvas { return &canvas{sheet: sheetOf(doc), set: set} }

func newCanvas(doc Doc, set *fonts.Set) (*canvas, error) {
	c := newMeasurer(doc, set)
	c.pdf = &gopdf.GoPdf{}
	c.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: c.pageW, H: c.pageH}})
	c.pdf.SetInfo(gopdf.PdfInfo{
		Title: doc.Title, Creator: doc.Creator, Producer: doc.Creator, CreationDate: doc.Created,
	})
	for _, f := range []*fonts.Font{set.Regular, set.Bold, set.Fallback} {
		if f == set.Fallback && !docNeedsFallback(doc, set) {
			continue
		}
		if err := c.pdf.AddTTFFontData(family(f), f.Data); err != nil {
			return nil, fmt.Errorf("page: font %s: %w", f.Name, err)
		}
	}
	return c, nil
}

// family is the font's name in the file. Six capitals and a plus sign mark a
// subset (ISO 32000-2 §9.9.2).
func family(f *fonts.Font) string { return "MASSHO+" + strings.TrimSuffix(f.Name, ".ttf") }

// docNeedsFallback lays the document out once more, only to see its text.
func docNeedsFallback(doc Doc, set *fonts.Set) bool {
	seen := false
	f := &flow{c: newMeasurer(doc, set), sheet: sheetOf(doc), doc: doc, seen: func(s string) { seen = seen || set.NeedsFallback(s) }}
	f.newPage()
	for _, b := range doc.Blocks {
		b.place(f)
	}
	return seen
}

func (c *canvas) bytes() ([]byte, error) {
	if c.err != nil {
		return nil, c.err
	}
	var b bytes.Buffer
	if _, err := c.pdf.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("page: write: %w", err)
	}
	return b.Bytes(), nil
}

// do keeps the first error of a drawing call.
func (c *canvas) do(err error) {
	if c.err == nil && err != nil {
		c.err = fmt.Errorf("page: draw: %w", err)
	}
}

// pick returns the font of r; a rune without glyph is drawn as 〓.
func (c *canvas) pick(r rune, bold bool) (*fonts.Font, rune) {
	if f := c.set.Pick(r, bold); f != nil && r >= ' ' {
		return f, r
	}
	return c.set.Pick(geta, bold), geta
}

func (c *canvas) advance(st style) func(rune) float64 {
	return func(r rune) float64 {
		f, g := c.pick(r, st.bold)
		return f.Advance(g) * st.size
	}
}

// width of one line of text, in points.
func (c *canvas) width(s string, st style) (w float64) {
	adv := c.advance(st)
	for _, r := range s {
		w += adv(r)
	}
	return w
}

// text draws one line with its baseline at y. limit is the right edge that it
// must not pass.
func (c *canvas) text(x, y float64, s string, st style, limit float64) {
	if c.pdf == nil {
		return
	}
	if w := c.width(s, st); x+w > limit+0.3 {
		c.overflow = append(c.overflow, s)
	}
	c.pdf.SetTextColor(st.gray, st.gray, st.gray)
	rs := []rune(s)
	for len(rs) > 0 {
		f, _ := c.pick(rs[0], st.bold)
		var part []rune
		w := 0.0
		for len(rs) > 0 {
			g, r := c.pick(rs[0], st.bold)
			if g != f {
				break
			}
			part, rs = append(part, r), rs[1:]
			w += g.Advance(r) * st.size
		}
		c.do(c.pdf.SetFont(family(f), "", st.size))
		c.pdf.SetXY(x, y)
		c.do(c.pdf.Text(string(part)))
		x += w
	}
}

func (c *canvas) line(x1, y1, x2, y2, width float64) {
	if c.pdf == nil {
		return
	}
	c.pdf.SetLineWidth(width)
	c.pdf.Line(x1, y1, x2, y2)
}

// gridLine is thin and grey, so that it is not taken for a curve.
func (c *canvas) gridLine(x1, y, x2 float64) {
	if c.pdf == nil {
		return
	}
	c.pdf.SetStrokeColor(190, 190, 190)
	c.line(x1, y, x2, y, 0.2)
	c.pdf.SetStrokeColor(0, 0, 0)
}

func (c *canvas) frame(x, y, w, h, width float64) {
	c.line(x, y, x+w, y, width)
	c.line(x, y+h, x+w, y+h, width)
	c.line(x, y, x, y+h, width)
	c.line(x+w, y, x+w, y+h, width)
}

func (c *canvas) fill(x, y, w, h float64) {
	if c.pdf == nil {
		return
	}
	c.pdf.SetFillColor(0, 0, 0)
	c.pdf.RectFromUpperLeftWithStyle(x, y, w, h, "F")
}

// watermark is drawn first, so that no letter is hidden by it.
func (c *canvas) watermark(s string) {
	if c.pdf == nil || s == "" {
		return
	}
	st := style{size: 150, bold: true, gray: 222}
	w := c.width(s, st)
	if w > watermarkW {
		st.size *= watermarkW / w
		w = watermarkW
	}
	angle := 50.0
	if c.pageW > c.pageH {
		angle = 32
	}
	c.pdf.Rotate(angle, c.pageW/2, c.pageH/2)
	c.text(c.pageW/2-w/2, c.pageH/2+st.size/3, s, st, 2*c.pageW)
	c.pdf.RotateReset()
}
