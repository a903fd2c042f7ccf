package console

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// End is what the person wants when the console closes.
type End string

// The ends.
const (
	EndPowerOff End = "poweroff"
	EndShell    End = "shell"
)

// Model is the console's state. Update and Render are its only doors; both must
// be called by one goroutine at a time (seats share a lock).
type Model struct {
	ctx   context.Context
	world World
	facts Facts

	lang     string
	keyboard string
	page     page
	over     page // help, log, large mode, a question: lies over the page
	notice   notice
	end      End

	now    time.Time
	status Status
	feed   *feed

	people []Attendee
	drives []Drive
	gen    uint64 // World.Generation when drives were listed
	looks  looking
	marked map[string]bool // driveKey of those chosen
	round  *round          // the drives being classified and confirmed now

	running int      // calls of Run that have not returned
	runErr  error    // what the last one returned
	started []string // serials, in order
	word    string   // challenge word, as recorded
	wordAt  time.Time
	code    struct { // the QR code that was drawn last
		text    string
		modules modules
	}
}

// looking is how far the list of drives is.
type looking int

const (
	lookNever looking = iota
	lookNow
	lookDone
)

// notice is one line above the footer, until the next key.
type notice struct {
	text  string
	style style
}

// New returns the console's model at its first screen. ctx ends what it starts.
func New(ctx context.Context, w World, lang string) *Model {
	m := &Model{ctx: ctx, world: w, lang: lang, feed: newFeed(), marked: map[string]bool{}}
	m.meet(w)
	return m
}

// meet takes up a world: at the start, or a training one.
func (m *Model) meet(w World) {
	m.world, m.facts = w, w.Facts()
	m.keyboard = m.facts.Keyboard
	m.now, m.status = w.Now(), w.Status()
	m.page = &clockPage{}
	if m.facts.Unattended && m.facts.Signed {
		m.page = newAutoPage(m.now)
	}
}

// Init starts what the first screen needs.
func (m *Model) Init() tea.Cmd { return m.page.enter(m) }

// Ended reports whether the console is done, and what shall follow.
func (m *Model) Ended() (End, bool) { return m.end, m.end != "" }

// Messages of the model's own.
type (
	tickMsg     struct{}
	detectedMsg struct {
		drives []Drive
		gen    uint64
		err    error
	}
	runEndedMsg struct {
		works []Confirmed // nil: an unattended run names its drives itself
		err   error
	}
	actedMsg struct {
		err  error
		then func(*Model) tea.Cmd
	}
)

// keyPress is one key: its name ("enter", "f1", "a") and the text it types.
type keyPress struct{ name, text string }

// Update takes one message and returns what is to be done beside the screen.
func (m *Model) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyPressMsg:
		return m.press(keyPress{msg.String(), msg.Text})
	case tickMsg:
		return m.tick()
	case detectedMsg:
		return m.detected(msg)
	case runEndedMsg:
		m.running--
		m.feed.abandon(msg.works, msg.err)
		if msg.err != nil {
			m.runErr = msg.err
			m.complain(msg.err)
		}
		return m.settle()
	case actedMsg:
		if msg.err != nil {
			m.complain(msg.err)
			return nil
		}
		if msg.then != nil {
			return msg.then(m)
		}
	}
	return nil
}

// press gives a key to what is in front.
func (m *Model) press(k keyPress) tea.Cmd {
	m.notice = notice{}
	if cmd, done := m.global(k); done {
		return cmd
	}
	if m.over != nil {
		return m.over.key(m, k)
	}
	return m.page.key(m, k)
}

// tick looks at the world again.
func (m *Model) tick() tea.Cmd {
	m.now, m.status = m.world.Now(), m.world.Status()
	var cmds []tea.Cmd
	if m.looks == lookDone && m.world.Generation() != m.gen {
		cmds = append(cmds, m.detect())
	}
	if t, ok := m.page.(ticker); ok {
		cmds = append(cmds, t.tick(m))
	}
	cmds = append(cmds, m.settle())
	return tea.Batch(cmds...)
}

// settle goes on from progress to results when nothing runs any more and
// nothing lies over the screen that a person is reading or typing into.
func (m *Model) settle() tea.Cmd {
	if _, ok := m.page.(*progressPage); ok && m.running == 0 && m.over == nil {
		return m.goTo(&resultsPage{})
	}
	return nil
}

// goTo shows another page. A message stays until it is acknowledged.
func (m *Model) goTo(p page) tea.Cmd {
	m.page = p
	if _, ok := m.over.(*messagePage); !ok {
		m.over = nil
	}
	return p.enter(m)
}

// act does something slow beside the screen; what it did not manage is said.
func (m *Model) act(do func() error, then func(*Model) tea.Cmd) tea.Cmd {
	return func() tea.Msg { return actedMsg{do(), then} }
}

// detect lists the drives again, once at a time.
func (m *Model) detect() tea.Cmd {
	if m.looks == lookNow {
		return nil
	}
	m.looks = lookNow
	ctx, w, gen := m.ctx, m.world, m.world.Generation()
	return func() tea.Msg {
		drives, err := w.Detect(ctx)
		return detectedMsg{drives, gen, err}
	}
}

// t is a sentence in the chosen language.
func (m *Model) t(ja, en string) string {
	if m.lang == "en" {
		return en
	}
	return ja
}

// note is a rule's note in the chosen language.
func (m *Model) note(n rules.Note) string { return n.In(m.lang) }

// say shows a notice; complain shows what went wrong and what to do.
func (m *Model) say(ja, en string) { m.notice = notice{m.t(ja, en), bold} }

func (m *Model) refuse(ja, en string) { m.notice = notice{"！ " + m.t(ja, en), caution} }

// complain shows an error over the page until it is acknowledged: it may be
// long, and it may not be missed.
func (m *Model) complain(err error) { m.message(strings.TrimSpace(m.world.Explain(err, m.lang))) }

// message lays text over the page, below what is there unread already.
func (m *Model) message(text string) {
	if p, ok := m.over.(*messagePage); ok {
		text = p.text + "\n\n" + text
	}
	m.over = &messagePage{text: text}
}

// outcomes are the ended runs in the order in which they were started.
func (m *Model) outcomes() []session.Outcome {
	all, _ := m.feed.snapshot()
	var out []session.Outcome
	for _, p := range all {
		if p.outcome != nil {
			out = append(out, *p.outcome)
		}
	}
	return out
}
