// Package deed makes and checks the signed papers that the office issues itself:
// destruction records, rejections, corrections, withdrawals, reissues, 受渡票.
//
// A deed is built like a certificate: its content is the predicate of an in-toto
// Statement v1 in a DSSE envelope, attached to an A4 page that shows it, and the
// file is signed as PAdES. It differs in who signs first: a person of the
// office, with a key that the authority issued (keys.Staff).
//
//	file, err := deed.Issue(&record, files, signer)
//	opened, err := deed.Open(file, &record, deed.Options{Trust: …})
//
// Open checks every revision, every signer, the form of the content, that every
// file it names is attached with the very bytes, and draws the page again.
//
// A deed points at other papers by Ref: number, hash of the payload (which the
// QR code carries and which no further signature changes), and hash of the file
// as it was.
package deed

import (
	"errors"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/page"
)

// SchemaVersion is the version of Head.
const SchemaVersion = 1

// base of the predicate types of deeds.
const base = "https://github.com/massho/massho/"

// Head is what every deed says.
type Head struct {
	SchemaVersion int           `json:"schemaVersion"` // filled by Issue
	Layout        certs.Layout  `json:"layout"`        // filled by Issue
	Number        string        `json:"number"`
	Training      bool          `json:"training"` // filled by Issue from the signer's root
	Issued        time.Time     `json:"issued"`   // whole seconds
	Case          certs.CaseRef `json:"case"`
	Issuer        certs.Person  `json:"issuer"` // who signs first; id and role are those of the key
	Tool          certs.Tool    `json:"tool"`
}

// Base gives the Head of a content that embeds it.
func (h *Head) Base() *Head { return h }

// Content is what one kind of deed says. Its methods must be pure.
type Content interface {
	Base() *Head
	Kind() string     // last part of the predicate type: "destruction/v1"
	Title() string    // of the paper
	Validate() error  // everything that Issue and Open refuse
	Subjects() []Ref  // papers that it is about
	Files() []FileRef // attached beside the content, names in ascending order
	// Blocks is the page. hash is that of the payload, files those of Files.
	Blocks(hash string, files map[string][]byte) []page.Block
}

// Ref points at another paper.
type Ref struct {
	Number  string `json:"number"`
	Payload string `json:"payload"` // SHA-256 of its payload, hex
	File    string `json:"file"`    // SHA-256 of the file as it was, hex; empty: not known
}

// FileRef is one attached file.
type FileRef struct {
	Name   string `json:"name"` // lower-case letters, digits, dots, dashes
	MIME   string `json:"mime"`
	SHA256 string `json:"sha256"`
	Desc   string `json:"desc"`
}

// The ways in which a deed can be wrong, beside those of pades and keys.
var (
	ErrSigner   = errors.New("the signer cannot sign this paper")
	ErrKind     = errors.New("a paper of another kind")
	ErrForm     = errors.New("its content is not in the form that this program writes")
	ErrFiles    = errors.New("an attached file is missing, or is not the one that the content names")
	ErrPage     = errors.New("the page does not show the attached content")
	ErrTraining = errors.New("training and real things are mixed")
)
