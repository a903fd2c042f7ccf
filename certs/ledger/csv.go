package ledger

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	"golang.org/x/text/encoding/japanese"
)

// CSV is the report for Excel: Shift_JIS (windows-31j) with CRLF. Characters
// that Shift_JIS lacks become 〓 and are returned, so that the caller can say
// so; CSVUTF8 has them all.
func (r Report) CSV() (file []byte, replaced []rune, err error) {
	text, err := r.csv()
	if err != nil {
		return nil, nil, err
	}
	var b strings.Builder
	seen := map[rune]bool{}
	for _, c := range text {
		if _, err := japanese.ShiftJIS.NewEncoder().String(string(c)); c > 0x7F && err != nil {
			if !seen[c] {
				seen[c] = true
				replaced = append(replaced, c)
			}
			c = '〓'
		}
		b.WriteRune(c)
	}
	file, err = japanese.ShiftJIS.NewEncoder().Bytes([]byte(b.String()))
	if err != nil {
		return nil, nil, fmt.Errorf("ledger: Shift_JIS: %w", err)
	}
	return file, replaced, nil
}

// CSVUTF8 is the same in UTF-8 with a BOM, which Excel reads too.
func (r Report) CSVUTF8() ([]byte, error) {
	text, err := r.csv()
	return []byte("\uFEFF" + text), err
}

func (r Report) csv() (string, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{heads("ja")}
	for _, l := range r.Lines {
		rows = append(rows, harmless(cells(l, "ja", "、")))
	}
	if err := w.WriteAll(rows); err != nil {
		return "", fmt.Errorf("ledger: CSV: %w", err)
	}
	return b.String(), nil
}

// harmless keeps Excel from reading a cell as a formula. Serial numbers come
// from drives and names from lists that others wrote.
func harmless(row []string) []string {
	out := make([]string, len(row))
	for i, c := range row {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			c = "'" + c
		}
		out[i] = c
	}
	return out
}
