package wipe

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// eraseState is what a device says of an erase of its own.
type eraseState struct {
	running   support.State
	completed support.State // meaningful once running is no
	progress  float64       // 0 to 1, while running
	words     string        // the device's own words, for the paper
	estimate  time.Duration // of the whole, by the device; 0: it gives none
}

// probe asks the device once.
type probe func(ctx context.Context) (eraseState, error)

// The pace of polling and its bounds.
const (
	pollFirst   = time.Second
	pollLongest = 30 * time.Second
	pollUnknown = 20             // answers in a row that say nothing before the state is called unknown
	pollErrors  = 10             // failed polls in a row before the drive counts as lost
	pollGiveUp  = 72 * time.Hour // no erase takes longer
)

// poll asks until the device says that it is no longer erasing, and judges what
// it says then. Answers that say nothing end as unconfirmed, never as done.
func (w *work) poll(ctx context.Context, res *StepResult, name string, st eraseState, ask probe) error {
	began, pause, unknown, failed := w.Now(), pollFirst, 0, 0
	for {
		switch {
		case st.running.IsYes():
			res.SeenInProgress, unknown = true, 0
		case st.running.IsNo():
			return w.ended(res, name, st)
		default:
			unknown++
		}
		if unknown > pollUnknown || w.Now().Sub(began) > pollGiveUp {
			res.Status, res.RawStatus = rules.StepUnconfirmed, name+": whether it ended is unknown ("+st.words+")"
			return nil
		}
		w.sayErase(st, w.Now().Sub(began))
		if err := w.sleep(ctx, pause); err != nil {
			// The drive goes on by itself, also after a power cut: that is said.
			res.Status = rules.StepInterrupted
			res.Notes = append(res.Notes, both("ドライブの消去中に中止しました。ドライブ自身は消去を続けます。",
				"Stopped while the drive was erasing; it goes on by itself."))
			return err
		}
		pause = min(2*pause, pollLongest)
		next, err := ask(ctx)
		if err != nil {
			if failed++; failed > pollErrors {
				res.Status = rules.StepUnconfirmed
				return fmt.Errorf("%s: %s: poll: %w", w.drive, name, err)
			}
			next = eraseState{words: err.Error()}
		} else {
			failed = 0
		}
		st = next
	}
}

// ended judges a device that is no longer erasing.
func (w *work) ended(res *StepResult, name string, st eraseState) error {
	res.RawStatus = name + ": " + st.words
	switch {
	case st.completed.IsYes():
		res.Status = rules.StepCompleted
		return nil
	case st.completed.IsNo():
		res.Status = rules.StepFailed
		return fmt.Errorf("%s: %s: the drive reports failure (%s)", w.drive, name, st.words)
	}
	res.Status = rules.StepUnconfirmed
	return nil
}

// sayErase shows a device-internal erase: its own progress and the time so far.
func (w *work) sayErase(st eraseState, elapsed time.Duration) {
	e := Event{Phase: PhaseDevice, Step: w.current + 1, Elapsed: elapsed, Left: -1}
	if st.estimate > 0 {
		e.Left = max(0, st.estimate-elapsed)
	}
	if st.running.IsYes() {
		const whole = 1000
		e.Done, e.Total = int64(st.progress*whole), whole
	}
	w.say(e)
}

// acceptedPayload says that a device took our command; what it does from here on
// is its own, also over a power cut.
type acceptedPayload struct {
	Drive string `json:"drive"`
	Step  string `json:"step"`
	Text  string `json:"text"`
}

// textAccepted is what an acceptedPayload says.
const textAccepted = "accepted"

// accept records that the device took the command of the current step.
func (w *work) accept() {
	w.note(journal.TypeNote, acceptedPayload{w.drive, stepName(w.current), textAccepted})
}
