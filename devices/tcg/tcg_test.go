package tcg

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "", "\t", "").Replace(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTokens(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		want     Token
		bad      bool
	}{
		{name: "tiny", in: "2A", want: Token{Kind: KindUint, Uint: 0x2A}},
		{name: "tiny, signed, positive", in: "45", want: Token{Kind: KindUint, Uint: 5}},
		{name: "tiny, signed, negative", in: "7F", want: Token{Kind: KindInt, Uint: ^uint64(0)}},
		{name: "short number", in: "82 01 00", want: Token{Kind: KindUint, Uint: 0x100}},
		{name: "short number, negative", in: "91 FE", want: Token{Kind: KindInt, Uint: ^uint64(0) - 1}},
		{name: "short bytes", in: "A3 01 02 03", want: Token{Kind: KindBytes, Bytes: []byte{1, 2, 3}}},
		{name: "no bytes", in: "A0", want: Token{Kind: KindBytes, Bytes: []byte{}}},
		{name: "medium bytes", in: "D0 02 AA BB", want: Token{Kind: KindBytes, Bytes: []byte{0xAA, 0xBB}}},
		{name: "long bytes", in: "E2 00 00 01 CC", want: Token{Kind: KindBytes, Bytes: []byte{0xCC}}},
		{name: "medium number", in: "C0 02 12 34", want: Token{Kind: KindUint, Uint: 0x1234}},
		{name: "eight bytes", in: "88 FF FF FF FF FF FF FF FF", want: Token{Kind: KindUint, Uint: ^uint64(0)}},
		{name: "control", in: "F8", want: Token{Kind: KindControl, Control: tokCall}},
		{name: "empty atoms before", in: "FF FF 01", want: Token{Kind: KindUint, Uint: 1}},
		{name: "only empty atoms", in: "FF", want: Token{}},
		{name: "nine bytes", in: "89 01 02 03 04 05 06 07 08 09", bad: true},
		{name: "a number of no bytes", in: "80", bad: true},
		{name: "short, cut", in: "A3 01", bad: true},
		{name: "medium, cut", in: "D0", bad: true},
		{name: "long, cut", in: "E2 00 00", bad: true},
		{name: "continued", in: "B1 01", bad: true},
		{name: "reserved", in: "E4", bad: true},
		{name: "reserved control", in: "F4", bad: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, _, err := nextToken(unhex(t, tc.in))
			if (err != nil) != tc.bad {
				t.Fatalf("%+v, %v", got, err)
			}
			if !tc.bad && (got.Kind != tc.want.Kind || got.Uint != tc.want.Uint || got.Control != tc.want.Control || !bytes.Equal(got.Bytes, tc.want.Bytes)) {
				t.Errorf("%+v, want %+v", got, tc.want)
			}
		})
	}
}

// What is encoded is the shortest atom, and decodes to the same.
func TestAtomsThereAndBack(t *testing.T) {
	for _, v := range []uint64{0, 1, 0x3F, 0x40, 0xFF, 0x100, 0xFFFF, 0x10000, 1 << 32, ^uint64(0)} {
		tok, rest, err := nextToken(appendUint(nil, v))
		if err != nil || tok.Kind != KindUint || tok.Uint != v || len(rest) != 0 {
			t.Errorf("%X: %+v, %v", v, tok, err)
		}
	}
	for _, n := range []int{0, 1, 15, 16, 2047, 2048, 70000} {
		want := bytes.Repeat([]byte{0x5A}, n)
		tok, rest, err := nextToken(appendBytes(nil, want))
		if err != nil || tok.Kind != KindBytes || !bytes.Equal(tok.Bytes, want) || len(rest) != 0 {
			t.Errorf("%d bytes: %d of kind %d, %v", n, len(tok.Bytes), tok.Kind, err)
		}
	}
}

// The bytes of a StartSession with the PSID as the Core lays them out, header
// by header.
func TestStartSessionOnTheWire(t *testing.T) {
	psid := PIN("PSID0123456789PSID0123456789PSID")
	s := &script{answers: [][]byte{Packet{ComID: 0x07FE, Payload: unhex(t,
		"F8 A8 00000000000000FF A8 000000000000FF03 F0 01 82 1000 F1 F9 F0 00 00 00 F1")}.Encode()}}
	p := &TPer{t: s, comID: 0x07FE, hsn: 1, pause: noPause}
	if _, err := p.Start(t.Context(), AdminSP, &Credential{AuthorityPSID, psid}); err != nil {
		t.Fatal(err)
	}
	want := unhex(t, `00000000 07FE0000 00000000 00000000 0000007C
		00000000 00000000 00000000 00000000 00000000 00000064
		000000000000 0000 00000057
		F8 A800000000000000FF A8000000000000FF02 F0 01 A80000020500000001 01
		F2 00 D020`+hex.EncodeToString(psid)+`F3 F2 03 A8000000090001FF01 F3 F1 F9 F0 00 00 00 F1`)
	got := s.sent[0]
	if len(got.Data) != 512 || got.Protocol != ProtocolTCG || got.ComID != 0x07FE {
		t.Fatalf("%d bytes, protocol %d, ComID %04X", len(got.Data), got.Protocol, got.ComID)
	}
	if !bytes.Equal(got.Data[:len(want)], want) {
		t.Errorf("sent\n%X\nwant\n%X", got.Data[:len(want)], want)
	}
	if rest := bytes.Trim(got.Data[len(want):], "\x00"); len(rest) > 0 {
		t.Errorf("behind it: %X", rest)
	}
}

func TestParsePacketRefuses(t *testing.T) {
	good := Packet{ComID: 1, TSN: 2, HSN: 3, Payload: []byte{tokEndOfSession}}.Encode()
	if p, err := ParsePacket(good); err != nil || p.TSN != 2 || p.HSN != 3 || !bytes.Equal(p.Payload, []byte{tokEndOfSession}) {
		t.Fatalf("%+v, %v", p, err)
	}
	for _, tc := range []struct {
		name string
		do   func(b []byte) []byte
	}{
		{"cut", func(b []byte) []byte { return b[:19] }},
		{"longer than it is", func(b []byte) []byte { be.PutUint32(b[16:], 4096); return b }},
		{"too short for a subpacket", func(b []byte) []byte { be.PutUint32(b[16:], 20); return b }},
		{"packet longer than the ComPacket", func(b []byte) []byte { be.PutUint32(b[40:], 400); return b }},
		{"subpacket longer than the packet", func(b []byte) []byte { be.PutUint32(b[52:], 400); return b }},
		{"credit control", func(b []byte) []byte { b[51] = 1; b[50] = 0x80; return b }},
	} {
		if p, err := ParsePacket(tc.do(bytes.Clone(good))); err == nil {
			t.Errorf("%s: %+v", tc.name, p)
		}
	}
}

func TestParseResponse(t *testing.T) {
	for _, tc := range []struct {
		name, in string
		status   Status
		bad, end bool
	}{
		{name: "empty, success", in: "F0 F1 F9 F0 00 00 00 F1"},
		{name: "not authorized", in: "F0 F1 F9 F0 01 00 00 F1", status: StatusNotAuthorized},
		{name: "an answer of the session manager", in: "F8 A8 00000000000000FF A8 000000000000FF03 F0 01 02 F1 F9 F0 00 00 00 F1"},
		{name: "end of session", in: "FA", end: true},
		{name: "no status", in: "F0 F1 F9", bad: true},
		{name: "no end of data", in: "F0 F1 F0 00 00 00 F1", bad: true},
		{name: "a status list without a status", in: "F0 F1 F9 F0 F1", bad: true},
		{name: "a number", in: "01 F9 F0 00 00 00 F1", bad: true},
		{name: "a list that does not end", in: "F0 01", bad: true},
		{name: "a name that does not end", in: "F0 F2 01 02 F1 F9 F0 00 00 00 F1", bad: true},
		{name: "nested without end", in: strings.Repeat("F0", 40), bad: true},
		{name: "nothing", in: "", bad: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r, err := ParseResponse(unhex(t, tc.in))
			if (err != nil) != tc.bad || r.EndOfSession != tc.end || r.Status != tc.status {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
}

func noPause(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// script is a transport that gives prepared answers and keeps what was sent.
type script struct {
	sent    []Command
	answers [][]byte
	errs    map[int]error // of the n-th command
	n       int
}

func (s *script) Exec(_ context.Context, c Command) error {
	s.n++
	if err := s.errs[s.n]; err != nil {
		return err
	}
	if c.Send {
		c.Data = bytes.Clone(c.Data)
		s.sent = append(s.sent, c)
		return nil
	}
	if len(s.answers) == 0 {
		return nil
	}
	copy(c.Data, s.answers[0])
	s.answers = s.answers[1:]
	return nil
}

func TestReceive(t *testing.T) {
	working := Packet{ComID: 1, Outstanding: 1}.Encode()
	answer := Packet{ComID: 1, TSN: 9, HSN: 4, Payload: unhex(t, "F0 F1 F9 F0 00 00 00 F1")}.Encode()
	other := Packet{ComID: 1, TSN: 8, HSN: 4, Payload: unhex(t, "F0 F1 F9 F0 00 00 00 F1")}.Encode()
	broken := errors.New("broken road")
	for _, tc := range []struct {
		name    string
		answers [][]byte
		errs    map[int]error
		want    error
	}{
		{name: "at once", answers: [][]byte{answer}},
		{name: "works for a while", answers: [][]byte{working, working, working, answer}},
		{name: "says nothing for a while", answers: [][]byte{make([]byte, 512), make([]byte, 512), answer}},
		{name: "says nothing for good", want: ErrNoAnswer},
		{name: "answers somebody else", answers: [][]byte{other}, want: ErrForeign},
		{name: "the road breaks at the send", errs: map[int]error{1: broken}, want: broken},
		{name: "the road breaks at the receive", errs: map[int]error{2: broken}, want: broken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := &TPer{t: &script{answers: tc.answers, errs: tc.errs}, comID: 1, pause: noPause}
			_, err := p.ask(t.Context(), "Get", Packet{TSN: 9, HSN: 4, Payload: []byte{0}}, time.Minute)
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
				t.Errorf("%v, want %v", err, tc.want)
			}
		})
	}
}

// A stop request ends the waiting for a TPer that works for long.
func TestReceiveStops(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	polls := 0
	p := &TPer{t: &script{answers: [][]byte{Packet{Outstanding: 1}.Encode(), Packet{Outstanding: 1}.Encode()}}, pause: func(ctx context.Context, _ time.Duration) error {
		if polls++; polls == 2 {
			stop()
		}
		return ctx.Err()
	}}
	if _, err := p.receive(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestParsePSID(t *testing.T) {
	for _, tc := range []struct {
		in, want string
	}{
		{"0123456789ABCDEF0123456789ABCDEF", "0123456789ABCDEF0123456789ABCDEF"},
		{" 0123-4567 89ab-cdef\n0123456789abcdef\t", "0123456789ABCDEF0123456789ABCDEF"},
		{"0123456789ABCDEF", "0123456789ABCDEF"},
		{"0123456789ABCDE", ""},
		{"0123456789ABCDEF0123456789ABCDEF0", ""},
		{"0123456789ABCDEF_123456789ABCDEF", ""},
		{"０１２３４５６７８９０１２３４５６７", ""},
		{"", ""},
	} {
		got, err := ParsePSID(tc.in)
		if string(got) != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%q: %q, %v", tc.in, []byte(got), err)
		}
		if err == nil && strings.Contains(got.String(), tc.want) {
			t.Errorf("%q is printed", tc.in)
		}
	}
}
