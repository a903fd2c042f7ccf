package scsi

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/devices/support"
)

// page builds a VPD page.
func page(code byte, body ...byte) []byte {
	return append([]byte{0, code, byte(len(body) >> 8), byte(len(body))}, body...)
}

func TestInquiry(t *testing.T) {
	data := append(unhex("00 80 07 02 5b 01 10 02"), "SEAGATE ST1200MM0098    TT31"...)
	f := says(data)
	d, raw, err := Inquiry(context.Background(), f)
	want := InquiryData{Type: 0, Removable: true, Version: 7, Protect: true,
		Vendor: "SEAGATE", Product: "ST1200MM0098", Revision: "TT31"}
	if err != nil || d != want || !bytes.Equal(raw, data) {
		t.Errorf("%+v, %v", d, err)
	}
	if !bytes.Equal(f.sent[0].CDB, unhex("12 00 00 00 24 00")) {
		t.Errorf("CDB % x", f.sent[0].CDB)
	}
	if _, err := ParseInquiry(data[:35]); err == nil {
		t.Error("35 bytes were taken")
	}
	data[0] = 0x7F
	if d, err := ParseInquiry(data); err != nil || d.Qualifier != 3 || d.Type != 0x1F {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestVPD(t *testing.T) {
	ctx := context.Background()
	f := says(page(PageSerial, []byte("  ZXA0ABCD\x00\x00")...))
	if s, _, err := UnitSerial(ctx, f); s != "ZXA0ABCD" || err != nil || !bytes.Equal(f.sent[0].CDB, unhex("12 01 80 00 fc 00")) {
		t.Errorf("%q, %v", s, err)
	}
	if ps, err := SupportedPages(ctx, says(page(0, 0, 0x80, 0x83, 0xB1))); err != nil || !bytes.Equal(ps, unhex("00 80 83 b1")) {
		t.Errorf("% x, %v", ps, err)
	}
	// Bridges answer standard INQUIRY data, or another page, to any question.
	var e *ParseError
	if _, _, err := UnitSerial(ctx, says(unhex("00 00 05 02 1f 00 00 00"))); !errors.As(err, &e) {
		t.Errorf("another page: %v", err)
	}
	if _, _, err := UnitSerial(ctx, says(unhex("7f 80 00 00"))); !errors.As(err, &e) {
		t.Errorf("no logical unit: %v", err)
	}
	if _, _, err := UnitSerial(ctx, says(nil)); !errors.As(err, &e) {
		t.Errorf("nothing: %v", err)
	}
	// A length beyond the bytes that came bounds nothing.
	if s, err := ParseVPD80(append(unhex("00 80 00 ff"), "AB"...)); s != "AB" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
	// A page longer than the first buffer is asked for again.
	long := page(PageIdentification, bytes.Repeat(append(unhex("01 03 00 08"), "12345678"...), 40)...)
	f = says(long)
	if ds, raw, err := DeviceIdentification(ctx, f); err != nil || len(ds) != 40 || len(raw) != len(long) || len(f.sent) != 2 {
		t.Errorf("%d designators, %d bytes, %v", len(ds), len(raw), err)
	}
}

func TestVPD83(t *testing.T) {
	body := unhex("02 01 00 08 53 45 41 47 41 54 45 20" + // T10
		"61 93 00 08 50 00 c5 00 12 34 56 79" + // NAA of a port
		"01 03 00 08 50 00 c5 00 12 34 56 78" + // NAA of the unit
		"01 02 00 08 00 00 00 00 00 00 00 00" + // EUI-64 of zeroes
		"01 a3 00 08 50 00 c5 00 12 34 56 7a") // NAA of the target
	ds, cut, err := ParseVPD83(page(PageIdentification, body...))
	if err != nil || cut || len(ds) != 5 {
		t.Fatalf("%v %v %v", ds, cut, err)
	}
	lu, ok := LogicalUnitName(ds)
	if !ok || lu.String() != "naa.5000c50012345678" {
		t.Errorf("%s", lu)
	}
	if ds[1].Association != AssocTargetPort || ds[4].Association != AssocTarget || ds[0].String() != "t10.SEAGATE" {
		t.Errorf("%+v", ds)
	}
	if _, ok := LogicalUnitName(ds[1:2]); ok {
		t.Error("a port's name was taken for the unit's")
	}
	if _, ok := LogicalUnitName(ds[3:4]); ok {
		t.Error("zeroes were taken for a name")
	}
	long := Designator{Type: DesignatorNAA, Value: bytes.Repeat([]byte{6}, 16)}
	if lu, _ := LogicalUnitName(append(ds, long)); len(lu.Value) != 16 {
		t.Errorf("%s", lu)
	}
	if ds, cut, err := ParseVPD83(page(PageIdentification, body[:30]...)); err != nil || !cut || len(ds) != 2 {
		t.Errorf("%v %v %v", ds, cut, err)
	}
	for want, d := range map[string]Designator{
		"eui.0011223344556677":                  {Type: DesignatorEUI64, Value: unhex("0011223344556677")},
		"iqn.2026":                              {Type: DesignatorName, Value: []byte("iqn.2026\x00")},
		"uuid.00112233445566778899aabbccddeeff": {Type: DesignatorUUID, Value: unhex("1000 00112233445566778899aabbccddeeff")},
		"designator-A.1000":                     {Type: DesignatorUUID, Value: unhex("1000")},
		"designator-0.01":                       {Type: DesignatorVendor, Value: []byte{1}},
	} {
		if d.String() != want {
			t.Errorf("%q, want %q", d, want)
		}
	}
}

func TestVPDB1(t *testing.T) {
	for _, tt := range []struct {
		name string
		body string
		want Characteristics
	}{
		{"10500 rpm", "29 04 00 03", Characteristics{Rotational: support.Yes, RPM: 10500, Rate: 10500, FormFactor: 3}},
		{"solid state", "00 01 00 03 00", Characteristics{Rotational: support.No, Rate: 1, FormFactor: 3}},
		{"not reported", "00 00 00 00 00", Characteristics{}},
		{"reserved", "04 00 00 00 00", Characteristics{Rate: 0x0400}},
		{"all ones", "ff ff 00 00 00", Characteristics{Rate: 0xFFFF}},
		{"host aware zones", "1c 20 00 02 10", Characteristics{Rotational: support.Yes, RPM: 7200, Rate: 7200, FormFactor: 2, Zoned: ZonedHostAware}},
		{"drive managed zones", "1c 20 00 02 20", Characteristics{Rotational: support.Yes, RPM: 7200, Rate: 7200, FormFactor: 2, Zoned: ZonedDeviceManaged}},
	} {
		c, _, err := BlockCharacteristics(context.Background(), says(page(PageCharacteristics, unhex(tt.body)...)))
		if err != nil || c != tt.want {
			t.Errorf("%s: %+v, %v", tt.name, c, err)
		}
	}
	if _, err := ParseVPDB1(page(PageCharacteristics, 1, 2, 3)); err == nil {
		t.Error("7 bytes were taken")
	}
}

func TestVPDB0(t *testing.T) {
	body := unhex("00 00 00 08 00 00 ff ff 00 00 04 00 00 00 00 00 00 40 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00")
	l, _, err := Limits(context.Background(), says(page(PageBlockLimits, body...)))
	if err != nil || l != (BlockLimits{OptimalTransfer: 0x400, MaxTransfer: 0xFFFF, MaxUnmap: 0x400000, MaxWriteSame: 0x10000}) {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err := ParseVPDB0(page(PageBlockLimits, body[:12]...)); err != nil || l.MaxTransfer != 0xFFFF || l.MaxUnmap != 0 {
		t.Errorf("the 16-byte edition: %+v, %v", l, err)
	}
	if _, err := ParseVPDB0(page(PageBlockLimits, body[:11]...)); err == nil {
		t.Error("15 bytes were taken")
	}
}

func TestRecordedVPD89(t *testing.T) {
	for _, f := range recordings.Files(t, "vpd89") {
		b := f.Bytes(t)
		wire := says(b)
		a, raw, err := ATAInfo(context.Background(), wire)
		if err != nil || !bytes.Equal(raw, b) || len(wire.sent) != 1 {
			t.Fatalf("%s: %v", f.Name, err)
		}
		want := strings.TrimPrefix(f.Header["printed"][0], "sg_vpd -p 0x89: ")
		got := "SAT Vendor identification: " + a.Vendor + " | SAT Product identification: " + a.Product + " | model: "
		if !strings.HasPrefix(want, got) || a.Command != 0xEC || len(a.Identify) != 512 {
			t.Errorf("%s: %+v", f.Name, a)
		}
		if _, err := ParseVPD89(b[:571]); err == nil {
			t.Errorf("%s: 571 bytes were taken", f.Name)
		}
	}
}

func TestReadCapacity(t *testing.T) {
	ctx := context.Background()
	c, err := ReadCapacity(ctx, says(unhex("74 70 6d af 00 00 02 00")))
	if err != nil || c.Blocks != 1953525168 || c.BlockLength != 512 || c.Provisioned != support.Unknown {
		t.Errorf("%+v, %v", c, err)
	}
	sixteen := unhex("00 00 00 02 ba a0 f4 7f 00 00 02 08 01 03 80 00")
	f := &fake{answer: func(c Command) (Result, error) {
		data := sixteen
		if c.CDB[0] == OpReadCapacity10 {
			data = unhex("ff ff ff ff 00 00 02 08")
		}
		return Result{Resid: len(c.Data) - copy(c.Data, data)}, nil
	}}
	c, err = ReadCapacity(ctx, f)
	want := Capacity{Blocks: 0x2BAA0F480, BlockLength: 520, PhysicalExp: 3, Provisioned: support.Yes, ProtectionOn: support.Yes}
	if err != nil || c != want || c.PhysicalLength() != 4160 {
		t.Errorf("%+v, %v", c, err)
	}
	if !bytes.Equal(f.sent[1].CDB, unhex("9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00")) {
		t.Errorf("CDB % x", f.sent[1].CDB)
	}
	if _, err := ParseCapacity16(unhex("ff ff ff ff ff ff ff ff 00 00 02 00")); err == nil {
		t.Error("all ones were taken")
	}
	for _, short := range [][]byte{nil, unhex("00 00 00 01 00 00 02")} {
		if _, err := ReadCapacity(ctx, says(short)); err == nil {
			t.Errorf("%d bytes were taken", len(short))
		}
	}
}

func FuzzVPD(f *testing.F) {
	f.Add(page(PageIdentification, unhex("01 03 00 08 50 00 c5 00 12 34 56 78")...))
	f.Add(page(PageCharacteristics, 0x1C, 0x20, 0, 2, 0x10))
	f.Add(page(PageSerial, []byte("SERIAL")...))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ds, _, err := ParseVPD83(b); err == nil {
			total := 0
			for _, d := range ds {
				total += 4 + len(d.Value)
			}
			if total > len(b) {
				t.Fatal(ds)
			}
			LogicalUnitName(ds)
		}
		if c, err := ParseVPDB1(b); err == nil && c.Rotational.IsYes() != (c.RPM != 0) {
			t.Fatalf("%+v", c)
		}
		if a, err := ParseVPD89(b); err == nil && len(a.Identify) != 512 {
			t.Fatal(len(a.Identify))
		}
		ParseVPD00(b)
		ParseVPD80(b)
		ParseVPDB0(b)
		ParseInquiry(b)
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(unhex("00 00 00 02 ba a0 f4 7f 00 00 02 08 01 03 80 00"))
	f.Add(unhex("0d 00 00 06 00 00 01 02 00 1e"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := ParseCapacity16(b); err == nil && c.Blocks == 0 {
			t.Fatal("no blocks")
		}
		ParseCapacity10(b)
		if s, err := ParseSupported(b); err != nil && s != support.Unknown {
			t.Fatal(s)
		}
		ParseGrownCount10(b)
		ParseGrownCount12(b)
		ParseModeSense10(b)
		for _, p := range []byte{LogTemperature, LogSelfTest, LogSolidState, LogBackgroundScan, LogInformational} {
			ps, err := ParseLogPage(b, p)
			if err != nil {
				continue
			}
			Temperature(ps)
			PercentageUsed(ps)
			PowerOnMinutes(ps)
			FailurePredicted(ps)
			SelfTests(ps)
		}
	})
}
