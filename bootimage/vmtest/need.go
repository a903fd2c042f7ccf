//go:build linux

package vmtest

import "os"

// Level says how much a test costs.
type Level int

// The levels.
const (
	Few Level = iota // one of the at most 8 machines of make test
	All              // only make test-vm
)

// TB is the part of testing.TB that Need uses.
type TB interface {
	Helper()
	Skipf(format string, args ...any)
}

// Need skips a test that boots a machine unless the environment asks for it:
// MASSHO_VM=1 runs those of level Few, MASSHO_VM=all runs every one.
func Need(t TB, level Level) {
	t.Helper()
	switch os.Getenv("MASSHO_VM") {
	case "all":
	case "1":
		if level == All {
			t.Skipf("boots a virtual machine: MASSHO_VM=all runs it (make test-vm)")
		}
	default:
		t.Skipf("boots a virtual machine: MASSHO_VM=1 or MASSHO_VM=all runs it (make test, make test-vm)")
	}
}
