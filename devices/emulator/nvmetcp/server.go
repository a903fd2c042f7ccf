package nvmetcp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"github.com/massho/massho/devices/nvme"
)

// Controller is an NVMe controller with the data path of its namespaces. What it
// refuses is a *nvme.StatusError; any other error means that nothing answers.
type Controller interface {
	nvme.Transport
	BlockSize(nsid uint32) int // bytes; 0: no such namespace
	ReadAt(nsid uint32, p []byte, off int64) error
	WriteAt(nsid uint32, p []byte, off int64) error
	Flush(ctx context.Context, nsid uint32) error
	Deallocate(nsid uint32, lba, blocks uint64) error
}

// Server is a target portal.
type Server struct {
	mu          sync.Mutex
	controllers map[string]Controller
	sessions    map[uint16]*session // by controller ID
	lastID      uint16
	conns       map[net.Conn]bool
	errs        []error
}

// NewServer makes a portal of controllers by subsystem name (NQN).
func NewServer(controllers map[string]Controller) *Server {
	s := &Server{controllers: map[string]Controller{}, sessions: map[uint16]*session{}, conns: map[net.Conn]bool{}}
	for nqn, c := range controllers {
		s.controllers[nqn] = c
	}
	return s
}

// Serve answers hosts on l until ctx ends, and then closes l and every
// connection. It returns what went wrong in connections; a host that goes away
// is no error.
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
				s.note(fmt.Errorf("nvmetcp: accept: %w", err))
			}
			return s.Err()
		}
		s.track(c, true)
		if ctx.Err() != nil { // closed before it was known
			_ = c.Close()
		}
		all.Go(func() {
			defer s.track(c, false)
			s.note(s.serve(ctx, c))
		})
	}
}

// Err is what went wrong in connections so far.
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
		_ = c.Close() // the connection's reader sees it
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
	var op *net.OpError
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &op) || errors.Is(err, errDead) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.errs = append(s.errs, err)
}

// session is one host's association with a controller: its properties, shared by
// the admin queue's connection and those of the I/O queues.
type session struct {
	id   uint16
	nqn  string
	ctrl Controller

	mu sync.Mutex
	cc uint32 // controller configuration
}

// begin makes the session of an admin queue; nil where no such subsystem is.
func (s *Server) begin(nqn string) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.controllers[nqn]
	if c == nil {
		return nil
	}
	s.lastID++
	out := &session{id: s.lastID, nqn: nqn, ctrl: c}
	s.sessions[out.id] = out
	return out
}

// join is the session of an I/O queue.
func (s *Server) join(nqn string, id uint16) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	if out := s.sessions[id]; out != nil && out.nqn == nqn {
		return out
	}
	return nil
}

func (s *Server) end(id uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, id)
}
