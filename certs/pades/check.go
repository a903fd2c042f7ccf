package pades

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/massho/massho/certs/pdf"
)

// Signature is one revision that holds.
type Signature struct {
	Info
	Signer  *x509.Certificate
	Issuers []*x509.Certificate // sent along by the signer; never trusted for that
	End     int                 // the revision's end: everything before it is covered but the signature itself
}

// Stamp is a DocTimeStamp. Check has not looked into its token.
type Stamp struct {
	Field  string
	Token  []byte   // RFC 3161 TimeStampToken
	Digest [32]byte // SHA-256 of what it must cover
	End    int
}

// Revision is what one revision behind the first section brought: exactly one
// of its members is set.
type Revision struct {
	Signature *Signature
	Stamp     *Stamp
	Store     *Store
}

// Document is a file whose signatures hold and whose revisions are all ours.
type Document struct {
	First      pdf.Section // what was there before any signature
	Revisions  []Revision  // in order
	Signatures []Signature // those of Revisions, in order
	Stamps     []Stamp
	Stores     []Store
}

// Check verifies every revision of file: signatures, document security stores
// and time stamps, the first being a signature and the last not a store; no
// other may occur. It does not say whether a signer or a time stamping authority
// is to be trusted.
func Check(file []byte) (*Document, error) {
	doc, err := check(file)
	if err != nil {
		return nil, err
	}
	if n := len(doc.Revisions); doc.Revisions[n-1].Store != nil {
		return nil, fmt.Errorf("revision %d: %w: nothing signed covers it", n, ErrForeign)
	}
	return doc, nil
}

// check is Check of a file that more will be appended to.
func check(file []byte) (*Document, error) {
	sections, err := pdf.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	if len(sections) < 2 {
		return nil, ErrUnsigned
	}
	doc, fields := &Document{First: sections[0]}, map[string]bool{}
	for i := 1; i < len(sections); i++ {
		r, err := checkRevision(file[:sections[i].End], sections[:i], sections[i])
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", i, err)
		}
		if f := r.field(); f != "" && fields[f] {
			return nil, fmt.Errorf("revision %d: %w: a second field %s", i, ErrForeign, f)
		}
		fields[r.field()] = true
		doc.add(r)
	}
	if doc.Revisions[0].Signature == nil {
		return nil, fmt.Errorf("revision 1: %w", ErrForeign)
	}
	return doc, nil
}

// field is the name of the field that a revision fills; empty for a store.
func (r Revision) field() string {
	switch {
	case r.Signature != nil:
		return r.Signature.Field
	case r.Stamp != nil:
		return r.Stamp.Field
	}
	return ""
}

func (d *Document) add(r Revision) {
	d.Revisions = append(d.Revisions, r)
	switch {
	case r.Signature != nil:
		d.Signatures = append(d.Signatures, *r.Signature)
	case r.Stamp != nil:
		d.Stamps = append(d.Stamps, *r.Stamp)
	case r.Store != nil:
		d.Stores = append(d.Stores, *r.Store)
	}
}

var (
	sigForm = regexp.MustCompile(` /Contents <([0-9a-f]+)> /M \(D:(\d{14})\+09'00\) ` +
		`/Name <FEFF([0-9A-F]*)> /Reason <FEFF([0-9A-F]*)>(?: /Reference | >>$)`)
	stampForm = regexp.MustCompile(`^<< /Type /DocTimeStamp .* /Contents <([0-9a-f]+)> >>$`)
	fieldForm = regexp.MustCompile(` /T \(([a-z0-9-]+)\) /V `)
)

// checkRevision writes the revision again from what it says of itself.
func checkRevision(file []byte, before []pdf.Section, s pdf.Section) (Revision, error) {
	var sig, stamp, field []string
	for _, o := range s.Objects {
		if strings.HasPrefix(o.Body, "<< /Type /DSS ") {
			return checkStore(file, before, s, o)
		}
		if x := sigForm.FindStringSubmatch(o.Body); x != nil {
			sig = x
		}
		if x := stampForm.FindStringSubmatch(o.Body); x != nil {
			stamp = x
		}
		if x := fieldForm.FindStringSubmatch(o.Body); x != nil {
			field = x
		}
	}
	switch {
	case field == nil || (sig == nil) == (stamp == nil):
		return Revision{}, ErrForeign
	case stamp != nil:
		return checkStamp(file, before, field[1], stamp[1])
	}
	return checkSignature(file, before, field[1], sig)
}

// checkSignature takes the parts of a signature dictionary: CMS, time, name,
// reason.
func checkSignature(file []byte, before []pdf.Section, field string, m []string) (Revision, error) {
	when, err := time.ParseInLocation("20060102150405", m[2], time.FixedZone("JST", 9*60*60))
	if err != nil {
		return Revision{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	info := Info{Field: field, Name: fromHex(m[3]), Reason: fromHex(m[4]), Time: when}
	content, cms, err := again(file, before, info.update(), m[1])
	if err != nil {
		return Revision{}, err
	}
	signer, issuers, err := checkCMS(cms, content)
	if err != nil {
		return Revision{}, err
	}
	return Revision{Signature: &Signature{info, signer, issuers, len(file)}}, nil
}

// checkStamp wants a time stamp's revision to be as BeginStamp makes it.
func checkStamp(file []byte, before []pdf.Section, field, digits string) (Revision, error) {
	if !strings.HasPrefix(field, stampPrefix) {
		return Revision{}, ErrForeign
	}
	content, token, err := again(file, before, stampUpdate(field), digits)
	if err != nil {
		return Revision{}, err
	}
	return Revision{Stamp: &Stamp{field, token, sha256.Sum256(content), len(file)}}, nil
}

// checkStore wants a store's revision to be as AppendStore makes it.
func checkStore(file []byte, before []pdf.Section, s pdf.Section, dss pdf.Object) (Revision, error) {
	store, err := readStore(s, dss)
	if err != nil {
		return Revision{}, err
	}
	out, err := appendStore(file[:before[len(before)-1].End], before, store)
	if err != nil {
		return Revision{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if store.empty() || !bytes.Equal(out, file) {
		return Revision{}, ErrForeign
	}
	return Revision{Store: &store}, nil
}

// again writes an update anew and returns what it covers and its CMS.
func again(file []byte, before []pdf.Section, u update, digits string) (content, cms []byte, err error) {
	p, err := prepare(file[:before[len(before)-1].End], before, u)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if len(p.file) != len(file) || !bytes.Equal(p.covered(p.file), p.covered(file)) {
		return nil, nil, ErrForeign
	}
	if cms, err = contents(digits); err != nil {
		return nil, nil, err
	}
	return p.covered(file), cms, nil
}

// contents takes the CMS out of its zero-padded hex string.
func contents(digits string) ([]byte, error) {
	b, err := hex.DecodeString(digits)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	var v asn1.RawValue
	rest, err := asn1.Unmarshal(b, &v)
	if err != nil {
		return nil, fmt.Errorf("%w: signature does not parse: %w", ErrAltered, err)
	}
	if len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, fmt.Errorf("%w: something follows the signature", ErrAltered)
	}
	return v.FullBytes, nil
}

func fromHex(digits string) string {
	b, err := hex.DecodeString(digits)
	if err != nil {
		return "" // an odd number of digits: the revision will not be written again the same
	}
	var u []uint16
	for ; len(b) >= 2; b = b[2:] {
		u = append(u, uint16(b[0])<<8|uint16(b[1]))
	}
	return string(utf16.Decode(u))
}
