package tsa

import (
	"bytes"
	"crypto"
	"crypto/rand"
	_ "crypto/sha1"   // RFC 3161 §2.4.2 binds the certificate by SHA-1,
	_ "crypto/sha256" // RFC 5816 by others
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"slices"

	"github.com/digitorus/timestamp"
	"github.com/smallstep/pkcs7"
)

// maxNonce is 128 bits.
var maxNonce = new(big.Int).Lsh(big.NewInt(1), 128)

// Request is a TimeStampReq (RFC 3161 §2.4.1) for a SHA-256 digest, with a fresh
// nonce, asking for the authority's certificate.
func Request(digest [32]byte, random io.Reader) (der []byte, nonce *big.Int, err error) {
	if nonce, err = rand.Int(random, maxNonce); err != nil {
		return nil, nil, fmt.Errorf("tsa: nonce: %w", err)
	}
	r := timestamp.Request{HashAlgorithm: crypto.SHA256, HashedMessage: digest[:], Certificates: true, Nonce: nonce}
	if der, err = r.Marshal(); err != nil {
		return nil, nil, fmt.Errorf("tsa: request: %w", err)
	}
	return der, nonce, nil
}

// FromReply takes the token out of a TimeStampResp (RFC 3161 §2.4.2). nonce is
// that of the request; nil when it is not known any more.
func FromReply(reply []byte, digest [32]byte, nonce *big.Int) ([]byte, error) {
	t, err := timestamp.ParseResponse(reply)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReply, err)
	}
	if nonce != nil && (t.Nonce == nil || t.Nonce.Cmp(nonce) != 0) {
		return nil, fmt.Errorf("%w: it answers another request", ErrReply)
	}
	if _, err := Check(t.RawToken, digest); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReply, err)
	}
	return t.RawToken, nil
}

// Attributes that bind a token to its signer's certificate (RFC 2634 §5.4, RFC
// 5035 §3).
var (
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidExtKeyUsage   = asn1.ObjectIdentifier{2, 5, 29, 37}
)

// Check verifies a token's own signature and that it is over digest. It does
// not say whether its signer is to be trusted.
func Check(token []byte, digest [32]byte) (Stamp, error) {
	var whole asn1.RawValue
	if rest, err := asn1.Unmarshal(token, &whole); err != nil || len(rest) > 0 {
		return Stamp{}, fmt.Errorf("%w: not one value", ErrToken)
	}
	t, err := timestamp.Parse(token)
	if err != nil {
		return Stamp{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, digest[:]) {
		return Stamp{}, fmt.Errorf("%w: it is over other bytes", ErrToken)
	}
	// The library verifies only what carries a certificate, and not that the
	// certificate may stamp.
	p7, err := pkcs7.Parse(token)
	if err != nil {
		return Stamp{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	signer := p7.GetOnlySigner()
	if signer == nil {
		return Stamp{}, fmt.Errorf("%w: not one signer with its certificate", ErrToken)
	}
	if err := p7.Verify(); err != nil {
		return Stamp{}, fmt.Errorf("%w: %w", ErrToken, err)
	}
	var kind asn1.ObjectIdentifier
	if err := p7.UnmarshalSignedAttribute(oidContentType, &kind); err != nil || !kind.Equal(oidTSTInfo) {
		return Stamp{}, fmt.Errorf("%w: its content is no TSTInfo", ErrToken)
	}
	if err := bound(p7, signer); err != nil {
		return Stamp{}, err
	}
	if err := mayStamp(signer); err != nil {
		return Stamp{}, err
	}
	s := Stamp{Time: t.Time.UTC(), Accuracy: t.Accuracy, Serial: t.SerialNumber.String(), Policy: t.Policy.String(), Signer: signer}
	for _, c := range p7.Certificates {
		if !c.Equal(signer) {
			s.Others = append(s.Others, c)
		}
	}
	return s, nil
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
