//go:build !linux

package journal

import "os"

// Only the stick, which runs Linux, writes journals in the field. Elsewhere the
// strongest portable means is used: O_SYNC and a Sync after each write.
const (
	openDurable   = os.O_SYNC
	durableWrites = false
)

// syncDir does nothing: Windows cannot open a directory for it.
func syncDir(string) error { return nil }
