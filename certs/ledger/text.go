package ledger

import (
	"fmt"
	"io"
	"strings"

	"github.com/mattn/go-runewidth"
)

// onScreen are the columns of the text table.
var onScreen = map[string]bool{"管理番号": true, "所属": true, "製造番号": true, "状態": true, "図表41": true, "媒体": true,
	"媒体シリアル": true, "経過日数": true, "備考": true}

// cellWidth is the widest a cell of the table becomes, in columns of a terminal.
const cellWidth = 24

// Text writes a table for a terminal. With all unset, lines that are done are
// left out and only counted.
func (r Report) Text(w io.Writer, lang string, all bool) error {
	var rows [][]string
	for _, l := range r.Lines {
		if all || l.Status != StatusCovered {
			rows = append(rows, visible(cells(l, lang, "、")))
		}
	}
	if len(rows) > 0 {
		if err := writeTable(w, append([][]string{visible(heads(lang))}, rows...)); err != nil {
			return err
		}
	}
	for _, t := range r.Totals(lang) {
		if _, err := fmt.Fprintf(w, "%s %s\n", runewidth.FillRight(t[0], cellWidth), t[1]); err != nil {
			return err
		}
	}
	return nil
}

func visible(all []string) (out []string) {
	for i, c := range columns {
		if onScreen[c.ja] {
			out = append(out, all[i])
		}
	}
	return out
}

// writeTable pads to the width that Japanese letters take. The last column is
// never cut.
func writeTable(w io.Writer, rows [][]string) error {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, c := range row {
			widths[i] = max(widths[i], min(cellWidth, runewidth.StringWidth(c)))
		}
	}
	for _, row := range rows {
		var b strings.Builder
		for i, c := range row {
			if i == len(row)-1 {
				b.WriteString(c)
				break
			}
			b.WriteString(runewidth.FillRight(runewidth.Truncate(c, widths[i], "…"), widths[i]) + "  ")
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(b.String(), " ")); err != nil {
			return err
		}
	}
	return nil
}
