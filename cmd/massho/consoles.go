package main

import (
	"bytes"
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
	mu      sync.Mutex
	out     []*os.File
	readers sync.WaitGroup
	gone    chan struct{} // closed: readers are to end
	away    bool          // the full-screen console has the terminals
	later   bytes.Buffer  // what was printed meanwhile
	lines   chan []byte
	rest    []byte
}

// openConsoles opens the screen and the serial port, whichever are there.
func openConsoles() (*consoles, error) {
	c := &consoles{lines: make(chan []byte, 16)}
	return c, c.open()
}

func (c *consoles) open() error {
	c.gone = make(chan struct{})
	c.out = nil
	var errs []error
	for _, path := range []string{"/dev/tty1", "/dev/ttyS0"} {
		f, err := openTerminal(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		c.out = append(c.out, f)
		c.readers.Go(func() { c.read(f, c.gone) })
	}
	if len(c.out) == 0 {
		return fmt.Errorf("no console: %w", errors.Join(errs...))
	}
	return nil
}

// openTerminal opens a terminal so that Close wakes a pending Read: the runtime
// polls it, which File.Fd would end.
func openTerminal(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err == nil {
		if e := raw.Control(func(fd uintptr) { _, err = unix.IoctlGetTermios(int(fd), unix.TCGETS) }); e != nil {
			err = e
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: not a terminal: %w", path, err), f.Close())
	}
	return f, nil
}

// read passes on what is typed at one terminal until it is gone.
func (c *consoles) read(r io.Reader, gone chan struct{}) {
	buf := make([]byte, 1024)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			select {
			case c.lines <- append([]byte(nil), buf[:n]...):
			case <-gone:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// release lets go of all terminals, so that nothing else reads or writes them.
// What is printed from now on is kept for retake.
func (c *consoles) release() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = true
	close(c.gone)
	var errs []error
	for _, f := range c.out {
		errs = append(errs, f.Close())
	}
	c.readers.Wait()
	return errors.Join(errs...)
}

// retake opens the terminals again and prints what was kept.
func (c *consoles) retake() error {
	c.mu.Lock()
	err := c.open()
	c.away = err != nil
	kept := append([]byte(nil), c.later.Bytes()...)
	if err == nil {
		c.later.Reset()
	}
	c.mu.Unlock()
	if err != nil || len(kept) == 0 {
		return err
	}
	_, err = c.Write(kept)
	return err
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
	if c.away {
		return c.later.Write(p)
	}
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
