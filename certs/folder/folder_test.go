package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestKeep(t *testing.T) {
	f := At(filepath.Join(t.TempDir(), "cases", "R8-012"))
	if names, err := f.Sub("papers").Names(".pdf"); err != nil || names != nil {
		t.Errorf("a folder that was never made: %q, %v", names, err)
	}
	steps := []struct {
		name string
		do   func() error
		want error
	}{
		{"new", func() error { return f.KeepNew("papers/a.pdf", []byte("one")) }, nil},
		{"the same again", func() error { return f.KeepNew("papers/a.pdf", []byte("one")) }, nil},
		{"other bytes", func() error { return f.KeepNew("papers/a.pdf", []byte("two")) }, ErrExists},
		{"extended", func() error { return f.Extend("papers/a.pdf", []byte("one and more")) }, nil},
		{"not an extension", func() error { return f.Extend("papers/a.pdf", []byte("two")) }, ErrChanged},
		{"extend what is not there", func() error { return f.Extend("papers/b.pdf", []byte("two")) }, fs.ErrNotExist},
		{"outside", func() error { return f.KeepNew("../a.pdf", nil) }, ErrName},
		{"absolute", func() error { return f.KeepNew("/a.pdf", nil) }, ErrName},
		{"a stream of NTFS", func() error { return f.KeepNew("a.pdf:x", nil) }, ErrName},
		{"backslash", func() error { return f.KeepNew(`..\a.pdf`, nil) }, ErrName},
		{"read outside", func() error { _, err := f.Read("../x"); return err }, ErrName},
	}
	for _, s := range steps {
		if err := s.do(); !errors.Is(err, s.want) || (err == nil) != (s.want == nil) {
			t.Errorf("%s: %v, want %v", s.name, err, s.want)
		}
	}
	if b, err := f.Read("papers/a.pdf"); err != nil || string(b) != "one and more" {
		t.Errorf("%q, %v", b, err)
	}
	if left, err := os.ReadDir(f.Path("papers")); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestNumbersAreTakenOnce(t *testing.T) {
	f := At(filepath.Join(t.TempDir(), "destruction"))
	for _, want := range []string{"R8-012-D0001", "R8-012-D0002"} {
		if got, err := f.Next("R8-012-D", ".pdf"); err != nil || got != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
	if err := f.Fill("R8-012-D0001.pdf", []byte("x")); err != nil {
		t.Error(err)
	}
	if err := f.Fill("R8-012-D0001.pdf", []byte("y")); !errors.Is(err, ErrExists) {
		t.Errorf("filled twice: %v", err)
	}
	if _, err := f.Next("../D", ".pdf"); !errors.Is(err, ErrName) {
		t.Errorf("outside: %v", err)
	}
}
