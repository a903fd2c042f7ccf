//go:build !unix

package ledger

import "time"

var begun = time.Now()

// cpuTime is the clock where the process's own time is not to be had so easily.
func cpuTime() time.Duration { return time.Since(begun) }
