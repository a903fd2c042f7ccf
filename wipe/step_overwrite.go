package wipe

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/overwrite"
	"github.com/massho/massho/wipe/rules"
)

// passArgs is the intent of one pass: enough to go on after a power cut and to
// write the same bytes again.
type passArgs struct {
	Pass    int    `json:"pass"` // from 1
	Of      int    `json:"of"`
	Kind    string `json:"kind"`
	Key     string `json:"key"` // hex; the pattern of a constant pass
	Start   int64  `json:"start"`
	End     int64  `json:"end"`
	Sectors uint64 `json:"sectors"`
}

// overwriteStep writes the planned passes over every LBA that the host can
// address.
func overwriteStep(ctx context.Context, w *work, planned PlannedStep, res *StepResult) error {
	res.Passes = append(res.Passes, w.job.Resume.passes(w.current)...)
	for n := len(res.Passes); n < len(planned.Passes); n++ {
		pass, start, err := w.pass(ctx, n, planned.Passes[n], res)
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("%s: overwrite: pass %d was not begun: %w", w.drive, n+1, err)
		}
		args := passArgs{n + 1, len(planned.Passes), pass.Kind.String(), passKey(pass), start, w.conn.Size(), w.res.Before.Identity.Sectors}
		if err := w.intent(ctx, stepName(w.current), "overwrite pass", args); err != nil {
			return err
		}
		rep, err := overwrite.Write(ctx, w.conn, pass, w.writeOptions(ctx, n, len(planned.Passes), start))
		rep = w.job.Resume.withEarlier(w.current, n, start, int64(w.conn.SectorSize()), w.asFarAs(rep, err))
		res.Passes = append(res.Passes, PassResult{pass, rep})
		res.Bytes += uint64(rep.Bytes)
		w.note(journal.TypeResult, passPayload{w.drive, stepName(w.current), n + 1, rep, errText(err)})
		if err := w.judgePass(rep, err, res); err != nil {
			return err
		}
	}
	res.RandomPasses = countPasses(planned.Passes, PassRandom)
	res.ConstantPasses = countPasses(planned.Passes, PassConstant)
	res.Status = rules.StepCompleted
	return nil
}

// asFarAs takes from the report of a call that was interrupted what it had not
// come to: that is not done yet, and not passed over.
func (w *work) asFarAs(rep overwrite.Report, err error) overwrite.Report {
	if err == nil || !interrupts(err) {
		return rep
	}
	rep.NotDone = slices.DeleteFunc(rep.NotDone, func(r overwrite.Range) bool { return r.LBA*int64(w.conn.SectorSize()) >= rep.Done })
	return rep
}

// passPayload is the result of one pass.
type passPayload struct {
	Drive  string           `json:"drive"`
	Step   string           `json:"step"`
	Pass   int              `json:"pass"`
	Report overwrite.Report `json:"report"`
	Error  string           `json:"error,omitempty"`
}

// judgePass tells an interruption from a failure. Bad sectors alone end nothing:
// they are listed, and the facts say that they were not written.
func (w *work) judgePass(rep overwrite.Report, err error, res *StepResult) error {
	if err == nil {
		return nil
	}
	if !interrupts(err) {
		res.Status = rules.StepFailed
	}
	return fmt.Errorf("%s: overwrite: %d of %d bytes: %w", w.drive, rep.Done, rep.End, err)
}

// pass is what pass n writes and where it starts: a fresh single-use key, or
// after a power cut the journalled one and the last flushed offset.
func (w *work) pass(ctx context.Context, n int, kind PassKind, res *StepResult) (overwrite.Pass, int64, error) {
	if o, ok := w.job.Resume.unfinishedPass(w.current, n); ok {
		start, err := w.resumeAt(ctx, o, res)
		return o.pass, start, err
	}
	if kind == PassConstant {
		return overwrite.Fill(0), 0, nil
	}
	p := overwrite.Pass{Kind: overwrite.Random}
	if _, err := io.ReadFull(w.Random, p.Key[:]); err != nil {
		return p, 0, fmt.Errorf("%s: overwrite: draw a key: %w", w.drive, err)
	}
	return p, 0, nil
}

// resumeWindow is how much of what was flushed before a power cut is read again
// before it is believed.
const resumeWindow = 64 << 20

// resumeAt is where an interrupted pass goes on: at the last flushed offset when
// what was flushed last is still there, else from the beginning. The whole pass
// is read back at its end all the same.
func (w *work) resumeAt(ctx context.Context, p *openPass, res *StepResult) (int64, error) {
	sector := int64(w.conn.SectorSize())
	if p.flushed <= 0 || p.flushed > w.conn.Size() || p.flushed%sector != 0 {
		return 0, nil
	}
	o := w.options()
	o.Start, o.End = max(0, p.flushed-resumeWindow), p.flushed
	rep, err := overwrite.Verify(ctx, w.conn, p.pass, o)
	if err != nil && (interrupts(err) || errors.Is(err, overwrite.ErrGone)) {
		return 0, fmt.Errorf("%s: read what was flushed last: %w", w.drive, err)
	}
	if err == nil && len(rep.Mismatched) == 0 && p.explain(rep) {
		res.Notes = append(res.Notes, fmt.Sprintf(both(
			"中断された上書きを%[1]dバイト目から再開しました。その直前の%[2]dバイトは書いたとおりに読み戻せました。",
			"Resumed at byte %[1]d; the last %[2]d bytes before it read back as written."), p.flushed, o.End-o.Start))
		return p.flushed, nil
	}
	res.Notes = append(res.Notes, fmt.Sprintf(both(
		"%[1]dバイト目より前に書いたはずの内容が読み戻せなかったため、この回の上書きを最初からやり直しました。%[2]s",
		"What was flushed before byte %[1]d did not read back as written: the pass was written again from its beginning. %[2]s"), p.flushed, errText(err)))
	return 0, nil
}

// explain reports whether everything that could not be read was known as bad.
func (p *openPass) explain(rep overwrite.Report) bool {
	known := union(slices.Concat(p.bad, p.notDone))
	for _, r := range slices.Concat(rep.BadRanges, rep.NotDone) {
		if !slices.ContainsFunc(known, func(k overwrite.Range) bool { return k.LBA <= r.LBA && r.End() <= k.End() }) {
			return false
		}
	}
	return true
}

// passKey is the key, or the pattern, in hex.
func passKey(p overwrite.Pass) string {
	if p.Kind == overwrite.Random {
		return hex.EncodeToString(p.Key[:])
	}
	return hex.EncodeToString(p.Pattern)
}

// writeOptions are the data path's options with this run's journal, clock and
// screen behind them.
func (w *work) writeOptions(ctx context.Context, n, passes int, start int64) overwrite.Options {
	o := w.options()
	o.Start = start
	o.CheckpointEvery = w.checkpointEvery()
	var told badList
	o.Checkpoint = w.checkpoint(ctx, func(p overwrite.Progress) {
		bad, notDone := told.fresh(p)
		w.note(journal.TypeProgress, journal.ProgressPayload{
			Drive: w.drive, Step: stepName(w.current), Pass: n + 1, Offset: p.Flushed, Bytes: p.Done - start, Bad: bad, NotDone: notDone,
		})
	})
	o.Progress = w.meter(Event{Phase: PhaseWrite, Step: w.current + 1, Pass: n + 1, Passes: passes}, start)
	return o
}

// options are those of every pass and every reading on this drive.
func (w *work) options() overwrite.Options {
	o := overwrite.OptionsFor(w.mediaKind(), w.Now)
	o.Gone = devices.Gone
	if w.Budget > 0 {
		o.Budget.Time = w.Budget
	}
	if w.Chunk > 0 {
		o.Chunk = w.Chunk
	}
	if w.Depth > 0 {
		o.Depth = w.Depth
	}
	return o
}

// mediaKind chooses order and depth of the requests.
func mediaKind(t devices.Transport, rotational support.State) overwrite.Medium {
	switch {
	case t == devices.TransportUSB:
		return overwrite.USB
	case rotational.IsYes():
		return overwrite.Rotating
	case rotational.IsNo():
		return overwrite.SolidState
	}
	return overwrite.Unknown
}

func (w *work) mediaKind() overwrite.Medium {
	return mediaKind(w.job.Plan.Device.Transport, w.res.Before.Caps.Rotational)
}
