package verify

import (
	"bytes"
	"compress/zlib"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/pades"
	"github.com/massho/massho/certs/pdf"
	"github.com/massho/massho/certs/summary"
	"github.com/massho/massho/certs/tsa"
	"github.com/massho/massho/certs/tsa/tsatest"
	"github.com/massho/massho/wipe/rules"
)

var update = flag.Bool("update", false, "write vectors of a version that has none yet")

// vectors is the first version's; every version has a folder beside it.
const (
	vectors = "testdata/v1"
	newest  = "testdata/v2"
)

// TestVectors: a paper of a released version verifies with every later one, with
// the code that it had. Vectors are written once (-update, only where there are
// none) and never again.
//
// A folder holds root.pem, tsa.pem where there are time stamps, papers, and
// codes.txt with the code of each; without it all are valid.
func TestVectors(t *testing.T) {
	needFonts(t)
	if *update {
		writeVectors(t)
	}
	versions, err := filepath.Glob("testdata/v*")
	if err != nil || len(versions) < 2 {
		t.Fatalf("%d versions, %v", len(versions), err)
	}
	for _, dir := range versions {
		opt, want := Options{Now: sample.Day.AddDate(20, 0, 0)}, codesOf(t, dir)
		if opt.Trust, err = keys.ParseTrust(read(t, dir, "root.pem")); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "tsa.pem")); err == nil {
			if opt.Stamps, err = tsa.ParseTrust(read(t, dir, "tsa.pem")); err != nil {
				t.Fatal(err)
			}
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.pdf"))
		if err != nil || len(files) < 2 {
			t.Fatalf("%s: %d vectors, %v", dir, len(files), err)
		}
		var all []Named
		for _, f := range files {
			all = append(all, Named{Name: filepath.Base(f), Data: read(t, dir, filepath.Base(f))})
		}
		for _, r := range Many(all, opt) {
			// Another release of a font cannot draw the page again: that is said,
			// and nothing else may be wrong.
			if otherFont := r.Code == NotChecked && len(r.Findings) == 1; r.Code != want[r.File] && !otherFont {
				t.Errorf("%s, want %d: %s", dir, want[r.File], r.Text())
			}
		}
	}
}

// TestVectorsStay: the bytes of a released version's papers.
func TestVectorsStay(t *testing.T) {
	for file, want := range map[string]string{
		"v1/row2.pdf":    "fff7c508bfafe976de93c7859c9cf0efacda74e981c15e1cb89721eb59316286",
		"v1/stage-a.pdf": "585f4eb48cf9be9851435a20971938b9a85193c6f79942d4ec7d249fe9e704db",
	} {
		if got := certs.Hash(read(t, "testdata", file)); got != want {
			t.Errorf("%s: %s, it was released with %s", file, got, want)
		}
	}
}

func read(t testing.TB, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// codesOf reads codes.txt: a code and a file's name on each line.
func codesOf(t *testing.T, dir string) map[string]Code {
	t.Helper()
	out := map[string]Code{}
	b, err := os.ReadFile(filepath.Join(dir, "codes.txt"))
	if errors.Is(err, fs.ErrNotExist) {
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		var code Code
		var name string
		if _, err := fmt.Sscanf(line, "%d %s\n", &code, &name); err != nil {
			t.Fatalf("%s: %q: %v", dir, line, err)
		}
		out[name] = code
	}
	return out
}

// writeVectors makes the newest version's: every kind of paper, English, and a
// paper that was countersigned and stamped.
func writeVectors(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(newest); err == nil {
		t.Fatal("vectors of this version exist; they are never written again")
	}
	d := &desk{t: t, a: sample.NewUntil(t, true, sample.Day.AddDate(100, 0, 0)), files: map[string][]byte{}} // scripts read them with today's clock
	ts := tsatest.New(t, sample.Day.AddDate(-1, 0, 0), tsatest.Options{NotAfter: sample.Day.AddDate(30, 0, 0)})
	english := d.a.Statement(rules.Row3)
	english.Layout.Lang = "en"
	d.files["row3-en.pdf"] = d.a.Issue(t, english)
	d.files["A"], d.files["2"] = d.a.Issue(t, d.a.Statement(rules.Row1)), d.a.Issue(t, d.a.Statement(rules.Row2))
	d.files["longest-failed.pdf"], d.files["emptiest.pdf"] = d.a.Issue(t, d.a.Longest()), d.a.Issue(t, d.a.Empty())
	const century = 36500
	record, photos := d.record("R8-012-D0001", "A", d.a.Statement(rules.Row1).Medium.Serial)
	d.put("destroyed.pdf", record, photos, century)
	fix := d.about("R8-012-N0001", notice.Correct, "2")
	fix.Changes = []notice.Change{{Field: "asset.number", Before: "B-0002", After: "B-0099"}}
	d.put("correction.pdf", fix, nil, century)
	sum := &summary.Summary{Head: d.head("R8-012-T0001", "w1", certs.RoleWitness, 2), Missing: []summary.Missing{}}
	for _, name := range []string{"A", "2", "row3-en.pdf"} {
		sum.Lines = append(sum.Lines, summary.LineOf(parsed(t, d.files[name]), d.hash(name), deed.SHA256(d.files[name])))
	}
	d.put("summary.pdf", sum, nil, century)
	d.files["stage-a.pdf"] = d.files["A"]
	d.files["row2-countersigned-stamped.pdf"] = stampAt(t, countersigned(t, d.a, d.files["2"], certs.RoleValidator, sample.Day.AddDate(0, 0, 1), 3), ts,
		sample.Day.AddDate(0, 0, 2), pades.Store{Certs: []*x509.Certificate{d.a.Root.Cert, ts.Root}})
	delete(d.files, "A")
	delete(d.files, "2")

	var all []Named
	for name, b := range d.files {
		all = append(all, Named{Name: name, Data: b})
	}
	codes := ""
	for _, r := range Many(all, Options{Trust: d.a.Trust(), Stamps: ts.Trust(), Now: sample.Day.AddDate(20, 0, 0)}) {
		codes += fmt.Sprintf("%d %s\n", r.Code, r.File)
	}
	lines := slices.Sorted(strings.Lines(codes))
	d.files["codes.txt"] = []byte(strings.Join(lines, ""))
	d.files["root.pem"], d.files["tsa.pem"] = keys.EncodeCerts(d.a.Root.Cert), tsatest.PEM(ts.Root)
	if err := os.MkdirAll(newest, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, b := range d.files {
		if err := os.WriteFile(filepath.Join(newest, name), b, 0o644); err != nil {
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
