package scsi

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/massho/massho/devices/support"
)

func TestSupported(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name, data string
		want       support.State
	}{
		{"in conformance", "00 03 00 0a 48 bf 00 00 00 00 00 ff ff 07", support.Yes},
		{"not supported", "00 01 00 00", support.No},
		{"not available now", "00 00", support.Unknown},
		{"in a vendor's own manner", "00 05 00 0a", support.Unknown},
		{"reserved", "00 02", support.Unknown},
		{"flags beside it", "00 fb 00 0a", support.Yes},
	} {
		s, err := Supported(ctx, says(unhex(tt.data)), OpSanitize, 2)
		if s != tt.want || err != nil {
			t.Errorf("%s: %s, %v", tt.name, s, err)
		}
	}
	f := says(unhex("00 03 00 06"))
	if s, err := Supported(ctx, f, OpFormatUnit, NoAction); !s.IsYes() || err != nil {
		t.Errorf("%s, %v", s, err)
	}
	if s, err := Supported(ctx, f, OpSanitize, 3); !s.IsYes() || err != nil {
		t.Errorf("%s, %v", s, err)
	}
	if !bytes.Equal(f.sent[0].CDB, unhex("a3 0c 01 04 00 00 00 00 00 40 00 00")) ||
		!bytes.Equal(f.sent[1].CDB, unhex("a3 0c 02 48 00 03 00 00 00 40 00 00")) {
		t.Errorf("CDBs % x, % x", f.sent[0].CDB, f.sent[1].CDB)
	}
	// A device that refuses the question has not said no.
	if s, err := Supported(ctx, condition("72 05 20 00 00 00 00 00"), OpSanitize, 1); s != support.Unknown || !Unsupported(err) {
		t.Errorf("%s, %v", s, err)
	}
	if s, err := Supported(ctx, says(nil), OpSanitize, 1); s != support.Unknown || err == nil {
		t.Errorf("%s, %v", s, err)
	}
	if _, err := Supported(ctx, f, OpSanitize, 1<<16); err == nil {
		t.Error("a service action of 17 bits")
	}
}

func TestSanitizeCommand(t *testing.T) {
	pattern := &OverwritePattern{Passes: 3, Invert: true, Pattern: []byte{0xAA, 0x55}}
	for _, tt := range []struct {
		name      string
		s         Sanitize
		cdb, list string
	}{
		{"block, immediate", Sanitize{Action: SanitizeBlockErase, Immediate: true}, "48 82 00 00 00 00 00 00 00 00", ""},
		{"crypto", Sanitize{Action: SanitizeCrypto}, "48 03 00 00 00 00 00 00 00 00", ""},
		{"crypto, unrestricted, zones kept", Sanitize{Action: SanitizeCrypto, Immediate: true, Unrestricted: true, ZoneNoReset: true},
			"48 e3 00 00 00 00 00 00 00 00", ""},
		{"exit failure mode", Sanitize{Action: SanitizeExitFailure}, "48 1f 00 00 00 00 00 00 00 00", ""},
		{"overwrite", Sanitize{Action: SanitizeOverwrite, Immediate: true, Overwrite: pattern},
			"48 81 00 00 00 00 00 00 06 00", "83 00 00 02 aa 55"},
	} {
		c, err := tt.s.Command()
		if err != nil || !bytes.Equal(c.CDB, unhex(tt.cdb)) || !bytes.Equal(c.Data, unhex(tt.list)) ||
			(c.Dir == Out) != (tt.list != "") {
			t.Errorf("%s: % x, % x, %v", tt.name, c.CDB, c.Data, err)
		}
	}
	for name, s := range map[string]Sanitize{
		"overwrite without a pattern": {Action: SanitizeOverwrite},
		"block with a pattern":        {Action: SanitizeBlockErase, Overwrite: pattern},
		"no pass":                     {Action: SanitizeOverwrite, Overwrite: &OverwritePattern{Pattern: []byte{0}}},
		"32 passes":                   {Action: SanitizeOverwrite, Overwrite: &OverwritePattern{Passes: 32, Pattern: []byte{0}}},
		"empty pattern":               {Action: SanitizeOverwrite, Overwrite: &OverwritePattern{Passes: 1}},
		"huge pattern":                {Action: SanitizeOverwrite, Overwrite: &OverwritePattern{Passes: 1, Pattern: make([]byte, 1<<16)}},
	} {
		f := &fake{}
		if err := s.Run(context.Background(), f); err == nil || len(f.sent) != 0 {
			t.Errorf("%s was sent", name)
		}
	}
	f := condition("72 05 20 00 00 00 00 00")
	err := Sanitize{Action: SanitizeBlockErase, Timeout: time.Minute}.Run(context.Background(), f)
	if want := "SANITIZE BLOCK ERASE: illegal request: invalid command operation code (key 5h ASC 20h ASCQ 00h)"; err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
	if f.sent[0].Timeout != time.Minute {
		t.Errorf("timeout %v", f.sent[0].Timeout)
	}
}

func TestFormat(t *testing.T) {
	f := &fake{}
	if err := (Format{Immediate: true}).Run(context.Background(), f); err != nil {
		t.Fatal(err)
	}
	if c := f.sent[0]; !bytes.Equal(c.CDB, unhex("04 10 00 00 00 00")) || !bytes.Equal(c.Data, unhex("00 02 00 00")) || c.Dir != Out {
		t.Errorf("% x, % x", c.CDB, c.Data)
	}
	if c := (Format{}).Command(); !bytes.Equal(c.Data, make([]byte, 4)) {
		t.Errorf("% x", c.Data)
	}
	if err := SetBlockLength(context.Background(), f, 512); err != nil {
		t.Fatal(err)
	}
	if c := f.sent[1]; !bytes.Equal(c.CDB, unhex("55 10 00 00 00 00 00 00 10 00")) ||
		!bytes.Equal(c.Data, unhex("00 00 00 00 00 00 00 08 00 00 00 00 00 00 02 00")) {
		t.Errorf("% x, % x", c.CDB, c.Data)
	}
	for _, n := range []uint32{0, 1 << 24} {
		if err := SetBlockLength(context.Background(), f, n); err == nil {
			t.Errorf("a block length of %d", n)
		}
	}
}

func TestModeSense(t *testing.T) {
	f := says(unhex("00 0e 00 80 00 00 00 08 00 00 10 00 00 00 02 08"))
	h, err := ModeSense(context.Background(), f)
	if err != nil || h != (ModeHeader{WriteProtected: true, HasBlock: true, Blocks: 4096, BlockLength: 520}) {
		t.Errorf("%+v, %v", h, err)
	}
	if h, err := ParseModeSense10(unhex("00 06 00 00 00 00 00 00")); err != nil || h.HasBlock {
		t.Errorf("%+v, %v", h, err)
	}
	for name, b := range map[string]string{
		"short": "00 06 00", "long descriptor": "00 16 00 00 01 00 00 10 00 00 00 00 00 00 00 00",
		"cut": "00 0e 00 00 00 00 00 08 00 00", "crooked": "00 0e 00 00 00 00 00 04 00 00 00 00 00 00 00 00",
	} {
		if h, err := ParseModeSense10(unhex(b)); err == nil {
			t.Errorf("%s: %+v", name, h)
		}
	}
}

func TestGrownDefects(t *testing.T) {
	ctx := context.Background()
	f := says(unhex("00 0d 00 01 00 00 00 18"))
	if n, err := GrownDefects(ctx, f); n != 3 || err != nil || !bytes.Equal(f.sent[0].CDB, unhex("b7 0d 00 00 00 00 00 00 00 08 00 00")) {
		t.Errorf("%d, %v, % x", n, err, f.sent[0].CDB)
	}
	// (12) unknown: (10), which answers in short block format and says so.
	old := &fake{answer: func(c Command) (Result, error) {
		if c.CDB[0] == OpReadDefectData12 {
			return Result{Status: 2, Sense: unhex("72 05 20 00 00 00 00 00")}, nil
		}
		copy(c.Data, unhex("00 08 00 10"))
		return Result{Status: 2, Sense: unhex("72 01 1c 00 00 00 00 00")}, nil
	}}
	if n, err := GrownDefects(ctx, old); n != 4 || err != nil || !bytes.Equal(old.sent[1].CDB, unhex("37 00 0d 00 00 00 00 00 04 00")) {
		t.Errorf("%d, %v", n, err)
	}
	if _, err := GrownDefects(ctx, condition("72 03 11 00 00 00 00 00")); err == nil {
		t.Error("a medium error passed")
	}
	for name, b := range map[string]string{
		"both lists": "00 1d 00 00 00 00 00 08", "neither": "00 05 00 00 00 00 00 08", "format 6": "00 0e 00 00 00 00 00 08",
		"crooked": "00 0d 00 00 00 00 00 07", "short": "00 0d 00",
	} {
		if n, err := ParseGrownCount12(unhex(b)); err == nil {
			t.Errorf("%s: %d", name, n)
		}
	}
	if _, err := ParseGrownCount10(unhex("00 0d")); err == nil {
		t.Error("2 bytes were taken")
	}
}

func TestLogs(t *testing.T) {
	ctx := context.Background()
	f := says(unhex("0d 00 00 0c 00 00 01 02 00 26 00 01 01 02 00 41"))
	ps, err := LogSense(ctx, f, LogTemperature)
	if err != nil || len(ps) != 2 || !bytes.Equal(f.sent[0].CDB, unhex("4d 00 4d 00 00 00 00 04 00 00")) {
		t.Fatalf("%+v, %v", ps, err)
	}
	if c, ok := Temperature(ps); !ok || c != 38 {
		t.Errorf("%d %v", c, ok)
	}
	if _, ok := Temperature([]LogParameter{{Data: []byte{0, 0xFF}}}); ok {
		t.Error("FFh is no temperature")
	}
	if _, err := LogSense(ctx, f, LogSelfTest); err == nil {
		t.Error("another page was taken")
	}
	if _, err := ParseLogPage(unhex("0d 00"), LogTemperature); err == nil {
		t.Error("2 bytes were taken")
	}
	if ps, err := ParseLogPage(unhex("0d 00 00 0c 00 00 01 02 00 26 00 01 01"), LogTemperature); err != nil || len(ps) != 1 {
		t.Errorf("cut: %+v, %v", ps, err)
	}
	used := []LogParameter{{Code: 1, Data: []byte{0, 0, 0, 120}}}
	if p, ok := PercentageUsed(used); !ok || p != 120 {
		t.Errorf("%d %v", p, ok)
	}
	if _, ok := PercentageUsed(nil); ok {
		t.Error("nothing is not a percentage")
	}
	if m, ok := PowerOnMinutes([]LogParameter{{Data: []byte{0, 1, 0, 0, 9, 9}}}); !ok || m != 65536 {
		t.Errorf("%d %v", m, ok)
	}
	for asc, want := range map[byte]support.State{0: support.No, 0x0B: support.No, 0x5D: support.Yes, 0x44: support.Unknown} {
		if s := FailurePredicted([]LogParameter{{Data: []byte{asc, 0, 30}}}); s != want {
			t.Errorf("%02Xh: %s", asc, s)
		}
	}
	if FailurePredicted(nil) != support.Unknown {
		t.Error("nothing is not a prediction")
	}
	ts := SelfTests([]LogParameter{
		{Code: 1, Data: append(unhex("27 00 12 34"), make([]byte, 12)...)},
		{Code: 2, Data: make([]byte, 16)},
	})
	if len(ts) != 1 || ts[0] != (SelfTest{Code: 1, Result: 7, Hours: 0x1234}) {
		t.Errorf("%+v", ts)
	}
}

// libata reads INC_512 as cdb[4] & 7, so byte 4 must stay zero.
func TestSecurityProtocol(t *testing.T) {
	ctx, f := context.Background(), &fake{}
	if _, err := SecurityIn(ctx, f, 1, 0x0001, make([]byte, 2048)); err != nil {
		t.Fatal(err)
	}
	if err := SecurityOut(ctx, f, 2, 0x1004, make([]byte, 512)); err != nil {
		t.Fatal(err)
	}
	if c := f.sent[0]; !bytes.Equal(c.CDB, unhex("a2 01 00 01 00 00 00 00 08 00 00 00")) || c.Dir != In {
		t.Errorf("% x", c.CDB)
	}
	if c := f.sent[1]; !bytes.Equal(c.CDB, unhex("b5 02 10 04 00 00 00 00 02 00 00 00")) || c.Dir != Out {
		t.Errorf("% x", c.CDB)
	}
}

func TestBasicCommands(t *testing.T) {
	ctx, f := context.Background(), &fake{}
	for _, err := range []error{TestUnitReady(ctx, f), StartStopUnit(ctx, f, true), StartStopUnit(ctx, f, false), SynchronizeCache(ctx, f)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"00 00 00 00 00 00", "1b 00 00 00 01 00", "1b 00 00 00 00 00", "35 00 00 00 00 00 00 00 00 00"} {
		if !bytes.Equal(f.sent[i].CDB, unhex(want)) {
			t.Errorf("% x, want %s", f.sent[i].CDB, want)
		}
	}
	for d, want := range map[Direction]string{None: "none", In: "in", Out: "out", 9: "direction?"} {
		if d.String() != want {
			t.Error(d)
		}
	}
}
