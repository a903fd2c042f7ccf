package iscsi

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/massho/massho/devices/scsi"
)

// initiator is the least that speaks to a target: a scsi.Transport over one
// connection, written from RFC 7143 and not from the target's code.
type initiator struct {
	conn     net.Conn
	tag, sn  uint32
	pings    int // sent before each command's response is read
	pingBack int
}

func dial(t testing.TB, addr, name string) (*initiator, error) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	i := &initiator{conn: c, sn: 1}
	for _, stage := range []struct {
		flags byte
		text  string
	}{
		{0x81, "InitiatorName=iqn.test\x00SessionType=Normal\x00TargetName=" + name + "\x00AuthMethod=CHAP,None\x00"},
		{0x87, "HeaderDigest=None\x00DataDigest=None\x00MaxRecvDataSegmentLength=4096\x00InitialR2T=Yes\x00MaxBurstLength=8192\x00X-own=1\x00"},
	} {
		p := &pdu{data: []byte(stage.text)}
		p.h[0], p.h[1] = opLogin|flagImmed, stage.flags
		p.set(24, i.sn)
		if err := write(c, p); err != nil {
			return nil, err
		}
		r, err := read(c)
		if err != nil {
			return nil, err
		}
		if r.h[36] != 0 {
			return nil, fmt.Errorf("login status %02X%02X", r.h[36], r.h[37])
		}
		if got := keys(r.data); stage.flags == 0x87 && (got["X-own"] != "NotUnderstood" || got["MaxBurstLength"] != "8192") {
			return nil, fmt.Errorf("answers %v", got)
		}
	}
	return i, nil
}

// Exec does one command.
func (i *initiator) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	i.tag++
	p := &pdu{}
	p.h[0], p.h[1] = opCommand, flagFinal|map[scsi.Direction]byte{scsi.In: 0x40, scsi.Out: 0x20}[c.Dir]
	p.set(16, i.tag)
	p.set(20, uint32(len(c.Data)))
	p.set(24, i.sn)
	i.sn++
	copy(p.h[32:], c.CDB)
	if c.Dir == scsi.Out {
		p.data = c.Data[:min(len(c.Data), 1024)] // immediate
	}
	if err := write(i.conn, p); err != nil {
		return scsi.Result{}, err
	}
	for range i.pings {
		n := &pdu{data: []byte("ping")}
		n.h[0], n.h[1] = opNOPOut|flagImmed, flagFinal
		n.set(16, 0xABCD)
		n.set(24, i.sn)
		if err := write(i.conn, n); err != nil {
			return scsi.Result{}, err
		}
	}
	return i.until(c)
}

// until reads until the response to the last command.
func (i *initiator) until(c scsi.Command) (scsi.Result, error) {
	got := 0
	for {
		r, err := read(i.conn)
		if err != nil {
			return scsi.Result{}, err
		}
		switch r.op() {
		case opNOPIn:
			i.pingBack++
		case opDataIn:
			if int(r.u32(40)) != got || len(r.data) > 4096 {
				return scsi.Result{}, fmt.Errorf("%d bytes at %d, want at %d", len(r.data), r.u32(40), got)
			}
			got += copy(c.Data[got:], r.data)
		case opR2T:
			if err := i.send(c, r); err != nil {
				return scsi.Result{}, err
			}
		case opResponse:
			if r.h[2] != 0 {
				return scsi.Result{}, fmt.Errorf("iSCSI response %02X", r.h[2])
			}
			res := scsi.Result{Status: r.h[3]}
			if r.h[1]&2 != 0 {
				res.Resid = int(r.u32(44))
			}
			if len(r.data) > 2 {
				res.Sense = r.data[2 : 2+binary.BigEndian.Uint16(r.data)]
			}
			if c.Dir == scsi.In && got != len(c.Data)-res.Resid {
				return res, errors.New("data and residual do not agree")
			}
			return res, nil
		default:
			return scsi.Result{}, fmt.Errorf("opcode %02X", r.op())
		}
	}
}

// send answers an R2T in segments of 3000 bytes, which need padding.
func (i *initiator) send(c scsi.Command, r *pdu) error {
	at, left := int(r.u32(40)), int(r.u32(44))
	if left > 8192 {
		return fmt.Errorf("an R2T of %d bytes", left)
	}
	for sn := uint32(0); left > 0; sn++ {
		n := min(left, 3000)
		p := &pdu{data: c.Data[at : at+n]}
		p.h[0] = opDataOut
		if n == left {
			p.h[1] = flagFinal
		}
		p.set(16, r.tag())
		p.set(20, r.u32(20))
		p.set(36, sn)
		p.set(40, uint32(at))
		if err := write(i.conn, p); err != nil {
			return err
		}
		at, left = at+n, left-n
	}
	return nil
}
