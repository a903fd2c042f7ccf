//go:build linux

package linux

import (
	"fmt"
	"io"

	"github.com/massho/massho/devices"
)

// fatUUID reads the volume serial of a FAT12, FAT16 or FAT32 boot sector
// (Microsoft FAT specification 1.03) as GRUB and blkid print it, "1234-ABCD";
// "" where b is none. The boot stick's filesystems are FAT, and no other
// filesystem is looked at: nothing of what is on a drive is of our business.
func fatUUID(b []byte) string {
	if len(b) < 512 || b[510] != 0x55 || b[511] != 0xAA {
		return ""
	}
	at := 0
	switch {
	case string(b[0x52:0x57]) == "FAT32" && b[0x42] == 0x29:
		at = 0x43
	case string(b[0x36:0x39]) == "FAT" && b[0x26] == 0x29:
		at = 0x27
	default:
		return ""
	}
	return fmt.Sprintf("%02X%02X-%02X%02X", b[at+3], b[at+2], b[at+1], b[at])
}

// readUUIDs looks at the first sector of the disk and of each partition,
// through the disk's own descriptor. whole is false when a read failed: then
// the list may lack some.
func readUUIDs(r io.ReaderAt, n node, s devices.Stack, sector int) (uuids []string, whole bool) {
	starts := []int64{0}
	whole = true
	for _, p := range s.Partitions {
		v, ok := n.child(p).number("start") // in 512 bytes, always
		if !ok {
			whole = false
			continue
		}
		starts = append(starts, int64(v)*512)
	}
	buf := make([]byte, max(sector, 512))
	for _, at := range starts {
		if _, err := r.ReadAt(buf, at); err != nil {
			whole = false
			continue
		}
		if u := fatUUID(buf); u != "" {
			uuids = append(uuids, u)
		}
	}
	return uuids, whole
}
