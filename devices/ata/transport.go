package ata

import (
	"context"
	"time"
)

// Protocol is the way the data of a command goes (ACS-4 clause 4.3, SAT-5
// table "PROTOCOL field").
type Protocol uint8

// The protocols. The zero value is NonData.
const (
	NonData Protocol = iota
	PIOIn            // PIO data-in: from the device
	PIOOut           // PIO data-out: to the device
	DMAIn            // DMA, from the device
	DMAOut           // DMA, to the device
)

// String is the protocol's short name.
func (p Protocol) String() string {
	switch p {
	case NonData:
		return "non-data"
	case PIOIn:
		return "PIO data-in"
	case PIOOut:
		return "PIO data-out"
	case DMAIn:
		return "DMA data-in"
	case DMAOut:
		return "DMA data-out"
	default:
		return "protocol?"
	}
}

// In reports whether the data come from the device.
func (p Protocol) In() bool { return p == PIOIn || p == DMAIn }

// Out reports whether the data go to the device.
func (p Protocol) Out() bool { return p == PIOOut || p == DMAOut }

// Command is one ATA command: the registers as the host writes them.
type Command struct {
	Feature  uint16 // 15:8 only if Extended
	Count    uint16 // 15:8 only if Extended
	LBA      uint64 // 47:0 if Extended, else 27:0 (27:24 travel in Device)
	Device   byte   // 40h: LBA addressing
	Command  byte   // the opcode
	Extended bool   // a 48-bit command
	Protocol Protocol
	Data     []byte        // whole 512-byte blocks; In: the buffer that is filled
	Timeout  time.Duration // 0: the transport's own default
}

// High says what is known of the upper half of a register (count 15:8, LBA
// 47:24) after a command. SAT's fixed-format sense carries one bit for it.
type High uint8

// The states of an upper half. The zero value is HighUnknown.
const (
	HighUnknown High = iota // not passed on at all
	HighZero                // a flag says it is zero
	HighNonZero             // a flag says it is not zero; the bits are lost
	HighKnown               // all bits are in the register
)

// Registers are the ATA registers that the device returned.
//
// Bits that are not known are zero in Count and LBA: look at CountHigh and
// LBAHigh before the upper halves mean anything.
type Registers struct {
	Error  byte
	Status byte
	Device byte
	Count  uint16 // 7:0 always known; 15:8 as CountHigh says
	LBA    uint64 // 23:0 always known; 47:24 as LBAHigh says

	CountHigh High
	LBAHigh   High
}

// Result is what came back from a command that the device did not refuse.
type Result struct {
	// Registers is nil when the road between returned none. Then whatever
	// they would have said is unknown: never idle, never done.
	Registers *Registers
	// Resid is the number of bytes of Data that were not transferred.
	Resid int
}

// Transport carries a command to an ATA device and its answer back.
//
// Exec returns a [*CommandError] when the device ended the command with its
// ERR or DF bit, and another error when the road failed or refused. One
// Transport serves one caller at a time: between SECURITY ERASE PREPARE and
// SECURITY ERASE UNIT nothing else may reach the drive.
type Transport interface {
	Exec(ctx context.Context, cmd Command) (Result, error)
}
