package pades

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/smallstep/pkcs7"

	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/keys"
)

// Object identifiers (RFC 5652 §4, §5, §11; RFC 5035 §3; RFC 5758 §3.2).
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidSHA256        = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidECDSASHA256   = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}
)

// The structures of RFC 5652 §3 and §5, as far as one detached signature needs
// them. smallstep/pkcs7 writes such too, but always with a signing-time taken
// from the machine's clock, which PAdES forbids beside /M (EN 319 142-1 §6.3).
type contentInfo struct {
	ContentType asn1.ObjectIdentifier
	Content     asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signedData struct {
	Version          int
	DigestAlgorithms []pkix.AlgorithmIdentifier `asn1:"set"`
	Encapsulated     contentInfo
	Certificates     asn1.RawValue
	SignerInfos      []signerInfo `asn1:"set"`
}

type signerInfo struct {
	Version            int
	SID                issuerAndSerial
	DigestAlgorithm    pkix.AlgorithmIdentifier
	SignedAttrs        asn1.RawValue
	SignatureAlgorithm pkix.AlgorithmIdentifier
	Signature          []byte
}

type issuerAndSerial struct {
	Issuer asn1.RawValue
	Serial *big.Int
}

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

// signingCertificateV2 of RFC 5035 §3 with the default hash, SHA-256.
type signingCertificateV2 struct {
	Certs []essCertIDv2
}

type essCertIDv2 struct {
	CertHash []byte
}

// attributes is the DER of SignedAttributes as a SET OF, which is what is
// hashed and signed (RFC 5652 §5.4). The hashes of all certificates are in it,
// so that not even an issuer's can be exchanged.
func attributes(digest []byte, chain []*x509.Certificate) ([]byte, error) {
	var ids []essCertIDv2
	for _, c := range chain {
		hash := sha256.Sum256(c.Raw)
		ids = append(ids, essCertIDv2{hash[:]})
	}
	var list []attribute
	for _, a := range []struct {
		oid   asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidData},
		{oidMessageDigest, digest},
		{oidSigningCertV2, signingCertificateV2{ids}},
	} {
		der, err := asn1.Marshal(a.value)
		if err != nil {
			return nil, err
		}
		list = append(list, attribute{a.oid, []asn1.RawValue{{FullBytes: der}}})
	}
	return asn1.MarshalWithParams(list, "set")
}

// encode puts a finished signature into CMS. The same input gives the same
// bytes.
func encode(attrs, sig []byte, chain []*x509.Certificate) ([]byte, error) {
	leaf := chain[0]
	var set asn1.RawValue
	if _, err := asn1.Unmarshal(attrs, &set); err != nil {
		return nil, err
	}
	var raw []byte
	for _, c := range chain {
		raw = append(raw, c.Raw...)
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256}
	sd, err := asn1.Marshal(signedData{
		Version:          1,
		DigestAlgorithms: []pkix.AlgorithmIdentifier{sha},
		Encapsulated:     contentInfo{ContentType: oidData},
		Certificates:     asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: raw},
		SignerInfos: []signerInfo{{
			Version:            1,
			SID:                issuerAndSerial{asn1.RawValue{FullBytes: leaf.RawIssuer}, leaf.SerialNumber},
			DigestAlgorithm:    sha,
			SignedAttrs:        asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: set.Bytes},
			SignatureAlgorithm: pkix.AlgorithmIdentifier{Algorithm: oidECDSASHA256},
			Signature:          sig,
		}},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(contentInfo{oidSignedData,
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: sd}})
}

// signCMS signs content, of which only the digest goes into the CMS.
func signCMS(content []byte, s keys.Pair, issuers []*x509.Certificate) ([]byte, error) {
	if err := keys.Match(s.Key, s.Cert); err != nil {
		return nil, err
	}
	digest := sha256.Sum256(content)
	chain := append([]*x509.Certificate{s.Cert}, issuers...)
	attrs, err := attributes(digest[:], chain)
	if err != nil {
		return nil, fmt.Errorf("pades: signed attributes: %w", err)
	}
	toSign := sha256.Sum256(attrs)
	sig, err := dsse.SignDigest(s.Key, toSign[:])
	if err != nil {
		return nil, fmt.Errorf("pades: sign: %w", err)
	}
	return encode(attrs, sig, chain)
}

// checkCMS verifies a CMS over content and returns its signer and the other
// certificates in it. The CMS must be, byte for byte, what encode makes.
func checkCMS(cms, content []byte) (*x509.Certificate, []*x509.Certificate, error) {
	p7, err := pkcs7.Parse(cms)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: signature does not parse: %w", ErrAltered, err)
	}
	signer := p7.GetOnlySigner()
	if signer == nil || len(p7.Certificates) == 0 || !p7.Certificates[0].Equal(signer) {
		return nil, nil, fmt.Errorf("%w: not one signer with its certificate first", ErrAltered)
	}
	p7.Content = content
	if err := p7.Verify(); err != nil {
		var digest *pkcs7.MessageDigestMismatchError
		if errors.As(err, &digest) {
			return nil, nil, fmt.Errorf("%w: digest differs", ErrAltered)
		}
		return nil, nil, fmt.Errorf("%w: %w", ErrAltered, err)
	}
	digest := sha256.Sum256(content)
	attrs, err := attributes(digest[:], p7.Certificates)
	if err != nil {
		return nil, nil, fmt.Errorf("pades: signed attributes: %w", err)
	}
	again, err := encode(attrs, p7.Signers[0].EncryptedDigest, p7.Certificates)
	if err != nil || !bytes.Equal(again, cms) || !dsse.LowS(p7.Signers[0].EncryptedDigest) {
		return nil, nil, fmt.Errorf("%w: signature is not in the form this program writes", ErrAltered)
	}
	return signer, p7.Certificates[1:], nil
}
