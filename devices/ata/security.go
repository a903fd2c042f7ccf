package ata

import (
	"context"
	"time"
)

// Password is the 32-byte password field of the SECURITY commands. Shorter
// passwords are padded with NULs; a device compares all 32 bytes.
type Password [32]byte

// PasswordIdentifier says whose password a block carries.
type PasswordIdentifier uint8

// The identifiers.
const (
	UserPassword   PasswordIdentifier = 0
	MasterPassword PasswordIdentifier = 1
)

// securityCommand builds a SECURITY command with its 512-byte block (ACS-4
// tables "SECURITY ... data content"): word 0 bit 0 is the identifier, words
// 1 to 16 the password.
func securityCommand(code byte, who PasswordIdentifier, pw Password) Command {
	block := make([]byte, 512)
	block[0] = byte(who) & 1
	copy(block[2:34], pw[:])
	return Command{Command: code, Count: 1, Protocol: PIOOut, Data: block}
}

// SecuritySetPasswordCommand builds SECURITY SET PASSWORD for the user
// password with master password capability "high" (byte 1 bit 0 clear). The
// "maximum" capability cannot be asked for here: it would leave the drive
// dead without this password.
func SecuritySetPasswordCommand(pw Password) Command {
	return securityCommand(CmdSecuritySetPassword, UserPassword, pw)
}

// SecurityUnlockCommand builds SECURITY UNLOCK.
func SecurityUnlockCommand(who PasswordIdentifier, pw Password) Command {
	return securityCommand(CmdSecurityUnlock, who, pw)
}

// SecurityDisableCommand builds SECURITY DISABLE PASSWORD.
func SecurityDisableCommand(who PasswordIdentifier, pw Password) Command {
	return securityCommand(CmdSecurityDisable, who, pw)
}

// SecurityPrepareCommand builds SECURITY ERASE PREPARE.
func SecurityPrepareCommand() Command {
	return Command{Command: CmdSecurityPrepare, Protocol: NonData}
}

// SecurityEraseUnitCommand builds SECURITY ERASE UNIT, enhanced if byte 0
// bit 1 is to be set.
func SecurityEraseUnitCommand(who PasswordIdentifier, pw Password, enhanced bool) Command {
	c := securityCommand(CmdSecurityEraseUnit, who, pw)
	if enhanced {
		c.Data[0] |= 1 << 1
	}
	return c
}

// SecurityFreezeLockCommand builds SECURITY FREEZE LOCK. This program never
// sends it; emulators and tests do, as firmware does.
func SecurityFreezeLockCommand() Command {
	return Command{Command: CmdSecurityFreezeLock, Protocol: NonData}
}

// SecuritySetPassword sets the user password. The drive's serial and the
// password must be recorded durably before: after it, only they open the drive.
func SecuritySetPassword(ctx context.Context, t Transport, pw Password) error {
	return exec(ctx, t, SecuritySetPasswordCommand(pw))
}

// SecurityUnlock unlocks a locked drive. Too many wrong tries set the count
// expired bit, and then only a power cycle allows another.
func SecurityUnlock(ctx context.Context, t Transport, who PasswordIdentifier, pw Password) error {
	return exec(ctx, t, SecurityUnlockCommand(who, pw))
}

// SecurityDisablePassword removes the user password.
func SecurityDisablePassword(ctx context.Context, t Transport, who PasswordIdentifier, pw Password) error {
	return exec(ctx, t, SecurityDisableCommand(who, pw))
}

// SecurityErase is one SECURITY ERASE UNIT.
type SecurityErase struct {
	Identifier PasswordIdentifier
	Password   Password
	Enhanced   bool
	// Timeout of ERASE UNIT, which blocks until the drive is done: several
	// times the drive's own estimate.
	Timeout time.Duration
}

// SecurityEraseUnit sends SECURITY ERASE PREPARE and SECURITY ERASE UNIT with
// nothing in between; the caller keeps every other command (SMART pollers
// too) off the drive until it returns.
//
// nil means only that the drive ended the command well. The drive is erased
// when, besides, a fresh IDENTIFY DEVICE shows security neither enabled nor
// locked.
func SecurityEraseUnit(ctx context.Context, t Transport, e SecurityErase) error {
	unit := SecurityEraseUnitCommand(e.Identifier, e.Password, e.Enhanced)
	unit.Timeout = e.Timeout
	if err := exec(ctx, t, SecurityPrepareCommand()); err != nil {
		return err
	}
	return exec(ctx, t, unit)
}

// exec sends a command whose registers and data do not matter.
func exec(ctx context.Context, t Transport, c Command) error {
	_, err := t.Exec(ctx, c)
	return err
}
