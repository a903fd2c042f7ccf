//go:build unix

package bootimage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/massho/massho/bootimage/stick"
)

// ErrGrub says that the BIOS boot loader could not be made.
var ErrGrub = errors.New("BIOS boot loader")

// grubModules are linked into the BIOS core image. There is no folder of
// modules on the stick: what is not here does not exist.
var grubModules = []string{
	"biosdisk", "part_gpt", "fat", "probe", "search", "search_fs_uuid", "configfile", "normal", "test", "echo",
	"linux", "serial", "terminal", "all_video", "vbe", "gfxterm", "halt", "reboot",
}

// grubPrefix is where the core image looks for its configuration: partition 2
// of the drive that the BIOS started.
const grubPrefix = "(,gpt2)/EFI/debian"

// biosLoader returns the boot code of the MBR and the core image.
func biosLoader(ctx context.Context, in Inputs) (mbr, core []byte, err error) {
	boot, err := os.ReadFile(filepath.Join(in.GrubPC, "boot.img"))
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrGrub, err)
	}
	core, err = grubMkimage(ctx, in)
	if err != nil {
		return nil, nil, err
	}
	if len(boot) != 512 || len(core) < 1024 || len(core) > stick.BIOSBootSize {
		return nil, nil, fmt.Errorf("%w: boot.img of %d and core image of %d bytes", ErrGrub, len(boot), len(core))
	}
	patchBoot(boot)
	return boot[:440], patchCore(core), nil
}

// grubMkimage links the core image. The program of the fetched package is
// tried first, so that all hosts make the same bytes; where its libraries are
// missing the host's own does.
func grubMkimage(ctx context.Context, in Inputs) ([]byte, error) {
	dir, err := os.MkdirTemp("", "massho-grub-")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrGrub, err)
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "core.img")
	args := append([]string{"-O", "i386-pc", "-d", in.GrubPC, "-p", grubPrefix, "-o", out}, grubModules...)
	var tried []error
	for _, program := range []string{in.GrubMkimage, "grub-mkimage"} {
		cmd := exec.CommandContext(ctx, program, args...)
		var complaint bytes.Buffer
		cmd.Stderr = &complaint
		err := cmd.Run()
		if err == nil {
			return os.ReadFile(out)
		}
		tried = append(tried, fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(complaint.Bytes())))
	}
	return nil, fmt.Errorf("%w: apt-get install grub-common: %w", ErrGrub, errors.Join(tried...))
}

// patchBoot does to boot.img what grub-bios-setup does: the sector of the core
// image at 5Ch, and two NOPs at 66h in place of a jump, so that a BIOS that
// passes a floppy's drive number is corrected to 80h (GRUB boot.S,
// kernel_sector and boot_drive_check).
func patchBoot(boot []byte) {
	binary.LittleEndian.PutUint64(boot[0x5C:], stick.BIOSBootStart)
	boot[0x66], boot[0x67] = 0x90, 0x90
}

// patchCore fills the block list at the end of the first sector: the rest of
// the core image follows it without a gap and is loaded to segment 0820h
// (GRUB diskboot.S, firstlist).
func patchCore(core []byte) []byte {
	sectors := (len(core) + 511) / 512
	core = append(core, make([]byte, sectors*512-len(core))...)
	binary.LittleEndian.PutUint64(core[0x1F4:], stick.BIOSBootStart+1)
	binary.LittleEndian.PutUint16(core[0x1FC:], uint16(sectors-1))
	binary.LittleEndian.PutUint16(core[0x1FE:], 0x0820)
	return core
}
