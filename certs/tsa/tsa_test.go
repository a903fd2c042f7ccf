package tsa_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/tsa/tsatest"
)

var day = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

// TestOpenSSL: what openssl ts stamps is understood, with the hash of RFC 3161
// and with that of RFC 5816, and openssl accepts the token that was kept.
func TestOpenSSL(t *testing.T) {
	for _, extra := range []string{"ess_cert_id_alg = sha1\n", "ess_cert_id_alg = sha256\n", "ess_cert_id_alg = sha512\n"} {
		o := tsatest.NewOpenSSL(t, extra)
		data := []byte("the paper")
		digest := sha256.Sum256(data)
		req, nonce, err := tsa.Request(digest, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := o.Reply(req)
		if err != nil {
			t.Fatal(err)
		}
		token, err := tsa.FromReply(reply, digest, nonce)
		if err != nil {
			t.Fatalf("%s: %v", extra, err)
		}
		s, err := tsa.Check(token, digest)
		if err != nil {
			t.Fatal(err)
		}
		trust, err := tsa.ParseTrust(o.Root)
		if err != nil {
			t.Fatal(err)
		}
		if err := trust.Judge(s, s.Time); err != nil {
			t.Error(err)
		}
		if s.Accuracy != time.Second || s.Policy != "1.2.3.4.1" || !s.Latest().Equal(s.Time.Add(time.Second)) {
			t.Errorf("%+v", s)
		}
		o.Verify(t, token, data)
		for name, f := range map[string]func() error{
			"another nonce": func() error { _, err := tsa.FromReply(reply, digest, big.NewInt(5)); return err },
			"other bytes":   func() error { _, err := tsa.FromReply(reply, sha256.Sum256(nil), nonce); return err },
			"cut off":       func() error { _, err := tsa.FromReply(reply[:len(reply)-9], digest, nonce); return err },
		} {
			if err := f(); !errors.Is(err, tsa.ErrReply) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestRefusal: a reply that says no is an error with the authority's words.
func TestRefusal(t *testing.T) {
	o := tsatest.NewOpenSSL(t, "")
	reply, err := o.Reply([]byte{0x30, 0x03, 0x02, 0x01, 0x01})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tsa.FromReply(reply, sha256.Sum256(nil), nil); !errors.Is(err, tsa.ErrReply) || !strings.Contains(err.Error(), "badDataFormat") {
		t.Errorf("%v", err)
	}
}

func TestCheck(t *testing.T) {
	digest := sha256.Sum256([]byte("x"))
	good := tsatest.New(t, day, tsatest.Options{})
	other := tsatest.New(t, day, tsatest.Options{})
	token := good.Token(t, digest, day.AddDate(0, 0, 1))
	flipped := bytes.Clone(token)
	flipped[len(flipped)-3] ^= 1
	for _, c := range []struct {
		name   string
		token  []byte
		digest [32]byte
		ok     bool
	}{
		{"good", token, digest, true},
		{"over other bytes", token, sha256.Sum256([]byte("y")), false},
		{"signature changed", flipped, digest, false},
		{"something behind it", append(bytes.Clone(token), 0), digest, false},
		{"empty", nil, digest, false},
		{"certificate not for time stamping", tsatest.New(t, day, tsatest.Options{Usage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}}).Token(t, digest, day), digest, false},
		{"usage not critical", tsatest.New(t, day, tsatest.Options{Usage: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}}).Token(t, digest, day), digest, false},
		{"certificate for anything", tsatest.New(t, day, tsatest.Options{NotCritical: true}).Token(t, digest, day), digest, false},
	} {
		if _, err := tsa.Check(c.token, c.digest); (err == nil) != c.ok || err != nil && !errors.Is(err, tsa.ErrToken) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	s, err := tsa.Check(token, digest)
	if err != nil {
		t.Fatal(err)
	}
	revoked := good.Trust()
	revoked.Lists = []*x509.RevocationList{good.Revoke(t, day.AddDate(1, 0, 0)), other.Revoke(t, day)}
	foreign := good.Trust()
	foreign.Lists = []*x509.RevocationList{other.Revoke(t, day)}
	for _, c := range []struct {
		name  string
		trust tsa.Trust
		at    time.Time
		want  error
	}{
		{"good", good.Trust(), day.AddDate(2, 0, 0), nil},
		{"another authority", other.Trust(), day.AddDate(2, 0, 0), tsa.ErrUnknown},
		{"nobody trusted", tsa.Trust{}, day, tsa.ErrUnknown},
		{"certificate over by now", good.Trust(), day.AddDate(11, 0, 0), tsa.ErrExpired},
		{"revoked", revoked, day.AddDate(2, 0, 0), tsa.ErrRevoked},
		{"revoked after a later stamp was put over it", revoked, day.AddDate(0, 6, 0), nil},
		{"a list of somebody else", foreign, day.AddDate(2, 0, 0), nil},
	} {
		if err := c.trust.Judge(s, c.at); !errors.Is(err, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	late, err := tsa.Check(good.Token(t, digest, day.AddDate(20, 0, 0)), digest)
	if err == nil {
		err = good.Trust().Judge(late, day.AddDate(20, 0, 0))
	}
	if err == nil {
		t.Error("a stamp from after the certificate's term counts")
	}
}

func TestParseTrust(t *testing.T) {
	a := tsatest.New(t, day, tsatest.Options{})
	ours, err := keys.New(keys.Request{Holder: keys.Holder{Kind: keys.Authority}, CommonName: "団体", NotBefore: day, NotAfter: day.AddDate(1, 0, 0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if tr, err := tsa.ParseTrust(tsatest.PEM(a.Root)); err != nil || len(tr.Roots) != 1 {
		t.Errorf("%v", err)
	}
	for name, b := range map[string][]byte{
		"nothing": nil, "a leaf alone": tsatest.PEM(a.Signer), "massho's own root": keys.EncodeCerts(ours.Cert),
		"a key": []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
	} {
		if _, err := tsa.ParseTrust(b); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzCheck(f *testing.F) {
	digest := sha256.Sum256([]byte("x"))
	f.Add(tsatest.New(f, day, tsatest.Options{}).Token(f, digest, day))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := tsa.Check(b, digest); err == nil && (s.Signer == nil || s.Time.IsZero()) {
			t.Fatal("a stamp without signer or time")
		}
	})
}
