// Package page lays out an A4 document in Japanese and writes it as PDF.
//
// A Doc is a list of blocks; Render is a pure function of it and of the fonts:
// the same Doc gives the same bytes. Text wraps with kinsoku (行頭・行末禁則)
// and never runs over its frame: a cell grows, a table continues on the next
// page with its head repeated, a word longer than its cell is split. A
// character that no font draws becomes 〓 and is listed by Missing.
//
// The package knows nothing of certificates. Version names everything here
// that decides where a mark falls on the paper: change nothing of it once a
// certificate was issued; add a new version beside it.
package page

import (
	"time"

	"github.com/massho/massho/certs/fonts"
)

// Version is the version of this layout engine.
const Version = 1

// Doc is one document.
type Doc struct {
	Title     string    // of the PDF, not drawn
	Creator   string    // program and version
	Created   time.Time // of the PDF
	Landscape bool      `json:",omitempty"` // the page lies on its long side
	Watermark string    // drawn large across each page behind the text; may be empty
	Footer    string    // drawn on each page, left; the page number stands at the right
	Blocks    []Block
}

// Block is one thing on the paper.
type Block interface {
	place(f *flow)
}

// Letterhead is the top of the first page.
type Letterhead struct {
	QR        string      // content of the QR code
	Lines     [][2]string // label and value beside the code
	Stamp     string      // title of the empty box at the right (収受)
	Addressee string
	Sender    [][2]string // label and value, right half
}

// Title is the name of the paper, centred.
type Title struct{ Text, Sub string }

// Box is a frame with a bold line and what explains it.
type Box struct {
	Lead  string // bold, large
	Lines []string
	Heavy bool // thick frame
}

// Heading begins a section.
type Heading struct{ Text string }

// Para is running text.
type Para struct {
	Text string
	Bold bool
}

// List is a bulleted list.
type List struct{ Items []string }

// Field is one label and its value.
type Field struct{ Label, Value string }

// Fields is a frame of rows, each with one Field over the whole width or two
// side by side.
type Fields struct{ Rows [][]Field }

// Grid is a table with a head. Widths are shares of the whole width.
type Grid struct {
	Head   []string
	Widths []float64
	Rows   [][]string
}

// Graph draws curves over a common axis.
type Graph struct {
	Title  string
	XUnit  string
	YUnit  string
	None   string `json:",omitempty"` // what stands in place of curves without points; 計測点なし when empty
	Curves []Curve
}

// Curve is one line of a Graph, points in order of X.
type Curve struct {
	Name   string
	Points []Point
}

// Point is one measurement.
type Point struct{ X, Y float64 }

// PageBreak begins a new page.
type PageBreak struct{}

// Gap is vertical space in points.
type Gap struct{ Height float64 }

// Render draws doc. The same doc and fonts give the same bytes.
func Render(doc Doc, set *fonts.Set) ([]byte, error) {
	count := run(doc, newMeasurer(doc, set), 0)
	c, err := newCanvas(doc, set)
	if err != nil {
		return nil, err
	}
	run(doc, c, count)
	return c.bytes()
}

// run places all blocks and returns the number of pages.
func run(doc Doc, c *canvas, pages int) int {
	f := &flow{c: c, sheet: c.sheet, doc: doc, pages: pages}
	f.newPage()
	for _, b := range doc.Blocks {
		b.place(f)
	}
	return f.page
}
