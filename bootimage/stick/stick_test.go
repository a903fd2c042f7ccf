package stick

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/fat"
)

func newIdentity(t *testing.T, seed byte) Identity {
	t.Helper()
	id, err := NewIdentity(rand.NewChaCha8([32]byte{seed}))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// template is an image with toy boot files.
func template(t *testing.T) (string, Image) {
	t.Helper()
	cfg, err := Config{Evidence: 1, Cmdline: []string{"quiet", "loglevel=3"}}.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	im := Image{
		Identity: newIdentity(t, 1), MBR: bytes.Repeat([]byte{0x90}, 440), BIOSBoot: bytes.Repeat([]byte{0xAB}, 5000),
		ESP:      map[string][]byte{ConfigPath: cfg, KernelPath: bytes.Repeat([]byte("kernel"), 9000), "EFI/BOOT/BOOTX64.EFI": []byte("shim")},
		Evidence: map[string][]byte{"old case.json": []byte("secret of the last stick")}, EvidenceSize: 40 << 20,
		Time: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	path := filepath.Join(t.TempDir(), "template.img")
	if err := WriteFile(path, im); err != nil {
		t.Fatal(err)
	}
	return path, im
}

func read(t *testing.T, path string) Image {
	t.Helper()
	im, err := readFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestPersonalise(t *testing.T) {
	from, im := template(t)
	out := filepath.Join(t.TempDir(), "stick.img")
	id := newIdentity(t, 2)
	files := map[string][]byte{"案件/案件.json": []byte("case"), "key.pem": []byte("key")}
	if err := Personalise(from, out, Personal{Identity: id, Files: files, Cmdline: []string{"massho.test=1"}}); err != nil {
		t.Fatal(err)
	}
	got := read(t, out)
	if got.Identity != id || !bytes.Equal(got.MBR, im.MBR) || !bytes.Equal(got.BIOSBoot[:5000], im.BIOSBoot) {
		t.Errorf("identity or boot code: %+v", got.Identity)
	}
	if !maps.EqualFunc(got.Evidence, files, bytes.Equal) {
		t.Errorf("EVIDENCE holds %v", slices.Collect(maps.Keys(got.Evidence)))
	}
	cfg, err := ParseConfig(got.ESP[ConfigPath])
	if err != nil || cfg.Evidence != id.Evidence || strings.Join(cfg.Cmdline, " ") != "quiet loglevel=3 massho.test=1" {
		t.Errorf("configuration says %+v, %v", cfg, err)
	}
	delete(got.ESP, ConfigPath)
	delete(im.ESP, ConfigPath)
	if !maps.EqualFunc(got.ESP, im.ESP, bytes.Equal) {
		t.Error("other boot files were changed")
	}
	b, err := os.ReadFile(out)
	if err != nil || bytes.Contains(b, []byte("secret of the last stick")) {
		t.Errorf("contents of the template's EVIDENCE are left: %v", err)
	}
	if got := read(t, from); string(got.Evidence["old case.json"]) == "" {
		t.Error("the template was changed")
	}
	judge(t, out)
}

// judge lets outside programs look at an image.
func judge(t *testing.T, path string) {
	t.Helper()
	if out, err := exec.Command("sgdisk", "-v", path).CombinedOutput(); err != nil || !strings.Contains(string(out), "No problems found") {
		t.Errorf("sgdisk: %v\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string][2]int{"ESP": {espStart, espSize}, "EVIDENCE": {dataStart, 40 << 20}} {
		part := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(part, b[at[0]:at[0]+at[1]], 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("fsck.fat", "-n", part).CombinedOutput(); err != nil {
			t.Errorf("fsck.fat on %s: %v\n%s", name, err, out)
		}
	}
}

func TestPersonaliseInPlace(t *testing.T) {
	path, _ := template(t)
	id := newIdentity(t, 3)
	if err := Personalise(path, path, Personal{Identity: id}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got.Identity != id || len(got.Evidence) != 0 {
		t.Errorf("got %+v", got.Identity)
	}
}

func TestPersonaliseTwice(t *testing.T) {
	from, _ := template(t)
	var sums [2][32]byte
	for i := range sums {
		out := filepath.Join(t.TempDir(), "stick.img")
		if err := Personalise(from, out, Personal{Identity: newIdentity(t, 4), Files: map[string][]byte{"a": {1}, "b": {2}}}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		sums[i] = sha256.Sum256(b)
	}
	if sums[0] != sums[1] {
		t.Error("the same identity and files gave two images")
	}
}

func TestRefusals(t *testing.T) {
	from, _ := template(t)
	id := newIdentity(t, 5)
	same := id
	same.Evidence = same.ESP
	twice := id
	twice.Partitions[1] = twice.Disk
	noise := filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(noise, bytes.Repeat([]byte{7}, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	damaged := damage(t, from)
	tests := []struct {
		name, from string
		p          Personal
		want       error
	}{
		{"no identity", from, Personal{}, ErrIdentity},
		{"equal volume IDs", from, Personal{Identity: same}, ErrIdentity},
		{"equal GUIDs", from, Personal{Identity: twice}, ErrIdentity},
		{"not an image", noise, Personal{Identity: id}, ErrNotImage},
		{"damaged table", damaged, Personal{Identity: id}, ErrNotImage},
		{"GRUB syntax", from, Personal{Identity: id, Cmdline: []string{"a=$b"}}, ErrCmdline},
		{"space", from, Personal{Identity: id, Cmdline: []string{"a b"}}, ErrCmdline},
		{"too much", from, Personal{Identity: id, Files: map[string][]byte{"a": make([]byte, 41<<20)}}, fat.ErrFull},
		{"name", from, Personal{Identity: id, Files: map[string][]byte{"a?": nil}}, fat.ErrName},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := Personalise(tt.from, filepath.Join(dir, "out.img"), tt.p); !errors.Is(err, tt.want) {
				t.Errorf("Personalise says %v", err)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("something was left behind: %v, %v", left, err)
			}
		})
	}
}

// damage copies an image and flips a byte of its partition table.
func damage(t *testing.T, from string) string {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	b[1024+40] ^= 1
	path := filepath.Join(t.TempDir(), "damaged.img")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImageSizes(t *testing.T) {
	_, im := template(t)
	for name, edit := range map[string]func(*Image){
		"boot code too long":  func(im *Image) { im.MBR = make([]byte, 441) },
		"core image too long": func(im *Image) { im.BIOSBoot = make([]byte, biosSize+1) },
		"odd EVIDENCE":        func(im *Image) { im.EvidenceSize++ },
		"no EVIDENCE":         func(im *Image) { im.EvidenceSize = 0 },
		"small EVIDENCE":      func(im *Image) { im.EvidenceSize = mib },
	} {
		t.Run(name, func(t *testing.T) {
			bad := im
			edit(&bad)
			path := filepath.Join(t.TempDir(), "x.img")
			if err := WriteFile(path, bad); err == nil {
				t.Error("it was written")
			}
			if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a file is there: %v", err)
			}
		})
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []Config{{Evidence: 0x1A2B3C4D, Cmdline: []string{"quiet", "a.b=c,d"}}, {Cmdline: []string{"quiet"}}, {}} {
		b, err := c.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseConfig(b)
		if err != nil || got.Evidence != c.Evidence || !slices.Equal(got.Cmdline, c.Cmdline) {
			t.Errorf("ParseConfig = %+v, %v", got, err)
		}
		if c.Evidence == 0 && bytes.Contains(b, []byte("massho.evidence=")) {
			t.Errorf("the Explorer form names a volume:\n%s", b)
		}
	}
	if _, err := ParseConfig([]byte("set timeout=5\n")); !errors.Is(err, ErrNotImage) {
		t.Errorf("a foreign configuration: %v", err)
	}
}

func FuzzParseConfig(f *testing.F) {
	b, err := Config{Evidence: 7, Cmdline: []string{"quiet"}}.Bytes()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := ParseConfig(b); err != nil && !errors.Is(err, ErrNotImage) {
			t.Errorf("untyped error: %v", err)
		}
	})
}
