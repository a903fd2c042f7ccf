package stick

import (
	"fmt"
	"io"
	"time"

	"github.com/massho/massho/bootimage/fat"
	"github.com/massho/massho/bootimage/gpt"
)

// Sizes of the parts of an image in bytes. Partitions begin on whole MiB, the
// erase blocks of flash.
const (
	mib       = 1 << 20
	biosStart = 1 * mib
	biosSize  = 1 * mib
	espStart  = biosStart + biosSize
	espSize   = 64 * mib
	dataStart = espStart + espSize
	// tailSize holds the second partition table.
	tailSize = 1 * mib
)

// BIOSBootStart is the first sector of the BIOS boot partition, where GRUB's
// core image begins; BIOSBootSize is its length in bytes.
const (
	BIOSBootStart = biosStart / gpt.SectorSize
	BIOSBootSize  = biosSize
)

// Image is the whole contents of a USB image.
type Image struct {
	Identity Identity
	// MBR is the boot code, at most 440 bytes; BIOSBoot the core image.
	MBR, BIOSBoot []byte
	// ESP and Evidence are the files of partitions 2 and 3.
	ESP, Evidence map[string][]byte
	// EvidenceSize is in bytes, a multiple of 1 MiB.
	EvidenceSize int64
	// Time stamps the files.
	Time time.Time
}

// Size is the size of the image in bytes.
func (im Image) Size() int64 { return dataStart + im.EvidenceSize + tailSize }

// table is the partition table of the image.
func (im Image) table() gpt.Table {
	part := func(n int, typ gpt.GUID, name string, start, size int64) gpt.Partition {
		return gpt.Partition{Type: typ, ID: im.Identity.Partitions[n], Name: name,
			First: start / gpt.SectorSize, Sectors: size / gpt.SectorSize}
	}
	return gpt.Table{
		Disk: im.Identity.Disk, Sectors: im.Size() / gpt.SectorSize,
		Partitions: []gpt.Partition{
			part(0, gpt.BIOSBoot, "massho BIOS boot", biosStart, biosSize),
			part(1, gpt.EFISystem, "massho EFI system", espStart, espSize),
			part(2, gpt.BasicData, "massho EVIDENCE", dataStart, im.EvidenceSize),
		},
	}
}

// Write writes the image to w, which must read as zeros for Size bytes, as a
// fresh file that was truncated to that length does.
func (im Image) Write(w io.WriterAt) error {
	if len(im.MBR) > 440 || len(im.BIOSBoot) > biosSize {
		return fmt.Errorf("write image: boot code of %d and %d bytes: does not fit", len(im.MBR), len(im.BIOSBoot))
	}
	if im.EvidenceSize <= 0 || im.EvidenceSize%mib != 0 {
		return fmt.Errorf("write image: EVIDENCE of %d bytes: want whole MiB", im.EvidenceSize)
	}
	for _, v := range []struct {
		fat.Volume
		at int64
	}{
		{fat.Volume{ID: im.Identity.ESP, Label: ESPLabel, Size: espSize, HiddenSectors: espStart / gpt.SectorSize, Time: im.Time, Files: im.ESP}, espStart},
		{fat.Volume{ID: im.Identity.Evidence, Label: EvidenceLabel, Size: im.EvidenceSize, HiddenSectors: dataStart / gpt.SectorSize, Time: im.Time, Files: im.Evidence}, dataStart},
	} {
		if err := v.Write(w, v.at); err != nil {
			return fmt.Errorf("write image: %w", err)
		}
	}
	for at, b := range map[int64][]byte{0: im.MBR, biosStart: im.BIOSBoot} {
		if _, err := w.WriteAt(b, at); err != nil {
			return fmt.Errorf("write image: boot code: %w", err)
		}
	}
	return im.table().Write(w)
}

// Read reads an image that Write wrote. Errors wrap ErrNotImage, gpt.ErrTable,
// fat.ErrFormat, or are r's.
func Read(r io.ReaderAt) (Image, error) {
	t, err := gpt.Read(r)
	if err != nil {
		return Image{}, fmt.Errorf("%w: %w", ErrNotImage, err)
	}
	if len(t.Partitions) != 3 {
		return Image{}, fmt.Errorf("%d partitions: %w", len(t.Partitions), ErrNotImage)
	}
	im := Image{MBR: make([]byte, 440), BIOSBoot: make([]byte, biosSize), EvidenceSize: t.Partitions[2].Size()}
	im.Identity.Disk = t.Disk
	for i, p := range t.Partitions {
		im.Identity.Partitions[i] = p.ID
	}
	for at, b := range map[int64][]byte{0: im.MBR, biosStart: im.BIOSBoot} {
		if _, err := r.ReadAt(b, at); err != nil {
			return Image{}, fmt.Errorf("read boot code: %w", err)
		}
	}
	esp, err := fat.Read(r, t.Partitions[1].Offset())
	if err != nil {
		return Image{}, fmt.Errorf("EFI system partition: %w: %w", ErrNotImage, err)
	}
	data, err := fat.Read(r, t.Partitions[2].Offset())
	if err != nil {
		return Image{}, fmt.Errorf("EVIDENCE partition: %w: %w", ErrNotImage, err)
	}
	im.Identity.ESP, im.Identity.Evidence, im.ESP, im.Evidence, im.Time = esp.ID, data.ID, esp.Files, data.Files, esp.Time
	if got := im.table(); got.Sectors != t.Sectors || got.Partitions[1] != t.Partitions[1] || got.Partitions[2] != t.Partitions[2] {
		return Image{}, fmt.Errorf("partitions lie elsewhere: %w", ErrNotImage)
	}
	return im, nil
}
