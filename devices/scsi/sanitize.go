package scsi

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices/support"
)

// SanitizeAction is the SERVICE ACTION of SANITIZE (SBC-4 clause 5.38).
type SanitizeAction byte

// The sanitize actions.
const (
	SanitizeOverwrite   SanitizeAction = 0x01
	SanitizeBlockErase  SanitizeAction = 0x02
	SanitizeCrypto      SanitizeAction = 0x03
	SanitizeExitFailure SanitizeAction = 0x1F
)

// String is the standard's name.
func (a SanitizeAction) String() string {
	switch a {
	case SanitizeOverwrite:
		return "OVERWRITE"
	case SanitizeBlockErase:
		return "BLOCK ERASE"
	case SanitizeCrypto:
		return "CRYPTOGRAPHIC ERASE"
	case SanitizeExitFailure:
		return "EXIT FAILURE MODE"
	default:
		return fmt.Sprintf("action %02Xh", byte(a))
	}
}

// OverwritePattern is the parameter list of SANITIZE OVERWRITE.
type OverwritePattern struct {
	Passes  int    // OVERWRITE COUNT, 1 to 31
	Invert  bool   // invert the pattern between passes
	Pattern []byte // 1 to one logical block
}

// Sanitize is one SANITIZE command.
type Sanitize struct {
	Action SanitizeAction
	// Immediate returns as soon as the device has accepted it: poll
	// REQUEST SENSE then. Without it the command blocks for hours.
	Immediate bool
	// Unrestricted (AUSE) lets a failed sanitize be left by EXIT FAILURE
	// MODE. Restricted is the safe choice.
	Unrestricted bool
	ZoneNoReset  bool              // ZNR
	Overwrite    *OverwritePattern // for SanitizeOverwrite only
	Timeout      time.Duration
}

// Command builds the CDB and the parameter list.
func (s Sanitize) Command() (Command, error) {
	cdb := make([]byte, 10)
	cdb[0], cdb[1] = OpSanitize, byte(s.Action)&0x1F
	if s.Immediate {
		cdb[1] |= 0x80
	}
	if s.ZoneNoReset {
		cdb[1] |= 0x40
	}
	if s.Unrestricted {
		cdb[1] |= 0x20
	}
	cmd := Command{CDB: cdb, Timeout: s.Timeout}
	if (s.Action == SanitizeOverwrite) != (s.Overwrite != nil) {
		return Command{}, fmt.Errorf("SANITIZE %s: pattern missing or out of place", s.Action)
	}
	if s.Overwrite == nil {
		return cmd, nil
	}
	list, err := s.Overwrite.list()
	if err != nil {
		return Command{}, err
	}
	put16(cdb[7:], uint16(len(list)))
	cmd.Dir, cmd.Data = Out, list
	return cmd, nil
}

func (o OverwritePattern) list() ([]byte, error) {
	if o.Passes < 1 || o.Passes > 31 {
		return nil, fmt.Errorf("SANITIZE OVERWRITE: %d passes, not 1 to 31", o.Passes)
	}
	if len(o.Pattern) < 1 || len(o.Pattern) > 0xFFFF-4 {
		return nil, fmt.Errorf("SANITIZE OVERWRITE: a pattern of %d bytes", len(o.Pattern))
	}
	b := make([]byte, 4, 4+len(o.Pattern))
	b[0] = byte(o.Passes)
	if o.Invert {
		b[0] |= 0x80
	}
	put16(b[2:], uint16(len(o.Pattern)))
	return append(b, o.Pattern...), nil
}

// Run sends the command. No error means that the device ended it well, and
// with Immediate only that it accepted it.
func (s Sanitize) Run(ctx context.Context, t Transport) error {
	cmd, err := s.Command()
	if err != nil {
		return err
	}
	_, err = run(ctx, t, "SANITIZE "+s.Action.String(), cmd)
	return err
}

// Background is what REQUEST SENSE says of a sanitize or format in progress.
type Background struct {
	Sanitizing support.State // 04h/1Bh
	Formatting support.State // 04h/04h
	// SanitizeFailed (31h/03h) and FormatFailed (31h/01h): the medium is
	// unusable until one succeeds.
	SanitizeFailed support.State
	FormatFailed   support.State
	// Progress in 65536ths; HasProgress is false where the device gave none.
	Progress    uint16
	HasProgress bool
}

// Idle reports whether the device is known to do nothing in the background.
func (b Background) Idle() bool { return b.Sanitizing.IsNo() && b.Formatting.IsNo() }

// BackgroundOf reads sense data that REQUEST SENSE returned. Sense that speaks
// of something else (a unit attention, a reset, another reason not to be
// ready) leaves everything unknown: ask again.
func BackgroundOf(s Sense) Background {
	all := func(st support.State) Background {
		return Background{Sanitizing: st, Formatting: st, SanitizeFailed: st, FormatFailed: st}
	}
	b := all(support.No)
	switch {
	case s.Deferred() || !s.CodeKnown:
		return all(support.Unknown)
	case s.Is(0x04, 0x1B):
		b.Sanitizing = support.Yes
	case s.Is(0x04, 0x04):
		b.Formatting = support.Yes
	case s.Is(0x31, 0x03):
		b.SanitizeFailed = support.Yes
	case s.Is(0x31, 0x01):
		b.FormatFailed = support.Yes
	case s.Key == KeyNoSense && (s.Is(0x00, 0x00) || s.ASC == 0x5E):
		return b // 5Eh: in a low power condition, and so not at work
	default:
		return all(support.Unknown)
	}
	b.Progress, b.HasProgress = s.Progress()
	return b
}

// ErasingItself reports whether s says that a sanitize or format of the device's
// own runs, or ended in failure: the device knows who it is, but neither its
// capacity nor any sector until one has ended well.
func (s Sense) ErasingItself() bool {
	return s.Is(0x04, 0x1B) || s.Is(0x04, 0x04) || s.Is(0x31, 0x00) || s.Is(0x31, 0x01) || s.Is(0x31, 0x03)
}

// PollBackground sends REQUEST SENSE and reads what runs in the background.
func PollBackground(ctx context.Context, t Transport) (Background, Sense, error) {
	s, err := RequestSense(ctx, t)
	if err != nil {
		return Background{}, s, err
	}
	return BackgroundOf(s), s, nil
}
