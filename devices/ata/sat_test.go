package ata

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil {
		panic(err)
	}
	return b
}

func TestSATCDB16(t *testing.T) {
	overwrite, err := SanitizeOverwriteCommand(0xDDCCBBAA, 16, true, false)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		c    Command
		want string
	}{
		{"identify", IdentifyCommand(), "85 08 0e 00 00 00 01 00 00 00 00 00 00 00 ec 00"},
		{"security set password", SecuritySetPasswordCommand(Password{}), "85 0a 06 00 00 00 01 00 00 00 00 00 00 00 f1 00"},
		{"security erase prepare", SecurityPrepareCommand(), "85 06 20 00 00 00 00 00 00 00 00 00 00 00 f3 00"},
		{"sanitize status", SanitizeStatusCommand(false), "85 07 20 00 00 00 00 00 00 00 00 00 00 40 b4 00"},
		{"sanitize crypto", SanitizeCryptoCommand(false), "85 07 20 00 11 00 00 43 70 00 79 00 72 40 b4 00"},
		{"sanitize block", SanitizeBlockCommand(false), "85 07 20 00 12 00 00 42 72 00 45 00 6b 40 b4 00"},
		{"sanitize overwrite", overwrite, "85 07 20 00 14 00 80 dd aa 57 bb 4f cc 40 b4 00"},
		{"read native max ext", ReadNativeMaxExtCommand(), "85 07 20 00 00 00 00 00 00 00 00 00 00 40 27 00"},
		{"set max ext, persistent", SetMaxExtCommand(0x0123456789AB, true), "85 07 20 00 00 00 01 45 ab 23 89 01 67 40 37 00"},
		{"set max 28-bit", SetMaxCommand(0x0ABCDEF1, false), "85 06 20 00 00 00 00 00 f1 00 de 00 bc 4a f9 00"},
		{"read log ext", ReadLogCommand(4, 0x0102, 1), "85 09 0e 00 00 00 01 00 04 01 02 00 00 40 2f 00"},
	}
	for _, tt := range tests {
		got, err := SATCDB16(tt.c)
		if err != nil || !bytes.Equal(got, unhex(tt.want)) {
			t.Errorf("%s: % x (%v), want %s", tt.name, got, err, tt.want)
		}
	}
}

func TestSATCDB12(t *testing.T) {
	got, err := SATCDB12(IdentifyCommand())
	if want := unhex("a1 08 0e 00 01 00 00 00 00 ec 00 00"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("% x (%v)", got, err)
	}
	if _, err := SATCDB12(SanitizeStatusCommand(false)); !NoPassThrough(err) {
		t.Errorf("SANITIZE through A1h: %v", err)
	}
}

func TestSATCDBRefuses(t *testing.T) {
	for name, c := range map[string]Command{
		"data with non-data":      {Command: 0xEC, Data: make([]byte, 512)},
		"no data with PIO":        {Command: 0xEC, Protocol: PIOIn, Count: 1},
		"half a block":            {Command: 0xEC, Protocol: PIOIn, Count: 1, Data: make([]byte, 100)},
		"count without data":      {Command: 0xEC, Protocol: PIOIn, Count: 2, Data: make([]byte, 512)},
		"28-bit with a wide LBA":  {Command: 0xF9, LBA: 1 << 28},
		"28-bit with wide count":  {Command: 0xF9, Count: 0x100},
		"a protocol of its own":   {Command: 0xEC, Protocol: 9, Count: 1, Data: make([]byte, 512)},
		"28-bit, count 0 is 256":  {Command: 0xEC, Protocol: PIOIn, Data: make([]byte, 512)},
		"48-bit with no count":    {Command: 0x2F, Protocol: PIOIn, Extended: true, Data: make([]byte, 512)},
		"28-bit, feature 16 bits": {Command: 0xB0, Feature: 0x1D0},
	} {
		if cdb, err := SATCDB16(c); err == nil {
			t.Errorf("%s: % x", name, cdb)
		}
		if cdb, err := SATCDB12(c); err == nil {
			t.Errorf("%s: % x", name, cdb)
		}
	}
}

// The four shapes in which registers come back, as facts and runs show them.
func TestSenseShapes(t *testing.T) {
	sanitizing := Registers{Status: 0x50, Device: 0x40, Count: 0x4000, LBA: 0x1234, CountHigh: HighKnown, LBAHigh: HighKnown}
	tests := []struct {
		name  string
		sense string
		want  *Registers
	}{
		{"a: descriptor, extended",
			"72 01 00 1d 00 00 00 0e 09 0c 01 00 40 00 00 34 00 12 00 00 40 50", &sanitizing},
		{"a: descriptor behind another",
			"72 01 00 1d 00 00 00 1a 00 0a 80 00 00 00 00 00 00 00 00 00 09 0c 01 00 40 00 00 34 00 12 00 00 40 50", &sanitizing},
		{"a: VALID bit in byte 0 is no other code",
			"f2 01 00 1d 00 00 00 0e 09 0c 01 00 40 00 00 34 00 12 00 00 40 50", &sanitizing},
		{"a: not extended: upper halves were not returned",
			"72 01 00 1d 00 00 00 0e 09 0c 00 00 00 ff 00 00 00 4f 00 c2 40 50",
			&Registers{Status: 0x50, Device: 0x40, Count: 0xFF, LBA: 0xC24F00}},
		{"a: descriptor cut off", "72 01 00 1d 00 00 00 0e 09 0c 01 00 40 00 00 34", nil},
		{"a: no descriptor", "72 01 00 1d 00 00 00 00", nil},
		{"b: fixed, flags say not zero",
			"f0 00 01 00 50 40 00 0a e0 00 00 00 00 1d 00 00 00 00",
			&Registers{Status: 0x50, Device: 0x40, CountHigh: HighNonZero, LBAHigh: HighNonZero}},
		{"b: additional length 0dh",
			"f0 00 01 00 50 40 3c 0d 80 11 22 33 00 1d 00 00 00 00",
			&Registers{Status: 0x50, Device: 0x40, Count: 0x3C, LBA: 0x332211, CountHigh: HighZero, LBAHigh: HighZero}},
		{"b: all zero: the road returned none", "70 00 01 00 00 00 00 0a 00 00 00 00 00 1d 00 00 00 00", nil},
		{"c: old libata, aborted",
			"70 00 0b 00 00 00 00 0a 04 41 40 00 00 00 00 00 80 00",
			&Registers{Error: 0x04, Status: 0x41, Device: 0x40}},
		{"c: old libata, all of it",
			"70 00 05 00 00 00 00 0a 04 51 40 01 21 04 00 00 a0 12 34 56",
			&Registers{Error: 0x04, Status: 0x51, Device: 0x40, Count: 1, LBA: 0x563412, CountHigh: HighZero, LBAHigh: HighNonZero}},
		{"d: fixed with the descriptor at 18",
			"70 00 01 00 50 40 00 0a 00 00 00 00 00 1d 00 00 00 00 09 0c 01 00 40 00 00 34 00 12 00 00 40 50", &sanitizing},
		{"d: the descriptor was cut off: the fixed fields stay",
			"f0 00 01 00 50 40 00 0a c0 34 12 00 00 1d 00 00 00 00 09 0c 01 00",
			&Registers{Status: 0x50, Device: 0x40, LBA: 0x1234, CountHigh: HighNonZero, LBAHigh: HighZero}},
		{"unit attention holds no registers", "70 00 06 00 00 00 00 0a 04 51 40 00 29 00 00 00 00 00", nil},
		{"medium error: INFORMATION is an LBA", "f0 00 03 00 12 d6 87 0a 00 00 00 00 11 00 00 00 00 00", nil},
		{"cut to eight bytes", "70 00 0b 00 00 00 00 0a", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := scsi.ParseSense(unhex(tt.sense))
			if err != nil {
				t.Fatal(err)
			}
			got := senseRegisters(s)
			if (got == nil) != (tt.want == nil) || got != nil && *got != *tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// The outcome of a command by what came back.
func TestSATResult(t *testing.T) {
	const check = scsi.StatusCheckCondition
	const success = "72 01 00 1d 00 00 00 0e 09 0c 01 00 00 00 00 00 00 00 00 00 40 50"
	tests := []struct {
		name   string
		status byte
		sense  string
		regs   bool
		kind   string // "", command, road, unsupported
	}{
		{"GOOD without sense: registers unknown", 0, "", false, ""},
		{"success looks like failure", check, success, true, ""},
		{"GOOD with sense", 0, success, true, ""},
		{"GOOD with sense of no known format", 0, "00 00 00 00", false, ""},
		{"success without registers", check, "70 00 01 00 00 00 00 0a 00 00 00 00 00 1d 00 00 00 00", false, ""},
		{"check condition without sense", check, "", false, "road"},
		{"check condition, no sense key, no registers", check, "70 00 00 00 00 00 00 0a 00 00 00 00 00 00 00 00 00 00", false, "road"},
		{"device abort", check, "f0 00 0b 04 51 40 00 0a 80 00 00 00 00 00 00 00 00 00", false, "command"},
		{"device abort, descriptor", check, "72 0b 00 00 00 00 00 0e 09 0c 00 04 00 00 00 00 00 00 00 00 40 51", false, "command"},
		{"device fault only", check, "72 01 00 1d 00 00 00 0e 09 0c 00 00 00 00 00 00 00 00 00 00 40 70", false, "command"},
		{"00/1D with the error bit is still an error", check, "72 01 00 1d 00 00 00 0e 09 0c 00 04 00 00 00 00 00 00 00 00 40 51", false, "command"},
		{"GOOD with an error in the registers", 0, "72 0b 00 00 00 00 00 0e 09 0c 00 04 00 00 00 00 00 00 00 00 40 51", false, "command"},
		{"still busy", check, "72 01 00 1d 00 00 00 0e 09 0c 00 00 00 00 00 00 00 00 00 00 40 d0", false, "road"},
		{"data pending", check, "72 01 00 1d 00 00 00 0e 09 0c 00 00 00 00 00 00 00 00 00 00 40 58", false, "road"},
		{"good registers, but the road has an error of its own", check,
			"72 04 44 00 00 00 00 0e 09 0c 00 00 00 00 00 00 00 00 00 00 40 50", false, "road"},
		{"invalid operation code", check, "70 00 05 00 00 00 00 0a 00 00 00 00 20 00 00 00 00 00", false, "unsupported"},
		{"invalid field in CDB", check, "72 05 24 00 00 00 00 00", false, "unsupported"},
		{"unit attention", check, "70 00 06 00 00 00 00 0a 00 00 00 00 29 00 00 00 00 00", false, "road"},
		{"busy status", scsi.StatusBusy, "", false, "road"},
		{"busy status with sense", scsi.StatusBusy, success, false, "road"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := SATResult(SanitizeStatusCommand(false), scsi.Command{CDB: []byte{0x85}},
				scsi.Result{Status: tt.status, Sense: unhex(tt.sense)})
			if got := kindOf(err); got != tt.kind {
				t.Errorf("got %q (%v), want %q", got, err, tt.kind)
			}
			if (res.Registers != nil) != tt.regs {
				t.Errorf("registers %+v", res.Registers)
			}
		})
	}
}

func kindOf(err error) string {
	var ce *CommandError
	var re *RoadError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &ce):
		return "command"
	case errors.As(err, &re) && re.Unsupported:
		return "unsupported"
	case errors.As(err, &re):
		return "road"
	default:
		return err.Error()
	}
}

// In fixed format SANITIZE's count 15:8 is only "not zero", or a flag's word
// for zero, or missing: none of it is idle, none of it is done.
func TestSanitizeStatusUnknown(t *testing.T) {
	unknown := SanitizeStatus{}
	for name, sense := range map[string]string{
		"fixed, not zero":     "f0 00 01 00 50 40 00 0a c0 00 00 00 00 1d 00 00 00 00",
		"fixed, zero":         "f0 00 01 00 50 40 00 0a 80 00 00 00 00 1d 00 00 00 00",
		"fixed, not extended": "f0 00 01 00 50 40 00 0a 00 00 00 00 00 1d 00 00 00 00",
		"no registers":        "70 00 01 00 00 00 00 0a 00 00 00 00 00 1d 00 00 00 00",
		"GOOD alone":          "",
	} {
		wire := scsiFake(func(scsi.Command) (scsi.Result, error) {
			r := scsi.Result{Sense: unhex(sense)}
			if len(r.Sense) > 0 {
				r.Status = scsi.StatusCheckCondition
			}
			return r, nil
		})
		s, err := SanitizeDeviceStatus(context.Background(), NewSAT16(wire))
		if err != nil || s != unknown || s.Idle() || s.Completed != support.Unknown {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}

type scsiFake func(scsi.Command) (scsi.Result, error)

func (f scsiFake) Exec(_ context.Context, c scsi.Command) (scsi.Result, error) { return f(c) }

func TestSATFallback(t *testing.T) {
	invalid := scsi.Result{Status: scsi.StatusCheckCondition, Sense: unhex("70 00 05 00 00 00 00 0a 00 00 00 00 20 00 00 00 00 00")}
	var seen []byte
	only12 := scsiFake(func(c scsi.Command) (scsi.Result, error) {
		seen = append(seen, c.CDB[0])
		if c.CDB[0] == scsi.OpATAPassThrough16 {
			return invalid, nil
		}
		copy(c.Data, "ok")
		return scsi.Result{}, nil
	})
	s, ctx := NewSAT(only12), context.Background()
	if _, err := s.Exec(ctx, SanitizeStatusCommand(false)); !NoPassThrough(err) || !bytes.Equal(seen, []byte{0x85}) {
		t.Errorf("a 48-bit command must not be tried as (12): % x, %v", seen, err)
	}
	c := IdentifyCommand()
	if _, err := s.Exec(ctx, c); err != nil || string(c.Data[:2]) != "ok" || s.Opcode() != scsi.OpATAPassThrough12 {
		t.Errorf("fallback: %v", err)
	}
	seen = nil
	if _, err := s.Exec(ctx, IdentifyCommand()); err != nil || !bytes.Equal(seen, []byte{0xA1}) {
		t.Errorf("(12) is remembered: % x, %v", seen, err)
	}
	if _, err := s.Exec(ctx, SanitizeStatusCommand(false)); !NoPassThrough(err) {
		t.Errorf("SANITIZE through (12): %v", err)
	}

	seen = nil
	neither := scsiFake(func(c scsi.Command) (scsi.Result, error) { seen = append(seen, c.CDB[0]); return invalid, nil })
	if _, err := NewSAT(neither).Exec(ctx, IdentifyCommand()); !NoPassThrough(err) || len(seen) != 2 {
		t.Errorf("neither: % x, %v", seen, err)
	}
	seen = nil
	if _, err := NewSAT16(neither).Exec(ctx, IdentifyCommand()); !NoPassThrough(err) || len(seen) != 1 {
		t.Errorf("(16) only: % x, %v", seen, err)
	}
}

// Some bridges answer what they do not know with an empty CHECK CONDITION.
func TestSATFallbackUnreadable(t *testing.T) {
	sent := map[byte]int{}
	wire := scsiFake(func(c scsi.Command) (scsi.Result, error) {
		sent[c.CDB[0]]++
		if c.CDB[0] == scsi.OpATAPassThrough12 {
			return scsi.Result{}, nil
		}
		return scsi.Result{Status: scsi.StatusCheckCondition}, nil
	})
	if _, err := NewSAT(wire).Exec(context.Background(), SecurityPrepareCommand()); kindOf(err) != "road" || sent[0xA1] != 0 {
		t.Errorf("only IDENTIFY may be repeated: %v, %v", sent, err)
	}
	if _, err := NewSAT(wire).Exec(context.Background(), IdentifyCommand()); err != nil || sent[0xA1] != 1 {
		t.Errorf("%v, %v", sent, err)
	}
}

// A command that the drive itself aborted is never sent again.
func TestSATNoResend(t *testing.T) {
	n := 0
	aborts := scsiFake(func(scsi.Command) (scsi.Result, error) {
		n++
		return scsi.Result{Status: scsi.StatusCheckCondition, Sense: unhex("f0 00 0b 04 51 40 00 0a 00 00 00 00 00 00 00 00 00 00")}, nil
	})
	s := NewSAT(aborts)
	_, err := s.Exec(context.Background(), SecurityPrepareCommand())
	var ce *CommandError
	if !errors.As(err, &ce) || !ce.Aborted() || n != 1 || s.Opcode() != scsi.OpATAPassThrough16 {
		t.Errorf("%d sent, %v", n, err)
	}
	if want := "SECURITY ERASE PREPARE: aborted by the device (status 51h error 04h: command aborted)"; err.Error() != want {
		t.Errorf("%q", err)
	}
}

func TestSATTransportError(t *testing.T) {
	broken := scsiFake(func(scsi.Command) (scsi.Result, error) { return scsi.Result{}, io.ErrUnexpectedEOF })
	_, err := NewSAT(broken).Exec(context.Background(), IdentifyCommand())
	if !errors.Is(err, io.ErrUnexpectedEOF) || NoPassThrough(err) || !strings.HasPrefix(err.Error(), "IDENTIFY DEVICE: ") {
		t.Errorf("%v", err)
	}
	reset := scsiFake(func(scsi.Command) (scsi.Result, error) {
		return scsi.Result{Status: scsi.StatusCheckCondition, Sense: unhex("70 00 06 00 00 00 00 0a 00 00 00 00 29 00 00 00 00 00")}, nil
	})
	if _, err := NewSAT(reset).Exec(context.Background(), IdentifyCommand()); !scsi.UnitAttention(err) || NoPassThrough(err) {
		t.Errorf("%v", err)
	}
}

func FuzzSATResult(f *testing.F) {
	for _, s := range []string{
		"72 01 00 1d 00 00 00 0e 09 0c 01 00 40 00 00 34 00 12 00 00 40 50",
		"f0 00 01 00 50 40 00 0a e0 00 00 00 00 1d 00 00 00 00",
		"70 00 0b 00 00 00 00 0a 04 41 40 00 00 00 00 00 80 00",
		"70 00 01 00 50 40 00 0a 00 00 00 00 00 1d 00 00 00 00 09 0c 01 00 40 00 00 34 00 12 00 00 40 50",
	} {
		f.Add(byte(2), unhex(s))
	}
	f.Fuzz(func(t *testing.T, status byte, sense []byte) {
		res, err := SATResult(SanitizeStatusCommand(false), scsi.Command{}, scsi.Result{Status: status, Sense: sense})
		if err != nil && res.Registers != nil {
			t.Fatal("registers beside an error")
		}
		if err == nil && status != scsi.StatusGood && status != scsi.StatusCheckCondition {
			t.Fatalf("status %02Xh passed for a success", status)
		}
		if r := res.Registers; r != nil && r.Status&(StatusERR|StatusDF|StatusBSY|StatusDRQ) != 0 {
			t.Fatalf("%+v passed for a success", r)
		}
	})
}
