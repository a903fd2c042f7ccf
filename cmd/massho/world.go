package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/fonts"
	"github.com/massho/massho/cmd/massho/console"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// remarks are what was said so far, for the console's log.
type remarks struct {
	mu    sync.Mutex
	lines []console.LogLine
}

func (r *remarks) add(ja, en string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, console.LogLine{At: now(), Text: rules.Label{Ja: ja, En: en}})
}

func (r *remarks) all() []console.LogLine {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.lines)
}

// world is a sitting as the full-screen console sees it. What the console wants
// at once is kept in memory under mu, which nobody holds while something slow is
// done; what is slow is done under setup or under no lock.
type world struct {
	s     *sitting
	said  *remarks
	facts console.Facts
	keys  func(layout string) error // nil: the keyboard cannot be changed
	sleep func(context.Context, time.Duration) error

	repaint func() error // draws the screen again; nil: there is none

	setup  sync.Mutex // clock, people and the making of sessions
	people []certs.Person

	mu       sync.Mutex
	gen      uint64
	gone     bool // the evidence place's medium is away
	pulled   bool // it was pulled since it was last looked at
	battery  bool
	past     *past
	sessions map[*session.Session]bool
	stops    map[string]context.CancelFunc // by serial
	errs     []error                       // of the drives that have ended
	clock    clockChoice                   // a copy of the sitting's
	trainee  *world

	runs  sync.WaitGroup // everything that a sitting must not end before
	loops sync.WaitGroup
}

var _ console.World = (*world)(nil)

// newWorld makes the console's world of a sitting whose case is loaded. It fails
// on whatever would keep a paper from being issued.
func newWorld(s *sitting) (*world, error) {
	id, err := s.files.identity(s.plan.c)
	if err != nil {
		return nil, err
	}
	// Only what keeps a paper from being issued is wanted of it.
	if _, err := s.stationFor(nil); err != nil {
		return nil, err
	}
	w := &world{s: s, said: s.said, sessions: map[*session.Session]bool{}, stops: map[string]context.CancelFunc{}}
	if w.said == nil {
		w.said = &remarks{}
	}
	c := s.plan.c
	w.facts = console.Facts{
		Version: version(), Case: c.Case, Signed: c.Signed, Pack: s.plan.pack, Policy: c.policy(), Host: s.plan.host,
		Stick: id.id, Training: id.training, Unattended: c.Signed && c.Unattended, Built: built(),
		MaySuspend: s.find != nil && mayUnfreeze("/"),
		MayTrain:   !id.training && fonts.Available() == nil,
	}
	return w, nil
}

func (w *world) Facts() console.Facts { return w.facts }

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return now().Add(w.clock.correction)
}

// Clock is the reading at the start and the time since: the hardware clock goes on
// at the same pace.
func (w *world) Clock() time.Time {
	c := w.s.state.Clock
	if c.RTCErr != nil || c.RTC.IsZero() || c.System.IsZero() {
		return time.Time{}
	}
	return c.RTC.Add(now().Sub(c.System))
}

func (w *world) Generation() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.gen
}

func (w *world) Log() []console.LogLine { return w.said.all() }

// Plan is the planner's work with what the person said of the drive.
func (w *world) Plan(d console.Drive, a console.Answers) (session.Work, error) {
	p := w.s.plan
	p.category, p.accept = a.Category, a.Accept
	return p.work(d.Device)
}

// Explain is the text that every command prints.
func (w *world) Explain(err error, lang string) string {
	a := *w.s.app
	a.lang = lang
	return a.errorText(err)
}

func (w *world) SetClock(c console.ClockChoice) error {
	var chosen clockChoice
	switch c.Reading {
	case "utc":
		chosen = clockChoice{"utc", 0, true}
	case "jst":
		chosen = clockChoice{"jst", -9 * time.Hour, true}
	case "typed":
		chosen = clockChoice{"typed", c.Typed.Sub(now()), true}
	default:
		return fmt.Errorf("set the clock: reading %q is not known", c.Reading)
	}
	w.setup.Lock()
	defer w.setup.Unlock()
	w.s.chosen = chosen
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = chosen
	return nil
}

// SetPeople names who is here on all papers from now on. With it everything is
// known that a paper needs, so papers that an earlier start left out are issued.
func (w *world) SetPeople(all []console.Attendee) error {
	var people []certs.Person
	for _, a := range all {
		p, err := w.person(a)
		if err != nil {
			return err
		}
		people = append(people, p)
	}
	w.setup.Lock()
	w.people = people
	w.setup.Unlock()
	return w.latePapers()
}

// person is an attendee as a paper names them.
func (w *world) person(a console.Attendee) (certs.Person, error) {
	if a.OffRoster {
		return certs.Person{Role: a.Role, ID: a.ID, OffRoster: true}, nil
	}
	p, err := w.s.plan.c.person(a.ID)
	p.Role = a.Role
	return p, err
}

// Detect lists every drive with its refusals, its line of the roster, and what an
// earlier start did to it.
func (w *world) Detect(ctx context.Context) ([]console.Drive, error) {
	devs, err := w.s.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return nil, err
	}
	past, err := w.earlier()
	if err != nil {
		w.said.add("以前の作業の記録を読めません: "+w.Explain(err, "ja"), "earlier journals cannot be read: "+w.Explain(err, "en"))
	}
	env := w.s.environment(devs)
	var out []console.Drive
	for _, d := range devs {
		x := console.Drive{Device: d, Refusals: devices.Refusals(d, env), Remark: past.remark(d)}
		if a, ok := session.Assign(w.s.plan.c.Case, w.s.plan.host, d); ok {
			x.Assigned = &a
		}
		out = append(out, x)
	}
	return out, nil
}

// SetKeyboard changes the layout of the screen's keyboard.
func (w *world) SetKeyboard(layout string) error {
	if w.keys == nil {
		return fail(exitError, "この端末ではキーボードの種類を変えられません。", "The keyboard layout cannot be changed at this terminal.")
	}
	return w.keys(layout)
}

// errNoSuspend: only the stick's own start may put the PC to sleep.
var errNoSuspend = fail(exitChoiceNeeded,
	"ここからはPCをスリープさせられません。起動用USBから起動したときだけ使えます。ドライブのSATA電源コネクタを抜き差しする方法を使ってください。",
	"The PC cannot be put to sleep from here, only when it was started from the stick. Plug the drive's SATA power out and in instead.")

// Suspend sleeps to lift a freeze. Nobody looks for the stick meanwhile: its place
// is closed and opened again by the sleep itself.
func (w *world) Suspend(ctx context.Context) error {
	if w.s.find == nil {
		return errNoSuspend
	}
	w.mu.Lock()
	running := len(w.stops) + len(w.sessions)
	w.mu.Unlock()
	w.s.find.mu.Lock()
	err := w.quiet().unfreeze(ctx, running)
	w.s.find.mu.Unlock()
	if w.repaint != nil {
		err = errors.Join(err, w.repaint())
	}
	return err
}

// end waits for everything that was begun and returns the error that decides the
// exit code.
func (w *world) end() error {
	w.runs.Wait()
	w.mu.Lock()
	trainee := w.trainee
	err := worst(w.errs)
	w.mu.Unlock()
	if trainee != nil {
		_ = trainee.end() // nothing real was done
	}
	return err
}

// note keeps how a drive ended.
func (w *world) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.errs = append(w.errs, err)
	w.past = nil
}

// open and closed bracket the time in which a session may have open journals.
func (w *world) open(s *session.Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sessions[s] = true
}

func (w *world) closed(s *session.Session) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.sessions, s)
	w.past = nil
}

// active are the sessions of now.
func (w *world) active() []*session.Session {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Collect(maps.Keys(w.sessions))
}

// quiet is a copy of the sitting that prints nothing.
func (w *world) quiet() *sitting {
	a := *w.s.app
	a.out, a.err = io.Discard, io.Discard
	s := *w.s
	s.app = &a
	return &s
}
