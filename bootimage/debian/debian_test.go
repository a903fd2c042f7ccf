//go:build unix

package debian

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseControl(t *testing.T) {
	tests := []struct {
		name, in string
		want     Package
	}{
		{"signed kernel",
			"Package: linux-image-6.1.0-56-amd64\nVersion: 6.1.192-2\nSource: linux-signed-amd64 (6.1.192+2)\nBuilt-Using: linux (= 6.1.192-2)\n",
			Package{Name: "linux-image-6.1.0-56-amd64", Version: "6.1.192-2", Source: "linux-signed-amd64", SourceVersion: "6.1.192+2", BuiltUsing: "linux (= 6.1.192-2)"}},
		{"own source",
			"Package: ovmf-ia32\nVersion: 2022.11-6+deb12u2\nSource: edk2\n",
			Package{Name: "ovmf-ia32", Version: "2022.11-6+deb12u2", Source: "edk2", SourceVersion: "2022.11-6+deb12u2"}},
		{"no source",
			"Package: fonts-morisawa-bizud-gothic\nVersion: 1.05-2\n",
			Package{Name: "fonts-morisawa-bizud-gothic", Version: "1.05-2", Source: "fonts-morisawa-bizud-gothic", SourceVersion: "1.05-2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, _ := parseControl(tt.in); got != tt.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestKernelOf(t *testing.T) {
	tests := []struct{ name, depends, want string }{
		{"linux-image-amd64", "linux-image-6.1.0-56-amd64 (= 6.1.192-2)", "linux-image-6.1.0-56-amd64=6.1.192-2"},
		{"linux-image-6.1.0-56-amd64", "kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool", ""},
		{"shim-signed", "linux-image-amd64", ""},
		{"linux-image-amd64", "linux-image-6.1.0-56-amd64", "linux-image-6.1.0-56-amd64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := kernelOf(tt.name, tt.depends); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestIsSuite(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"bookworm", "ID=debian\nVERSION_CODENAME=bookworm\n", true},
		{"quoted", "ID=\"debian\"\nVERSION_CODENAME=\"bookworm\"\n", true},
		{"ubuntu", "ID=ubuntu\nVERSION_CODENAME=noble\n", false},
		{"trixie", "ID=debian\nVERSION_CODENAME=trixie\n", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "os-release")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := isSuite(path); got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// TestKeep unpacks a package that was built here, and reads it from the cache.
func TestKeep(t *testing.T) {
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Fatal("dpkg-deb is missing: this part runs on Debian and Ubuntu")
	}
	ctx := context.Background()
	src, cache := t.TempDir(), t.TempDir()
	control := "Package: toy\nVersion: 1:2.0-3\nArchitecture: all\nMaintainer: none <none@invalid>\nDescription: toy\n"
	write(t, filepath.Join(src, "DEBIAN", "control"), control)
	write(t, filepath.Join(src, "usr", "share", "toy"), "hello")
	deb := filepath.Join(t.TempDir(), "toy.deb")
	if _, err := run(ctx, "dpkg-deb", "--root-owner-group", "-b", src, deb); err != nil {
		t.Fatal(err)
	}
	p, _, err := describe(ctx, deb)
	if err != nil {
		t.Fatal(err)
	}
	p.Asked = "toy"
	if err := keep(ctx, cache, &p, deb, filepath.Join(cache, "tmp")); err != nil {
		t.Fatal(err)
	}
	set, err := Fetch(ctx, Config{Dir: cache}, "toy")
	if err != nil {
		t.Fatal(err)
	}
	if got := set["toy"]; got != p || len(got.SHA256) != 64 {
		t.Errorf("cache gives %+v, want %+v", got, p)
	}
	if b, err := os.ReadFile(set["toy"].Path("usr/share/toy")); err != nil || string(b) != "hello" {
		t.Errorf("file: %q, %v", b, err)
	}
}

func TestDamagedRecord(t *testing.T) {
	dir := t.TempDir()
	write(t, recordPath(dir, "toy"), "{")
	if _, err := Fetch(context.Background(), Config{Dir: dir}, "toy"); !errors.Is(err, ErrFetch) || !strings.Contains(err.Error(), "toy.json") {
		t.Errorf("Fetch says %v", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
