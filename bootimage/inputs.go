//go:build unix

package bootimage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/massho/massho/bootimage/debian"
)

// ErrInputs says that a Debian package does not hold what an image needs.
var ErrInputs = errors.New("boot image inputs are incomplete")

// Packages names the Debian packages of an image, as apt knows them; an empty
// field means the default. "name=version" pins a version.
type Packages struct {
	// Kernel is a signed kernel or its metapackage; default linux-image-amd64.
	Kernel string
	// Private asks deb.debian.org instead of the machine's own sources.
	Private bool
}

// Names of the packages besides the kernel.
const (
	pkgKernel   = "linux-image-amd64"
	pkgShim     = "shim-signed"
	pkgMOK      = "shim-helpers-amd64-signed"
	pkgGrub64   = "grub-efi-amd64-signed"
	pkgGrub32   = "grub-efi-ia32-bin"
	pkgGrubPC   = "grub-pc-bin"
	pkgMkimage  = "grub-common"
	pkgJapanese = "fonts-morisawa-bizud-gothic"
)

// Inputs are the files that an image is made of, inside unpacked packages.
type Inputs struct {
	// Kernel is the signed kernel, Release its version ("6.1.0-56-amd64"), and
	// Modules the folder lib/modules/RELEASE.
	Kernel, Release, Modules string
	// Shim, MOKManager and Grub64 are the signed UEFI programs; Grub32 is the
	// unsigned one for 32-bit firmware.
	Shim, MOKManager, Grub64, Grub32 string
	// GrubPC is the folder of GRUB's BIOS modules, GrubMkimage the program
	// that links them.
	GrubPC, GrubMkimage string
	// Fonts is the folder of the Japanese fonts (OFL) that massho embeds.
	Fonts string
	// Packages are where all this comes from.
	Packages []debian.Package
}

// FetchInputs downloads the Debian packages of an image into the folder dir
// and unpacks them, or takes them from there: the second call needs no
// network. Errors wrap debian.ErrFetch or ErrInputs.
func FetchInputs(ctx context.Context, dir string, pkgs Packages) (Inputs, error) {
	kernel := pkgs.Kernel
	if kernel == "" {
		kernel = pkgKernel
	}
	names := []string{kernel, pkgShim, pkgMOK, pkgGrub64, pkgGrub32, pkgGrubPC, pkgMkimage, pkgJapanese}
	set, err := debian.Fetch(ctx, debian.Config{Dir: dir, Private: pkgs.Private}, names...)
	if err != nil {
		return Inputs{}, fmt.Errorf("fetch boot image inputs: %w", err)
	}
	in := Inputs{
		Shim:        set[pkgShim].Path("usr/lib/shim/shimx64.efi.signed"),
		MOKManager:  set[pkgMOK].Path("usr/lib/shim/mmx64.efi.signed"),
		Grub64:      set[pkgGrub64].Path("usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed"),
		Grub32:      set[pkgGrub32].Path("usr/lib/grub/i386-efi/monolithic/grubia32.efi"),
		GrubPC:      set[pkgGrubPC].Path("usr/lib/grub/i386-pc"),
		GrubMkimage: set[pkgMkimage].Path("usr/bin/grub-mkimage"),
		Fonts:       set[pkgJapanese].Path("usr/share/fonts/truetype/bizud-gothic"),
	}
	for _, name := range names {
		in.Packages = append(in.Packages, set[name])
	}
	if err := in.findKernel(set[kernel].Root); err != nil {
		return Inputs{}, err
	}
	return in, in.check()
}

// findKernel looks for the one kernel of a package.
func (in *Inputs) findKernel(root string) error {
	found, err := filepath.Glob(filepath.Join(root, "boot", "vmlinuz-*"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%s: %d kernels in boot/, want 1: %w", filepath.Base(root), len(found), ErrInputs)
	}
	in.Kernel = found[0]
	in.Release = strings.TrimPrefix(filepath.Base(found[0]), "vmlinuz-")
	for _, lib := range []string{"lib", "usr/lib"} {
		in.Modules = filepath.Join(root, filepath.FromSlash(lib), "modules", in.Release)
		if _, err := os.Stat(in.Modules); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%s: no lib/modules/%s: %w", filepath.Base(root), in.Release, ErrInputs)
}

// check says at once what is missing, not in the middle of a build.
func (in Inputs) check() error {
	var missing []error
	for _, p := range []string{in.Kernel, in.Modules, in.Shim, in.MOKManager, in.Grub64, in.Grub32, in.GrubPC, in.GrubMkimage, in.Fonts} {
		if _, err := os.Stat(p); err != nil {
			missing = append(missing, err)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w; remove the cache folder and fetch again: %w", ErrInputs, errors.Join(missing...))
	}
	return nil
}
