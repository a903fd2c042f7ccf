package wipe

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// executor carries out one technique and fills res with what it saw. A nil
// error means that res.Status says how the step ended; an error ends the run.
type executor func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error

// executors are the techniques that this program can run today.
var executors = map[rules.Technique]executor{}

func init() {
	executors[rules.TechOverwrite] = overwriteStep
}

// Runnable lists the techniques that this program can run today; the planner
// picks no other.
func Runnable() map[rules.Technique]bool {
	out := make(map[rules.Technique]bool, len(executors))
	for t := range executors {
		out[t] = true
	}
	return out
}

// step runs one planned step: identity, canaries where it needs its own, intent,
// act, result, verification, canaries. It is in the result whatever happens.
func (w *work) step(ctx context.Context, i int, planned PlannedStep) error {
	run, ok := executors[planned.Technique]
	if !ok {
		return fmt.Errorf("%s: %s: planned, but this program cannot run it", w.drive, planned.Technique)
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %s was not begun: %w", w.drive, planned.Technique, err)
	}
	if err := w.recheck(ctx); err != nil {
		return err
	}
	w.current = i
	res := StepResult{Index: i, Step: rules.Step{Technique: planned.Technique, Status: rules.StepInterrupted}, Started: w.Now()}
	if w.job.Resume.unfinished(i) && !w.job.Resume.accepted(i) && !planned.Technique.OnHost() {
		res.Notes = append(res.Notes, both(
			"この工程は電源断などで中断され、再開後に改めて行いました。", "This step was cut off, for instance by a power loss, and done again after that."))
	}
	w.res.Steps = append(w.res.Steps, res)
	slot := &w.res.Steps[len(w.res.Steps)-1]
	err := w.actAndCheck(ctx, i, planned, slot, run)
	done := resultPayload{Drive: w.drive, Step: stepName(i), Status: slot.Status, Error: errText(err)}
	if err == nil {
		// Only this makes the step finished for a resume.
		done.Done = slot
		w.recorded = append(w.recorded, i)
	}
	w.note(journal.TypeResult, done)
	if err != nil {
		return err
	}
	return w.mayGoOn(planned, slot)
}

// actAndCheck is the technique and everything that speaks for or against it.
func (w *work) actAndCheck(ctx context.Context, i int, planned PlannedStep, slot *StepResult, run executor) error {
	var replanted uint64
	if planned.Replant {
		var err error
		if replanted, err = w.replant(ctx, i); err != nil {
			return err
		}
	}
	err := run(ctx, w, planned, slot)
	slot.Ended = w.Now()
	w.interrupted(planned, slot, err)
	w.note(journal.TypeResult, resultPayload{Drive: w.drive, Step: stepName(i), Status: slot.Status, Error: errText(err)})
	if err != nil {
		return err
	}
	if err := w.sizeAgain(ctx); err != nil {
		return err
	}
	if err := w.verify(ctx, i, planned, slot); err != nil {
		return err
	}
	err = w.checkCanaries(ctx, i, planned, slot)
	if slot.Canaries != nil {
		slot.Canaries.Planted = replanted
	}
	return err
}

// skipped reports whether a fallback is not needed: it runs only where the
// drive refused an earlier step and so changed nothing.
func (w *work) skipped(planned PlannedStep) bool {
	if !planned.Fallback {
		return false
	}
	return !slices.ContainsFunc(w.res.Steps, func(s StepResult) bool { return s.Status == rules.StepRefused })
}

// mayGoOn ends the run after a step that broke what the plan rests on. A step
// that the drive refused changed nothing, so the next one may still be tried
// where the plan lists one, unless the plan says that none can work without it.
func (w *work) mayGoOn(planned PlannedStep, res *StepResult) error {
	switch res.Status {
	case rules.StepRefused:
		if planned.Required {
			return errRequired
		}
		return nil
	case rules.StepCompleted, rules.StepUnconfirmed:
		return nil
	}
	return fmt.Errorf("%s: %s: %s", w.drive, planned.Technique, res.Status)
}

// errRequired ends a run whose later steps need the one that the drive refused.
// It is no error of the run: nothing was changed, and the step says why.
var errRequired = errors.New("the drive refused a step that all later ones need")

// interrupted makes sure that a step which somebody stopped is not called failed,
// and says of a command that blocks that the drive goes on with it.
func (w *work) interrupted(planned PlannedStep, res *StepResult, err error) {
	if err == nil || !interrupts(err) {
		return
	}
	if res.Status == rules.StepFailed {
		res.Status = rules.StepInterrupted
	}
	if left := w.conn.barred(); left != nil && interrupts(left) && !planned.Technique.OnHost() {
		res.Notes = append(res.Notes, both(
			"停止の指示のとき、ドライブ内部の処理が動いていました。ドライブは単独で続けます。電源を切らないでください。",
			"When the stop came the drive was at work inside; it goes on alone. Do not power it off."))
		if planned.Technique == rules.TechATAErase || planned.Technique == rules.TechATAEraseEnhanced {
			res.Notes = append(res.Notes, both(
				"途中で電源が切れると、公開パスワードでロックされたまま残ります。", "A power loss in it leaves the drive locked with the published password.")+" ("+PublishedPassword+")")
		}
	}
}

// stepName is how journal records name the i-th step.
func stepName(i int) string { return fmt.Sprintf("step-%d", i+1) }

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// countPasses counts the passes of one kind.
func countPasses(passes []PassKind, kind PassKind) int {
	return len(slices.DeleteFunc(slices.Clone(passes), func(k PassKind) bool { return k != kind }))
}
