package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/massho/massho/wipe/rules"
)

// column is one column of every output.
type column struct {
	ja, en string
	width  float64 // share of the paper's width; 0: not on the paper
	value  func(l Line, lang string) string
}

// columns is the order of the outputs.
var columns = []column{
	{"管理番号", "asset", 10, func(l Line, _ string) string { return l.Entry.Number }},
	{"区分", "lease", 0, func(l Line, _ string) string { return l.Entry.Lease }},
	{"所属", "section", 8, func(l Line, _ string) string { return l.Entry.Section }},
	{"機種", "model", 0, func(l Line, _ string) string { return l.Entry.HostModel }},
	{"製造番号", "serial", 0, func(l Line, _ string) string { return l.Entry.HostSerial }},
	{"状態", "status", 9, func(l Line, lang string) string { return l.Status.Label().In(lang) }},
	{"図表41", "row", 6, func(l Line, _ string) string { return rowOf(l) }},
	{"媒体", "media", 6, func(l Line, _ string) string { return counted(l) }},
	{"媒体シリアル", "medium", 20, func(l Line, _ string) string { return each(l, func(m Medium) string { return m.Serial }) }},
	{"証明書番号", "certificates", 19, func(l Line, _ string) string { return each(l, func(m Medium) string { return join(m.Numbers) }) }},
	{"提出期限", "due", 13, func(l Line, _ string) string { return each(l, func(m Medium) string { return date(m.Due) }) }},
	{"撤去日", "withdrawn", 0, func(l Line, _ string) string { return date(l.Entry.Withdrawn) }},
	{"経過日数", "days", 6, func(l Line, _ string) string { return days(l) }},
	{"台帳の行", "row in ledger", 0, func(l Line, _ string) string { return positive(l.Entry.Row) }},
	{"備考", "remarks", 14, remarks},
}

// heads are the headings in "ja" or "en".
func heads(lang string) (out []string) {
	for _, c := range columns {
		out = append(out, rules.Label{Ja: c.ja, En: c.en}.In(lang))
	}
	return out
}

// cells is one line in the order of columns; between parts the media of a line.
func cells(l Line, lang, between string) (out []string) {
	for _, c := range columns {
		out = append(out, strings.ReplaceAll(c.value(l, lang), separator, between))
	}
	return out
}

func remarks(l Line, lang string) string {
	var out []string
	for _, f := range l.Findings {
		out = append(out, rules.Label{Ja: f.Ja, En: f.En}.In(lang))
	}
	if len(l.Media) > 1 { // whose status it is, is plain where there is one
		for _, m := range l.Media {
			if m.Status != StatusCovered {
				out = append(out, m.Serial+": "+m.Status.Label().In(lang))
			}
		}
	}
	return join(out)
}

func rowOf(l Line) string {
	row := rules.RowNone
	for _, m := range l.Media {
		if m.Row != rules.RowNone && (row == rules.RowNone || m.Row < row) {
			row = m.Row
		}
	}
	if row == rules.RowNone {
		return ""
	}
	return fmt.Sprintf("(%d)", row)
}

// counted is how many media are done, of how many.
func counted(l Line) string {
	done := 0
	for _, m := range l.Media {
		if m.Status == StatusCovered {
			done++
		}
	}
	of := "?"
	if l.Entry.Expected >= 0 {
		of = strconv.Itoa(l.Entry.Expected)
	}
	return strconv.Itoa(done) + "/" + of
}

// each lists something of every medium; what is the same or empty for all
// stands once.
func each(l Line, of func(Medium) string) string {
	var out []string
	some := false
	for _, m := range l.Media {
		v := of(m)
		some = some || v != ""
		if v == "" {
			v = "－"
		}
		out = append(out, v)
	}
	if !some {
		return ""
	}
	return strings.Join(out, separator)
}

// separator stands between the media of one line until cells knows the output.
const separator = "\x1f"

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(jst).Format(time.DateOnly)
}

func days(l Line) string {
	if l.Days < 0 {
		return ""
	}
	return strconv.Itoa(l.Days)
}

func positive(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Totals lists how many lines have each status, worst first, without zeros.
func (r Report) Totals(lang string) (out [][2]string) {
	for _, s := range statuses {
		if n := r.Counts[s]; n > 0 {
			out = append(out, [2]string{s.Label().In(lang), strconv.Itoa(n)})
		}
	}
	return out
}

// Worst is the worst status of all lines.
func (r Report) Worst() Status {
	w := StatusCovered
	for s := range r.Counts {
		w = worse(w, s)
	}
	return w
}
