package page

import (
	"github.com/boombuler/barcode/qr"
)

const (
	qrSize         = 74.0
	stampW, stampH = 104.0, 74.0
)

func (l Letterhead) place(f *flow) {
	top := f.y
	f.qr(marginL, top, l.QR)
	f.c.frame(marginL+f.w-stampW, top, stampW, stampH, thin)
	f.text(marginL+f.w-stampW+4, top+10, l.Stamp, small, marginL+f.w)
	x, w := marginL+qrSize+10, f.w-qrSize-stampW-20
	y := f.pairs(x, top, w, 58, l.Lines)
	f.y = max(y, top+max(qrSize, stampH)) + 8

	left := style{size: 13, bold: true}
	half := f.w * 0.46
	yl := f.lines(marginL, f.y, f.wrap(l.Addressee, half-8, left), left, marginL+half)
	yr := f.pairs(marginL+half, f.y, f.w-half, 46, l.Sender)
	f.y = max(yl, yr) + 4
}

// pairs draws labels and values without frames.
func (f *flow) pairs(x, y, w, label float64, rows [][2]string) float64 {
	for _, r := range rows {
		yl := f.lines(x, y, f.wrap(r[0], label-4, small), small, x+label)
		yv := f.lines(x+label, y, f.wrap(r[1], w-label, body), body, x+w)
		y = max(yl, yv) + 1
	}
	return y
}

// qr draws text as a QR code of level M; what cannot be encoded leaves the
// place empty and is an error of the page.
func (f *flow) qr(x, y float64, text string) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		f.c.do(err)
		return
	}
	n := code.Bounds().Dx()
	m := qrSize / float64(n+8) // four modules of quiet zone on each side
	for row := range n {
		for col := 0; col < n; col++ {
			from := col
			for col < n && dark(code.At(col, row).RGBA()) {
				col++
			}
			if col > from {
				// A hair more than the module, so that rows touch.
				f.c.fill(x+float64(from+4)*m, y+float64(row+4)*m, float64(col-from)*m, m+0.02)
			}
		}
	}
}

func dark(r, _, _, _ uint32) bool { return r < 0x8000 }
