//go:build linux

package scene

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Recovered asks photorec what it can bring back from an image and returns the
// number of files.
func Recovered(ctx context.Context, image string) (int, error) {
	dir, err := os.MkdirTemp("", "massho-photorec-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	if _, err := output(ctx, "photorec", "/d", filepath.Join(dir, "rec"), "/cmd", image, "partition_none,fileopt,everything,enable,search"); err != nil {
		return 0, err
	}
	files, err := filepath.Glob(filepath.Join(dir, "rec.*", "*"))
	if err != nil {
		return 0, err
	}
	n := 0
	for _, f := range files {
		if filepath.Base(f) != "report.xml" {
			n++
		}
	}
	return n, nil
}

// HashFile is the SHA-256 of n bytes of a file from offset on, in hex; n < 0
// means to its end.
func HashFile(path string, offset, n int64) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return "", err
	}
	var r io.Reader = f
	if n >= 0 {
		r = io.LimitReader(f, n)
	}
	h := sha256.New()
	got, err := io.Copy(h, r)
	if err == nil && n >= 0 && got != n {
		err = errors.New(path + ": shorter than asked")
	}
	return hex.EncodeToString(h.Sum(nil)), err
}
