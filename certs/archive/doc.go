// Package archive is the office's folder of one case, read as a whole: what the
// office issued, what the sticks brought, what was said of it since.
//
//	a, err := archive.Load(officeDir, "R8-012", archive.Options{…})
//	for _, p := range a.Papers { p.Standing … }
//	ledger.Reconcile(entries, a.Ledger(), …)
//
// certs/OFFICE.md says what lies where. Everything is a plain file; nothing is
// remembered elsewhere.
//
// Checking a paper takes about a tenth of a second, too long for thousands each
// time. So the result is kept beside the paper (NUMBER.check.json) and believed
// as long as the paper's SHA-256, the trust files and the program's version are
// the same. It can be deleted at any time, and Options.Again ignores it.
package archive

import (
	"time"

	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/rules"
)

// The folders of a case, beside those of certs/collect.
const (
	DirCases       = "cases"
	DirSticks      = "sticks"
	DirStaff       = "staff"
	DirNotices     = "notices"
	DirDestruction = "destruction"
	DirHandover    = "handover"
	DirReceipts    = "receipts"

	dirTSA      = "tsa"
	fileRoot    = "root.pem"
	fileRevoked = "revoked.pem"
	checkExt    = ".check.json"
)

// Options says how to read.
type Options struct {
	Now   time.Time
	Tool  string // program and version: results of another are not believed
	Again bool   // check everything again
}

// Kind is what sort of paper it is.
type Kind string

// The kinds.
const (
	Certificate Kind = "certificate"
	Destruction Kind = "destruction"
	NoticePaper Kind = "notice"
)

// Checked is what the check of one paper found, and what lists need of it.
type Checked struct {
	SchemaVersion int         `json:"schemaVersion"`
	File          string      `json:"file"`  // SHA-256 of the paper
	Trust         string      `json:"trust"` // of the trust files that it was checked with
	Tool          string      `json:"tool"`
	Kind          Kind        `json:"kind"`
	Sound         bool        `json:"sound"`
	Trouble       string      `json:"trouble"` // what speaks against it
	Code          verify.Code `json:"code"`    // of a certificate
	Number        string      `json:"number"`
	Hash          string      `json:"hash"` // of the payload
	Title         string      `json:"title"`
	Training      bool        `json:"training"`
	Issued        time.Time   `json:"issued"`
	Signatures    []Signature `json:"signatures"`

	// What the paper says of the medium.
	Paper      rules.Paper   `json:"paper"`
	Row        rules.Row     `json:"row"`
	Reached    rules.Row     `json:"reached"`
	Outcome    rules.Outcome `json:"outcome"`
	Asset      string        `json:"asset"`
	Host       string        `json:"host"` // serial of the PC; empty for a placeholder
	Medium     string        `json:"medium"`
	Model      string        `json:"model"`
	InsideOnly bool          `json:"insideOnly"`
	Deadline   string        `json:"deadline"` // as the paper names it

	Of     string          `json:"of,omitempty"` // destruction: Stage A's hash
	Type   notice.Type     `json:"type,omitempty"`
	Target string          `json:"target,omitempty"` // notice: the other paper's hash
	Change []notice.Change `json:"change,omitempty"`
}

// Signature is one signature in a form that can be kept.
type Signature struct {
	Field  string    `json:"field"`
	Name   string    `json:"name"`
	Kind   string    `json:"kind"`
	ID     string    `json:"id"`
	Role   string    `json:"role"`
	Reason string    `json:"reason"`
	Time   time.Time `json:"time"`
	Sound  bool      `json:"sound"`
}
