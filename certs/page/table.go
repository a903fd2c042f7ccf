package page

const (
	padX, padY = 3.5, 1.8
	labelW     = 84.0
)

// cell is one column of one row, ready to be drawn.
type cell struct {
	x, w  float64
	st    style
	lines []string
}

func (f *flow) cell(x, w float64, text string, st style) cell {
	return cell{x, w, st, f.wrap(text, w-2*padX, st)}
}

// row draws cells as one framed row. A row that does not fit goes to the next
// page; one that fits no page is split between lines. head, when not nil, is
// drawn again at the top of each further page.
func (f *flow) row(cells []cell, head func()) {
	next := func() {
		f.newPage()
		if head != nil {
			head()
		}
	}
	for fresh := false; f.height(cells) > f.bottom-f.y; fresh = true {
		room := f.bottom - f.y - 2*padY
		if !fresh && (f.height(cells) < f.bottom-marginTop-60 || room < 4*body.leading()) {
			next()
			continue
		}
		part := make([]cell, len(cells))
		for i, c := range cells {
			n := min(len(c.lines), int(room/c.st.leading()))
			part[i], cells[i].lines = c, c.lines[n:]
			part[i].lines = c.lines[:n]
		}
		f.drawRow(part)
		next()
	}
	f.drawRow(cells)
}

func (f *flow) height(cells []cell) (h float64) {
	for _, c := range cells {
		h = max(h, float64(len(c.lines))*c.st.leading())
	}
	return h + 2*padY
}

func (f *flow) drawRow(cells []cell) {
	h := f.height(cells)
	for _, c := range cells {
		f.lines(c.x+padX, f.y+padY-0.4, c.lines, c.st, c.x+c.w-padX)
		f.c.frame(c.x, f.y, c.w, h, thin)
	}
	f.y += h
}

func (t Fields) place(f *flow) {
	for _, r := range t.Rows {
		w := f.w / float64(len(r))
		var cells []cell
		for i, fd := range r {
			x := marginL + float64(i)*w
			cells = append(cells,
				f.cell(x, labelW, fd.Label, smallB),
				f.cell(x+labelW, w-labelW, fd.Value, body))
		}
		f.row(cells, nil)
	}
	f.y += 4
}

func (g Grid) place(f *flow) {
	sum := 0.0
	for _, w := range g.Widths {
		sum += w
	}
	make1 := func(texts []string, st style) (cells []cell) {
		x := marginL
		for i, t := range texts {
			w := f.w * g.Widths[i] / sum
			cells = append(cells, f.cell(x, w, t, st))
			x += w
		}
		return cells
	}
	head := func() { f.drawRow(make1(g.Head, smallB)) }
	first := 0.0
	if len(g.Rows) > 0 {
		first = f.height(make1(g.Rows[0], small))
	}
	f.need(f.height(make1(g.Head, smallB)) + min(first, 10*small.leading()))
	head()
	for _, r := range g.Rows {
		f.row(make1(r, small), head)
	}
	f.y += 4
}
