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
	"github.com/charmbracelet/colorprofile"
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
	errs := make([]error, len(seats))
	var all sync.WaitGroup
	for _, s := range seats {
		h.programs = append(h.programs, tea.NewProgram(&seatModel{house: h, seat: s}, options(ctx, s)...))
	}
	h.start(h.model.Init())
	for i, p := range h.programs {
		all.Go(func() {
			if _, err := p.Run(); err != nil {
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

// options keep Bubble Tea from looking at this process: its environment, its
// signals and its terminal are none of the console's business.
func options(ctx context.Context, s Seat) []tea.ProgramOption {
	return []tea.ProgramOption{
		// Nothing but a reader and a writer: Bubble Tea shall not see a file
		// that it would take for its terminal.
		tea.WithContext(ctx), tea.WithInput(struct{ io.Reader }{s.RW}), tea.WithOutput(&lineEnds{s.RW}),
		tea.WithEnvironment([]string{"TERM=xterm", "LANG=C.UTF-8"}),
		tea.WithColorProfile(colorprofile.ANSI), tea.WithWindowSize(s.Cols, s.Rows),
		tea.WithoutSignalHandler(), tea.WithFPS(10),
	}
}

// lineEnds writes \n as \r\n: on what it does not know for a terminal Bubble
// Tea takes that for granted.
type lineEnds struct{ w io.Writer }

func (l *lineEnds) Write(p []byte) (int, error) {
	if _, err := io.WriteString(l.w, strings.ReplaceAll(string(p), "\n", "\r\n")); err != nil {
		return 0, err
	}
	return len(p), nil
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

// seatModel is the Bubble Tea model of one seat: it has nothing but its size.
type seatModel struct {
	house *house
	seat  Seat
}

func (s *seatModel) Init() tea.Cmd { return s.tick() }

func (s *seatModel) tick() tea.Cmd {
	every := s.seat.Every
	if every == 0 {
		every = time.Second
	}
	return tea.Tick(every, func(time.Time) tea.Msg { return tickMsg{} })
}

func (s *seatModel) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg.(type) {
	case tickMsg:
		s.house.update(msg)
		return s, s.tick()
	case tea.KeyPressMsg:
		s.house.update(msg)
		if len(s.house.programs) > 1 {
			go s.house.tell(redrawMsg{}) // the others see what was typed here
		}
	}
	return s, nil
}

func (s *seatModel) View() tea.View {
	s.house.mu.Lock()
	defer s.house.mu.Unlock()
	v := tea.NewView(s.house.model.Render(s.seat.Canvas))
	v.AltScreen = true
	v.DisableBracketedPasteMode = true
	return v
}
