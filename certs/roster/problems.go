package roster

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a sheet.
type Problem struct {
	Row    int // as Excel counts; 0: the whole file
	Column Column
	Value  string // what stands there
	Code   string // stable
	Ja, En string // what is wrong and what to do
}

// Text is the problem in "en", or in Japanese for every other language.
func (p Problem) Text(lang string) string {
	what, where := p.Ja, ""
	if p.Row > 0 {
		where = fmt.Sprintf("%d行目", p.Row)
	}
	if p.Column != "" {
		where += "「" + p.Column.Name() + "」"
	}
	if lang == "en" {
		what, where = p.En, ""
		if p.Row > 0 {
			where = fmt.Sprintf("row %d", p.Row)
		}
		if p.Column != "" {
			where = strings.TrimSpace(where + " " + p.Column.Name())
		}
	}
	if p.Value != "" {
		what = fmt.Sprintf("%q: %s", p.Value, what)
	}
	if where == "" {
		return what
	}
	return where + ": " + what
}

// Problems is everything that is wrong, in the order of the rows.
type Problems []Problem

// Error lists the problems in English, one a line.
func (p Problems) Error() string { return p.Text("en") }

// Text lists the problems, one a line.
func (p Problems) Text(lang string) string {
	var out []string
	for _, x := range p {
		out = append(out, x.Text(lang))
	}
	return strings.Join(out, "\n")
}

func (p Problems) orNil() error {
	if len(p) == 0 {
		return nil
	}
	return p
}
