//go:build linux

package early

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Event is a uevent of the kernel: a device came, went or changed.
type Event struct {
	// Action is add, remove, change, bind, unbind, online, offline or move.
	Action string
	// DevPath is below /sys, Subsystem for instance "block".
	DevPath, Subsystem string
	// DevName is the node below /dev, when there is one.
	DevName string
	// Modalias is what drivers are matched with, when the device has one.
	Modalias string
}

// parseEvent reads a message of NETLINK_KOBJECT_UEVENT: "action@path", then
// KEY=value, each ended by NUL. Messages of udev begin otherwise.
func parseEvent(b []byte) (Event, bool) {
	fields := bytes.Split(b, []byte{0})
	action, path, ok := strings.Cut(string(fields[0]), "@")
	if !ok || action == "" || !strings.HasPrefix(path, "/") {
		return Event{}, false
	}
	ev := Event{Action: action, DevPath: path}
	for _, f := range fields[1:] {
		key, value, _ := strings.Cut(string(f), "=")
		switch key {
		case "SUBSYSTEM":
			ev.Subsystem = value
		case "DEVNAME":
			ev.DevName = value
		case "MODALIAS":
			ev.Modalias = value
		}
	}
	return ev, true
}

// watcher receives the kernel's uevents.
type watcher struct{ f *os.File }

// errLost says that the kernel dropped events: everything must be looked at
// again.
var errLost = errors.New("device events were lost")

// eventBuffer holds the events of a machine that finds 100 drives at once.
const eventBuffer = 8 << 20

func newWatcher() (*watcher, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_KOBJECT_UEVENT)
	if err != nil {
		return nil, fmt.Errorf("watch devices: socket: %w", err)
	}
	// Without the privilege for the large buffer the small one must do: what
	// it loses is noticed, see errLost.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, eventBuffer); err != nil && !errors.Is(err, unix.EPERM) {
		return nil, errors.Join(fmt.Errorf("watch devices: buffer: %w", err), unix.Close(fd))
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: 1}); err != nil {
		return nil, errors.Join(fmt.Errorf("watch devices: bind: %w", err), unix.Close(fd))
	}
	return &watcher{f: os.NewFile(uintptr(fd), "uevent")}, nil
}

func (w *watcher) close() error { return w.f.Close() }

// next waits for an event until ctx ends. An event that came in time is never
// dropped for ctx.
func (w *watcher) next(ctx context.Context) (Event, error) {
	deadline, _ := ctx.Deadline() // the zero time means no deadline
	if err := w.f.SetReadDeadline(deadline); err != nil {
		return Event{}, err
	}
	stop := context.AfterFunc(ctx, func() {
		// A deadline in the past wakes the reader; it then sees ctx.
		_ = w.f.SetReadDeadline(time.Unix(1, 0))
	})
	defer stop()
	b := make([]byte, 64<<10)
	for {
		n, err := w.f.Read(b)
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if ctx.Err() != nil {
				return Event{}, ctx.Err()
			}
			// Woken for the ctx of the call before, or a moment too early.
			if err := w.f.SetReadDeadline(deadline); err != nil {
				return Event{}, err
			}
			continue
		case errors.Is(err, unix.ENOBUFS):
			return Event{}, errLost
		case err != nil:
			return Event{}, err
		}
		if ev, ok := parseEvent(b[:n]); ok {
			return ev, nil
		}
	}
}
