package wipe

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
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

// runSCSISanitize runs SANITIZE (SBC-4 §5.38) with IMMED and restricted
// completion, and polls REQUEST SENSE.
func runSCSISanitize(action scsi.SanitizeAction) executor {
	return func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
		s := scsi.Sanitize{Action: action, Immediate: true, Timeout: acceptTimeout}
		if action == scsi.SanitizeOverwrite {
			s.Overwrite = &scsi.OverwritePattern{Passes: max(1, len(planned.Passes)), Pattern: make([]byte, 4)}
		}
		cmd, err := s.Command()
		if err != nil {
			return broken(res, fmt.Errorf("%s: %w", w.drive, err))
		}
		return w.background(ctx, res, "SANITIZE "+action.String(), cmd, s.Run)
	}
}

// runSCSIFormat runs FORMAT UNIT (SBC-4 §5.4). By itself it claims nothing.
func runSCSIFormat(ctx context.Context, w *work, _ PlannedStep, res *StepResult) error {
	f := scsi.Format{Immediate: true, Timeout: acceptTimeout}
	return w.background(ctx, res, "FORMAT UNIT", f.Command(), f.Run)
}

// background starts a command that the device carries out by itself, and polls.
func (w *work) background(ctx context.Context, res *StepResult, name string, cmd scsi.Command, run func(context.Context, scsi.Transport) error) error {
	road := w.conn.SCSI()
	if road == nil {
		return w.refuse(res, noSCSI)
	}
	t := scsiWire{wire{res}, road}
	ask := scsiProbe(t)
	st, err := ask(ctx)
	switch {
	case err != nil:
		return broken(res, fmt.Errorf("%s: REQUEST SENSE: %w", w.drive, err))
	case st.running.IsYes() && w.job.Resume.accepted(w.current):
		res.Notes = append(res.Notes, noteWentOn)
		if err := w.poll(ctx, res, name, st, ask); err != nil {
			return err
		}
		return w.rescan(ctx) // it had no capacity when it was opened
	case st.running.IsYes():
		if err := w.waitForOther(ctx, res, st, ask); err != nil {
			return err
		}
	}
	if err := w.intent(ctx, stepName(w.current), name, map[string]string{"cdb": fmt.Sprintf("%x", cmd.CDB), "data": fmt.Sprintf("%x", cmd.Data)}); err != nil {
		return err
	}
	if st, err = w.startSCSI(ctx, t, res, name, run); err != nil || res.Status == rules.StepRefused {
		return err
	}
	return w.poll(ctx, res, name, st, ask)
}

// startSCSI sends the command. A UNIT ATTENTION means that it was not done and
// that who answers must be asked again; then, and only then, it is sent again.
// The first answer to polling comes after a pause: a device that has not begun
// yet would look as if it had finished.
func (w *work) startSCSI(ctx context.Context, t scsi.Transport, res *StepResult, name string, run func(context.Context, scsi.Transport) error) (eraseState, error) {
	hold := context.WithoutCancel(ctx)
	err := run(hold, t)
	if scsi.UnitAttention(err) {
		if again := w.recheck(hold); again != nil {
			return eraseState{}, broken(res, again)
		}
		err = run(hold, t)
	}
	if err == nil {
		w.accept()
		return eraseState{words: "accepted"}, nil
	}
	if e, ok := scsi.AsSense(err); ok && refusal(e.Sense) {
		return eraseState{}, w.refuse(res, both("ドライブが"+name+"を拒否しました。", "The drive refused "+name+".")+" ("+err.Error()+") "+adviceOtherWay)
	}
	now, lost := scsiProbe(t)(hold)
	if lost != nil || !now.running.IsYes() {
		return now, broken(res, fmt.Errorf("%s: %s: %w", w.drive, name, err))
	}
	res.Notes = append(res.Notes, both("コマンドへの応答は失われたが、ドライブは消去中でした。", "The answer to the command was lost; the drive was at work all the same.")+" ("+err.Error()+")")
	w.accept()
	return now, nil
}

// refusal: the device says of the command that it did not begin it. Any other
// sense (a medium or hardware error) leaves open what was changed.
func refusal(s scsi.Sense) bool {
	return s.Key == scsi.KeyIllegalRequest || s.Key == scsi.KeyDataProtect || s.Key == scsi.KeyNotReady
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
