package scsi

import (
	"context"
	"time"
)

// Direction is the way the data of a command goes.
type Direction uint8

// The directions. The zero value is None.
const (
	None Direction = iota
	In             // from the device
	Out            // to the device
)

// String is "none", "in" or "out".
func (d Direction) String() string {
	switch d {
	case None:
		return "none"
	case In:
		return "in"
	case Out:
		return "out"
	default:
		return "direction?"
	}
}

// Command is one SCSI command.
type Command struct {
	CDB     []byte        // 6 to 16 bytes
	Dir     Direction     // None: Data is empty
	Data    []byte        // Out: what is sent; In: the buffer that is filled
	Timeout time.Duration // 0: the transport's own default
}

// Result is what the device answered. Status and Sense are the device's own
// words: a CHECK CONDITION is a Result, not an error of the transport.
type Result struct {
	Status byte   // SAM-5 status code: 00h GOOD, 02h CHECK CONDITION, ...
	Sense  []byte // as returned, cut to what was returned; empty if none
	Resid  int    // bytes of Data that were not transferred
}

// Transport carries a command to a logical unit and its answer back.
//
// Exec returns an error only when the transport itself failed (host or driver
// status, timeout, no such device): then nothing is known about what the
// device did. One Transport serves one caller at a time.
type Transport interface {
	Exec(ctx context.Context, cmd Command) (Result, error)
}

// Status codes of SAM-5 clause 5.3.1.
const (
	StatusGood                byte = 0x00
	StatusCheckCondition      byte = 0x02
	StatusConditionMet        byte = 0x04
	StatusBusy                byte = 0x08
	StatusReservationConflict byte = 0x18
	StatusTaskSetFull         byte = 0x28
	StatusACAActive           byte = 0x30
	StatusTaskAborted         byte = 0x40
)
