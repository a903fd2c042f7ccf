package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// EncodeCerts is certificates as PEM, the first one's issuer behind it.
func EncodeCerts(certs ...*x509.Certificate) []byte {
	var out []byte
	for _, c := range certs {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: c.Raw})...)
	}
	return out
}

// DecodeCerts reads what EncodeCerts wrote.
func DecodeCerts(b []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for {
		var block *pem.Block
		if block, b = pem.Decode(b); block == nil {
			break
		}
		if block.Type != pemCert {
			return nil, fmt.Errorf("keys: a %q among certificates", block.Type)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("keys: %w", err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("keys: no certificate in this file")
	}
	return out, nil
}

// DecodeList reads a revocation list.
func DecodeList(b []byte) (*x509.RevocationList, error) {
	block, _ := pem.Decode(b)
	if block == nil || block.Type != pemCRL {
		return nil, errors.New("keys: no revocation list in this file")
	}
	return x509.ParseRevocationList(block.Bytes)
}

// EncodeStickKey is a key without passphrase: nobody types a secret before the
// camera. What protects a stick's key is its short term, its case and the
// revocation list.
func EncodeStickKey(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der}), nil
}

// DecodeStickKey reads what EncodeStickKey wrote.
func DecodeStickKey(b []byte) (crypto.Signer, error) {
	block, _ := pem.Decode(b)
	if block == nil || block.Type != pemKey {
		return nil, errors.New("keys: no private key without passphrase in this file")
	}
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return P256(k)
}

// P256 returns k if it is a key that may sign here.
func P256(k any) (crypto.Signer, error) {
	key, ok := k.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("keys: not an ECDSA P-256 key")
	}
	return key, nil
}

// Match reports whether key belongs to cert.
func Match(key crypto.Signer, cert *x509.Certificate) error {
	pub, ok := key.Public().(*ecdsa.PublicKey)
	if !ok || !pub.Equal(cert.PublicKey) {
		return fmt.Errorf("keys: the private key does not belong to certificate %q", cert.Subject.CommonName)
	}
	return nil
}
