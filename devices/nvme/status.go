package nvme

import "fmt"

// StatusError is a non-zero status of a completed command.
type StatusError struct {
	Command AdminCommand // as sent, without its data
	SCT     byte         // status code type, 0 to 7
	SC      byte         // status code
	CRD     byte         // command retry delay, 0 to 3
	More    bool         // M: the Error Information log has more
	DNR     bool         // do not retry
	Result  uint32       // dword 0 of the completion, if the transport has it
}

// NewStatusError decodes the status field as the Linux ioctls return it and
// as it stands in bits 31:17 of completion dword 3 (NVMe Base 2.0 clause
// 3.3.3.2.1): SC 7:0, SCT 10:8, CRD 12:11, M 13, DNR 14. It returns nil only
// for a status of zero in SC and SCT.
func NewStatusError(cmd AdminCommand, status uint16) error {
	if status&0x7FF == 0 {
		return nil
	}
	cmd.Data = nil
	return &StatusError{
		Command: cmd,
		SC:      byte(status),
		SCT:     byte(status>>8) & 7,
		CRD:     byte(status>>11) & 3,
		More:    status&(1<<13) != 0,
		DNR:     status&(1<<14) != 0,
	}
}

// Error prints the standard's words and both codes.
func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s: %s (SCT %Xh SC %02Xh", Name(e.Command), e.Words(), e.SCT, e.SC)
	if e.DNR {
		s += ", do not retry"
	}
	return s + ")"
}

// Is makes errors.Is true for a target with the same SCT and SC and no
// command, such as ErrSanitizeInProgress.
func (e *StatusError) Is(target error) bool {
	t, ok := target.(*StatusError)
	return ok && t.Command.Opcode == 0 && t.SCT == e.SCT && t.SC == e.SC
}

// Statuses that callers tell apart with errors.Is (NVMe Base 2.0 clause
// 3.3.3.2.1).
var (
	ErrInvalidOpcode      error = &StatusError{SCT: 0, SC: 0x01}
	ErrInvalidField       error = &StatusError{SCT: 0, SC: 0x02}
	ErrInvalidNamespace   error = &StatusError{SCT: 0, SC: 0x0B}
	ErrSequence           error = &StatusError{SCT: 0, SC: 0x0C}
	ErrSanitizeFailed     error = &StatusError{SCT: 0, SC: 0x1C}
	ErrSanitizeInProgress error = &StatusError{SCT: 0, SC: 0x1D}
	ErrWriteProtected     error = &StatusError{SCT: 0, SC: 0x20}
	ErrInvalidLogPage     error = &StatusError{SCT: 1, SC: 0x09}
	ErrInvalidFormat      error = &StatusError{SCT: 1, SC: 0x0A}
	ErrResetRequired      error = &StatusError{SCT: 1, SC: 0x0B}
)

// Words is the standard's name of the status, or "unknown status".
func (e *StatusError) Words() string {
	if w, ok := statusWords[uint16(e.SCT)<<8|uint16(e.SC)]; ok {
		return w
	}
	if e.SCT == 7 {
		return "vendor specific status"
	}
	return "unknown status"
}

var statusWords = map[uint16]string{
	0x001: "invalid command opcode",
	0x002: "invalid field in command",
	0x003: "command ID conflict",
	0x004: "data transfer error",
	0x005: "command aborted due to power loss",
	0x006: "internal error",
	0x007: "command abort requested",
	0x00B: "invalid namespace or format",
	0x00C: "command sequence error",
	0x015: "operation denied",
	0x01C: "sanitize failed",
	0x01D: "sanitize in progress",
	0x020: "namespace is write protected",
	0x021: "command interrupted",
	0x022: "transient transport error",
	0x023: "prohibited by command and feature lockdown",
	0x024: "admin command media not ready",
	0x080: "LBA out of range",
	0x081: "capacity exceeded",
	0x082: "namespace not ready",
	0x083: "reservation conflict",
	0x084: "format in progress",
	0x107: "invalid firmware image",
	0x109: "invalid log page",
	0x10A: "invalid format",
	0x10B: "firmware activation requires conventional reset",
	0x10D: "feature identifier not saveable",
	0x10E: "feature not changeable",
	0x10F: "feature not namespace specific",
	0x115: "namespace insufficient capacity",
	0x118: "namespace already attached",
	0x119: "namespace is private",
	0x11A: "namespace not attached",
	0x11C: "controller list invalid",
	0x120: "sanitize prohibited while persistent memory region is enabled",
	0x280: "write fault",
	0x281: "unrecovered read error",
	0x286: "access denied",
	0x301: "asymmetric access persistent loss",
	0x302: "asymmetric access inaccessible",
	0x303: "asymmetric access transition",
	0x360: "controller pathing error",
	0x370: "host pathing error",
	0x371: "command aborted by host",
}
