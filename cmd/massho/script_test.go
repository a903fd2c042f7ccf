package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"massho": main})
}

// TestScripts runs testdata/*.txt: what a command prints, how it ends, and above
// all what it must not do. Scripts that begin with [root] need loop devices.
func TestScripts(t *testing.T) {
	bin := buildOffice(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
			e.Setenv("LANG", "")
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				_, err := os.Stat("/dev/loop-control")
				return os.Geteuid() == 0 && err == nil, nil
			}
			return false, fmt.Errorf("condition %q is not known", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": code, "loop": loop, "unchanged": unchanged, "tmpfs": tmpfs, "flip": flip,
		},
		RequireUniqueNames: true,
	})
}

// buildOffice builds the clerk's and the auditor's programs: scripts use the
// real ones.
func buildOffice(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	cmd := exec.Command("go", "build", "-o", bin+string(filepath.Separator), "../massho-office", "../massho-verify")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// code N command…: the command ends with exactly this exit code.
func code(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command…")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("%s ended with %s, want %s", args[1], got, args[0])
	}
}

// loop VAR FILE MIB [losetup flags…]: makes FILE, attaches it to a free loop
// device and puts the device's path into $VAR.
func loop(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: loop VAR FILE MIB [flags]")
	}
	file := ts.MkAbs(args[1])
	if _, err := os.Stat(file); os.IsNotExist(err) {
		must(ts, "truncate", "-s", args[2]+"M", file)
	}
	out := must(ts, "losetup", append(append([]string{"--show", "-f"}, args[3:]...), file)...)
	dev := strings.TrimSpace(out)
	ts.Defer(func() { exec.Command("losetup", "-d", dev).Run() })
	ts.Setenv(args[0], dev)
}

// tmpfs DIR SIZE [options]: mounts a small file system.
func tmpfs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: tmpfs DIR SIZE [options]")
	}
	dir, opts := ts.MkAbs(args[0]), "size="+args[1]
	ts.Check(os.MkdirAll(dir, 0o755))
	if len(args) > 2 {
		opts += "," + args[2]
	}
	must(ts, "mount", "-t", "tmpfs", "-o", opts, "tmpfs", dir)
	ts.Defer(func() { exec.Command("umount", dir).Run() })
}

// unchanged FILE COPY: both files hold the same bytes.
func unchanged(ts *testscript.TestScript, neg bool, args []string) {
	a, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if same := string(a) == string(b); same == neg {
		ts.Fatalf("%s and %s: equal %t", args[0], args[1], same)
	}
}

// flip FILE OFFSET: changes one byte.
func flip(ts *testscript.TestScript, neg bool, args []string) {
	var at int
	if _, err := fmt.Sscan(args[1], &at); err != nil {
		ts.Fatalf("flip: %v", err)
	}
	b, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b[at] ^= 0x20
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b, 0o644))
}

func must(ts *testscript.TestScript, name string, args ...string) string {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		ts.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
