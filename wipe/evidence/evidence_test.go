package evidence

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func open(t *testing.T) *Place {
	t.Helper()
	p, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		dir  string
		want error
	}{
		"no such folder": {filepath.Join(t.TempDir(), "gone"), ErrMissing},
		"a file":         {file, ErrMissing},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Open(tc.dir); !errors.Is(err, tc.want) {
				t.Errorf("Open: %v, want %v", err, tc.want)
			}
		})
	}
}

func TestClassify(t *testing.T) {
	for err, want := range map[error]error{
		syscall.ENOSPC: ErrFull, syscall.EROFS: ErrReadOnly, syscall.EACCES: ErrReadOnly,
		syscall.ENODEV: ErrMissing, syscall.EIO: ErrIO, syscall.EEXIST: ErrExists,
	} {
		got := Classify("store x", err)
		if !errors.Is(got, want) || !errors.Is(got, err) {
			t.Errorf("Classify(%v) = %v, want %v", err, got, want)
		}
	}
}

func TestStoreNeverOverwrites(t *testing.T) {
	p := open(t)
	if err := p.Store(DirRecords, "a.pdf", []byte("one")); err != nil {
		t.Fatal(err)
	}
	if err := p.Store(DirRecords, "a.pdf", []byte("two")); !errors.Is(err, ErrExists) {
		t.Errorf("second Store: %v, want %v", err, ErrExists)
	}
	got, _ := os.ReadFile(p.Path(DirRecords, "a.pdf"))
	if string(got) != "one" {
		t.Errorf("the first file now holds %q", got)
	}
	if left, _ := filepath.Glob(p.Path(DirRecords, "*.tmp")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestReadBackSeesAChangedByte(t *testing.T) {
	p := open(t)
	data := make([]byte, 3<<20+17)
	if err := p.Store(DirRecords, "b.pdf", data); err != nil {
		t.Fatal(err)
	}
	data[2<<20] = 1
	if err := p.ReadBack(DirRecords, "b.pdf", data); !errors.Is(err, ErrReadBack) {
		t.Errorf("ReadBack: %v, want %v", err, ErrReadBack)
	}
}

func TestRoom(t *testing.T) {
	if err := open(t).Room(1 << 62); !errors.Is(err, ErrFull) {
		t.Errorf("Room: %v, want %v", err, ErrFull)
	}
}

func TestNumbersAreNeverGivenTwice(t *testing.T) {
	p := open(t)
	for i := 1; i <= 3; i++ {
		got, err := p.Reserve("R8-012", "U2")
		if want := fmt.Sprintf("R8-012-U2-%04d", i); err != nil || got != want {
			t.Fatalf("Reserve = %q, %v; want %q", got, err, want)
		}
	}
	// A paper whose reservation was lost still blocks its number.
	if err := p.Store(DirRecords, "R8-012-U2-0007.pdf", nil); err != nil {
		t.Fatal(err)
	}
	if got, _ := p.Reserve("R8-012", "U2"); got != "R8-012-U2-0008" {
		t.Errorf("after paper 7: %q", got)
	}
	if err := os.WriteFile(p.Path(DirNumbers, "9999"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Reserve("R8-012", "U2"); !errors.Is(err, ErrNumbers) {
		t.Errorf("after 9999: %v", err)
	}
}

func TestNumberOf(t *testing.T) {
	for name, want := range map[string]int{
		"0007": 7, "C-U1-0012.pdf": 12, "C-U1-0012-R1.pdf": 12, "case.json": 0, "x-99999.pdf": 0, "C-R2-U1-0003.pdf": 3,
	} {
		if got := numberOf(name); got != want {
			t.Errorf("numberOf(%q) = %d, want %d", name, got, want)
		}
	}
}
