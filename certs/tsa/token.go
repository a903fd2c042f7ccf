package tsa

import (
	"bytes"
	"crypto"
	_ "crypto/sha1"   // RFC 3161 §2.4.2 binds the certificate by SHA-1,
	_ "crypto/sha256" // RFC 5816 by others
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"
)

// tstInfo is the content of a token (RFC 3161 §2.4.2), as far as it matters.
type tstInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  imprint
	Serial   *big.Int
	Time     time.Time        `asn1:"generalized"`
	Accuracy accuracy         `asn1:"optional"`
	Ordering bool             `asn1:"optional,default:false"`
	Nonce    *big.Int         `asn1:"optional"`
	TSA      asn1.RawValue    `asn1:"tag:0,optional"`
	Others   []pkix.Extension `asn1:"tag:1,optional"`
}

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Digest    []byte
}

type accuracy struct {
	Seconds int64 `asn1:"optional"`
	Millis  int64 `asn1:"tag:0,optional"`
	Micros  int64 `asn1:"tag:1,optional"`
}

func (a accuracy) duration() time.Duration {
	return time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond
}

// Attributes that bind a token to its signer's certificate (RFC 2634 §5.4, RFC
// 5035 §3).
var (
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidExtKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// Check verifies a token's own signature and that it is over digest. It does
// not say whether its signer is to be trusted.
func Check(token []byte, digest [32]byte) (Stamp, error) {
	s, _, err := check(token, digest)
	return s, err
}

func check(token []byte, digest [32]byte) (Stamp, tstInfo, error) {
	p7, info, err := parse(token)
	if err != nil {
		return Stamp{}, info, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if !info.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || !bytes.Equal(info.Imprint.Digest, digest[:]) {
		return Stamp{}, info, fmt.Errorf("%w: it is over other bytes", ErrToken)
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return Stamp{}, info, fmt.Errorf("%w: not one signer with its certificate", ErrToken)
	}
	if err := p7.Verify(); err != nil {
		return Stamp{}, info, fmt.Errorf("%w: %w", ErrToken, err)
	}
	for _, f := range []func() error{func() error { return bound(p7, signer) }, func() error { return mayStamp(signer) }} {
		if err := f(); err != nil {
			return Stamp{}, info, err
		}
	}
	s := Stamp{Time: info.Time.UTC(), Accuracy: info.Accuracy.duration(), Serial: info.Serial.String(), Policy: info.Policy.String(), Signer: signer}
	for _, c := range p7.Certificates {
		if !c.Equal(signer) {
			s.Others = append(s.Others, c)
		}
	}
	return s, info, nil
}

// parse reads the CMS and the TSTInfo in it; nothing may follow either.
func parse(token []byte) (*pkcs7.PKCS7, tstInfo, error) {
	var whole asn1.RawValue
	var info tstInfo
	if rest, err := asn1.Unmarshal(token, &whole); err != nil || len(rest) > 0 {
		return nil, info, fmt.Errorf("not one value: %w", err)
	}
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return nil, info, err
	}
	var kind asn1.ObjectIdentifier
	if err := p7.UnmarshalSignedAttribute(oidContentType, &kind); err != nil {
		return nil, info, err
	}
	if !kind.Equal(oidTSTInfo) {
		return nil, info, fmt.Errorf("content of type %s", kind)
	}
	rest, err := asn1.Unmarshal(p7.Content, &info)
	switch {
	case err != nil:
		return nil, info, err
	case len(rest) > 0 || info.Version != 1 || info.Serial == nil:
		return nil, info, fmt.Errorf("TSTInfo of version %d", info.Version)
	}
	return p7, info, nil
}

// certID is ESSCertID and ESSCertIDv2 as far as they matter here.
type certID struct {
	Algorithm pkix.AlgorithmIdentifier `asn1:"optional"` // of version 2; SHA-256 when absent
	Hash      []byte
	Issuer    asn1.RawValue `asn1:"optional"`
}

type signingCert struct {
	Certs    []certID
	Policies asn1.RawValue `asn1:"optional"`
}

var hashes = map[string]crypto.Hash{
	"2.16.840.1.101.3.4.2.1": crypto.SHA256, "2.16.840.1.101.3.4.2.2": crypto.SHA384, "2.16.840.1.101.3.4.2.3": crypto.SHA512,
}

// bound wants the signed attributes to name the signer's certificate, so that
// it cannot be exchanged for another with the same key.
func bound(p7 *pkcs7.PKCS7, signer *x509.Certificate) error {
	var list signingCert
	byDefault := crypto.SHA256
	if err := p7.UnmarshalSignedAttribute(oidSigningCertV2, &list); err != nil {
		byDefault = crypto.SHA1
		if err := p7.UnmarshalSignedAttribute(oidSigningCert, &list); err != nil {
			return fmt.Errorf("%w: it does not name its certificate: %w", ErrToken, err)
		}
	}
	if len(list.Certs) == 0 {
		return fmt.Errorf("%w: it does not name its certificate", ErrToken)
	}
	id := list.Certs[0]
	h := byDefault
	if len(id.Algorithm.Algorithm) > 0 {
		h = hashes[id.Algorithm.Algorithm.String()]
	}
	if h == 0 || !h.Available() {
		return fmt.Errorf("%w: it names its certificate by an unknown hash", ErrToken)
	}
	sum := h.New()
	sum.Write(signer.Raw)
	if !bytes.Equal(sum.Sum(nil), id.Hash) {
		return fmt.Errorf("%w: it names another certificate", ErrToken)
	}
	return nil
}

// mayStamp wants the extended key usage of RFC 3161 §2.3: time stamping and
// nothing else, critical.
func mayStamp(c *x509.Certificate) error {
	if c.IsCA || len(c.UnknownExtKeyUsage) > 0 || !slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}) {
		return fmt.Errorf("%w: %s: not a certificate for time stamping alone", ErrToken, c.Subject)
	}
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtKeyUsage) && e.Critical {
			return nil
		}
	}
	return fmt.Errorf("%w: %s: its extended key usage is not critical", ErrToken, c.Subject)
}
