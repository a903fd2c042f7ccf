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
	Step    string              `json:"step,omitempty"` // "canaries": before the first step
	Key     string              `json:"key,omitempty"`
	Marks   int                 `json:"marks,omitempty"`   // how many were to be planted
	Sectors uint64              `json:"sectors,omitempty"` // of the medium when planting
	Plant   *canary.PlantReport `json:"plant,omitempty"`
	Check   *canary.CheckReport `json:"check,omitempty"`
	Reset   bool                `json:"reset,omitempty"`
	Error   string              `json:"error,omitempty"`
}

// plant marks the medium before the first step, as the plan asks.
func (w *work) plant(ctx context.Context) error {
	if r := w.job.Resume; r != nil && r.Marks.LBAs != nil {
		w.marks, w.res.CanaryKey, w.res.CanaryReport = r.Marks, r.Marks.Key, r.Plant
		return nil
	}
	if w.job.Plan.Canaries <= 0 {
		return nil
	}
	rep, err := w.plantMarks(ctx, "canaries", w.job.Plan.Canaries)
	w.res.CanaryReport = rep
	return err
}

// replant plants the marks once more right before step i, because the step
// before may have removed them, and reads them all back: their absence after the
// step then speaks for this step. A step that was begun before a power cut is not
// planted for again: what it has removed since is its own work.
func (w *work) replant(ctx context.Context, i int) (uint64, error) {
	if n, ok := w.job.Resume.replanted(i); ok {
		return n, nil
	}
	rep, err := w.plantMarks(ctx, stepName(i), w.marksWanted())
	return rep.Planted, err
}

// marksWanted is how many marks a step needs: the plan's number or, where the
// drive could not be marked at the beginning (it was locked), what rules and
// policy ask, and never more than half of the sectors.
func (w *work) marksWanted() int {
	if n := w.job.Plan.Canaries; n > 0 {
		return n
	}
	n := max(rules.DefaultCanaries, w.Policy.MinCanaries)
	return int(min(uint64(n), w.sectors()/2))
}

// sectors is what the host can address now.
func (w *work) sectors() uint64 { return uint64(w.conn.Size()) / uint64(w.conn.SectorSize()) }

// plantMarks plants n marks by the run's key, which it draws the first time.
// step names the records: "canaries" for the marks of the beginning.
func (w *work) plantMarks(ctx context.Context, step string, n int) (canary.PlantReport, error) {
	w.say(Event{Phase: PhaseCanaries})
	if w.res.CanaryKey == (canary.Key{}) {
		if _, err := io.ReadFull(w.Random, w.res.CanaryKey[:]); err != nil {
			return canary.PlantReport{}, fmt.Errorf("%s: canaries: draw a key: %w", w.drive, err)
		}
	}
	key := hex.EncodeToString(w.res.CanaryKey[:])
	if err := w.intent(ctx, step, "plant canaries", map[string]any{"key": key, "marks": n}); err != nil {
		return canary.PlantReport{}, err
	}
	set, rep, err := canary.Plant(ctx, w.conn, w.res.CanaryKey, n, w.sectors(), w.buf)
	w.marks = set
	w.note(journal.TypeCanary, canaryPayload{Drive: w.drive, Step: step, Key: key, Marks: n, Sectors: w.sectors(), Plant: &rep, Error: errText(err)})
	if err != nil {
		return rep, fmt.Errorf("%s: %w", w.drive, err)
	}
	if len(rep.Wrong) > 0 {
		return rep, fmt.Errorf("%s: canaries: %d of %d read back as something else (first LBA %d): the drive does not keep what it is given, perhaps a false capacity", w.drive, len(rep.Wrong), n, rep.Wrong[0])
	}
	return rep, nil
}

// checkCanaries reads the marks after a step that reported completion, after a
// reset where the drive allows one: so no cache of the drive's answers for it.
func (w *work) checkCanaries(ctx context.Context, i int, planned PlannedStep, res *StepResult) error {
	if !planned.Canaries || len(w.marks.LBAs) == 0 || res.Status == rules.StepRefused {
		return nil
	}
	w.say(Event{Phase: PhaseCheck, Step: i + 1})
	// An overwrite leaves no sector unreadable but a bad one, and that one is
	// judged as bad. A device erase may: its answer is rewritten, then judged.
	rewrite := res.Technique != rules.TechOverwrite
	if err := w.intent(ctx, stepName(i), "read canaries", map[string]bool{"rewrite unreadable": rewrite}); err != nil {
		return err
	}
	reset, err := w.reset(ctx)
	if err != nil {
		return err
	}
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
		w.mishap(fmt.Errorf("%s: reset: %w", w.drive, err))
		return false, nil
	}
	return true, w.recheck(ctx)
}
