package emulator

import (
	"errors"
	"fmt"

	"github.com/massho/massho/devices"
)

// What a drive's road says when the drive itself says nothing.
var (
	ErrNoPower = fmt.Errorf("emulator: no power: %w", devices.ErrGone)
	ErrGone    = fmt.Errorf("emulator: pulled: %w", devices.ErrGone)
	ErrTimeout = errors.New("emulator: the command timed out")
	ErrClosed  = errors.New("emulator: the descriptor is closed")
	ErrMedium  = errors.New("emulator: medium error")
	ErrAbort   = errors.New("emulator: the drive refused the command")
	ErrLocked  = errors.New("emulator: the range is locked")
)

// IOError is a read or write that failed at a sector.
type IOError struct {
	Drive string // the serial it was made with
	Op    string // "read" or "write"
	LBA   uint64
	Err   error // ErrMedium, ErrGone, …
}

// Error names the operation, the drive and the sector.
func (e *IOError) Error() string {
	return fmt.Sprintf("%s: %s LBA %d: %v", e.Drive, e.Op, e.LBA, e.Err)
}

// Unwrap is the reason.
func (e *IOError) Unwrap() error { return e.Err }
