package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestHoldsNoDeviceCode: what an auditor runs cannot touch a drive or a network.
func TestHoldsNoDeviceCode(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const ours = "github.com/massho/massho/"
	for _, pkg := range strings.Fields(string(out)) {
		path, mine := strings.CutPrefix(pkg, ours)
		switch {
		case pkg == "net/http", pkg == "os/exec", pkg == "plugin", pkg == "golang.org/x/sys/unix":
			t.Errorf("it links %s", pkg)
		case !mine:
		case strings.HasPrefix(path, "certs/"), path == "certs", path == "wipe/rules", path == "wipe/journal",
			path == "cmd/massho-verify", path == "cmd/internal/verifycmd":
		default:
			t.Errorf("it links %s", pkg)
		}
	}
}

// TestCrossCompiles for the clerk's and the auditor's PCs.
func TestCrossCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for two systems")
	}
	for _, target := range []string{"windows/amd64", "darwin/arm64"} {
		goos, arch, _ := strings.Cut(target, "/")
		c := exec.Command("go", "build", "-o", filepath.Join(t.TempDir(), "v"), ".")
		c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+arch)
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", target, err, out)
		}
	}
}
