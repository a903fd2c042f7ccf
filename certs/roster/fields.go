package roster

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

func (r *reader) lease(row Row) string {
	s := clean(r.cell(row, ColLease).Text)
	if s == "" {
		return ""
	}
	v, ok := lease(s)
	if !ok {
		r.refuse(row.Number, ColLease, s, "lease", "「備品」または「リース物件」と書いてください。", "write 備品 or リース物件")
		return s
	}
	return v
}

// category reads the classification. For a case it must be answered; 不明 is
// an answer, and the strictest row follows from it.
func (r *reader) category(row Row) rules.Category {
	var c rules.Category
	ok := true
	word(r, row, ColSystem, system, &c.System, &ok, "マイナンバー利用事務系・LGWAN接続系・インターネット接続系・不明 のいずれかを書いてください。",
		"write マイナンバー利用事務系, LGWAN接続系, インターネット接続系 or 不明")
	word(r, row, ColConfidentiality, class, &c.Confidentiality, &ok, "3A・3B・3C・2・1・不明 のいずれかを書いてください。", "write 3A, 3B, 3C, 2, 1 or 不明")
	word(r, row, ColResident, answer, &c.ResidentInfo, &ok, "有・無・不明 のいずれかを書いてください。", "write 有, 無 or 不明")
	if !ok || r.o.Purpose != ForCase {
		return c
	}
	if _, _, err := r.o.Pack.Classify(c, r.o.Policy); err != nil {
		p := Problem{row.Number, ColSystem, "", "not-classified", "分類されていません。空欄は「不明」とはみなしません。", "not classified: " + err.Error()}
		var why *rules.ClassifyError
		if errors.As(err, &why) {
			p.Ja = why.Note.Ja
			p.Column = map[string]Column{"confidentiality": ColConfidentiality, "residentInfo": ColResident}[why.Field]
			if p.Column == "" {
				p.Column = ColSystem
			}
		}
		r.problems = append(r.problems, p)
	}
	return c
}

// word reads one of a column's words; an empty cell is no word.
func word[W ~string](r *reader, row Row, c Column, read func(string) (W, bool), to *W, ok *bool, ja, en string) {
	s := clean(r.cell(row, c).Text)
	if s == "" {
		return
	}
	v, known := read(s)
	if !known {
		*ok = false
		r.refuse(row.Number, c, s, "word", ja, en)
	}
	*to = v
}

// expected is the number of media; -1 when the sheet does not say.
func (r *reader) expected(row Row, named int) int {
	s := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSpace(norm.NFKC.String(r.cell(row, ColExpected).Text)), "台"), "個")
	if s == "" {
		if r.o.Purpose == ForCase {
			r.bad(row.Number, ColExpected, "", "no-count", "媒体数がありません。書くか、全行に当てはめる数（--default media=1）を指定してください。",
				"no number of media: give one, or one for all rows (--default media=1)")
		}
		return -1
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 64 {
		r.bad(row.Number, ColExpected, s, "count", "0から64の数を書いてください。", "write a number from 0 to 64")
		return -1
	}
	if n < named {
		r.refuse(row.Number, ColExpected, s, "count", fmt.Sprintf("媒体シリアルは%d個書かれています。", named),
			fmt.Sprintf("%d serial numbers of media are given", named))
	}
	return n
}

// mediaOf reads the serials of media, several in one cell or in several columns.
func (r *reader) mediaOf(row Row) (out []cases.Medium) {
	for _, col := range r.l.media {
		if col >= len(row.Cells) {
			continue
		}
		cell := row.Cells[col]
		parts := strings.FieldsFunc(cell.Text, func(c rune) bool { return strings.ContainsRune("、，,;；\n\r", c) })
		for _, p := range parts {
			serial := r.printable(row, ColMedia, Cell{Text: p, Number: cell.Number})
			key := serials.Key(serial)
			if key == "" {
				continue
			}
			if first, twice := r.media[key]; twice {
				r.refuse(row.Number, ColMedia, serial, "double-medium", fmt.Sprintf("%d行目にも同じ媒体シリアルがあります。", first),
					fmt.Sprintf("the same medium as in row %d", first))
				continue
			}
			r.media[key] = row.Number
			out = append(out, cases.Medium{Serial: serial})
		}
	}
	return out
}

func (r *reader) date(row Row, c Column) time.Time {
	cell := r.cell(row, c)
	if clean(cell.Text) == "" {
		return time.Time{}
	}
	t, err := dateOf(cell, r.sheet.Date1904)
	if err != nil {
		var why errDate
		errors.As(err, &why)
		r.bad(row.Number, c, clean(cell.Text), "date", why.ja, why.en)
	}
	return t
}
