package fbterm

import "image"

// drawPattern draws the characters that must fill their cells to the edge. It
// reports whether r is one of them.
func drawPattern(m *image.Alpha, r rune) bool {
	switch {
	case r >= 0x2500 && r <= 0x257f:
		return drawBox(m, r)
	case r >= 0x2580 && r <= 0x259f:
		drawBlock(m, r)
		return true
	case r >= 0x2800 && r <= 0x28ff:
		drawBraille(m, uint8(r-0x2800))
		return true
	}
	return false
}

// part is the rectangle from x0/nx to x1/nx and y0/ny to y1/ny of the cell.
func part(m *image.Alpha, x0, x1, nx, y0, y1, ny int) image.Rectangle {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	return image.Rect(w*x0/nx, h*y0/ny, w*x1/nx, h*y1/ny)
}

// quadrants of U+2596–259F: bit 0 upper left, 1 upper right, 2 lower left, 3
// lower right.
var quadrants = [10]uint8{4, 8, 1, 13, 9, 7, 11, 2, 6, 14}

// drawBlock draws U+2580–259F (Unicode, Block Elements).
func drawBlock(m *image.Alpha, r rune) {
	n := int(r - 0x2580)
	switch {
	case n == 0: // ▀
		fill(m, part(m, 0, 1, 1, 0, 1, 2))
	case n <= 8: // ▁ to █
		fill(m, part(m, 0, 1, 1, 8-n, 8, 8))
	case n <= 15: // ▉ to ▏
		fill(m, part(m, 0, 16-n, 8, 0, 1, 1))
	case n == 16: // ▐
		fill(m, part(m, 1, 2, 2, 0, 1, 1))
	case n <= 19: // ░ ▒ ▓
		shade(m, m.Rect, uint8((n-16)*0x40))
	case n == 20: // ▔
		fill(m, part(m, 0, 1, 1, 0, 1, 8))
	case n == 21: // ▕
		fill(m, part(m, 7, 8, 8, 0, 1, 1))
	default:
		for q := range 4 {
			if quadrants[n-22]&(1<<q) != 0 {
				fill(m, part(m, q%2, q%2+1, 2, q/2, q/2+1, 2))
			}
		}
	}
}

// braille is the column and row of each of the eight dots (Unicode, Braille
// Patterns: dots 1–3 and 7 left, 4–6 and 8 right).
var braille = [8][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}

func drawBraille(m *image.Alpha, dots uint8) {
	for i, at := range braille {
		if dots&(1<<i) != 0 {
			fill(m, part(m, at[0], at[0]+1, 2, at[1], at[1]+1, 4))
		}
	}
}
