package roster

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/wipe/rules"
)

// needFonts skips on a bare clone, but never in CI.
func needFonts(t testing.TB) {
	t.Helper()
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// list is what a clerk exports: a title above the headings, full-width digits, a
// line break in a cell, an empty row, a column that means nothing here.
const list = `令和８年度　廃棄予定端末一覧,,,,,,,,,
,,,,,,,,,
管理番号,区分,メーカー,機種,シリアル番号,媒体数,系,機密性,住民情報,所属,撤去日,棚
B-0001,備品,例示電機,PC-100,PC001,１,マイナンバー利用事務系,3A,有,市民課,令和8年11月20日,A
B-0002,リース,例示電機,"PC
100",PC002,2台,LGWAN接続系,機密性2,,税務課 窓口,R8.11.21,B

B-0003,備品,例示電機,PC-100,To be filled by O.E.M.,0,インターネット接続系,１,,𠮷田分室,2026/11/21,C
`

func read(t *testing.T, data []byte, o Options) (Roster, error) {
	t.Helper()
	needFonts(t)
	s, err := Open(data, "")
	if err != nil {
		t.Fatal(err)
	}
	return Read(s, o)
}

func encoded(t *testing.T, s, coding string) []byte {
	t.Helper()
	var b []byte
	var err error
	switch coding {
	case "UTF-8":
		return []byte(s)
	case "UTF-8 BOM":
		return []byte("\xEF\xBB\xBF" + s)
	case "UTF-16":
		b, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
	case "Shift_JIS": // has no 𠮷
		b, err = japanese.ShiftJIS.NewEncoder().Bytes([]byte(strings.ReplaceAll(s, "𠮷", "吉")))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadEveryEncoding(t *testing.T) {
	for _, coding := range []string{"UTF-8", "UTF-8 BOM", "UTF-16", "Shift_JIS"} {
		for _, crlf := range []bool{false, true} {
			text := list
			if crlf {
				text = strings.ReplaceAll(list, "\n", "\r\n")
			}
			r, err := read(t, encoded(t, text, coding), Options{})
			if err != nil {
				t.Fatalf("%s: %v", coding, err)
			}
			if r.Encoding != coding || r.HeaderRow != 3 || len(r.Entries) != 3 || !slices.Equal(r.Ignored, []string{"棚"}) {
				t.Errorf("%s: %s, headings in row %d, %d entries, ignored %q", coding, r.Encoding, r.HeaderRow, len(r.Entries), r.Ignored)
			}
			checkList(t, r)
		}
	}
}

func checkList(t *testing.T, r Roster) {
	t.Helper()
	a, b, c := r.Entries[0], r.Entries[1], r.Entries[2]
	want := cases.Asset{Number: "B-0001", Lease: "備品", HostMaker: "例示電機", HostModel: "PC-100", HostSerial: "PC001", ExpectedMedia: 1, Section: "市民課",
		Category: rules.Category{System: rules.SystemMyNumber, Confidentiality: rules.Conf3A, ResidentInfo: rules.AnswerYes}}
	if a.Number != want.Number || a.Category != want.Category || a.ExpectedMedia != 1 || a.Section != want.Section ||
		a.HostSerial != want.HostSerial || a.Lease != want.Lease || a.HostMaker != want.HostMaker {
		t.Errorf("row 4: %+v", a)
	}
	// Excel shows the cell with a line break in one row; the empty row counts.
	if a.Row != 4 || b.Row != 5 || c.Row != 7 {
		t.Errorf("rows %d, %d, %d", a.Row, b.Row, c.Row)
	}
	if b.HostModel != "PC 100" || b.Lease != "リース物件" || b.Expected != 2 || b.Section != "税務課 窓口" {
		t.Errorf("row 5: %+v", b)
	}
	for i, want := range []string{"2026-11-20", "2026-11-21", "2026-11-21"} {
		if got := r.Entries[i].Withdrawn.Format(time.DateOnly); got != want {
			t.Errorf("entry %d withdrawn %s, want %s", i, got, want)
		}
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "placeholder" || r.Warnings[0].Row != 7 {
		t.Errorf("warnings %v", r.Warnings)
	}
}

const head = "管理番号,媒体数,系,機密性,住民情報,所属,シリアル,媒体シリアル1,媒体シリアル2,撤去日,区分\n"
const good = "B-1,1,LGWAN接続系,2,,課,PC1,WD-1,,2026-11-21,備品\n"

func with(old, now string) string { return head + strings.Replace(good, old, now, 1) }

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		code string
		row  int
	}{
		"double number":            {head + good + strings.Replace(good, "WD-1", "", 1), "double-number", 3},
		"double by width and dash": {head + good + strings.NewReplacer("B-1", "Ｂ－１", "WD-1", "WD-2").Replace(good), "double-number", 3},
		"no number":                {head + good + strings.NewReplacer("B-1,", ",", "WD-1", "").Replace(good), "no-number", 3},
		"no glyph":                 {with("課", "\U0001F600課"), "no-glyph", 2},
		"30 February":              {with("2026-11-21", "2026-02-30"), "date", 2},
		"29 February, no leap":     {with("2026-11-21", "2027/2/29"), "date", 2},
		"平成32年":                    {with("2026-11-21", "平成32年1月1日"), "date", 2},
		"令和元年4月":                   {with("2026-11-21", "令和元年4月30日"), "date", 2},
		"two digits, no era":       {with("2026-11-21", "26/11/21"), "date", 2},
		"13th month":               {with("2026-11-21", "20261321"), "date", 2},
		"no date at all":           {with("2026-11-21", "未定"), "date", 2},
		"no count":                 {with("B-1,1", "B-1,"), "no-count", 2},
		"count in words":           {with("B-1,1", "B-1,二"), "count", 2},
		"fewer than named":         {with("B-1,1", "B-1,0"), "count", 2},
		"negative":                 {with("B-1,1", "B-1,-1"), "count", 2},
		"系 left open":              {with("LGWAN接続系", ""), "not-classified", 2},
		"系 ambiguous":              {with("LGWAN接続系", "情報系"), "word", 2},
		"機密性 left open":            {with("系,2", "系,"), "not-classified", 2},
		"住民情報 left open":           {with("LGWAN接続系", "番号系"), "not-classified", 2},
		"medium twice":             {head + good + strings.NewReplacer("B-1", "B-2", "PC1", "PC2", "WD-1", "ｗｄ1").Replace(good), "double-medium", 3},
		"unknown lease":            {with("備品\n", "借用\n"), "lease", 2},
		"no heading":               {"あ,い\n1,2\n", "no-heading", 0},
		"no rows":                  {head, "no-rows", 0},
		"heading twice":            {"管理番号,備品番号\n1,2\n", "two-headings", 1},
	} {
		_, err := read(t, []byte(c.text), Options{})
		var ps Problems
		if !errors.As(err, &ps) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(ps) != 1 || ps[0].Code != c.code || ps[0].Row != c.row || ps[0].Ja == "" || ps[0].En == "" {
			t.Errorf("%s: %+v, want one %s in row %d", name, ps, c.code, c.row)
		}
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, err := read(t, []byte(head+"B-1,x,情報系,9,,課,PC1,,,2026-02-30,\n,1,不明,,,,,,,,\n"), Options{})
	var ps Problems
	if !errors.As(err, &ps) || len(ps) != 5 {
		t.Fatalf("%v", err)
	}
	if s := ps.Text("ja"); !strings.Contains(s, "2行目「撤去日」") || !strings.Contains(s, "3行目「管理番号」") {
		t.Errorf("rows and columns are not named:\n%s", s)
	}
}

func TestOwnHeadingsAndDefaults(t *testing.T) {
	text := "整理No,管理番号,製番\nX1,旧-1,PC1\nX2,旧-1,PC1\n"
	r, err := read(t, []byte(text), Options{
		Columns:  map[Column]string{ColNumber: "整理No", ColHostSerial: "製番"},
		Defaults: map[Column]string{ColExpected: "1", ColSystem: "LGWAN系", ColConfidentiality: "２", ColLease: "リース"},
	})
	if err != nil {
		t.Fatal(err)
	}
	e := r.Entries[1]
	if e.Number != "X2" || e.Expected != 1 || e.Category.System != rules.SystemLGWAN || e.Lease != "リース物件" || !slices.Equal(r.Ignored, []string{"管理番号"}) {
		t.Errorf("%+v, ignored %q", e, r.Ignored)
	}
	if len(r.Warnings) != 1 || r.Warnings[0].Code != "double-serial" {
		t.Errorf("warnings %v", r.Warnings)
	}
	_, err = read(t, []byte(text), Options{Columns: map[Column]string{ColHostSerial: "なし"}})
	var ps Problems
	if !errors.As(err, &ps) || ps[0].Code != "no-heading" || ps[0].Column != ColHostSerial {
		t.Errorf("a heading that is not there: %v", err)
	}
}

func TestLedgerNeedsLess(t *testing.T) {
	r, err := read(t, []byte("管理番号,機種,系,撤去日\nB-1,\U0001F600,情報系,2027-01-01\n"), Options{Purpose: ForLedger, Today: day0})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, w := range r.Warnings {
		codes = append(codes, w.Code)
	}
	if e := r.Entries[0]; e.Expected != -1 || !slices.Equal(codes, []string{"no-glyph", "word", "future"}) {
		t.Errorf("expected %d, warnings %q", e.Expected, codes)
	}
}

var day0 = time.Date(2026, 11, 21, 0, 0, 0, 0, jst)

func TestNoSheet(t *testing.T) {
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":            {nil, ErrEmpty},
		"white space":      {[]byte(" \r\n"), ErrEmpty},
		"old xls":          {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest"), ErrOldXLS},
		"broken zip":       {[]byte("PK\x03\x04rest"), ErrXLSX},
		"broken Shift_JIS": {[]byte("\x8A\xC7\x97\x9D\x94\xD4\x8D\x86\n\x81\n"), ErrCoding},
		"EUC-JP":           {[]byte("\xB4\xC9\xCD\xFD\xC8\xD6\xB9\xE6\n\xC8\xFD\xFE\n"), ErrCoding},
		"open quote":       {[]byte("管理番号\n\"B-1\n"), ErrCSV},
		"binary":           {bytes.Repeat([]byte{0, 1, 2}, 9), ErrCoding},
	} {
		if _, err := Open(c.data, ""); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte(list))
	f.Add([]byte(head + good))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("PK")) {
			return // excelize's own
		}
		s, err := Open(data, "")
		if err != nil {
			return
		}
		r, err := Read(s, Options{Purpose: ForLedger})
		seen := map[string]bool{}
		for _, e := range r.Entries {
			if err == nil && (e.Number == "" || seen[e.Number]) {
				t.Fatalf("entry without a number of its own: %+v", e)
			}
			seen[e.Number] = true
		}
	})
}
