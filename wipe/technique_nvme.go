package wipe

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechNVMeSanitizeBlock] = runNVMeSanitize(nvme.BlockErase)
	executors[rules.TechNVMeSanitizeCrypto] = runNVMeSanitize(nvme.CryptoErase)
	executors[rules.TechNVMeSanitizeOver] = runNVMeSanitize(nvme.Overwrite)
	executors[rules.TechNVMeFormatUserData] = runNVMeFormat(nvme.SESUser)
	executors[rules.TechNVMeFormatCrypto] = runNVMeFormat(nvme.SESCrypto)
}

// runNVMeSanitize runs Sanitize (NVMe Base 2.0 §5.24) and polls log page 81h. The
// log may tell of an earlier command: only one with our dword 10, seen running or
// seen to change since before, is ours.
func runNVMeSanitize(action nvme.SanitizeAction) executor {
	return func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
		road := w.conn.NVMe()
		if road == nil {
			return w.refuse(res, "this road carries no NVMe admin commands")
		}
		if why := w.otherNamespaces(); why != "" {
			return w.refuse(res, why)
		}
		t := nvmeWire{wire{res}, road}
		s := nvme.Sanitize{Action: action}
		if action == nvme.Overwrite {
			s.Passes = max(1, len(planned.Passes))
		}
		cmd, err := s.Command()
		if err != nil {
			return fmt.Errorf("%s: sanitize: %w", w.drive, err)
		}
		before, err := w.attachNVMe(ctx, t, res)
		if err != nil {
			return err
		}
		if err := w.intent(ctx, stepName(w.current), "Sanitize "+action.String(), map[string]uint32{"cdw10": cmd.CDW10, "cdw11": cmd.CDW11}); err != nil {
			return err
		}
		var refused *nvme.StatusError
		if err := s.Run(ctx, t); errors.As(err, &refused) {
			return w.refuse(res, "the drive refused Sanitize "+action.String()+": "+err.Error())
		} else if err != nil {
			res.Status = rules.StepFailed
			return fmt.Errorf("%s: Sanitize %s: %w", w.drive, action, err)
		}
		w.accept()
		ask := nvmeProbe(t, cmd, before)
		first, err := ask(ctx)
		if err != nil {
			first = eraseState{words: err.Error()}
		}
		err = w.poll(ctx, res, "Sanitize "+action.String(), first, ask)
		return errors.Join(err, w.dropStale(res, before, cmd))
	}
}

// otherNamespaces is why an act on the whole subsystem must not run: it would
// erase namespaces that nobody named for it.
func (w *work) otherNamespaces() string {
	if len(w.job.Plan.Device.Siblings) == 0 {
		return ""
	}
	return "the command acts on all namespaces of the subsystem, also on " + strings.Join(w.job.Plan.Device.Siblings, ", ")
}

// attachNVMe waits for a sanitize of an earlier start and returns the log as it
// is before ours.
func (w *work) attachNVMe(ctx context.Context, t nvme.Transport, res *StepResult) (nvme.SanitizeLogPage, error) {
	log, _, err := nvme.SanitizeStatus(ctx, t)
	if err != nil {
		return log, fmt.Errorf("%s: read the sanitize log: %w", w.drive, err)
	}
	if log.State != nvme.SanitizeInProgress {
		return log, nil
	}
	res.Notes = append(res.Notes, "an earlier sanitize was still running and was waited for")
	var other StepResult
	ask := func(ctx context.Context) (eraseState, error) {
		l, _, err := nvme.SanitizeStatus(ctx, t)
		log = l
		return nvmeState(l), err
	}
	if err := w.poll(ctx, &other, "the earlier Sanitize", nvmeState(log), ask); err != nil && ctx.Err() != nil {
		return log, err
	}
	return log, nil
}

// nvmeProbe reads the log; one that tells of another command says nothing of ours.
func nvmeProbe(t nvme.Transport, cmd nvme.AdminCommand, before nvme.SanitizeLogPage) probe {
	return func(ctx context.Context) (eraseState, error) {
		log, _, err := nvme.SanitizeStatus(ctx, t)
		if err != nil {
			return eraseState{}, err
		}
		if !log.Tells(cmd) {
			return eraseState{words: fmt.Sprintf("the log tells of another command (SCDW10 %08Xh)", log.SCDW10)}, nil
		}
		return nvmeState(log), nil
	}
}

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
func (w *work) dropStale(res *StepResult, before nvme.SanitizeLogPage, cmd nvme.AdminCommand) error {
	if res.Status != rules.StepCompleted || res.SeenInProgress || !before.Completed() || !before.Tells(cmd) {
		return nil
	}
	if !before.GlobalErased && strings.Contains(res.RawStatus, "GDE true") {
		return nil
	}
	res.Status = rules.StepUnconfirmed
	res.Notes = append(res.Notes, "the sanitize log says the same as before the command: it may tell of an earlier one")
	return nil
}

// formatTimeout is what one Format NVM may take: it blocks.
const formatTimeout = 12 * time.Hour

// runNVMeFormat runs Format NVM (NVMe Base 2.0 §5.14) with the current LBA format.
func runNVMeFormat(ses nvme.SES) executor {
	return func(ctx context.Context, w *work, _ PlannedStep, res *StepResult) error {
		road := w.conn.NVMe()
		if road == nil {
			return w.refuse(res, "this road carries no NVMe admin commands")
		}
		caps := w.res.Before.Caps.NVMe
		if !caps.FormatAll.IsNo() || !caps.EraseAll.IsNo() {
			if why := w.otherNamespaces(); why != "" {
				return w.refuse(res, why)
			}
		}
		t := nvmeWire{wire{res}, road}
		ns, _, err := nvme.IdentifyNamespace(ctx, t, w.conn.NSID())
		if err != nil {
			return fmt.Errorf("%s: identify the namespace: %w", w.drive, err)
		}
		if err := w.intent(ctx, stepName(w.current), "Format NVM", map[string]uint32{"ses": uint32(ses), "nsid": w.conn.NSID()}); err != nil {
			return err
		}
		w.say(Event{Phase: PhaseDevice, Step: w.current + 1, Left: -1})
		var refused *nvme.StatusError
		err = nvme.Format(context.WithoutCancel(ctx), t, w.conn.NSID(), ns, ses, formatTimeout)
		switch {
		case errors.As(err, &refused):
			return w.refuse(res, "the drive refused Format NVM: "+err.Error())
		case err != nil:
			res.Status = rules.StepFailed
			return fmt.Errorf("%s: Format NVM: %w", w.drive, err)
		}
		res.Status, res.RawStatus = rules.StepCompleted, "Format NVM ended with status 0"
		return nil
	}
}
