//go:build linux

package bootimage_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/bootimage/fat"
	"github.com/massho/massho/bootimage/manual"
	"github.com/massho/massho/bootimage/stick"
	"github.com/massho/massho/bootimage/vmtest"
)

func TestBuild(t *testing.T) {
	opts := options(t)
	opts.Notices = []bootimage.Notice{{Name: "Toy", Version: "1", Licence: "MIT", Source: "https://toy.example/"}}
	m, err := bootimage.Build(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range early.StaticModules() {
		if !slices.Contains(m.Modules, name) {
			t.Errorf("the guest loads %s, which is not in the image", name)
		}
	}
	if len(m.UnmetModules) != 0 {
		t.Errorf("soft dependencies that nothing meets: %v", m.UnmetModules)
	}
	t.Run("judges", func(t *testing.T) { judgeImage(t, opts.Out) })
	t.Run("boot code", func(t *testing.T) { checkBootCode(t, opts.Out) })
	t.Run("signed files", func(t *testing.T) { checkUnchanged(t, opts) })
	t.Run("licences", func(t *testing.T) { checkLicences(t, readImage(t, opts.Out).ESP) })
	t.Run("manifest", func(t *testing.T) { checkManifest(t, opts.Out, m) })
	t.Run("manual", func(t *testing.T) { checkManual(t, opts.Out) })
}

// checkManual reads the documents back as a stranger does: by their long names.
func checkManual(t *testing.T, image string) {
	docs, err := manual.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range docs {
		cmd := exec.Command("mtype", "-i", image+"@@2M", "::"+manual.Dir+"/"+name)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
		got, err := cmd.Output()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("mtype reads %d bytes of %s, want %d: %v", len(got), name, len(want), err)
		}
	}
}

func judgeImage(t *testing.T, image string) {
	out, err := exec.Command("sgdisk", "-v", image).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "No problems found") {
		t.Errorf("sgdisk: %v\n%s", err, out)
	}
	b, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	for name, part := range map[string][]byte{"ESP": b[2<<20 : 66<<20], "EVIDENCE": b[66<<20 : len(b)-1<<20]} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, part, 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("fsck.fat", "-n", path).CombinedOutput(); err != nil {
			t.Errorf("fsck.fat on %s: %v\n%s", name, err, out)
		}
	}
}

// checkBootCode looks at the bytes that grub-bios-setup would have written.
func checkBootCode(t *testing.T, image string) {
	b, err := os.ReadFile(image)
	if err != nil {
		t.Fatal(err)
	}
	le := binary.LittleEndian
	if le.Uint64(b[0x5C:]) != 2048 || b[0x66] != 0x90 || b[0x67] != 0x90 || b[446] != 0x80 || b[450] != 0xEE {
		t.Errorf("MBR: core at %d, % X, entry % X", le.Uint64(b[0x5C:]), b[0x66:0x68], b[446:462])
	}
	core := b[1<<20 : 2<<20]
	sectors := int(le.Uint16(core[0x1FC:]))
	if le.Uint64(core[0x1F4:]) != 2049 || le.Uint16(core[0x1FE:]) != 0x0820 {
		t.Errorf("core image: block list % X", core[0x1F4:0x200])
	}
	if end := (sectors + 1) * 512; !bytes.Equal(core[end:], make([]byte, len(core)-end)) || bytes.Equal(core[end-512:end], make([]byte, 512)) {
		t.Errorf("core image: %d sectors are not where it ends", sectors)
	}
}

// checkUnchanged compares the signed files with those of the packages.
func checkUnchanged(t *testing.T, opts bootimage.Options) {
	esp := readImage(t, opts.Out).ESP
	for name, path := range map[string]string{
		"EFI/BOOT/BOOTX64.EFI": opts.Inputs.Shim, "EFI/BOOT/grubx64.efi": opts.Inputs.Grub64, "EFI/BOOT/mmx64.efi": opts.Inputs.MOKManager,
		"EFI/BOOT/BOOTIA32.EFI": opts.Inputs.Grub32, stick.KernelPath: opts.Inputs.Kernel,
	} {
		want, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(esp[name], want) {
			t.Errorf("%s is not %s: %v", name, filepath.Base(path), err)
		}
	}
}

func checkLicences(t *testing.T, esp map[string][]byte) {
	text := string(esp["massho/SOURCES.txt"])
	for _, want := range []string{"GPL-2.0-only", "GPL-3.0-or-later", "OFL-1.1", "BSD-2-Clause", "linux-signed-amd64", "grub2", "built using: linux (= ", "u-root", "snapshot.debian.org", "Toy 1", "MIT"} {
		if !strings.Contains(text, want) {
			t.Errorf("SOURCES.txt does not name %s", want)
		}
	}
	if strings.Contains(text, "licence: see") {
		t.Errorf("a licence is not named:\n%s", text)
	}
	for _, name := range []string{"linux-signed-amd64", "grub2", "shim-signed", "fonts-morisawa-bizud-gothic"} {
		if len(esp["massho/licences/"+name+".txt"]) < 500 {
			t.Errorf("no licence text of %s", name)
		}
	}
}

func checkManifest(t *testing.T, image string, m bootimage.Manifest) {
	b, err := os.ReadFile(image + ".manifest.json")
	if err != nil {
		t.Fatal(err)
	}
	var got bootimage.Manifest
	if err := json.Unmarshal(b, &got); err != nil || got.Image != m.Image || len(got.Packages) != len(m.Packages) || got.Files[stick.InitrdPath] != m.Files[stick.InitrdPath] {
		t.Errorf("manifest reads as %+v, %v", got, err)
	}
	out, err := exec.Command("sha256sum", image).Output()
	if err != nil || !strings.HasPrefix(string(out), m.Image) {
		t.Errorf("sha256sum says %s, %v", out, err)
	}
	if bytes.Contains(b, []byte(filepath.Dir(image))) {
		t.Error("the manifest holds a path of this machine")
	}
}

// TestReproducible builds with and without the cache, at two times, and with a
// u-root compiled anew.
func TestReproducible(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	first := options(t)
	second := options(t)
	second.CacheDir = ""
	a, b := build(t, first), build(t, second)
	if out, err := exec.Command("cmp", a, b).CombinedOutput(); err != nil {
		t.Errorf("two builds differ: %s", out)
	}
}

// TestSameTwice builds twice from the same parts.
func TestSameTwice(t *testing.T) {
	first := options(t)
	second := options(t)
	a, b := build(t, first), build(t, second)
	if out, err := exec.Command("cmp", a, b).CombinedOutput(); err != nil {
		t.Errorf("two builds differ: %s", out)
	}
	second.SourceDateEpoch = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	if exec.Command("cmp", "-s", a, build(t, second)).Run() == nil {
		t.Error("SourceDateEpoch changes nothing")
	}
}

func TestBuildFiles(t *testing.T) {
	opts := options(t)
	dir := filepath.Join(t.TempDir(), "files")
	m, err := bootimage.BuildFiles(context.Background(), dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"EVIDENCE/案件/case.json": "{}\n", "EFI/BOOT/BOOTX64.EFI": "MZ", "massho/SOURCES.txt": "この", "manual/操作手順書.html": "<!DOCTYPE html>", "manual/手引き.html": "<!DOCTYPE html>"} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(b), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if m.Image != "" {
		t.Error("a folder has no image hash")
	}
	if _, err := bootimage.BuildFiles(context.Background(), dir, opts); !errors.Is(err, bootimage.ErrOptions) {
		t.Errorf("into a folder that is not empty: %v", err)
	}
}

func TestBuildRefusals(t *testing.T) {
	tests := []struct {
		name string
		edit func(*bootimage.Options)
		want error
	}{
		{"no program", func(o *bootimage.Options) { o.Massho = "" }, bootimage.ErrOptions},
		{"program not there", func(o *bootimage.Options) { o.Massho = "nowhere" }, os.ErrNotExist},
		{"no inputs", func(o *bootimage.Options) { o.Inputs = bootimage.Inputs{} }, bootimage.ErrInputs},
		{"unknown module", func(o *bootimage.Options) { o.ExtraModules = []string{"nosuchmodule"} }, nil},
		{"bad parameter", func(o *bootimage.Options) { o.Cmdline = []string{"a;b"} }, stick.ErrCmdline},
		{"EVIDENCE too small", func(o *bootimage.Options) { o.EvidenceSize = 1 << 20 }, fat.ErrSize},
		{"bad evidence name", func(o *bootimage.Options) { o.EvidenceFiles = map[string][]byte{"a:b": nil} }, fat.ErrName},
		{"not the source tree", func(o *bootimage.Options) { o.ModuleDir = t.TempDir() }, bootimage.ErrURoot},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := options(t)
			tt.edit(&opts)
			_, err := bootimage.Build(context.Background(), opts)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Build says %v", err)
			}
			if left, err := filepath.Glob(filepath.Join(filepath.Dir(opts.Out), "*")); err != nil || len(left) != 0 {
				t.Errorf("something was left behind: %v, %v", left, err)
			}
		})
	}
}
