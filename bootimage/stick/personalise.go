package stick

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

// Personalise reads the image file template and writes the image file out: the
// same boot files, p.Identity, p.Files on EVIDENCE. out appears whole or not
// at all, and may be the same path as template. Zero fields of p.Identity are
// refused: two sticks must never share an identity.
//
// Errors wrap ErrNotImage when template is not ours, ErrIdentity, ErrCmdline,
// or fat.ErrFull.
func Personalise(template, out string, p Personal) error {
	if err := p.Identity.check(); err != nil {
		return fmt.Errorf("personalise %s: %w", filepath.Base(out), err)
	}
	im, err := readFile(template)
	if err != nil {
		return fmt.Errorf("personalise %s: %s: %w", filepath.Base(out), filepath.Base(template), err)
	}
	cfg, err := ParseConfig(im.ESP[ConfigPath])
	if err != nil {
		return fmt.Errorf("personalise %s: %s: %w", filepath.Base(out), filepath.Base(template), err)
	}
	cfg.Evidence = p.Identity.Evidence
	cfg.Cmdline = append(cfg.Cmdline, p.Cmdline...)
	text, err := cfg.Bytes()
	if err != nil {
		return fmt.Errorf("personalise %s: %w", filepath.Base(out), err)
	}
	im.ESP = maps.Clone(im.ESP)
	im.ESP[ConfigPath] = text
	im.Identity, im.Evidence = p.Identity, p.Files
	if !p.Time.IsZero() {
		im.Time = p.Time
	}
	return WriteFile(out, im)
}

func readFile(path string) (Image, error) {
	f, err := os.Open(path)
	if err != nil {
		return Image{}, err
	}
	defer f.Close()
	return Read(f)
}

// WriteFile writes an image to a file: a temporary file beside it, its bytes
// forced to the disk, and a rename.
func WriteFile(path string, im Image) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write image %s: %w", path, err)
	}
	err = f.Truncate(im.Size())
	if err == nil {
		err = im.Write(f)
	}
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write image %s: %w", path, errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}
