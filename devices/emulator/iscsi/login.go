package iscsi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// keys decodes the key=value pairs of a text segment.
func keys(b []byte) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.Split(string(b), "\x00") {
		if k, v, ok := strings.Cut(pair, "="); ok {
			out[k] = v
		}
	}
	return out
}

// answers are the target's values of the keys that an initiator may offer
// (RFC 7143 clause 13). What is not here is answered NotUnderstood.
var answers = map[string]string{
	"AuthMethod": "None", "HeaderDigest": "None", "DataDigest": "None",
	"MaxConnections": "1", "InitialR2T": "Yes", "ImmediateData": "Yes",
	"MaxBurstLength": strconv.Itoa(maxBurst), "FirstBurstLength": "65536",
	"MaxOutstandingR2T": "1", "DataPDUInOrder": "Yes", "DataSequenceInOrder": "Yes",
	"DefaultTime2Wait": "2", "DefaultTime2Retain": "0", "ErrorRecoveryLevel": "0",
	"IFMarker": "No", "OFMarker": "No",
}

// declared are keys that the initiator states and that want no answer.
var declared = map[string]bool{
	"InitiatorName": true, "InitiatorAlias": true, "SessionType": true, "TargetName": true,
	"MaxRecvDataSegmentLength": true,
}

var errLogin = errors.New("iscsi: login refused")

// login goes through the login phase (RFC 7143 clauses 6 and 11.12).
func (s *session) login() error {
	declaredOwn := false
	for {
		p, err := read(s.conn)
		if err != nil {
			return err
		}
		if p.op() != opLogin {
			return fmt.Errorf("iscsi: opcode %02Xh before login", p.op())
		}
		offered := keys(p.data)
		s.take(offered)
		s.expCmdSN = p.u32(24)
		r := &pdu{}
		r.h[0] = opLoginIn
		r.h[1] = p.h[1] & 0x8F // T, CSG, NSG as asked
		copy(r.h[8:16], p.h[8:16])
		r.set(16, p.tag())
		if s.name != "" && s.srv.drive(s.name) == nil {
			r.h[36], r.h[37] = 0x02, 0x03 // not found
			return errors.Join(errLogin, s.send(r))
		}
		full := p.h[1]&0x83 == 0x83
		if full {
			r.h[14], r.h[15] = 0, 1 // TSIH
		}
		r.data = s.reply(offered, !declaredOwn)
		declaredOwn = true
		if err := s.send(r); err != nil || full {
			return err
		}
	}
}

// take keeps what the initiator states.
func (s *session) take(offered map[string]string) {
	if v := offered["TargetName"]; v != "" {
		s.name = v
	}
	if offered["SessionType"] == "Discovery" {
		s.discovery = true
	}
	if n, err := strconv.Atoi(offered["MaxRecvDataSegmentLength"]); err == nil && n >= 512 {
		s.segment = min(n, maxSegment)
	}
	if n, err := strconv.Atoi(offered["MaxBurstLength"]); err == nil && n >= 512 {
		s.burst = min(n, maxBurst)
	}
}

func (s *session) reply(offered map[string]string, first bool) []byte {
	var b []byte
	put := func(k, v string) { b = append(b, k+"="+v+"\x00"...) }
	for k, v := range offered {
		switch a, known := answers[k]; {
		case declared[k]:
		case !known:
			put(k, "NotUnderstood")
		case k == "MaxBurstLength", k == "FirstBurstLength":
			put(k, lesser(a, v))
		default:
			put(k, a)
		}
	}
	if first {
		put("TargetPortalGroupTag", "1")
		put("MaxRecvDataSegmentLength", strconv.Itoa(maxSegment))
	}
	return b
}

func lesser(a, b string) string {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX != nil || errY != nil || x <= y {
		return a
	}
	return b
}

// text answers SendTargets, the only text request there is.
func (s *session) text(p *pdu) error {
	r := &pdu{}
	r.h[0], r.h[1] = opTextIn, flagFinal
	r.set(16, p.tag())
	r.set(20, noTag)
	if _, ok := keys(p.data)["SendTargets"]; ok {
		for _, n := range s.srv.names() {
			r.data = append(r.data, "TargetName="+n+"\x00"...)
			r.data = append(r.data, "TargetAddress="+s.conn.LocalAddr().String()+",1\x00"...)
		}
	}
	return s.send(r)
}
