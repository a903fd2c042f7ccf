//go:build linux

package bootimage_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/debian"
	"github.com/massho/massho/bootimage/depmod"
	"github.com/massho/massho/bootimage/vmtest"
)

// TestDepmodJudge lets Debian's own depmod make the tables of the image's
// modules, and compares.
func TestDepmodJudge(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	opts := options(t)
	m, err := bootimage.Build(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := depmod.Open(os.DirFS(opts.Inputs.Modules))
	if err != nil {
		t.Fatal(err)
	}
	sel, err := tree.Select(m.Modules...)
	if err != nil || len(sel.Modules) != len(m.Modules) {
		t.Fatalf("%d modules of %d, %v", len(sel.Modules), len(m.Modules), err)
	}
	dir := filepath.Join(t.TempDir(), "lib", "modules", opts.Inputs.Release)
	for _, mod := range sel.Modules {
		writeFile(t, filepath.Join(dir, mod.Path), mod.Data)
	}
	for _, name := range []string{"modules.builtin", "modules.order"} {
		b, err := os.ReadFile(filepath.Join(opts.Inputs.Modules, name))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, name), b)
	}
	runDepmod(t, filepath.Dir(filepath.Dir(filepath.Dir(dir))), opts.Inputs.Release)
	for name, ours := range map[string][]byte{"modules.dep": sel.Dep(), "modules.alias": sel.Alias(), "modules.softdep": sel.SoftDep()} {
		theirs, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := lines(ours), lines(theirs); len(a) < 5 || !slices.Equal(a, b) {
			t.Errorf("%s: %d lines of ours, %d of depmod's, or other ones", name, len(a), len(b))
		}
	}
}

func runDepmod(t *testing.T, root, release string) {
	t.Helper()
	set, err := debian.Fetch(context.Background(), debian.Config{Dir: filepath.Join(cacheDir(t), "debian")}, "kmod", "libkmod2")
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "depmod") // kmod is what its name says
	if err := os.Symlink(set["kmod"].Path("bin/kmod"), link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, "-b", root, release)
	cmd.Env = append(os.Environ(), "LD_LIBRARY_PATH="+set["libkmod2"].Path("lib/x86_64-linux-gnu")+":"+set["libkmod2"].Path("usr/lib/x86_64-linux-gnu"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("depmod: %v\n%s", err, out)
	}
}

// lines returns what a table says, whatever the order of lines and of the
// files in a line.
func lines(b []byte) (out []string) {
	for line := range strings.Lines(string(b)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if strings.HasSuffix(words[0], ":") {
			slices.Sort(words[1:])
		}
		out = append(out, strings.Join(words, " "))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func writeFile(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
