package nvmetcp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/massho/massho/devices/nvme"
)

// errDead ends a connection whose controller no longer answers.
var errDead = errors.New("nvmetcp: the controller does not answer")

// conn is one connection, which is one queue: a reader, a worker that does the
// commands in order, and a lock on what both send.
type conn struct {
	srv     *Server
	net     net.Conn
	session *session // nil before Connect
	qid     uint16
	depth   uint16 // entries of the submission queue

	mu   sync.Mutex // guards the writing side and head
	head uint16     // of the submission queue

	waiting map[uint16]*command // writes whose data are still coming, by command ID
	work    chan *command
}

// command is one submission queue entry on its way.
type command struct {
	sqe  [64]byte
	data []byte // out: what came so far, in place; in: the buffer
	have int    // out: bytes that have come
	out  bool
}

func (c *command) opcode() byte       { return c.sqe[0] }
func (c *command) id() uint16         { return le.Uint16(c.sqe[2:]) }
func (c *command) nsid() uint32       { return le.Uint32(c.sqe[4:]) }
func (c *command) dword(n int) uint32 { return le.Uint32(c.sqe[4*n:]) }

// queueDepth is how many commands a host may have outstanding in a queue.
const queueDepth = 128

func (s *Server) serve(ctx context.Context, nc net.Conn) error {
	c := &conn{srv: s, net: nc, waiting: map[uint16]*command{}, work: make(chan *command, queueDepth)}
	ctx, cancel := context.WithCancel(ctx)
	var worker sync.WaitGroup
	defer worker.Wait()
	defer close(c.work)
	defer cancel()
	defer func() { _ = nc.Close() }() // everything that mattered was written
	defer func() {
		if c.session != nil && c.qid == 0 {
			s.end(c.session.id)
		}
	}()
	if err := c.handshake(); err != nil {
		return err
	}
	worker.Go(func() {
		for cmd := range c.work {
			if err := c.do(ctx, cmd); err != nil {
				s.note(err)
				cancel()
				_ = nc.Close() // ends the reader
			}
		}
	})
	return c.loop()
}

// handshake is ICReq and ICResp (NVMe/TCP 1.0 clause 3.6.2.2): no digests, data
// right behind the headers.
func (c *conn) handshake() error {
	p, err := read(c.net)
	if err != nil {
		return err
	}
	if p.kind != pduICReq || len(p.head) != 120 || le.Uint16(p.head) != 0 {
		return fmt.Errorf("nvmetcp: PDU %02Xh where a host introduces itself", p.kind)
	}
	r := &pdu{kind: pduICResp, head: make([]byte, 120)}
	le.PutUint32(r.head[4:], maxHostData)
	return write(c.net, r)
}

// loop reads until the host goes away.
func (c *conn) loop() error {
	for {
		p, err := read(c.net)
		if err != nil {
			return err
		}
		switch p.kind {
		case pduCommand:
			err = c.command(p)
		case pduH2CData:
			err = c.hostData(p)
		case pduH2CTerm:
			return fmt.Errorf("nvmetcp: the host ended the connection: % X", p.head)
		default:
			err = fmt.Errorf("nvmetcp: PDU %02Xh", p.kind)
		}
		if err != nil {
			return err
		}
	}
}

// SGL descriptor types in the last byte of the data pointer (NVMe Base 2.0 clause
// 4.1.2; NVMe/TCP clause 3.3.2).
const (
	sglInCapsule = 0x01
	sglTransport = 0x5A
)

// command takes a command capsule, with its data or a promise of them.
func (c *conn) command(p *pdu) error {
	if len(p.head) != 64 {
		return fmt.Errorf("nvmetcp: a command of %d bytes", len(p.head))
	}
	cmd := &command{}
	copy(cmd.sqe[:], p.head)
	n, kind := le.Uint32(cmd.sqe[32:]), cmd.sqe[39]
	cmd.out = cmd.direction()&1 != 0
	switch {
	case n > maxTransfer:
		return fmt.Errorf("nvmetcp: a transfer of %d bytes", n)
	case n == 0:
	case kind == sglInCapsule:
		if int(n) > len(p.data) {
			return fmt.Errorf("nvmetcp: %d bytes in a capsule of %d", n, len(p.data))
		}
		cmd.data, cmd.have = p.data[:n], int(n)
	case kind == sglTransport:
		cmd.data = make([]byte, n)
	default:
		return c.complete(cmd, 0, 0x011|1<<14) // SGL descriptor type invalid
	}
	if cmd.out && cmd.have < len(cmd.data) {
		c.waiting[cmd.id()] = cmd
		return c.readyToTransfer(cmd)
	}
	return c.queue(cmd)
}

// direction is bits 1:0 of the opcode: 1 to the controller, 2 from it. A fabrics
// command has it in its type.
func (c *command) direction() byte {
	if c.opcode() == opFabrics {
		return c.sqe[4] & 3
	}
	return c.opcode() & 3
}

// readyToTransfer asks for all data of a write.
func (c *conn) readyToTransfer(cmd *command) error {
	h := make([]byte, 16)
	le.PutUint16(h, cmd.id())
	le.PutUint16(h[2:], cmd.id()) // transfer tag: one transfer a command
	le.PutUint32(h[8:], uint32(len(cmd.data)))
	return c.send(&pdu{kind: pduR2T, head: h})
}

// hostData takes a piece of the data of a write.
func (c *conn) hostData(p *pdu) error {
	if len(p.head) != 16 {
		return fmt.Errorf("nvmetcp: a data header of %d bytes", len(p.head))
	}
	cmd := c.waiting[le.Uint16(p.head[2:])]
	if cmd == nil {
		return fmt.Errorf("nvmetcp: data for a command that is not there (tag %04Xh)", le.Uint16(p.head[2:]))
	}
	off, n := int(le.Uint32(p.head[4:])), int(le.Uint32(p.head[8:]))
	if off != cmd.have || n != len(p.data) || off+n > len(cmd.data) {
		return fmt.Errorf("nvmetcp: %d bytes at %d where %d of %d have come", n, off, cmd.have, len(cmd.data))
	}
	copy(cmd.data[off:], p.data)
	if cmd.have += n; cmd.have < len(cmd.data) {
		return nil
	}
	delete(c.waiting, cmd.id())
	return c.queue(cmd)
}

// queue answers at once what must not wait behind an erase that blocks; the
// worker does the rest in order.
func (c *conn) queue(cmd *command) error {
	if done, err := c.transport(cmd); done || err != nil {
		return err
	}
	select {
	case c.work <- cmd:
		return nil
	default:
		return fmt.Errorf("nvmetcp: more than %d commands in queue %d", queueDepth, c.qid)
	}
}

// do does one command and sends data and completion.
func (c *conn) do(ctx context.Context, cmd *command) error {
	result, err := c.execute(ctx, cmd)
	var refused *nvme.StatusError
	switch {
	case errors.As(err, &refused):
		return c.complete(cmd, uint64(result), statusField(refused))
	case err != nil:
		return fmt.Errorf("%w: %w", errDead, err)
	}
	if !cmd.out && len(cmd.data) > 0 {
		if err := c.dataIn(cmd); err != nil {
			return err
		}
	}
	return c.complete(cmd, uint64(result), 0)
}

func statusField(e *nvme.StatusError) uint16 {
	v := uint16(e.SC) | uint16(e.SCT)<<8
	if e.DNR {
		v |= 1 << 14
	}
	return v
}

// dataIn sends the data of a read in pieces.
func (c *conn) dataIn(cmd *command) error {
	for off := 0; off < len(cmd.data); off += maxHostData {
		n := min(maxHostData, len(cmd.data)-off)
		h := make([]byte, 16)
		le.PutUint16(h, cmd.id())
		le.PutUint32(h[4:], uint32(off))
		le.PutUint32(h[8:], uint32(n))
		p := &pdu{kind: pduC2HData, head: h, data: cmd.data[off : off+n]}
		if off+n == len(cmd.data) {
			p.flags = flagLast
		}
		if err := c.send(p); err != nil {
			return err
		}
	}
	return nil
}

// complete sends the completion queue entry; status is SC 7:0, SCT 10:8 and so on.
func (c *conn) complete(cmd *command, result uint64, status uint16) error {
	h := make([]byte, 16)
	le.PutUint64(h, result)
	le.PutUint16(h[12:], cmd.id())
	le.PutUint16(h[14:], status<<1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.depth > 0 {
		c.head = (c.head + 1) % c.depth
	}
	le.PutUint16(h[8:], c.head)
	return write(c.net, &pdu{kind: pduResponse, head: h})
}

func (c *conn) send(p *pdu) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return write(c.net, p)
}
