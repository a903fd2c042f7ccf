package session

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
)

// How long a drive may take to be opened, and to be let go.
const (
	openLimit  = 5 * time.Minute
	closeLimit = 5 * time.Second
)

// after is the watchdog's clock: the runner's.
func (s *Session) after(d time.Duration) <-chan time.Time {
	if s.Runner.After != nil {
		return s.Runner.After(d)
	}
	return time.After(d)
}

// open takes the exclusive descriptor. A drive that does not answer holds nobody:
// should it answer later, its descriptor is given back.
func (s *Session) open(ctx context.Context, d devices.Device) (devices.Conn, error) {
	type opened struct {
		conn devices.Conn
		err  error
	}
	came := make(chan opened, 1)
	go func() {
		c, err := s.System.Open(ctx, d)
		came <- opened{c, err}
	}()
	late := func(err error) (devices.Conn, error) {
		go func() {
			if o := <-came; o.err == nil {
				_ = o.conn.Close() // nobody is left to be told
			}
		}()
		return nil, fmt.Errorf("%s: open: %w", d.Identity.Serial, err)
	}
	select {
	case o := <-came:
		return o.conn, o.err
	case <-ctx.Done():
		return late(ctx.Err())
	case <-s.after(openLimit):
		return late(fmt.Errorf("no answer in %s: %w", openLimit, devices.ErrGone))
	}
}

// release closes a descriptor; one that a hanging request holds is left.
func (s *Session) release(conn devices.Conn) error {
	came := make(chan error, 1)
	go func() { came <- conn.Close() }()
	select {
	case err := <-came:
		return err
	case <-s.after(closeLimit):
		return nil // the run has told that the drive hangs
	}
}
