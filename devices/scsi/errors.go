package scsi

import (
	"context"
	"errors"
	"fmt"
)

// SenseError is a CHECK CONDITION: the device's own word about a command.
type SenseError struct {
	Command string // the command's name
	Opcode  byte
	Sense   Sense
}

// Error prints the command, the words and all codes in hex.
func (e *SenseError) Error() string { return e.Command + ": " + e.Sense.String() }

// StatusError is a status that is neither GOOD nor a CHECK CONDITION with
// sense data that can be read.
type StatusError struct {
	Command string
	Status  byte
	Sense   error // why the sense data of a CHECK CONDITION could not be read
}

// Error prints the status in words and hex.
func (e *StatusError) Error() string {
	w, ok := statusWords[e.Status]
	if !ok {
		w = "unknown status"
	}
	s := fmt.Sprintf("%s: %s (status %02Xh)", e.Command, w, e.Status)
	if e.Sense != nil {
		s += ": " + e.Sense.Error()
	}
	return s
}

// Unwrap is the reason why the sense data could not be read.
func (e *StatusError) Unwrap() error { return e.Sense }

var statusWords = map[byte]string{
	StatusCheckCondition:      "check condition",
	StatusConditionMet:        "condition met",
	StatusBusy:                "busy",
	StatusReservationConflict: "reservation conflict",
	StatusTaskSetFull:         "task set full",
	StatusACAActive:           "ACA active",
	StatusTaskAborted:         "task aborted",
}

// ParseError says that an answer is not what its standard says it is.
type ParseError struct {
	What string // the answer: "VPD page 83h"
	Why  string
}

// Error names the answer and what is wrong with it.
func (e *ParseError) Error() string { return e.What + ": " + e.Why }

// AsSense is the *SenseError in err's chain, if there is one.
func AsSense(err error) (*SenseError, bool) {
	var e *SenseError
	ok := errors.As(err, &e)
	return e, ok
}

// Unsupported reports whether err says that the device does not know the
// command, or not with these fields: ILLEGAL REQUEST 20h/00h, 24h/00h or
// 25h/00h. It says nothing of the medium.
func Unsupported(err error) bool {
	e, ok := AsSense(err)
	return ok && e.Sense.Key == KeyIllegalRequest &&
		(e.Sense.Is(0x20, 0x00) || e.Sense.Is(0x24, 0x00) || e.Sense.Is(0x25, 0x00))
}

// UnitAttention reports whether err is a UNIT ATTENTION: the device was reset,
// exchanged or reconfigured, the command was not done, and who it is must be
// asked again before anything else.
func UnitAttention(err error) bool {
	e, ok := AsSense(err)
	return ok && e.Sense.Key == KeyUnitAttention
}

// Check turns a result into an error: nil for GOOD, a *SenseError for a CHECK
// CONDITION with readable sense data, a *StatusError for all else.
func Check(name string, cmd Command, r Result) error {
	if r.Status == StatusGood {
		return nil
	}
	if r.Status != StatusCheckCondition {
		return &StatusError{Command: name, Status: r.Status}
	}
	s, err := ParseSense(r.Sense)
	if err != nil {
		return &StatusError{Command: name, Status: r.Status, Sense: err}
	}
	e := &SenseError{Command: name, Sense: s}
	if len(cmd.CDB) > 0 {
		e.Opcode = cmd.CDB[0]
	}
	return e
}

// run executes cmd and returns the bytes that were transferred.
func run(ctx context.Context, t Transport, name string, cmd Command) ([]byte, error) {
	r, err := t.Exec(ctx, cmd)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	n := len(cmd.Data) - r.Resid
	if r.Resid < 0 || n < 0 {
		return nil, &ParseError{What: name, Why: fmt.Sprintf("residual %d of %d bytes", r.Resid, len(cmd.Data))}
	}
	if err := Check(name, cmd, r); err != nil {
		return cmd.Data[:n], err
	}
	return cmd.Data[:n], nil
}
