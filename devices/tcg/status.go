package tcg

import "fmt"

// Status is a method's status code (Core clause 5.1.5).
type Status byte

// The status codes that callers tell apart.
const (
	StatusSuccess           Status = 0x00
	StatusNotAuthorized     Status = 0x01
	StatusSPBusy            Status = 0x03
	StatusNoSessions        Status = 0x07
	StatusInvalidParameter  Status = 0x0C
	StatusTPerMalfunction   Status = 0x0F
	StatusAuthorityLocked   Status = 0x12
	StatusFail              Status = 0x3F
	statusSPFailed          Status = 0x04
	statusSPDisabled        Status = 0x05
	statusSPFrozen          Status = 0x06
	statusUniqueness        Status = 0x08
	statusNoSpace           Status = 0x09
	statusNoRows            Status = 0x0A
	statusTransactionFailed Status = 0x10
	statusResponseOverflow  Status = 0x11
)

var statusNames = map[Status]string{
	StatusSuccess: "SUCCESS", StatusNotAuthorized: "NOT_AUTHORIZED", StatusSPBusy: "SP_BUSY",
	statusSPFailed: "SP_FAILED", statusSPDisabled: "SP_DISABLED", statusSPFrozen: "SP_FROZEN",
	StatusNoSessions: "NO_SESSIONS_AVAILABLE", statusUniqueness: "UNIQUENESS_CONFLICT",
	statusNoSpace: "INSUFFICIENT_SPACE", statusNoRows: "INSUFFICIENT_ROWS",
	StatusInvalidParameter: "INVALID_PARAMETER", StatusTPerMalfunction: "TPER_MALFUNCTION",
	statusTransactionFailed: "TRANSACTION_FAILURE", statusResponseOverflow: "RESPONSE_OVERFLOW",
	StatusAuthorityLocked: "AUTHORITY_LOCKED_OUT", StatusFail: "FAIL",
}

// String is the Core's name of s, or its code in hex.
func (s Status) String() string {
	if n, ok := statusNames[s]; ok {
		return n
	}
	return fmt.Sprintf("status %02Xh", byte(s))
}

// StatusError is a method that the TPer refused.
type StatusError struct {
	Method string // "StartSession", "Revert"
	Status Status
}

// Error names the method, the status and its code.
func (e *StatusError) Error() string {
	return fmt.Sprintf("TCG %s: %s (%02Xh)", e.Method, e.Status, byte(e.Status))
}

// Is makes errors.Is true for a target with the same status and no method, such
// as ErrNotAuthorized.
func (e *StatusError) Is(target error) bool {
	t, ok := target.(*StatusError)
	return ok && t.Method == "" && t.Status == e.Status
}

// Statuses that callers tell apart with errors.Is.
var (
	ErrNotAuthorized error = &StatusError{Status: StatusNotAuthorized}
	ErrLockedOut     error = &StatusError{Status: StatusAuthorityLocked}
	ErrNoSessions    error = &StatusError{Status: StatusNoSessions}
	ErrSPBusy        error = &StatusError{Status: StatusSPBusy}
)
