package roster

import (
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// Options says how a sheet is read.
type Options struct {
	Purpose  Purpose
	Columns  map[Column]string // headings that the caller names
	Defaults map[Column]string // values for empty cells, as a clerk would write them
	Policy   rules.Policy      // of the case; decides with the pack what a classification may be
	Pack     *rules.Pack       // nil: the default pack
	Today    time.Time         // for 撤去日 in the future; zero: not judged
}

// MaxRows is how many PCs one sheet may list.
const MaxRows = 100_000

// Read judges every row of s. The error is Problems, or what keeps the papers'
// fonts from being known; the Roster is then not usable.
func Read(s Sheet, o Options) (Roster, error) {
	if o.Pack == nil {
		o.Pack = rules.Default()
	}
	l, bad := findLayout(s, o.Columns)
	if bad != nil {
		return Roster{}, bad
	}
	set, err := fonts.Load()
	if err != nil && o.Purpose == ForCase {
		return Roster{}, err
	}
	r := reader{sheet: s, o: o, l: l, set: set, numbers: map[string]int{}, hosts: map[string]int{}, media: map[string]int{}}
	r.out = Roster{Sheet: s.Name, Encoding: s.Encoding, HeaderRow: s.Rows[l.row].Number, Columns: l.names}
	for i, c := range s.Rows[l.row].Cells {
		if h := clean(c.Text); h != "" && !l.used[i] {
			r.out.Ignored = append(r.out.Ignored, h)
		}
	}
	rows := s.Rows[l.row+1:]
	if len(rows) == 0 {
		r.bad(0, "", "", "no-rows", "見出しの下に行がありません。", "no rows below the headings")
	}
	if len(rows) > MaxRows {
		return Roster{}, ErrTooBig
	}
	for _, row := range rows {
		r.row(row)
	}
	if s.Hidden > 0 {
		r.warn(0, "", "", "hidden-rows", fmt.Sprintf("Excelで非表示の行が%d行あり、これも読みました。", s.Hidden),
			fmt.Sprintf("%d rows that Excel hides were read too", s.Hidden))
	}
	return r.out, r.problems.orNil()
}

// reader goes over the rows.
type reader struct {
	sheet    Sheet
	o        Options
	l        layout
	set      *fonts.Set
	out      Roster
	problems Problems
	numbers  map[string]int // AssetKey → row
	hosts    map[string]int // Key → row
	media    map[string]int // Key → row
}

func (r *reader) bad(row int, c Column, value, code, ja, en string) {
	r.problems = append(r.problems, Problem{row, c, value, code, ja, en})
}

func (r *reader) warn(row int, c Column, value, code, ja, en string) {
	r.out.Warnings = append(r.out.Warnings, Problem{row, c, value, code, ja, en})
}

// refuse is a problem for a case and a warning for a ledger, which shows what
// is there and erases nothing.
func (r *reader) refuse(row int, c Column, value, code, ja, en string) {
	if r.o.Purpose == ForLedger {
		r.warn(row, c, value, code, ja, en)
		return
	}
	r.bad(row, c, value, code, ja, en)
}

// cell is what stands in a column, or the default for it.
func (r *reader) cell(row Row, c Column) Cell {
	if i, ok := r.l.at[c]; ok && i < len(row.Cells) && clean(row.Cells[i].Text) != "" {
		return row.Cells[i]
	}
	return Cell{Text: r.o.Defaults[c]}
}

// text reads one line of text that a paper may show.
func (r *reader) text(row Row, c Column) string { return r.printable(row, c, r.cell(row, c)) }

func (r *reader) printable(row Row, c Column, cell Cell) string {
	s := clean(cell.Text)
	if cell.Number != "" {
		s = r.longNumber(row, c, s, cell.Number)
	}
	if r.set == nil {
		return s
	}
	if missing := r.set.Missing(s); len(missing) > 0 {
		var list []string
		for _, m := range missing {
			list = append(list, fmt.Sprintf("「%c」(%U)", m, m))
		}
		r.refuse(row.Number, c, s, "no-glyph", "書面の書体にない文字があります: "+strings.Join(list, "、")+"。別の字で書いてください。",
			"no font of the papers draws "+strings.Join(list, ", ")+": write it with other characters")
	}
	return s
}

// longNumber repairs what Excel shows as 1.23E+12, and refuses what it rounded:
// it keeps 15 digits.
func (r *reader) longNumber(row Row, c Column, shown, stored string) string {
	if strings.ContainsAny(shown, "eE") {
		shown = stored
	}
	if strings.ContainsAny(stored, "eE") || len(strings.Trim(strings.TrimLeft(stored, "0"), "-.")) > 15 {
		r.bad(row.Number, c, stored, "rounded", "Excelが数値として丸めた番号です。列の書式を「文字列」にして入力し直してください。",
			"a number that Excel has rounded: make the column text and type it again")
	}
	return shown
}

// row judges one row and adds its entry.
func (r *reader) row(row Row) {
	e := Entry{Row: row.Number, Asset: cases.Asset{
		Number: r.text(row, ColNumber), HostMaker: r.text(row, ColHostMaker), HostModel: r.text(row, ColHostModel),
		HostSerial: r.text(row, ColHostSerial), Section: r.text(row, ColSection),
	}, Note: clean(r.cell(row, ColNote).Text)}
	r.number(e)
	r.hostSerial(e)
	e.Lease = r.lease(row)
	e.Category = r.category(row)
	e.Media = r.mediaOf(row)
	e.Expected = r.expected(row, len(e.Media))
	e.ExpectedMedia = max(0, e.Expected)
	e.Withdrawn = r.date(row, ColWithdrawn)
	e.LeaseEnd = r.date(row, ColLeaseEnd)
	if e.Withdrawn.After(r.o.Today) && !r.o.Today.IsZero() {
		r.warn(row.Number, ColWithdrawn, e.Withdrawn.Format(time.DateOnly), "future", "まだ来ていない日です。", "lies in the future")
	}
	r.out.Entries = append(r.out.Entries, e)
}

func (r *reader) number(e Entry) {
	key := serials.AssetKey(e.Number)
	if key == "" {
		r.bad(e.Row, ColNumber, "", "no-number", "管理番号がありません。行を消すか、番号を書いてください。", "no 管理番号: give one or delete the row")
		return
	}
	if first, twice := r.numbers[key]; twice {
		r.bad(e.Row, ColNumber, e.Number, "double-number", fmt.Sprintf("%d行目と同じ管理番号です。", first),
			fmt.Sprintf("the same 管理番号 as in row %d", first))
		return
	}
	r.numbers[key] = e.Row
}

// hostSerial warns of a serial that stands twice: such a PC is recognised by
// nobody, and a person must choose it from the roster.
func (r *reader) hostSerial(e Entry) {
	if serials.Placeholder(e.HostSerial) {
		if clean(e.HostSerial) != "" {
			r.warn(e.Row, ColHostSerial, e.HostSerial, "placeholder", "製造者の仮の値です。この機器は製造番号では見分けられません。",
				"a maker's placeholder: this PC cannot be recognised by its serial")
		}
		return
	}
	key := serials.Key(e.HostSerial)
	if first, twice := r.hosts[key]; twice {
		r.warn(e.Row, ColHostSerial, e.HostSerial, "double-serial", fmt.Sprintf("%d行目と同じ製造番号です。作業時に名簿から選ぶことになります。", first),
			fmt.Sprintf("the same serial as in row %d: the PC will have to be chosen by hand", first))
		return
	}
	r.hosts[key] = e.Row
}
