package scsi

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// ParseSupported decodes one-command REPORT SUPPORTED OPERATION CODES data
// (SPC-5 clause 6.34.3). Only 011b, "in conformance with the standard", is
// yes; a vendor's own manner (101b) is unknown, because a vendor's own
// SANITIZE proves nothing.
func ParseSupported(b []byte) (support.State, error) {
	if len(b) < 2 {
		return support.Unknown, &ParseError{What: "REPORT SUPPORTED OPERATION CODES data", Why: "shorter than 2 bytes"}
	}
	switch b[1] & 7 {
	case 1:
		return support.No, nil
	case 3:
		return support.Yes, nil
	default:
		return support.Unknown, nil
	}
}

// Supported asks whether the device knows a command. action is the service
// action, or NoAction. A device that refuses the question itself leaves the
// answer unknown, with its *SenseError.
func Supported(ctx context.Context, t Transport, opcode byte, action int) (support.State, error) {
	cdb := make([]byte, 12)
	cdb[0], cdb[1], cdb[2], cdb[3] = OpMaintenanceIn, 0x0C, 1, opcode
	if action != NoAction {
		if action < 0 || action > 0xFFFF {
			return support.Unknown, fmt.Errorf("scsi: service action %d", action)
		}
		cdb[2] = 2
		put16(cdb[4:], uint16(action))
	}
	put32(cdb[6:], 64)
	b, err := run(ctx, t, "REPORT SUPPORTED OPERATION CODES", Command{CDB: cdb, Dir: In, Data: make([]byte, 64)})
	if err != nil {
		return support.Unknown, err
	}
	return ParseSupported(b)
}

// NoAction is for commands without service actions.
const NoAction = -1
