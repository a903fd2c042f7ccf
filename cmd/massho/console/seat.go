package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Seat is one terminal: the framebuffer, or a serial port set to raw mode by
// the caller.
type Seat struct {
	Name string // for errors
	RW   io.ReadWriter
	Canvas
	// Every is how often the picture is renewed: 4 times a second on a screen,
	// once on a serial line. 0 means a second.
	Every time.Duration
}

// Run shows the model on all seats until it ends, and returns what shall
// follow. A seat that fails leaves the others; when the last one has failed,
// Run returns the errors, and runs that were begun go on: the caller waits for
// them in its own World.Run.
func Run(ctx context.Context, w World, lang string, seats ...Seat) (End, error) {
	h := &house{model: New(ctx, w, lang)}
	models := make([]*seatModel, len(seats))
	for i, s := range seats {
		models[i] = &seatModel{house: h, seat: s, paint: painter{w: s.RW}}
		h.programs = append(h.programs, tea.NewProgram(models[i], options(ctx, s)...))
	}
	h.start(h.model.Init())
	errs := make([]error, len(seats))
	var all sync.WaitGroup
	for i, p := range h.programs {
		all.Go(func() {
			_, err := p.Run()
			if err = errors.Join(err, models[i].err, models[i].paint.close()); err != nil {
				errs[i] = fmt.Errorf("console %s: %w", seats[i].Name, err)
			}
		})
	}
	all.Wait()
	h.mu.Lock()
	defer h.mu.Unlock()
	if end, ok := h.model.Ended(); ok {
		return end, nil
	}
	return "", errors.Join(errs...)
}

// options leave Bubble Tea the keys and the loop. It draws nothing and asks the
// terminal nothing: lines with wide characters it would send whole four times a
// second, changed or not. This process's environment, signals and terminal are
// none of its business.
func options(ctx context.Context, s Seat) []tea.ProgramOption {
	return []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(struct{ io.Reader }{s.RW}), tea.WithOutput(io.Discard), tea.WithoutRenderer(),
		tea.WithEnvironment([]string{"TERM=xterm"}), tea.WithWindowSize(s.Cols, s.Rows), tea.WithoutSignalHandler(),
	}
}

// painter sends the lines of a frame that have changed.
type painter struct {
	w    io.Writer
	last []string
}

// Another screen, no cursor, and no wrapping at the right edge: every line is
// exactly as wide as the terminal. close undoes it.
const (
	openScreen  = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[m\x1b[2J"
	closeScreen = "\x1b[m\x1b[2J\x1b[H\x1b[?7h\x1b[?25h\x1b[?1049l"
)

// frame shows a frame. In one write, so that no half of it is ever seen.
func (p *painter) frame(text string) error {
	var b strings.Builder
	lines := strings.Split(text, "\n")
	if len(p.last) != len(lines) {
		b.WriteString(openScreen)
		p.last = make([]string, len(lines))
	}
	for i, l := range lines {
		if p.last[i] != l {
			fmt.Fprintf(&b, "\x1b[%d;1H%s", i+1, l)
			p.last[i] = l
		}
	}
	if b.Len() == 0 {
		return nil
	}
	if _, err := io.WriteString(p.w, b.String()); err != nil {
		return fmt.Errorf("draw: %w", err)
	}
	return nil
}

// forget makes the next frame a whole one: for a terminal that was plugged in
// late, or garbled.
func (p *painter) forget() { p.last = nil }

func (p *painter) close() error {
	if p.last == nil {
		return nil
	}
	if _, err := io.WriteString(p.w, closeScreen); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return nil
}

// house is one model with all its seats. What the model starts runs here and
// not in a seat: a seat may be unplugged while it goes on.
type house struct {
	mu       sync.Mutex
	model    *Model
	programs []*tea.Program
}

// redrawMsg asks a seat to draw itself.
type redrawMsg struct{}

// update gives a message to the model and starts what it asks for. When the
// model has ended every seat is sent home.
func (h *house) update(msg tea.Msg) {
	h.mu.Lock()
	cmd := h.model.Update(msg)
	_, ended := h.model.Ended()
	h.mu.Unlock()
	if ended {
		go h.tell(tea.QuitMsg{})
		return
	}
	h.start(cmd)
}

// start runs a command beside the seats, and then what comes of it.
func (h *house) start(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	go func() {
		switch msg := cmd().(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				h.start(c)
			}
		default:
			h.update(msg)
			h.tell(redrawMsg{})
		}
	}()
}

// tell sends msg to all seats. A seat that is gone takes nothing and keeps
// nobody waiting.
func (h *house) tell(msg tea.Msg) {
	for _, p := range h.programs {
		p.Send(msg)
	}
}

// seatModel is the Bubble Tea model of one seat: its size, and what it shows.
type seatModel struct {
	house *house
	seat  Seat
	paint painter
	err   error // why it can draw no more
}

func (s *seatModel) Init() tea.Cmd {
	return tea.Batch(func() tea.Msg { return redrawMsg{} }, s.tick())
}

func (s *seatModel) tick() tea.Cmd {
	every := s.seat.Every
	if every == 0 {
		every = time.Second
	}
	return tea.Tick(every, func(time.Time) tea.Msg { return tickMsg{} })
}

func (s *seatModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var next tea.Cmd
	switch msg := msg.(type) {
	case tickMsg:
		s.house.update(msg)
		next = s.tick()
	case redrawMsg:
	case tea.KeyPressMsg:
		if msg.String() == "ctrl+r" {
			s.paint.forget()
			break
		}
		s.house.update(msg)
		if len(s.house.programs) > 1 {
			go s.house.tell(redrawMsg{}) // the others see what was typed here
		}
	default:
		return s, nil
	}
	if s.err = s.draw(); s.err != nil {
		return s, tea.Quit
	}
	return s, next
}

// draw shows the model as it is now.
func (s *seatModel) draw() error {
	s.house.mu.Lock()
	frame := s.house.model.Render(s.seat.Canvas)
	s.house.mu.Unlock()
	return s.paint.frame(frame)
}

// View is for Bubble Tea, which draws nothing here.
func (s *seatModel) View() tea.View { return tea.NewView("") }
