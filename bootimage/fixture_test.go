//go:build linux

package bootimage_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/vmtest"
)

// cacheDir keeps Debian packages and built parts between runs; the folder is
// ignored by git.
func cacheDir(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", "out", ".cache"))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var fetchInputs = sync.OnceValues(func() (bootimage.Inputs, error) {
	return bootimage.FetchInputs(context.Background(), filepath.Join("..", "out", ".cache", "debian"), bootimage.Packages{})
})

// options returns what most tests build: the payload in place of massho.
func options(t *testing.T) bootimage.Options {
	t.Helper()
	if testing.Short() {
		t.Skip("needs Debian packages and builds u-root")
	}
	in, err := fetchInputs()
	if err != nil {
		t.Fatal(err)
	}
	return bootimage.Options{
		Inputs: in, CacheDir: filepath.Join(cacheDir(t), "parts"), Massho: payload(t),
		EvidenceFiles: map[string][]byte{"案件/case.json": []byte("{}\n")},
		EvidenceSize:  48 << 20,
		Out:           filepath.Join(t.TempDir(), "massho.img"),
	}
}

// payload builds the program that stands in for massho.
func payload(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "payload")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", out, "./vmtest/payload")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build payload: %v\n%s", err, b)
	}
	return out
}

// build builds an image from opts.
func build(t *testing.T, opts bootimage.Options) string {
	t.Helper()
	if _, err := bootimage.Build(context.Background(), opts); err != nil {
		t.Fatal(err)
	}
	return opts.Out
}

// Machines share two cores with others, and TCG is slow: generous limits.
const (
	bootLimit = 5 * time.Minute
	stepLimit = time.Minute
)

// start runs a machine and keeps its serial log where a failure can be read.
func start(t *testing.T, cfg vmtest.Config) *vmtest.VM {
	t.Helper()
	cfg.Timeout = 10 * time.Minute
	logs := filepath.Join("..", "out", "vm")
	if err := os.MkdirAll(logs, 0o755); err != nil {
		t.Fatal(err)
	}
	cfg.Log = filepath.Join(logs, regexp.MustCompile(`[^A-Za-z0-9]+`).ReplaceAllString(t.Name(), "-")+".log")
	vm, err := vmtest.Start(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := vm.Close(); err != nil {
			t.Error(err)
		}
	})
	return vm
}

// expect waits for a pattern and returns its groups.
func expect(t *testing.T, vm *vmtest.VM, pattern string, within time.Duration) []string {
	t.Helper()
	got, err := vm.Expect(regexp.MustCompile(pattern), within)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// guest is what the payload reports of a boot.
type guest struct {
	cmdline  string
	modules  []string
	errors   []string
	evidence struct {
		Mounted *struct {
			Device, Disk, Folder, Dir string
			ReadOnly                  bool
		}
		Error string
		Files []string
	}
	measured struct {
		SecureBoot, Lockdown, Bank string
		TPM, Log                   int
		PCRs                       map[string]string
	}
	clock struct {
		RTC, System time.Time
		Error       string
	}
	drives      map[string]string
	memory      []string
	framebuffer bool
}

// report reads the payload's report, in its order.
func report(t *testing.T, vm *vmtest.VM) (g guest) {
	t.Helper()
	within := bootLimit
	for _, part := range []struct {
		name string
		into any
	}{
		{"cmdline", &g.cmdline}, {"modules", &g.modules}, {"errors", &g.errors}, {"evidence", &g.evidence},
		{"clock", &g.clock}, {"measured", &g.measured}, {"drives", &g.drives}, {"memory", &g.memory}, {"framebuffer", &g.framebuffer},
	} {
		line := expect(t, vm, `PAYLOAD `+part.name+` (.*)\r`, within)[1]
		if err := json.Unmarshal([]byte(line), part.into); err != nil {
			t.Fatalf("%s: %v: %s", part.name, err, line)
		}
		within = stepLimit
	}
	return g
}
