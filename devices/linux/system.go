//go:build linux

package linux

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
)

// DefaultPerDrive is how long Detect waits for one drive before it lists it as
// unreadable.
const DefaultPerDrive = 45 * time.Second

// System is the machine this program runs on.
type System struct {
	tree  tree
	ioctl ioctlFunc
	// limit is the time that one drive has.
	limit func(context.Context, found) (context.Context, context.CancelFunc)

	mu   sync.Mutex
	open map[*conn]devices.Device // as looked at when opened
}

var _ devices.System = (*System)(nil)

// Option changes a System at its making.
type Option func(*System)

// WithPerDrive sets how long Detect waits for one drive.
func WithPerDrive(d time.Duration) Option {
	return func(s *System) {
		s.limit = func(ctx context.Context, _ found) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, d)
		}
	}
}

// NewSystem returns the machine this program runs on. It needs root for what
// it is there for.
func NewSystem(opts ...Option) *System {
	s := &System{
		tree:  tree{sys: "/sys", proc: "/proc", dev: "/dev"},
		ioctl: kernelIoctl,
		open:  map[*conn]devices.Device{},
	}
	WithPerDrive(DefaultPerDrive)(s)
	for _, o := range opts {
		o(s)
	}
	return s
}

// errExchanged says that the node in /dev leads to another device than sysfs
// shows under this name.
var errExchanged = errors.New("the device node leads to another device: drives were exchanged meanwhile")

// openNode opens /dev/<name> and makes sure that it is the device that sysfs
// shows under that name.
func (s *System) openNode(f found, flags int) (*os.File, error) {
	path := filepath.Join(s.tree.dev, filepath.Base(f.dev.Path))
	fd, err := unix.Open(path, flags|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: f.dev.Path, Err: err}
	}
	file := os.NewFile(uintptr(fd), f.dev.Path)
	var st syscall.Stat_t
	if err := syscall.Fstat(fd, &st); err != nil {
		return nil, closing(file, &os.PathError{Op: "stat", Path: f.dev.Path, Err: err})
	}
	now := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	if st.Mode&syscall.S_IFMT != syscall.S_IFBLK || now != f.rdev {
		return nil, closing(file, fmt.Errorf("%s is %s, sysfs says %s: %w", f.dev.Path, now, f.rdev, errExchanged))
	}
	return file, nil
}

// closing closes f on the way out with err; nothing was written, so a failure
// to close adds nothing.
func closing(f *os.File, err error) error {
	_ = f.Close()
	return err
}

// find is the device that sysfs shows now under d's name, and all others.
func (s *System) find(d devices.Device) (f found, all []devices.Device, err error) {
	var opt devices.DetectOptions
	if d.Transport == devices.TransportLoop {
		opt.Loop = []string{d.Name}
	}
	fs, err := s.tree.walk(opt)
	if err != nil {
		return found{}, nil, err
	}
	for _, x := range fs {
		all = append(all, x.dev)
		if x.dev.Name == d.Name {
			f = x
		}
	}
	if f.dev.Name == "" {
		return found{}, nil, devices.Refuse(devices.CodeVanished, d)
	}
	return f, all, nil
}

// snapshot asks one device, within the time that each has.
func (s *System) snapshot(ctx context.Context, f found) devices.Device {
	if !f.ask {
		return f.dev
	}
	if d, ok := s.opened(f.dev); ok {
		return d
	}
	done := make(chan devices.Device, 1)
	bounded, cancel := s.limit(ctx, f)
	defer cancel()
	go func() { done <- s.probe(bounded, f) }()
	select {
	case d := <-done:
		return d
	case <-bounded.Done():
		// The question hangs in the kernel and cannot be called back. Its
		// goroutine ends with it; what it brings then is dropped.
		return unreadable(f.dev, fmt.Errorf("no answer in time: %w", bounded.Err()))
	}
}

// opened is the snapshot of a device of which this System has a part open.
func (s *System) opened(now devices.Device) (devices.Device, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	other := false
	for _, d := range s.open {
		if d.Name == now.Name && d.SysPath == now.SysPath {
			now.Stack.FSUUIDs, now.Stack.Unread = d.Stack.FSUUIDs, d.Stack.Unread
			d.Stack, d.ReadOnly = now.Stack, now.ReadOnly
			return d, true
		}
		other = other || devices.SameMedium(d, now)
	}
	if other {
		return unreadable(now, errors.New("another part of the same medium is being worked on")), true
	}
	return now, false
}

func (s *System) keep(c *conn, d devices.Device) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[c] = d
}

func (s *System) drop(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}
