package fbterm

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Options say what a Terminal is made of.
type Options struct {
	// FB is the framebuffer, usually /dev/fb0.
	FB string
	// TTY is the virtual terminal whose keyboard is read, usually /dev/tty1.
	// It should be the one that is in front.
	TTY string
	// Font is the fixed-width font, a TrueType or OpenType file.
	Font []byte
	// Fallback fonts draw characters that Font lacks.
	Fallback [][]byte
	// Cell overrides the size that ChooseCell finds.
	Cell CellSize
	// Keymap is the layout of the keyboard, KeymapUS when empty.
	Keymap Keymap
}

// Terminal is a framebuffer and a keyboard. Read and Write may run at the same
// time; each by one goroutine at a time.
type Terminal struct {
	screen   *Screen
	render   *Renderer
	fb       *framebuffer
	canvas   Canvas
	keyboard *keyboard

	mu     sync.Mutex // painting
	closed bool
	pump   sync.WaitGroup
}

var _ io.ReadWriteCloser = (*Terminal)(nil)

// Open takes screen and keyboard; Close gives them back. Nothing stays changed
// when it returns an error. ErrNoFont means that the program has no font.
func Open(o Options) (_ *Terminal, err error) {
	t := &Terminal{}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	if t.fb, err = openFramebuffer(o.FB); err != nil {
		return nil, err
	}
	if o.Cell == (CellSize{}) {
		o.Cell = ChooseCell(t.fb.width, t.fb.height)
	}
	if t.render, err = NewRenderer(o.Cell, append([][]byte{o.Font}, o.Fallback...)...); err != nil {
		return nil, err
	}
	cols, rows := t.fb.width/o.Cell.W, t.fb.height/o.Cell.H
	if t.screen, err = NewScreen(cols, rows); err != nil {
		return nil, fmt.Errorf("framebuffer of %dx%d pixels: %w", t.fb.width, t.fb.height, err)
	}
	if o.Keymap == "" {
		o.Keymap = KeymapUS
	}
	if t.keyboard, err = openKeyboard(o.TTY, o.Keymap); err != nil {
		return nil, err
	}
	t.canvas = centred{t.fb, (t.fb.width - cols*o.Cell.W) / 2, (t.fb.height - rows*o.Cell.H) / 2}
	t.fb.clear()
	t.pump.Go(t.pumpKeys)
	return t, t.paint()
}

// pumpKeys carries typed bytes to the screen's input until the keyboard closes.
func (t *Terminal) pumpKeys() {
	buf := make([]byte, 256)
	for {
		n, err := t.keyboard.Read(buf)
		if n > 0 {
			t.screen.Type(translateKeys(buf[:n]))
		}
		if err != nil {
			if errors.Is(err, os.ErrClosed) {
				err = io.EOF
			} else {
				err = fmt.Errorf("keyboard: read: %w", err)
			}
			t.screen.input.close(err)
			return
		}
	}
}

// Size is in cells.
func (t *Terminal) Size() (cols, rows int) { return t.screen.Size() }

// Pixels is the size of the framebuffer.
func (t *Terminal) Pixels() (width, height int) { return t.fb.width, t.fb.height }

// Read returns what was typed, and the terminal's answers to queries. It
// returns io.EOF once the terminal is closed. If the keyboard can no longer be
// read it says so, and Write goes on working.
func (t *Terminal) Read(p []byte) (int, error) { return t.screen.Read(p) }

// Write shows terminal output and returns when it is on the screen.
func (t *Terminal) Write(p []byte) (int, error) {
	n, err := t.screen.Write(p)
	if err != nil {
		return n, err
	}
	return n, t.paint()
}

// Repaint draws every cell again, for when something else drew over them.
func (t *Terminal) Repaint() error {
	t.mu.Lock()
	t.render.Forget()
	t.mu.Unlock()
	return t.paint()
}

func (t *Terminal) paint() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return errors.New("terminal: write: closed")
	}
	t.render.Paint(t.screen, t.canvas)
	return nil
}

// SetKeymap changes the layout of the keyboard.
func (t *Terminal) SetKeymap(m Keymap) error { return t.keyboard.SetKeymap(m) }

// Close restores keyboard and text mode. It wakes a pending Read. Closing
// twice is allowed.
func (t *Terminal) Close() error {
	t.mu.Lock()
	if t.closed {
		t.mu.Unlock()
		return nil
	}
	t.closed = true
	t.mu.Unlock()
	var errs []error
	if t.keyboard != nil {
		errs = append(errs, t.keyboard.Close())
		t.pump.Wait()
	}
	if t.screen != nil {
		errs = append(errs, t.screen.Close())
	}
	if t.fb != nil {
		errs = append(errs, t.fb.Close())
	}
	return errors.Join(errs...)
}
