package wipe

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// outcomePayload is how a run ended: with the records before it, all that its
// paper says.
type outcomePayload struct {
	Drive      string           `json:"drive"`
	Started    time.Time        `json:"started"`
	Ended      time.Time        `json:"ended"`
	After      devices.Facts    `json:"after"`
	Facts      rules.Facts      `json:"facts"`
	Derivation rules.Derivation `json:"derivation"`
	Rechecks   uint64           `json:"rechecks"`
	Prepared   []Command        `json:"prepared,omitempty"`
	Notes      []string         `json:"notes,omitempty"`
	Unfinished []StepResult     `json:"unfinished,omitempty"` // steps without a record of their own as done
}

// finish looks at the drive once more, derives the outcome and records it. A run
// that waits for a power cycle is not over: it has no outcome yet.
func (w *work) finish(ctx context.Context) {
	held := w.lastLook(ctx)
	w.tellMemory()
	w.res.Ended = w.Now()
	w.res.Facts = w.facts(held)
	w.res.Derivation = w.Pack.Derive(w.job.Plan.Row, w.res.Facts, w.Policy)
	w.res.Prompt = w.job.Plan.promptAfter(w.res.Derivation, w.Pack, w.Policy)
	if !w.res.PowerCycle {
		w.note(journal.TypeOutcome, w.outcome())
	}
	w.say(Event{Phase: PhaseDone})
}

// lastLook reads the drive once more and says whether it is still the same. A
// drive that was left to its own erase after a stop cannot be asked: nothing
// that was seen speaks against it, and an interrupted run claims nothing.
func (w *work) lastLook(ctx context.Context) (held bool) {
	// A cancelled run still looks: what the drive is now belongs on the paper.
	look, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	after, err := w.conn.Look(look)
	if err != nil {
		w.fault(fmt.Errorf("%s: identify at the end: %w", w.drive, err))
		return interrupts(err)
	}
	if same, field := w.res.Before.Identity.Same(after.Identity); !same {
		w.fault(fmt.Errorf("%s: %s differs at the end: %w", w.drive, field, ErrExchanged))
		return false
	}
	w.res.After = after
	w.res.Rechecks++
	return true
}

// tellMemory notes for the paper that the evidence medium was away.
func (w *work) tellMemory() {
	if w.inMemory > 0 {
		w.res.Notes = append(w.res.Notes, fmt.Sprintf(both(
			"記録用USBが使えない間の記録%[1]d件は、本体のメモリに保持し、後から書き込みました。",
			"%[1]d records were kept in memory while the evidence medium was away, and written afterwards."), w.inMemory))
	}
}

func (w *work) outcome() outcomePayload {
	o := outcomePayload{
		Drive: w.drive, Started: w.res.Started, Ended: w.res.Ended, After: w.res.After, Facts: w.res.Facts,
		Derivation: w.res.Derivation, Rechecks: w.res.Rechecks, Prepared: w.res.Prepared, Notes: w.res.Notes,
	}
	for _, s := range w.res.Steps {
		if !slices.Contains(w.recorded, s.Index) {
			o.Unfinished = append(o.Unfinished, s)
		}
	}
	return o
}
