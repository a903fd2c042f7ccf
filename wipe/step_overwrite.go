package wipe

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

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
	first := w.job.Resume.passesDone(w.current)
	res.Passes = append(res.Passes, w.job.Resume.passes(w.current)...)
	for n := first; n < len(planned.Passes); n++ {
		pass, start, err := w.pass(ctx, n, planned.Passes[n], res)
		if err != nil {
			return err
		}
		args := passArgs{n + 1, len(planned.Passes), pass.Kind.String(), passKey(pass), start, w.conn.Size(), w.res.Before.Identity.Sectors}
		if err := w.intent(ctx, stepName(w.current), "overwrite pass", args); err != nil {
			return err
		}
		rep, err := overwrite.Write(ctx, w.conn, pass, w.writeOptions(n, len(planned.Passes), start))
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
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		res.Status = rules.StepInterrupted
	default:
		res.Status = rules.StepFailed
	}
	return fmt.Errorf("%s: overwrite: %d of %d bytes: %w", w.drive, rep.Done, rep.End, err)
}

// pass is what pass n writes and where it starts: a fresh single-use key, or
// after a power cut the journalled one and the last flushed offset.
func (w *work) pass(ctx context.Context, n int, kind PassKind, res *StepResult) (overwrite.Pass, int64, error) {
	if p, flushed, ok := w.job.Resume.unfinishedPass(w.current, n); ok {
		return p, w.resumeAt(ctx, p, flushed, res), nil
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
func (w *work) resumeAt(ctx context.Context, p overwrite.Pass, flushed int64, res *StepResult) int64 {
	if flushed == 0 {
		return 0
	}
	o := w.options()
	o.Start, o.End = max(0, flushed-resumeWindow), flushed
	rep, err := overwrite.Verify(ctx, w.conn, p, o)
	if err == nil && rep.Clean() {
		res.Notes = append(res.Notes, fmt.Sprintf("resumed at byte %d; the last %d bytes before it read back as written", flushed, o.End-o.Start))
		return flushed
	}
	res.Notes = append(res.Notes, fmt.Sprintf("what was flushed before byte %d did not read back as written (%s): the pass was written again from the beginning", flushed, errText(err)))
	return 0
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
func (w *work) writeOptions(n, passes int, start int64) overwrite.Options {
	o := w.options()
	o.Start = start
	o.CheckpointEvery = w.checkpointEvery()
	o.Checkpoint = func(p overwrite.Progress) error {
		if err := w.recheck(context.Background()); err != nil {
			return err
		}
		w.note(journal.TypeProgress, journal.ProgressPayload{
			Drive: w.drive, Step: stepName(w.current), Pass: n + 1, Offset: p.Flushed, Bytes: p.Done - start,
		})
		return nil
	}
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

// meter turns the data path's progress into events, with rate and time left.
func (w *work) meter(e Event, start int64) func(overwrite.Progress) {
	est := overwrite.NewEstimator(start, w.conn.Size(), w.conn.Size(), w.mediaKind())
	var last overwrite.Progress
	return func(p overwrite.Progress) {
		est.Add(p.Elapsed, p.Done)
		e.Done, e.Total, e.Elapsed, e.Bad = p.Done, p.Total, p.Elapsed, overwrite.Sectors(p.Bad)
		e.Left = -1
		if left, ok := est.Left(); ok {
			e.Left = left
		}
		if d := p.Elapsed - last.Elapsed; d > 0 {
			e.Rate = float64(p.Done-last.Done) / d.Seconds()
		}
		last = p
		w.say(e)
	}
}

func (w *work) mediaKind() overwrite.Medium {
	return mediaKind(w.job.Plan.Target.Transport, w.res.Before.Caps.Rotational)
}
