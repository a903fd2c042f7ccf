//go:build unix

package bootimage

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/massho/massho/bootimage/depmod"
	"github.com/massho/massho/bootimage/fat"
	"github.com/massho/massho/bootimage/manual"
	"github.com/massho/massho/bootimage/stick"
)

// baseCmdline are the kernel parameters of every image.
//
//   - Both consoles show the kernel; tty0 is last, so /dev/console and the
//     shell after massho are on the screen.
//   - consoleblank=0: the screen is filmed and must not go dark.
//   - libata.allow_tpm=1: without it the kernel drops the TRUSTED commands
//     that self-encrypting ATA drives are asked with.
//   - usbcore.autosuspend=-1: a dock that sleeps loses its drive.
var baseCmdline = []string{
	"console=ttyS0,115200n8", "console=tty0", "quiet", "loglevel=3", "consoleblank=0",
	"libata.allow_tpm=1", "usbcore.autosuspend=-1",
}

// defaultEpoch stamps the files when the caller names no time.
var defaultEpoch = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// ErrOptions says that Options cannot be built.
var ErrOptions = errors.New("image options")

// Build writes the USB image opts.Out and its manifest beside it. Errors wrap
// ErrOptions, ErrURoot, ErrGrub, depmod.ErrMissing, fat.ErrFull or fat.ErrName,
// stick.ErrCmdline, or are those of files.
func Build(ctx context.Context, opts Options) (Manifest, error) {
	opts, err := opts.withDefaults()
	if err != nil {
		return Manifest{}, err
	}
	files, m, err := bootFiles(ctx, opts)
	if err != nil {
		return Manifest{}, fmt.Errorf("build image: %w", err)
	}
	im := stick.Image{ESP: files, Evidence: opts.EvidenceFiles, EvidenceSize: opts.EvidenceSize, Time: opts.SourceDateEpoch}
	if im.Identity, err = identity(opts, m); err != nil {
		return Manifest{}, fmt.Errorf("build image: %w", err)
	}
	if im.MBR, im.BIOSBoot, err = biosLoader(ctx, opts.Inputs); err != nil {
		return Manifest{}, fmt.Errorf("build image: %w", err)
	}
	if err := addConfig(files, m, im.Identity.Evidence); err != nil {
		return Manifest{}, fmt.Errorf("build image: %w", err)
	}
	if err := stick.WriteFile(opts.Out, im); err != nil {
		return Manifest{}, fmt.Errorf("build image: %w", err)
	}
	m.ImageSize = im.Size()
	if m.Image, err = hashFile(opts.Out); err != nil {
		return Manifest{}, fmt.Errorf("build image: %w", err)
	}
	text, err := m.json()
	if err != nil {
		return Manifest{}, err
	}
	return m, writeWhole(opts.Out+".manifest.json", text)
}

func (o Options) withDefaults() (Options, error) {
	o.ModuleDir = cmp.Or(o.ModuleDir, ".")
	o.EvidenceSize = cmp.Or(o.EvidenceSize, DefaultEvidenceSize)
	if o.SourceDateEpoch.IsZero() {
		o.SourceDateEpoch = defaultEpoch
	}
	if o.Massho == "" {
		return o, fmt.Errorf("%w: no program: name the binary of cmd/massho", ErrOptions)
	}
	return o, o.Inputs.check()
}

// identity returns the UUIDs of the options, or draws them from the contents.
func identity(opts Options, m Manifest) (stick.Identity, error) {
	if opts.Identity != (stick.Identity{}) {
		return opts.Identity, nil
	}
	return stick.NewIdentity(chacha(m.seed()))
}

// chacha expands a seed; the sequence of ChaCha8 is fixed by Go's promise for
// math/rand/v2.
func chacha(seed [32]byte) io.Reader { return rand.NewChaCha8(seed) }

// bootFiles returns the files of the boot volume, all but the configuration.
func bootFiles(ctx context.Context, opts Options) (map[string][]byte, Manifest, error) {
	tree, err := depmod.Open(os.DirFS(opts.Inputs.Modules))
	if err != nil {
		return nil, Manifest{}, err
	}
	sel, err := tree.Select(slices.Concat(moduleSelection, opts.ExtraModules)...)
	if err != nil {
		return nil, Manifest{}, err
	}
	files, err := licenceFiles(opts.Inputs.Packages, opts.Notices)
	if err != nil {
		return nil, Manifest{}, err
	}
	in := opts.Inputs
	for name, path := range map[string]string{
		"EFI/BOOT/BOOTX64.EFI":  in.Shim,
		"EFI/BOOT/grubx64.efi":  in.Grub64,
		"EFI/BOOT/mmx64.efi":    in.MOKManager,
		"EFI/BOOT/BOOTIA32.EFI": in.Grub32,
		stick.KernelPath:        in.Kernel,
	} {
		if files[name], err = os.ReadFile(path); err != nil {
			return nil, Manifest{}, err
		}
	}
	docs, err := manual.Files()
	if err != nil {
		return nil, Manifest{}, err
	}
	for name, page := range docs {
		files[manual.Dir+"/"+name] = page
	}
	if files[stick.InitrdPath], err = initrd(ctx, opts, sel); err != nil {
		return nil, Manifest{}, err
	}
	m := newManifest(opts, sel)
	m.Files = digests(files)
	text, err := m.json()
	if err != nil {
		return nil, Manifest{}, err
	}
	files[manifestPath] = text
	return files, m, nil
}

func newManifest(opts Options, sel depmod.Selection) Manifest {
	m := Manifest{
		Release: opts.Inputs.Release, Cmdline: slices.Concat(baseCmdline, opts.Cmdline),
		UnmetModules: sel.Unmet, Notices: slices.Concat(builtIn, opts.Notices),
	}
	for _, mod := range sel.Modules {
		m.Modules = append(m.Modules, mod.Name)
	}
	for _, p := range opts.Inputs.Packages {
		m.Packages = append(m.Packages, PackageNotice{Package: p, Licence: licenceOf(p)})
	}
	return m
}

// addConfig adds GRUB's configuration for an image, or for the Explorer form
// when evidence is 0.
func addConfig(files map[string][]byte, m Manifest, evidence fat.ID) error {
	text, err := stick.Config{Evidence: evidence, Cmdline: m.Cmdline}.Bytes()
	if err != nil {
		return err
	}
	files[stick.ConfigPath] = text
	return nil
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
