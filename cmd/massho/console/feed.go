package console

import (
	"errors"
	"sync"

	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/session"
)

// graphPoints is how many rates the small graph keeps.
const graphPoints = 24

// feed gathers what the goroutines of the drives report until the screen asks.
// It never makes them wait for anything but its own lock.
type feed struct {
	mu     sync.Mutex
	drives map[string]*progress
	order  []string
	log    []wipe.Event // changes of phase and remarks, for the log
}

// progress is one drive on the screen.
type progress struct {
	last    wipe.Event
	rates   []float64 // bytes a second, oldest first
	outcome *session.Outcome
}

func newFeed() *feed { return &feed{drives: map[string]*progress{}} }

// expect lists a drive before its first event.
func (f *feed) expect(serial string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drives[serial] = &progress{last: wipe.Event{Drive: serial, Phase: wipe.PhaseIdentify, Left: -1}}
	for _, s := range f.order {
		if s == serial {
			return
		}
	}
	f.order = append(f.order, serial)
}

func (f *feed) observe(e wipe.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.drives[e.Drive]
	if !ok { // an unattended run names its drives itself
		p = &progress{}
		f.drives[e.Drive], f.order = p, append(f.order, e.Drive)
	}
	if p.last.Phase != e.Phase || p.last.Step != e.Step || p.last.Pass != e.Pass || e.Text != p.last.Text && e.Text != "" {
		f.log = append(f.log, e)
	}
	if p.last.Phase != e.Phase || p.last.Pass != e.Pass {
		p.rates = nil
	}
	if e.Rate > 0 {
		p.rates = append(p.rates, e.Rate)
		p.rates = p.rates[max(0, len(p.rates)-graphPoints):]
	}
	p.last = e
}

func (f *feed) done(o session.Outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	serial := o.Work.Plan.Target.Serial
	p, ok := f.drives[serial]
	if !ok {
		p = &progress{last: wipe.Event{Drive: serial}}
		f.drives[serial], f.order = p, append(f.order, serial)
	}
	p.outcome = &o
	p.last.Phase, p.last.Left = wipe.PhaseDone, -1
}

// errNoReport stands for a run of which nothing was reported: it must not look
// as if it went on, nor as if it were done.
var errNoReport = errors.New("the run ended without a report on this drive: treat it as not erased and look at the log (F3)")

// abandon gives drives that a call of Run left without an outcome one that says
// so.
func (f *feed) abandon(works []Confirmed, err error) {
	if err == nil {
		err = errNoReport
	}
	f.mu.Lock()
	var left []session.Outcome
	for _, c := range works {
		if p := f.drives[c.Work.Plan.Target.Serial]; p != nil && p.outcome == nil {
			left = append(left, session.Outcome{Work: c.Work, Err: err})
		}
	}
	if works == nil {
		for serial, p := range f.drives {
			if p.outcome == nil {
				o := session.Outcome{Err: err}
				o.Work.Plan.Target.Serial = serial
				left = append(left, o)
			}
		}
	}
	f.mu.Unlock()
	for _, o := range left {
		f.done(o)
	}
}

// snapshot copies the drives in the order in which they were started, and the
// log.
func (f *feed) snapshot() ([]progress, []wipe.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]progress, len(f.order))
	for i, s := range f.order {
		out[i] = *f.drives[s]
		out[i].rates = append([]float64(nil), f.drives[s].rates...)
	}
	return out, append([]wipe.Event(nil), f.log...)
}
