package pades

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/massho/massho/certs/pdf"
)

// reservedStamp is the room for one RFC 3161 token with its certificates.
const reservedStamp = 16384

// stampPrefix begins the field name of every DocTimeStamp: timestamp-1, …
const stampPrefix = "timestamp-"

// Stamping is a file that waits for a time stamp over Digest.
type Stamping struct {
	Field  string
	Digest [32]byte // SHA-256 of what the time stamp will cover
	prepared
}

// BeginStamp prepares a DocTimeStamp (ISO 32000-2 §12.8.5, EN 319 142-1 §5.4.3)
// over the whole file. The same file gives the same digest: the token may be
// fetched elsewhere and later.
func BeginStamp(file []byte) (Stamping, error) {
	doc, err := check(file)
	if err != nil {
		return Stamping{}, fmt.Errorf("pades: stamp: %w", err)
	}
	sections, err := pdf.Read(file)
	if err != nil {
		return Stamping{}, fmt.Errorf("pades: stamp: %w", err)
	}
	s := Stamping{Field: fmt.Sprintf("%s%d", stampPrefix, len(doc.Stamps)+1)}
	if s.prepared, err = prepare(file, sections, stampUpdate(s.Field)); err != nil {
		return Stamping{}, err
	}
	s.Digest = sha256.Sum256(s.covered(s.file))
	return s, nil
}

// Finish puts the token in. Whether the token is any good is for certs/tsa to say.
func (s Stamping) Finish(token []byte) ([]byte, error) { return s.fill(token) }

func stampUpdate(field string) update {
	return update{field, reservedStamp, func(bool) string {
		return "<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 " +
			fmt.Sprintf(rangeForm, 0, 0, 0) + " /Contents <" + strings.Repeat("0", 2*reservedStamp) + "> >>"
	}}
}
