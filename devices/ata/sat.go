package ata

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices/scsi"
)

// RoadError says that a command could not be carried to the device, or that
// the road refused it: the drive itself said nothing.
type RoadError struct {
	Command string
	Why     string
	Err     error // the answer of the road, if any
	// Unsupported: the road does not know this pass-through, or takes no such
	// command through it. It says nothing of the drive.
	Unsupported bool
}

// Error names the command and says that the drive gave no answer.
func (e *RoadError) Error() string {
	s := e.Command + ": " + e.Why
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap is the answer of the road.
func (e *RoadError) Unwrap() error { return e.Err }

// NoPassThrough reports whether err says that the road takes no ATA
// PASS-THROUGH at all, or not with these fields. It says nothing of the drive.
func NoPassThrough(err error) bool {
	var e *RoadError
	return errors.As(err, &e) && e.Unsupported
}

// SAT carries ATA commands over a SCSI transport (SAT-5 clause 12.2).
type SAT struct {
	scsi scsi.Transport
	only byte // A1h or 85h once known to be the one that works; 0 not known
}

// NewSAT returns a transport that tries ATA PASS-THROUGH(16) and, where the
// road does not know it, (12) for 28-bit commands.
func NewSAT(t scsi.Transport) *SAT { return &SAT{scsi: t} }

// NewSAT16 returns a transport that uses ATA PASS-THROUGH(16) only, as libata
// does: nothing is ever sent a second time.
func NewSAT16(t scsi.Transport) *SAT { return &SAT{scsi: t, only: scsi.OpATAPassThrough16} }

// Opcode is the pass-through CDB known to work here: 85h, A1h, or 0 when no
// command has come through yet.
func (s *SAT) Opcode() byte { return s.only }

// Exec carries c. It sends it a second time, as (12), only when no command has
// come through yet and the road refused the CDB as such, so that the drive
// never saw it. IDENTIFY DEVICE, which changes nothing, is also tried again
// after an answer that cannot be read.
func (s *SAT) Exec(ctx context.Context, c Command) (Result, error) {
	if s.only == scsi.OpATAPassThrough12 {
		return s.exec12(ctx, c)
	}
	cdb, err := SATCDB16(c)
	if err != nil {
		return Result{}, err
	}
	r, err := s.send(ctx, c, cdb)
	if reached(err) {
		s.only = scsi.OpATAPassThrough16
	}
	if s.only != 0 || c.Extended || !mayRepeat(c, err) {
		return r, err
	}
	r12, err12 := s.exec12(ctx, c)
	if !reached(err12) {
		return r12, fmt.Errorf("%w; by ATA PASS-THROUGH(12): %w", err, err12)
	}
	s.only = scsi.OpATAPassThrough12
	return r12, err12
}

func mayRepeat(c Command, err error) bool {
	var e *RoadError
	return NoPassThrough(err) ||
		c.Command == CmdIdentify && errors.As(err, &e) && !scsi.UnitAttention(err)
}

// reached reports whether the drive itself answered: with success or with an
// error of its own.
func reached(err error) bool {
	var e *CommandError
	return err == nil || errors.As(err, &e)
}

func (s *SAT) exec12(ctx context.Context, c Command) (Result, error) {
	cdb, err := SATCDB12(c)
	if err != nil {
		return Result{}, err
	}
	return s.send(ctx, c, cdb)
}

func (s *SAT) send(ctx context.Context, c Command, cdb []byte) (Result, error) {
	sc := scsi.Command{CDB: cdb, Timeout: c.Timeout}
	if c.Protocol.In() {
		sc.Dir, sc.Data = scsi.In, c.Data
	} else if c.Protocol.Out() {
		sc.Dir, sc.Data = scsi.Out, c.Data
	}
	r, err := s.scsi.Exec(ctx, sc)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", Name(c), err)
	}
	return SATResult(c, sc, r)
}

// SATResult decodes what came back from an ATA PASS-THROUGH: the pure part of
// SAT.Exec.
//
// A command that succeeded with CK_COND set comes back as CHECK CONDITION
// 00h/1Dh: whether it did is in the STATUS field of the sense data, and
// nowhere else. GOOD without sense data is a success whose registers are not
// known.
func SATResult(c Command, sc scsi.Command, r scsi.Result) (Result, error) {
	res := Result{Resid: r.Resid}
	if r.Status == scsi.StatusGood && len(r.Sense) == 0 {
		return res, nil
	}
	cause := scsi.Check(Name(c), sc, r)
	sense, perr := scsi.ParseSense(r.Sense)
	if perr != nil || r.Status != scsi.StatusGood && r.Status != scsi.StatusCheckCondition {
		return res, noSense(c, cause)
	}
	if cause == nil {
		// GOOD with sense data: some drivers clear the status. The sense
		// data are the drive's word all the same.
		cause = &scsi.SenseError{Command: Name(c), Sense: sense}
	}
	regs := senseRegisters(sense)
	switch {
	case regs == nil:
		return res, noRegisters(c, r.Status, sense, cause)
	case regs.Status&(StatusERR|StatusDF) != 0:
		cc := c
		cc.Data = nil
		return res, &CommandError{Command: cc, Registers: *regs, Sense: cause}
	case regs.Status&(StatusBSY|StatusDRQ) != 0:
		return res, &RoadError{Command: Name(c),
			Why: fmt.Sprintf("the registers came back busy (status %02Xh)", regs.Status), Err: cause}
	case !informative(sense):
		// Registers without an error bit, but the translator reports an error
		// of its own: the command is not shown to have succeeded.
		return res, &RoadError{Command: Name(c), Why: "the road reports an error", Err: cause}
	}
	res.Registers = regs
	return res, nil
}

// informative reports whether s is what a success looks like: RECOVERED ERROR
// or NO SENSE, 00h/1Dh or 00h/00h.
func informative(s scsi.Sense) bool {
	return (s.Key == scsi.KeyRecoveredError || s.Key == scsi.KeyNoSense) &&
		(s.Is(0x00, 0x1D) || s.Is(0x00, 0x00))
}

// noRegisters judges sense data without registers: fine with 00h/1Dh or with
// GOOD and no sense key, where only the registers are unknown, an error
// otherwise.
func noRegisters(c Command, status byte, s scsi.Sense, cause error) error {
	if informative(s) && (status == scsi.StatusGood || s.Is(0x00, 0x1D)) {
		return nil
	}
	e := &RoadError{Command: Name(c), Why: "refused on the way, the drive gave no answer", Err: cause}
	e.Unsupported = s.Key == scsi.KeyIllegalRequest && (s.ASC == 0x20 || s.ASC == 0x24 || s.ASC == 0x25)
	return e
}

// noSense judges an answer without sense data that can be read.
func noSense(c Command, cause error) error {
	if cause == nil {
		return nil
	}
	return &RoadError{Command: Name(c), Why: "no answer that can be read", Err: cause}
}
