package iscsi

import (
	"context"
	"fmt"
	"net"
	"sync"

	"github.com/massho/massho/devices/scsi"
)

// session is one connection: one reader, one worker that does the commands in
// order, and a lock on what both send.
type session struct {
	srv  *Server
	conn net.Conn

	name      string
	discovery bool
	segment   int // what the initiator takes in one data segment
	burst     int

	mu       sync.Mutex // guards the numbers and the writing side
	statSN   uint32
	expCmdSN uint32

	waiting map[uint32]*task // writes whose data are still coming, by tag
	work    chan *task
}

// task is one SCSI command on its way.
type task struct {
	p    *pdu
	lun  byte
	data []byte // Out: what came so far; In: the buffer
	want int    // Out: bytes that will come
	dir  scsi.Direction
	r2t  uint32
}

// window is how many commands the initiator may have outstanding.
const window = 32

func (s *Server) session(ctx context.Context, c net.Conn) error {
	ss := &session{srv: s, conn: c, segment: 8192, burst: maxBurst, statSN: 1,
		waiting: map[uint32]*task{}, work: make(chan *task, window)}
	ctx, cancel := context.WithCancel(ctx)
	var worker sync.WaitGroup
	defer worker.Wait()
	defer close(ss.work)
	defer cancel()
	defer func() { _ = c.Close() }() // everything that mattered was written
	if err := ss.login(); err != nil {
		return err
	}
	worker.Go(func() {
		for t := range ss.work {
			if err := ss.do(ctx, t); err != nil {
				cancel()
				_ = c.Close() // ends the reader, whose error is returned
			}
		}
	})
	return ss.loop()
}

// loop reads until the initiator logs out or goes away.
func (s *session) loop() error {
	for {
		p, err := read(s.conn)
		if err != nil {
			return err
		}
		if !p.immediate() && p.op() != opDataOut {
			s.mu.Lock()
			s.expCmdSN = p.u32(24) + 1
			s.mu.Unlock()
		}
		switch p.op() {
		case opNOPOut:
			err = s.ping(p)
		case opCommand:
			err = s.command(p)
		case opDataOut:
			err = s.dataOut(p)
		case opTaskOut:
			err = s.answer(opTaskIn, p) // function complete: the worker has it or has done it
		case opText:
			err = s.text(p)
		case opLogout:
			return s.answer(opLogoutIn, p)
		default:
			err = s.reject(p)
		}
		if err != nil {
			return err
		}
	}
}

// send numbers a PDU with status and writes it.
func (s *session) send(p *pdu) error { return s.put(p, true) }

func (s *session) put(p *pdu, status bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if status {
		p.set(24, s.statSN)
		s.statSN++
	} else if p.op() == opR2T {
		p.set(24, s.statSN)
	}
	p.set(28, s.expCmdSN)
	p.set(32, s.expCmdSN+window-1)
	return write(s.conn, p)
}

func (s *session) ping(p *pdu) error {
	if p.tag() == noTag {
		return nil // wants no answer
	}
	r := &pdu{data: p.data}
	r.h[0], r.h[1] = opNOPIn, flagFinal
	copy(r.h[8:16], p.h[8:16])
	r.set(16, p.tag())
	r.set(20, noTag)
	return s.send(r)
}

// answer is a response without data whose code is zero: done.
func (s *session) answer(op byte, p *pdu) error {
	r := &pdu{}
	r.h[0], r.h[1] = op, flagFinal
	r.set(16, p.tag())
	return s.send(r)
}

func (s *session) reject(p *pdu) error {
	r := &pdu{data: p.h[:]}
	r.h[0], r.h[1], r.h[2] = opReject, flagFinal, 0x05 // command not supported
	r.set(16, noTag)
	return s.send(r)
}

// command takes a SCSI Command PDU with its immediate data, and asks for the
// rest.
func (s *session) command(p *pdu) error {
	n := int(p.u32(20))
	if n > maxData || s.discovery {
		return fmt.Errorf("iscsi: a command of %d bytes", n)
	}
	t := &task{p: p, lun: p.h[9], want: n}
	switch {
	case p.h[1]&0x40 != 0:
		t.dir, t.data, t.want = scsi.In, make([]byte, n), 0
	case p.h[1]&0x20 != 0:
		t.dir, t.data = scsi.Out, append(make([]byte, 0, n), p.data...)
	}
	if t.dir != scsi.Out || len(t.data) >= n {
		s.work <- t
		return nil
	}
	s.waiting[p.tag()] = t
	return s.ask(t)
}

// ask sends an R2T for the next burst.
func (s *session) ask(t *task) error {
	r := &pdu{}
	r.h[0], r.h[1] = opR2T, flagFinal
	copy(r.h[8:16], t.p.h[8:16])
	r.set(16, t.p.tag())
	r.set(20, t.p.tag()) // target transfer tag: one at a time
	r.set(36, t.r2t)
	r.set(40, uint32(len(t.data)))
	r.set(44, uint32(min(s.burst, t.want-len(t.data))))
	t.r2t++
	return s.put(r, false)
}

// dataOut takes one data segment of a write.
func (s *session) dataOut(p *pdu) error {
	t := s.waiting[p.tag()]
	if t == nil {
		return fmt.Errorf("iscsi: data for a command that is not there (tag %08Xh)", p.tag())
	}
	if int(p.u32(40)) != len(t.data) || len(t.data)+len(p.data) > t.want {
		return fmt.Errorf("iscsi: data at %d where %d of %d have come", p.u32(40), len(t.data), t.want)
	}
	t.data = append(t.data, p.data...)
	switch {
	case len(t.data) == t.want:
		delete(s.waiting, p.tag())
		s.work <- t
		return nil
	case p.h[1]&flagFinal != 0:
		return s.ask(t)
	}
	return nil
}
