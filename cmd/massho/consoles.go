package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// consoles is every terminal that a person may sit at: the screen with its
// keyboard and the serial port. What is printed goes to all of them; what is
// typed comes from any.
type consoles struct {
	mu    sync.Mutex
	out   []io.Writer
	lines chan []byte
	rest  []byte
}

// openConsoles opens the screen and the serial port, whichever are there.
func openConsoles() (*consoles, error) {
	c := &consoles{lines: make(chan []byte, 16)}
	var errs []error
	for _, path := range []string{"/dev/tty1", "/dev/ttyS0"} {
		f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if _, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS); err != nil {
			errs = append(errs, errors.Join(fmt.Errorf("%s: not a terminal: %w", path, err), f.Close()))
			continue
		}
		c.out = append(c.out, f)
		go c.read(f)
	}
	if len(c.out) == 0 {
		return nil, fmt.Errorf("no console: %w", errors.Join(errs...))
	}
	return c, nil
}

// read passes on what is typed at one terminal until it is gone.
func (c *consoles) read(r io.Reader) {
	buf := make([]byte, 1024)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			c.lines <- append([]byte(nil), buf[:n]...)
		}
		if err != nil {
			return
		}
	}
}

// Read gives what was typed at any terminal.
func (c *consoles) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		c.rest = <-c.lines
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// Write prints on all terminals. One that fails does not silence the others;
// only when all fail is it an error.
func (c *consoles) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, w := range c.out {
		if _, err := w.Write(p); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == len(c.out) {
		return 0, errors.Join(errs...)
	}
	return len(p), nil
}
