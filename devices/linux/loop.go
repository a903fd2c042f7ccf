//go:build linux

package linux

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
)

// loopFacts is the pseudo identity of a loop device. The road is test-only:
// its records are issued under the training root. The serial comes from the
// device and inode number of the file behind it and the place in it, the only
// identity that survives overwriting; the file's name goes into no record.
// Two loop devices on the same bytes are one medium seen twice, and refused.
func (r *road) loopFacts() (devices.Facts, error) {
	var info unix.LoopInfo64
	if err := r.h.do("LOOP_GET_STATUS64", unix.LOOP_GET_STATUS64, unsafe.Pointer(&info)); err != nil {
		return devices.Facts{}, fmt.Errorf("the file behind the loop device: %w", err)
	}
	absent := devices.HiddenAbsent
	return devices.Facts{
		Identity: devices.Identity{Model: "loop", Serial: loopSerial(info), Source: "loop device status"},
		Hidden: devices.HiddenAreas{HPA: absent, DCO: absent, AMAC: absent,
			Note: "a file has no areas beyond its length"},
	}, nil
}

// loopSerial is "LOOP-" and 16 hex digits.
func loopSerial(i unix.LoopInfo64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "massho loop %d %d %d %d", i.Device, i.Inode, i.Offset, i.Sizelimit))
	return "LOOP-" + strings.ToUpper(hex.EncodeToString(sum[:8]))
}
