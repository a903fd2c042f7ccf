package tcg

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Errors of a conversation with a TPer.
var (
	ErrNotRevertable = errors.New("this Security Subsystem Class is not handled here (Enterprise, Ruby, or none)")
	ErrNoAnswer      = errors.New("the TPer gave no answer in time")
	ErrSessionClosed = errors.New("the TPer closed the session")
	ErrForeign       = errors.New("the TPer answered another session: another program is talking to it")
)

// Pause waits between two polls of a TPer that is still working.
type Pause func(ctx context.Context, d time.Duration) error

// TPer is a conversation with a drive's TPer over its first static ComID. It
// serves one caller at a time.
type TPer struct {
	t     Transport
	comID uint16
	pause Pause
	hsn   uint32

	// MaxComPacket is what the TPer takes at once, by its Properties.
	MaxComPacket int
}

// Limits of one exchange.
const (
	answerBytes  = 2048 // every Opal TPer can send and take so much (Opal SSC: minimum Properties)
	leastPacket  = 1024 // what any TPer takes before Properties were exchanged (Core table 168)
	pollFirst    = 10 * time.Millisecond
	pollLongest  = time.Second
	answerWithin = 30 * time.Second
	revertWithin = 30 * time.Minute // a revert that erases blocks or overwrites
	emptyAnswers = 100              // answers in a row that announce nothing
)

// Open resets the ComID where the drive lets it, so that a session left over
// does not stand in the way, and exchanges Properties.
func Open(ctx context.Context, t Transport, d Discovery, pause Pause) (*TPer, error) {
	if !d.Revertable() {
		return nil, ErrNotRevertable
	}
	p := &TPer{t: t, comID: d.BaseComID, pause: pause, hsn: 1, MaxComPacket: leastPacket}
	if !d.TPer.ComIDManagement.IsNo() {
		if err := p.stackReset(ctx); err != nil && ctx.Err() != nil {
			return nil, err
		}
	}
	return p, p.properties(ctx)
}

// stackReset ends whatever runs on the ComID (Core clause 3.3.4, STACK_RESET). Drives
// without ComID management refuse it, and no harm is done.
func (p *TPer) stackReset(ctx context.Context) error {
	b := make([]byte, block)
	be.PutUint16(b, p.comID)
	b[7] = 2 // STACK_RESET
	if err := p.t.Exec(ctx, Command{Send: true, Protocol: ProtocolComID, ComID: p.comID, Data: b}); err != nil {
		return err
	}
	return p.t.Exec(ctx, Command{Protocol: ProtocolComID, ComID: p.comID, Data: make([]byte, block)})
}

// properties exchanges what both sides can take (Core clause 5.2.2).
func (p *TPer) properties(ctx context.Context) error {
	c := newCall(SessionManager, MethodProperties).named(0, func(c *call) {
		c.token(tokStartList)
		for _, h := range []struct {
			name string
			v    uint64
		}{{"MaxComPacketSize", answerBytes}, {"MaxPacketSize", answerBytes - comPacketHeader},
			{"MaxIndTokenSize", answerBytes - allHeaders}, {"MaxPackets", 1}, {"MaxSubpackets", 1}, {"MaxMethods", 1}} {
			c.token(tokStartName).bytes([]byte(h.name)).uint(h.v).token(tokEndName)
		}
		c.token(tokEndList)
	})
	r, err := p.ask(ctx, "Properties", Packet{Payload: c.done()}, answerWithin)
	if err != nil {
		return err
	}
	if r.Method != MethodProperties || len(r.Results.List) == 0 {
		return &ParseError{"TCG Properties", "another method answered"}
	}
	if v, ok := r.Results.List[0].NamedText("MaxComPacketSize"); ok {
		if n, ok := v.Number(); ok && n >= leastPacket {
			p.MaxComPacket = int(min(n, answerBytes))
		}
	}
	return nil
}

// ask sends one payload and waits for its answer.
func (p *TPer) ask(ctx context.Context, method string, out Packet, within time.Duration) (Response, error) {
	out.ComID = p.comID
	b := out.Encode()
	if len(b) > max(p.MaxComPacket, leastPacket) {
		return Response{}, fmt.Errorf("TCG %s: %d bytes are more than the TPer takes", method, len(b))
	}
	if err := p.t.Exec(ctx, Command{Send: true, Protocol: ProtocolTCG, ComID: p.comID, Data: b}); err != nil {
		return Response{}, fmt.Errorf("TCG %s: %w", method, err)
	}
	in, err := p.receive(ctx, within)
	if err != nil {
		return Response{}, fmt.Errorf("TCG %s: %w", method, err)
	}
	if in.TSN != out.TSN || in.HSN != out.HSN {
		return Response{}, fmt.Errorf("TCG %s: %w", method, ErrForeign)
	}
	r, err := ParseResponse(in.Payload)
	if err != nil {
		return Response{}, fmt.Errorf("TCG %s: %w", method, err)
	}
	return r, r.check(method)
}

// receive polls IF-RECV until a packet comes (Core clause 3.3.10). A TPer
// that is working announces outstanding data; some say nothing for a while.
func (p *TPer) receive(ctx context.Context, within time.Duration) (Packet, error) {
	waited, pause, size, empty := time.Duration(0), pollFirst, answerBytes, 0
	for {
		buf := make([]byte, size)
		if err := p.t.Exec(ctx, Command{Protocol: ProtocolTCG, ComID: p.comID, Data: buf}); err != nil {
			return Packet{}, err
		}
		in, err := ParsePacket(buf)
		if err != nil || len(in.Payload) > 0 {
			return in, err
		}
		switch {
		case int64(in.MinTransfer) > int64(size) && in.MinTransfer <= 1<<16:
			size = len(padded(make([]byte, in.MinTransfer)))
			continue
		case in.Outstanding == 0:
			empty++
		}
		if waited >= within || empty > emptyAnswers {
			return Packet{}, ErrNoAnswer
		}
		if err := p.pause(ctx, pause); err != nil {
			return Packet{}, err
		}
		waited, pause = waited+pause, min(2*pause, pollLongest)
	}
}
