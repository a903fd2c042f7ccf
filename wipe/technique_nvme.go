package wipe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechNVMeSanitizeBlock] = runNVMeSanitize(nvme.BlockErase)
	executors[rules.TechNVMeSanitizeCrypto] = runNVMeSanitize(nvme.CryptoErase)
	executors[rules.TechNVMeSanitizeOver] = runNVMeSanitize(nvme.Overwrite)
}

// runNVMeSanitize runs Sanitize (NVMe Base 2.0 §5.24) with restricted completion
// and polls log page 81h. The log may tell of an earlier command: only one with
// our dword 10, seen running or seen to change since before, is ours.
func runNVMeSanitize(action nvme.SanitizeAction) executor {
	return func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
		road := w.conn.NVMe()
		if road == nil {
			return w.refuse(res, nvmeNoRoad.why(nil))
		}
		if why := w.otherNamespaces(); why != "" {
			return w.refuse(res, why)
		}
		s := nvme.Sanitize{Action: action}
		if action == nvme.Overwrite {
			s.Passes = max(1, len(planned.Passes)) // what is sent is what the paper says
		}
		cmd, err := s.Command()
		if err != nil {
			return broken(res, fmt.Errorf("%s: %w", w.drive, err))
		}
		n := &nvmeRun{work: w, t: nvmeWire{wire{res}, road}, res: res, name: "Sanitize " + action.String(), cmd: cmd, action: action}
		st, err := n.attach(ctx)
		if err == nil && !n.ours && res.Status != rules.StepRefused {
			st, err = n.start(ctx, s)
		}
		if err != nil || res.Status == rules.StepRefused {
			return err
		}
		err = w.poll(ctx, res, n.name, st, n.probe)
		n.dropStale()
		return err
	}
}

// nvmeRun is one Sanitize on its way.
type nvmeRun struct {
	*work
	t      nvme.Transport
	res    *StepResult
	name   string
	cmd    nvme.AdminCommand
	action nvme.SanitizeAction
	before nvme.SanitizeLogPage // as it was before ours
	last   nvme.SanitizeLogPage // as it is now
	ours   bool                 // begun before an interruption: there is no before
}

// otherNamespaces is why an act on the whole subsystem must not run: it would
// erase namespaces that nobody named for it. Those that are attached to the same
// device (devices.WholeMedia) are named with it.
func (w *work) otherNamespaces() string {
	if len(w.job.Plan.Device.Siblings) == 0 {
		return ""
	}
	return nvmeOthers.why(fmt.Errorf("%v", w.job.Plan.Device.Siblings))
}

// attach reads the log before anything is sent. Where this very step was accepted
// before a power cut and the controller is still at it, the running state comes
// back: it goes on by itself. Another one that is running is waited for, and then
// ours runs: what another command did is not ours to claim.
func (n *nvmeRun) attach(ctx context.Context) (eraseState, error) {
	log, _, err := nvme.SanitizeStatus(ctx, n.t)
	var refused *nvme.StatusError
	if errors.As(err, &refused) {
		return eraseState{}, n.refuse(n.res, nvmeNoLog.why(err))
	}
	if err != nil {
		return eraseState{}, broken(n.res, fmt.Errorf("%s: read the sanitize log: %w", n.drive, err))
	}
	if n.goneOn(log) {
		n.ours, n.last = true, log
		n.res.Notes = append(n.res.Notes, both("中断前に受理されたコマンドをドライブが続けていたため、送り直さずにその完了を確かめました。",
			"The drive went on with the command that it had accepted before the interruption: it was not sent again."))
		return n.state(log), nil
	}
	if log.State == nvme.SanitizeInProgress {
		any := func(ctx context.Context) (eraseState, error) {
			l, _, err := nvme.SanitizeStatus(ctx, n.t)
			log = l
			return nvmeState(l), err
		}
		if err := n.waitForOther(ctx, n.res, nvmeState(log), any); err != nil {
			return eraseState{}, err
		}
	}
	if log.State == nvme.SanitizeFailed {
		n.res.Notes = append(n.res.Notes, both("以前のサニタイズが失敗していたため、改めて実行しました。",
			"An earlier sanitize had failed; this one was sent in its place."))
	}
	n.before = log
	return eraseState{}, nil
}

// goneOn reports whether the controller went on by itself with the command that
// this very step had begun: it is still at it, or it has ended since. GDE says
// that nothing was written after the end, and the marks were written before ours:
// a completion of years ago cannot show that.
func (n *nvmeRun) goneOn(log nvme.SanitizeLogPage) bool {
	if !n.job.Resume.accepted(n.current) || !log.Tells(n.cmd) {
		return false
	}
	return log.State == nvme.SanitizeInProgress || log.Completed() && log.GlobalErased && len(n.marks.LBAs) > 0
}

// start sends the command. A controller that refuses it has changed nothing; an
// answer that is lost on the way is made up for by the log.
func (n *nvmeRun) start(ctx context.Context, s nvme.Sanitize) (eraseState, error) {
	args := map[string]any{"cdw10": n.cmd.CDW10, "cdw11": n.cmd.CDW11, "logBefore": nvmeState(n.before).words}
	if err := n.intent(ctx, stepName(n.current), n.name, args); err != nil {
		return eraseState{}, err
	}
	hold := context.WithoutCancel(ctx) // a stop request waits for the drive's answer
	err := s.Run(hold, n.t)
	if nvmeRefusal(err) {
		return eraseState{}, n.refuse(n.res, n.nvmeRefused(n.name, err))
	}
	now, lost := n.probe(hold)
	switch {
	case err == nil && lost != nil:
		now = eraseState{words: lost.Error()}
	case err == nil:
	case lost != nil || !now.running.IsYes():
		return now, broken(n.res, fmt.Errorf("%s: %s: %w", n.drive, n.name, errors.Join(err, lost)))
	default:
		n.res.Notes = append(n.res.Notes, both("コマンドへの応答は失われたが、ドライブは消去中でした。",
			"The answer to the command was lost; the drive was at work all the same.")+" ("+err.Error()+")")
	}
	n.accept()
	return now, nil
}

// probe reads the log; one that tells of another command says nothing of ours.
func (n *nvmeRun) probe(ctx context.Context) (eraseState, error) {
	log, _, err := nvme.SanitizeStatus(ctx, n.t)
	if err != nil {
		return eraseState{}, err
	}
	if !log.Tells(n.cmd) {
		return eraseState{words: fmt.Sprintf("the log tells of another command (SCDW10 %08Xh)", log.SCDW10)}, nil
	}
	n.last = log
	return n.state(log), nil
}

// state is nvmeState with the controller's own estimate.
func (n *nvmeRun) state(log nvme.SanitizeLogPage) eraseState {
	st := nvmeState(log)
	if seconds, ok := log.Estimate(n.action, false); ok {
		st.estimate = time.Duration(seconds) * time.Second
	}
	return st
}

// nvmeState is what log page 81h says. A completion stands whether or not the
// controller deallocated as it was asked.
func nvmeState(log nvme.SanitizeLogPage) eraseState {
	st := eraseState{words: fmt.Sprintf("SSTAT %04Xh SPROG %04Xh SCDW10 %08Xh GDE %t", log.SSTAT, log.SPROG, log.SCDW10, log.GlobalErased)}
	switch log.State {
	case nvme.SanitizeInProgress:
		st.running = support.Yes
		if p, ok := log.Progress(); ok {
			st.progress = float64(p) / 65536
		}
	case nvme.SanitizeFailed:
		st.running, st.completed = support.No, support.No
	case nvme.SanitizeCompleted, nvme.SanitizeCompletedNDA:
		st.running, st.completed = support.No, support.Yes
	}
	return st
}

// dropStale takes back a completion that the log may have told of an earlier,
// equal command: neither seen running, nor a log that says anything new.
func (n *nvmeRun) dropStale() {
	if n.res.Status != rules.StepCompleted || n.res.SeenInProgress || n.ours || !n.before.Completed() || !n.before.Tells(n.cmd) {
		return
	}
	if !n.before.GlobalErased && n.last.GlobalErased {
		return
	}
	n.res.Status = rules.StepUnconfirmed
	n.res.Notes = append(n.res.Notes, both("サニタイズのログが実行前と同じため、以前のコマンドのものである可能性があります。",
		"The sanitize log says the same as before the command: it may tell of an earlier one."))
}
