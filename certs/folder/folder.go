// Package folder keeps the office's records in plain files that a clerk can
// copy to a backup and look at: no database, none hidden. OFFICE.md in certs
// says what lies where.
//
// A file is called kept only after it was written under a temporary name,
// flushed, renamed, and read back with its length and SHA-256. Nothing is
// overwritten: KeepNew refuses a name that is there with other bytes, and
// Extend, for papers that get a further signature, insists that the new bytes
// begin with the old ones.
//
// Reading back goes through the operating system's cache: on Windows and macOS
// there is no portable way past it. The stick is cleared only by a command of
// its own, later.
package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// The ways in which keeping a file fails.
var (
	ErrExists   = errors.New("a file of that name is there already and holds something else: keep both, and ask why")
	ErrReadBack = errors.New("what was written did not read back the same: check the disk, and do not clear the stick")
	ErrName     = errors.New("a name that does not belong into the office's folder")
	ErrChanged  = errors.New("the file is not the beginning of the new one: somebody else has changed it; start over")
)

// Folder is one folder of the office, for instance that of a case.
type Folder struct{ dir string }

// At is the folder dir; it is made when something is kept in it.
func At(dir string) Folder { return Folder{dir} }

// Dir is where it is.
func (f Folder) Dir() string { return f.dir }

// Sub is a folder within.
func (f Folder) Sub(elem ...string) Folder {
	return Folder{filepath.Join(append([]string{f.dir}, elem...)...)}
}

// Path is where a file of that name is, or would be.
func (f Folder) Path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

// Read is the content of a file; fs.ErrNotExist when there is none.
func (f Folder) Read(name string) ([]byte, error) {
	if err := check(name); err != nil {
		return nil, err
	}
	return os.ReadFile(f.Path(name))
}

// Names lists the files that end in ext, in order. A folder that was never made
// is empty.
func (f Folder) Names(ext string) ([]string, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ext) && !strings.HasPrefix(e.Name(), tempPrefix) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

const tempPrefix = ".massho-"

// KeepNew keeps data under a name that may not be there yet. The very same
// bytes under that name are fine: what was interrupted can be done again.
func (f Folder) KeepNew(name string, data []byte) error {
	if err := check(name); err != nil {
		return err
	}
	old, err := os.ReadFile(f.Path(name))
	switch {
	case err == nil && bytes.Equal(old, data):
		return nil
	case err == nil:
		return fmt.Errorf("keep %s: %w", f.Path(name), ErrExists)
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("keep %s: %w", f.Path(name), err)
	}
	return f.write(name, data)
}

// Extend replaces a file by one that begins with it: a paper with one more
// signature.
func (f Folder) Extend(name string, data []byte) error {
	old, err := f.Read(name)
	if err != nil {
		return fmt.Errorf("extend %s: %w", name, err)
	}
	if !bytes.HasPrefix(data, old) {
		return fmt.Errorf("extend %s: %w", f.Path(name), ErrChanged)
	}
	return f.write(name, data)
}

// Replace writes a file that is only a note of what others hold, and can be
// made again from them.
func (f Folder) Replace(name string, data []byte) error {
	if err := check(name); err != nil {
		return err
	}
	return f.write(name, data)
}

func (f Folder) write(name string, data []byte) (err error) {
	path := f.Path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	t, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*")
	if err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, removeIfThere(t.Name()))
		}
	}()
	n, err := t.Write(data)
	if err == nil && n != len(data) {
		err = io.ErrShortWrite
	}
	if err = errors.Join(err, t.Sync(), t.Close()); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	if err = os.Rename(t.Name(), path); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	if err = syncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	return f.ReadBack(name, data)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ReadBack reads a kept file and compares it.
func (f Folder) ReadBack(name string, want []byte) error {
	got, err := f.Read(name)
	if err != nil {
		return fmt.Errorf("read back %s: %w", f.Path(name), err)
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("read back %s: %d bytes, %d expected: %w", f.Path(name), len(got), len(want), ErrReadBack)
	}
	return nil
}

// syncDir makes a new name durable where the system can: Windows cannot flush
// a folder, and NTFS journals its names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// check keeps names inside: they come from sticks and papers.
func check(name string) error {
	if !fs.ValidPath(name) || name == "." || strings.ContainsAny(name, `\:*?"<>|`) || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return fmt.Errorf("%w: %q", ErrName, name)
	}
	return nil
}

// Next makes the file of the next number of a series, prefix0001 and up, and
// returns the number. The file is made at once, so that two programs at one
// folder never take the same.
func (f Folder) Next(prefix, ext string) (string, error) {
	return f.NextOf(prefix, ext, "%04d", 9999)
}

// NextOf is Next with another form of the number, and another last one.
func (f Folder) NextOf(prefix, ext, form string, last int) (string, error) {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return "", err
	}
	for n := 1; n <= last; n++ {
		number := prefix + fmt.Sprintf(form, n)
		if err := check(number + ext); err != nil {
			return "", err
		}
		t, err := os.OpenFile(f.Path(number+ext), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("take a number: %w", err)
		}
		return number, t.Close()
	}
	return "", fmt.Errorf("take a number: all of %s up to %d are taken", prefix, last)
}

// Fill writes the file that Next made.
func (f Folder) Fill(name string, data []byte) error {
	old, err := f.Read(name)
	if err != nil {
		return fmt.Errorf("fill %s: %w", name, err)
	}
	if len(old) > 0 {
		return fmt.Errorf("fill %s: %w", f.Path(name), ErrExists)
	}
	return f.write(name, data)
}
