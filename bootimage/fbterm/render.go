package fbterm

import (
	"image"
	"image/color"
)

// Canvas takes finished rectangles of pixels: a framebuffer or an image.
type Canvas interface {
	// Blit copies img, whose origin is (0,0), to (x,y).
	Blit(x, y int, img *image.RGBA)
}

// Renderer draws a screen's cells. It remembers what it has drawn and draws
// only what has changed since.
type Renderer struct {
	size CellSize
	face *face
	last []Cell
	next []Cell
	one  *image.RGBA
	two  *image.RGBA
}

// NewRenderer takes the fixed-width font and any number of fonts to fall back
// to for characters that it lacks. Without a font it returns ErrNoFont.
func NewRenderer(size CellSize, fonts ...[]byte) (*Renderer, error) {
	f, err := newFace(size, fonts...)
	if err != nil {
		return nil, err
	}
	return &Renderer{
		size: size, face: f,
		one: image.NewRGBA(image.Rect(0, 0, size.W, size.H)),
		two: image.NewRGBA(image.Rect(0, 0, 2*size.W, size.H)),
	}, nil
}

// Paint draws the cells of s that differ from what was painted last, and
// returns how many.
func (r *Renderer) Paint(s *Screen, c Canvas) int {
	cols, _ := s.Size()
	r.next = s.snapshot(r.next)
	painted := 0
	for i := 0; i < len(r.next); i++ {
		cell := r.next[i]
		wide := cell.Width == 2
		same := len(r.last) == len(r.next) && r.last[i] == cell
		if wide && i+1 < len(r.next) {
			same = same && r.last[i+1] == r.next[i+1]
		}
		if !same {
			c.Blit(i%cols*r.size.W, i/cols*r.size.H, r.cell(cell))
			painted++
		}
		if wide {
			i++
		}
	}
	r.last, r.next = r.next, r.last
	return painted
}

// Forget makes the next Paint draw everything.
func (r *Renderer) Forget() { r.last = r.last[:0] }

// Image draws all of a screen into a new image.
func (r *Renderer) Image(s *Screen) *image.RGBA {
	cols, rows := s.Size()
	img := image.NewRGBA(image.Rect(0, 0, cols*r.size.W, rows*r.size.H))
	r.Forget()
	r.Paint(s, imageCanvas{img})
	return img
}

type imageCanvas struct{ img *image.RGBA }

func (c imageCanvas) Blit(x, y int, src *image.RGBA) {
	for row := range src.Rect.Dy() {
		copy(c.img.Pix[c.img.PixOffset(x, y+row):][:4*src.Rect.Dx()], src.Pix[row*src.Stride:])
	}
}

// cell draws one cell, or the two of a wide character, into a scratch image
// that the next call overwrites.
func (r *Renderer) cell(c Cell) *image.RGBA {
	img := r.one
	if c.Width == 2 {
		img = r.two
	}
	fg, bg := c.colours()
	mask := r.face.mask(c.Text, c.Width == 2, c.Attr&Bold != 0)
	compose(img, mask, fg, bg)
	if c.Attr&Underline != 0 {
		t := max(1, r.size.H/16)
		rule(img, r.size.H-2*t, t, fg)
	}
	return img
}

func compose(img *image.RGBA, mask *image.Alpha, fg, bg color.RGBA) {
	for i, a := range mask.Pix {
		px := bg
		switch a {
		case 0:
		case 0xff:
			px = fg
		default:
			px = mix(fg, bg, a)
		}
		img.Pix[4*i], img.Pix[4*i+1], img.Pix[4*i+2], img.Pix[4*i+3] = px.R, px.G, px.B, 0xff
	}
}

func rule(img *image.RGBA, y, thick int, c color.RGBA) {
	for ; thick > 0; thick, y = thick-1, y+1 {
		for x := range img.Rect.Dx() {
			img.SetRGBA(x, y, c)
		}
	}
}
