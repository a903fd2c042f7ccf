// Package tsatest makes time stamping authorities for tests: one in Go whose
// clock is the test's, and one that is openssl ts, as a judge from outside.
package tsatest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/massho/massho/certs/tsa"
)

// Authority stamps with a clock of the test's.
type Authority struct {
	Root, Signer *x509.Certificate
	rootKey, key crypto.Signer
}

// Options of a signer's certificate; the zero value is a good one of ten years.
type Options struct {
	NotCritical bool
	Usage       []x509.ExtKeyUsage
	NotAfter    time.Time
}

// critical is id-kp-timeStamping as a critical extended key usage.
var critical = pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true,
	Value: []byte{0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08}}

// New makes an authority whose certificates begin at from.
func New(t testing.TB, from time.Time, o Options) Authority {
	t.Helper()
	if o.NotAfter.IsZero() {
		o.NotAfter = from.AddDate(10, 0, 0)
	}
	var a Authority
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "試験 時刻認証局"}, NotBefore: from, NotAfter: from.AddDate(40, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, SubjectKeyId: []byte{1}}
	a.Root, a.rootKey = make1(t, root, root, nil)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "試験 時刻認証"}, NotBefore: from, NotAfter: o.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, BasicConstraintsValid: true}
	if o.Usage != nil || o.NotCritical {
		leaf.ExtKeyUsage = o.Usage
	} else {
		leaf.ExtraExtensions = []pkix.Extension{critical}
	}
	a.Signer, a.key = make1(t, leaf, a.Root, a.rootKey)
	return a
}

func make1(t testing.TB, c, parent *x509.Certificate, by crypto.Signer) (*x509.Certificate, crypto.Signer) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if by == nil {
		by = key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), by)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return out, key
}

// Trust is the reader's.
func (a Authority) Trust() tsa.Trust { return tsa.Trust{Roots: []*x509.Certificate{a.Root}} }

// Revoke is a list of the root that revokes the signer.
func (a Authority) Revoke(t testing.TB, at time.Time) *x509.RevocationList {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: at, NextUpdate: at.AddDate(1, 0, 0),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: a.Signer.SerialNumber, RevocationTime: at}}}, a.Root, a.rootKey)
	if err != nil {
		t.Fatal(err)
	}
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// OpenSSL is a time stamping authority run by openssl ts.
type OpenSSL struct {
	dir  string
	Root []byte // PEM
}

const config = `
[req]
distinguished_name = dn
prompt = no
[dn]
CN = openssl TSA
[ca]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[leaf]
basicConstraints = CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = tsa1
[tsa1]
serial = serial
signer_cert = tsa.pem
certs = root.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
`

// NewOpenSSL makes one; without openssl the test skips, but never in CI. extra
// goes into the [tsa1] section.
func NewOpenSSL(t testing.TB, extra string) OpenSSL {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	o := OpenSSL{dir: t.TempDir()}
	for name, text := range map[string]string{"c.cnf": config + extra, "serial": "01\n"} {
		if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.run(t, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "7300", "-config", "c.cnf", "-extensions", "ca", "-subj", "/CN=openssl root")
	o.run(t, "req", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-config", "c.cnf")
	o.run(t, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "3650", "-out", "tsa.pem", "-extfile", "c.cnf", "-extensions", "leaf")
	var err error
	if o.Root, err = os.ReadFile(filepath.Join(o.dir, "root.pem")); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o OpenSSL) run(t testing.TB, args ...string) {
	t.Helper()
	c := exec.Command("openssl", args...)
	c.Dir = o.dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
}

// Reply answers a request, or says why it cannot.
func (o OpenSSL) Reply(query []byte) ([]byte, error) {
	q, r := filepath.Join(o.dir, "q.tsq"), filepath.Join(o.dir, "r.tsr")
	if err := os.WriteFile(q, query, 0o600); err != nil {
		return nil, err
	}
	c := exec.Command("openssl", "ts", "-reply", "-queryfile", q, "-out", r, "-config", "c.cnf", "-section", "tsa1")
	c.Dir = o.dir
	if err := c.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(r)
}

// Verify lets openssl check a token over data.
func (o OpenSSL) Verify(t testing.TB, token, data []byte) {
	t.Helper()
	for name, b := range map[string][]byte{"v.tok": token, "v.bin": data} {
		if err := os.WriteFile(filepath.Join(o.dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.run(t, "ts", "-verify", "-in", "v.tok", "-token_in", "-data", "v.bin", "-CAfile", "root.pem")
}

// PEM of a certificate.
func PEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
