package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// Sheet is the rows of a file.
type Sheet struct {
	Name     string
	Encoding string
	Rows     []Row
	Hidden   int  // rows that Excel does not show
	Date1904 bool // day numbers count from 1904-01-01
}

// Row is one row; empty rows are not listed but counted.
type Row struct {
	Number int // as Excel counts, from 1
	Cells  []Cell
}

// Cell is one cell as it is shown, and the number behind it if there is one.
type Cell struct {
	Text   string
	Number string // XLSX only: the stored number, not formatted
}

// The ways a file can be no sheet.
var (
	ErrEmpty   = errors.New("the file is empty: export the list again")
	ErrOldXLS  = errors.New("an old Excel file (.xls) or one with a password: save it as XLSX or CSV without a password")
	ErrCoding  = errors.New("neither UTF-8 nor Shift_JIS: save it in Excel as \"CSV UTF-8\" or as XLSX")
	ErrCSV     = errors.New("not a well-formed CSV file: open it in Excel and save it as XLSX")
	ErrXLSX    = errors.New("not a well-formed XLSX file: open it in Excel and save it again")
	ErrNoSheet = errors.New("no worksheet of that name")
	ErrTooBig  = errors.New("larger than any list of PCs: check that this is the right file")
)

// MaxFile is the largest file that Open takes, in bytes.
const MaxFile = 64 << 20

// Open reads a file by its content. name chooses a worksheet of an XLSX file;
// empty is the first one that has headings.
func Open(data []byte, name string) (Sheet, error) {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return Sheet{}, ErrEmpty
	case len(data) > MaxFile:
		return Sheet{}, ErrTooBig
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return openXLSX(data, name)
	case bytes.HasPrefix(data, []byte("\xD0\xCF\x11\xE0")):
		return Sheet{}, ErrOldXLS
	}
	return openCSV(data)
}

func openCSV(data []byte) (Sheet, error) {
	text, coding, err := decode(data)
	if err != nil {
		return Sheet{}, err
	}
	s := Sheet{Encoding: coding}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = separator(text), -1
	breaks := 0 // line breaks inside cells: Excel shows such a cell in one row
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return Sheet{}, fmt.Errorf("%w (%w)", ErrCSV, err)
		}
		line, _ := r.FieldPos(0)
		row := Row{Number: line - breaks}
		for _, f := range fields {
			breaks += strings.Count(f, "\n")
			row.Cells = append(row.Cells, Cell{Text: f})
		}
		s.add(row)
	}
}

// add keeps rows that hold something.
func (s *Sheet) add(r Row) {
	for _, c := range r.Cells {
		if clean(c.Text) != "" {
			s.Rows = append(s.Rows, r)
			return
		}
	}
}

// decode finds the encoding of a text file. Shift_JIS is windows-31j, which is
// what Excel writes.
func decode(data []byte) (text, coding string, err error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xEF\xBB\xBF")):
		data, coding = data[3:], "UTF-8 BOM"
	case bytes.HasPrefix(data, []byte("\xFF\xFE")), bytes.HasPrefix(data, []byte("\xFE\xFF")):
		data, err = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		coding = "UTF-16"
	case utf8.Valid(data):
		coding = "UTF-8"
	default:
		data, err = japanese.ShiftJIS.NewDecoder().Bytes(data)
		coding = "Shift_JIS"
	}
	if err != nil {
		return "", "", fmt.Errorf("%w (%w)", ErrCoding, err)
	}
	// The decoders write U+FFFD for what they cannot read.
	if line, bad := damaged(data); bad {
		return "", "", fmt.Errorf("%w (%s, line %d)", ErrCoding, coding, line)
	}
	return string(data), coding, nil
}

// damaged finds the first line with something that is no character.
func damaged(text []byte) (line int, bad bool) {
	for i, l := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(l) || bytes.ContainsRune(l, utf8.RuneError) || bytes.IndexByte(l, 0) >= 0 {
			return i + 1, true
		}
	}
	return 0, false
}

// separator is the tab when the first lines have tabs and no commas: Excel's
// "Unicode text".
func separator(text string) rune {
	head := text[:min(len(text), 4096)]
	if strings.Contains(head, "\t") && !strings.Contains(head, ",") {
		return '\t'
	}
	return ','
}

// clean puts a cell's text on one line.
func clean(s string) string { return strings.Join(strings.Fields(s), " ") }
