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

// security is one SECURITY ERASE UNIT on its way.
type security struct {
	*work
	t        ata.Transport
	res      *StepResult
	enhanced bool
	takes    time.Duration // the drive's own estimate; 0: none
	ours     bool          // the password that is set is the published one
}

// securityErase is SECURITY SET PASSWORD, ERASE PREPARE, ERASE UNIT (ACS-4 §7.43
// to §7.49). It is completed only when the command ended well and a fresh
// IDENTIFY DEVICE shows security neither enabled nor locked.
func securityErase(enhanced bool) executor {
	return func(ctx context.Context, w *work, _ PlannedStep, res *StepResult) error {
		road := w.conn.ATA()
		if road == nil {
			return w.refuse(res, noATA)
		}
		s := &security{work: w, t: ataWire{wire{res}, road}, res: res, enhanced: enhanced}
		caps, err := w.securityState(ctx)
		if err != nil {
			return broken(res, err)
		}
		if why := securityObstacle(caps, enhanced); why != "" {
			return w.refuse(res, why)
		}
		s.takes = eraseTime(caps, enhanced)
		for _, act := range []func(context.Context, devices.ATACaps) error{s.takeOver, s.setPassword, s.eraseUnit} {
			if err := act(ctx, caps); err != nil || res.Status == rules.StepRefused {
				return err
			}
		}
		return nil
	}
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
		return both("ATAセキュリティ機能への対応が示されていません。", "The security feature set is not shown to be supported.") + " " + adviceOtherWay
	case c.SecurityFrozen.IsYes():
		return both("ファームウェアがATAセキュリティを凍結しています。", "The firmware froze ATA security.") + " " + adviceUnfreeze
	case c.SecurityExpired.IsYes():
		return both("パスワードの試行回数を超えています。", "Too many passwords were tried.") + " " + advicePowerCycle
	case enhanced && !c.SecurityEnhanced.IsYes():
		return both("拡張消去への対応が示されていません。", "Enhanced erase is not shown to be supported.") + " " + adviceOtherWay
	case !c.SecurityFrozen.IsNo() || !c.SecurityEnabled.IsNo() && !c.SecurityEnabled.IsYes() || !c.SecurityLocked.IsNo() && !c.SecurityLocked.IsYes():
		return both("ATAセキュリティの状態が不明です。", "The state of ATA security is not known.") + " " + adviceMoveToSATA
	}
	return ""
}

// takeOver tries the published password, once, on a drive that has one set: an
// interrupted run of ours, on this PC or another, left it so. A foreign password
// is not guessed.
func (s *security) takeOver(ctx context.Context, c devices.ATACaps) error {
	name, send := "SECURITY UNLOCK", ata.SecurityUnlock
	open := func(c devices.ATACaps) bool { return c.SecurityLocked.IsNo() }
	switch {
	case c.SecurityLocked.IsYes():
	case c.SecurityEnabled.IsYes(): // set, and unlocked since power on
		name, send = "SECURITY DISABLE PASSWORD", ata.SecurityDisablePassword
		open = func(c devices.ATACaps) bool { return c.SecurityEnabled.IsNo() }
	default:
		return nil
	}
	if err := s.intent(ctx, stepName(s.current), name, s.args()); err != nil {
		return err
	}
	hold := context.WithoutCancel(ctx)
	sent := send(hold, s.t, ata.UserPassword, publishedPassword())
	now, err := s.securityState(hold) // some roads lose the answer: only the state tells
	switch {
	case err != nil:
		return broken(s.res, errors.Join(sent, err))
	case open(now):
		s.ours = now.SecurityEnabled.IsYes()
		s.res.Notes = append(s.res.Notes, both("本ソフトウェアの公開パスワードが設定されていたため、解除しました。",
			"This program's published password was set: it was opened with it."))
		return nil
	}
	return s.refuse(s.res, both("他者が設定したパスワードがあります。", "A password is set that is not ours.")+" ("+name+": "+errText(sent)+") "+adviceForeign)
}

// args is what makes a password recoverable: whose it is, and what it is.
func (s *security) args() map[string]string {
	return map[string]string{"serial": s.drive, "password": PublishedPassword}
}

// setPassword records serial and password durably, then sets it. From here on
// nothing is cancelled half way: that would leave a locked drive behind.
func (s *security) setPassword(ctx context.Context, _ devices.ATACaps) error {
	if s.ours {
		return nil
	}
	if err := s.intent(ctx, stepName(s.current), "SECURITY SET PASSWORD", s.args()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	hold := context.WithoutCancel(ctx)
	sent := ata.SecuritySetPassword(hold, s.t, publishedPassword())
	if sent == nil {
		return nil
	}
	// Only a fresh answer tells whether it was set: some roads lose registers.
	if now, err := s.securityState(hold); err == nil && now.SecurityEnabled.IsNo() {
		return s.refuse(s.res, both("ドライブがパスワードの設定を拒否しました。", "The drive refused the password.")+" ("+sent.Error()+") "+adviceOtherWay)
	}
	s.release(hold)
	return broken(s.res, fmt.Errorf("%s: SECURITY SET PASSWORD: %w", s.drive, sent))
}

// eraseUnit sends the erase and asks the drive afresh what came of it.
func (s *security) eraseUnit(ctx context.Context, _ devices.ATACaps) error {
	hold := context.WithoutCancel(ctx)
	if err := s.intent(ctx, stepName(s.current), "SECURITY ERASE UNIT", map[string]any{"enhanced": s.enhanced}); err != nil {
		s.release(hold) // begun by the password, which is journalled; not to be left set
		return err
	}
	s.sayBlocking(s.takes)
	// The command blocks until the drive is done and cannot be taken back: a
	// stop request waits for it, for a power cut in between locks the drive.
	sent := ata.SecurityEraseUnit(hold, s.t, ata.SecurityErase{
		Identifier: ata.UserPassword, Password: publishedPassword(), Enhanced: s.enhanced, Timeout: eraseTimeout(s.takes),
	})
	now, look := s.securityState(hold)
	if sent == nil && look == nil && now.SecurityEnabled.IsNo() && now.SecurityLocked.IsNo() {
		s.res.Status, s.res.RawStatus = rules.StepCompleted, "SECURITY ERASE UNIT ended well; IDENTIFY DEVICE: not enabled, not locked"
		return nil
	}
	if sent == nil && look == nil {
		sent = fmt.Errorf("ended well, but IDENTIFY DEVICE shows enabled %s, locked %s", now.SecurityEnabled, now.SecurityLocked)
	}
	s.release(hold)
	if s.untouched(hold, sent) {
		return s.refuse(s.res, both("ドライブが消去コマンドを拒否しました（変更なし）。", "The drive refused the erase; nothing was changed.")+" ("+sent.Error()+") "+adviceOtherWay)
	}
	s.res.Status, s.res.RawStatus = rules.StepFailed, errText(errors.Join(sent, look))
	return fmt.Errorf("%s: SECURITY ERASE UNIT: %w", s.drive, errors.Join(sent, look))
}

// sayBlocking shows a command that blocks, with the drive's own estimate.
func (w *work) sayBlocking(takes time.Duration) {
	if takes == 0 {
		takes = -1 // not known
	}
	w.say(Event{Phase: PhaseDevice, Step: w.current + 1, Left: takes})
}

// eraseTime is the drive's own estimate; 0 when it reports none.
func eraseTime(c devices.ATACaps, enhanced bool) time.Duration {
	if enhanced {
		return c.EnhancedEraseTime
	}
	return c.EraseTime
}

// eraseTimeout is three times the drive's own estimate, with room for drives
// whose estimate is far too small. The largest value of the old encoding means
// "that or more" (ACS-4 word 89: 508 minutes), and so does none at all.
func eraseTimeout(takes time.Duration) time.Duration {
	const longest = 96 * time.Hour
	if takes == 0 || takes == 508*time.Minute {
		return longest
	}
	return min(max(3*takes, time.Hour), 30*24*time.Hour)
}
