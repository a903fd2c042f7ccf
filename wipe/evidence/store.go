package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/wipe/journal"
)

// Store writes data under a new name in one of the place's folders and returns
// only after it was read back past the page cache. An existing file is never
// overwritten.
func (p *Place) Store(folder, name string, data []byte) error {
	path := p.Path(folder, name)
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("evidence: store %s: %w", name, ErrExists)
	}
	if err := p.Room(int64(len(data)) + 64<<10); err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := writeNew(tmp, data); err != nil {
		os.Remove(tmp)
		return Classify("store "+name, err)
	}
	if err := os.Rename(tmp, path); err != nil {
		os.Remove(tmp)
		return Classify("store "+name, err)
	}
	if err := SyncDir(filepath.Dir(path)); err != nil {
		return Classify("store "+name, err)
	}
	return p.ReadBack(folder, name, data)
}

// writeNew creates path, writes all of data and flushes it.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	n, err := f.Write(data)
	if err == nil && n != len(data) {
		err = io.ErrShortWrite
	}
	return errors.Join(err, f.Sync(), f.Close())
}

// SyncDir makes the names in dir durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ReadBack reads a stored file past the page cache and compares it with want.
func (p *Place) ReadBack(folder, name string, want []byte) error {
	got, err := readUncached(p.Path(folder, name))
	if err != nil {
		return Classify("read back "+name, err)
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("evidence: read back %s: %d bytes, %d expected: %w", name, len(got), len(want), ErrReadBack)
	}
	return nil
}

// Names lists the files in one of the place's folders, sorted.
func (p *Place) Names(folder string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(p.dir, folder))
	if err != nil {
		return nil, Classify("list "+folder, err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Load reads a whole file past the page cache.
func (p *Place) Load(folder, name string) ([]byte, error) {
	data, err := readUncached(p.Path(folder, name))
	if err != nil {
		return nil, Classify("read "+name, err)
	}
	return data, nil
}

// SetAside renames a file that was cut while it was being stored, so that its name
// is free and the file stays for examination.
func (p *Place) SetAside(folder, name string) error {
	path := p.Path(folder, name)
	for i := 1; ; i++ {
		aside := fmt.Sprintf("%s.cut%d", path, i)
		if _, err := os.Lstat(aside); err == nil {
			continue
		}
		if err := errors.Join(os.Rename(path, aside), SyncDir(filepath.Dir(path))); err != nil {
			return Classify("set aside "+name, err)
		}
		return nil
	}
}

// CreateJournal makes an empty journal of size bytes that must not exist yet.
func (p *Place) CreateJournal(folder, name string, size int64) (journal.Store, error) {
	f, err := journal.CreateFile(p.Path(folder, name), size)
	if err != nil {
		return nil, Classify("make a journal", err)
	}
	return f, nil
}

// OpenJournal opens a journal that is there for durable writing.
func (p *Place) OpenJournal(folder, name string) (journal.Store, error) {
	f, err := journal.OpenFile(p.Path(folder, name))
	if err != nil {
		return nil, Classify("open a journal", err)
	}
	return f, nil
}

// readUncached reads path with O_DIRECT where the file system has it; else it
// drops the file's pages first. Without either, a broken stick would answer from
// memory with what it never kept.
func readUncached(path string) ([]byte, error) {
	data, err := readDirect(path)
	if err == nil {
		return data, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		return nil, fmt.Errorf("drop cached pages: %w", err)
	}
	return io.ReadAll(f)
}

// directChunk is a multiple of every sector size that O_DIRECT may ask for.
const directChunk = 1 << 20

func readDirect(path string) ([]byte, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_DIRECT|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	buf, err := unix.Mmap(-1, 0, directChunk, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, err
	}
	defer unix.Munmap(buf)
	var out []byte
	for {
		n, err := unix.Pread(fd, buf, int64(len(out)))
		if err != nil {
			return nil, err
		}
		out = append(out, buf[:n]...)
		if n < len(buf) {
			return out, nil
		}
	}
}
