package wipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// release unlocks the drive and takes away the password that we set, so that no
// failure leaves a drive that nobody can open. What cannot be undone is said
// with the password.
func (s *security) release(ctx context.Context) {
	caps, err := s.securityState(ctx)
	if err != nil {
		s.stuck("read the security state after a failed erase", err)
		return
	}
	if caps.SecurityLocked.IsYes() {
		if err := ata.SecurityUnlock(ctx, s.t, ata.UserPassword, publishedPassword()); err != nil {
			s.stuck("unlock after a failed erase", err)
			return
		}
	}
	if caps.SecurityEnabled.IsNo() {
		return
	}
	if err := ata.SecurityDisablePassword(ctx, s.t, ata.UserPassword, publishedPassword()); err != nil {
		s.stuck("take the password away after a failed erase", err)
		return
	}
	s.res.Notes = append(s.res.Notes, both("設定した公開パスワードを取り除きました。", "The password that this program had set was taken away again."))
}

// stuck keeps the error that may leave the drive locked, with the way out.
func (s *security) stuck(op string, err error) {
	s.fault(fmt.Errorf("%s: %s: %w: %s", s.drive, op, err, both(
		"ドライブは公開パスワード「"+PublishedPassword+"」でロックされている可能性があります。電源を入れ直し、もう一度このソフトウェアで消去してください。",
		"the drive may be locked with the published password \""+PublishedPassword+"\": power it off and on, and erase it with this program again")))
}

// untouched reports whether a refused erase left the drive as it was: it stopped
// before ERASE UNIT, or the drive aborted that and every planted mark is still
// there. Only then may the next technique speak for the medium.
func (s *security) untouched(ctx context.Context, sent error) bool {
	var refused *ata.CommandError
	if !errors.As(sent, &refused) {
		return false
	}
	if refused.Command.Command == ata.CmdSecurityPrepare {
		return true
	}
	if len(s.marks.LBAs) == 0 {
		return false
	}
	rep, err := canary.Check(ctx, s.conn, s.marks, false, s.buf)
	s.note(journal.TypeCanary, canaryPayload{Drive: s.drive, Step: stepName(s.current), Check: &rep, Error: errText(err)})
	if err != nil || len(rep.Survivors) != len(s.marks.LBAs) {
		return false
	}
	s.res.Canaries = &rules.CanaryCheck{Read: rep.Read, Survivors: uint64(len(rep.Survivors))}
	return true
}
