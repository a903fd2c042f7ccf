package tsa

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Trust is the reader's time stamping authorities.
type Trust struct {
	Roots  []*x509.Certificate    // self-signed
	Others []*x509.Certificate    // certificates between a root and a signer
	Lists  []*x509.RevocationList // each counts when the issuer of the certificate in question signed it
}

// ParseTrust reads certificates of authorities and revocation lists from PEM
// files. A self-signed certificate becomes a root.
func ParseTrust(files ...[]byte) (Trust, error) {
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
	if len(t.Roots) == 0 {
		return Trust{}, errors.New("trust: no root certificate of a time stamping authority in these files")
	}
	return t, nil
}

func (t *Trust) add(b *pem.Block) error {
	switch b.Type {
	case "CERTIFICATE":
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return fmt.Errorf("trust: %w", err)
		}
		if len(c.URIs) == 1 && c.URIs[0].Scheme == "massho" {
			return fmt.Errorf("trust: %q is of massho's own authority, which is no time stamping authority", c.Subject.CommonName)
		}
		if !c.IsCA {
			return fmt.Errorf("trust: %q is not the certificate of an authority", c.Subject.CommonName)
		}
		if bytes.Equal(c.RawIssuer, c.RawSubject) && c.CheckSignatureFrom(c) == nil {
			t.Roots = append(t.Roots, c)
			return nil
		}
		t.Others = append(t.Others, c)
	case "X509 CRL":
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

// Judge says whether s counts at the moment at: now, or when a later time stamp
// was made over it. Its certificate must have been valid at the time it names,
// must still be valid at that moment, and may not be revoked.
func (t Trust) Judge(s Stamp, at time.Time) error {
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	for _, c := range t.Roots {
		roots.AddCert(c)
	}
	for _, c := range append(append([]*x509.Certificate{}, t.Others...), s.Others...) {
		others.AddCert(c)
	}
	chains, err := s.Signer.Verify(x509.VerifyOptions{Roots: roots, Intermediates: others, CurrentTime: s.Time,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Errorf("%w: %s at %s", ErrExpired, s.Signer.Subject, s.Time.Format(time.RFC3339))
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrUnknown, s.Signer.Subject, err)
	case at.After(s.Signer.NotAfter):
		return fmt.Errorf("%w: %s until %s, and no later time stamp was put over it", ErrExpired, s.Signer.Subject, s.Signer.NotAfter.Format(time.RFC3339))
	}
	for _, chain := range chains {
		if err = t.revoked(chain, at); err == nil {
			return nil
		}
	}
	return err
}

// revoked looks every certificate of a chain up in the lists that its issuer
// signed. One that was revoked only after the moment at does no harm; by then
// the stamp was under a later one.
func (t Trust) revoked(chain []*x509.Certificate, at time.Time) error {
	for i, c := range chain[:len(chain)-1] {
		for _, l := range t.Lists {
			if !bytes.Equal(l.RawIssuer, chain[i+1].RawSubject) || l.CheckSignatureFrom(chain[i+1]) != nil {
				continue
			}
			for _, e := range l.RevokedCertificateEntries {
				if e.SerialNumber.Cmp(c.SerialNumber) == 0 && !e.RevocationTime.After(at) {
					return fmt.Errorf("%w on %s: %s", ErrRevoked, e.RevocationTime.UTC().Format(time.RFC3339), c.Subject)
				}
			}
		}
	}
	return nil
}
