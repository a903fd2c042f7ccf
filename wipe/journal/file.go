package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a journal's file. Every write is durable when WriteAt returns
// (O_DSYNC; O_SYNC where there is no such flag), so Sync has nothing left to do
// but to ask once more on systems that keep no promise.
type File struct {
	f *os.File
}

// CreateFile makes a journal's file of capacity zero bytes at path. The zeros
// are written, not skipped, and the file gets its name only when they and its
// length are durable: from then on a record never needs the file system to
// allocate. path must not exist.
func CreateFile(path string, capacity int64) (*File, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err == nil {
			err = fs.ErrExist
		}
		return nil, fmt.Errorf("journal: create %s: %w; choose another name", path, err)
	}
	temp := path + ".new"
	if err := writeZeros(temp, capacity); err != nil {
		return nil, errors.Join(fmt.Errorf("journal: create %s: %w", path, err), removeIfThere(temp))
	}
	if err := os.Rename(temp, path); err != nil {
		return nil, errors.Join(fmt.Errorf("journal: create %s: %w", path, err), removeIfThere(temp))
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("journal: create %s: %w", path, err)
	}
	return OpenFile(path)
}

// OpenFile opens a journal's file for durable writing.
func OpenFile(path string) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|openDurable, 0)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return &File{f}, nil
}

// writeZeros makes a new file of n zeros and makes it durable. A file of that
// name is left over from a run that was cut before it began, and is replaced.
func writeZeros(path string, n int64) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for block := make([]byte, 64<<10); n > 0; n -= int64(len(block)) {
		block = block[:min(int64(len(block)), n)]
		if _, err := f.Write(block); err != nil {
			return err
		}
	}
	return f.Sync()
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// ReadAt reads from the file.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.f.ReadAt(p, off) }

// WriteAt writes durably.
func (f *File) WriteAt(p []byte, off int64) (int, error) { return f.f.WriteAt(p, off) }

// Sync makes sure that all that was written is on stable storage.
func (f *File) Sync() error {
	if durableWrites {
		return nil
	}
	return f.f.Sync()
}

// Size is the file's length.
func (f *File) Size() (int64, error) {
	st, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Close closes the file.
func (f *File) Close() error { return f.f.Close() }
