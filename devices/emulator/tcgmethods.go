package emulator

import "github.com/massho/massho/devices/tcg"

// The methods of the TPer. What it says is written by a small encoder of its
// own, so that a fault of package tcg's does not hide itself.

// results is a data stream under construction.
type results []byte

func (r results) uint(v uint32) results {
	if v < 0x40 {
		return append(r, byte(v))
	}
	return append(r, 0x84, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func (r results) bytes(v []byte) results {
	if len(v) < 16 {
		return append(append(r, 0xA0|byte(len(v))), v...)
	}
	return append(append(r, 0xD0|byte(len(v)>>8), byte(len(v))), v...)
}

// list is F0h, what do adds, F1h.
func (r results) list(do func(results) results) results { return append(do(append(r, 0xF0)), 0xF1) }

// status ends an answer.
func (r results) status(s tcg.Status) results { return append(r, 0xF9, 0xF0, byte(s), 0, 0, 0xF1) }

func none(r results) results { return r }

// receive is one ComPacket from the host. One that cannot be read is dropped,
// as the Core lets a TPer do.
func (v *tper) receive(data []byte) {
	v.answer = nil
	p, err := tcg.ParsePacket(data)
	if err != nil || p.ComID != tperComID || len(p.Payload) == 0 {
		return
	}
	c, err := tcg.ParseResponse(p.Payload) // a call has the shape of an answer
	if err != nil {
		v.session = nil
		return
	}
	if p.TSN == 0 && p.HSN == 0 {
		v.say(p, v.manager(c))
		return
	}
	s := v.session
	switch {
	case s == nil || s.tsn != p.TSN || s.hsn != p.HSN:
	case c.EndOfSession:
		v.session = nil
		v.say(p, results{0xFA})
	case c.Object == tcg.AdminSP && c.Method == tcg.MethodRevert:
		v.revertMethod(p, s)
	default:
		v.say(p, v.method(s, c))
	}
}

func (v *tper) say(to tcg.Packet, r results) {
	v.answer = &tcg.Packet{ComID: tperComID, TSN: to.TSN, HSN: to.HSN, Payload: r}
}

// refusal is the status that a fault gives a method.
func (v *tper) refusal(method string) (tcg.Status, bool) {
	f := v.d.refuses("TCG " + method)
	switch {
	case f == nil:
		return 0, false
	case f.TCG == 0:
		return tcg.StatusFail, true
	}
	return f.TCG, true
}

// manager is a method of the session manager.
func (v *tper) manager(c tcg.Response) results {
	answer := func(method tcg.UID, s tcg.Status, do func(results) results) results {
		head := results{0xF8}.bytes(tcg.SessionManager[:]).bytes(method[:])
		if s != tcg.StatusSuccess {
			do = none
		}
		return head.list(do).status(s)
	}
	switch c.Method {
	case tcg.MethodProperties:
		s, _ := v.refusal("Properties")
		return answer(c.Method, s, v.properties)
	case tcg.MethodStartSession:
		s, refused := v.refusal("StartSession")
		if !refused {
			s = v.start(c.Results)
		}
		return answer(tcg.MethodSyncSession, s, func(r results) results {
			return r.uint(v.session.hsn).uint(v.session.tsn)
		})
	}
	return results(nil).list(none).status(tcg.StatusNotAuthorized)
}

func (v *tper) properties(r results) results {
	return r.list(func(r results) results {
		for _, p := range []struct {
			name string
			v    uint32
		}{{"MaxComPacketSize", tperMaxComPacket}, {"MaxResponseComPacketSize", tperMaxComPacket},
			{"MaxPacketSize", tperMaxComPacket - 20}, {"MaxIndTokenSize", tperMaxComPacket - 56},
			{"MaxPackets", 1}, {"MaxSubpackets", 1}, {"MaxMethods", 1}, {"MaxSessions", 1}} {
			r = append(r, 0xF2).bytes([]byte(p.name)).uint(p.v)
			r = append(r, 0xF3)
		}
		return r
	})
}

// start opens the one session that there can be.
func (v *tper) start(params tcg.Value) tcg.Status {
	if len(params.List) < 3 {
		return tcg.StatusInvalidParameter
	}
	hsn, ok := params.List[0].Number()
	sp, isBytes := params.List[1].Octets()
	switch {
	case !ok || !isBytes || hsn > 1<<32-1 || string(sp) != string(tcg.AdminSP[:]):
		return tcg.StatusInvalidParameter
	case v.session != nil:
		return tcg.StatusNoSessions
	}
	s := &tperSession{hsn: uint32(hsn), sp: tcg.AdminSP, is: map[tcg.UID]bool{tcg.AuthorityAnybody: true}}
	if who, given := params.Named(3); given {
		challenge, _ := params.Named(0)
		if st := v.authenticate(s, who, challenge); st != tcg.StatusSuccess {
			return st
		}
	}
	v.lastTSN++
	s.tsn = 0x1000 + v.lastTSN
	v.session = s
	return tcg.StatusSuccess
}

// authenticate proves an authority by its PIN. Block SID refuses it unseen.
func (v *tper) authenticate(s *tperSession, who, challenge tcg.Value) tcg.Status {
	var u tcg.UID
	name, _ := who.Octets()
	copy(u[:], name)
	pin, _ := challenge.Octets()
	f := v.d.p.TCG
	var want string
	blocked := false
	switch u {
	case tcg.AuthoritySID:
		want, blocked = v.sid, v.blocked
	case tcg.AuthorityPSID:
		want, blocked = f.PSID, v.blocked && f.BlocksPSID
	default:
		return tcg.StatusInvalidParameter
	}
	tries := f.Tries
	if tries == 0 {
		tries = 5
	}
	switch {
	case blocked:
		return tcg.StatusNotAuthorized
	case v.wrong[u] >= tries:
		return tcg.StatusAuthorityLocked
	case string(pin) != want:
		v.wrong[u]++
		return tcg.StatusNotAuthorized
	}
	s.is[u] = true
	return tcg.StatusSuccess
}

// method is a method in a session, Revert apart.
func (v *tper) method(s *tperSession, c tcg.Response) results {
	ended := func(st tcg.Status) results { return results(nil).list(none).status(st) }
	switch {
	case c.Method == tcg.MethodGet && c.Object == tcg.PINofMSID:
		if st, refused := v.refusal("Get"); refused {
			return ended(st)
		}
		return results(nil).list(func(r results) results {
			return r.list(func(r results) results {
				return append(append(r, 0xF2).uint(3).bytes([]byte(v.d.p.TCG.MSID)), 0xF3)
			})
		}).status(tcg.StatusSuccess)
	case c.Method == tcg.MethodAuthenticate && c.Object == tcg.ThisSP && len(c.Results.List) > 0:
		challenge, _ := c.Results.Named(0)
		st := v.authenticate(s, c.Results.List[0], challenge)
		if st == tcg.StatusSuccess || st == tcg.StatusNotAuthorized { // a wrong PIN is a false, and no error
			return results(nil).list(func(r results) results {
				return r.uint(uint32(1 - st))
			}).status(tcg.StatusSuccess)
		}
		return ended(st)
	}
	return ended(tcg.StatusNotAuthorized)
}

// revertMethod is Revert: the answer comes when it is done, and a success ends
// the session.
func (v *tper) revertMethod(p tcg.Packet, s *tperSession) {
	ended := func(st tcg.Status) { v.say(p, results(nil).list(none).status(st)) }
	st, refused := v.refusal("Revert")
	switch {
	case refused:
		ended(st)
	case !s.is[tcg.AuthoritySID] && !s.is[tcg.AuthorityPSID]:
		ended(tcg.StatusNotAuthorized)
	default:
		v.revert(ended)
	}
}
