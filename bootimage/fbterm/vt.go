package fbterm

import (
	"image/color"
	"sync"

	tcolor "github.com/gdamore/tcell/v3/color"
	"github.com/gdamore/tcell/v3/vt"
)

// emulator is what Screen needs of a terminal emulator: Write takes output,
// Read gives the answers to queries in it and an error once stopped.
type emulator interface {
	Write([]byte) (int, error)
	Read([]byte) (int, error)
	Start() error
	Stop() error
}

func newEmulator(b *backend) emulator { return vt.NewEmulator(b) }

// backend is the emulator's screen: it keeps the cells and the cursor.
type backend struct {
	mu       sync.Mutex
	grid     *grid
	x, y     int
	cursor   bool
	clusters vt.ModeStatus
}

var (
	_ vt.Backend = (*backend)(nil)
	_ vt.Blitter = (*backend)(nil)
)

func newBackend(cols, rows int) *backend {
	return &backend{grid: newGrid(cols, rows), clusters: vt.ModeOn}
}

// GetPrivateMode: grapheme clusters are kept together (a kanji and its
// variation selector are one character); nothing else is special.
func (b *backend) GetPrivateMode(m vt.PrivateMode) vt.ModeStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m == vt.PmGraphemeClusters {
		return b.clusters
	}
	return vt.ModeNA
}

// SetPrivateMode ignores what is not known, as a terminal does.
func (b *backend) SetPrivateMode(m vt.PrivateMode, s vt.ModeStatus) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if m == vt.PmGraphemeClusters && s.Changeable() {
		b.clusters = s
	}
	return nil
}

func (b *backend) GetSize() vt.Coord {
	return vt.Coord{X: vt.Col(b.grid.cols), Y: vt.Row(b.grid.rows)}
}

func (b *backend) Colors() int { return 1 << 24 }

func (b *backend) Put(p vt.Coord, c vt.Cell) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.grid.put(int(p.X), int(p.Y), fromVT(c))
}

func (b *backend) Blit(src, dst, dim vt.Coord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.grid.move(int(src.X), int(src.Y), int(dst.X), int(dst.Y), int(dim.X), int(dim.Y))
}

func (b *backend) GetPosition() vt.Coord {
	b.mu.Lock()
	defer b.mu.Unlock()
	return vt.Coord{X: vt.Col(b.x), Y: vt.Row(b.y)}
}

func (b *backend) SetPosition(p vt.Coord) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.x = min(max(int(p.X), 0), b.grid.cols-1)
	b.y = min(max(int(p.Y), 0), b.grid.rows-1)
}

func (b *backend) SetCursor(s vt.CursorStyle) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cursor = s.IsVisible()
}

// The screen is painted after each Write, so these have nothing to do.
func (b *backend) Reset()         {}
func (b *backend) RaiseResize()   {}
func (b *backend) Buffering(bool) {}

// fromVT turns an erased cell (no text, no width) into a space.
func fromVT(c vt.Cell) Cell {
	out := blankCell()
	if c.C != "" {
		out.Text, out.Width = c.C, int8(min(max(c.W, 1), 2))
	}
	if c.S == nil {
		return out
	}
	out.FG, out.BG = rgb(c.S.Fg(), DefaultFG), rgb(c.S.Bg(), DefaultBG)
	for _, a := range attrs {
		if c.S.Attr()&a.from == a.from {
			out.Attr |= a.to
		}
	}
	return out
}

var attrs = []struct {
	from vt.Attr
	to   Attr
}{{vt.Bold, Bold}, {vt.Underline, Underline}, {vt.Reverse, Reverse}, {vt.Dim, Dim}}

// palette is the sixteen named colours, chosen to be told apart on bad panels
// and by people who see red and green alike.
var palette = [16]color.RGBA{
	{0x00, 0x00, 0x00, 0xff}, {0xd7, 0x3a, 0x49, 0xff}, {0x3f, 0xa6, 0x5a, 0xff}, {0xd9, 0xa4, 0x2b, 0xff},
	{0x2f, 0x6f, 0xd6, 0xff}, {0xb0, 0x6a, 0xd9, 0xff}, {0x3f, 0xb8, 0xc9, 0xff}, DefaultFG,
	{0x70, 0x70, 0x70, 0xff}, {0xff, 0x6b, 0x6b, 0xff}, {0x6e, 0xe0, 0x8a, 0xff}, {0xff, 0xd8, 0x4d, 0xff},
	{0x6a, 0xa8, 0xff, 0xff}, {0xdd, 0xa0, 0xff, 0xff}, {0x7d, 0xe8, 0xf5, 0xff}, {0xff, 0xff, 0xff, 0xff},
}

// rgb resolves a colour of the emulator; def stands for its defaults, which
// are silver on black.
func rgb(c tcolor.Color, def color.RGBA) color.RGBA {
	if !c.Valid() {
		return def
	}
	if !c.IsRGB() {
		if n := int(c &^ tcolor.IsValid); n < len(palette) {
			return palette[n]
		}
	}
	r, g, b := c.RGB()
	if r < 0 {
		return def
	}
	return color.RGBA{uint8(r), uint8(g), uint8(b), 0xff}
}
