// Package fat writes and reads FAT32 file systems as files of bytes, without
// mounting, without root, and byte for byte the same from the same tree.
//
// It exists because the stick is prepared on the clerk's Windows PC as well as
// on Linux, so the mtools programs cannot be asked for, and because the FAT32
// writers of the Go world refuse a 64 MiB volume or lose Japanese names.
//
// It refuses what firmware disagrees about: FAT12 and FAT16, sector sizes
// other than 512, names that Windows cannot hold, and two names in one folder
// that differ only by case. fsck.fat and mtools judge its output in the tests.
//
// Reference: Microsoft, "FAT: General Overview of On-Disk Format" 1.03.
package fat

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ID is the volume serial number of a FAT file system: what udev and blkid
// call its UUID, written as two groups of four upper-case hex digits.
type ID uint32

// String returns the form used by blkid and on our kernel command line,
// for instance "1A2B-3C4D".
func (id ID) String() string { return fmt.Sprintf("%04X-%04X", uint32(id)>>16, uint32(id)&0xffff) }

// ErrID says that a text is not a volume serial number.
var ErrID = errors.New("not a FAT volume ID like 1A2B-3C4D")

// ParseID reads the form that String writes; lower case is accepted.
func ParseID(s string) (ID, error) {
	hi, lo, ok := strings.Cut(s, "-")
	if !ok || len(hi) != 4 || len(lo) != 4 {
		return 0, fmt.Errorf("parse volume ID %q: %w", s, ErrID)
	}
	n, err := strconv.ParseUint(hi+lo, 16, 32)
	if err != nil {
		return 0, fmt.Errorf("parse volume ID %q: %w", s, ErrID)
	}
	return ID(n), nil
}

// Volume is a FAT32 file system to be written, or one that was read.
type Volume struct {
	// ID is the volume serial number (BS_VolID).
	ID ID
	// Label is the volume label, at most 11 ASCII characters, upper case.
	Label string
	// Size is the length of the file system in bytes, a multiple of 512.
	Size int64
	// HiddenSectors is the partition's first sector on its disk (BPB_HiddSec);
	// 0 for a file system that begins at the start of its medium.
	HiddenSectors uint32
	// Time stamps every entry. FAT counts from 1980 in steps of two seconds.
	Time time.Time
	// Files maps slash-separated paths to contents. Folders appear by being
	// part of a path; a path that ends in a slash is an empty folder.
	Files map[string][]byte
}
