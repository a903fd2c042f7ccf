package wipe

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/overwrite"
	"github.com/massho/massho/wipe/rules"
)

// verify reads back what the last pass of an overwrite left. Device erases are
// checked by their canaries and by the overwrite that follows them.
func (w *work) verify(ctx context.Context, i int, planned PlannedStep, res *StepResult) error {
	if planned.Technique != rules.TechOverwrite || res.Status != rules.StepCompleted {
		return nil
	}
	last := res.Passes[len(res.Passes)-1].Pass
	kind, seed, err := w.verifyKind(planned)
	if err != nil {
		return err
	}
	if err := w.intent(ctx, stepName(i), "verify", map[string]string{"kind": string(kind), "seed": hex.EncodeToString(seed[:])}); err != nil {
		return err
	}
	o := w.options()
	o.CheckpointEvery = w.checkpointEvery()
	o.Checkpoint = w.checkpoint(ctx, nil)
	o.Progress = w.meter(Event{Phase: PhaseVerify, Step: i + 1}, 0)
	res.VerifyAt = w.Now()
	var rep overwrite.Report
	if kind == rules.VerifySampled {
		rep, err = overwrite.VerifySampled(ctx, w.conn, last, seed, o)
	} else {
		rep, err = overwrite.Verify(ctx, w.conn, last, o)
	}
	rep = w.asFarAs(rep, err)
	res.Verify, res.VerifyEnd = &rep, w.Now()
	found := verification(rep, uint64(w.conn.Size()), uint64(w.conn.SectorSize()), seed)
	w.note(journal.TypeVerify, verifyPayload{w.drive, stepName(i), *found, rep, errText(err)})
	if err != nil && interrupts(err) {
		res.Status = rules.StepInterrupted // reading back is a part of the step
		return fmt.Errorf("%s: verify: %w", w.drive, err)
	}
	res.Verification = found
	if err != nil {
		return fmt.Errorf("%s: verify: %w", w.drive, err)
	}
	return nil
}

// verifyPayload is the result of one reading back.
type verifyPayload struct {
	Drive        string             `json:"drive"`
	Step         string             `json:"step"`
	Verification rules.Verification `json:"verification"`
	Report       overwrite.Report   `json:"report"`
	Error        string             `json:"error,omitempty"`
}

// verifyKind is what the plan asked, made full where the pass was not written in
// one piece: sampling speaks for a pass only where every part had the same chance.
func (w *work) verifyKind(planned PlannedStep) (rules.VerifyKind, [32]byte, error) {
	var seed [32]byte
	if planned.Verify != rules.VerifySampled || w.job.Resume != nil {
		return rules.VerifyFull, seed, nil
	}
	if _, err := io.ReadFull(w.Random, seed[:]); err != nil {
		return "", seed, fmt.Errorf("%s: verify: draw a seed: %w", w.drive, err)
	}
	return rules.VerifySampled, seed, nil
}

// verification is the claim-bearing summary of a reading back.
func verification(rep overwrite.Report, size, sector uint64, seed [32]byte) *rules.Verification {
	v := &rules.Verification{
		Kind: rules.VerifyFull, Bytes: uint64(rep.Bytes), Of: size - size%sector,
		Mismatches: badSectors(rep.Mismatched), Unreadable: badSectors(rep.BadRanges) + badSectors(rep.NotDone),
	}
	if rep.Sampled {
		v.Kind, v.Seed = rules.VerifySampled, hex.EncodeToString(seed[:])
	}
	return v
}

// badSectors counts the sectors in ranges.
func badSectors(ranges []overwrite.Range) uint64 { return uint64(overwrite.Sectors(ranges)) }
