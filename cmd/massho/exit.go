package main

import (
	"context"
	"errors"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/evidence"
)

// Exit codes. They are stable; README.md has the same table.
const (
	exitVerified = 0
	exitError    = 1
	exitUsage    = 2

	exitSerialUnknown   = 10
	exitSerialAmbiguous = 11
	exitBootStick       = 12
	exitInUse           = 13
	exitReadOnly        = 14
	exitNotAMedium      = 15
	exitRefused         = 16

	exitCategoryMissing = 20
	exitChoiceNeeded    = 21
	exitNotPlannable    = 22

	exitExchanged = 30

	exitEvidenceMissing  = 40
	exitEvidenceReadOnly = 41
	exitEvidenceFull     = 42
	exitEvidenceIO       = 43

	exitCaseDamaged  = 50
	exitCaseUnsigned = 51
	exitCaseAltered  = 52
	exitCaseUnknown  = 53
	exitCaseExpired  = 54
	exitKeyMissing   = 55

	exitNotVerified = 60
	exitInterrupted = 61
	exitPowerCycle  = 62

	exitNoFonts = 70
)

// usageError is a mistake in the words of the command.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// coded is an error with its own exit code.
type coded struct {
	code int
	err  error
}

func (e coded) Error() string { return e.err.Error() }
func (e coded) Unwrap() error { return e.err }

// errSilent marks an error that was already shown.
var errSilent = errors.New("already shown")

// exitCode is the code that err ends the program with.
func exitCode(err error) int {
	var c coded
	var u usageError
	var r *devices.Refusal
	switch {
	case err == nil:
		return exitVerified
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &u):
		return exitUsage
	case errors.As(err, &r):
		return refusalCode(r.Code)
	}
	for _, e := range []struct {
		is   error
		code int
	}{
		{wipe.ErrExchanged, exitExchanged},
		{evidence.ErrMissing, exitEvidenceMissing},
		{evidence.ErrReadOnly, exitEvidenceReadOnly},
		{evidence.ErrFull, exitEvidenceFull},
		{evidence.ErrIO, exitEvidenceIO},
		{evidence.ErrReadBack, exitEvidenceIO},
		{evidence.ErrNumbers, exitEvidenceFull},
		{wipe.ErrEvidence, exitEvidenceMissing},
		{wipe.ErrPowerCycle, exitPowerCycle},
		{wipe.ErrStopped, exitInterrupted},
		{context.Canceled, exitInterrupted},
	} {
		if errors.Is(err, e.is) {
			return e.code
		}
	}
	return exitError
}

// refusalCode groups the codes of refusals as the README's table does.
func refusalCode(c devices.Code) int {
	switch c {
	case devices.CodeSerialUnknown, devices.CodeVanished:
		return exitSerialUnknown
	case devices.CodeSerialShort, devices.CodeSerialAmbiguous, devices.CodeSerialDuplicate:
		return exitSerialAmbiguous
	case devices.CodeBootStick, devices.CodeBootStickAmbiguous, devices.CodeBootStickUnknown, devices.CodeEvidence:
		return exitBootStick
	case devices.CodeMounted, devices.CodeSwap, devices.CodeHeld, devices.CodeMultipath, devices.CodeBusy:
		return exitInUse
	case devices.CodeReadOnly:
		return exitReadOnly
	case devices.CodeIdentityChanged:
		return exitExchanged
	case devices.CodeLogical, devices.CodeVirtual, devices.CodeNoIdentity, devices.CodeController, devices.CodeUnreadable,
		devices.CodeSerialMissing, devices.CodeSerialPlaceholder, devices.CodeNoMedium, devices.CodeSectorFormat:
		return exitNotAMedium
	}
	return exitRefused
}
