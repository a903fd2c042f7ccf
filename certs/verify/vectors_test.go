package verify

import (
	"bytes"
	"compress/zlib"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/wipe/rules"
)

var update = flag.Bool("update", false, "write vectors of a version that has none yet")

const vectors = "testdata/v1"

// TestVectors: a certificate of a released version verifies with every later
// one. Vectors are written once (-update, only where there are none) and never
// again.
func TestVectors(t *testing.T) {
	needFonts(t)
	if *update {
		writeVectors(t)
	}
	root, err := os.ReadFile(filepath.Join(vectors, "root.pem"))
	if err != nil {
		t.Fatal(err)
	}
	trust, err := keys.ParseTrust(root)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(vectors, "*.pdf"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d vectors, %v", len(files), err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		r := File(f, b, Options{Trust: trust, Now: sample.Day})
		// Another release of a font cannot draw the page again: that is said,
		// and nothing else may be wrong.
		if otherFont := r.Code == NotChecked && len(r.Findings) == 1; r.Code != Valid && !otherFont {
			t.Errorf("%s", r.Text())
		}
	}
}

func writeVectors(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(vectors); err == nil {
		t.Fatal("vectors of this version exist; they are never written again")
	}
	if err := os.MkdirAll(vectors, 0o755); err != nil {
		t.Fatal(err)
	}
	a := sample.NewUntil(t, true, sample.Day.AddDate(100, 0, 0)) // scripts read them with today's clock
	for name, b := range map[string][]byte{
		"root.pem":       keys.EncodeCerts(a.Root.Cert),
		"case.dsse.json": a.Case,
		"stage-a.pdf":    a.Issue(t, a.Statement(rules.Row1)),
		"row2.pdf":       a.Issue(t, a.Statement(rules.Row2)),
	} {
		if err := os.WriteFile(filepath.Join(vectors, name), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOtherPacking: another release of Go may pack streams otherwise; what
// counts is what they unpack to.
func TestOtherPacking(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	good := a.Issue(t, a.Statement(rules.Row2))
	b := rebuilt(func(o []pdf.Object) []pdf.Object {
		for i := range o {
			if data, err := pdf.Unpack(o[i].Stream); err == nil {
				var z bytes.Buffer
				w, err := zlib.NewWriterLevel(&z, zlib.BestSpeed)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(data); err != nil {
					t.Fatal(err)
				}
				if err := w.Close(); err != nil {
					t.Fatal(err)
				}
				o[i].Stream = z.Bytes()
			}
		}
		return o
	})(t, a, good)
	if bytes.Equal(b, good) {
		t.Fatal("nothing was packed otherwise")
	}
	if r := File("x", b, options(a)); r.Code != Valid {
		t.Errorf("%s", r.Text())
	}
}

// FuzzFile: no input makes the checker panic, and none but the signed file is
// valid.
func FuzzFile(f *testing.F) {
	needFonts(f)
	// Fuzzing runs in several processes: a file made anew would differ in each.
	good, err := os.ReadFile(filepath.Join(vectors, "row2.pdf"))
	if err != nil {
		f.Fatal(err)
	}
	root, err := os.ReadFile(filepath.Join(vectors, "root.pem"))
	if err != nil {
		f.Fatal(err)
	}
	trust, err := keys.ParseTrust(root)
	if err != nil {
		f.Fatal(err)
	}
	o := Options{Trust: trust, Now: sample.Day}
	f.Add(good)
	f.Add([]byte("%PDF-1.7\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r := File("x", b, o); r.Code == Valid && !bytes.Equal(b, good) {
			t.Fatal("a file that nobody signed is valid")
		}
	})
}
