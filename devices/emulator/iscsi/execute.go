package iscsi

import (
	"context"
	"encoding/binary"

	"github.com/massho/massho/devices/scsi"
)

// do runs one command on the drive and sends data and response.
func (s *session) do(ctx context.Context, t *task) error {
	cmd := scsi.Command{CDB: append([]byte(nil), t.p.h[32:48]...), Dir: t.dir, Data: t.data}
	cmd.CDB = cmd.CDB[:cdbLength(cmd.CDB[0])]
	if t.lun != 0 {
		return s.respond(t, scsi.Result{Status: 2, Sense: noLogicalUnit, Resid: len(t.data)}, 0)
	}
	d := s.srv.drive(s.name)
	if d == nil {
		return s.respond(t, scsi.Result{Resid: len(t.data)}, targetFailure)
	}
	r, err := d.Exec(ctx, cmd)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// Nothing answered: no power, gone, timed out. The initiator is told
		// that the target failed, which its host sees as a transport error.
		return s.respond(t, scsi.Result{Resid: len(t.data)}, targetFailure)
	}
	if t.dir == scsi.In {
		if err := s.dataIn(t, t.data[:len(t.data)-r.Resid]); err != nil {
			return err
		}
	}
	return s.respond(t, r, 0)
}

const targetFailure = 0x01 // iSCSI response code

// noLogicalUnit is ILLEGAL REQUEST, logical unit not supported.
var noLogicalUnit = []byte{0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x25, 0, 0, 0, 0, 0}

// dataIn sends data without status, in segments that the initiator takes.
func (s *session) dataIn(t *task, data []byte) error {
	for sn, at := uint32(0), 0; at < len(data); sn++ {
		n := min(s.segment, len(data)-at)
		p := &pdu{data: data[at : at+n]}
		p.h[0] = opDataIn
		if at+n == len(data) {
			p.h[1] = flagFinal
		}
		p.set(16, t.p.tag())
		p.set(20, noTag)
		p.set(36, sn)
		p.set(40, uint32(at))
		if err := s.put(p, false); err != nil {
			return err
		}
		at += n
	}
	return nil
}

// respond sends the SCSI Response with status, sense data and residual.
func (s *session) respond(t *task, r scsi.Result, response byte) error {
	p := &pdu{}
	p.h[0], p.h[1], p.h[2], p.h[3] = opResponse, flagFinal, response, r.Status
	if r.Resid > 0 {
		p.h[1] |= 0x02 // underflow
		p.set(44, uint32(r.Resid))
	}
	p.set(16, t.p.tag())
	if t.dir == scsi.In && response == 0 {
		n := len(t.data) - r.Resid
		p.set(36, uint32((n+s.segment-1)/s.segment)) // ExpDataSN
	}
	if len(r.Sense) > 0 {
		p.data = binary.BigEndian.AppendUint16(nil, uint16(len(r.Sense)))
		p.data = append(p.data, r.Sense...)
	}
	return s.send(p)
}

// cdbLength is the length of a CDB by its group code; 16 where that does not
// say.
func cdbLength(op byte) int {
	switch op >> 5 {
	case 0:
		return 6
	case 1, 2:
		return 10
	case 5:
		return 12
	}
	return 16
}
