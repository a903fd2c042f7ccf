package ata

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/massho/massho/devices/support"
)

func TestHiddenAreas(t *testing.T) {
	ctx := context.Background()
	answer := func(r *Registers) *fake {
		return &fake{answer: func(Command) (Result, error) { return Result{Registers: r}, nil }}
	}
	known := &Registers{Status: 0x50, LBA: 0x0123456789AB, LBAHigh: HighKnown, Device: 0x4A}
	if n, err := ReadNativeMax(ctx, answer(known), true); err != nil || n != 0x0123456789AB {
		t.Errorf("48-bit: %X, %v", n, err)
	}
	if n, err := ReadNativeMax(ctx, answer(known), false); err != nil || n != 0x0A6789AB {
		t.Errorf("28-bit: %X, %v", n, err)
	}
	if n, err := ReadNativeMax(ctx, answer(&Registers{LBA: 0x1234, LBAHigh: HighZero}), true); err != nil || n != 0x1234 {
		t.Errorf("small drive: %X, %v", n, err)
	}
	var missing *MissingError
	for name, r := range map[string]*Registers{
		"none": nil, "not zero": {LBA: 1, LBAHigh: HighNonZero}, "unknown": {LBA: 1},
	} {
		if n, err := ReadNativeMax(ctx, answer(r), true); !errors.As(err, &missing) || n != 0 {
			t.Errorf("%s: %d, %v", name, n, err)
		}
		if n, err := GetNativeMaxAddress(ctx, answer(r)); !errors.As(err, &missing) || n != 0 {
			t.Errorf("AMAC, %s: %d, %v", name, n, err)
		}
	}
	if _, err := ReadNativeMax(ctx, answer(nil), false); !errors.As(err, &missing) {
		t.Errorf("%v", err)
	}
}

// SET MAX goes out immediately after READ NATIVE MAX, or not at all.
func TestSetMax(t *testing.T) {
	ctx := context.Background()
	f := &fake{answer: func(Command) (Result, error) {
		return Result{Registers: &Registers{LBA: 0x00FFFFFF, Device: 0x40, LBAHigh: HighKnown}}, nil
	}}
	if err := SetMax(ctx, f, 0xFFFFFF, true, true); err != nil {
		t.Fatal(err)
	}
	if len(f.sent) != 2 || f.sent[0].Command != 0x27 || f.sent[1].Command != 0x37 || f.sent[1].Count != 1 || f.sent[1].LBA != 0xFFFFFF {
		t.Errorf("%+v", f.sent)
	}
	f.sent = nil
	if err := SetMax(ctx, f, 0xFFFFFF, false, false); err != nil || f.sent[0].Command != 0xF8 || f.sent[1].Command != 0xF9 || f.sent[1].Count != 0 {
		t.Errorf("%+v, %v", f.sent, err)
	}
	f.sent = nil
	if err := SetMax(ctx, f, 0x1000000, true, true); err == nil || len(f.sent) != 1 {
		t.Errorf("beyond the native maximum: %v", err)
	}
	if err := SetMax(ctx, f, 1<<28, false, true); err == nil {
		t.Error("29 bits with the 28-bit command")
	}
	f.answer = nil // no registers: the native maximum is not known
	f.sent = nil
	if err := SetMax(ctx, f, 10, true, true); err == nil || len(f.sent) != 1 {
		t.Errorf("%d sent, %v", len(f.sent), err)
	}
}

func TestHides(t *testing.T) {
	for _, tt := range []struct {
		native, sectors uint64
		want            support.State
		n               uint64
	}{
		{999, 1000, support.No, 0}, {1999, 1000, support.Yes, 1000},
		{0, 1000, support.Unknown, 0}, {999, 0, support.Unknown, 0}, {99, 1000, support.Unknown, 0},
	} {
		if s, n := Hides(tt.native, tt.sectors); s != tt.want || n != tt.n {
			t.Errorf("%+v: %s %d", tt, s, n)
		}
	}
}

func TestDCO(t *testing.T) {
	b := make([]byte, 512)
	setWord(b, 0, 2)
	binary.LittleEndian.PutUint64(b[6:], 3907029167)
	setWord(b, 7, 0x0188)
	seal(b)
	f := &fake{answer: func(c Command) (Result, error) { copy(c.Data, b); return Result{}, nil }}
	d, raw, err := DCOIdentify(context.Background(), f)
	if err != nil || d != (DCO{2, 3907029167, 0x0188, ChecksumOK}) || !bytes.Equal(raw, b) {
		t.Errorf("%+v, %v", d, err)
	}
	if c := f.sent[0]; c.Command != 0xB1 || c.Feature != 0xC2 {
		t.Errorf("%+v", c)
	}
	b[20]++
	if d, err := ParseDCO(b); err != nil || d.Checksum != ChecksumBad {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := ParseDCO(make([]byte, 512)); err == nil {
		t.Error("zeroes were taken")
	}
	if _, err := ParseDCO(b[:100]); err == nil {
		t.Error("100 bytes were taken")
	}
	f.sent = nil
	if err := DCORestore(context.Background(), f); err != nil || f.sent[0].Feature != 0xC0 || f.sent[0].Protocol != NonData {
		t.Errorf("%+v, %v", f.sent, err)
	}
}

func TestAccessibleMax(t *testing.T) {
	f := &fake{answer: func(Command) (Result, error) {
		return Result{Registers: &Registers{LBA: 0xABCDEF0123, LBAHigh: HighKnown}}, nil
	}}
	if n, err := GetNativeMaxAddress(context.Background(), f); err != nil || n != 0xABCDEF0123 {
		t.Errorf("%X, %v", n, err)
	}
	if err := SetAccessibleMaxAddress(context.Background(), f, 0xABCDEF0123); err != nil {
		t.Error(err)
	}
	if c := f.sent[1]; c.Command != 0x78 || c.Feature != 1 || c.LBA != 0xABCDEF0123 || !c.Extended || Name(c) != "SET ACCESSIBLE MAX ADDRESS EXT" {
		t.Errorf("%+v", c)
	}
}
