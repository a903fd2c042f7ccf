package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/certs/keys"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"massho-verify": main})
}

// TestScripts runs testdata/*.txt. Each begins with the vectors of version 1:
// root.pem, row2.pdf and stage-a.pdf, issued for training.
func TestScripts(t *testing.T) {
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("HOME", e.WorkDir)
			for _, name := range []string{"root.pem", "row2.pdf", "stage-a.pdf"} {
				b, err := os.ReadFile(filepath.Join("..", "..", "certs", "verify", "testdata", "v1", name))
				if err != nil {
					return err
				}
				if err := os.WriteFile(filepath.Join(e.WorkDir, name), b, 0o600); err != nil {
					return err
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"flip": flip, "exits": exits, "forget": forget},
	})
}

// flip FILE OFFSET changes one bit; a negative offset counts from the end.
func flip(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	at, err := strconv.Atoi(args[1])
	ts.Check(err)
	if at < 0 {
		at += len(b)
	}
	b[at] ^= 1
	ts.Check(os.WriteFile(path, b, 0o600))
}

// exits CODE COMMAND ARGS… wants exactly this exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want := args[0]
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v: %v", args[1:], err)
	}
	if got != want {
		ts.Fatalf("%v: exit code %s, want %s", args[1:], got, want)
	}
}

// forget removes the root of the vectors from the trust folder, by the
// beginning of its fingerprint.
func forget(ts *testscript.TestScript, _ bool, _ []string) {
	chain, err := keys.DecodeCerts([]byte(ts.ReadFile("root.pem")))
	ts.Check(err)
	sum := sha256.Sum256(chain[0].Raw)
	ts.Check(ts.Exec("massho-verify", "trust", "remove", hex.EncodeToString(sum[:5])))
}
