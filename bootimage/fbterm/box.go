package fbterm

import (
	"image"
	"slices"
)

// arms is the weight of the four half-lines of a box character, in the order
// left, right, up, down: 0 none, 1 light, 2 heavy, 3 double.
type arms [4]uint8

// boxes is U+2500–257F that are made of such arms. Diagonals (2571–2573) are
// left to the font; arcs are drawn as corners.
var boxes = func() map[rune]arms {
	m := map[rune]arms{
		'─': {1, 1, 0, 0}, '━': {2, 2, 0, 0}, '│': {0, 0, 1, 1}, '┃': {0, 0, 2, 2},
		'═': {3, 3, 0, 0}, '║': {0, 0, 3, 3},
		'╴': {1, 0, 0, 0}, '╵': {0, 0, 1, 0}, '╶': {0, 1, 0, 0}, '╷': {0, 0, 0, 1},
		'╸': {2, 0, 0, 0}, '╹': {0, 0, 2, 0}, '╺': {0, 2, 0, 0}, '╻': {0, 0, 0, 2},
		'╼': {1, 2, 0, 0}, '╽': {0, 0, 1, 2}, '╾': {2, 1, 0, 0}, '╿': {0, 0, 2, 1},
		'╭': {0, 1, 0, 1}, '╮': {1, 0, 0, 1}, '╯': {1, 0, 1, 0}, '╰': {0, 1, 1, 0},
		// Dashed lines, drawn whole.
		'┄': {1, 1, 0, 0}, '┅': {2, 2, 0, 0}, '┆': {0, 0, 1, 1}, '┇': {0, 0, 2, 2},
		'┈': {1, 1, 0, 0}, '┉': {2, 2, 0, 0}, '┊': {0, 0, 1, 1}, '┋': {0, 0, 2, 2},
		'╌': {1, 1, 0, 0}, '╍': {2, 2, 0, 0}, '╎': {0, 0, 1, 1}, '╏': {0, 0, 2, 2},
	}
	for _, run := range boxRuns {
		for i, a := range run.arms {
			m[run.first+rune(i)] = a
		}
	}
	return m
}()

// boxRuns are the corners, tees and crosses in the order of Unicode.
var boxRuns = []struct {
	first rune
	arms  []arms
}{
	{'┌', []arms{{0, 1, 0, 1}, {0, 2, 0, 1}, {0, 1, 0, 2}, {0, 2, 0, 2}}},
	{'┐', []arms{{1, 0, 0, 1}, {2, 0, 0, 1}, {1, 0, 0, 2}, {2, 0, 0, 2}}},
	{'└', []arms{{0, 1, 1, 0}, {0, 2, 1, 0}, {0, 1, 2, 0}, {0, 2, 2, 0}}},
	{'┘', []arms{{1, 0, 1, 0}, {2, 0, 1, 0}, {1, 0, 2, 0}, {2, 0, 2, 0}}},
	{'├', []arms{{0, 1, 1, 1}, {0, 2, 1, 1}, {0, 1, 2, 1}, {0, 1, 1, 2}, {0, 1, 2, 2}, {0, 2, 2, 1}, {0, 2, 1, 2}, {0, 2, 2, 2}}},
	{'┤', []arms{{1, 0, 1, 1}, {2, 0, 1, 1}, {1, 0, 2, 1}, {1, 0, 1, 2}, {1, 0, 2, 2}, {2, 0, 2, 1}, {2, 0, 1, 2}, {2, 0, 2, 2}}},
	{'┬', []arms{{1, 1, 0, 1}, {2, 1, 0, 1}, {1, 2, 0, 1}, {2, 2, 0, 1}, {1, 1, 0, 2}, {2, 1, 0, 2}, {1, 2, 0, 2}, {2, 2, 0, 2}}},
	{'┴', []arms{{1, 1, 1, 0}, {2, 1, 1, 0}, {1, 2, 1, 0}, {2, 2, 1, 0}, {1, 1, 2, 0}, {2, 1, 2, 0}, {1, 2, 2, 0}, {2, 2, 2, 0}}},
	{'┼', []arms{{1, 1, 1, 1}, {2, 1, 1, 1}, {1, 2, 1, 1}, {2, 2, 1, 1}, {1, 1, 2, 1}, {1, 1, 1, 2}, {1, 1, 2, 2}, {2, 1, 2, 1},
		{1, 2, 2, 1}, {2, 1, 1, 2}, {1, 2, 1, 2}, {2, 2, 2, 1}, {2, 2, 1, 2}, {2, 1, 2, 2}, {1, 2, 2, 2}, {2, 2, 2, 2}}},
	{'╒', []arms{{0, 3, 0, 1}, {0, 1, 0, 3}, {0, 3, 0, 3}, {3, 0, 0, 1}, {1, 0, 0, 3}, {3, 0, 0, 3},
		{0, 3, 1, 0}, {0, 1, 3, 0}, {0, 3, 3, 0}, {3, 0, 1, 0}, {1, 0, 3, 0}, {3, 0, 3, 0},
		{0, 3, 1, 1}, {0, 1, 3, 3}, {0, 3, 3, 3}, {3, 0, 1, 1}, {1, 0, 3, 3}, {3, 0, 3, 3},
		{3, 3, 0, 1}, {1, 1, 0, 3}, {3, 3, 0, 3}, {3, 3, 1, 0}, {1, 1, 3, 0}, {3, 3, 3, 0},
		{3, 3, 1, 1}, {1, 1, 3, 3}, {3, 3, 3, 3}}},
}

// drawBox draws the half-lines of r from the edges to just past the middle, so
// that neighbours meet and corners are closed.
func drawBox(m *image.Alpha, r rune) bool {
	a, ok := boxes[r]
	if !ok {
		return false
	}
	w, h := m.Rect.Dx(), m.Rect.Dy()
	t := max(1, h/16)
	cx, cy := (w-t)/2, (h-t)/2
	for dir, weight := range a {
		for _, off := range strokes(weight, t) {
			x0, x1 := cx+off.at, cx+off.at+off.thick
			y0, y1 := cy+off.at, cy+off.at+off.thick
			switch dir {
			case 0:
				x0, x1 = 0, cx+reach(a, t)
			case 1:
				x0, x1 = cx-reach(a, t)+t, w
			case 2:
				y0, y1 = 0, cy+reach(a, t)
			case 3:
				y0, y1 = cy-reach(a, t)+t, h
			}
			fill(m, image.Rect(x0, y0, x1, y1))
		}
	}
	return true
}

type stroke struct{ at, thick int }

// strokes are where the lines of a weight lie, beside the middle line.
func strokes(weight uint8, t int) []stroke {
	switch weight {
	case 1:
		return []stroke{{0, t}}
	case 2:
		return []stroke{{-t, 3 * t}}
	case 3:
		return []stroke{{-t, t}, {t, t}}
	}
	return nil
}

// reach is how far past the middle a half-line goes: to the far side of what
// it meets.
func reach(a arms, t int) int {
	if slices.Max(a[:]) > 1 {
		return 2 * t
	}
	return t
}
