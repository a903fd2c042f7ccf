package keys

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)

func root(t *testing.T, kind Kind) Pair {
	t.Helper()
	p, err := New(Request{Holder: Holder{Kind: kind}, CommonName: "試験市", NotBefore: day.AddDate(-1, 0, 0), NotAfter: day.AddDate(11, 0, 0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func stick(t *testing.T, r Pair) Pair {
	t.Helper()
	p, err := New(Request{Holder: Holder{Kind: Stick, Case: "R8/第1号 %", Stick: "S1"}, CommonName: "S1",
		NotBefore: day, NotAfter: day.AddDate(0, 1, 0)}, &r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestCheck(t *testing.T) {
	ours, training, foreign := root(t, Authority), root(t, Training), root(t, Authority)
	s, drill, strange := stick(t, ours), stick(t, training), stick(t, foreign)
	list, err := Revoke(ours, nil, s.Cert, day)
	if err != nil {
		t.Fatal(err)
	}
	trust := func(files ...[]byte) Trust {
		tr, err := ParseTrust(files...)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	plain := trust(EncodeCerts(ours.Cert, training.Cert))
	revoked := trust(EncodeCerts(ours.Cert), list)
	for _, c := range []struct {
		name  string
		trust Trust
		cert  *x509.Certificate
		at    time.Time
		want  error
		drill bool
	}{
		{"valid", plain, s.Cert, day.AddDate(0, 0, 3), nil, false},
		{"training root", plain, drill.Cert, day.AddDate(0, 0, 3), nil, true},
		{"unknown authority", plain, strange.Cert, day, ErrUnknownSigner, false},
		{"a root is no signer", plain, ours.Cert, day, ErrUnknownSigner, false},
		{"before the term", plain, s.Cert, day.AddDate(0, 0, -1), ErrExpired, false},
		{"after the term", plain, s.Cert, day.AddDate(0, 2, 0), ErrExpired, false},
		{"revoked", revoked, s.Cert, day.AddDate(0, 0, 3), ErrRevoked, false},
	} {
		got, err := c.trust.Check(c.cert, c.at)
		if !errors.Is(err, c.want) || (c.want == nil && err != nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if c.want == nil && (got.Training != c.drill || got.Holder.Case != "R8/第1号 %" || got.Holder.Stick != "S1") {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// TestNewestListWins: a list that was taken back does not count.
func TestNewestListWins(t *testing.T) {
	r := root(t, Authority)
	a, b := stick(t, r), stick(t, r)
	one, err := Revoke(r, nil, a.Cert, day)
	if err != nil {
		t.Fatal(err)
	}
	old, err := DecodeList(one)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Revoke(r, old, b.Cert, day)
	if err != nil {
		t.Fatal(err)
	}
	for _, order := range [][][]byte{{one, two}, {two, one}} {
		tr, err := ParseTrust(EncodeCerts(r.Cert), order[0], order[1])
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []Pair{a, b} {
			if _, err := tr.Check(p.Cert, day); !errors.Is(err, ErrRevoked) {
				t.Errorf("%v, want revoked", err)
			}
		}
	}
}

// TestLostBefore: what counts is since when a key was lost, also when others are
// revoked later.
func TestLostBefore(t *testing.T) {
	r := root(t, Authority)
	a, b := stick(t, r), stick(t, r)
	lost, told := day.AddDate(0, 0, 3), day.AddDate(0, 0, 9)
	one, err := RevokeSince(r, nil, a.Cert, told, lost)
	if err != nil {
		t.Fatal(err)
	}
	old, err := DecodeList(one)
	if err != nil {
		t.Fatal(err)
	}
	two, err := Revoke(r, old, b.Cert, told)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]byte{one, two} {
		tr, err := ParseTrust(EncodeCerts(r.Cert), list)
		if err != nil {
			t.Fatal(err)
		}
		if s, err := tr.Check(a.Cert, day); !errors.Is(err, ErrRevoked) || !s.Revoked.Equal(lost) {
			t.Errorf("revoked since %s (%v), want %s", s.Revoked, err, lost)
		}
	}
	tr, err := ParseTrust(EncodeCerts(r.Cert), two)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := tr.Check(b.Cert, day); !errors.Is(err, ErrRevoked) || !s.Revoked.Equal(told) {
		t.Errorf("revoked since %s (%v), want %s", s.Revoked, err, told)
	}
}

func TestTrustRefuses(t *testing.T) {
	r, other := root(t, Authority), root(t, Authority)
	s := stick(t, r)
	list, err := Revoke(other, nil, stick(t, other).Cert, day)
	if err != nil {
		t.Fatal(err)
	}
	key, err := EncodeStickKey(s.Key)
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string][][]byte{
		"nothing":                   {[]byte("x")},
		"a stick's certificate":     {EncodeCerts(r.Cert, s.Cert)},
		"a private key":             {EncodeCerts(r.Cert), key},
		"list of another authority": {EncodeCerts(r.Cert), list},
	} {
		if _, err := ParseTrust(files...); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Revoke(r, nil, stick(t, other).Cert, day); err == nil {
		t.Error("a certificate of another authority was revoked")
	}
	if _, err := New(Request{Holder: Holder{Kind: Stick}, NotBefore: day, NotAfter: day.AddDate(1, 0, 0)}, nil); err == nil {
		t.Error("a stick without issuer was made")
	}
}

func TestPEM(t *testing.T) {
	s := stick(t, root(t, Authority))
	b, err := EncodeStickKey(s.Key)
	if err != nil {
		t.Fatal(err)
	}
	k, err := DecodeStickKey(b)
	if err != nil || Match(k, s.Cert) != nil {
		t.Fatalf("%v", err)
	}
	if Match(k, stick(t, root(t, Authority)).Cert) == nil {
		t.Error("a foreign certificate matches")
	}
	big, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if b, err = EncodeStickKey(big); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeStickKey(b); err == nil {
		t.Error("a P-384 key was accepted")
	}
	if _, err := DecodeCerts(bytes.TrimSpace(nil)); err == nil {
		t.Error("no certificate was accepted")
	}
}

// TestOpenSSL: the chain and the list mean the same to a stranger.
func TestOpenSSL(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	r := root(t, Authority)
	s := stick(t, r)
	list, err := Revoke(r, nil, s.Cert, day)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, b := range map[string][]byte{"root.pem": EncodeCerts(r.Cert), "s.pem": EncodeCerts(s.Cert), "crl.pem": list} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) error {
		c := exec.Command("openssl", args...)
		c.Dir = dir
		return c.Run()
	}
	if err := run("verify", "-attime", "1795305600", "-CAfile", "root.pem", "s.pem"); err != nil {
		t.Errorf("openssl verify: %v", err)
	}
	if err := run("verify", "-attime", "1795305600", "-crl_check", "-CRLfile", "crl.pem", "-CAfile", "root.pem", "s.pem"); err == nil {
		t.Error("openssl does not see the revocation")
	}
}

func FuzzParseTrust(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if tr, err := ParseTrust(b); err == nil && len(tr.Roots) == 0 {
			t.Fatal("trust without a root")
		}
	})
}
