package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"
)

// XLSX is the report as a workbook: the lines, with every cell as text but the
// day count, and the totals. The same report gives the same rows; the file's
// bytes are the library's.
func (r Report) XLSX() (file []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	const name = "照合"
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, fmt.Errorf("ledger: XLSX: %w", err)
	}
	if err := r.lines(f, name); err != nil {
		return nil, fmt.Errorf("ledger: XLSX: %w", err)
	}
	if err := r.totals(f); err != nil {
		return nil, fmt.Errorf("ledger: XLSX: %w", err)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("ledger: XLSX: %w", err)
	}
	return b.Bytes(), nil
}

// lines streams the rows: a workbook of 5,000 is then written in a fraction of
// a second.
func (r Report) lines(f *excelize.File, name string) error {
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := w.SetColWidth(1, len(columns), 16); err != nil {
		return err
	}
	if err := w.SetRow("A1", values(heads("ja"), bold)); err != nil {
		return err
	}
	for i, l := range r.Lines {
		row := values(cells(l, "ja", "、"), text)
		if l.Days >= 0 {
			row[slices.IndexFunc(columns, func(c column) bool { return c.en == "days" })] = l.Days
		}
		if err := w.SetRow("A"+strconv.Itoa(i+2), row); err != nil {
			return err
		}
	}
	return w.Flush()
}

func values(row []string, style int) []any {
	out := make([]any, len(row))
	for i, c := range row {
		out[i] = excelize.Cell{StyleID: style, Value: c}
	}
	return out
}

func (r Report) totals(f *excelize.File) error {
	const name = "集計"
	if _, err := f.NewSheet(name); err != nil {
		return err
	}
	rows := append([][2]string{{"状態", "台数"}}, r.Totals("ja")...)
	for i, t := range rows {
		row := []any{t[0], t[1]}
		if n, err := strconv.Atoi(t[1]); err == nil {
			row[1] = n
		}
		if err := f.SetSheetRow(name, "A"+strconv.Itoa(i+1), &row); err != nil {
			return err
		}
	}
	return f.SetColWidth(name, "A", "A", 28)
}
