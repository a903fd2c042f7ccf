package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// procedure is the text of 操作手順書. It is read as a file: this program does
// not carry it.
func procedure(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "bootimage", "manual", "操作手順書.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// runOffice runs the program as a clerk does and returns its exit code.
func runOffice(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out strings.Builder
	code = run(args, streams{strings.NewReader(""), &out, &out}, func(string) string { return "" })
	return code, out.String()
}

// TestManualCase prepares the case that 操作手順書 shows: who copies it must not
// be refused.
func TestManualCase(t *testing.T) {
	m := regexp.MustCompile("(?s)```json\n(.*?)```").FindStringSubmatch(procedure(t))
	if m == nil {
		t.Fatal("操作手順書 shows no case")
	}
	// The day in the example passes; what is tried is everything else of it.
	term := regexp.MustCompile(`"validUntil": "([^"]+)"`).FindStringSubmatch(m[1])
	if term == nil {
		t.Fatal("the case has no validUntil")
	}
	if _, err := time.Parse(time.RFC3339, term[1]); err != nil {
		t.Error(err)
	}
	draft := strings.Replace(m[1], term[1], now().AddDate(1, 0, 0).Format(time.RFC3339), 1)
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{"案件.json": draft, "pass.txt": "correct horse battery\n"} {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"keys", "init", "--office", at("保管"), "--name", "見本市", "--passphrase-file", at("pass.txt")},
		{"prepare", "--office", at("保管"), "--case", at("案件.json"), "--stick", "U1", "--out", at("USB-U1"), "--passphrase-file", at("pass.txt")},
		{"prepare", "--office", at("保管"), "--case", at("案件.json"), "--stick", "U2", "--out", at("USB-U2"), "--passphrase-file", at("pass.txt")},
	} {
		if code, said := runOffice(t, args...); code != exitDone {
			t.Fatalf("%v: exit code %d: %s", args, code, said)
		}
	}
	// The manual says that a stick's folder holds five files.
	files, err := filepath.Glob(at(filepath.Join("USB-U1", "*")))
	if err != nil || len(files) != 5 {
		t.Errorf("the stick's folder holds %v, %v", files, err)
	}
}

// TestManualCommands: every command and option that the manual shows exists,
// and no command is left out of its list.
func TestManualCommands(t *testing.T) {
	a := &app{streams: streams{strings.NewReader(""), io.Discard, io.Discard}, env: func(string) string { return "" }, lang: "ja"}
	root := a.root()
	text := procedure(t)
	_, list, ok := strings.Cut(text, "\n## 付録C ")
	if !ok {
		t.Fatal("操作手順書 has no list of commands")
	}
	leaves(root, func(path string) {
		if !strings.Contains(list, "| `"+path+"` |") {
			t.Errorf("付録C of bootimage/manual/操作手順書.md does not list %s", path)
		}
	})
	for _, m := range regexp.MustCompile("(?m)^\\| `massho-office ([^`]+)`").FindAllStringSubmatch(list, -1) {
		if c, rest, err := root.Find(strings.Fields(m[1])); err != nil || c == root || len(rest) > 0 {
			t.Errorf("付録C lists massho-office %s, which does not exist", m[1])
		}
	}
	shown := regexp.MustCompile(`(?m)^\s*\.\\massho-office\.exe (.*)$`).FindAllStringSubmatch(text, -1)
	if len(shown) < 5 {
		t.Fatalf("the manual shows %d commands of massho-office", len(shown))
	}
	for _, m := range shown {
		c, rest, err := root.Find(strings.Fields(m[1]))
		if err != nil || c == root || c.HasSubCommands() {
			t.Errorf("%q: no such command: %v", m[1], err)
			continue
		}
		if c.DisableFlagParsing {
			continue // verify: its own parser, tried in verify.txt
		}
		if err := c.ParseFlags(rest); err != nil {
			t.Errorf("%q: %v", m[1], err)
		}
	}
}

// leaves visits every command that does something.
func leaves(c *cobra.Command, visit func(path string)) {
	for _, sub := range c.Commands() {
		switch {
		case sub.Hidden || sub.Name() == "help":
		case sub.HasSubCommands():
			leaves(sub, visit)
		default:
			visit(sub.CommandPath())
		}
	}
}
