package pades

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/signintech/gopdf"

	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pdf"
)

var day = time.Date(2026, 11, 21, 3, 4, 5, 0, time.UTC)

func pair(t testing.TB, h keys.Holder, issuer *keys.Pair) keys.Pair {
	t.Helper()
	p, err := keys.New(keys.Request{Holder: h, CommonName: "試験 " + string(h.Kind), NotBefore: day.AddDate(-1, 0, 0), NotAfter: day.AddDate(9, 0, 0)}, issuer)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func unsigned(t testing.TB) []byte {
	t.Helper()
	var g gopdf.GoPdf
	g.Start(gopdf.Config{PageSize: *gopdf.PageSizeA4})
	for range 2 {
		g.AddPage()
		g.Line(1, 2, 300, 400)
	}
	b, err := g.GetBytesPdfReturnErr()
	if err != nil {
		t.Fatal(err)
	}
	b, err = pdf.Assemble(b, pdf.Meta{Title: "t", Lang: "ja", Tool: "massho", Created: day, ID: strings.Repeat("0a", 16)},
		[]pdf.File{{Name: "a.json", MIME: "application/json", Relation: "Data", Data: []byte("{}")}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// signed returns a file with n signatures: the stick's, then people's.
func signed(t testing.TB, n int) []byte {
	t.Helper()
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	b := unsigned(t)
	for i, field := range []string{"stick", "operator-1", "witness-1"}[:n] {
		h := keys.Holder{Kind: keys.Staff, ID: field, Role: "witness"}
		if i == 0 {
			h = keys.Holder{Kind: keys.Stick, Case: "R8-1", Stick: "S1"}
		}
		var err error
		b, err = Sign(b, Info{Field: field, Name: "署名者（𠮷）", Reason: "記録", Time: day}, pair(t, h, &root), root.Cert)
		if err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func TestCheck(t *testing.T) {
	b := signed(t, 3)
	doc, err := Check(b)
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Signatures) != 3 || doc.Signatures[2].End != len(b) || doc.Signatures[1].Field != "operator-1" {
		t.Fatalf("%+v", doc.Signatures)
	}
	s := doc.Signatures[0]
	if s.Name != "署名者（𠮷）" || !s.Time.Equal(day) || len(s.Issuers) != 1 {
		t.Errorf("%+v", s)
	}
	// A file cut back to an earlier revision is a valid earlier file.
	if _, err := Check(b[:s.End]); err != nil {
		t.Errorf("first revision alone: %v", err)
	}
	if _, err := Check(unsigned(t)); !errors.Is(err, ErrUnsigned) {
		t.Errorf("%v, want ErrUnsigned", err)
	}
}

func TestDeterministic(t *testing.T) {
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	s := pair(t, keys.Holder{Kind: keys.Stick, Case: "c", Stick: "s"}, &root)
	i := Info{Field: "stick", Name: "a", Reason: "b", Time: day}
	a, err := Sign(unsigned(t), i, s, root.Cert)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Sign(unsigned(t), i, s, root.Cert)
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two signings differ: %v", err)
	}
}

func TestSignRefuses(t *testing.T) {
	root := pair(t, keys.Holder{Kind: keys.Authority}, nil)
	s := pair(t, keys.Holder{Kind: keys.Stick, Case: "c", Stick: "s"}, &root)
	good := Info{Field: "stick", Time: day}
	for name, f := range map[string]func() error{
		"field name":   func() error { _, err := Sign(unsigned(t), Info{Field: "a)b", Time: day}, s); return err },
		"foreign file": func() error { _, err := Sign([]byte("%PDF-1.4"), good, s); return err },
		"key of another certificate": func() error {
			_, err := Sign(unsigned(t), good, keys.Pair{Key: root.Key, Cert: s.Cert})
			return err
		},
	} {
		if f() == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

// TestEveryByteCounts flips one bit at a time over the whole file, densely in
// the updates.
func TestEveryByteCounts(t *testing.T) {
	b := signed(t, 2)
	step := 31
	if testing.Short() {
		step = 101
	}
	for i := 0; i < len(b); i += step {
		bad := bytes.Clone(b)
		bad[i] ^= 1
		if got, err := Check(bad); err == nil {
			t.Fatalf("byte %d (%q) changed and %d signatures hold", i, b[max(0, i-20):min(len(b), i+20)], len(got.Signatures))
		}
	}
}

// TestJudges: pdfsig and qpdf agree with us.
func TestJudges(t *testing.T) {
	for _, name := range []string{"pdfsig", "qpdf"} {
		if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") == "" {
			t.Skip(err)
		}
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "a.pdf")
	good := signed(t, 3)
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdfsig", "-nocert", file).CombinedOutput()
	if err != nil || strings.Count(string(out), "Signature is Valid") != 3 || strings.Count(string(out), "Total document signed") != 1 ||
		strings.Count(string(out), "ETSI.CAdES.detached") != 3 {
		t.Errorf("pdfsig: %v\n%s", err, out)
	}
	if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	good[bytes.Index(good, []byte("ModDate"))+20] ^= 1
	if err := os.WriteFile(file, good, 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ = exec.Command("pdfsig", "-nocert", file).CombinedOutput()
	if strings.Contains(string(out), "Signature is Valid") {
		t.Errorf("pdfsig does not see the change\n%s", out)
	}
}

func FuzzCheck(f *testing.F) {
	// Fuzzing runs in several processes: a file made anew would differ in each.
	good, err := os.ReadFile("../verify/testdata/v1/row2.pdf")
	if err != nil {
		f.Fatal(err)
	}
	if _, err := Check(good); err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Check(b)
		if err == nil && !bytes.Equal(b, good) {
			t.Fatalf("%d signatures hold in a file nobody signed", len(d.Signatures))
		}
	})
}
