//go:build unix

package bootimage

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/massho/massho/bootimage/stick"
)

// BuildFiles writes the Explorer form of the stick into the folder dir, which
// must be empty or absent: a clerk copies what is in it onto a FAT32 stick. It
// boots under UEFI, with or without Secure Boot, not under BIOS. The evidence
// place is the folder EVIDENCE. opts.Out, opts.Identity and opts.EvidenceSize
// are not used. Errors are those of Build.
func BuildFiles(ctx context.Context, dir string, opts Options) (Manifest, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return Manifest{}, err
	}
	if err := emptyDir(dir); err != nil {
		return Manifest{}, fmt.Errorf("build folder: %w", err)
	}
	files, m, err := bootFiles(ctx, opts)
	if err != nil {
		return Manifest{}, fmt.Errorf("build folder: %w", err)
	}
	if err := addConfig(files, m, 0); err != nil {
		return Manifest{}, fmt.Errorf("build folder: %w", err)
	}
	for name, b := range opts.EvidenceFiles {
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return Manifest{}, fmt.Errorf("build folder: %w: evidence file %q leads out of the folder", ErrOptions, name)
		}
		files[stick.EvidenceFolder+"/"+name] = b
	}
	if err := os.MkdirAll(filepath.Join(dir, stick.EvidenceFolder), 0o755); err != nil {
		return Manifest{}, fmt.Errorf("build folder: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), writeWhole(path, files[name]),
			os.Chtimes(path, opts.SourceDateEpoch, opts.SourceDateEpoch))
		if err != nil {
			return Manifest{}, fmt.Errorf("build folder: %w", err)
		}
	}
	return m, nil
}

// emptyDir makes dir, and refuses one that holds something.
func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%w: folder %s is not empty: name a new one", ErrOptions, dir)
	}
	return nil
}
