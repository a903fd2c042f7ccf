package wipe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechATASanitizeCrypto] = ataSanitize("CRYPTO SCRAMBLE EXT", func(PlannedStep) (ata.Command, error) {
		return ata.SanitizeCryptoCommand(false), nil
	})
	executors[rules.TechATASanitizeBlock] = ataSanitize("BLOCK ERASE EXT", func(PlannedStep) (ata.Command, error) {
		return ata.SanitizeBlockCommand(false), nil
	})
	executors[rules.TechATASanitizeOver] = ataSanitize("OVERWRITE EXT", func(p PlannedStep) (ata.Command, error) {
		return ata.SanitizeOverwriteCommand(sanitizePattern, max(1, len(p.Passes)), false, false)
	})
}

// sanitizePattern is what SANITIZE OVERWRITE leaves on the medium.
const sanitizePattern = 0x00000000

// ataSanitize runs one SANITIZE DEVICE command (ACS-4 §7.36) with restricted
// completion, and polls the drive's own status. A command that the drive did not
// accept changed nothing.
func ataSanitize(name string, build func(PlannedStep) (ata.Command, error)) executor {
	return func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
		road := w.conn.ATA()
		if road == nil {
			return w.refuse(res, "this road carries no ATA commands")
		}
		t := ataWire{wire{res}, road}
		cmd, err := build(planned)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", w.drive, name, err)
		}
		if err := w.attachATA(ctx, t, res); err != nil || res.Status == rules.StepRefused {
			return err
		}
		if err := w.intent(ctx, stepName(w.current), "SANITIZE "+name, map[string]any{"count": cmd.Count, "lba": cmd.LBA}); err != nil {
			return err
		}
		st, err := ata.SanitizeDevice(ctx, t, cmd)
		if reason, aborted := ata.SanitizeAbortReason(err); aborted {
			return w.refuse(res, "the drive refused "+name+": "+reason.String())
		}
		if err != nil {
			res.Status = rules.StepFailed
			return fmt.Errorf("%s: SANITIZE %s: %w", w.drive, name, err)
		}
		w.note(journal.TypeNote, acceptedPayload{w.drive, stepName(w.current), "accepted"})
		return w.pollATA(ctx, t, res, name, st)
	}
}

// acceptedPayload says that a device took our command; what it does from here on
// is its own.
type acceptedPayload struct {
	Drive string `json:"drive"`
	Step  string `json:"step"`
	Text  string `json:"text"`
}

// attachATA waits for a sanitize that is already running (an earlier start's,
// before a power cut) and clears what its failure left. Then ours runs: what
// another command did is not ours to claim.
func (w *work) attachATA(ctx context.Context, t ata.Transport, res *StepResult) error {
	st, err := ata.SanitizeDeviceStatus(ctx, t)
	if reason, aborted := ata.SanitizeAbortReason(err); aborted {
		if reason == ata.SanitizeReasonFailed {
			res.Notes = append(res.Notes, "an earlier sanitize had failed")
			_, err = ata.SanitizeDevice(ctx, t, ata.SanitizeStatusCommand(true))
		}
		if reason == ata.SanitizeReasonUnsupported || err != nil {
			return w.refuse(res, "SANITIZE STATUS EXT was refused: "+reason.String())
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: SANITIZE STATUS: %w", w.drive, err)
	}
	if st.Frozen.IsYes() {
		return w.refuse(res, "sanitize is frozen: power the drive off and on")
	}
	if st.InProgress.IsYes() {
		res.Notes = append(res.Notes, "an earlier sanitize was still running and was waited for")
		var other StepResult
		return w.pollATA(ctx, t, &other, "of an earlier start", st)
	}
	return nil
}

// The pace of polling and its bounds.
const (
	pollFirst   = time.Second
	pollLongest = 30 * time.Second
	pollUnknown = 20             // answers without registers before the state is called unknown
	pollErrors  = 10             // failed polls in a row before the drive counts as lost
	pollGiveUp  = 72 * time.Hour // no sanitize takes longer
)

// pollATA asks until the drive says that it is no longer sanitizing. An answer
// without registers says nothing: neither idle nor done.
func (w *work) pollATA(ctx context.Context, t ata.Transport, res *StepResult, name string, st ata.SanitizeStatus) error {
	began, pause, unknown, failed := w.Now(), pollFirst, 0, 0
	for {
		switch {
		case st.InProgress.IsYes():
			res.SeenInProgress, unknown, failed = true, 0, 0
		case st.InProgress.IsNo():
			return w.sanitized(res, name, st)
		default:
			unknown++
		}
		if unknown > pollUnknown || w.Now().Sub(began) > pollGiveUp {
			res.Status, res.RawStatus = rules.StepUnconfirmed, "the road returned no registers: whether SANITIZE "+name+" ended is unknown"
			return nil
		}
		w.sayErase(st.InProgress, float64(st.Progress)/65536, w.Now().Sub(began))
		if err := w.sleep(ctx, pause); err != nil {
			// The drive goes on by itself, also without power: that is said.
			res.Status = rules.StepInterrupted
			res.Notes = append(res.Notes, "stopped while the drive was sanitizing; it goes on by itself")
			return err
		}
		pause = min(2*pause, pollLongest)
		next, err := ata.SanitizeDeviceStatus(ctx, t)
		if reason, aborted := ata.SanitizeAbortReason(err); aborted && reason == ata.SanitizeReasonFailed {
			res.Status, res.RawStatus = rules.StepFailed, "the drive reports that SANITIZE "+name+" failed"
			return fmt.Errorf("%s: SANITIZE %s: %s", w.drive, name, reason)
		}
		if err != nil {
			if failed++; failed > pollErrors {
				res.Status = rules.StepUnconfirmed
				return fmt.Errorf("%s: SANITIZE %s: poll: %w", w.drive, name, err)
			}
			next = ata.SanitizeStatus{}
		}
		st = next
	}
}

// sanitized judges the status of a drive that is no longer sanitizing.
func (w *work) sanitized(res *StepResult, name string, st ata.SanitizeStatus) error {
	res.RawStatus = fmt.Sprintf("SANITIZE %s: completed %s, in progress no", name, st.Completed)
	if !st.Completed.IsYes() {
		res.Status = rules.StepFailed
		return errors.New(w.drive + ": " + res.RawStatus)
	}
	res.Status = rules.StepCompleted
	return nil
}

// sayErase shows a device-internal erase: its own progress and the time so far.
func (w *work) sayErase(running support.State, part float64, elapsed time.Duration) {
	e := Event{Phase: PhaseDevice, Step: w.current + 1, Elapsed: elapsed, Left: -1}
	if running.IsYes() {
		const whole = 1000
		e.Done, e.Total = int64(part*whole), whole
	}
	w.say(e)
}
