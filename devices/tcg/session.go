package tcg

import "context"

// Session is a session with a Security Provider (Core clause 3.3.7.1).
type Session struct {
	p        *TPer
	tsn, hsn uint32
}

// Credential is an authority with its PIN.
type Credential struct {
	Authority UID
	PIN       PIN
}

// Start opens a read-write session with sp (Core clause 5.2.3). With a
// credential the authority is authenticated at once; without, the session is
// Anybody's.
func (p *TPer) Start(ctx context.Context, sp UID, cred *Credential) (*Session, error) {
	hsn := p.hsn
	p.hsn++
	c := newCall(SessionManager, MethodStartSession).uint(uint64(hsn)).bytes(sp[:]).uint(1)
	if cred != nil {
		c.named(0, func(c *call) { c.bytes(cred.PIN) })          // HostChallenge
		c.named(3, func(c *call) { c.bytes(cred.Authority[:]) }) // HostSigningAuthority
	}
	r, err := p.ask(ctx, "StartSession", Packet{Payload: c.done()}, answerWithin)
	if err != nil {
		return nil, err
	}
	if r.Method != MethodSyncSession || len(r.Results.List) < 2 {
		return nil, &ParseError{"TCG StartSession", "no SyncSession came back"}
	}
	own, ok1 := r.Results.List[0].Number()
	tsn, ok2 := r.Results.List[1].Number()
	switch {
	case !ok1 || !ok2 || tsn > 1<<32-1:
		return nil, &ParseError{"TCG StartSession", "no session numbers came back"}
	case own != uint64(hsn):
		return nil, ErrForeign
	}
	return &Session{p: p, tsn: uint32(tsn), hsn: hsn}, nil
}

func (s *Session) packet(payload []byte) Packet {
	return Packet{TSN: s.tsn, HSN: s.hsn, Payload: payload}
}

// End ends the session. A TPer that no longer knows it has ended it already.
func (s *Session) End(ctx context.Context) error {
	out := s.packet(endOfSession())
	out.ComID = s.p.comID
	if err := s.p.t.Exec(ctx, Command{Send: true, Protocol: ProtocolTCG, ComID: out.ComID, Data: out.Encode()}); err != nil {
		return err
	}
	in, err := s.p.receive(ctx, answerWithin)
	if err != nil {
		return err
	}
	r, err := ParseResponse(in.Payload)
	if err == nil && !r.EndOfSession {
		err = &ParseError{"TCG end of session", "the TPer answered something else"}
	}
	return err
}

// Authenticate adds an authority to the session (Core clause 5.3.3). A wrong
// PIN is a false result with status SUCCESS: it is ErrNotAuthorized here.
func (s *Session) Authenticate(ctx context.Context, cred Credential) error {
	c := newCall(ThisSP, MethodAuthenticate).bytes(cred.Authority[:])
	c.named(0, func(c *call) { c.bytes(cred.PIN) })
	r, err := s.p.ask(ctx, "Authenticate", s.packet(c.done()), answerWithin)
	if err != nil {
		return err
	}
	if len(r.Results.List) != 1 {
		return &ParseError{"TCG Authenticate", "no result"}
	}
	if ok, is := r.Results.List[0].Number(); !is || ok != 1 {
		return &StatusError{"Authenticate", StatusNotAuthorized}
	}
	return nil
}

// get reads one column of an object (Core clause 5.3.3).
func (s *Session) get(ctx context.Context, object UID, column uint64) (Value, error) {
	c := newCall(object, MethodGet).token(tokStartList).
		named(3, func(c *call) { c.uint(column) }). // startColumn
		named(4, func(c *call) { c.uint(column) }). // endColumn
		token(tokEndList)
	r, err := s.p.ask(ctx, "Get", s.packet(c.done()), answerWithin)
	if err != nil {
		return Value{}, err
	}
	if len(r.Results.List) == 1 && r.Results.List[0].IsList {
		if v, ok := r.Results.List[0].Named(column); ok {
			return v, nil
		}
	}
	return Value{}, &ParseError{"TCG Get", "the column did not come back"}
}
