package wipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/support"
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
			return w.refuse(res, noATA)
		}
		cmd, err := build(planned)
		if err != nil {
			return broken(res, fmt.Errorf("%s: %s: %w", w.drive, name, err))
		}
		s := &sanitizeRun{work: w, t: ataWire{wire{res}, road}, res: res, name: "SANITIZE " + name}
		st, mine, err := s.attach(ctx)
		if err != nil || res.Status == rules.StepRefused {
			return err
		}
		if !mine {
			if st, err = s.start(ctx, cmd); err != nil || res.Status == rules.StepRefused {
				return err
			}
		}
		return w.poll(ctx, res, s.name, st, ataProbe(s.t))
	}
}

// sanitizeRun is one SANITIZE DEVICE command on its way.
type sanitizeRun struct {
	*work
	t    ata.Transport
	res  *StepResult
	name string
}

// attach asks before anything is sent. Where this very step was accepted before
// a power cut, the drive has gone on by itself: its state comes back as mine, at
// work or completed since. Another one that is running is waited for, and then
// ours runs: what another command did is not ours to claim.
func (s *sanitizeRun) attach(ctx context.Context) (st eraseState, mine bool, err error) {
	now, err := ata.SanitizeDeviceStatus(ctx, s.t)
	if reason, aborted := ata.SanitizeAbortReason(err); aborted {
		return st, false, s.abortedStatus(reason)
	}
	st = ataState(now)
	switch begun := s.job.Resume.accepted(s.current); {
	case ata.NoPassThrough(err):
		return st, false, s.refuse(s.res, noATA+" ("+err.Error()+")")
	case err != nil:
		return st, false, broken(s.res, fmt.Errorf("%s: SANITIZE STATUS EXT: %w", s.drive, err))
	case !st.running.IsYes() && !st.running.IsNo():
		return st, false, s.refuse(s.res, both("この接続はSANITIZEの状態を返さないため、完了を確認できません。",
			"This road brings back no state of SANITIZE, so its end could not be seen.")+" "+adviceMoveToSATA)
	case now.Frozen.IsYes():
		return st, false, s.refuse(s.res, both("SANITIZEが凍結されています。", "Sanitize is frozen.")+" "+advicePowerCycle)
	case begun && (st.running.IsYes() || st.completed.IsYes()):
		// "Completed" was cleared when the drive took the command, so it is ours.
		s.res.Notes = append(s.res.Notes, noteWentOn)
		return st, true, nil
	case st.running.IsYes():
		return st, false, s.waitForOther(ctx, s.res, st, ataProbe(s.t))
	}
	return st, false, nil
}

// abortedStatus judges a refused SANITIZE STATUS EXT. Out of a failed sanitize
// only another one leads (ACS-4 §4.17, restricted completion), so that ours is
// sent; a drive that knows none refuses it.
func (s *sanitizeRun) abortedStatus(reason ata.SanitizeReason) error {
	switch reason {
	case ata.SanitizeReasonFailed:
		s.res.Notes = append(s.res.Notes, both("以前のSANITIZEが失敗していたため、改めて実行しました。",
			"An earlier sanitize had failed; this one was sent in its place."))
		return nil
	case ata.SanitizeReasonNone:
		return nil
	case ata.SanitizeReasonFrozen:
		return s.refuse(s.res, both("SANITIZEが凍結されています。", "Sanitize is frozen.")+" "+advicePowerCycle)
	}
	return s.refuse(s.res, both("ドライブがSANITIZEに応じません。", "The drive does not take SANITIZE.")+" ("+reason.String()+") "+adviceOtherWay)
}

// waitForOther waits for an erase that is not ours. How it ends is not ours to
// judge; only a person's stop ends the wait.
func (w *work) waitForOther(ctx context.Context, res *StepResult, st eraseState, ask probe) error {
	res.Notes = append(res.Notes, both("別の消去が実行中だったため、その終了を待ちました。", "An earlier erase was still running and was waited for."))
	var other StepResult
	if err := w.poll(ctx, &other, "the earlier erase", st, ask); ctx.Err() != nil {
		return err
	}
	return nil
}

// start sends the command. Its own answer is believed only where it says that
// the drive is at work: an answer "completed" may still be that of an earlier one.
func (s *sanitizeRun) start(ctx context.Context, cmd ata.Command) (eraseState, error) {
	if err := s.intent(ctx, stepName(s.current), s.name, map[string]any{"count": cmd.Count, "lba": cmd.LBA}); err != nil {
		return eraseState{}, err
	}
	hold := context.WithoutCancel(ctx) // a stop request waits for the drive's answer
	st, err := ata.SanitizeDevice(hold, s.t, cmd)
	if reason, aborted := ata.SanitizeAbortReason(err); aborted {
		return eraseState{}, s.refuse(s.res, both("ドライブが"+s.name+"を拒否しました。", "The drive refused "+s.name+".")+" ("+reason.String()+") "+adviceOtherWay)
	}
	if err != nil {
		// The answer is lost, not the command: the drive was idle before, so
		// one that is at work now took it.
		now, lost := ataProbe(s.t)(hold)
		if lost != nil || !now.running.IsYes() {
			return now, broken(s.res, fmt.Errorf("%s: %s: %w", s.drive, s.name, errors.Join(err, lost)))
		}
		s.res.Notes = append(s.res.Notes, both("コマンドへの応答は失われたが、ドライブは消去中でした。", "The answer to the command was lost; the drive was at work all the same.")+" ("+err.Error()+")")
		s.accept()
		return now, nil
	}
	s.accept()
	if now := ataState(st); now.running.IsYes() {
		return now, nil
	}
	return eraseState{words: "accepted"}, nil
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
