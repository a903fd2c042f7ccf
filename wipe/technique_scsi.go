package wipe

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechSCSISanitizeOver] = runSCSISanitize(scsi.SanitizeOverwrite)
	executors[rules.TechSCSISanitizeBlock] = runSCSISanitize(scsi.SanitizeBlockErase)
	executors[rules.TechSCSISanitizeCrypto] = runSCSISanitize(scsi.SanitizeCrypto)
	executors[rules.TechSCSIFormat] = runSCSIFormat
}

// acceptTimeout is what a device may take to accept an immediate command.
const acceptTimeout = 5 * time.Minute

// runSCSISanitize runs SANITIZE (SBC-4 §5.38) with IMMED and polls REQUEST SENSE.
func runSCSISanitize(action scsi.SanitizeAction) executor {
	return func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
		s := scsi.Sanitize{Action: action, Immediate: true, Timeout: acceptTimeout}
		if action == scsi.SanitizeOverwrite {
			s.Overwrite = &scsi.OverwritePattern{Passes: max(1, len(planned.Passes)), Pattern: make([]byte, 4)}
		}
		return w.background(ctx, res, "SANITIZE "+action.String(), s.Run)
	}
}

// runSCSIFormat runs FORMAT UNIT (SBC-4 §5.4). By itself it claims nothing.
func runSCSIFormat(ctx context.Context, w *work, _ PlannedStep, res *StepResult) error {
	return w.background(ctx, res, "FORMAT UNIT", scsi.Format{Immediate: true, Timeout: acceptTimeout}.Run)
}

// background starts a command that the device carries out by itself, and polls.
func (w *work) background(ctx context.Context, res *StepResult, name string, run func(context.Context, scsi.Transport) error) error {
	road := w.conn.SCSI()
	if road == nil {
		return w.refuse(res, "this road carries no SCSI commands")
	}
	t := scsiWire{wire{res}, road}
	ask := scsiProbe(t)
	if st, err := ask(ctx); err != nil {
		return fmt.Errorf("%s: REQUEST SENSE: %w", w.drive, err)
	} else if st.running.IsYes() {
		res.Notes = append(res.Notes, "an earlier erase was still running and was waited for")
		var other StepResult
		if err := w.poll(ctx, &other, "the earlier erase", st, ask); err != nil && ctx.Err() != nil {
			return err
		}
	}
	if err := w.intent(ctx, stepName(w.current), name, nil); err != nil {
		return err
	}
	if err := run(ctx, t); err != nil {
		if _, refused := scsi.AsSense(err); refused {
			return w.refuse(res, "the drive refused "+name+": "+err.Error())
		}
		res.Status = rules.StepFailed
		return fmt.Errorf("%s: %s: %w", w.drive, name, err)
	}
	w.note(journal.TypeNote, acceptedPayload{w.drive, stepName(w.current), "accepted"})
	first, err := ask(ctx)
	if err != nil {
		first = eraseState{words: err.Error()}
	}
	return w.poll(ctx, res, name, first, ask)
}

// scsiProbe asks REQUEST SENSE. NO SENSE means that the device does nothing in
// the background, and so that what we started has ended without failure.
func scsiProbe(t scsi.Transport) probe {
	return func(ctx context.Context) (eraseState, error) {
		b, sense, err := scsi.PollBackground(ctx, t)
		if err != nil {
			return eraseState{}, err
		}
		st := eraseState{words: fmt.Sprintf("sense %Xh/%02Xh/%02Xh", byte(sense.Key), sense.ASC, sense.ASCQ)}
		switch {
		case b.SanitizeFailed.IsYes() || b.FormatFailed.IsYes():
			st.running, st.completed = support.No, support.No
		case b.Sanitizing.IsYes() || b.Formatting.IsYes():
			st.running = support.Yes
			if b.HasProgress {
				st.progress = float64(b.Progress) / 65536
			}
		case b.Idle():
			st.running, st.completed = support.No, support.Yes
		}
		return st, nil
	}
}
