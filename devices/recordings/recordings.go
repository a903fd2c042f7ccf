// Package recordings reads the recorded data of real drives that lie beside
// the project (../shared/devices), for tests only. The files are never copied
// into the project: they are read in place, and a fresh clone without them
// tests its decoders with its own fixtures.
//
// Where the folder is missing a test is skipped, unless the environment says
// CI: there, and wherever the folder is present, the test must run, and a
// folder without a single file fails it.
package recordings

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// File is one recording.
type File struct {
	Name   string              // "ata/st1000dm003-1ch162-cc47.txt"
	Header map[string][]string // lines "# key: value"
	Lines  []string            // the others, without empty ones
}

// Expected is the "# expected:" line.
func (f File) Expected() string {
	if v := f.Header["expected"]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Dir finds the recordings, or skips or fails the test.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(filepath.Join(d, "go.mod")); err == nil {
			dir = filepath.Join(filepath.Dir(d), "shared", "devices")
			break
		}
		if d == filepath.Dir(d) {
			tb.Fatal("recordings: no go.mod above the test")
		}
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") != "" {
			tb.Fatalf("recordings: %v (CI must have them)", err)
		}
		tb.Skip("recordings: ../shared/devices is not here")
	}
	return dir
}

// Files reads all recordings of a folder; none is a failure.
func Files(tb testing.TB, folder string) []File {
	tb.Helper()
	root := Dir(tb)
	paths, err := filepath.Glob(filepath.Join(root, folder, "*.txt"))
	if err != nil || len(paths) == 0 {
		tb.Fatalf("recordings: nothing in %s (%v)", folder, err)
	}
	sort.Strings(paths)
	var fs []File
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err != nil {
			tb.Fatal(err)
		}
		fs = append(fs, parse(folder+"/"+filepath.Base(p), string(b)))
	}
	return fs
}

func parse(name, text string) File {
	f := File{Name: name, Header: map[string][]string{}}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if h, ok := strings.CutPrefix(line, "# "); ok {
			if k, v, ok := strings.Cut(h, ": "); ok {
				f.Header[k] = append(f.Header[k], v)
			}
			continue
		}
		if strings.TrimSpace(line) != "" {
			f.Lines = append(f.Lines, line)
		}
	}
	return f
}

// Words reads lines of four-digit hex words into bytes as they come over the
// wire: the low byte of each word first.
func (f File) Words(tb testing.TB) []byte {
	tb.Helper()
	var b []byte
	for _, line := range f.Lines {
		for _, w := range strings.Fields(line) {
			v, err := strconv.ParseUint(w, 16, 16)
			if err != nil {
				tb.Fatalf("%s: %v", f.Name, err)
			}
			b = append(b, byte(v), byte(v>>8))
		}
	}
	return b
}

// Bytes reads lines of hex bytes. With offsets ("0010: 44 13 …") a line "*"
// stands for zeroes up to the next offset, and the last may be an offset alone.
func (f File) Bytes(tb testing.TB) []byte {
	tb.Helper()
	var b []byte
	for _, line := range f.Lines {
		if line == "*" {
			continue
		}
		if off, rest, ok := strings.Cut(line, ":"); ok {
			line = rest
			b = f.pad(tb, b, off)
		} else if len(strings.Fields(line)) == 1 && len(line) == 4 {
			b = f.pad(tb, b, line)
			continue
		}
		v, err := hex.DecodeString(strings.ReplaceAll(strings.TrimSpace(line), " ", ""))
		if err != nil {
			tb.Fatalf("%s: %q: %v", f.Name, line, err)
		}
		b = append(b, v...)
	}
	return b
}

func (f File) pad(tb testing.TB, b []byte, offset string) []byte {
	tb.Helper()
	n, err := strconv.ParseUint(strings.TrimSpace(offset), 16, 16)
	if err != nil || int(n) < len(b) {
		tb.Fatalf("%s: offset %q after %d bytes", f.Name, offset, len(b))
	}
	return append(b, make([]byte, int(n)-len(b))...)
}

// Field reads a line "key: 01 02 …" of hex bytes and stops at what is none.
func (f File) Field(key string) []byte {
	var b []byte
	for _, line := range f.Lines {
		rest, ok := strings.CutPrefix(line, key+":")
		if !ok {
			continue
		}
		for _, w := range strings.Fields(rest) {
			v, err := strconv.ParseUint(w, 16, 8)
			if err != nil || len(w) != 2 {
				break
			}
			b = append(b, byte(v))
		}
	}
	return b
}

// Row is one line of INDEX.tsv by the names of its columns.
type Row map[string]string

// Index reads INDEX.tsv: row by file name.
func Index(tb testing.TB) map[string]Row {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join(Dir(tb), "INDEX.tsv"))
	if err != nil {
		tb.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	heads := strings.Split(lines[0], "\t")
	rows := map[string]Row{}
	for _, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		if len(cells) != len(heads) {
			tb.Fatalf("INDEX.tsv: %d columns in %q", len(cells), line)
		}
		r := Row{}
		for i, h := range heads {
			r[h] = cells[i]
		}
		rows[r["file"]] = r
	}
	if len(rows) == 0 {
		tb.Fatal("INDEX.tsv: empty")
	}
	return rows
}
