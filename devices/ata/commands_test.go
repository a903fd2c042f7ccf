package ata

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices/support"
)

func TestSecurityBlocks(t *testing.T) {
	var pw Password
	copy(pw[:], "0123456789abcdef0123456789abcdef")
	tests := []struct {
		name  string
		c     Command
		code  byte
		first byte
		with  bool
	}{
		{"set password", SecuritySetPasswordCommand(pw), 0xF1, 0, true},
		{"unlock, user", SecurityUnlockCommand(UserPassword, pw), 0xF2, 0, true},
		{"unlock, master", SecurityUnlockCommand(MasterPassword, pw), 0xF2, 1, true},
		{"erase, normal", SecurityEraseUnitCommand(UserPassword, pw, false), 0xF4, 0, true},
		{"erase, enhanced", SecurityEraseUnitCommand(UserPassword, pw, true), 0xF4, 2, true},
		{"erase, enhanced, master", SecurityEraseUnitCommand(MasterPassword, pw, true), 0xF4, 3, true},
		{"disable", SecurityDisableCommand(UserPassword, pw), 0xF6, 0, true},
		{"prepare", SecurityPrepareCommand(), 0xF3, 0, false},
		{"freeze", SecurityFreezeLockCommand(), 0xF5, 0, false},
	}
	for _, tt := range tests {
		if tt.c.Command != tt.code || tt.c.Extended {
			t.Errorf("%s: %+v", tt.name, tt.c)
		}
		if !tt.with {
			if len(tt.c.Data) != 0 || tt.c.Protocol != NonData {
				t.Errorf("%s carries data", tt.name)
			}
			continue
		}
		want := make([]byte, 512)
		want[0] = tt.first // byte 1 stays 0: never the maximum level
		copy(want[2:], pw[:])
		if !bytes.Equal(tt.c.Data, want) || tt.c.Count != 1 || tt.c.Protocol != PIOOut {
			t.Errorf("%s: block % x", tt.name, tt.c.Data[:40])
		}
	}
}

func TestSecurityEraseUnit(t *testing.T) {
	f := &fake{}
	e := SecurityErase{Enhanced: true, Timeout: time.Hour}
	if err := SecurityEraseUnit(context.Background(), f, e); err != nil {
		t.Fatal(err)
	}
	if len(f.sent) != 2 || f.sent[0].Command != 0xF3 || f.sent[1].Command != 0xF4 || f.sent[1].Timeout != time.Hour {
		t.Errorf("sent %+v", f.sent)
	}
	// When PREPARE is refused, UNIT is not sent.
	f = &fake{answer: func(c Command) (Result, error) { return Result{}, &CommandError{Command: c} }}
	err := SecurityEraseUnit(context.Background(), f, e)
	if err == nil || len(f.sent) != 1 || !strings.Contains(err.Error(), "SECURITY ERASE PREPARE") {
		t.Errorf("%d sent, %v", len(f.sent), err)
	}
	f = &fake{answer: func(c Command) (Result, error) {
		if c.Command == 0xF4 {
			return Result{}, io.ErrUnexpectedEOF
		}
		return Result{}, nil
	}}
	if err := SecurityEraseUnit(context.Background(), f, e); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}

func TestSanitizeOverwritePasses(t *testing.T) {
	for passes, want := range map[int]uint16{1: 1, 3: 3, 15: 15, 16: 0} {
		c, err := SanitizeOverwriteCommand(0, passes, false, false)
		if err != nil || c.Count != want || c.LBA != 0x4F5700000000 {
			t.Errorf("%d passes: count %04X LBA %X, %v", passes, c.Count, c.LBA, err)
		}
	}
	for _, passes := range []int{-1, 0, 17} {
		if _, err := SanitizeOverwriteCommand(0, passes, false, false); err == nil {
			t.Errorf("%d passes were taken", passes)
		}
	}
	c, err := SanitizeOverwriteCommand(0x11223344, 2, true, true)
	if err != nil || c.Count != 0x92 || c.LBA != 0x4F5711223344 {
		t.Errorf("count %04X LBA %X, %v", c.Count, c.LBA, err)
	}
}

func TestSanitizeBuilders(t *testing.T) {
	for _, tt := range []struct {
		c              Command
		feature, count uint16
		lba            uint64
		name           string
	}{
		{SanitizeStatusCommand(false), 0, 0, 0, "SANITIZE STATUS EXT"},
		{SanitizeStatusCommand(true), 0, 1, 0, "SANITIZE STATUS EXT"},
		{SanitizeCryptoCommand(false), 0x11, 0, 0x43727970, "CRYPTO SCRAMBLE EXT"},
		{SanitizeBlockCommand(true), 0x12, 0x10, 0x426B4572, "BLOCK ERASE EXT"},
		{SanitizeFreezeLockCommand(), 0x20, 0, 0x46724C6B, "SANITIZE FREEZE LOCK EXT"},
		{SanitizeAntifreezeLockCommand(), 0x40, 0, 0x416E7469, "SANITIZE ANTIFREEZE LOCK EXT"},
	} {
		if tt.c.Command != 0xB4 || !tt.c.Extended || tt.c.Feature != tt.feature || tt.c.Count != tt.count ||
			tt.c.LBA != tt.lba || Name(tt.c) != tt.name {
			t.Errorf("%s: %+v", tt.name, tt.c)
		}
	}
}

func TestParseSanitizeStatus(t *testing.T) {
	y, n := support.Yes, support.No
	tests := []struct {
		name  string
		count uint16
		lba   uint64
		want  SanitizeStatus
	}{
		{"idle", 0, 0, SanitizeStatus{n, n, n, n, 0}},
		{"in progress", 0x4000, 0x8000, SanitizeStatus{n, y, n, n, 0x8000}},
		{"completed", 0x8000, 0xFFFF, SanitizeStatus{y, n, n, n, 0}},
		{"frozen", 0x2000, 0, SanitizeStatus{n, n, y, n, 0}},
		{"antifreeze, completed", 0x9000, 0, SanitizeStatus{y, n, n, y, 0}},
		{"low byte says nothing", 0x00FF, 0, SanitizeStatus{n, n, n, n, 0}},
	}
	for _, tt := range tests {
		got := ParseSanitizeStatus(&Registers{Count: tt.count, LBA: tt.lba, CountHigh: HighKnown})
		if got != tt.want {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
	if ParseSanitizeStatus(nil) != (SanitizeStatus{}) {
		t.Error("no registers are not unknown")
	}
}

func TestSanitizeAbortReason(t *testing.T) {
	abort := func(c Command, lba uint64) error {
		return &CommandError{Command: c, Registers: Registers{Status: 0x51, Error: 4, LBA: lba}}
	}
	status := SanitizeStatusCommand(false)
	for _, tt := range []struct {
		name string
		err  error
		want SanitizeReason
		ok   bool
	}{
		{"failed", abort(status, 1), SanitizeReasonFailed, true},
		{"unsupported", abort(SanitizeCryptoCommand(false), 2), SanitizeReasonUnsupported, true},
		{"frozen", abort(SanitizeBlockCommand(false), 3), SanitizeReasonFrozen, true},
		{"antifreeze", abort(SanitizeFreezeLockCommand(), 4), SanitizeReasonAntifreeze, true},
		{"none given", abort(status, 0), SanitizeReasonNone, true},
		{"the key echoed", abort(SanitizeBlockCommand(false), 0x6B4572), SanitizeReasonNone, true},
		{"a code of its own", abort(status, 9), SanitizeReasonNone, true},
		{"another command", abort(SecurityPrepareCommand(), 1), 0, false},
		{"a fault, no abort", &CommandError{Command: status, Registers: Registers{Status: 0x70, LBA: 1}}, 0, false},
		{"the road", &RoadError{}, 0, false},
		{"none", nil, 0, false},
	} {
		if r, ok := SanitizeAbortReason(tt.err); r != tt.want || ok != tt.ok {
			t.Errorf("%s: %s %v", tt.name, r, ok)
		}
	}
}

// smartTable builds SMART READ DATA: attributes of 12 bytes from byte 2 on.
func smartTable(entries ...[]byte) []byte {
	b := make([]byte, 512)
	b[0] = 0x10
	for i, e := range entries {
		copy(b[2+12*i:], e)
	}
	b[511] = -byteSum(b)
	return b
}

func TestSMART(t *testing.T) {
	data := smartTable(
		[]byte{5, 0x33, 0, 100, 100, 8, 0, 0, 0, 0, 0},
		[]byte{9, 0x32, 0, 90, 90, 0x10, 0x27, 0, 0x55, 0xAA, 0}, // vendors use the upper bytes
		[]byte{194, 0x22, 0, 64, 50, 36, 0, 20, 0, 50, 0},
		[]byte{190, 0x22, 0, 64, 50, 40},
		[]byte{197, 0x12, 0, 100, 100, 2},
		[]byte{198, 0x10, 0, 100, 100, 1},
	)
	f := &fake{answer: func(c Command) (Result, error) { copy(c.Data, data); return Result{}, nil }}
	as, _, err := SMARTData(context.Background(), f)
	if err != nil || len(as) != 6 || as[0].Flags != 0x33 || as[0].Value != 100 {
		t.Fatalf("%+v, %v", as, err)
	}
	if c := f.sent[0]; c.Command != 0xB0 || c.Feature != 0xD0 || c.LBA != 0xC24F00 || c.Count != 1 {
		t.Errorf("%+v", c)
	}
	v := ReadValues(as)
	if *v.Reallocated != 8 || *v.PowerOnHours != 10000 || *v.TemperatureC != 36 || *v.Pending != 2 || *v.Uncorrectable != 1 {
		t.Errorf("%+v", v)
	}
	if v := ReadValues(as[3:4]); *v.TemperatureC != 40 || v.Reallocated != nil || v.Pending != nil {
		t.Errorf("airflow temperature: %+v", v)
	}
	data[5]++
	if _, err := ParseSMART(data); err == nil {
		t.Error("a wrong checksum was taken")
	}
	if _, err := ParseSMART(data[:511]); err == nil {
		t.Error("511 bytes were taken")
	}
	th := smartTable([]byte{5, 36}, []byte{197, 0})
	f.answer = func(c Command) (Result, error) { copy(c.Data, th); return Result{}, nil }
	if m, err := SMARTThresholds(context.Background(), f); err != nil || len(m) != 2 || m[5] != 36 {
		t.Errorf("%v, %v", m, err)
	}
}

func TestSMARTStatus(t *testing.T) {
	for _, tt := range []struct {
		r    *Registers
		want support.State
	}{
		{&Registers{LBA: 0xC24F00}, support.No}, {&Registers{LBA: 0x2CF400}, support.Yes},
		{&Registers{LBA: 0x000000}, support.Unknown}, {nil, support.Unknown},
	} {
		f := &fake{answer: func(Command) (Result, error) { return Result{Registers: tt.r}, nil }}
		if s, err := SMARTStatus(context.Background(), f); s != tt.want || err != nil {
			t.Errorf("%+v: %s, %v", tt.r, s, err)
		}
	}
}

func TestTrusted(t *testing.T) {
	c, err := TrustedReceiveCommand(0x01, 0x0201, make([]byte, 1024), false)
	if err != nil || c.Command != 0x5C || c.Feature != 1 || c.Count != 2 || c.LBA != 0x020100 || c.Protocol != PIOIn {
		t.Errorf("%+v, %v", c, err)
	}
	c, err = TrustedSendCommand(0x02, 0x1000, make([]byte, 512), true)
	if err != nil || c.Command != 0x5F || c.LBA != 0x100000 || c.Protocol != DMAOut {
		t.Errorf("%+v, %v", c, err)
	}
	for _, n := range []int{0, 100, 512 * 256} {
		if _, err := TrustedSendCommand(1, 1, make([]byte, n), false); err == nil {
			t.Errorf("%d bytes were taken", n)
		}
	}
}

func TestPowerAndFlush(t *testing.T) {
	f := &fake{answer: func(Command) (Result, error) { return Result{Registers: &Registers{Count: 0xFF}}, nil }}
	if m, err := CheckPowerMode(context.Background(), f); m != PowerActive || err != nil {
		t.Errorf("%X, %v", m, err)
	}
	var missing *MissingError
	if _, err := CheckPowerMode(context.Background(), &fake{}); !errors.As(err, &missing) {
		t.Errorf("%v", err)
	}
	f.sent = nil
	if err := errors.Join(FlushCache(context.Background(), f, true), FlushCache(context.Background(), f, false)); err != nil ||
		f.sent[0].Command != 0xEA || !f.sent[0].Extended || f.sent[1].Command != 0xE7 {
		t.Errorf("%+v, %v", f.sent, err)
	}
}

func TestStatistic(t *testing.T) {
	b := make([]byte, 512)
	b[2] = StatisticsSSD
	binary.LittleEndian.PutUint64(b[8:], 3<<62|42)
	binary.LittleEndian.PutUint64(b[16:], 2<<62|7) // supported, not valid
	if v, ok := Statistic(b, StatisticsSSD, 8); !ok || v != 42 {
		t.Errorf("%d %v", v, ok)
	}
	for name, ok := range map[string]bool{
		"not valid":  second(Statistic(b, StatisticsSSD, 16)),
		"other page": second(Statistic(b, StatisticsGeneral, 8)),
		"header":     second(Statistic(b, StatisticsSSD, 0)),
		"crooked":    second(Statistic(b, StatisticsSSD, 12)),
		"past end":   second(Statistic(b, StatisticsSSD, 512)),
		"short":      second(Statistic(b[:100], StatisticsSSD, 8)),
	} {
		if ok {
			t.Errorf("%s was taken", name)
		}
	}
	f := &fake{}
	if _, err := DeviceStatistics(context.Background(), f, StatisticsSSD); err != nil || f.sent[0].LBA != 0x0704 {
		t.Errorf("%+v, %v", f.sent, err)
	}
}

func second(_ uint32, ok bool) bool { return ok }

func TestNames(t *testing.T) {
	for want, c := range map[string]Command{
		"ATA command 99h":                 {Command: 0x99},
		"SMART (feature 00D5h)":           {Command: 0xB0, Feature: 0xD5},
		"SMART RETURN STATUS":             SMARTReturnStatusCommand(),
		"SANITIZE DEVICE (feature 0013h)": {Command: 0xB4, Feature: 0x13},
		"DEVICE CONFIGURATION RESTORE":    DCORestoreCommand(),
	} {
		if got := Name(c); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParseSMART(f *testing.F) {
	f.Add(smartTable([]byte{5, 0x33, 0, 100, 100, 8}))
	f.Fuzz(func(t *testing.T, b []byte) {
		as, err := ParseSMART(b)
		if err != nil && as != nil || len(as) > 30 {
			t.Fatal(len(as), err)
		}
		ReadValues(as)
		if th, err := ParseSMARTThresholds(b); err != nil && th != nil {
			t.Fatal(err)
		}
		Statistic(b, StatisticsSSD, 8)
	})
}

func FuzzParseDCO(f *testing.F) {
	f.Add(make([]byte, 512))
	f.Fuzz(func(t *testing.T, b []byte) {
		if d, err := ParseDCO(b); err == nil && d.MaxLBA >= 1<<48 {
			t.Fatal(d)
		}
	})
}
