package wipe

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechATASanitizeCrypto] = runATASanitize("CRYPTO SCRAMBLE EXT", func(PlannedStep) (ata.Command, error) {
		return ata.SanitizeCryptoCommand(false), nil
	})
	executors[rules.TechATASanitizeBlock] = runATASanitize("BLOCK ERASE EXT", func(PlannedStep) (ata.Command, error) {
		return ata.SanitizeBlockCommand(false), nil
	})
	executors[rules.TechATASanitizeOver] = runATASanitize("OVERWRITE EXT", func(p PlannedStep) (ata.Command, error) {
		return ata.SanitizeOverwriteCommand(sanitizePattern, max(1, len(p.Passes)), false, false)
	})
}

// sanitizePattern is what SANITIZE OVERWRITE leaves on the medium.
const sanitizePattern = 0x00000000

// runATASanitize runs one SANITIZE DEVICE command (ACS-4 §7.36) with restricted
// completion, and polls the drive's own status. A command that the drive did not
// accept changed nothing.
func runATASanitize(name string, build func(PlannedStep) (ata.Command, error)) executor {
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
		return w.poll(ctx, res, "SANITIZE "+name, ataState(st), ataProbe(t))
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
		return w.poll(ctx, &other, "the earlier SANITIZE", ataState(st), ataProbe(t))
	}
	return nil
}

// ataProbe asks SANITIZE STATUS EXT. An answer without registers says nothing:
// neither idle nor done.
func ataProbe(t ata.Transport) probe {
	return func(ctx context.Context) (eraseState, error) {
		st, err := ata.SanitizeDeviceStatus(ctx, t)
		if reason, aborted := ata.SanitizeAbortReason(err); aborted && reason == ata.SanitizeReasonFailed {
			return eraseState{running: support.No, completed: support.No, words: reason.String()}, nil
		}
		return ataState(st), err
	}
}

func ataState(st ata.SanitizeStatus) eraseState {
	return eraseState{
		running: st.InProgress, completed: st.Completed, progress: float64(st.Progress) / 65536,
		words: fmt.Sprintf("completed %s, in progress %s", st.Completed, st.InProgress),
	}
}
