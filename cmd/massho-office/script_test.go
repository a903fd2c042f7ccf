package main

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/massho/massho/certs/fonts"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"massho-office": main})
}

// TestScripts runs testdata/*.txt. vectors holds papers of version 1.
func TestScripts(t *testing.T) {
	if err := fonts.Available(); errors.Is(err, fonts.ErrAbsent) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	vectors, err := filepath.Abs(filepath.Join("..", "..", "certs", "verify", "testdata", "v1"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Setenv("VECTORS", vectors)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"flip": flip, "exits": exits},
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
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v: %v", args[1:], err)
	}
	if got != args[0] {
		ts.Fatalf("%v: exit code %s, want %s", args[1:], got, args[0])
	}
}
