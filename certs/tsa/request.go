package tsa

import (
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// maxNonce is 128 bits.
var maxNonce = new(big.Int).Lsh(big.NewInt(1), 128)

// request is a TimeStampReq (RFC 3161 §2.4.1).
type request struct {
	Version int
	Imprint imprint
	Nonce   *big.Int
	CertReq bool
}

// Request is a TimeStampReq for a SHA-256 digest, with a fresh nonce, asking for
// the authority's certificate.
func Request(digest [32]byte, random io.Reader) (der []byte, nonce *big.Int, err error) {
	if nonce, err = rand.Int(random, maxNonce); err != nil {
		return nil, nil, fmt.Errorf("tsa: nonce: %w", err)
	}
	sha := pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}
	if der, err = asn1.Marshal(request{1, imprint{sha, digest[:]}, nonce, true}); err != nil {
		return nil, nil, fmt.Errorf("tsa: request: %w", err)
	}
	return der, nonce, nil
}

// response is a TimeStampResp (RFC 3161 §2.4.2).
type response struct {
	Status struct {
		Status int
		Text   []string       `asn1:"optional,utf8"`
		Fail   asn1.BitString `asn1:"optional"`
	}
	Token asn1.RawValue `asn1:"optional"`
}

// failures are the bits of PKIFailureInfo.
var failures = map[int]string{
	0: "badAlg", 2: "badRequest", 5: "badDataFormat", 14: "timeNotAvailable", 15: "unacceptedPolicy",
	16: "unacceptedExtension", 17: "addInfoNotAvailable", 25: "systemFailure",
}

// refusal is what a reply says when it is no.
func (r response) refusal() string {
	s := fmt.Sprintf("status %d", r.Status.Status)
	for bit := range r.Status.Fail.BitLength {
		if r.Status.Fail.At(bit) != 0 {
			s += " " + failures[bit]
		}
	}
	return strings.TrimSpace(s + " " + strings.Join(r.Status.Text, " "))
}

// FromReply takes the token out of a TimeStampResp. nonce is that of the
// request; nil when it is not known any more.
func FromReply(reply []byte, digest [32]byte, nonce *big.Int) ([]byte, error) {
	var r response
	rest, err := asn1.Unmarshal(reply, &r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrReply, err)
	case r.Status.Status != 0 && r.Status.Status != 1: // granted, grantedWithMods
		return nil, fmt.Errorf("%w: the authority refused: %s", ErrReply, r.refusal())
	case len(rest) > 0:
		return nil, fmt.Errorf("%w: something follows it", ErrReply)
	}
	_, info, err := check(r.Token.FullBytes, digest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrReply, err)
	}
	if nonce != nil && (info.Nonce == nil || info.Nonce.Cmp(nonce) != 0) {
		return nil, fmt.Errorf("%w: it answers another request", ErrReply)
	}
	return r.Token.FullBytes, nil
}
