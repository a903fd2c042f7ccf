package nvme

import (
	"context"
	"fmt"
)

// Fields of Sanitize command dword 10 (NVMe Base 2.0 clause 5.24).
const (
	sanitizeAUSE  uint32 = 1 << 3
	sanitizeOIPBP uint32 = 1 << 8
	sanitizeNODAS uint32 = 1 << 9
	sanitizeCDW10 uint32 = 0x3FF // all of the fields above and SANACT, OWPASS
)

// Sanitize is one Sanitize command. It acts on every namespace of the NVM
// subsystem.
type Sanitize struct {
	Action SanitizeAction
	// Unrestricted (AUSE) lets a failed sanitize be left by exit failure
	// mode. Restricted is the safe choice.
	Unrestricted bool
	// NoDeallocate (NODAS) asks the controller not to deallocate afterwards,
	// so that the medium can be read back.
	NoDeallocate bool
	Passes       int    // overwrite only: 1 to 16
	Invert       bool   // overwrite only: invert between passes
	Pattern      uint32 // overwrite only
}

// Command builds the command. The number of passes is the true one: in the
// field 16 is written as 0, and a 0 that came from nowhere must not become
// sixteen passes.
func (s Sanitize) Command() (AdminCommand, error) {
	if s.Action < ExitFailureMode || s.Action > CryptoErase {
		return AdminCommand{}, fmt.Errorf("Sanitize: %s", s.Action)
	}
	c := AdminCommand{Opcode: OpSanitize, CDW10: uint32(s.Action)}
	if s.Unrestricted {
		c.CDW10 |= sanitizeAUSE
	}
	if s.NoDeallocate {
		c.CDW10 |= sanitizeNODAS
	}
	if s.Action != Overwrite {
		if s.Passes != 0 || s.Invert || s.Pattern != 0 {
			return AdminCommand{}, fmt.Errorf("Sanitize %s: overwrite fields are set", s.Action)
		}
		return c, nil
	}
	if s.Passes < 1 || s.Passes > 16 {
		return AdminCommand{}, fmt.Errorf("Sanitize overwrite: %d passes, not 1 to 16", s.Passes)
	}
	c.CDW10 |= uint32(s.Passes) & 0x0F << 4
	if s.Invert {
		c.CDW10 |= sanitizeOIPBP
	}
	c.CDW11 = s.Pattern
	return c, nil
}

// Run sends the command. No error means that the controller has accepted it:
// the operation runs in the background and survives resets and power loss.
func (s Sanitize) Run(ctx context.Context, t Transport) error {
	c, err := s.Command()
	if err != nil {
		return err
	}
	_, err = t.Admin(ctx, c)
	return err
}

// SanitizeState is SSTAT bits 2:0.
type SanitizeState uint8

// The states of the most recent sanitize operation.
const (
	NeverSanitized       SanitizeState = 0
	SanitizeCompleted    SanitizeState = 1
	SanitizeInProgress   SanitizeState = 2
	SanitizeFailed       SanitizeState = 3
	SanitizeCompletedNDA SanitizeState = 4 // completed; deallocation was not as asked
)

// String is the state in words.
func (s SanitizeState) String() string {
	switch s {
	case NeverSanitized:
		return "never sanitized"
	case SanitizeCompleted:
		return "completed"
	case SanitizeInProgress:
		return "in progress"
	case SanitizeFailed:
		return "failed"
	case SanitizeCompletedNDA:
		return "completed, deallocated against the request"
	default:
		return fmt.Sprintf("state %d", uint8(s))
	}
}

// NoEstimate is the value of an estimated time that is not reported.
const NoEstimate uint32 = 0xFFFFFFFF

// SanitizeLogPage is log page 81h (NVMe Base 2.0 clause 5.16.1.25). It tells
// of the most recent operation, which may be that of another host years ago.
type SanitizeLogPage struct {
	SPROG        uint16 // 65536ths; means something only in progress
	SSTAT        uint16
	State        SanitizeState
	Passes       uint8  // overwrite passes completed
	GlobalErased bool   // GDE: nothing written since the last sanitize, or since manufacture
	SCDW10       uint32 // dword 10 of the command it tells of
	// Estimated seconds, NoEstimate if not reported: as asked, and without
	// deallocation.
	Overwrite, Block, Crypto       uint32
	OverwriteND, BlockND, CryptoND uint32
}

// ParseSanitizeLog decodes at least the first 32 bytes of log page 81h.
func ParseSanitizeLog(b []byte) (SanitizeLogPage, error) {
	if len(b) < 32 {
		return SanitizeLogPage{}, &ParseError{"log page 81h", fmt.Sprintf("%d bytes", len(b))}
	}
	l := SanitizeLogPage{SPROG: le16(b), SCDW10: le32(b[4:]),
		Overwrite: le32(b[8:]), Block: le32(b[12:]), Crypto: le32(b[16:]),
		OverwriteND: le32(b[20:]), BlockND: le32(b[24:]), CryptoND: le32(b[28:])}
	return l.withStatus(le16(b[2:])), nil
}

func (l SanitizeLogPage) withStatus(sstat uint16) SanitizeLogPage {
	l.SSTAT = sstat
	l.State = SanitizeState(sstat & 7)
	l.Passes = uint8(sstat >> 3 & 0x1F)
	l.GlobalErased = sstat&0x100 != 0
	return l
}

// Progress is SPROG, and false unless an operation is in progress: controllers
// leave FFFFh there in any other state, even in one that never sanitized.
func (l SanitizeLogPage) Progress() (p uint16, ok bool) {
	return l.SPROG, l.State == SanitizeInProgress
}

// Completed reports that the most recent operation ended well. Whether it was
// one's own is for Tells and for having seen it start.
func (l SanitizeLogPage) Completed() bool {
	return l.State == SanitizeCompleted || l.State == SanitizeCompletedNDA
}

// Tells reports whether the page tells of a command like c: the same action,
// passes and options in dword 10. An earlier command with the same options
// looks the same.
func (l SanitizeLogPage) Tells(c AdminCommand) bool {
	return c.Opcode == OpSanitize && (l.SCDW10^c.CDW10)&sanitizeCDW10 == 0
}

// Estimate is the controller's own estimate for an action, in seconds.
func (l SanitizeLogPage) Estimate(a SanitizeAction, noDeallocate bool) (seconds uint32, ok bool) {
	var plain, nd uint32
	switch a {
	case Overwrite:
		plain, nd = l.Overwrite, l.OverwriteND
	case BlockErase:
		plain, nd = l.Block, l.BlockND
	case CryptoErase:
		plain, nd = l.Crypto, l.CryptoND
	default:
		return 0, false
	}
	// Controllers before 1.4 leave the second set zero.
	if noDeallocate && nd != 0 {
		plain = nd
	}
	return plain, plain != NoEstimate && plain != 0
}

// SanitizeStatus reads log page 81h.
func SanitizeStatus(ctx context.Context, t Transport) (SanitizeLogPage, []byte, error) {
	b, err := getLog(ctx, t, LogSanitize, AllNamespaces)
	if err != nil {
		return SanitizeLogPage{}, nil, err
	}
	l, err := ParseSanitizeLog(b)
	return l, b, err
}
