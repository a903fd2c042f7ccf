package deed

import (
	"fmt"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/certs/strict"
)

// Opened is a deed whose content can be relied on.
type Opened struct {
	Hash    string // of the payload, hex
	Signers []Signed
	Files   map[string][]byte
}

// Kind is the kind of a file's content, without checking anything: what to Open
// it as. Empty: no deed.
func Kind(file []byte) string {
	sections, err := pdf.Read(file)
	if err != nil || len(sections) == 0 {
		return ""
	}
	attached, err := pdf.Attached(sections[0])
	if err != nil {
		return ""
	}
	_, payload, err := dsse.Peek(attached[Attached].Data)
	if err != nil {
		return ""
	}
	var s statement
	if err := strict.Decode(payload, &s); err != nil || len(s.PredicateType) <= len(base) || s.PredicateType[:len(base)] != base {
		return ""
	}
	return s.PredicateType[len(base):]
}

// Open is OpenWith for a reader who has nothing but the authority's root.
func Open(file []byte, c Content, trust keys.Trust) (Opened, error) {
	return OpenWith(file, c, Options{Trust: trust})
}

// OpenWith checks a file and reads its content into c, an empty content of the
// expected kind. The error wraps one of the Err values of deed, pades or keys;
// beside keys.ErrRevoked and keys.ErrExpired, a doubt about who signed first,
// the result can be read, and it is for people to say whether it counts.
func OpenWith(file []byte, c Content, opt Options) (Opened, error) {
	doc, err := pades.Check(file)
	if err != nil {
		return Opened{}, err
	}
	signers, err := signersOf(doc, opt)
	if err != nil {
		return Opened{}, err
	}
	attached, err := pdf.Attached(doc.First)
	if err != nil {
		return Opened{}, fmt.Errorf("%w: %w", ErrFiles, err)
	}
	payload, err := dsse.Open(attached[Attached].Data, certs.PayloadType, doc.Signatures[0].Signer.PublicKey)
	if err != nil {
		return Opened{}, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if err := decode(payload, c); err != nil {
		return Opened{}, err
	}
	if err := valid(c); err != nil {
		return Opened{}, err
	}
	o := Opened{Hash: SHA256(payload), Signers: signers, Files: map[string][]byte{}}
	for name, f := range attached {
		if name != Attached {
			o.Files[name] = f.Data
		}
	}
	if err := checkFiles(c, o.Files); err != nil {
		return Opened{}, err
	}
	h, first := c.Base(), signers[0].By
	if err := isIssuer(h, first); err != nil {
		return Opened{}, err
	}
	if h.Training != first.Training {
		return Opened{}, fmt.Errorf("%w: %s", ErrTraining, h.Number)
	}
	if err := samePage(c, payload, attached, doc.First); err != nil {
		return Opened{}, err
	}
	return o, signers[0].Doubt
}

// samePage draws the page again and compares what it holds.
func samePage(c Content, payload []byte, attached map[string]pdf.File, first pdf.Section) error {
	set, err := fonts.Load()
	if err != nil {
		return err
	}
	if l := c.Base().Layout; l.Version < 1 || l.Version > page.Version || l.Lang != "ja" && l.Lang != "en" {
		return fmt.Errorf("%w: layout %d %s is unknown to this program", ErrPage, l.Version, l.Lang)
	}
	for _, want := range c.Base().Layout.Fonts {
		for _, have := range []*fonts.Font{set.Regular, set.Bold, set.Fallback} {
			if want.Name == have.Name && want.SHA256 != have.SHA256 {
				return fmt.Errorf("%w: drawn with another %s than this program has", ErrPage, want.Name)
			}
		}
	}
	again, err := compose(c, payload, attached, set)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPage, err)
	}
	sections, err := pdf.Read(again)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPage, err)
	}
	if err := pdf.SameContent(sections[0], first); err != nil {
		return fmt.Errorf("%w: %w", ErrPage, err)
	}
	return nil
}

// RefOf points at a deed that was opened.
func RefOf(c Content, o Opened, file []byte) Ref {
	return Ref{c.Base().Number, o.Hash, SHA256(file)}
}
