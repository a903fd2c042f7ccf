package wipe

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
)

// settle asks the drive first what it is doing: an erase that an earlier start
// began may still run (a device goes on by itself after a power cut), and an
// interrupted SECURITY ERASE UNIT leaves the drive locked with our published
// password. Nothing is read or written before it is at rest.
func (w *work) settle(ctx context.Context) error {
	waited, err := w.awaitEarlier(ctx)
	if err != nil {
		return err
	}
	freed, err := w.freeAfterCut(ctx)
	if err != nil || !waited && !freed {
		return err
	}
	if w.conn.ATA() == nil { // a SCSI drive has no capacity while it erases itself
		if err := w.rescan(ctx); err != nil {
			return err
		}
	}
	if err := w.sizeAgain(ctx); err != nil {
		return err
	}
	now, err := w.conn.Look(ctx)
	if err != nil {
		return fmt.Errorf("%s: identify: %w", w.drive, err)
	}
	if same, field := w.res.Before.Identity.Same(now.Identity); !same {
		return fmt.Errorf("%s: %s differs: %w", w.drive, field, ErrExchanged)
	}
	if w.job.Resume == nil {
		w.res.Before = now
	}
	return nil
}

// sizeAgain makes the host read the capacity again: of a drive that was erasing when
// the PC started it has none, or a smaller one.
func (w *work) sizeAgain(ctx context.Context) error {
	if w.job.Resume == nil || uint64(w.conn.Size()) >= w.res.Before.Identity.CapacityBytes() {
		return nil
	}
	if err := w.conn.Rescan(ctx); err != nil {
		return fmt.Errorf("%s: read the capacity again after the erase: %w", w.drive, err)
	}
	return nil
}

// awaitEarlier waits for an erase of the drive's own that is still running. How
// it ended does not matter: what another command did is not this run's to claim.
// One that the interrupted step itself began, and that the drive had accepted, is
// left to that step: it goes on where the drive is.
func (w *work) awaitEarlier(ctx context.Context) (bool, error) {
	if w.job.Resume.begun() {
		return false, nil
	}
	var asked StepResult
	ask := w.whatRuns(&asked)
	if p := w.job.Resume; ask == nil || p != nil && p.taken {
		return false, nil // what our own step started, that step waits for
	}
	st, err := ask(ctx)
	if err != nil && interrupts(err) {
		return false, err
	}
	if err != nil || !st.running.IsYes() {
		return false, nil // an error here is the step's to judge, which asks again
	}
	var earlier StepResult
	if err := w.poll(ctx, &earlier, "earlier erase", st, ask); err != nil && interrupts(err) {
		return false, err
	}
	w.res.Prepared = append(w.res.Prepared, asked.Commands...)
	w.res.Notes = append(w.res.Notes, both(
		"以前に始まった装置内部の消去がまだ動いていたため、その終了を待ちました。結果は主張に用いていません。",
		"An erase of the drive's own that had begun before was still running and was waited for; nothing is claimed by it."))
	return true, nil
}

// whatRuns is the question for a background erase on this drive's interface; nil
// where it has none.
func (w *work) whatRuns(res *StepResult) probe {
	a, s := w.res.Before.Caps.ATA, w.res.Before.Caps.SCSI
	switch {
	case w.conn.NVMe() != nil:
		t := nvmeWire{wire{res}, w.conn.NVMe()}
		return func(ctx context.Context) (eraseState, error) {
			log, _, err := nvme.SanitizeStatus(ctx, t)
			return nvmeState(log), err
		}
	case w.conn.ATA() != nil && anyYes(a.SanitizeOverwrite, a.SanitizeBlock, a.SanitizeCrypto):
		return ataProbe(ataWire{wire{res}, w.conn.ATA()})
	case w.conn.ATA() == nil && w.conn.SCSI() != nil && anyYes(s.SanitizeOverwrite, s.SanitizeBlock, s.SanitizeCrypto, s.FormatUnit):
		return scsiProbe(scsiWire{wire{res}, w.conn.SCSI()})
	}
	return nil
}

func anyYes(states ...support.State) bool {
	for _, s := range states {
		if s.IsYes() {
			return true
		}
	}
	return false
}

// freeAfterCut takes away the password that an interrupted run of ours had set.
// The step that set it runs again, from its start.
func (w *work) freeAfterCut(ctx context.Context) (bool, error) {
	road := w.conn.ATA()
	if w.job.Resume == nil || road == nil {
		return false, nil
	}
	caps, err := w.securityState(ctx)
	if err != nil {
		return false, err
	}
	if !caps.SecurityEnabled.IsYes() || !w.job.Resume.passwordSet {
		return false, nil
	}
	if err := w.intent(ctx, "settle", "SECURITY UNLOCK, SECURITY DISABLE PASSWORD", map[string]string{"password": PublishedPassword}); err != nil {
		return false, err
	}
	var sent StepResult
	t := ataWire{wire{&sent}, road}
	err = freeDrive(ctx, t, caps)
	w.res.Prepared = append(w.res.Prepared, sent.Commands...)
	if err != nil && interrupts(err) {
		return false, err
	}
	if err != nil {
		// The step that needs it asks again, and says what to do.
		w.res.Notes = append(w.res.Notes, both("中断された消去が残したロックを、公開パスワードで解除できませんでした。",
			"The lock that an interrupted erase left could not be opened with the published password.")+" ("+PublishedPassword+": "+err.Error()+")")
		return false, nil
	}
	w.res.Notes = append(w.res.Notes, both("中断された消去が残したロックを、本ソフトウェアの公開パスワードで解除しました。",
		"The lock that an interrupted erase left was opened with this program's published password."))
	return true, nil
}

// freeDrive unlocks with the published password, if need be, and disables it.
func freeDrive(ctx context.Context, t ata.Transport, caps devices.ATACaps) error {
	if caps.SecurityLocked.IsYes() {
		if err := ata.SecurityUnlock(ctx, t, ata.UserPassword, publishedPassword()); err != nil {
			return err
		}
	}
	return ata.SecurityDisablePassword(ctx, t, ata.UserPassword, publishedPassword())
}
