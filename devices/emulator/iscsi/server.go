package iscsi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sort"
	"sync"

	"github.com/massho/massho/devices/scsi"
)

// Server is a target portal. Its drives may be exchanged while it runs.
type Server struct {
	mu     sync.Mutex
	drives map[string]scsi.Transport
	conns  map[net.Conn]bool
	errs   []error
}

// NewServer makes a portal of drives by target name.
func NewServer(drives map[string]scsi.Transport) *Server {
	s := &Server{drives: map[string]scsi.Transport{}, conns: map[net.Conn]bool{}}
	for name, d := range drives {
		s.drives[name] = d
	}
	return s
}

// Serve answers initiators on l until ctx ends, and then closes l and every
// connection. It returns what went wrong in sessions; an initiator that goes
// away is no error.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() {
		_ = l.Close() // it ends Accept, whose error is looked at
		s.Disconnect()
	})
	defer stop()
	var all sync.WaitGroup
	for {
		c, err := l.Accept()
		if err != nil {
			all.Wait()
			if ctx.Err() == nil {
				s.note(fmt.Errorf("iscsi: accept: %w", err))
			}
			return s.Err()
		}
		s.track(c, true)
		if ctx.Err() != nil { // closed before it was known
			_ = c.Close()
		}
		all.Go(func() {
			defer s.track(c, false)
			s.note(s.session(ctx, c))
		})
	}
}

// Err is what went wrong in sessions so far.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.errs...)
}

// Disconnect drops every connection, as a cable that is pulled.
func (s *Server) Disconnect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close() // the session sees it
	}
}

func (s *Server) track(c net.Conn, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.conns[c] = true
		return
	}
	delete(s.conns, c)
}

func (s *Server) note(err error) {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || reset(err) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errs = append(s.errs, err)
}

// reset reports whether the initiator's process died.
func reset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op)
}

func (s *Server) drive(name string) scsi.Transport {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.drives[name]
}

func (s *Server) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for n := range s.drives {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}
