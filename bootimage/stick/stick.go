// Package stick knows how massho's USB image is laid out, and gives a built
// image its own identity: fresh UUIDs and the files of one stick.
//
// It is pure Go and links neither u-root nor a boot loader tool, so that
// massho-office can prepare sticks on Windows, macOS and Linux.
//
// The image is a GPT disk of three partitions:
//
//	1  BIOS boot   1 MiB   GRUB's core image
//	2  EFI system 64 MiB   FAT32 "MASSHO": shim, GRUB, kernel, initramfs, licences
//	3  basic data          FAT32 "EVIDENCE": signed case, stick key, records
package stick

import (
	"errors"
	"time"

	"github.com/massho/massho/bootimage/fat"
)

// Identity is what makes one stick differ from the image it was made from.
type Identity struct {
	// ESP and Evidence are the volume IDs of partitions 2 and 3.
	ESP, Evidence fat.ID
	// Disk and Partitions are the GPT GUIDs of the disk and of partitions 1 to
	// 3, in RFC 9562 byte order.
	Disk       [16]byte
	Partitions [3][16]byte
}

// Personal is what Personalise puts into an image.
type Personal struct {
	Identity Identity
	// Files maps slash-separated paths on EVIDENCE to contents. Everything
	// that was on EVIDENCE before is gone afterwards.
	Files map[string][]byte
	// Cmdline is appended to the kernel command line of the image.
	Cmdline []string
	// Time stamps the files.
	Time time.Time
}

// ErrNotImage says that a file is not an image that bootimage.Build made.
var ErrNotImage = errors.New("not a massho image")
