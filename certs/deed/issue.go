package deed

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/certs/strict"
)

// Attached is the name of the content inside the file.
const Attached = certs.AttachedStatement

// Signer is a person's key with its certificate and the authority's.
type Signer struct {
	Pair keys.Pair
	Root *x509.Certificate
}

// statement is the in-toto Statement v1 around a content.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     any       `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

// PredicateType is the full name of a kind.
func PredicateType(kind string) string { return base + kind }

// Issue makes the paper. It fills in version, layout, time in whole seconds and
// training, and refuses what Open would refuse. The same input gives the same
// bytes.
func Issue(c Content, files map[string][]byte, by Signer) ([]byte, error) {
	set, err := fonts.Load()
	if err != nil {
		return nil, err
	}
	h := c.Base()
	signer, err := checkSigner(h, by)
	if err != nil {
		return nil, err
	}
	h.SchemaVersion, h.Issued, h.Training = SchemaVersion, h.Issued.UTC().Truncate(time.Second), signer.Training
	if h.Layout, err = layout(c, set); err != nil {
		return nil, err
	}
	if err := valid(c); err != nil {
		return nil, err
	}
	if err := checkFiles(c, files); err != nil {
		return nil, err
	}
	payload, err := encode(c)
	if err != nil {
		return nil, err
	}
	env, err := dsse.Sign(certs.PayloadType, payload, by.Pair.Key)
	if err != nil {
		return nil, err
	}
	attached := map[string]pdf.File{Attached: {Data: env}}
	for name, data := range files {
		attached[name] = pdf.File{Data: data}
	}
	first, err := compose(c, payload, attached, set)
	if err != nil {
		return nil, err
	}
	info := pades.Info{Field: h.Issuer.Role + "-1", Name: by.Pair.Cert.Subject.CommonName, Reason: c.Title() + " " + h.Number, Time: h.Issued}
	return pades.Sign(first, info, by.Pair, by.Root)
}

// checkSigner wants a person whom the content names as its issuer.
func checkSigner(h *Head, by Signer) (keys.Signer, error) {
	if by.Pair.Key == nil || by.Pair.Cert == nil || by.Root == nil {
		return keys.Signer{}, fmt.Errorf("%w: no key, certificate or root", ErrSigner)
	}
	s, err := keys.Trust{Roots: []*x509.Certificate{by.Root}}.Check(by.Pair.Cert, h.Issued)
	if err != nil {
		return s, fmt.Errorf("%w: %w", ErrSigner, err)
	}
	return s, isIssuer(h, s)
}

func isIssuer(h *Head, s keys.Signer) error {
	if s.Holder.Kind != keys.Staff || s.Holder.ID != h.Issuer.ID || s.Holder.Role != h.Issuer.Role {
		return fmt.Errorf("%w: the key is of %s %s (%s), the paper names %s (%s)", ErrSigner,
			s.Holder.Kind, s.Holder.ID, s.Holder.Role, h.Issuer.ID, h.Issuer.Role)
	}
	return nil
}

// valid is what holds of every deed, and what its kind asks.
func valid(c Content) error {
	h := c.Base()
	switch {
	case h.SchemaVersion != SchemaVersion:
		return fmt.Errorf("%w: schema version %d", ErrForm, h.SchemaVersion)
	case h.Number == "" || h.Issued.IsZero() || h.Case.ID == "":
		return fmt.Errorf("%w: number, date of issue or case is missing", ErrForm)
	case h.Issuer.Name == "":
		return fmt.Errorf("%w: the issuer has no name", ErrForm)
	}
	if err := c.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

var fileName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,60}$`)

// checkFiles wants exactly the files that the content names, in order.
func checkFiles(c Content, files map[string][]byte) error {
	last := ""
	for _, f := range c.Files() {
		data, ok := files[f.Name]
		switch {
		case !fileName.MatchString(f.Name) || f.Name == Attached || f.Name <= last:
			return fmt.Errorf("%w: name %q", ErrFiles, f.Name)
		case !ok:
			return fmt.Errorf("%w: %s is missing", ErrFiles, f.Name)
		case SHA256(data) != f.SHA256:
			return fmt.Errorf("%w: %s is another file", ErrFiles, f.Name)
		}
		last = f.Name
	}
	if n := len(c.Files()); n != len(files) {
		return fmt.Errorf("%w: %d files, %d named", ErrFiles, len(files), n)
	}
	return nil
}

// SHA256 in hex.
func SHA256(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// encode is the payload of c, and insists that it reads back as the same.
func encode(c Content) ([]byte, error) {
	var subjects []subject
	for _, r := range c.Subjects() {
		subjects = append(subjects, subject{r.Number, map[string]string{"sha256": r.Payload}})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(statement{certs.StatementType, subjects, PredicateType(c.Kind()), c}); err != nil {
		return nil, fmt.Errorf("deed %s: %w", c.Base().Number, err)
	}
	return b.Bytes(), nil
}

// decode reads a payload into c, an empty content of the expected kind.
func decode(payload []byte, c Content) error {
	var raw json.RawMessage
	s := statement{Predicate: &raw}
	if err := strict.Decode(payload, &s); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if s.Type != certs.StatementType || s.PredicateType != PredicateType(c.Kind()) {
		return fmt.Errorf("%w: %s, not %s", ErrKind, s.PredicateType, PredicateType(c.Kind()))
	}
	if err := strict.Decode(raw, c); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	again, err := encode(c)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, payload) {
		return fmt.Errorf("%w: %s", ErrForm, c.Base().Number)
	}
	return nil
}

// layout names the fonts: the fallback only where a character needs it.
func layout(c Content, set *fonts.Set) (certs.Layout, error) {
	lang := c.Base().Layout.Lang // "en" only where the kind of paper knows English
	if lang == "" {
		lang = "ja"
	}
	c.Base().Layout = certs.Layout{}
	text, err := json.Marshal(c)
	if err != nil {
		return certs.Layout{}, fmt.Errorf("deed %s: %w", c.Base().Number, err)
	}
	l := certs.Layout{Version: page.Version, Lang: lang}
	l.Fonts = append(l.Fonts, certs.Font{Name: set.Regular.Name, SHA256: set.Regular.SHA256}, certs.Font{Name: set.Bold.Name, SHA256: set.Bold.SHA256})
	if set.NeedsFallback(string(text)) {
		l.Fonts = append(l.Fonts, certs.Font{Name: set.Fallback.Name, SHA256: set.Fallback.SHA256})
	}
	return l, nil
}

// formatted is a content that wants its page otherwise: lying on its long side,
// or with a footer in English.
type formatted interface {
	Format(doc *page.Doc, hash string)
}

// compose draws the page and attaches content and files.
func compose(c Content, payload []byte, attached map[string]pdf.File, set *fonts.Set) ([]byte, error) {
	h := c.Base()
	hash := SHA256(payload)
	files := map[string][]byte{}
	var list []pdf.File
	add := func(name, mime, relation, desc string) {
		f := attached[name]
		list = append(list, pdf.File{Name: name, MIME: mime, Relation: relation, Desc: desc, Data: f.Data, Packed: f.Packed})
	}
	before := true
	for _, f := range c.Files() {
		files[f.Name] = attached[f.Name].Data
		if before && f.Name > Attached {
			add(Attached, "application/json", "Data", "書面のもとの記録 (DSSE)")
			before = false
		}
		add(f.Name, f.MIME, "Supplement", f.Desc)
	}
	if before {
		add(Attached, "application/json", "Data", "書面のもとの記録 (DSSE)")
	}
	doc := document(c, hash, files)
	pages, err := page.Render(doc, set)
	if err != nil {
		return nil, fmt.Errorf("deed %s: %w", h.Number, err)
	}
	return pdf.Assemble(pages, pdf.Meta{Title: doc.Title, Lang: h.Layout.Lang, Tool: doc.Creator, Created: h.Issued, ID: hash[:32]}, list)
}

// document is the page of c.
func document(c Content, hash string, files map[string][]byte) page.Doc {
	h := c.Base()
	doc := page.Doc{
		Title: c.Title() + " " + h.Number, Creator: Joined(" ", h.Tool.Name, h.Tool.Version), Created: h.Issued,
		Footer: "番号 " + h.Number + "　" + c.Title() + "　記録のSHA-256 " + hash,
		Blocks: c.Blocks(hash, files),
	}
	if f, ok := c.(formatted); ok {
		f.Format(&doc, hash)
	}
	if h.Training && doc.Watermark == "" {
		doc.Watermark, doc.Title = "訓練", "訓練 "+doc.Title
	}
	return doc
}

// Draft draws the page of a paper that nobody has signed yet: to be looked at,
// or printed and signed by hand. It proves nothing.
func Draft(c Content, files map[string][]byte) ([]byte, error) {
	set, err := fonts.Load()
	if err != nil {
		return nil, err
	}
	h := c.Base()
	h.SchemaVersion = SchemaVersion
	if h.Layout, err = layout(c, set); err != nil {
		return nil, err
	}
	if err := valid(c); err != nil {
		return nil, err
	}
	if err := checkFiles(c, files); err != nil {
		return nil, err
	}
	payload, err := encode(c)
	if err != nil {
		return nil, err
	}
	doc := document(c, SHA256(payload), files)
	doc.Footer = "電子署名なし　" + doc.Footer
	file, err := page.Render(doc, set)
	if err != nil {
		return nil, fmt.Errorf("deed %s: %w", h.Number, err)
	}
	return file, nil
}
