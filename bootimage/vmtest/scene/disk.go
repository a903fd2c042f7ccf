// Package scene is the stage for the virtual PC: drives that hold real file
// systems with known files, a prepared stick, the run, and the look at what is
// left, from the host. The demo and the tests play the same scene.
package scene

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// MiB is 2^20 bytes.
const MiB = 1 << 20

// FS is a file system that a drive is filled with.
type FS string

// The file systems.
const (
	Ext4 FS = "ext4"
	NTFS FS = "ntfs"
	FAT  FS = "fat"
)

// Disk is one drive of the scene.
type Disk struct {
	File   string // raw image on the host
	Size   int64  // bytes
	FS     FS
	Secret string // stands in every planted file, a thousand times over
}

// secretFile is one file's contents: lines that a recovery tool would show and
// that a search of the raw image finds.
func secretFile(secret string, n int) []byte {
	var b bytes.Buffer
	for i := range 2000 {
		fmt.Fprintf(&b, "%s file %d line %d: 住民基本台帳 記載事項（訓練用の架空データ）\n", secret, n, i)
	}
	return b.Bytes()
}

// Files is how many files Plant puts on a drive.
const Files = 24

// Plant makes the drive's image with a real file system that holds known files,
// pictures among them for photorec to look for. Nothing is mounted: no root is
// needed.
func (d Disk) Plant(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "massho-plant-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for i := range Files {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("juminhyo-%02d.txt", i)), secretFile(d.Secret, i), 0o644); err != nil {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "photo.jpg"), jpegFile(), 0o644); err != nil {
		return err
	}
	if err := truncate(d.File, d.Size); err != nil {
		return err
	}
	switch d.FS {
	case Ext4:
		return run(ctx, "mke2fs", "-q", "-F", "-t", "ext4", "-d", dir, d.File)
	case NTFS:
		return d.plantNTFS(ctx, dir)
	case FAT:
		return d.plantFAT(ctx, dir)
	}
	return fmt.Errorf("plant %s: file system %q is not known", d.File, d.FS)
}

func (d Disk) plantNTFS(ctx context.Context, dir string) error {
	if err := run(ctx, "mkntfs", "-q", "-F", "-f", "-s", "512", d.File); err != nil {
		return err
	}
	return each(dir, func(path string) error { return run(ctx, "ntfscp", "-q", "-f", d.File, path, filepath.Base(path)) })
}

func (d Disk) plantFAT(ctx context.Context, dir string) error {
	if err := run(ctx, "mkfs.fat", "-F", "32", d.File); err != nil {
		return err
	}
	return each(dir, func(path string) error { return run(ctx, "mcopy", "-i", d.File, path, "::/") })
}

// Holds reports whether the image still has the secret anywhere in it.
func (d Disk) Holds() (bool, error) { return FileHolds(d.File, d.Secret) }

// FileHolds searches a file of any size for a string.
func FileHolds(path, secret string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	want, keep := []byte(secret), len(secret)-1
	buf := make([]byte, 4*MiB+keep)
	have := 0
	for {
		n, err := f.Read(buf[have:])
		if bytes.Contains(buf[:have+n], want) {
			return true, nil
		}
		if err != nil {
			if errors.Is(err, io.EOF) {
				return false, nil
			}
			return false, err
		}
		have = copy(buf, buf[max(0, have+n-keep):have+n])
	}
}

func truncate(path string, size int64) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Truncate(size)
}

func each(dir string, do func(path string) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := do(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// run runs a program of Debian's and gives its words when it fails.
func run(ctx context.Context, name string, args ...string) error {
	_, err := output(ctx, name, args...)
	return err
}

// output is run with what the program said.
func output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}
