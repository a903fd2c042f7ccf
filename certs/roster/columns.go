package roster

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Column is what a column of the sheet is read for.
type Column string

// The columns.
const (
	ColNumber          Column = "number"
	ColLease           Column = "lease"
	ColHostMaker       Column = "maker"
	ColHostModel       Column = "model"
	ColHostSerial      Column = "serial"
	ColExpected        Column = "media"
	ColSystem          Column = "system"
	ColConfidentiality Column = "confidentiality"
	ColResident        Column = "resident"
	ColSection         Column = "section"
	ColMedia           Column = "disk" // may stand in several columns
	ColWithdrawn       Column = "withdrawn"
	ColLeaseEnd        Column = "leaseend"
	ColNote            Column = "note"
)

// usual are the headings that each column is known by, folded as by heading.
// The first is what messages call it.
var usual = map[Column][]string{
	ColNumber:          {"管理番号", "備品番号", "資産番号", "備品管理番号", "資産管理番号", "機器管理番号", "物品番号", "端末管理番号"},
	ColLease:           {"区分", "備品・リース", "備品/リース", "備品リース区分", "所有区分", "調達区分", "取得区分"},
	ColHostMaker:       {"メーカー", "メーカ", "メーカー名", "製造者", "製造元"},
	ColHostModel:       {"機種", "型番", "型式", "モデル", "機種名", "品名"},
	ColHostSerial:      {"製造番号", "シリアル番号", "シリアル", "シリアルno", "シリアルno.", "本体シリアル", "本体シリアル番号", "本体製造番号", "機器製造番号", "s/n"},
	ColExpected:        {"媒体数", "記憶媒体数", "ディスク数", "媒体の数", "hdd数", "ドライブ数", "媒体台数"},
	ColSystem:          {"系", "系統", "利用系", "ネットワーク", "ネットワーク系", "利用系統", "所属系"},
	ColConfidentiality: {"機密性", "自治体機密性", "機密性区分", "情報の機密性"},
	ColResident:        {"住民情報", "住民情報の有無", "住民情報有無"},
	ColSection:         {"所属", "部署", "課", "課名", "所管課", "使用課", "配置先", "設置場所", "使用部署"},
	ColMedia:           {"媒体シリアル", "媒体シリアル番号", "媒体製造番号", "ディスクシリアル", "hddシリアル", "ssdシリアル", "記憶媒体シリアル", "hdd製造番号", "ディスク製造番号", "記憶媒体製造番号"},
	ColWithdrawn:       {"撤去日", "回収日", "引上日", "引揚日", "引き上げ日", "撤去年月日", "廃棄日"},
	ColLeaseEnd:        {"リース満了日", "リース終了日", "満了日", "リース期限", "返却期限"},
	ColNote:            {"備考", "摘要", "メモ"},
}

// order is how messages list columns.
var order = []Column{ColNumber, ColLease, ColHostMaker, ColHostModel, ColHostSerial, ColExpected, ColSystem,
	ColConfidentiality, ColResident, ColSection, ColMedia, ColWithdrawn, ColLeaseEnd, ColNote}

// Columns lists every column with its usual headings, for help and messages.
func Columns() (cols []Column, headings [][]string) {
	for _, c := range order {
		cols, headings = append(cols, c), append(headings, slices.Clone(usual[c]))
	}
	return cols, headings
}

// Name is what messages call the column.
func (c Column) Name() string {
	if u := usual[c]; len(u) > 0 {
		return u[0]
	}
	return string(c)
}

// heading folds a heading to what is compared: width, case, spaces, line breaks
// and what stands in brackets behind it do not matter.
func heading(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	s = strings.Join(strings.Fields(s), "")
	s = strings.TrimPrefix(s, "※")
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i]
	}
	return s
}

// layout says where each column stands.
type layout struct {
	row   int // index of the headings' row
	at    map[Column]int
	media []int
	names map[Column]string
	used  map[int]bool
}

// headerRows is how far down the headings may begin: titles and dates stand
// above them.
const headerRows = 30

// findLayout finds the headings. own are headings named by the caller.
func findLayout(s Sheet, own map[Column]string) (layout, Problems) {
	var closest Problems
	for i, r := range s.Rows[:min(headerRows, len(s.Rows))] {
		l, bad := layoutOf(i, r, own)
		if _, ok := l.at[ColNumber]; !ok {
			continue
		}
		if len(bad) == 0 {
			return l, nil
		}
		if closest == nil {
			closest = bad
		}
	}
	if closest != nil {
		return layout{}, closest
	}
	want := own[ColNumber]
	if want == "" {
		want = strings.Join(usual[ColNumber], "・")
	}
	return layout{}, Problems{{Code: "no-heading", Column: ColNumber,
		Ja: "見出し「" + want + "」の列が、はじめの30行に見つかりません。見出しを書き足すか、列の対応（--column number=見出し）を指定してください。",
		En: "no column headed " + want + " within the first 30 rows: add the heading or name the column (--column number=HEADING)"}}
}

// layoutOf reads one row as headings.
func layoutOf(i int, r Row, own map[Column]string) (layout, Problems) {
	l := layout{row: i, at: map[Column]int{}, names: map[Column]string{}, used: map[int]bool{}}
	var bad Problems
	for col, cell := range r.Cells {
		c := columnOf(cell.Text, own)
		if c == "" {
			continue
		}
		l.used[col] = true
		if c == ColMedia {
			l.media = append(l.media, col)
			l.names[c] = strings.TrimPrefix(l.names[c]+"・"+clean(cell.Text), "・")
			continue
		}
		if _, twice := l.at[c]; twice {
			bad = append(bad, Problem{Row: r.Number, Column: c, Value: clean(cell.Text), Code: "two-headings",
				Ja: "見出し「" + l.names[c] + "」と同じ意味の列が二つあります。使う列を --column " + string(c) + "=見出し で指定してください。",
				En: "a second column of the same meaning as " + l.names[c] + ": name the one to use (--column " + string(c) + "=HEADING)"})
			continue
		}
		l.at[c], l.names[c] = col, clean(cell.Text)
	}
	for _, c := range order {
		if _, ok := l.names[c]; own[c] != "" && !ok {
			bad = append(bad, Problem{Row: r.Number, Column: c, Value: own[c], Code: "no-heading",
				Ja: "指定された見出し「" + own[c] + "」の列がありません。見出しの文字を確かめてください。",
				En: "no column headed " + own[c] + ": check the heading's letters"})
		}
	}
	return l, bad
}

// columnOf is what a heading means. A column that the caller named has no other
// heading; 媒体シリアル1, 媒体シリアル2, … are one column.
func columnOf(text string, own map[Column]string) Column {
	h := heading(text)
	if h == "" {
		return ""
	}
	for _, c := range order {
		if own[c] != "" && heading(own[c]) == h {
			return c
		}
	}
	for _, c := range order {
		if own[c] != "" {
			continue
		}
		if slices.Contains(usual[c], h) || c == ColMedia && slices.Contains(usual[c], strings.TrimRight(h, "0123456789")) {
			return c
		}
	}
	return ""
}
