package keys

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// The ways a signer can be refused.
var (
	ErrUnknownSigner = errors.New("not issued by a trusted authority")
	ErrExpired       = errors.New("signed outside the term of the key")
	ErrRevoked       = errors.New("the key was revoked")
)

// Trust is the reader's roots and revocation lists.
type Trust struct {
	Roots []*x509.Certificate
	Lists []*x509.RevocationList
}

// PEM types.
const (
	pemCert = "CERTIFICATE"
	pemCRL  = "X509 CRL"
	pemKey  = "PRIVATE KEY"
)

// ParseTrust reads roots and revocation lists from PEM files. At least one root
// is needed, and every list must be signed by one of them.
func ParseTrust(files ...[]byte) (Trust, error) {
	t, err := PeekTrust(files...)
	if err != nil {
		return Trust{}, err
	}
	if len(t.Roots) == 0 {
		return Trust{}, errors.New("trust: no root certificate; name the authority's root.pem with --trust")
	}
	for _, l := range t.Lists {
		if t.issuer(l) == nil {
			return Trust{}, errors.New("trust: a revocation list is not signed by any of the roots")
		}
	}
	return t, nil
}

// PeekTrust reads roots and revocation lists without asking that they belong
// together. It is for keeping such files; ParseTrust is for trusting them.
func PeekTrust(files ...[]byte) (Trust, error) {
	var t Trust
	for _, rest := range files {
		for {
			var b *pem.Block
			if b, rest = pem.Decode(rest); b == nil {
				break
			}
			if err := t.add(b); err != nil {
				return Trust{}, err
			}
		}
	}
	return t, nil
}

func (t *Trust) add(b *pem.Block) error {
	switch b.Type {
	case pemCert:
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return fmt.Errorf("trust: %w", err)
		}
		h, err := HolderOf(c)
		if err != nil {
			return fmt.Errorf("trust: %w", err)
		}
		if h.Kind != Authority && h.Kind != Training {
			return fmt.Errorf("trust: certificate %q is of a %s; only an authority's root may be trusted", c.Subject.CommonName, h.Kind)
		}
		if err := c.CheckSignatureFrom(c); err != nil {
			return fmt.Errorf("trust: root %q: %w", c.Subject.CommonName, err)
		}
		t.Roots = append(t.Roots, c)
	case pemCRL:
		l, err := x509.ParseRevocationList(b.Bytes)
		if err != nil {
			return fmt.Errorf("trust: revocation list: %w", err)
		}
		t.Lists = append(t.Lists, l)
	default:
		return fmt.Errorf("trust: a %q does not belong into a trust file", b.Type)
	}
	return nil
}

func (t Trust) issuer(l *x509.RevocationList) *x509.Certificate {
	for _, r := range t.Roots {
		if l.CheckSignatureFrom(r) == nil {
			return r
		}
	}
	return nil
}

// Signer is a certificate that a trusted authority issued.
type Signer struct {
	Cert     *x509.Certificate
	Root     *x509.Certificate
	Holder   Holder
	Training bool // issued under a training root
	// Revoked is since when the key counts for nothing; zero when it was not
	// revoked. Beside ErrRevoked it tells what was signed before.
	Revoked time.Time
}

// Check says who holds cert, if a trusted root issued it and it could be used
// at the given time. The Signer is valid also beside ErrExpired and ErrRevoked.
func (t Trust) Check(cert *x509.Certificate, at time.Time) (Signer, error) {
	for _, root := range t.Roots {
		if cert.CheckSignatureFrom(root) != nil || !bytes.Equal(cert.RawIssuer, root.RawSubject) {
			continue
		}
		return t.check(cert, root, at)
	}
	return Signer{}, fmt.Errorf("%w: %s", ErrUnknownSigner, cert.Subject)
}

func (t Trust) check(cert, root *x509.Certificate, at time.Time) (Signer, error) {
	s := Signer{Cert: cert, Root: root}
	var err error
	if s.Holder, err = HolderOf(cert); err != nil {
		return Signer{}, fmt.Errorf("%w: %w", ErrUnknownSigner, err)
	}
	of, err := HolderOf(root)
	if err != nil {
		return Signer{}, fmt.Errorf("%w: %w", ErrUnknownSigner, err)
	}
	s.Training = of.Kind == Training
	if cert.IsCA || len(cert.UnhandledCriticalExtensions) > 0 {
		return Signer{}, fmt.Errorf("%w: %s: not a signer's certificate", ErrUnknownSigner, cert.Subject)
	}
	if when, ok := t.revoked(cert, root); ok {
		s.Revoked = when
		return s, fmt.Errorf("%w on %s: %s", ErrRevoked, when.UTC().Format(time.RFC3339), cert.Subject)
	}
	for _, c := range []*x509.Certificate{cert, root} {
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return s, fmt.Errorf("%w: %s is valid %s to %s, signed %s", ErrExpired, c.Subject,
				c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339), at.UTC().Format(time.RFC3339))
		}
	}
	return s, nil
}

// revoked looks into the newest list of root.
func (t Trust) revoked(cert, root *x509.Certificate) (time.Time, bool) {
	var newest *x509.RevocationList
	for _, l := range t.Lists {
		if l.CheckSignatureFrom(root) == nil && (newest == nil || l.Number.Cmp(newest.Number) > 0) {
			newest = l
		}
	}
	if newest == nil {
		return time.Time{}, false
	}
	for _, e := range newest.RevokedCertificateEntries {
		if e.SerialNumber.Cmp(cert.SerialNumber) == 0 {
			return since(e), true
		}
	}
	return time.Time{}, false
}

// oidInvalidityDate is since when a key is known or suspected to be in wrong
// hands, which may be before it was revoked (RFC 5280 §5.3.2).
var oidInvalidityDate = asn1.ObjectIdentifier{2, 5, 29, 24}

func since(e x509.RevocationListEntry) time.Time {
	for _, x := range e.Extensions {
		var t time.Time
		if !x.Id.Equal(oidInvalidityDate) {
			continue
		}
		if _, err := asn1.UnmarshalWithParams(x.Value, &t, "generalized"); err == nil && t.Before(e.RevocationTime) {
			return t
		}
	}
	return e.RevocationTime
}

// Revoke makes the next revocation list of root: everything in old, which may
// be nil, and cert. PEM.
func Revoke(root Pair, old *x509.RevocationList, cert *x509.Certificate, at time.Time) ([]byte, error) {
	return RevokeSince(root, old, cert, at, at)
}

// RevokeSince is Revoke of a key that was lost, or in wrong hands, since an
// earlier moment: what it signed after that counts for nothing.
func RevokeSince(root Pair, old *x509.RevocationList, cert *x509.Certificate, at, lost time.Time) ([]byte, error) {
	entry := x509.RevocationListEntry{SerialNumber: cert.SerialNumber, RevocationTime: at.UTC()}
	if lost.Before(at) {
		der, err := asn1.MarshalWithParams(lost.UTC().Truncate(time.Second), "generalized")
		if err != nil {
			return nil, fmt.Errorf("revoke: %w", err)
		}
		entry.ExtraExtensions = []pkix.Extension{{Id: oidInvalidityDate, Value: der}}
	}
	t := &x509.RevocationList{
		Number:     big.NewInt(1),
		ThisUpdate: at.UTC(),
		NextUpdate: at.UTC().AddDate(10, 0, 0), // a list stays in force until a newer one is put beside the root
	}
	if old != nil {
		if err := old.CheckSignatureFrom(root.Cert); err != nil {
			return nil, fmt.Errorf("revoke: the old list is not of this authority: %w", err)
		}
		t.Number = new(big.Int).Add(old.Number, big.NewInt(1))
		t.RevokedCertificateEntries = old.RevokedCertificateEntries
	}
	if err := cert.CheckSignatureFrom(root.Cert); err != nil {
		return nil, fmt.Errorf("revoke: %s is not of this authority: %w", cert.Subject, err)
	}
	for i, e := range t.RevokedCertificateEntries { // what was read is written again only from there
		t.RevokedCertificateEntries[i].ExtraExtensions = e.Extensions
	}
	t.RevokedCertificateEntries = append(t.RevokedCertificateEntries, entry)
	der, err := x509.CreateRevocationList(rand.Reader, t, root.Cert, root.Key)
	if err != nil {
		return nil, fmt.Errorf("revoke: %w", err)
	}
	return encodeList(der), nil
}

// EncodeList is a revocation list as PEM.
func EncodeList(l *x509.RevocationList) []byte { return encodeList(l.Raw) }

func encodeList(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: pemCRL, Bytes: der})
}
