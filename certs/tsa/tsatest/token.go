package tsatest

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"
)

// The structures of RFC 3161 §2.4.2 and RFC 5652 §5, as far as a token needs
// them. No library lets a test choose the time without a signing-time of the
// machine's clock beside it.
type tstInfo struct {
	Version  int
	Policy   asn1.ObjectIdentifier
	Imprint  imprint
	Serial   *big.Int
	Time     time.Time `asn1:"generalized"`
	Accuracy accuracy
}

type imprint struct {
	Algorithm pkix.AlgorithmIdentifier
	Digest    []byte
}

type accuracy struct{ Seconds int }

type attribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

type signerInfo struct {
	Version int
	SID     struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue
	Algorithm  pkix.AlgorithmIdentifier
	Signature  []byte
}

type signedData struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      contentInfo
	Certificates asn1.RawValue
	Signers      []signerInfo `asn1:"set"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type signingCertV2 struct{ Certs []struct{ Hash []byte } }

var (
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContent    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidDigest     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidCertV2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	sha           = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}}
	ecdsaSHA256   = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}}
)

// Token is a time stamp over digest that says at.
func (a Authority) Token(t testing.TB, digest [32]byte, at time.Time) []byte {
	t.Helper()
	der := func(v any, params string) []byte {
		b, err := asn1.MarshalWithParams(v, params)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	info := der(tstInfo{1, asn1.ObjectIdentifier{1, 2, 3}, imprint{sha, digest[:]}, big.NewInt(at.Unix()), at.UTC().Truncate(time.Second), accuracy{1}}, "")
	content, cert := sha256.Sum256(info), sha256.Sum256(a.Signer.Raw)
	one := signingCertV2{Certs: []struct{ Hash []byte }{{cert[:]}}}
	attributes := der([]attribute{
		{oidContent, []asn1.RawValue{{FullBytes: der(oidTSTInfo, "")}}},
		{oidDigest, []asn1.RawValue{{FullBytes: der(content[:], "")}}},
		{oidCertV2, []asn1.RawValue{{FullBytes: der(one, "")}}},
	}, "set")
	digestOf := sha256.Sum256(attributes)
	sig, err := a.key.Sign(rand.Reader, digestOf[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	var set asn1.RawValue
	if _, err := asn1.Unmarshal(attributes, &set); err != nil {
		t.Fatal(err)
	}
	si := signerInfo{Version: 1, Digest: sha, Algorithm: ecdsaSHA256, Signature: sig, Attributes: tagged(set.Bytes)}
	si.SID.Issuer, si.SID.Serial = asn1.RawValue{FullBytes: a.Signer.RawIssuer}, a.Signer.SerialNumber
	sd := signedData{Version: 3, Digests: []pkix.AlgorithmIdentifier{sha}, Content: contentInfo{oidTSTInfo, tagged(der(info, ""))},
		Certificates: tagged(append(append([]byte{}, a.Signer.Raw...), a.Root.Raw...)), Signers: []signerInfo{si}}
	return der(contentInfo{oidSignedData, tagged(der(sd, ""))}, "")
}

// tagged is bytes under [0].
func tagged(b []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: b}
}
