// Package roster reads a 備品台帳 or a list of assets that a clerk exported: CSV
// in UTF-8 (with or without BOM), UTF-16 or Shift_JIS (windows-31j), or XLSX.
//
//	sheet, err := roster.Open(data, "")             // bytes → rows and cells
//	list, err := roster.Read(sheet, roster.Options{…}) // rows → assets
//
// Open finds encoding and separator by the content, never by the file's name.
// Read finds the row of headings, maps headings to columns (by their usual
// names, or as the caller says), and judges every row. Whatever cannot be used
// is a Problem with the row's number as Excel shows it, the column, the value,
// and what to do; all of them are returned at once, so that a clerk mends the
// file in one go. Nothing is guessed: an empty 系 is not 不明, a word that may
// mean two things is refused, and a heading that was not used is listed.
//
// Refused are: a 管理番号 that is missing or stands twice (also when only width,
// case or the kind of dash differ), characters that no font of the papers draws,
// dates that do not exist or lie outside their era, media counts that are no
// number, and serial numbers that Excel rounded.
package roster

import (
	"time"

	"github.com/massho/massho/certs/cases"
)

// Entry is one row: one PC.
type Entry struct {
	cases.Asset
	Row       int       // as Excel counts
	Expected  int       // number of media; -1: the sheet does not say
	Withdrawn time.Time // 撤去日, midnight JST; zero: not given
	LeaseEnd  time.Time // リース満了日; zero: not given
	Note      string    // 備考
}

// Roster is a sheet that was read.
type Roster struct {
	Entries   []Entry
	Sheet     string            // name of the worksheet; empty for CSV
	Encoding  string            // "UTF-8", "UTF-8 BOM", "UTF-16", "Shift_JIS" or "XLSX"
	HeaderRow int               // row of the headings
	Columns   map[Column]string // which heading each column was read from
	Ignored   []string          // headings that mean nothing here
	Warnings  Problems          // doubtful, not refused
}

// Purpose is what the rows are read for.
type Purpose int

// The purposes. A case needs a classification of every PC; a ledger does not,
// and there a name that no paper could show is only a warning.
const (
	ForCase Purpose = iota
	ForLedger
)
