package pades

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"regexp"
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

// Document is a file whose signatures hold and whose revisions are all ours.
type Document struct {
	First      pdf.Section // what was there before any signature
	Signatures []Signature // in order
}

// Check verifies every revision of file. It does not say whether a signer is
// to be trusted.
func Check(file []byte) (*Document, error) {
	sections, err := pdf.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	if len(sections) < 2 {
		return nil, ErrUnsigned
	}
	doc := &Document{First: sections[0]}
	for i := 1; i < len(sections); i++ {
		s, err := checkRevision(file[:sections[i].End], sections[:i], sections[i])
		if err != nil {
			return nil, fmt.Errorf("revision %d: %w", i, err)
		}
		doc.Signatures = append(doc.Signatures, s)
	}
	return doc, nil
}

var (
	sigForm = regexp.MustCompile(` /Contents <([0-9a-f]+)> /M \(D:(\d{14})\+09'00\) ` +
		`/Name <FEFF([0-9A-F]*)> /Reason <FEFF([0-9A-F]*)>(?: /Reference | >>$)`)
	fieldForm = regexp.MustCompile(` /T \(([a-z0-9-]+)\) /V `)
)

// checkRevision writes the revision again from what it says of itself.
func checkRevision(file []byte, before []pdf.Section, s pdf.Section) (Signature, error) {
	prev := before[len(before)-1].End
	var m, field []string
	for _, o := range s.Objects {
		if x := sigForm.FindStringSubmatch(o.Body); x != nil {
			m = x
		}
		if x := fieldForm.FindStringSubmatch(o.Body); x != nil {
			field = x
		}
	}
	if m == nil || field == nil {
		return Signature{}, ErrForeign
	}
	when, err := time.ParseInLocation("20060102150405", m[2], time.FixedZone("JST", 9*60*60))
	if err != nil {
		return Signature{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	info := Info{Field: field[1], Name: fromHex(m[3]), Reason: fromHex(m[4]), Time: when}
	again, at, err := prepare(file[:prev], before, info)
	if err != nil {
		return Signature{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if len(again) != len(file) || !bytes.Equal(covered(again, at), covered(file, at)) {
		return Signature{}, ErrForeign
	}
	cms, err := contents(m[1])
	if err != nil {
		return Signature{}, err
	}
	signer, issuers, err := checkCMS(cms, covered(file, at))
	if err != nil {
		return Signature{}, err
	}
	return Signature{info, signer, issuers, len(file)}, nil
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
