package wipe

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/tcg"
	"github.com/massho/massho/wipe/rules"
)

func init() { executors[rules.TechTCGRevert] = runTCGRevert }

// runTCGRevert returns the drive's TPer to its factory state (Opal SSC, Revert on
// the Admin SP): locking ends, and where the drive encrypts its media the key is
// another one. The authority is the PSID from the label, or on a drive that
// nobody took the SID with its default PIN. What it may claim is decided by the
// canaries and the key conditions, never by the answer alone.
func runTCGRevert(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
	r := &revertRun{work: w, res: res}
	if err := r.find(ctx); err != nil || res.Status == rules.StepRefused {
		return err
	}
	if why := r.obstacle(planned); why != "" {
		return w.refuse(res, why)
	}
	t, cred, err := r.open(ctx)
	if err != nil || res.Status == rules.StepRefused {
		return err
	}
	if err := w.intent(ctx, stepName(w.current), "TCG RevertTPer", r.intent(cred)); err != nil {
		return err
	}
	w.say(Event{Phase: PhaseDevice, Step: w.current + 1, Left: -1})
	// It cannot be taken back: a stop request waits for the answer.
	return r.judge(context.WithoutCancel(ctx), t.RevertTPer(context.WithoutCancel(ctx), cred.Authority, cred.PIN))
}

// revertRun is one revert on its way.
type revertRun struct {
	*work
	res    *StepResult
	road   tcg.Transport
	before tcg.Discovery
}

// roads are the ways to the TPer, the one that no kernel filters first.
func (r *revertRun) roads() []tcg.Transport {
	var out []tcg.Transport
	if t := r.conn.NVMe(); t != nil {
		out = append(out, tcg.OverNVMe(nvmeWire{wire{r.res}, t}))
	}
	if t := r.conn.SCSI(); t != nil {
		out = append(out, tcg.OverSCSI(scsiWire{wire{r.res}, t}))
	}
	if t := r.conn.ATA(); t != nil {
		out = append(out, tcg.OverATA(ataWire{wire{r.res}, t}))
	}
	return out
}

// find asks Level 0 Discovery afresh: what Detect saw may be of another start.
func (r *revertRun) find(ctx context.Context) error {
	var all error
	for _, road := range r.roads() {
		d, _, err := tcg.Discover(ctx, road)
		if err == nil {
			r.road, r.before = road, d
			return nil
		}
		if devices.Gone(err) || ctx.Err() != nil {
			return fmt.Errorf("%s: TCG Level 0 Discovery: %w", r.drive, err)
		}
		all = errors.Join(all, err)
	}
	return r.refuse(r.res, tcgNoRoad.why(all))
}

// obstacle is why a revert would not do what the plan wants of it.
func (r *revertRun) obstacle(planned PlannedStep) string {
	switch {
	case !r.before.Revertable():
		return tcgOtherClass.why(fmt.Errorf("%s", r.before.SSCName()))
	case planned.Canaries && !r.before.Locking.MediaEncryption.IsYes():
		return tcgNoEncryption.why(nil)
	}
	return ""
}

// open starts the conversation and settles whose authority is used. Nothing is
// changed by it, so whatever fails here is a refusal.
func (r *revertRun) open(ctx context.Context) (*tcg.TPer, tcg.Credential, error) {
	none := tcg.Credential{}
	t, err := tcg.Open(ctx, r.road, r.before, r.sleep)
	if err != nil {
		return nil, none, r.unopened(ctx, err)
	}
	if r.job.PSID != "" {
		psid, err := tcg.ParsePSID(r.job.PSID)
		if err != nil {
			return nil, none, r.refuse(r.res, tcgTyped.why(err))
		}
		return t, tcg.Credential{Authority: tcg.AuthorityPSID, PIN: psid}, nil
	}
	if !r.before.BlockSID.Owned.IsNo() {
		return nil, none, r.refuse(r.res, tcgNoPSID.why(nil))
	}
	msid, err := t.MSID(ctx)
	if err != nil {
		return nil, none, r.unopened(ctx, err)
	}
	return t, tcg.Credential{Authority: tcg.AuthoritySID, PIN: msid}, nil
}

func (r *revertRun) unopened(ctx context.Context, err error) error {
	if devices.Gone(err) || ctx.Err() != nil {
		return fmt.Errorf("%s: %w", r.drive, err)
	}
	return r.refuse(r.res, tcgRefused(err, r.before))
}

// intent is what the journal keeps: that a PIN was used, and never which.
func (r *revertRun) intent(cred tcg.Credential) map[string]any {
	authority := "PSID, typed from the label"
	if cred.Authority == tcg.AuthoritySID {
		authority = "SID, with the default PIN (MSID)"
	}
	return map[string]any{"authority": authority, "characters": len(cred.PIN), "ssc": r.before.SSCName(),
		"mediaEncryption": r.before.Locking.MediaEncryption.String(), "locked": r.before.Locking.Locked.String(),
		"blockSID": r.before.BlockSID.Blocked.String()}
}

// judge holds the answer against what Level 0 Discovery shows afterwards.
func (r *revertRun) judge(ctx context.Context, answer error) error {
	var refused *tcg.StatusError
	if errors.As(answer, &refused) && unchanged(refused) {
		return r.refuse(r.res, tcgRefused(answer, r.before))
	}
	after, asked := r.settled(ctx)
	open := after.Locking.Locked.IsNo() && after.Locking.Enabled.IsNo()
	r.res.RawStatus = fmt.Sprintf("TCG Revert: %s; Level 0 Discovery: locked %s, locking enabled %s, MediaEncryption %s",
		answerWord(answer), after.Locking.Locked, after.Locking.Enabled, after.Locking.MediaEncryption)
	switch {
	case answer == nil && asked == nil && open:
		r.res.Status = rules.StepCompleted
	case answer == nil && asked == nil:
		r.res.Status = rules.StepFailed
		return fmt.Errorf("%s: TCG Revert reported SUCCESS, and the drive is still locked", r.drive)
	case answer == nil:
		r.res.Status = rules.StepUnconfirmed
		return fmt.Errorf("%s: TCG Level 0 Discovery after the revert: %w", r.drive, asked)
	case asked == nil && open && r.before.Locking.Enabled.IsYes():
		// The answer was lost on the way; the drive tells all the same.
		r.res.Status = rules.StepCompleted
		r.res.Notes = append(r.res.Notes, both("応答は失われたが、ドライブはロックされていない状態に戻っていた。",
			"The answer was lost; the drive is back in its factory state all the same.")+" ("+answer.Error()+")")
	default:
		r.res.Status = rules.StepFailed
		return fmt.Errorf("%s: %w", r.drive, errors.Join(answer, asked))
	}
	return nil
}

func answerWord(err error) string {
	if err == nil {
		return "SUCCESS"
	}
	return err.Error()
}

// unchanged: the TPer refused before it began. Any other status of Revert itself
// leaves open what was changed.
func unchanged(e *tcg.StatusError) bool {
	switch e.Status {
	case tcg.StatusNotAuthorized, tcg.StatusAuthorityLocked, tcg.StatusNoSessions, tcg.StatusSPBusy, tcg.StatusInvalidParameter:
		return true
	}
	return e.Method != "Revert"
}

// How long a data removal may go on behind the revert's answer.
const (
	removalPause  = 5 * time.Second
	removalGiveUp = 12 * time.Hour
)

// settled asks Level 0 Discovery until no data removal is going on any more
// (feature 0404h: Pyrite 2 and Opal 2.02 drives may work on behind their answer).
func (r *revertRun) settled(ctx context.Context) (tcg.Discovery, error) {
	began := r.Now()
	for {
		d, _, err := tcg.Discover(ctx, r.road)
		if err != nil || !d.Removal.Processing.IsYes() {
			return d, err
		}
		r.res.SeenInProgress = true
		if r.Now().Sub(began) > removalGiveUp {
			return d, fmt.Errorf("the data removal does not end")
		}
		if err := r.sleep(ctx, removalPause); err != nil {
			return d, err
		}
	}
}
