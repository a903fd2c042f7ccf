package wipe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/wipe/rules"
)

func init() {
	executors[rules.TechATAErase] = securityErase(false)
	executors[rules.TechATAEraseEnhanced] = securityErase(true)
}

// PublishedPassword is the user password that this program sets before
// SECURITY ERASE UNIT. It is fixed and published (DESIGN §6): a drive that lost
// power in between can be opened with it by anybody, with or without a journal.
const PublishedPassword = "massho"

func publishedPassword() (pw ata.Password) {
	copy(pw[:], PublishedPassword)
	return pw
}

// securityErase is SECURITY SET PASSWORD, ERASE PREPARE, ERASE UNIT (ACS-4 §7.43
// to §7.49). It is completed only when the command ended well and a fresh
// IDENTIFY DEVICE shows security neither enabled nor locked.
func securityErase(enhanced bool) executor {
	return func(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
		road := w.conn.ATA()
		if road == nil {
			return w.refuse(res, "this road carries no ATA commands")
		}
		t := ataWire{wire{res}, road}
		caps, err := w.securityState(ctx)
		if err != nil {
			return err
		}
		if why := securityObstacle(caps, enhanced); why != "" {
			return w.refuse(res, why)
		}
		if caps.SecurityLocked.IsYes() {
			if ok, err := w.unlockOurs(ctx, t, res); !ok || err != nil {
				return err
			}
		}
		if err := w.setPassword(ctx, t, res, planned); err != nil || res.Status == rules.StepRefused {
			return err
		}
		return w.eraseUnit(ctx, t, res, enhanced, eraseTime(caps, enhanced))
	}
}

// refuse ends a step that changed nothing on the drive.
func (w *work) refuse(res *StepResult, why string) error {
	res.Status = rules.StepRefused
	res.Notes = append(res.Notes, why)
	return nil
}

// securityState reads the security word afresh.
func (w *work) securityState(ctx context.Context) (devices.ATACaps, error) {
	look, err := w.conn.Look(ctx)
	if err != nil {
		return devices.ATACaps{}, fmt.Errorf("%s: read the security state: %w", w.drive, err)
	}
	return look.Caps.ATA, nil
}

// securityObstacle is why the drive would refuse the erase; empty when nothing
// is known to speak against it. Unknown is no support.
func securityObstacle(c devices.ATACaps, enhanced bool) string {
	switch {
	case !c.Security.IsYes():
		return "the security feature set is not shown to be supported"
	case c.SecurityFrozen.IsYes():
		return "security is frozen by the firmware: suspend and resume this PC, or plug the drive's power in again while it runs"
	case c.SecurityExpired.IsYes():
		return "too many passwords were tried: power the drive off and on"
	case enhanced && !c.SecurityEnhanced.IsYes():
		return "enhanced erase is not shown to be supported"
	}
	return ""
}

// unlockOurs tries the published password once on a drive that is locked: an
// interrupted run of ours, on this PC or another, left it so. A foreign password
// is not guessed.
func (w *work) unlockOurs(ctx context.Context, t ata.Transport, res *StepResult) (bool, error) {
	if err := w.intent(ctx, stepName(w.current), "SECURITY UNLOCK", map[string]string{"password": PublishedPassword}); err != nil {
		return false, err
	}
	if err := ata.SecurityUnlock(ctx, t, ata.UserPassword, publishedPassword()); err != nil {
		return false, w.refuse(res, "the drive is locked with a password that is not ours ("+err.Error()+"): ask who set it, or destroy the drive")
	}
	res.Notes = append(res.Notes, "found locked with this program's published password, and unlocked")
	return true, nil
}

// setPassword records serial and password durably, then sets it.
func (w *work) setPassword(ctx context.Context, t ata.Transport, res *StepResult, planned PlannedStep) error {
	args := map[string]string{"serial": w.drive, "password": PublishedPassword, "for": string(planned.Technique)}
	if err := w.intent(ctx, stepName(w.current), "SECURITY SET PASSWORD", args); err != nil {
		return err
	}
	var refused *ata.CommandError
	err := ata.SecuritySetPassword(ctx, t, publishedPassword())
	if errors.As(err, &refused) {
		return w.refuse(res, err.Error())
	}
	if err != nil {
		// Whether it was set is not known: the drive is asked, and freed.
		w.release(ctx, t, res)
		return fmt.Errorf("%s: set password: %w", w.drive, err)
	}
	return nil
}

// eraseUnit sends the erase and asks the drive afresh what came of it.
func (w *work) eraseUnit(ctx context.Context, t ata.Transport, res *StepResult, enhanced bool, takes time.Duration) error {
	if err := w.intent(ctx, stepName(w.current), "SECURITY ERASE UNIT", map[string]any{"enhanced": enhanced}); err != nil {
		return err
	}
	w.say(Event{Phase: PhaseDevice, Step: w.current + 1, Left: takes})
	// The command blocks until the drive is done and cannot be taken back: a
	// stop request waits for it, for a power cut in between locks the drive.
	err := ata.SecurityEraseUnit(context.WithoutCancel(ctx), t, ata.SecurityErase{
		Identifier: ata.UserPassword, Password: publishedPassword(), Enhanced: enhanced, Timeout: eraseTimeout(takes),
	})
	caps, look := w.securityState(context.WithoutCancel(ctx))
	switch {
	case err == nil && look == nil && caps.SecurityEnabled.IsNo() && caps.SecurityLocked.IsNo():
		res.Status, res.RawStatus = rules.StepCompleted, "SECURITY ERASE UNIT ended well; IDENTIFY DEVICE: not enabled, not locked"
		return nil
	case err == nil:
		err = fmt.Errorf("ended well, but IDENTIFY DEVICE shows enabled %s, locked %s", caps.SecurityEnabled, caps.SecurityLocked)
	}
	res.Status, res.RawStatus = rules.StepFailed, err.Error()
	w.release(context.WithoutCancel(ctx), t, res)
	return fmt.Errorf("%s: SECURITY ERASE UNIT: %w", w.drive, errors.Join(err, look))
}

// release unlocks the drive and takes away the password that we set, so that no
// failure leaves a drive that nobody can open.
func (w *work) release(ctx context.Context, t ata.Transport, res *StepResult) {
	caps, err := w.securityState(ctx)
	if err != nil {
		w.fault(err)
		return
	}
	if caps.SecurityLocked.IsYes() {
		if err := ata.SecurityUnlock(ctx, t, ata.UserPassword, publishedPassword()); err != nil {
			w.fault(fmt.Errorf("%s: unlock after a failed erase: %w: the password is %q", w.drive, err, PublishedPassword))
			return
		}
	}
	if caps.SecurityEnabled.IsNo() {
		return
	}
	if err := ata.SecurityDisablePassword(ctx, t, ata.UserPassword, publishedPassword()); err != nil {
		w.fault(fmt.Errorf("%s: take the password away after a failed erase: %w: the password is %q", w.drive, err, PublishedPassword))
		return
	}
	res.Notes = append(res.Notes, "the password that this program had set was taken away again")
}

// eraseTime is the drive's own estimate; 0 when it reports none.
func eraseTime(c devices.ATACaps, enhanced bool) time.Duration {
	if enhanced {
		return c.EnhancedEraseTime
	}
	return c.EraseTime
}

// eraseTimeout is three times the drive's own estimate, with room for drives
// whose estimate is far too small; a day where there is none.
func eraseTimeout(takes time.Duration) time.Duration {
	if takes == 0 {
		return 24 * time.Hour
	}
	return max(3*takes, time.Hour)
}
