// Package keys is who may sign what: the authority (the 団体) is a self-signed
// root, and it issues certificates to sticks and to people, each for a term and
// revocable. All keys are ECDSA P-256 with X.509 (Ed25519 fails in pdfsig and
// in OpenSSL's CMS).
//
// Who a certificate belongs to stands in one URI of its subject alternative
// name, so that no reader has to interpret names of people:
//
//	massho:authority                     a root
//	massho:training                      a root whose papers say 訓練
//	massho:stick/CASE/STICK              one stick for one case
//	massho:staff/ID/ROLE                 one person; ROLE operator, witness, validator
//
// Parts are percent-encoded. Trust roots and revocation lists are files of the
// reader; they never come from the stick or from the paper.
package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net/url"
	"strings"
	"time"
)

// Kind is what a certificate is for.
type Kind string

// The kinds of certificates.
const (
	Authority Kind = "authority"
	Training  Kind = "training"
	Stick     Kind = "stick"
	Staff     Kind = "staff"
)

// Holder is whom a certificate belongs to.
type Holder struct {
	Kind  Kind
	Case  string // of a stick
	Stick string
	ID    string // of a person
	Role  string
}

func (h Holder) uri() *url.URL {
	parts := []string{string(h.Kind)}
	switch h.Kind {
	case Stick:
		parts = append(parts, url.PathEscape(h.Case), url.PathEscape(h.Stick))
	case Staff:
		parts = append(parts, url.PathEscape(h.ID), url.PathEscape(h.Role))
	}
	return &url.URL{Scheme: "massho", Opaque: strings.Join(parts, "/")}
}

// HolderOf reads the holder of a certificate of ours.
func HolderOf(c *x509.Certificate) (Holder, error) {
	if len(c.URIs) != 1 || c.URIs[0].Scheme != "massho" {
		return Holder{}, fmt.Errorf("certificate %q: not one of massho's", c.Subject.CommonName)
	}
	parts := strings.Split(c.URIs[0].Opaque, "/")
	for i, p := range parts {
		s, err := url.PathUnescape(p)
		if err != nil {
			return Holder{}, fmt.Errorf("certificate %q: %w", c.Subject.CommonName, err)
		}
		parts[i] = s
	}
	h := Holder{Kind: Kind(parts[0])}
	switch {
	case len(parts) == 1 && (h.Kind == Authority || h.Kind == Training):
	case len(parts) == 3 && h.Kind == Stick:
		h.Case, h.Stick = parts[1], parts[2]
	case len(parts) == 3 && h.Kind == Staff:
		h.ID, h.Role = parts[1], parts[2]
	default:
		return Holder{}, fmt.Errorf("certificate %q: holder %q is not understood", c.Subject.CommonName, c.URIs[0])
	}
	return h, nil
}

// Pair is a key with its certificate.
type Pair struct {
	Key  crypto.Signer
	Cert *x509.Certificate
}

// Request describes a certificate to be made.
type Request struct {
	Holder       Holder
	CommonName   string
	Organisation string
	Title        string // of a person, becomes OU
	NotBefore    time.Time
	NotAfter     time.Time
}

// id-kp-documentSigning (RFC 9336).
var oidDocumentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36}

// New makes a key and its certificate. A nil issuer makes a root.
func New(r Request, issuer *Pair) (Pair, error) {
	root := r.Holder.Kind == Authority || r.Holder.Kind == Training
	if root != (issuer == nil) {
		return Pair{}, fmt.Errorf("keys: %s: a root has no issuer, everything else needs one", r.Holder.Kind)
	}
	if !r.NotAfter.After(r.NotBefore) {
		return Pair{}, fmt.Errorf("keys: %s: the term ends before it begins", r.CommonName)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Pair{}, fmt.Errorf("keys: generate: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return Pair{}, fmt.Errorf("keys: serial number: %w", err)
	}
	t := template(r, serial, root)
	parent, signer := t, crypto.Signer(key)
	if issuer != nil {
		parent, signer = issuer.Cert, issuer.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	if err != nil {
		return Pair{}, fmt.Errorf("keys: certificate for %s: %w", r.CommonName, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return Pair{}, fmt.Errorf("keys: certificate for %s: %w", r.CommonName, err)
	}
	if _, err := HolderOf(cert); err != nil {
		return Pair{}, err
	}
	return Pair{key, cert}, nil
}

func template(r Request, serial *big.Int, root bool) *x509.Certificate {
	t := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: r.CommonName},
		NotBefore:             r.NotBefore.UTC().Truncate(time.Second),
		NotAfter:              r.NotAfter.UTC().Truncate(time.Second),
		BasicConstraintsValid: true,
		URIs:                  []*url.URL{r.Holder.uri()},
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		UnknownExtKeyUsage:    []asn1.ObjectIdentifier{oidDocumentSigning},
	}
	if r.Organisation != "" {
		t.Subject.Organization = []string{r.Organisation}
	}
	if r.Title != "" {
		t.Subject.OrganizationalUnit = []string{r.Title}
	}
	if root {
		t.IsCA, t.MaxPathLenZero = true, true
		t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
		t.UnknownExtKeyUsage = nil
	}
	return t
}
