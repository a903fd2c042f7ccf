//go:build unix

package bootimage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// cache keeps parts that take long to make. Names contain a hash of all that a
// part is made of, so nothing in it is ever stale. A cache without a folder
// keeps nothing.
type cache struct{ dir string }

// get returns the part called name, and makes it when it is not there.
func (c *cache) get(name string, build func() ([]byte, error)) ([]byte, error) {
	if c.dir == "" {
		return build()
	}
	path := filepath.Join(c.dir, name)
	b, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return b, err
	}
	if b, err = build(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, fmt.Errorf("cache %s: %w", name, err)
	}
	return b, writeWhole(path, b)
}

// writeWhole writes a file so that it is there whole or not at all: a
// temporary file, its contents forced to the disk, and a rename.
func writeWhole(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
