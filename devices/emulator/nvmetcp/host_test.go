package nvmetcp

import (
	"context"
	"fmt"
	"net"
	"testing"

	"github.com/massho/massho/devices/nvme"
)

// host is the least that speaks to a target: one queue over one connection,
// written from the specification and not from the target's code.
type host struct {
	conn net.Conn
	cid  uint16
	ctrl uint16 // controller ID
	tear int    // bytes of one H2CData PDU; 0: all that the target takes
}

func dial(t testing.TB, addr, nqn string, qid, ctrl uint16) (*host, error) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	h := &host{conn: c}
	if err := write(c, &pdu{kind: pduICReq, head: make([]byte, 120)}); err != nil {
		return nil, err
	}
	if p, err := read(c); err != nil || p.kind != pduICResp || p.head[3] != 0 {
		return nil, fmt.Errorf("no ICResp: %+v, %w", p, err)
	}
	sqe := make([]byte, 64)
	sqe[0], sqe[4] = 0x7F, 0x01
	le.PutUint16(sqe[42:], qid)
	le.PutUint16(sqe[44:], 31)
	data := make([]byte, 1024)
	le.PutUint16(data[16:], 0xFFFF)
	if qid != 0 {
		le.PutUint16(data[16:], ctrl)
	}
	copy(data[256:], nqn)
	copy(data[512:], "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555")
	r, err := h.run(sqe, data, true)
	h.ctrl = uint16(r)
	return h, err
}

// run sends one command with its data, in the capsule where they are few.
func (h *host) run(sqe, data []byte, out bool) (uint64, error) {
	h.cid++
	le.PutUint16(sqe[2:], h.cid)
	le.PutUint32(sqe[32:], uint32(len(data)))
	p := &pdu{kind: pduCommand, head: sqe}
	sqe[39] = 0x5A
	if out && len(data) <= 8192 && h.tear == 0 {
		sqe[39], p.data = 0x01, data
	}
	if err := write(h.conn, p); err != nil {
		return 0, err
	}
	for {
		p, err := read(h.conn)
		if err != nil {
			return 0, err
		}
		switch p.kind {
		case pduR2T:
			err = h.give(p, data)
		case pduC2HData:
			copy(data[le.Uint32(p.head[4:]):], p.data)
		case pduResponse:
			if id := le.Uint16(p.head[12:]); id != h.cid {
				return 0, fmt.Errorf("completion of %d, not %d", id, h.cid)
			}
			return le.Uint64(p.head), nvme.NewStatusError(nvme.AdminCommand{Opcode: sqe[0]}, le.Uint16(p.head[14:])>>1)
		default:
			err = fmt.Errorf("PDU %02X", p.kind)
		}
		if err != nil {
			return 0, err
		}
	}
}

// give answers an R2T, torn into pieces.
func (h *host) give(r2t *pdu, data []byte) error {
	tag, off, n := r2t.head[2:4], int(le.Uint32(r2t.head[4:])), int(le.Uint32(r2t.head[8:]))
	piece := maxHostData // what ICResp said
	if h.tear > 0 {
		piece = h.tear
	}
	for end := off + n; off < end; off += piece {
		k := min(piece, end-off)
		p := &pdu{kind: pduH2CData, head: make([]byte, 16), data: data[off : off+k]}
		copy(p.head, r2t.head[:2])
		copy(p.head[2:], tag)
		le.PutUint32(p.head[4:], uint32(off))
		le.PutUint32(p.head[8:], uint32(k))
		if off+k == end {
			p.flags = flagLast
		}
		if err := write(h.conn, p); err != nil {
			return err
		}
	}
	return nil
}

// Admin makes the host an nvme.Transport.
func (h *host) Admin(_ context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	sqe := make([]byte, 64)
	sqe[0] = c.Opcode
	le.PutUint32(sqe[4:], c.NSID)
	for i, v := range []uint32{c.CDW10, c.CDW11, c.CDW12, c.CDW13, c.CDW14, c.CDW15} {
		le.PutUint32(sqe[40+4*i:], v)
	}
	r, err := h.run(sqe, c.Data, c.Out)
	return nvme.Completion{Result: uint32(r)}, err
}

// io is one command of an I/O queue.
func (h *host) io(op byte, nsid uint32, lba uint64, blocks int, data []byte, out bool) error {
	sqe := make([]byte, 64)
	sqe[0] = op
	le.PutUint32(sqe[4:], nsid)
	le.PutUint64(sqe[40:], lba)
	le.PutUint32(sqe[48:], uint32(blocks-1))
	_, err := h.run(sqe, data, out)
	return err
}

// property gets or sets one.
func (h *host) property(set bool, offset uint32, v uint64) (uint64, error) {
	sqe := make([]byte, 64)
	sqe[0], sqe[4] = 0x7F, 0x04
	if set {
		sqe[4] = 0x00
	}
	le.PutUint32(sqe[44:], offset)
	le.PutUint64(sqe[48:], v)
	return h.run(sqe, nil, false)
}
