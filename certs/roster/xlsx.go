package roster

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"
)

// maxUnpacked bounds what a packed file may grow to, in bytes.
const maxUnpacked = 256 << 20

func openXLSX(data []byte, name string) (s Sheet, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked,
	})
	if err != nil {
		return Sheet{}, fmt.Errorf("%w (%w)", ErrXLSX, err)
	}
	defer func() {
		if e := f.Close(); err == nil && e != nil {
			err = fmt.Errorf("%w (%w)", ErrXLSX, e)
		}
	}()
	names := f.GetSheetList()
	if name != "" {
		i, err := f.GetSheetIndex(name)
		if err != nil || i < 0 {
			return Sheet{}, fmt.Errorf("%w: %q; there are %s", ErrNoSheet, name, strings.Join(names, ", "))
		}
		return readSheet(f, name)
	}
	var first Sheet
	for i, n := range names {
		s, err := readSheet(f, n)
		if err != nil {
			return Sheet{}, err
		}
		if _, bad := findLayout(s, nil); bad == nil {
			return s, nil
		}
		if i == 0 {
			first = s
		}
	}
	return first, nil
}

// readSheet reads every cell twice: as it is shown, and as it is stored. A day
// is a number that only its format makes a date of, and the format is the
// machine's locale; a long number is shown as 1.23E+12.
func readSheet(f *excelize.File, name string) (Sheet, error) {
	shown, err := f.GetRows(name)
	if err != nil {
		return Sheet{}, fmt.Errorf("%w (%s: %w)", ErrXLSX, name, err)
	}
	stored, err := f.GetRows(name, excelize.Options{RawCellValue: true})
	if err != nil {
		return Sheet{}, fmt.Errorf("%w (%s: %w)", ErrXLSX, name, err)
	}
	s := Sheet{Name: name, Encoding: "XLSX"}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		s.Date1904 = *p.Date1904
	}
	for i, cells := range shown {
		row := Row{Number: i + 1}
		for j, text := range cells {
			c := Cell{Text: text}
			if i < len(stored) && j < len(stored[i]) && numeric(stored[i][j]) {
				at, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					return Sheet{}, fmt.Errorf("%w (%s: %w)", ErrXLSX, name, err)
				}
				if kind, err := f.GetCellType(name, at); err == nil && (kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber || kind == excelize.CellTypeDate) {
					c.Number = stored[i][j]
				}
			}
			row.Cells = append(row.Cells, c)
		}
		before := len(s.Rows)
		s.add(row)
		if len(s.Rows) == before {
			continue
		}
		if visible, err := f.GetRowVisible(name, row.Number); err == nil && !visible {
			s.Hidden++
		}
	}
	return s, nil
}

// numeric reports whether s is a number as Excel stores one.
func numeric(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case !strings.ContainsRune("+-.eE", r):
			return false
		}
	}
	return digits > 0
}
