//go:build unix

package bootimage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/massho/massho/bootimage/depmod"
	"github.com/u-root/mkuimage/cpio"
)

// initrd builds the initramfs: u-root, the kernel modules, massho, extras.
// Each is an archive compressed by itself and they follow one another; the
// kernel unpacks them in order (Documentation/driver-api/early-userspace), as
// long as all are compressed.
func initrd(ctx context.Context, opts Options, sel depmod.Selection) ([]byte, error) {
	c := &cache{dir: opts.CacheDir}
	uroot, err := buildURoot(ctx, opts.ModuleDir, c)
	if err != nil {
		return nil, err
	}
	modules, err := modulesArchive(opts.Inputs.Release, sel)
	if err != nil {
		return nil, err
	}
	program, err := programArchive(opts.Massho)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, part := range [][]byte{uroot, modules} {
		b, err := c.compressed(part)
		if err != nil {
			return nil, err
		}
		out.Write(b)
	}
	for _, part := range append([][]byte{program}, opts.ExtraCPIO...) {
		b, err := compress(part)
		if err != nil {
			return nil, err
		}
		out.Write(b)
	}
	return out.Bytes(), nil
}

// modulesArchive holds lib/modules/RELEASE with its tables.
func modulesArchive(release string, sel depmod.Selection) ([]byte, error) {
	root := "lib/modules/" + release + "/"
	records := []cpio.Record{
		cpio.StaticRecord(sel.Dep(), cpio.Info{Name: root + "modules.dep", Mode: cpio.S_IFREG | 0o444}),
		cpio.StaticRecord(sel.Alias(), cpio.Info{Name: root + "modules.alias", Mode: cpio.S_IFREG | 0o444}),
		cpio.StaticRecord(sel.SoftDep(), cpio.Info{Name: root + "modules.softdep", Mode: cpio.S_IFREG | 0o444}),
	}
	for _, m := range sel.Modules {
		records = append(records, cpio.StaticRecord(m.Data, cpio.Info{Name: root + m.Path, Mode: cpio.S_IFREG | 0o444}))
	}
	return Archive(records)
}

func programArchive(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the stick's program: %w; build it with CGO_ENABLED=0 go build -trimpath ./cmd/massho", err)
	}
	return Archive([]cpio.Record{cpio.StaticRecord(b, cpio.Info{Name: programPath[1:], Mode: cpio.S_IFREG | 0o755})})
}

// Archive writes records as a newc archive with the folders they need. The
// same records give the same bytes. Options.ExtraCPIO takes the result.
func Archive(records []cpio.Record) ([]byte, error) {
	cpio.MakeAllReproducible(records)
	var b bytes.Buffer
	w := cpio.Newc.Writer(&b)
	if err := cpio.WriteRecordsAndDirs(w, records); err != nil {
		return nil, fmt.Errorf("write initramfs archive: %w", err)
	}
	if err := cpio.WriteTrailer(w); err != nil {
		return nil, fmt.Errorf("write initramfs archive: %w", err)
	}
	return b.Bytes(), nil
}

// compressed is compress, remembered.
func (c *cache) compressed(b []byte) ([]byte, error) {
	sum := sha256.Sum256(b)
	return c.get("part-"+hex.EncodeToString(sum[:8])+".zst", func() ([]byte, error) { return compress(b) })
}

// compress makes one zstd frame. One encoder thread: the output must depend on
// the input alone.
func compress(b []byte) ([]byte, error) {
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("compress initramfs: %w", err)
	}
	out := w.EncodeAll(b, nil)
	return out, w.Close()
}
