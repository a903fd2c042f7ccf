package wipe

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// canaryPayload is what planting or reading the marks found.
type canaryPayload struct {
	Drive   string              `json:"drive"`
	Step    string              `json:"step,omitempty"`
	Key     string              `json:"key,omitempty"`
	Sectors uint64              `json:"sectors,omitempty"` // of the medium when planting
	Plant   *canary.PlantReport `json:"plant,omitempty"`
	Check   *canary.CheckReport `json:"check,omitempty"`
	Reset   bool                `json:"reset,omitempty"`
	Error   string              `json:"error,omitempty"`
}

// plant marks the medium before the first step, as the plan asks.
func (w *work) plant(ctx context.Context) error {
	if w.job.Plan.Canaries <= 0 {
		return nil
	}
	if w.job.Resume != nil && w.job.Resume.Marks.LBAs != nil {
		w.marks, w.res.CanaryKey = w.job.Resume.Marks, w.job.Resume.Marks.Key
		w.res.CanaryReport = w.job.Resume.Plant
		return nil
	}
	w.say(Event{Phase: PhaseCanaries})
	if _, err := io.ReadFull(w.Random, w.res.CanaryKey[:]); err != nil {
		return fmt.Errorf("%s: canaries: draw a key: %w", w.drive, err)
	}
	args := map[string]any{"key": hex.EncodeToString(w.res.CanaryKey[:]), "marks": w.job.Plan.Canaries}
	if err := w.intent(ctx, "canaries", "plant canaries", args); err != nil {
		return err
	}
	n := uint64(w.conn.Size()) / uint64(w.conn.SectorSize())
	set, rep, err := canary.Plant(ctx, w.conn, w.res.CanaryKey, w.job.Plan.Canaries, n, w.buf)
	w.marks, w.res.CanaryReport = set, rep
	w.note(journal.TypeCanary, canaryPayload{Drive: w.drive, Key: hex.EncodeToString(w.res.CanaryKey[:]), Sectors: n, Plant: &rep, Error: errText(err)})
	if err != nil {
		return fmt.Errorf("%s: %w", w.drive, err)
	}
	if len(rep.Wrong) > 0 {
		return fmt.Errorf("%s: canaries: %d of %d read back as something else (first LBA %d): the drive does not keep what it is given, perhaps a false capacity", w.drive, len(rep.Wrong), w.job.Plan.Canaries, rep.Wrong[0])
	}
	return nil
}

// checkCanaries reads the marks after a step that reported completion, once
// as it is and once more after a reset where the drive allows one: a cache may
// answer what the medium no longer says, and the other way round.
func (w *work) checkCanaries(ctx context.Context, i int, planned PlannedStep, res *StepResult) error {
	if !planned.Canaries || len(w.marks.LBAs) == 0 || res.Status == rules.StepRefused {
		return nil
	}
	w.say(Event{Phase: PhaseCheck, Step: i + 1})
	reset, err := w.reset(ctx)
	if err != nil {
		return err
	}
	// An overwrite leaves no sector unreadable but a bad one, and that one is
	// judged as bad. A device erase may: its answer is rewritten, then judged.
	rewrite := res.Technique != rules.TechOverwrite
	rep, err := canary.Check(ctx, w.conn, w.marks, rewrite, w.buf)
	res.Canaries = &rules.CanaryCheck{Read: rep.Read, Survivors: uint64(len(rep.Survivors)), Unreadable: uint64(len(rep.Unreadable)), AfterReset: reset}
	w.note(journal.TypeCanary, canaryPayload{Drive: w.drive, Step: stepName(i), Check: &rep, Reset: reset, Error: errText(err)})
	if err != nil {
		return fmt.Errorf("%s: read canaries: %w", w.drive, err)
	}
	if len(rep.Survivors) > 0 {
		res.Status = rules.StepFailed
		return fmt.Errorf("%s: %s: %d of %d canaries survived (first LBA %d): it did not erase", w.drive, res.Technique, len(rep.Survivors), len(w.marks.LBAs), rep.Survivors[0])
	}
	return nil
}

// reset resets the drive where its road allows, and makes sure that the same
// drive answers afterwards.
func (w *work) reset(ctx context.Context) (bool, error) {
	if err := w.conn.Reset(ctx); errors.Is(err, devices.ErrNoReset) {
		return false, nil
	} else if err != nil {
		w.fault(fmt.Errorf("%s: reset: %w", w.drive, err))
		return false, nil
	}
	return true, w.recheck(ctx)
}
