package page

// Label is a QR code with lines beside it, to be cut out and stuck on a medium.
type Label struct {
	QR    string
	Head  string // bold
	Lines []string
}

// Labels is a sheet of labels, two in a row, with lines to cut along.
type Labels struct{ Items []Label }

const labelPad = 5.0

func (l Labels) place(f *flow) {
	w := f.w / 2
	for i := 0; i < len(l.Items); i += 2 {
		row := l.Items[i:min(i+2, len(l.Items))]
		texts := make([][]string, len(row))
		h := qrSize
		for j, it := range row {
			texts[j] = f.wrap(it.Head, w-qrSize-3*labelPad, bodyB)
			n := float64(len(texts[j])) * bodyB.leading()
			for _, s := range it.Lines {
				n += float64(len(f.wrap(s, w-qrSize-3*labelPad, small))) * small.leading()
			}
			h = max(h, n)
		}
		h += 2 * labelPad
		f.need(h)
		for j, it := range row {
			x := marginL + float64(j)*w
			f.c.frame(x, f.y, w, h, thin)
			f.qr(x+labelPad, f.y+labelPad, it.QR)
			tx, limit := x+qrSize+2*labelPad, x+w-labelPad
			y := f.lines(tx, f.y+labelPad-2, texts[j], bodyB, limit)
			for _, s := range it.Lines {
				y = f.lines(tx, y, f.wrap(s, limit-tx, small), small, limit)
			}
		}
		f.y += h
	}
	f.y += 4
}
