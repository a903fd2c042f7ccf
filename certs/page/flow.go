package page

import "fmt"

// flow is the cursor that blocks are placed at.
type flow struct {
	sheet
	c     *canvas
	doc   Doc
	page  int
	pages int // in all; 0 while counting
	y     float64
	seen  func(string) // told every text that is drawn
}

var (
	body   = style{size: 8.6}
	bodyB  = style{size: 8.6, bold: true}
	small  = style{size: 7.4}
	smallB = style{size: 7.4, bold: true}
	tiny   = style{size: 6.6, gray: 60}
)

func (st style) leading() float64 { return st.size * lineHeight }

// newPage begins a page with its watermark and footer.
func (f *flow) newPage() {
	f.page++
	f.y = marginTop
	if f.c.pdf != nil {
		f.c.pdf.AddPage()
		f.c.watermark(f.doc.Watermark)
	}
	number := fmt.Sprintf("%d / %d", f.page, f.pages)
	room := f.w - f.c.width(number, tiny) - 12
	y := f.bottom + 16
	f.c.line(marginL, y-9, marginL+f.w, y-9, thin)
	for i, l := range wrap(f.doc.Footer, room, f.c.advance(tiny)) {
		if i < 2 {
			f.text(marginL, y+float64(i)*tiny.leading(), l, tiny, marginL+room)
		}
	}
	f.text(marginL+f.w-f.c.width(number, tiny), y, number, tiny, marginL+f.w)
}

// need begins a new page unless h points are left on this one.
func (f *flow) need(h float64) {
	if f.y+h > f.bottom && f.y > marginTop {
		f.newPage()
	}
}

func (f *flow) text(x, y float64, s string, st style, limit float64) {
	if f.seen != nil {
		f.seen(s)
	}
	f.c.text(x, y, s, st, limit)
}

// lines draws already wrapped lines from the top edge y and returns the y below.
func (f *flow) lines(x, y float64, ls []string, st style, limit float64) float64 {
	for _, l := range ls {
		y += st.leading()
		f.text(x, y-st.leading()*0.27, l, st, limit)
	}
	return y
}

func (f *flow) wrap(s string, w float64, st style) []string {
	return wrap(s, w, f.c.advance(st))
}

func (p PageBreak) place(f *flow) { f.newPage() }

func (g Gap) place(f *flow) { f.y += g.Height }

func (h Heading) place(f *flow) {
	st := style{size: 10, bold: true}
	ls := f.wrap(h.Text, f.w-8, st)
	f.need(float64(len(ls))*st.leading() + 46) // with the beginning of what follows
	f.y += 7
	top := f.y
	f.y = f.lines(marginL+8, f.y, ls, st, marginL+f.w)
	f.c.fill(marginL, top+2, 3, f.y-top-3)
	f.y += 3
}

func (p Para) place(f *flow) {
	st := body
	st.bold = p.Bold
	for _, l := range f.wrap(p.Text, f.w, st) {
		f.need(st.leading())
		f.y = f.lines(marginL, f.y, []string{l}, st, marginL+f.w)
	}
	f.y += 2
}

func (l List) place(f *flow) {
	for _, item := range l.Items {
		for i, line := range f.wrap(item, f.w-12, small) {
			f.need(small.leading())
			if i == 0 {
				f.text(marginL+1, f.y+small.leading()*0.73, "・", small, marginL+12)
			}
			f.y = f.lines(marginL+10, f.y, []string{line}, small, marginL+f.w)
		}
	}
	f.y += 2
}

func (t Title) place(f *flow) {
	st := style{size: 19, bold: true}
	for f.c.width(t.Text, st) > f.w && st.size > 11 {
		st.size -= 0.5
	}
	f.y += 4
	for _, l := range f.wrap(t.Text, f.w, st) {
		x := marginL + (f.w-f.c.width(l, st))/2
		f.y = f.lines(x, f.y, []string{l}, st, marginL+f.w)
	}
	for _, l := range f.wrap(t.Sub, f.w, body) {
		if l == "" {
			continue
		}
		x := marginL + (f.w-f.c.width(l, body))/2
		f.y = f.lines(x, f.y, []string{l}, body, marginL+f.w)
	}
	f.y += 4
}

func (b Box) place(f *flow) {
	lead := style{size: 11, bold: true}
	const pad = 7
	w := f.w - 2*pad
	heads := f.wrap(b.Lead, w, lead)
	var rest []string
	for _, l := range b.Lines {
		rest = append(rest, f.wrap(l, w, body)...)
	}
	h := float64(len(heads))*lead.leading() + float64(len(rest))*body.leading() + 2*pad - 6
	f.need(h + 4)
	top := f.y
	y := f.lines(marginL+pad, top+pad-2, heads, lead, marginL+f.w-pad)
	f.lines(marginL+pad, y, rest, body, marginL+f.w-pad)
	width := normal
	if b.Heavy {
		width = thickLines
	}
	f.c.frame(marginL, top, f.w, h, width)
	f.y = top + h + 5
}
