//go:build linux

package early

import (
	"fmt"

	"github.com/massho/massho/bootimage/stick"
)

// Candidates are all FAT32 volumes that may be the evidence place of another
// stick, each once as a partition and once as a folder of the Explorer form,
// marked read-only: the caller mounts one to look at its case, and only then,
// with ReadOnly cleared, to write. A volume that is nobody's evidence place is
// not changed by that.
func Candidates(root string) ([]Place, error) {
	found, err := volumes(root)
	if err != nil {
		return nil, fmt.Errorf("look for another stick: %w", err)
	}
	var out []Place
	for _, v := range found {
		if v.readOnly {
			continue
		}
		for _, folder := range []string{"", stick.EvidenceFolder} {
			out = append(out, Place{Device: v.device, Disk: v.disk, UUID: v.id, Folder: folder, ReadOnly: true})
		}
	}
	return out, nil
}
