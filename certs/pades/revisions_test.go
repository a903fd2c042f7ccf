package pades

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/tsa/tsatest"
)

func list(t testing.TB, by keys.Pair) *x509.RevocationList {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: day, NextUpdate: day.AddDate(1, 0, 0)}, by.Cert, by.Key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// stamped appends a store and a time stamp to file.
func stamped(t testing.TB, file []byte, a tsatest.Authority, root keys.Pair) []byte {
	t.Helper()
	b, err := AppendStore(file, Store{Certs: []*x509.Certificate{root.Cert, a.Root}, Lists: []*x509.RevocationList{list(t, root)}})
	if err != nil {
		t.Fatal(err)
	}
	return stamp(t, b, a)
}

func mustRead(t testing.TB, b []byte) []pdf.Section {
	t.Helper()
	s, err := pdf.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func stamp(t testing.TB, file []byte, a tsatest.Authority) []byte {
	t.Helper()
	s, err := BeginStamp(file)
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Finish(a.Token(t, s.Digest, day.AddDate(0, 0, 3)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestStoreAndStamp(t *testing.T) {
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	a := tsatest.New(t, day, tsatest.Options{})
	two := signed(t, 2)
	once := stamped(t, two, a, root)
	again := stamped(t, once, a, root) // renewed before the first authority's certificate ends
	doc, err := Check(again)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Revisions) != 6 || len(doc.Signatures) != 2 || len(doc.Stamps) != 2 || len(doc.Stores) != 2 ||
		doc.Stamps[1].Field != "timestamp-2" || doc.Stamps[1].End != len(again) || len(doc.Stores[1].Certs) != 2 || len(doc.Stores[1].Lists) != 1 {
		t.Fatalf("%+v", doc.Revisions)
	}
	s, err := BeginStamp(two)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := BeginStamp(bytes.Clone(two)); err != nil || same.Digest != s.Digest {
		t.Errorf("the digest to be stamped is not the same twice: %v", err)
	}
	if b := stamp(t, two, a); sha256.Sum256(two) == s.Digest || !bytes.HasPrefix(b, two) {
		t.Error("the digest is that of the file without the update, or the file was changed")
	}
	// Signing goes on behind a time stamp.
	after, err := Sign(once, Info{Field: "validator-1", Name: "n", Reason: "r", Time: day}, pair(t, keys.Holder{Kind: keys.Staff, ID: "v", Role: "validator"}, &root), root.Cert)
	if err != nil {
		t.Fatal(err)
	}
	if doc, err := Check(after); err != nil || len(doc.Signatures) != 3 {
		t.Errorf("signed after a stamp: %v", err)
	}
}

// TestOnlyOurRevisions: what is allowed is the form, not the name.
func TestOnlyOurRevisions(t *testing.T) {
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	a := tsatest.New(t, day, tsatest.Options{})
	one := signed(t, 1)
	store, err := AppendStore(one, Store{Certs: []*x509.Certificate{root.Cert}})
	if err != nil {
		t.Fatal(err)
	}
	good := stamped(t, one, a, root)
	edit := func(old, new string) []byte {
		if !bytes.Contains(good, []byte(old)) {
			t.Fatalf("no %q", old)
		}
		return bytes.Replace(bytes.Clone(good), []byte(old), []byte(new), 1)
	}
	if _, err := BeginStamp(unsigned(t)); err == nil {
		t.Error("a stamp before any signature was begun")
	}
	twice, err := BeginStamp(good)
	if err != nil {
		t.Fatal(err)
	}
	twice.prepared, err = prepare(good, mustRead(t, good), stampUpdate("timestamp-1"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := twice.Finish(a.Token(t, sha256.Sum256(twice.covered(twice.file)), day))
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"a store that nothing covers":   store,
		"store: another entry":          edit("/Type /DSS /Certs [", "/Type /DSS /Xerts ["),
		"store: not a certificate":      bytes.Replace(bytes.Clone(good), root.Cert.Raw[:20], bytes.Repeat([]byte{1}, 20), 1),
		"stamp: another type":           edit("/Type /DocTimeStamp", "/Type /DocTimeStimp"),
		"stamp: another field":          edit("/T (timestamp-1)", "/T (timestomp-1)"),
		"stamp: range moved":            bytes.Replace(bytes.Clone(good), []byte("/ETSI.RFC3161 /ByteRange [0 0"), []byte("/ETSI.RFC3161 /ByteRange [1 0"), 1),
		"stamp: field used twice":       second,
		"behind the stamp":              append(bytes.Clone(good), "%x\n"...),
		"cut in the stamp's revision":   good[:len(good)-1],
		"stamp without its store":       append(bytes.Clone(one), good[len(store):]...),
		"store: nothing added, covered": edit(" 0 R ] /CRLs [", " 0 R ] /CRLz ["),
	} {
		if doc, err := Check(b); err == nil {
			t.Errorf("%s: accepted, %d revisions", name, len(doc.Revisions))
		} else if !errors.Is(err, ErrForeign) && !errors.Is(err, ErrAltered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Store and stamp of another file of the same length: the form holds, the
	// token does not.
	if doc, err := Check(append(bytes.Clone(one), stamped(t, signed(t, 1), a, root)[len(one):]...)); err == nil {
		if _, err := tsa.Check(doc.Stamps[0].Token, doc.Stamps[0].Digest); !errors.Is(err, tsa.ErrToken) {
			t.Errorf("a stamp over another file: %v", err)
		}
	}
	if _, err := AppendStore(one, Store{}); err == nil {
		t.Error("an empty store was appended")
	}
}

// TestEveryByteOfStampCounts, but for those of the token, which certs/tsa checks.
func TestEveryByteOfStampCounts(t *testing.T) {
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	a := tsatest.New(t, day, tsatest.Options{})
	one := signed(t, 1)
	good := stamped(t, one, a, root)
	doc, err := Check(good)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(one); i < len(good); i += 157 {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		got, err := Check(bad)
		if err != nil {
			continue
		}
		if len(got.Stamps) != 1 || bytes.Equal(got.Stamps[0].Token, doc.Stamps[0].Token) && got.Stamps[0].Digest == doc.Stamps[0].Digest {
			t.Fatalf("byte %d (%q) changed and nothing shows", i, good[max(0, i-20):min(len(good), i+20)])
		}
	}
}

// TestStampJudges: pdfsig and qpdf agree about store and time stamp.
func TestStampJudges(t *testing.T) {
	for _, name := range []string{"pdfsig", "qpdf"} {
		if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") == "" {
			t.Skip(err)
		}
	}
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	a := tsatest.New(t, day, tsatest.Options{})
	file := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(file, stamped(t, signed(t, 2), a, root), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdfsig", "-nocert", file).CombinedOutput()
	// Poppler cannot judge a time stamp itself; openssl does in certs/tsa.
	if err != nil || strings.Count(string(out), "Signature is Valid") != 2 || strings.Count(string(out), "Total document signed") != 1 ||
		!strings.Contains(string(out), "timestamp-1") {
		t.Errorf("pdfsig: %v\n%s", err, out)
	}
	if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
}

// TestOpenSSLJudgesTheStamp: the token in the file is over the bytes that the
// revision covers, as openssl sees it.
func TestOpenSSLJudgesTheStamp(t *testing.T) {
	o := tsatest.NewOpenSSL(t, "")
	s, err := BeginStamp(signed(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	req, nonce, err := tsa.Request(s.Digest, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	reply, err := o.Reply(req)
	if err != nil {
		t.Fatal(err)
	}
	token, err := tsa.FromReply(reply, s.Digest, nonce)
	if err != nil {
		t.Fatal(err)
	}
	file, err := s.Finish(token)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := Check(file)
	if err != nil || len(doc.Stamps) != 1 {
		t.Fatal(err)
	}
	o.Verify(t, doc.Stamps[0].Token, s.covered(file))
}
