package fbterm

import (
	"fmt"
	"io"
	"strings"
	"sync"
)

// Screen is a terminal without a device: a program's output goes in by Write
// and becomes cells; what the program is answered, and what Type adds, comes
// out by Read.
type Screen struct {
	b       *backend
	emu     emulator
	filter  filter
	input   *queue
	answers sync.WaitGroup
}

// NewScreen returns an empty screen. The caller must Close it.
func NewScreen(cols, rows int) (*Screen, error) {
	if cols < 2 || rows < 2 {
		return nil, fmt.Errorf("screen of %d columns and %d rows: too small", cols, rows)
	}
	s := &Screen{b: newBackend(cols, rows), input: newQueue()}
	s.emu = newEmulator(s.b)
	if err := s.emu.Start(); err != nil {
		return nil, fmt.Errorf("terminal emulator: start: %w", err)
	}
	s.answers.Go(s.pumpAnswers)
	return s, nil
}

// pumpAnswers empties the emulator's own queue, on which it would otherwise
// block, until the emulator stops.
func (s *Screen) pumpAnswers() {
	buf := make([]byte, 256)
	for {
		n, err := s.emu.Read(buf)
		s.input.add(buf[:n])
		if err != nil {
			return
		}
	}
}

// Write takes terminal output and returns when the cells show it.
func (s *Screen) Write(p []byte) (int, error) {
	if _, err := s.emu.Write(s.filter.run(p)); err != nil {
		return 0, fmt.Errorf("screen: write: %w", err)
	}
	return len(p), nil
}

// Read waits for typed bytes and for the emulator's answers to queries. It
// returns io.EOF once the screen is closed and all is read.
func (s *Screen) Read(p []byte) (int, error) { return s.input.read(p) }

// Type makes bytes readable as if they had been typed.
func (s *Screen) Type(p []byte) { s.input.add(p) }

// Close ends the emulator and wakes a blocked Read.
func (s *Screen) Close() error {
	err := s.emu.Stop()
	s.answers.Wait()
	s.input.close(io.EOF)
	return err
}

// Size is in cells.
func (s *Screen) Size() (cols, rows int) { return s.b.grid.cols, s.b.grid.rows }

// Cell returns what is at a column and row, both from 0.
func (s *Screen) Cell(x, y int) Cell {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	if !s.b.grid.has(x, y) {
		return blankCell()
	}
	return *s.b.grid.at(x, y)
}

// Text is the screen as lines, without the blanks at their ends.
func (s *Screen) Text() string {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	lines := make([]string, s.b.grid.rows)
	for y := range lines {
		var b strings.Builder
		for x := range s.b.grid.cols {
			b.WriteString(s.b.grid.at(x, y).Text)
		}
		lines[y] = strings.TrimRight(b.String(), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// snapshot copies the cells into dst, with the cursor marked.
func (s *Screen) snapshot(dst []Cell) []Cell {
	s.b.mu.Lock()
	defer s.b.mu.Unlock()
	dst = append(dst[:0], s.b.grid.cells...)
	if s.b.cursor {
		i := s.b.y*s.b.grid.cols + s.b.x
		if dst[i].Width == 0 && i > 0 {
			i--
		}
		dst[i].Attr |= cursorHere
	}
	return dst
}
