package console

import (
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/massho/massho/wipe/journal"
)

// QRText is what the QR code of a head says: the full hash, upper-case base 32
// so that the small alphabet of QR codes suffices.
func QRText(h journal.Hash) string {
	return "MASSHO:" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h[:])
}

// quiet is the blank border that decoders ask for (ISO/IEC 18004 §6.3.8).
const quiet = 4

// qrSide is the modules of a side with the border: QRText is always a version 3
// code (29 modules) at level M.
const qrSide = 29 + 2*quiet

// The cells of a small code, 2x4 modules a cell, and of a large one, 1x2.
const (
	qrCols, qrRows       = (qrSide + 1) / 2, (qrSide + 3) / 4
	bigQRCols, bigQRRows = qrSide, (qrSide + 1) / 2
)

// modules is a code with its border; true is dark.
type modules [][]bool

func encodeQR(text string) (modules, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("QR code of %q: %w", text, err)
	}
	b := code.Bounds()
	m := make(modules, b.Dy()+2*quiet)
	for y := range m {
		m[y] = make([]bool, b.Dx()+2*quiet)
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			r, _, _, _ := code.At(b.Min.X+x, b.Min.Y+y).RGBA()
			m[y+quiet][x+quiet] = r == 0
		}
	}
	return m, nil
}

func (m modules) at(x, y int) bool { return y < len(m) && x < len(m[y]) && m[y][x] }

// braille is the bit of each of the 2x4 places of a Braille pattern, by row and
// column (Unicode, Braille Patterns).
var braille = [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// small draws 2x4 modules a cell. The framebuffer terminal draws Braille dots
// as rectangles that touch, so that this is a true picture.
func (m modules) small() []string {
	var out []string
	for y := 0; y < len(m); y += 4 {
		var b strings.Builder
		for x := 0; x < len(m[0]); x += 2 {
			r := rune(0x2800)
			for dy := range 4 {
				for dx := range 2 {
					if m.at(x+dx, y+dy) {
						r |= braille[dy][dx]
					}
				}
			}
			b.WriteRune(r)
		}
		out = append(out, paper.on(b.String()))
	}
	return out
}

// large draws 1x2 modules a cell: square, and ten pixels or more each.
func (m modules) large() []string {
	var out []string
	for y := 0; y < len(m); y += 2 {
		var b strings.Builder
		for x := range m[0] {
			up, down := m.at(x, y), m.at(x, y+1)
			switch {
			case up && down:
				b.WriteRune('█')
			case up:
				b.WriteRune('▀')
			case down:
				b.WriteRune('▄')
			default:
				b.WriteRune(' ')
			}
		}
		out = append(out, paper.on(b.String()))
	}
	return out
}

// qr is encodeQR with the last code kept: it is drawn four times a second and
// changes every few.
func (m *Model) qr(text string) (modules, error) {
	if m.code.text == text {
		return m.code.modules, nil
	}
	code, err := encodeQR(text)
	if err == nil {
		m.code.text, m.code.modules = text, code
	}
	return code, err
}

// panel is the QR code of the head that is shown, with its code in words; nil
// where there is no head or no room.
func (m *Model) panel(c Canvas, h int) []string {
	head, _, _, ok := m.headNow()
	if !ok || c.Plain || c.Cols < 80 || h < qrRows+4 {
		return nil
	}
	code, err := m.qr(QRText(head.Hash))
	if err != nil {
		return []string{bad.on(fit(err.Error(), qrCols))}
	}
	out := append([]string{faint.on(fit(m.t("記録の先頭", "head of the record"), qrCols))}, code.small()...)
	return append(out, bold.on(journal.Code(head.Hash)), fit(cutLeft(head.Drive, qrCols), qrCols))
}
