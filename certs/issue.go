package certs

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// Signer is the stick's key and its certificate with its issuers behind it,
// the root last.
type Signer struct {
	Key   crypto.Signer
	Chain []*x509.Certificate
}

// The reasons why Issue makes no paper.
var (
	ErrSigner  = errors.New("certs: the signer cannot sign this certificate")
	ErrOutcome = errors.New("certs: the outcome in the statement is not what the rules derive")
	ErrJournal = errors.New("certs: the journal is not the one that the statement names")
	ErrNumber  = errors.New("certs: no certificate number")
)

// Issue makes a certificate: it fills in what follows from other fields (schema
// version, layout, fonts, rule pack, outcome; a zero time of issue becomes now),
// checks the result against the schema, draws the page, attaches statement,
// journal and case, and signs. It is deterministic: the same input gives the
// same bytes.
//
// log is exactly the used frames of the journal (journal.Log.Bytes), signedCase
// the case file as it was loaded; both may be nil.
//
// A paper is issued for every outcome. Characters without a glyph are drawn as
// 〓 and never keep a paper from being issued.
func Issue(s Statement, log, signedCase []byte, by Signer, now time.Time) ([]byte, error) {
	set, err := fonts.Load()
	if err != nil {
		return nil, err
	}
	if s.Issued.IsZero() {
		s.Issued = now
	}
	pack, err := complete(&s, set)
	if err != nil {
		return nil, err
	}
	if err := checkSigner(s, by); err != nil {
		return nil, err
	}
	if err := checkAttached(s, log, signedCase); err != nil {
		return nil, err
	}
	payload, err := Payload(s)
	if err != nil {
		return nil, err
	}
	// What a reader will parse is what is drawn.
	if s, err = ParsePayload(payload); err != nil {
		return nil, err
	}
	env, err := dsse.Sign(PayloadType, payload, by.Key)
	if err != nil {
		return nil, err
	}
	file, err := Compose(&s, pack, payload, Files(env, log, signedCase), set)
	if err != nil {
		return nil, err
	}
	return pades.Sign(file, SignatureInfo(s, by.Chain[0]), keys.Pair{Key: by.Key, Cert: by.Chain[0]}, by.Chain[1:]...)
}

// complete fills in what follows from the rest.
func complete(s *Statement, set *fonts.Set) (*rules.Pack, error) {
	if s.Number == "" {
		return nil, ErrNumber
	}
	id := s.RulePack.ID
	if id == "" {
		id = rules.DefaultID
	}
	pack, err := rules.Load(id)
	if err != nil {
		return nil, err
	}
	ref := RulePackRef{pack.ID, pack.Edition, pack.Source, pack.Hash()}
	if s.RulePack.Hash != "" && s.RulePack.Hash != ref.Hash {
		return nil, fmt.Errorf("certs: statement %s: rule pack %s has hash %s here, the case names %s: use the program version that the case was prepared with",
			s.Number, id, ref.Hash, s.RulePack.Hash)
	}
	s.RulePack = ref
	s.SchemaVersion = SchemaVersion
	d := Derive(pack, s)
	if s.Derivation.Outcome != "" && !SameJSON(d, s.Derivation) {
		return nil, fmt.Errorf("%w: statement %s", ErrOutcome, s.Number)
	}
	s.Derivation = d
	s.Layout, err = layout(*s, set)
	return pack, err
}

// Derive is the outcome that the rules give for the facts of s.
func Derive(pack *rules.Pack, s *Statement) rules.Derivation {
	pol := s.Policy
	pol.Signed = s.PolicySigned
	return pack.Derive(s.Classification.Row, s.Facts, pol)
}

// SameJSON reports whether two values read the same once nil lists are empty.
func SameJSON[T any](a, b T) bool {
	fillNil(reflect.ValueOf(&a).Elem())
	fillNil(reflect.ValueOf(&b).Elem())
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// layout names the fonts: the fallback only where a character needs it.
func layout(s Statement, set *fonts.Set) (Layout, error) {
	if set == nil {
		return Layout{}, fonts.ErrAbsent
	}
	l := Layout{Version: LayoutVersion, Lang: or(s.Layout.Lang, string(ja))}
	s.Layout = l
	text, err := json.Marshal(s)
	if err != nil {
		return l, fmt.Errorf("certs: statement %s: %w", s.Number, err)
	}
	l.Fonts = append(l.Fonts, Font{set.Regular.Name, set.Regular.SHA256}, Font{set.Bold.Name, set.Bold.SHA256})
	if set.NeedsFallback(string(text)) {
		l.Fonts = append(l.Fonts, Font{set.Fallback.Name, set.Fallback.SHA256})
	}
	return l, nil
}

// checkSigner refuses a key that a checker would refuse.
func checkSigner(s Statement, by Signer) error {
	if len(by.Chain) == 0 || by.Key == nil {
		return fmt.Errorf("%w: no key or no certificate", ErrSigner)
	}
	if err := keys.Match(by.Key, by.Chain[0]); err != nil {
		return fmt.Errorf("%w: %w", ErrSigner, err)
	}
	h, err := keys.HolderOf(by.Chain[0])
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSigner, err)
	}
	if h.Kind != keys.Stick {
		return fmt.Errorf("%w: the certificate is of a %s, not of a stick", ErrSigner, h.Kind)
	}
	root := by.Chain[len(by.Chain)-1]
	of, err := keys.HolderOf(root)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSigner, err)
	}
	if training := of.Kind == keys.Training; training != s.Training {
		return fmt.Errorf("%w: statement %s has training=%v, the key's root %q has training=%v",
			ErrSigner, s.Number, s.Training, root.Subject.CommonName, training)
	}
	return nil
}

// checkAttached refuses attachments that would not support the Statement.
func checkAttached(s Statement, log, signedCase []byte) error {
	if len(log) > 0 {
		l, err := journal.ParseExcerpt(log)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrJournal, err)
		}
		if head := l.Head().String(); head != s.Journal.HeadHash || s.Journal.AttachedName != AttachedJournal {
			return fmt.Errorf("%w: its head is %s, the statement names %q as %q", ErrJournal, head, s.Journal.HeadHash, s.Journal.AttachedName)
		}
	} else if s.Journal.AttachedName != "" {
		return fmt.Errorf("%w: the statement names an attachment and there is none", ErrJournal)
	}
	if sum := sha256.Sum256(signedCase); len(signedCase) > 0 && s.Case.Hash != hex.EncodeToString(sum[:]) {
		return fmt.Errorf("certs: statement %s: the case file is not the one that the statement names", s.Number)
	}
	return nil
}

// Files are the attachments in their order: statement, and journal and case where
// there are any.
func Files(env, log, signedCase []byte) []pdf.File {
	var out []pdf.File
	if len(signedCase) > 0 {
		out = append(out, pdf.File{Name: AttachedCase, MIME: "application/json", Relation: "Source", Desc: "署名された案件", Data: signedCase})
	}
	if len(log) > 0 {
		out = append(out, pdf.File{Name: AttachedJournal, MIME: "application/octet-stream", Relation: "Supplement", Desc: "実行の記録（ジャーナル）", Data: log})
	}
	return append(out, pdf.File{Name: AttachedStatement, MIME: "application/json", Relation: "Data", Desc: "書面のもとの記録 (DSSE)", Data: env})
}

// Compose draws the page of a parsed payload and attaches files, in order of
// their names. A checker calls it again with what it found in a file.
func Compose(s *Statement, pack *rules.Pack, payload []byte, attached []pdf.File, set *fonts.Set) ([]byte, error) {
	hash := Hash(payload)
	doc := document(s, pack, hash)
	pages, err := page.Render(doc, set)
	if err != nil {
		return nil, fmt.Errorf("certs: statement %s: %w", s.Number, err)
	}
	return pdf.Assemble(pages, pdf.Meta{Title: doc.Title, Lang: s.Layout.Lang, Tool: doc.Creator, Created: s.Issued, ID: hash[:32]}, attached)
}

// SignatureInfo is what the stick's signature says of itself.
func SignatureInfo(s Statement, cert *x509.Certificate) pades.Info {
	return pades.Info{
		Field:  "stick",
		Name:   cert.Subject.CommonName,
		Reason: tongue(s.Layout.Lang).t("作業機による記録 ", "Recorded by the station: ") + s.Number,
		Time:   s.Issued.Truncate(time.Second),
	}
}
