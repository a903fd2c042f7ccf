package ledger

import (
	"fmt"
	"strconv"
	"time"

	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/page"
)

// Heading is what stands above the printed report.
type Heading struct {
	Municipality string // 団体
	Case         string // 案件番号 and 件名; empty: all cases
	Source       string // name of the 台帳 file
	Tool         string // program and version
	Printed      time.Time
}

// PDF prints the report: the totals, then the lines that are not done, then the
// rest. It is a working paper without signature.
func (r Report) PDF(h Heading) ([]byte, error) {
	set, err := fonts.Load()
	if err != nil {
		return nil, err
	}
	file, err := page.Render(r.document(h), set)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	return file, nil
}

func (r Report) document(h Heading) page.Doc {
	d := page.Doc{Title: "備品台帳と証明書の照合", Creator: h.Tool, Created: h.Printed,
		Footer: "備品台帳と証明書の照合　" + date(r.Today) + " 現在　" + h.Municipality}
	d.Blocks = append(d.Blocks,
		page.Title{Text: "備品台帳と証明書の照合", Sub: date(r.Today) + " 現在"},
		page.Fields{Rows: [][]page.Field{
			{{Label: "団体", Value: or(h.Municipality)}, {Label: "案件", Value: or(h.Case)}},
			{{Label: "台帳", Value: or(h.Source)}, {Label: "台帳の台数", Value: strconv.Itoa(r.assets())}},
		}},
		page.Heading{Text: "集計"}, page.Grid{Head: []string{"状態", "台数"}, Widths: []float64{3, 1}, Rows: pairs(r.Totals("ja"))})
	if r.Drills > 0 {
		d.Blocks = append(d.Blocks, page.Para{Text: fmt.Sprintf("訓練の書面 %d 件は数えていない。", r.Drills)})
	}
	open, done := r.split()
	d.Blocks = append(d.Blocks, page.Heading{Text: "完了していないもの"}, grid(open, "なし"),
		page.Heading{Text: "完了したもの"}, grid(done, "なし"))
	return d
}

func (r Report) assets() (n int) {
	for _, l := range r.Lines {
		if l.InLedger {
			n++
		}
	}
	return n
}

// split parts the lines, the worst first among those that are not done.
func (r Report) split() (open, done []Line) {
	for _, s := range statuses {
		for _, l := range r.Lines {
			switch {
			case l.Status != s:
			case s == StatusCovered:
				done = append(done, l)
			default:
				open = append(open, l)
			}
		}
	}
	return open, done
}

func grid(lines []Line, none string) page.Block {
	if len(lines) == 0 {
		return page.Para{Text: none}
	}
	g := page.Grid{}
	for _, c := range columns {
		if c.width > 0 {
			g.Head, g.Widths = append(g.Head, c.ja), append(g.Widths, c.width)
		}
	}
	for _, l := range lines {
		var row []string
		for i, v := range cells(l, "ja", "\n") {
			if columns[i].width > 0 {
				row = append(row, v)
			}
		}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func pairs(in [][2]string) (out [][]string) {
	for _, p := range in {
		out = append(out, []string{p[0], p[1]})
	}
	return out
}

func or(s string) string {
	if s == "" {
		return "－"
	}
	return s
}
