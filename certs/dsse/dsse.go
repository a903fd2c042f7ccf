// Package dsse signs bytes with ECDSA P-256 in a DSSE envelope (DSSE v1.0) and
// opens such envelopes. The payload is stored as it was signed and never
// encoded again, so no canonical JSON is needed:
//
//	openssl dgst -sha256 -verify pub.pem -signature sig.der pae.bin
//
// checks what PAE gives.
package dsse

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"

	lib "github.com/secure-systems-lab/go-securesystemslib/dsse"

	"github.com/massho/massho/certs/strict"
)

// The ways an envelope can be wrong.
var (
	ErrDamaged  = errors.New("not a DSSE envelope, or cut off")
	ErrUnsigned = errors.New("no signature")
	ErrUnknown  = errors.New("no signature by the expected key")
	ErrAltered  = errors.New("altered after it was signed")
)

// PAE is what is signed for a payload (DSSE v1.0, Pre-Authentication Encoding).
func PAE(payloadType string, payload []byte) []byte { return lib.PAE(payloadType, payload) }

// KeyID names a public key: SHA-256 of its SubjectPublicKeyInfo, hex.
func KeyID(pub crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return "", fmt.Errorf("dsse: key: %w", err)
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// SignDigest signs a SHA-256 digest. With a key in memory the signature is
// deterministic (RFC 6979), so the same document gives the same bytes. Of the
// two values of s that verify, the lower is taken: see LowS.
func SignDigest(key crypto.Signer, digest []byte) ([]byte, error) {
	var random io.Reader = rand.Reader
	if _, ok := key.(*ecdsa.PrivateKey); ok {
		random = nil
	}
	sig, err := key.Sign(random, digest, crypto.SHA256)
	if err != nil || LowS(sig) {
		return sig, err
	}
	var v ecdsaSig
	if _, err := asn1.Unmarshal(sig, &v); err != nil {
		return nil, fmt.Errorf("dsse: signature: %w", err)
	}
	v.S.Sub(elliptic.P256().Params().N, v.S)
	return asn1.Marshal(v)
}

type ecdsaSig struct{ R, S *big.Int }

// LowS reports whether an ECDSA P-256 signature has the lower of the two
// values of s. Only such are accepted, so that nobody without the key can make
// a second signature, and so another file, out of the first.
func LowS(sig []byte) bool {
	var v ecdsaSig
	if _, err := asn1.Unmarshal(sig, &v); err != nil || v.S == nil {
		return false
	}
	return v.S.Cmp(new(big.Int).Rsh(elliptic.P256().Params().N, 1)) <= 0
}

// Sign puts payload and one signature into an envelope.
func Sign(payloadType string, payload []byte, key crypto.Signer) ([]byte, error) {
	id, err := KeyID(key.Public())
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(PAE(payloadType, payload))
	sig, err := SignDigest(key, digest[:])
	if err != nil {
		return nil, fmt.Errorf("dsse: sign: %w", err)
	}
	return json.Marshal(lib.Envelope{
		PayloadType: payloadType,
		Payload:     base64.StdEncoding.EncodeToString(payload),
		Signatures:  []lib.Signature{{KeyID: id, Sig: base64.StdEncoding.EncodeToString(sig)}},
	})
}

// envelope is lib.Envelope with a payload that must be there.
type envelope struct {
	PayloadType *string         `json:"payloadType"`
	Payload     *string         `json:"payload"`
	Signatures  []lib.Signature `json:"signatures"`
}

// Peek returns type and payload of an envelope without checking a signature.
func Peek(env []byte) (payloadType string, payload []byte, err error) {
	_, payloadType, payload, err = open(env)
	return payloadType, payload, err
}

func open(env []byte) (envelope, string, []byte, error) {
	var e envelope
	if err := strict.Decode(env, &e); err != nil {
		return e, "", nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if e.PayloadType == nil || e.Payload == nil {
		return e, "", nil, fmt.Errorf("%w: payload is missing", ErrDamaged)
	}
	payload, err := base64.StdEncoding.Strict().DecodeString(*e.Payload)
	if err != nil {
		return e, "", nil, fmt.Errorf("%w: payload: %w", ErrDamaged, err)
	}
	return e, *e.PayloadType, payload, nil
}

// Open returns the payload when pub signed it as payloadType. Signatures by
// other keys are allowed beside it and prove nothing.
func Open(env []byte, payloadType string, pub crypto.PublicKey) ([]byte, error) {
	e, typ, payload, err := open(env)
	if err != nil {
		return nil, err
	}
	if typ != payloadType {
		return nil, fmt.Errorf("%w: it holds %q, not %q", ErrDamaged, typ, payloadType)
	}
	if len(e.Signatures) == 0 {
		return nil, ErrUnsigned
	}
	want, err := KeyID(pub)
	if err != nil {
		return nil, err
	}
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("dsse: key of type %T", pub)
	}
	digest := sha256.Sum256(PAE(typ, payload))
	mine := false
	for _, s := range e.Signatures {
		sig, err := base64.StdEncoding.Strict().DecodeString(s.Sig)
		if err != nil || s.KeyID != want {
			continue
		}
		mine = true
		if LowS(sig) && ecdsa.VerifyASN1(key, digest[:], sig) {
			return payload, nil
		}
	}
	if mine {
		return nil, ErrAltered
	}
	return nil, ErrUnknown
}
