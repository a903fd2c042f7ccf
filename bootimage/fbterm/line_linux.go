package fbterm

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Line is a serial port in raw mode: what is written goes out as it is, what
// comes in is read byte by byte. A terminal of unknown make is at its end.
type Line struct {
	f       *os.File
	restore func(fd int) error
}

// OpenLine takes a serial port (or any other terminal device). Its speed stays
// as the kernel command line set it.
func OpenLine(path string) (*Line, error) {
	f, err := openTTY(path)
	if err != nil {
		return nil, fmt.Errorf("serial line: %w", err)
	}
	l := &Line{f: f}
	err = control(f, func(fd int) (err error) {
		l.restore, err = makeRaw(fd)
		return err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serial line %s: %w", path, err), f.Close())
	}
	return l, nil
}

// Read waits for what is typed.
func (l *Line) Read(p []byte) (int, error) { return l.f.Read(p) }

// Write sends terminal output.
func (l *Line) Write(p []byte) (int, error) { return l.f.Write(p) }

// Close gives the line back as it was. It wakes a pending Read.
func (l *Line) Close() error { return errors.Join(control(l.f, l.restore), l.f.Close()) }

// openTTY opens a terminal without waiting for a carrier and without making it
// ours. It is non-blocking, so that Close wakes a pending Read.
func openTTY(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// control runs fn on the descriptor without taking it out of the poller.
func control(f *os.File, fn func(fd int) error) error {
	c, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := c.Control(func(fd uintptr) { inner = fn(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// makeRaw is cfmakeraw(3); restore undoes it.
func makeRaw(fd int) (restore func(fd int) error, err error) {
	old, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, os.NewSyscallError("TCGETS", err)
	}
	t := *old
	t.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	t.Oflag &^= unix.OPOST
	t.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8 | unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	if err := unix.IoctlSetTermios(fd, unix.TCSETS, &t); err != nil {
		return nil, os.NewSyscallError("TCSETS", err)
	}
	return func(fd int) error { return os.NewSyscallError("TCSETS", unix.IoctlSetTermios(fd, unix.TCSETS, old)) }, nil
}
