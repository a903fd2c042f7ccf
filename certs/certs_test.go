package certs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/dsse"
	"github.com/massho/massho/certs/internal/sample"
	"github.com/massho/massho/certs/keys"
	"github.com/massho/massho/wipe/rules"
)

// TestGoldenPages pins what is on every kind of paper, in every layout and
// language that was ever released. A change here changes papers that were
// issued: what must change gets a new layout version.
func TestGoldenPages(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	for _, l := range []certs.Layout{{Version: 1, Lang: "ja"}, {Version: 2, Lang: "ja"}, {Version: 2, Lang: "en"}} {
		for name, s := range papers(a) {
			s.Case.Hash = strings.Repeat("c", 64) // the sample's keys are new each time
			s.SchemaVersion, s.Layout = l.Version, l
			if l.Version == 1 {
				s.Medium.Maker = "" // nobody filled it in then
			}
			doc := certs.Document(&s, rules.Default(), strings.Repeat("0", 64))
			got, err := json.MarshalIndent(doc, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join("testdata", fmt.Sprintf("layout-%d-%s", l.Version, l.Lang))
			golden(t, filepath.Join(dir, name+".golden.json"), append(got, '\n'))
		}
	}
}

// golden compares got with a file, or writes it when asked to and it is not
// there: what was released is never written again.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) && flag.Lookup("update").Value.String() == "true" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the page is another one now; papers of this layout were issued, so keep it and make a new layout version", file)
	}
}

// TestDeterministic: the same Statement and key give the same bytes.
func TestDeterministic(t *testing.T) {
	needFonts(t)
	a := sample.New(t, true)
	if !bytes.Equal(a.Issue(t, a.Statement(rules.Row1)), a.Issue(t, a.Statement(rules.Row1))) {
		t.Error("two papers of one Statement differ")
	}
}

// TestExactWords: the words that the law asks for stand on the page, letter by
// letter, as a reader of the PDF finds them.
func TestExactWords(t *testing.T) {
	needFonts(t)
	for _, c := range []struct {
		name  string
		row   rules.Row
		words []string
	}{
		{"row 1", rules.Row1, []string{"庁舎内消去記録（破壊待ち）", "本記録は図表41(1)の物理的破壊の完了を証明するものではない", "物理的な破壊が必要である",
			"分解・粉砕・溶解・焼却・細断", "WD-WCC3F0000001", "B-0001", "試験市長", "収受", "引渡しの日から30日以内", "𠮷野"}},
		{"row 2", rules.Row2, []string{"抹消措置の完了証明書", "Purge", "装置の自己申告に依拠。媒体内部は未確認", "令和8年11月21日（2026-11-21）"}},
		{"row 3", rules.Row3, []string{"消去作業完了確認書", "全領域上書き", "Clear", "髙橋 花子", "株式会社 例示データ消去", "より新しい版が公表されている場合がある"}},
	} {
		a := sample.New(t, true)
		text := pdfText(t, a.Issue(t, a.Statement(c.row)))
		for _, w := range append(c.words, "訓", "R8-012-S1-000") {
			if !strings.Contains(text, strings.ReplaceAll(w, " ", "")) {
				t.Errorf("%s: the page does not say %q", c.name, w)
			}
		}
		if c.row != rules.Row2 && strings.Contains(text, "抹消措置の完了証明書") {
			t.Errorf("%s: the page names a certificate it is not", c.name)
		}
	}
}

// pdfText is the text of a PDF without white space.
func pdfText(t *testing.T, b []byte) string {
	t.Helper()
	out := judge(t, "pdftotext", "-raw", file(t, b), "-")
	return strings.Join(strings.Fields(string(out)), "")
}

func file(t *testing.T, b []byte) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(p, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// judge runs an outside tool; without it the test skips, but never in CI.
func judge(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

// TestJudges: strangers read the file, its signature and its attachments.
func TestJudges(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	for name, s := range papers(a) {
		path := file(t, a.Issue(t, s))
		judge(t, "qpdf", "--check", path)
		if out := string(judge(t, "pdfsig", "-nocert", path)); !strings.Contains(out, "Signature is Valid") || !strings.Contains(out, "Total document signed") {
			t.Errorf("%s: pdfsig: %s", name, out)
		}
		dir := t.TempDir()
		judge(t, "pdfdetach", "-saveall", "-o", dir, path)
		env, err := os.ReadFile(filepath.Join(dir, certs.AttachedStatement))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		opensslVerifies(t, env, a.Stick)
	}
}

// opensslVerifies checks the attached record with openssl over the PAE bytes.
func opensslVerifies(t *testing.T, env []byte, stick keys.Pair) {
	t.Helper()
	var e struct {
		PayloadType string
		Payload     []byte
		Signatures  []struct{ Sig []byte }
	}
	if err := json.Unmarshal(env, &e); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put := func(name string, b []byte) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	cert := put("crt.pem", keys.EncodeCerts(stick.Cert))
	pub := put("pub.pem", judge(t, "openssl", "x509", "-in", cert, "-noout", "-pubkey"))
	judge(t, "openssl", "dgst", "-sha256", "-verify", pub, "-signature", put("sig", e.Signatures[0].Sig), put("pae", dsse.PAE(e.PayloadType, e.Payload)))
}

func TestIssueRefuses(t *testing.T) {
	needFonts(t)
	a, drill := sample.New(t, false), sample.New(t, true)
	good := a.Statement(rules.Row2)
	log := sample.Journal(t, &good)
	for _, c := range []struct {
		name string
		edit func(s *certs.Statement, by *certs.Signer, log, file *[]byte)
		want error
	}{
		{"no number", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.Number = "" }, certs.ErrNumber},
		{"outcome that is not derived", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.Derivation.NIST = rules.MethodDestroy }, certs.ErrOutcome},
		{"training under a real root", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.Training = true }, certs.ErrSigner},
		{"real under a training root", func(_ *certs.Statement, by *certs.Signer, _, _ *[]byte) { *by = drill.Signer() }, certs.ErrSigner},
		{"no certificate", func(_ *certs.Statement, by *certs.Signer, _, _ *[]byte) { by.Chain = nil }, certs.ErrSigner},
		{"key of another stick", func(_ *certs.Statement, by *certs.Signer, _, _ *[]byte) { by.Key = drill.Stick.Key }, certs.ErrSigner},
		{"signed by the authority itself", func(_ *certs.Statement, by *certs.Signer, _, _ *[]byte) {
			by.Key, by.Chain = a.Root.Key, by.Chain[1:]
		}, certs.ErrSigner},
		{"journal that does not end there", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.Journal.HeadHash = strings.Repeat("0", 64) }, certs.ErrJournal},
		{"journal missing", func(_ *certs.Statement, _ *certs.Signer, log, _ *[]byte) { *log = nil }, certs.ErrJournal},
		{"journal with a tail", func(_ *certs.Statement, _ *certs.Signer, log, _ *[]byte) {
			*log = append(bytes.Clone(*log), make([]byte, 512)...)
		}, certs.ErrJournal},
		{"unknown rule pack", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.RulePack.ID = "x" }, rules.ErrNoPack},
		{"rule pack of another hash", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.RulePack.Hash = strings.Repeat("0", 64) }, nil},
		{"another case file", func(_ *certs.Statement, _ *certs.Signer, _, file *[]byte) { *file = drill.Case }, nil},
		{"number with a slash", func(s *certs.Statement, _ *certs.Signer, _, _ *[]byte) { s.Number = "a/b" }, nil},
	} {
		s, by, l, f := sample.Clone(t, good), a.Signer(), log, a.Case
		c.edit(&s, &by, &l, &f)
		b, err := certs.Issue(s, l, f, by, sample.Day)
		if err == nil || len(b) > 0 || (c.want != nil && !errors.Is(err, c.want)) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// TestWhatNoFontDraws never keeps a paper from being issued.
func TestWhatNoFontDraws(t *testing.T) {
	needFonts(t)
	a := sample.New(t, false)
	s := a.Statement(rules.Row2)
	s.Medium.Model = "ODD\x00\x1b\U0001F600\xff"
	if text := pdfText(t, a.Issue(t, s)); !strings.Contains(text, "ODD〓〓〓") {
		t.Error("what cannot be drawn is not shown as 〓")
	}
}
