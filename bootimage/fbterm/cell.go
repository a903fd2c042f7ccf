package fbterm

import "image/color"

// Attr is how a cell is drawn besides its colours.
type Attr uint8

// The attributes.
const (
	Bold Attr = 1 << iota
	Underline
	Reverse
	Dim
	cursorHere
)

// Cell is one place of the screen.
type Cell struct {
	// Text is one grapheme cluster; a space where nothing was written.
	Text string
	// Width is 1, or 2 for a wide character, or 0 for the place under the
	// right half of the wide character before it.
	Width  int8
	FG, BG color.RGBA
	Attr   Attr
}

// The colours of what names none.
var (
	DefaultFG = color.RGBA{0xe4, 0xe4, 0xe4, 0xff}
	DefaultBG = color.RGBA{0x00, 0x00, 0x00, 0xff}
)

func blankCell() Cell { return Cell{Text: " ", Width: 1, FG: DefaultFG, BG: DefaultBG} }

// colours are what the cell is drawn with, after reverse, dim and cursor.
func (c Cell) colours() (fg, bg color.RGBA) {
	fg, bg = c.FG, c.BG
	if c.Attr&Dim != 0 {
		fg = mix(fg, bg, 150)
	}
	if (c.Attr&Reverse != 0) != (c.Attr&cursorHere != 0) {
		fg, bg = bg, fg
	}
	return fg, bg
}

// mix is a/255 of fg over bg.
func mix(fg, bg color.RGBA, a uint8) color.RGBA {
	part := func(f, b uint8) uint8 {
		return uint8((uint32(f)*uint32(a) + uint32(b)*uint32(255-a) + 127) / 255)
	}
	return color.RGBA{part(fg.R, bg.R), part(fg.G, bg.G), part(fg.B, bg.B), 0xff}
}

// grid is the cells of a screen, row by row.
type grid struct {
	cols, rows int
	cells      []Cell
}

func newGrid(cols, rows int) *grid {
	g := &grid{cols: cols, rows: rows, cells: make([]Cell, cols*rows)}
	for i := range g.cells {
		g.cells[i] = blankCell()
	}
	return g
}

func (g *grid) has(x, y int) bool { return x >= 0 && y >= 0 && x < g.cols && y < g.rows }

func (g *grid) at(x, y int) *Cell { return &g.cells[y*g.cols+x] }

// put writes one cell and blanks the halves of wide characters that it cuts.
func (g *grid) put(x, y int, c Cell) {
	if !g.has(x, y) {
		return
	}
	if c.Width == 2 && x == g.cols-1 {
		c.Text, c.Width = " ", 1 // half of it would hang over the edge
	}
	g.uncouple(x, y)
	if c.Width == 2 {
		g.uncouple(x+1, y)
		rest := c
		rest.Text, rest.Width = "", 0
		*g.at(x+1, y) = rest
	}
	*g.at(x, y) = c
}

// uncouple blanks the other half of a wide character one half of which is at x.
func (g *grid) uncouple(x, y int) {
	switch g.at(x, y).Width {
	case 2:
		if g.has(x+1, y) {
			o := g.at(x+1, y)
			o.Text, o.Width = " ", 1
		}
	case 0:
		if x > 0 {
			o := g.at(x-1, y)
			o.Text, o.Width = " ", 1
		}
	}
}

// move copies the w×h cells at (sx,sy) to (dx,dy); the places may overlap.
func (g *grid) move(sx, sy, dx, dy, w, h int) {
	w = min(w, g.cols-sx, g.cols-dx)
	h = min(h, g.rows-sy, g.rows-dy)
	if w <= 0 || h <= 0 || min(sx, sy, dx, dy) < 0 {
		return
	}
	for i := range h {
		y := i
		if sy < dy {
			y = h - 1 - i
		}
		copy(g.cells[(dy+y)*g.cols+dx:][:w], g.cells[(sy+y)*g.cols+sx:][:w])
	}
	for y := dy; y < dy+h; y++ {
		g.mend(y)
	}
}

// mend blanks halves of wide characters that have lost the other half.
func (g *grid) mend(y int) {
	for x := range g.cols {
		c := g.at(x, y)
		whole := true
		switch c.Width {
		case 2:
			whole = g.has(x+1, y) && g.at(x+1, y).Width == 0
		case 0:
			whole = x > 0 && g.at(x-1, y).Width == 2
		}
		if !whole {
			c.Text, c.Width = " ", 1
		}
	}
}
