package nvme

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/massho/massho/devices/support"
)

// fake is a controller that records what it is sent.
type fake struct {
	sent   []AdminCommand
	answer func(AdminCommand) error
}

func (f *fake) Admin(_ context.Context, c AdminCommand) (Completion, error) {
	f.sent = append(f.sent, c)
	if f.answer == nil {
		return Completion{}, nil
	}
	return Completion{}, f.answer(c)
}

func says(data []byte) *fake {
	return &fake{answer: func(c AdminCommand) error { copy(c.Data, data); return nil }}
}

// controller is Identify Controller data written from the standard's layout.
func controller() []byte {
	b := make([]byte, 4096)
	le := binary.LittleEndian
	le.PutUint16(b, 0x1234)
	copy(b[4:], "            MSH-0001")
	copy(b[24:], "MASSHO TEST NVME                        ")
	copy(b[64:], "1.0     ")
	b[76], b[77] = 0x02, 5
	le.PutUint16(b[78:], 7)
	le.PutUint32(b[80:], 0x10400)
	le.PutUint16(b[256:], 0x000B) // security, format, namespace management
	le.PutUint16(b[266:], 343)
	le.PutUint16(b[268:], 358)
	le.PutUint64(b[280:], 1<<40)
	le.PutUint64(b[288:], 1) // TNVMCAP is 128 bits
	le.PutUint64(b[296:], 4096)
	le.PutUint32(b[328:], 0xA0000005) // crypto, overwrite, NDI, NODMMAS 2
	le.PutUint32(b[516:], 32)
	b[524] = 0x06
	copy(b[768:], "nqn.2026-01.example:massho")
	return b
}

func TestParseController(t *testing.T) {
	c, raw, err := IdentifyController(context.Background(), says(controller()))
	if err != nil || !bytes.Equal(raw, controller()) {
		t.Fatal(err)
	}
	y, n := support.Yes, support.No
	want := Controller{VID: 0x1234, Serial: "MSH-0001", Model: "MASSHO TEST NVME", Firmware: "1.0",
		Version: 0x10400, ControllerID: 7, Multi: true, MDTS: 5, WarningTemp: 343, CriticalTemp: 358,
		Security: y, Format: y, NSManagement: y,
		Sanitize:  SanitizeSupport{Raw: 0xA0000005, Crypto: y, Block: n, Overwrite: y, NoDeallocInhibited: y, NODMMAS: 2},
		FormatNVM: FormatSupport{Raw: 6, FormatAll: n, EraseAll: y, Crypto: y, NoBroadcast: n},
		Total:     Uint128{Lo: 1 << 40, Hi: 1}, Unallocated: Uint128{Lo: 4096},
		NN: 32, NNKnown: true, Subsystem: "nqn.2026-01.example:massho"}
	if c != want {
		t.Errorf("\n got %+v\nwant %+v", c, want)
	}
	if s := c.Total.String(); s != "18446745173221179392" {
		t.Errorf("TNVMCAP %s", s)
	}
	if _, ok := c.Total.Uint64(); ok {
		t.Error("65 bits fit in 64")
	}
	part, err := ParseController(controller()[:512])
	if err != nil || part.NNKnown || part.FormatNVM.Crypto != support.Unknown || part.Subsystem != "" || !part.Sanitize.Crypto.IsYes() {
		t.Errorf("%+v, %v", part, err)
	}
}

func TestControllerRefusals(t *testing.T) {
	var e *ParseError
	for name, b := range map[string][]byte{
		"short": controller()[:511], "zeroes": make([]byte, 4096), "ones": bytes.Repeat([]byte{0xFF}, 4096), "nil": nil,
	} {
		if _, err := ParseController(b); !errors.As(err, &e) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// The bits beside the low three describe, they do not offer.
	b := controller()
	binary.LittleEndian.PutUint32(b[328:], 0xE0000000)
	if c, err := ParseController(b); err != nil || c.Sanitize.Any() || !c.Sanitize.Crypto.IsNo() {
		t.Errorf("%+v, %v", c.Sanitize, err)
	}
}

// A positive return value of the ioctl is the NVMe status: it must become an
// error, always, and only zero must not.
func TestStatusError(t *testing.T) {
	san := AdminCommand{Opcode: OpSanitize, CDW10: 2, Data: []byte{1}}
	for _, tt := range []struct {
		status uint16
		want   string
		is     error
	}{
		{0x001D, "Sanitize block erase: sanitize in progress (SCT 0h SC 1Dh)", ErrSanitizeInProgress},
		{0x4002, "Sanitize block erase: invalid field in command (SCT 0h SC 02h, do not retry)", ErrInvalidField},
		{0x2020, "Sanitize block erase: namespace is write protected (SCT 0h SC 20h)", ErrWriteProtected},
		{0x410A, "Sanitize block erase: invalid format (SCT 1h SC 0Ah, do not retry)", ErrInvalidFormat},
		{0x0742, "Sanitize block erase: vendor specific status (SCT 7h SC 42h)", nil},
		{0x01FE, "Sanitize block erase: unknown status (SCT 1h SC FEh)", nil},
	} {
		err := NewStatusError(san, tt.status)
		var e *StatusError
		if !errors.As(err, &e) || err.Error() != tt.want || e.Command.Data != nil {
			t.Errorf("%04X: %v", tt.status, err)
		}
		if tt.is != nil && !errors.Is(err, tt.is) || errors.Is(err, ErrSanitizeFailed) {
			t.Errorf("%04X: identity", tt.status)
		}
	}
	for status := range uint16(0x7FFF) {
		if err := NewStatusError(san, status); (err == nil) != (status&0x7FF == 0) {
			t.Fatalf("%04X: %v", status, err)
		}
	}
	// Two real errors are never equal to each other by chance.
	if errors.Is(NewStatusError(san, 2), NewStatusError(san, 2)) {
		t.Error("an error with a command is no sentinel")
	}
}

func TestEveryCommandReturnsItsStatus(t *testing.T) {
	ctx := context.Background()
	ns := Namespace{Formats: []LBAFormat{{DataSize: 512}}}
	for name, call := range map[string]func(Transport) error{
		"controller":  func(t Transport) error { _, _, err := IdentifyController(ctx, t); return err },
		"namespace":   func(t Transport) error { _, _, err := IdentifyNamespace(ctx, t, 1); return err },
		"descriptors": func(t Transport) error { _, _, err := IdentifyDescriptors(ctx, t, 1); return err },
		"active":      func(t Transport) error { _, err := ActiveNamespaces(ctx, t); return err },
		"allocated":   func(t Transport) error { _, err := AllocatedNamespaces(ctx, t); return err },
		"sanitize":    Sanitize{Action: BlockErase}.runWith(ctx),
		"log 81h":     func(t Transport) error { _, _, err := SanitizeStatus(ctx, t); return err },
		"log 02h":     func(t Transport) error { _, _, err := SMARTLog(ctx, t); return err },
		"format":      func(t Transport) error { return Format(ctx, t, 1, ns, SESUser, 0) },
		"send":        func(t Transport) error { return SecuritySend(ctx, t, 1, 1, make([]byte, 512)) },
		"receive":     func(t Transport) error { return SecurityReceive(ctx, t, 1, 1, make([]byte, 512)) },
	} {
		f := &fake{answer: func(c AdminCommand) error { return NewStatusError(c, 0x4002) }}
		if err := call(f); !errors.Is(err, ErrInvalidField) || len(f.sent) != 1 {
			t.Errorf("%s: %v", name, err)
		}
		f = &fake{answer: func(AdminCommand) error { return io.ErrUnexpectedEOF }}
		if err := call(f); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (s Sanitize) runWith(ctx context.Context) func(Transport) error {
	return func(t Transport) error { return s.Run(ctx, t) }
}

func TestSanitizeCommand(t *testing.T) {
	for _, tt := range []struct {
		name         string
		s            Sanitize
		cdw10, cdw11 uint32
	}{
		{"block", Sanitize{Action: BlockErase}, 0x002, 0},
		{"crypto, unrestricted, no deallocate", Sanitize{Action: CryptoErase, Unrestricted: true, NoDeallocate: true}, 0x20C, 0},
		{"exit failure mode", Sanitize{Action: ExitFailureMode}, 0x001, 0},
		{"overwrite, 16 passes", Sanitize{Action: Overwrite, Passes: 16, Pattern: 0xDEADBEEF}, 0x003, 0xDEADBEEF},
		{"overwrite, 3 passes, inverted", Sanitize{Action: Overwrite, Passes: 3, Invert: true}, 0x133, 0},
	} {
		c, err := tt.s.Command()
		if err != nil || c.Opcode != 0x84 || c.CDW10 != tt.cdw10 || c.CDW11 != tt.cdw11 {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
	}
	for name, s := range map[string]Sanitize{
		"no action": {}, "action 5": {Action: 5}, "no passes": {Action: Overwrite}, "17 passes": {Action: Overwrite, Passes: 17},
		"block with passes": {Action: BlockErase, Passes: 1}, "crypto with a pattern": {Action: CryptoErase, Pattern: 1},
	} {
		f := &fake{}
		if err := s.Run(context.Background(), f); err == nil || len(f.sent) != 0 {
			t.Errorf("%s was sent", name)
		}
	}
}

func TestSanitizeLog(t *testing.T) {
	page := func(sprog, sstat uint16, cdw10 uint32) SanitizeLogPage {
		b := make([]byte, 512)
		binary.LittleEndian.PutUint16(b, sprog)
		binary.LittleEndian.PutUint16(b[2:], sstat)
		binary.LittleEndian.PutUint32(b[4:], cdw10)
		l, err := ParseSanitizeLog(b)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	for _, tt := range []struct {
		name         string
		sprog, sstat uint16
		state        SanitizeState
		passes       uint8
		gde, done    bool
		progress     bool
	}{
		{"never, progress field full", 0xFFFF, 0x000, NeverSanitized, 0, false, false, false},
		{"done, GDE", 0xFFFF, 0x101, SanitizeCompleted, 0, true, true, false},
		{"done, written since, stale progress", 0x1234, 0x001, SanitizeCompleted, 0, false, true, false},
		{"in progress, second pass", 0x8000, 0x00A, SanitizeInProgress, 1, false, false, true},
		{"failed", 0xFFFF, 0x003, SanitizeFailed, 0, false, false, false},
		{"done, deallocated", 0xFFFF, 0x104, SanitizeCompletedNDA, 0, true, true, false},
		{"reserved", 0xFFFF, 0x007, 7, 0, false, false, false},
	} {
		l := page(tt.sprog, tt.sstat, 2)
		if _, ok := l.Progress(); l.State != tt.state || l.Passes != tt.passes || l.GlobalErased != tt.gde ||
			l.Completed() != tt.done || ok != tt.progress || l.State.String() == "" {
			t.Errorf("%s: %+v", tt.name, l)
		}
	}
	block := AdminCommand{Opcode: OpSanitize, CDW10: 2}
	if !page(0, 0, 2).Tells(block) || page(0, 0, 4).Tells(block) || page(0, 0, 0x202).Tells(block) ||
		page(0, 0, 2).Tells(AdminCommand{Opcode: OpFormatNVM, CDW10: 2}) {
		t.Error("which command the page tells of")
	}
	if _, err := ParseSanitizeLog(make([]byte, 31)); err == nil {
		t.Error("31 bytes were taken")
	}
	l := SanitizeLogPage{Overwrite: 100, Block: NoEstimate, Crypto: 5, CryptoND: 7}
	for _, tt := range []struct {
		a    SanitizeAction
		nd   bool
		want uint32
		ok   bool
	}{{Overwrite, false, 100, true}, {Overwrite, true, 100, true}, {CryptoErase, true, 7, true}, {BlockErase, false, 0, false}, {ExitFailureMode, false, 0, false}} {
		if s, ok := l.Estimate(tt.a, tt.nd); ok != tt.ok || ok && s != tt.want {
			t.Errorf("%+v: %d %v", tt, s, ok)
		}
	}
}

func TestFormatCommand(t *testing.T) {
	ns, err := ParseNamespace(namespace(40, 33))
	if err != nil {
		t.Fatal(err)
	}
	ns.MetadataInline, ns.PIType, ns.PIFirst = true, 3, true
	c, err := FormatCommand(7, ns, SESCrypto, time.Hour)
	// LBAF 33: low 1, high 2; MSET; PI 3; PIL; SES 2
	if want := uint32(1 | 1<<4 | 3<<5 | 1<<8 | 2<<9 | 2<<12); err != nil || c.CDW10 != want || c.NSID != 7 || c.Timeout != time.Hour {
		t.Errorf("%X, want %X, %v", c.CDW10, want, err)
	}
	if Name(c) != "Format NVM SES 2" {
		t.Error(Name(c))
	}
	if _, err := FormatCommand(1, ns, 3, 0); err == nil {
		t.Error("SES 3")
	}
	if _, err := FormatCommand(1, Namespace{}, SESUser, 0); err == nil {
		t.Error("a namespace that nobody identified")
	}
}

func TestLogsAndSecurity(t *testing.T) {
	b := make([]byte, 512)
	b[0], b[3], b[4], b[5] = 0x09, 0, 10, 104
	binary.LittleEndian.PutUint16(b[1:], 310)
	binary.LittleEndian.PutUint64(b[128:], 12345)
	binary.LittleEndian.PutUint64(b[160:], 3)
	f := says(b)
	s, _, err := SMARTLog(context.Background(), f)
	if c, ok := s.TemperatureC(); err != nil || !ok || c != 37 || !s.ReadOnly() || s.PercentageUsed != 104 ||
		s.PowerOnHours.String() != "12345" || s.MediaErrors.Lo != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	if c := f.sent[0]; c.Opcode != 2 || c.CDW10 != 0x007F0002 || c.NSID != AllNamespaces {
		t.Errorf("%+v", c)
	}
	if _, ok := (SMART{}).TemperatureC(); ok {
		t.Error("0 K was taken")
	}
	if _, err := ParseSMART(b[:175]); err == nil {
		t.Error("175 bytes were taken")
	}
	for _, n := range []int{0, 5} {
		if _, err := LogCommand(2, 0, make([]byte, n)); err == nil {
			t.Errorf("%d bytes", n)
		}
	}
	if c, err := LogCommand(0x81, AllNamespaces, make([]byte, 4<<16)); err != nil || c.CDW10 != 0xFFFF0081 || c.CDW11 != 0 {
		t.Errorf("%X %X, %v", c.CDW10, c.CDW11, err)
	}
	if c := SecuritySendCommand(2, 0x1004, make([]byte, 512)); c.CDW10 != 0x02100400 || c.CDW11 != 512 || !c.Out {
		t.Errorf("%+v", c)
	}
	if c := SecurityReceiveCommand(1, 1, make([]byte, 2048)); c.CDW10 != 0x01000100 || c.CDW11 != 2048 || c.Out {
		t.Errorf("%+v", c)
	}
}

func TestNames(t *testing.T) {
	for want, c := range map[string]AdminCommand{
		"Get Log Page 81h": {Opcode: 2, CDW10: 0x7F0081}, "Identify CNS 10h": {Opcode: 6, CDW10: 0x10},
		"Get Features 17h": {Opcode: 0x0A, CDW10: 0x17}, "Security Send": {Opcode: 0x81},
		"Security Receive": {Opcode: 0x82}, "Sanitize action 7": {Opcode: 0x84, CDW10: 7},
		"Sanitize exit failure mode": {Opcode: 0x84, CDW10: 1}, "NVMe admin command C0h": {Opcode: 0xC0},
	} {
		if got := Name(c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParseController(f *testing.F) {
	f.Add(controller()[:1024])
	f.Add(controller()[:512])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseController(b)
		if err == nil && (c.Model == "" || c.Sanitize.Any() != (c.Sanitize.Crypto.IsYes() || c.Sanitize.Block.IsYes() || c.Sanitize.Overwrite.IsYes())) {
			t.Fatalf("%+v", c)
		}
	})
}

func FuzzParseNamespace(f *testing.F) {
	f.Add(namespace(2, 1)[:136])
	f.Add(namespace(64, 63)[:384])
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := ParseNamespace(b)
		if err != nil {
			return
		}
		if n.Current().DataSize < 512 || n.Size == 0 {
			t.Fatalf("%+v", n)
		}
		if _, err := FormatCommand(1, n, SESUser, 0); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzLists(f *testing.F) {
	f.Add([]byte{1, 8, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(make([]byte, 512))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ids, err := ParseDescriptors(b); err == nil && len(ids.UUID) != 0 && len(ids.UUID) != 32 {
			t.Fatal(ids)
		}
		ids, err := ParseNamespaceList(b)
		if err == nil && len(ids) > len(b)/4 {
			t.Fatal(ids)
		}
		if l, err := ParseSanitizeLog(b); err == nil && l.Completed() && l.State == SanitizeInProgress {
			t.Fatal(l)
		}
		ParseSMART(b)
	})
}
