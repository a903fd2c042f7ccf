package wipe

import (
	"context"
	"slices"
	"time"

	"github.com/massho/massho/wipe/overwrite"
)

// checkpoint is what is done every ten seconds of a pass, with the target
// flushed: the same drive still answers, the evidence medium is looked for where
// it is away, the drive's health is read, and progress is recorded.
func (w *work) checkpoint(ctx context.Context, record func(overwrite.Progress)) func(overwrite.Progress) error {
	return func(p overwrite.Progress) error {
		// Also the last one after a stop looks: within the guard's grace.
		if err := w.recheck(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		if w.Rejoin != nil && !w.job.Journal.Durable() {
			w.Rejoin(w.job.Journal)
		}
		if record != nil && (p.Flushed == p.Total || w.pace.due(w.Now(), w.checkpointEvery(), w.job.Journal.Free())) {
			record(p)
		}
		return w.watchHealth(ctx)
	}
}

// pace spaces the progress records so that they never fill the journal: each
// time half of the room that was left is used, they come half as often. The
// target is flushed and looked at all the same.
type pace struct {
	every time.Duration
	last  time.Time
	room  int64 // free when every was last doubled
}

// leastRoom is when no more progress is recorded: a resume then goes on from the
// last place that was.
const leastRoom = 16 << 10

func (p *pace) due(now time.Time, every time.Duration, free int64) bool {
	if p.room == 0 {
		p.every, p.room = every, free
	}
	if free < p.room/2 {
		p.every, p.room = 2*p.every, free
	}
	if free < leastRoom || !p.last.IsZero() && now.Sub(p.last) < p.every {
		return false
	}
	p.last = now
	return true
}

// badList remembers which bad and passed-over sectors of a pass were recorded:
// each record holds only what is new, so that many bad sectors do not fill the
// journal. A reader takes all records of a pass together.
type badList struct{ bad, notDone []overwrite.Range }

func (b *badList) fresh(p overwrite.Progress) (bad, notDone [][2]int64) {
	bad, notDone = newRanges(b.bad, p.Bad), newRanges(b.notDone, p.NotDone)
	b.bad, b.notDone = slices.Clone(p.Bad), slices.Clone(p.NotDone)
	return bad, notDone
}

// newRanges are those of now that were not told before just so: one that grew is
// told again as a whole.
func newRanges(before, now []overwrite.Range) [][2]int64 {
	known := make(map[overwrite.Range]bool, len(before))
	for _, r := range before {
		known[r] = true
	}
	var out [][2]int64
	for _, r := range now {
		if !known[r] {
			out = append(out, [2]int64{r.LBA, r.Count})
		}
	}
	return out
}
