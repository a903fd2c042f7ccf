package page

import (
	"cmp"
	"math"
	"strconv"
)

const graphH = 104.0

// place draws the curves. Empty curves are left out; without any point there
// is a frame with a sentence, so that nothing vanishes silently.
func (g Graph) place(f *flow) {
	f.need(graphH + 30)
	title := g.Title
	if g.YUnit != "" {
		title += "（" + g.YUnit + "）"
	}
	f.y = f.lines(marginL, f.y, f.wrap(title, f.w, smallB), smallB, marginL+f.w)
	x, w := marginL+34, f.w-34-8
	top := f.y + 3
	f.c.frame(x, top, w, graphH, thin)
	maxX, maxY := g.limits()
	if maxX <= 0 || maxY <= 0 {
		f.text(x+8, top+graphH/2, cmp.Or(g.None, "計測点なし"), small, x+w)
		f.y = top + graphH + 8
		return
	}
	step := niceStep(maxY)
	top10 := math.Ceil(maxY/step) * step
	for v := 0.0; v <= top10+step/1e6; v += step {
		y := top + graphH - v/top10*graphH
		s := number(v)
		f.c.gridLine(x, y, x+w)
		f.text(x-4-f.c.width(s, tiny), y+2.2, s, tiny, x)
	}
	for i, c := range g.Curves {
		f.curve(c, x, top, w, maxX, top10, []float64{0.8, 0.4}[i%2])
	}
	end := number(maxX) + " " + g.XUnit
	f.text(x, top+graphH+8, "0", tiny, x+20)
	f.text(x+w-f.c.width(end, tiny), top+graphH+8, end, tiny, x+w)
	f.y = top + graphH + 12
}

func (g Graph) limits() (x, y float64) {
	for _, c := range g.Curves {
		for _, p := range c.Points {
			x, y = max(x, p.X), max(y, p.Y)
		}
	}
	return x, y
}

func (f *flow) curve(c Curve, x, top, w, maxX, maxY, width float64) {
	for i := 1; i < len(c.Points); i++ {
		a, b := c.Points[i-1], c.Points[i]
		f.c.line(x+a.X/maxX*w, top+graphH-a.Y/maxY*graphH, x+b.X/maxX*w, top+graphH-b.Y/maxY*graphH, width)
	}
}

// niceStep is 1, 2 or 5 times a power of ten, four or fewer times in v.
func niceStep(v float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(v/4)))
	for _, m := range []float64{1, 2, 5, 10} {
		if v/(m*base) <= 4 {
			return m * base
		}
	}
	return 10 * base
}

func number(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }
