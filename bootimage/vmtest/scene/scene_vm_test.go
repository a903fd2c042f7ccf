//go:build linux

package scene

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/gpt"
	"github.com/massho/massho/bootimage/vmtest"
)

// play prepares a scene with the programs that make build made.
func play(t *testing.T) Play {
	t.Helper()
	return playAs(t, false)
}

func playAs(t *testing.T, guided bool) Play {
	t.Helper()
	bin := os.Getenv("MASSHO_BIN")
	if bin == "" {
		t.Fatal("MASSHO_BIN does not name the folder of massho's programs; run make test or make test-vm")
	}
	p := Play{Bin: bin, Dir: t.TempDir(), Guided: guided, Say: func(s string) { t.Log(s) }}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	p.Source = root
	if err := p.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestScene is First light: from the stick to papers that verify, in a virtual PC.
func TestScene(t *testing.T) {
	vmtest.Need(t, vmtest.Few)
	sceneOn(t, vmtest.UEFI)
}

func TestSceneBIOS(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	sceneOn(t, vmtest.BIOS)
}

func TestSceneSecureBoot(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	sceneOn(t, vmtest.SecureBoot)
}

func sceneOn(t *testing.T, fw vmtest.Firmware) {
	p := play(t)
	disks := p.Disks()
	unnamed := disks[Named]
	before := hashes(t, p)
	untouched := hash(t, unnamed.File, 0, -1)
	code, err := p.Run(t.Context(), p.Config(fw))
	if err != nil || code != "0" {
		log, _ := p.Transcript()
		t.Fatalf("exit %q, %v\n%s", code, err, log)
	}
	for i, d := range disks {
		held, err := d.Holds()
		if err != nil {
			t.Fatal(err)
		}
		if want := i == Named; held != want {
			t.Errorf("%s: planted contents found: %t, want %t", filepath.Base(d.File), held, want)
		}
		n, err := Recovered(t.Context(), d.File)
		if err != nil {
			t.Fatal(err)
		}
		if want := i == Named; (n > 0) != want {
			t.Errorf("%s: photorec recovers %d files", filepath.Base(d.File), n)
		}
	}
	if got := hash(t, unnamed.File, 0, -1); got != untouched {
		t.Error("the drive that no case names was changed")
	}
	if after := hashes(t, p); after != before {
		t.Error("a boot partition of the stick was changed")
	}
	p.checkEvidence(t)
}

// hashes are the stick's boot code, BIOS boot partition and EFI partition.
func hashes(t *testing.T, p Play) [3]string {
	t.Helper()
	parts := partitions(t, p)
	return [3]string{
		hash(t, p.Image(), 0, 440), hash(t, p.Image(), parts[0].Offset(), parts[0].Size()), hash(t, p.Image(), parts[1].Offset(), parts[1].Size()),
	}
}

func partitions(t *testing.T, p Play) []gpt.Partition {
	t.Helper()
	f, err := os.Open(p.Image())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table, err := gpt.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return table.Partitions
}

func hash(t *testing.T, path string, offset, n int64) string {
	t.Helper()
	h, err := HashFile(path, offset, n)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// checkEvidence looks at EVIDENCE as a stranger would: its file system, what it
// must not hold, and every paper by tools that we did not write.
func (p Play) checkEvidence(t *testing.T) {
	t.Helper()
	p.checkFAT(t)
	files, err := p.Collect()
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		for _, d := range p.Disks() {
			if strings.Contains(string(data), d.Secret) {
				t.Errorf("%s holds what was planted on %s", name, filepath.Base(d.File))
			}
		}
	}
	said, err := p.Verify(t.Context())
	if err != nil {
		t.Errorf("massho-verify: %v", err)
	}
	for _, want := range []string{"抹消", "消去作業完了確認書", "庁舎内消去記録（破壊待ち）"} {
		if !strings.Contains(said, want) {
			t.Errorf("massho-verify does not say %s:\n%s", want, said)
		}
	}
	records, err := p.Records()
	if err != nil || len(records) != Named {
		t.Fatalf("%d papers, %v; want %d", len(records), err, Named)
	}
	for _, r := range records {
		p.judge(t, r)
	}
}

// judge holds one paper against pdfsig, qpdf and pdftotext.
func (p Play) judge(t *testing.T, paper string) {
	t.Helper()
	sig, err := output(t.Context(), "pdfsig", "-nocert", paper)
	if err != nil || !strings.Contains(sig, "Signature is Valid") {
		t.Errorf("pdfsig %s: %v\n%s", filepath.Base(paper), err, sig)
	}
	if out, err := output(t.Context(), "qpdf", "--check", paper); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
	text, err := output(t.Context(), "pdftotext", "-layout", paper, "-")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, SerialSSD) {
		if strings.Contains(text, "完了証明書\n") || !strings.Contains(strings.ReplaceAll(text, "\n", ""), "物理的破壊の完了を証明するものではない") {
			t.Errorf("the paper of row (1) claims too much:\n%s", text)
		}
	}
}

// checkFAT lets fsck.fat judge the EVIDENCE partition after the run.
func (p Play) checkFAT(t *testing.T) {
	t.Helper()
	part := partitions(t, p)[2]
	img, err := os.Open(p.Image())
	if err != nil {
		t.Fatal(err)
	}
	defer img.Close()
	data := make([]byte, part.Size())
	if _, err := img.ReadAt(data, part.Offset()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "evidence.fat")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := output(t.Context(), "fsck.fat", "-n", file)
	if err == nil {
		return
	}
	// The mark of a volume that lost power stays for ever after (the kernel's
	// choice). Nothing else may be wrong.
	if !p.Cut || !markOnly.MatchString(out) {
		t.Errorf("fsck.fat: %v\n%s", err, out)
	}
}

// markOnly is what fsck.fat says of a file system with nothing but the mark "not
// properly unmounted".
var markOnly = regexp.MustCompile(`(?s)^fsck\.fat [^\n]*\nThere are differences between boot sector and its backup\.\nThis is mostly harmless\. Differences: \(offset:original/backup\)\n  65:01/00\n  Not automatically fixing this\.\nDirty bit is set\. Fs was not properly unmounted and some data may be corrupt\.\n Automatically removing dirty bit\.\n\nLeaving filesystem unchanged\.\n[^\n]*clusters\n$`)

// TestRefusedOnTheStick boots sticks that must not work, and sees each refusal,
// its exit code, and every drive unchanged.
func TestRefusedOnTheStick(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := play(t)
	for _, tc := range []struct {
		name, code string
		change     func(t *testing.T, dir string)
	}{
		{"case altered", "52", func(t *testing.T, dir string) {
			edit(t, filepath.Join(dir, "case.dsse.json"), `"payload":"`, `"payload":"AAAA`)
		}},
		{"case damaged", "50", func(t *testing.T, dir string) { cut(t, filepath.Join(dir, "case.dsse.json")) }},
		{"key missing", "55", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "stick.key.pem"), "") }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := p
			q.Dir = t.TempDir()
			if err := q.copyFrom(p); err != nil {
				t.Fatal(err)
			}
			tc.change(t, q.path("office", "stick"))
			if err := q.image(t.Context()); err != nil {
				t.Fatal(err)
			}
			before := hash(t, q.Disks()[0].File, 0, -1)
			cfg := q.Config(vmtest.UEFI)
			cfg.Timeout = 2 * time.Minute
			code, err := q.refused(t.Context(), cfg)
			if err != nil || code != tc.code {
				log, _ := q.Transcript()
				t.Errorf("exit %q, %v; want %s\n%s", code, err, tc.code, log)
			}
			if hash(t, q.Disks()[0].File, 0, -1) != before {
				t.Error("a drive was changed")
			}
		})
	}
}

func edit(t *testing.T, path, from, to string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), from) {
		t.Fatalf("%s has no %q (%v)", path, from, err)
	}
	write(t, path, strings.Replace(string(b), from, to, 1))
}

func cut(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(b[:len(b)/2]))
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
