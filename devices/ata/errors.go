package ata

import (
	"fmt"
	"strings"
)

// Status register bits (ACS-4 clause 6.2).
const (
	StatusERR  byte = 1 << 0 // error, or sense data available
	StatusDRQ  byte = 1 << 3
	StatusDF   byte = 1 << 5 // device fault
	StatusDRDY byte = 1 << 6
	StatusBSY  byte = 1 << 7
)

// Error register bits (ACS-4 clause 6.3).
const (
	ErrorABRT byte = 1 << 2
	ErrorIDNF byte = 1 << 4
	ErrorUNC  byte = 1 << 6
	ErrorICRC byte = 1 << 7
)

// CommandError says that the device itself ended a command with ERR or DF.
type CommandError struct {
	Command   Command   // as sent, without its data
	Registers Registers // as returned
	// Sense is the error of the road below (SAT) if one came with it.
	Sense error
}

// Error prints the command's name and both registers.
func (e *CommandError) Error() string {
	s := fmt.Sprintf("%s: aborted by the device (status %02Xh error %02Xh",
		Name(e.Command), e.Registers.Status, e.Registers.Error)
	if w := errorWords(e.Registers.Status, e.Registers.Error); w != "" {
		s += ": " + w
	}
	return s + ")"
}

// Unwrap is the sense data below, if any.
func (e *CommandError) Unwrap() error { return e.Sense }

// Aborted reports whether the device set ABRT: it does not know the command,
// or refuses it in its present state.
func (e *CommandError) Aborted() bool {
	return e.Registers.Status&StatusERR != 0 && e.Registers.Error&ErrorABRT != 0
}

func errorWords(status, errReg byte) string {
	var w []string
	if status&StatusDF != 0 {
		w = append(w, "device fault")
	}
	if status&StatusERR == 0 {
		return strings.Join(w, ", ")
	}
	for _, b := range []struct {
		bit  byte
		name string
	}{
		{ErrorABRT, "command aborted"},
		{ErrorIDNF, "address not found"},
		{ErrorUNC, "uncorrectable data"},
		{ErrorICRC, "interface CRC"},
	} {
		if errReg&b.bit != 0 {
			w = append(w, b.name)
		}
	}
	return strings.Join(w, ", ")
}
