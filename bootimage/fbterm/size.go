package fbterm

// CellSize is the pixels of one cell; a wide character takes two of them.
type CellSize struct{ W, H int }

// The least that programs may count on.
const (
	MinCols = 80
	MinRows = 25
)

// comfortRows is what ChooseCell grows the cell for, but not at the price of
// kanji of less than legible pixels.
const (
	comfortRows = 30
	legible     = 16
)

// cellSizes from large to small. The glyph is as high as the cell, so that a
// kanji is a square of two cells.
var cellSizes = []CellSize{
	{48, 96}, {40, 80}, {36, 72}, {32, 64}, {28, 56}, {24, 48}, {20, 40}, {18, 36},
	{16, 32}, {14, 28}, {12, 24}, {11, 22}, {10, 20}, {9, 18}, {8, 16}, {7, 14}, {6, 12},
}

// ChooseCell returns the largest cell with which width×height pixels hold at
// least 80 columns and 30 rows; if none does, 80 and 25; if none does, the
// smallest: then the screen has fewer than MinCols columns or MinRows rows.
func ChooseCell(width, height int) CellSize {
	for _, want := range []struct{ rows, least int }{{comfortRows, legible}, {MinRows, 0}} {
		for _, c := range cellSizes {
			if c.H >= want.least && width/c.W >= MinCols && height/c.H >= want.rows {
				return c
			}
		}
	}
	return cellSizes[len(cellSizes)-1]
}
