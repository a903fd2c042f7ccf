package mmc

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Command indexes (JESD84-B51 clause 6.10.4).
const (
	CmdSwitch          = 6
	CmdSendExtCSD      = 8
	CmdSendStatus      = 13
	CmdEraseGroupStart = 35
	CmdEraseGroupEnd   = 36
	CmdErase           = 38
	CmdSDEraseStart    = 32 // SD: ERASE_WR_BLK_START
	CmdSDEraseEnd      = 33 // SD: ERASE_WR_BLK_END
)

// Command is one command of the MMC bus.
type Command struct {
	Index   uint32
	Arg     uint32
	Busy    bool          // R1b: the card is busy afterwards, up to Timeout
	Data    []byte        // read from the card, if not empty
	Timeout time.Duration // 0: the transport's own default
}

// Transport carries a command to a card and brings back its R1 card status.
// An error means that nothing is known about what the card did.
type Transport interface {
	Exec(ctx context.Context, cmd Command) (r1 uint32, err error)
}

// R1 card status error bits (JESD84-B51 clause 6.13).
const (
	r1Errors uint32 = 0xFDF9A080 // all bits of type "error", and ERASE_RESET
)

var r1Words = []struct {
	bit  uint32
	word string
}{
	{1 << 31, "address out of range"},
	{1 << 30, "address misaligned"},
	{1 << 29, "block length error"},
	{1 << 28, "erase sequence error"},
	{1 << 27, "erase parameter invalid"},
	{1 << 26, "write protect violation"},
	{1 << 24, "lock/unlock failed"},
	{1 << 23, "command CRC error"},
	{1 << 22, "illegal command"},
	{1 << 21, "device ECC failed"},
	{1 << 20, "device controller error"},
	{1 << 19, "error"},
	{1 << 16, "CID/CSD overwrite"},
	{1 << 15, "write protected areas were skipped by the erase"},
	{1 << 13, "erase sequence was reset"},
	{1 << 7, "switch error"},
}

// StatusError is a card status with error bits.
type StatusError struct {
	Command uint32 // its index
	R1      uint32
}

// Error prints the bits in words and the status in hex.
func (e *StatusError) Error() string {
	var w []string
	for _, b := range r1Words {
		if e.R1&b.bit != 0 {
			w = append(w, b.word)
		}
	}
	if len(w) == 0 {
		w = []string{"error"}
	}
	return fmt.Sprintf("CMD%d: %s (R1 %08Xh)", e.Command, strings.Join(w, ", "), e.R1)
}

// r1Refusals are the bits that say that a command was not begun: its address, its
// parameters, its place in a sequence, a protection, or that it is not known.
const r1Refusals uint32 = 1<<31 | 1<<30 | 1<<29 | 1<<28 | 1<<27 | 1<<26 | 1<<24 | 1<<23 | 1<<22 | 1<<13

// Refused reports whether the card says that it did not begin the command. Any
// other error bit leaves open what was changed.
func (e *StatusError) Refused() bool { return e.R1&r1Errors != 0 && e.R1&r1Errors&^r1Refusals == 0 }

// CheckR1 is a *StatusError if the status has error bits. WP_ERASE_SKIP is one:
// an erase that left protected areas out did not erase them.
func CheckR1(index, r1 uint32) error {
	if r1&r1Errors == 0 {
		return nil
	}
	return &StatusError{Command: index, R1: r1}
}

// Run sends a command and turns error bits into a *StatusError.
func Run(ctx context.Context, t Transport, c Command) error {
	r1, err := t.Exec(ctx, c)
	if err != nil {
		return fmt.Errorf("CMD%d: %w", c.Index, err)
	}
	return CheckR1(c.Index, r1)
}

// SwitchCommand builds CMD6 SWITCH that writes one byte of EXT_CSD.
func SwitchCommand(index, value byte, timeout time.Duration) Command {
	return Command{Index: CmdSwitch, Arg: 3<<24 | uint32(index)<<16 | uint32(value)<<8,
		Busy: true, Timeout: timeout}
}

// SanitizeCommand builds the SWITCH that writes SANITIZE_START. The user area
// must have been erased before; the card stays busy until it is done.
func SanitizeCommand(timeout time.Duration) Command {
	return SwitchCommand(idxSanitizeStart, 1, timeout)
}

// FlushCacheCommand builds the SWITCH that writes FLUSH_CACHE.
func FlushCacheCommand(timeout time.Duration) Command {
	return SwitchCommand(idxFlushCache, 1, timeout)
}

// Partition is PARTITION_ACCESS: which area commands go to.
type Partition byte

// The areas. GP partitions are PartitionGP1 to PartitionGP1+3.
const (
	PartitionUser  Partition = 0
	PartitionBoot1 Partition = 1
	PartitionBoot2 Partition = 2
	PartitionRPMB  Partition = 3
	PartitionGP1   Partition = 4
)

// EraseArgument is the argument of CMD38 ERASE.
type EraseArgument uint32

// The erase arguments of JESD84-B51 table 11. Discard erases nothing that may
// be claimed.
const (
	EraseGroups  EraseArgument = 0x00000000
	EraseTrim    EraseArgument = 0x00000001
	EraseDiscard EraseArgument = 0x00000003
	EraseSecure  EraseArgument = 0x80000000
)

// EraseCommands builds the three commands that erase sectors first to last, in
// units of 512 bytes; erase groups are rounded down and up by the card.
func EraseCommands(k Kind, first, last uint32, arg EraseArgument, timeout time.Duration) ([]Command, error) {
	if last < first {
		return nil, fmt.Errorf("CMD38: sectors %d to %d", first, last)
	}
	start, end := uint32(CmdEraseGroupStart), uint32(CmdEraseGroupEnd)
	if k == KindSD {
		start, end = CmdSDEraseStart, CmdSDEraseEnd
	}
	return []Command{
		{Index: start, Arg: first},
		{Index: end, Arg: last},
		{Index: CmdErase, Arg: uint32(arg), Busy: true, Timeout: timeout},
	}, nil
}

// ReadExtCSD sends CMD8 SEND_EXT_CSD and returns the register and its bytes.
func ReadExtCSD(ctx context.Context, t Transport) (ExtCSD, []byte, error) {
	c := Command{Index: CmdSendExtCSD, Data: make([]byte, 512)}
	if err := Run(ctx, t, c); err != nil {
		return ExtCSD{}, nil, err
	}
	e, err := ParseExtCSD(c.Data)
	return e, c.Data, err
}

// Sequencer is a Transport that sends several commands with nothing between
// them: an erase is three commands, and any other resets it.
type Sequencer interface {
	ExecAll(ctx context.Context, cmds []Command) (r1 []uint32, err error)
}

// RunAll sends commands one after the other, in one go where t can, and stops
// at the first that ends with an error bit.
func RunAll(ctx context.Context, t Transport, cmds []Command) error {
	s, ok := t.(Sequencer)
	if !ok {
		for _, c := range cmds {
			if err := Run(ctx, t, c); err != nil {
				return err
			}
		}
		return nil
	}
	all, err := s.ExecAll(ctx, cmds)
	for i, r1 := range all {
		if bad := CheckR1(cmds[i].Index, r1); bad != nil {
			return bad
		}
	}
	return err
}

// Name is the standard's name of c (JESD84-B51 clause 6.10.4).
func Name(c Command) string {
	switch c.Index {
	case CmdSwitch:
		switch c.Arg >> 16 & 0xFF {
		case idxSanitizeStart:
			return "SANITIZE_START"
		case idxFlushCache:
			return "FLUSH_CACHE"
		}
		return "SWITCH"
	case CmdSendExtCSD:
		return "SEND_EXT_CSD"
	case CmdSendStatus:
		return "SEND_STATUS"
	case CmdEraseGroupStart:
		return "ERASE_GROUP_START"
	case CmdEraseGroupEnd:
		return "ERASE_GROUP_END"
	case CmdSDEraseStart:
		return "ERASE_WR_BLK_START"
	case CmdSDEraseEnd:
		return "ERASE_WR_BLK_END"
	case CmdErase:
		return "ERASE"
	}
	return fmt.Sprintf("CMD%d", c.Index)
}
