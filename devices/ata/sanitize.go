package ata

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// Keys in the LBA field of the SANITIZE DEVICE commands (ACS-4 clause 7.36).
const (
	keyCrypto     uint64 = 0x43727970 // "Cryp"
	keyBlock      uint64 = 0x426B4572 // "BkEr"
	keyOverwrite  uint64 = 0x4F57     // "OW", in LBA 47:32
	keyFreeze     uint64 = 0x46724C6B // "FrLk"
	keyAntifreeze uint64 = 0x416E7469 // "Anti"
)

// Bits of the count field of the SANITIZE DEVICE commands.
const (
	sanitizeClearFailed uint16 = 1 << 0 // status: leave the failed state
	sanitizeFailureMode uint16 = 1 << 4 // allow leaving the failed state
	sanitizeInvert      uint16 = 1 << 7 // overwrite: invert between passes
)

// MaxOverwritePasses is the most that OVERWRITE EXT can do in one command.
const MaxOverwritePasses = 16

func sanitizeCommand(feature, count uint16, lba uint64) Command {
	return Command{Command: CmdSanitize, Extended: true, Protocol: NonData,
		Feature: feature, Count: count, LBA: lba, Device: 0x40}
}

func failureMode(unrestricted bool) uint16 {
	if unrestricted {
		return sanitizeFailureMode
	}
	return 0
}

// SanitizeStatusCommand builds SANITIZE STATUS EXT. clearFailed also asks a
// drive whose sanitize failed to leave the failed state, which only a command
// sent with failure mode allows.
func SanitizeStatusCommand(clearFailed bool) Command {
	c := sanitizeCommand(sanitizeStatus, 0, 0)
	if clearFailed {
		c.Count = sanitizeClearFailed
	}
	return c
}

// SanitizeCryptoCommand builds CRYPTO SCRAMBLE EXT. With unrestricted the
// failed state can be left without a sanitize that succeeds; restricted is
// the safe choice.
func SanitizeCryptoCommand(unrestricted bool) Command {
	return sanitizeCommand(sanitizeCrypto, failureMode(unrestricted), keyCrypto)
}

// SanitizeBlockCommand builds BLOCK ERASE EXT.
func SanitizeBlockCommand(unrestricted bool) Command {
	return sanitizeCommand(sanitizeBlock, failureMode(unrestricted), keyBlock)
}

// SanitizeOverwriteCommand builds OVERWRITE EXT. passes is the true number, 1
// to 16: in the register 16 is written as 0, and a 0 that came from nowhere
// must not become sixteen passes.
func SanitizeOverwriteCommand(pattern uint32, passes int, invert, unrestricted bool) (Command, error) {
	if passes < 1 || passes > MaxOverwritePasses {
		return Command{}, fmt.Errorf("OVERWRITE EXT: %d passes, not 1 to %d", passes, MaxOverwritePasses)
	}
	count := uint16(passes)&0x0F | failureMode(unrestricted)
	if invert {
		count |= sanitizeInvert
	}
	return sanitizeCommand(sanitizeOverwrite, count, keyOverwrite<<32|uint64(pattern)), nil
}

// SanitizeFreezeLockCommand builds SANITIZE FREEZE LOCK EXT. This program
// never sends it; emulators and tests do.
func SanitizeFreezeLockCommand() Command { return sanitizeCommand(sanitizeFreeze, 0, keyFreeze) }

// SanitizeAntifreezeLockCommand builds SANITIZE ANTIFREEZE LOCK EXT: no freeze
// lock until the next power cycle.
func SanitizeAntifreezeLockCommand() Command {
	return sanitizeCommand(sanitizeAntifreeze, 0, keyAntifreeze)
}

// SanitizeStatus is what the SANITIZE DEVICE commands return in count 15:8
// and LBA 15:0. Registers that the road did not bring back, or of which it
// only said "not zero", leave all of it unknown: never idle, never done.
type SanitizeStatus struct {
	// Completed: the last sanitize ended without error. An idle drive says so
	// of a sanitize of years ago: it proves nothing about one's own command.
	Completed  support.State
	InProgress support.State
	Frozen     support.State
	Antifreeze support.State
	Progress   uint16 // in 65536ths, only while InProgress is yes
}

// Idle reports whether the drive is known not to be sanitizing.
func (s SanitizeStatus) Idle() bool { return s.InProgress.IsNo() }

// ParseSanitizeStatus decodes the registers of a SANITIZE DEVICE command that
// the drive accepted. regs may be nil.
func ParseSanitizeStatus(regs *Registers) SanitizeStatus {
	if regs == nil || regs.CountHigh != HighKnown {
		return SanitizeStatus{}
	}
	s := SanitizeStatus{
		Completed:  support.Of(regs.Count>>15&1 != 0),
		InProgress: support.Of(regs.Count>>14&1 != 0),
		Frozen:     support.Of(regs.Count>>13&1 != 0),
		Antifreeze: support.Of(regs.Count>>12&1 != 0),
	}
	if s.InProgress.IsYes() {
		s.Progress = uint16(regs.LBA)
	}
	return s
}

// SanitizeReason is why a drive aborted a SANITIZE DEVICE command: LBA 7:0 of
// the error output.
type SanitizeReason uint8

// The reasons.
const (
	SanitizeReasonNone        SanitizeReason = 0 // not reported
	SanitizeReasonFailed      SanitizeReason = 1 // the last sanitize failed: sectors remain
	SanitizeReasonUnsupported SanitizeReason = 2
	SanitizeReasonFrozen      SanitizeReason = 3
	SanitizeReasonAntifreeze  SanitizeReason = 4 // freeze lock refused
)

// String is the reason in words.
func (r SanitizeReason) String() string {
	switch r {
	case SanitizeReasonNone:
		return "reason not reported"
	case SanitizeReasonFailed:
		return "the sanitize operation failed"
	case SanitizeReasonUnsupported:
		return "command not supported"
	case SanitizeReasonFrozen:
		return "sanitize frozen"
	case SanitizeReasonAntifreeze:
		return "antifreeze lock is set"
	default:
		return fmt.Sprintf("reason %02Xh", uint8(r))
	}
}

// SanitizeAbortReason reads the reason out of the error of a SANITIZE DEVICE
// command; ok is false when err is no abort of one by the drive. Drives that
// do not know the command at all echo what was sent: LBA 7:0 of BLOCK ERASE
// EXT is 72h, so only the listed values of a status command mean what they say.
func SanitizeAbortReason(err error) (r SanitizeReason, ok bool) {
	var e *CommandError
	if !errors.As(err, &e) || e.Command.Command != CmdSanitize || !e.Aborted() {
		return 0, false
	}
	r = SanitizeReason(e.Registers.LBA)
	if r > SanitizeReasonAntifreeze || e.Registers.LBA&0xFFFFFF == e.Command.LBA&0xFFFFFF {
		r = SanitizeReasonNone
	}
	return r, true
}

// SanitizeDeviceStatus sends SANITIZE STATUS EXT.
func SanitizeDeviceStatus(ctx context.Context, t Transport) (SanitizeStatus, error) {
	return SanitizeDevice(ctx, t, SanitizeStatusCommand(false))
}

// SanitizeDevice sends a SANITIZE DEVICE command built here. No error means
// that the drive accepted it, not that anything is erased: poll the status.
func SanitizeDevice(ctx context.Context, t Transport, c Command) (SanitizeStatus, error) {
	r, err := t.Exec(ctx, c)
	if err != nil {
		return SanitizeStatus{}, err
	}
	return ParseSanitizeStatus(r.Registers), nil
}
