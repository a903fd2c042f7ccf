package mmc

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/massho/massho/devices/support"
)

// The CRC7 of commands that every SD driver carries as constants.
func TestCRC7(t *testing.T) {
	for cmd, want := range map[string]byte{
		"4000000000": 0x95, "48000001aa": 0x87, "5100000000": 0x55, "7700000000": 0x65,
	} {
		b, _ := hex.DecodeString(cmd)
		if got := CRC7(b)<<1 | 1; got != want {
			t.Errorf("CMD%d: %02X, want %02X", b[0]&0x3F, got, want)
		}
	}
}

// emmcCID and sdCID are written from the registers' layouts; the last byte is
// the CRC7.
func emmcCID() []byte {
	return sealed("150100" + hex.EncodeToString([]byte("MSHO01")) + "10" + "12345678" + "57")
}

func sdCID() []byte {
	return sealed("035344" + hex.EncodeToString([]byte("SU32G")) + "80" + "0a0b0c0d" + "0197")
}

func sealed(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 15 {
		panic(s)
	}
	return append(b, CRC7(b)<<1|1)
}

func TestParseCID(t *testing.T) {
	c, err := ParseCIDText(hex.EncodeToString(emmcCID())+"\n", KindMMC)
	want := CID{Manufacturer: 0x15, Device: 1, Product: "MSHO01", Revision: 0x10, Serial: 0x12345678,
		Month: 5, Year: 2004, CRC: CRCOK}
	if err != nil || c != want || c.SerialText() != "12345678" {
		t.Errorf("%+v, %v", c, err)
	}
	if c.YearWith(4) != 2004 || c.YearWith(8) != 2020 || (CID{Year: 2011}).YearWith(8) != 2011 {
		t.Error("years")
	}
	c, err = ParseCIDText(hex.EncodeToString(sdCID()), KindSD)
	want = CID{Manufacturer: 3, OEM: 0x5344, Product: "SU32G", Revision: 0x80, Serial: 0x0A0B0C0D,
		Month: 7, Year: 2025, CRC: CRCOK}
	if err != nil || c != want || c.SerialText() != "0a0b0c0d" {
		t.Errorf("%+v, %v", c, err)
	}
	b := emmcCID()
	b[15] = 0
	if c, err := ParseCID(b, KindMMC); err != nil || c.CRC != CRCAbsent {
		t.Errorf("%+v, %v", c, err)
	}
	b[15], b[5] = 0x77, 0x07
	if c, err := ParseCID(b, KindMMC); err != nil || c.CRC != CRCBad || c.Product != `MS\x07O01` {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestRegisterRefusals(t *testing.T) {
	var e *ParseError
	for name, s := range map[string]string{
		"empty": "", "short": "1501", "no hex": "zz0100000000000000000000000000zz",
		"zeroes": "00000000000000000000000000000000", "ones": "ffffffffffffffffffffffffffffffff",
	} {
		if _, err := ParseCIDText(s, KindMMC); !errors.As(err, &e) {
			t.Errorf("CID %s: %v", name, err)
		}
		if _, err := ParseCSDText(s, KindSD); !errors.As(err, &e) {
			t.Errorf("CSD %s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{"short": make([]byte, 511), "zeroes": make([]byte, 512), "ones": bytes.Repeat([]byte{0xFF}, 512)} {
		if _, err := ParseExtCSD(b); !errors.As(err, &e) {
			t.Errorf("EXT_CSD %s: %v", name, err)
		}
	}
	if _, err := ParseCID(emmcCID(), 0); !errors.As(err, &e) {
		t.Errorf("no kind: %v", err)
	}
	if _, err := ParseCID(nil, KindSD); !errors.As(err, &e) {
		t.Errorf("nil: %v", err)
	}
	if KindMMC.String() != "MMC" || KindSD.String() != "SD" || Kind(0).String() != "card?" {
		t.Error("kinds")
	}
}

// set writes bits hi..lo of a 128-bit register.
func set(b []byte, hi, lo int, v uint32) {
	for i := lo; i <= hi; i, v = i+1, v>>1 {
		b[15-i/8] = b[15-i/8]&^(1<<(i%8)) | byte(v&1)<<(i%8)
	}
}

func TestParseCSD(t *testing.T) {
	small := make([]byte, 16)
	set(small, 127, 126, 2)
	set(small, 125, 122, 4)
	set(small, 95, 84, 0x0F5) // classes 0, 2, 4 to 7
	set(small, 83, 80, 10)    // READ_BL_LEN: 1024
	set(small, 73, 62, 3839)
	set(small, 49, 47, 7)
	set(small, 46, 42, 31)
	set(small, 41, 37, 31)
	set(small, 25, 22, 10) // WRITE_BL_LEN: 1024
	set(small, 12, 12, 1)
	c, err := ParseCSD(small, KindMMC)
	want := CSD{Structure: 2, SpecVersion: 4, Classes: 0xF5, Bytes: 3840 * 512 * 1024, TempWriteProtect: true, EraseGroupSectors: 2048}
	if err != nil || c != want || !c.EraseClass().IsYes() {
		t.Errorf("%+v, %v", c, err)
	}
	set(small, 73, 62, 0xFFF)
	set(small, 25, 22, 9)
	set(small, 13, 13, 1)
	if c, err := ParseCSD(small, KindMMC); err != nil || c.Bytes != 0 || c.EraseGroupSectors != 1024 || !c.PermWriteProtect {
		t.Errorf("above 2 GB: %+v, %v", c, err)
	}
	sdhc := make([]byte, 16)
	set(sdhc, 127, 126, 1)
	set(sdhc, 95, 84, 0x5B5)
	set(sdhc, 69, 48, 60873)
	if c, err := ParseCSDText(hex.EncodeToString(sdhc), KindSD); err != nil || c.Bytes != 60874*512*1024 {
		t.Errorf("SDHC: %+v, %v", c, err)
	}
	set(sdhc, 127, 126, 2)
	set(sdhc, 75, 48, 8388607)
	if c, err := ParseCSD(sdhc, KindSD); err != nil || c.Bytes != 4<<40 {
		t.Errorf("SDUC: %+v, %v", c, err)
	}
	set(sdhc, 127, 126, 3)
	if _, err := ParseCSD(sdhc, KindSD); err == nil {
		t.Error("structure 3 was taken")
	}
	sdsc := make([]byte, 16)
	set(sdsc, 83, 80, 9)
	set(sdsc, 73, 62, 1023)
	set(sdsc, 49, 47, 7)
	if c, err := ParseCSD(sdsc, KindSD); err != nil || c.Bytes != 1024*512*512 {
		t.Errorf("SDSC: %+v, %v", c, err)
	}
	if _, err := ParseCSD(sdsc[:15], KindSD); err == nil {
		t.Error("15 bytes were taken")
	}
}

// extCSD is EXT_CSD written from JESD84-B51 clause 7.4.
func extCSD() []byte {
	b := make([]byte, 512)
	b[143] = 4            // GP1: 4 groups
	b[146], b[148] = 2, 1 // GP2: 65538 groups
	b[155], b[168], b[171], b[173], b[175], b[181] = 1, 32, 0x10, 4, 1, 1
	b[192] = 8
	binary.LittleEndian.PutUint32(b[212:], 30535680)
	b[221], b[223], b[224], b[226] = 16, 10, 1, 32
	b[231], b[232] = 0x55, 20
	copy(b[254:], "FW000001")
	b[267], b[268], b[269] = 2, 3, 0x0B
	return b
}

func TestParseExtCSD(t *testing.T) {
	e, err := ParseExtCSD(extCSD())
	const mib = 1 << 20
	want := ExtCSD{Revision: 8, Sectors: 30535680, Firmware: "FW000001",
		Sanitize: support.Yes, SecureErase: support.Yes, Trim: support.Yes,
		BootBytes: 4 * mib, RPMBBytes: 4 * mib, GPBytes: [4]uint64{4 * 8 * mib, 65538 * 8 * mib},
		Configured: true, BootWP: 4, UserWP: 0x10, HighCapacityErase: true, EraseGroupBytes: mib / 2,
		EraseTimeout: 3 * time.Second, TrimTimeout: 6 * time.Second, ErasedOnes: true,
		LifeTimeA: 3, LifeTimeB: 0x0B, PreEOL: 2}
	if err != nil || e != want {
		t.Errorf("\n got %+v\nwant %+v\n%v", e, want, err)
	}
	// A bit means nothing before the revision that defines it.
	for _, tt := range []struct {
		revision, features     byte
		sanitize, secure, trim support.State
	}{
		{8, 0x00, support.No, support.No, support.No},
		{6, 0x40, support.Yes, support.No, support.No},
		{5, 0x7F, support.Unknown, support.Yes, support.Yes},
		{3, 0x7F, support.Unknown, support.Yes, support.Unknown},
		{1, 0x7F, support.Unknown, support.Unknown, support.Unknown},
	} {
		b := extCSD()
		b[192], b[231] = tt.revision, tt.features
		e, err := ParseExtCSD(b)
		if err != nil || e.Sanitize != tt.sanitize || e.SecureErase != tt.secure || e.Trim != tt.trim {
			t.Errorf("revision %d: %+v, %v", tt.revision, e, err)
		}
		if (tt.revision < 7) != (e.Firmware == "" && e.LifeTimeA == 0) {
			t.Errorf("revision %d: firmware %q life %d", tt.revision, e.Firmware, e.LifeTimeA)
		}
	}
}

type fake struct {
	sent []Command
	r1   uint32
	err  error
	data []byte
}

func (f *fake) Exec(_ context.Context, c Command) (uint32, error) {
	f.sent = append(f.sent, c)
	copy(c.Data, f.data)
	return f.r1, f.err
}

func TestCommands(t *testing.T) {
	ctx := context.Background()
	if c := SanitizeCommand(time.Hour); c.Index != 6 || c.Arg != 0x03A50100 || !c.Busy || c.Timeout != time.Hour {
		t.Errorf("%+v", c)
	}
	if c := FlushCacheCommand(0); c.Arg != 0x03200100 {
		t.Errorf("%+v", c)
	}
	cs, err := EraseCommands(KindMMC, 0, 30535679, EraseGroups, time.Minute)
	if err != nil || len(cs) != 3 || cs[0].Index != 35 || cs[1].Arg != 30535679 || cs[2].Index != 38 || cs[2].Arg != 0 || !cs[2].Busy {
		t.Errorf("%+v, %v", cs, err)
	}
	if cs, err := EraseCommands(KindSD, 8, 15, EraseTrim, 0); err != nil || cs[0].Index != 32 || cs[1].Index != 33 || cs[2].Arg != 1 {
		t.Errorf("%+v, %v", cs, err)
	}
	if _, err := EraseCommands(KindMMC, 2, 1, EraseGroups, 0); err == nil {
		t.Error("backwards")
	}
	e, raw, err := ReadExtCSD(ctx, &fake{r1: 0x900, data: extCSD()})
	if err != nil || e.Revision != 8 || !bytes.Equal(raw, extCSD()) {
		t.Errorf("%+v, %v", e, err)
	}
	if err := Run(ctx, &fake{err: io.ErrUnexpectedEOF}, cs[0]); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
	if _, _, err := ReadExtCSD(ctx, &fake{r1: 1 << 22}); err == nil {
		t.Error("an illegal command was decoded")
	}
}

func TestCheckR1(t *testing.T) {
	for _, tt := range []struct {
		r1   uint32
		want string
	}{
		{0x00000900, ""}, // transfer state, ready
		{0x02000900, ""}, // locked is a state
		{0x00000980, "CMD6: switch error (R1 00000980h)"},
		{0x84000900, "CMD6: address out of range, write protect violation (R1 84000900h)"},
		{0x00008900, "CMD6: write protected areas were skipped by the erase (R1 00008900h)"},
		{0x00002900, "CMD6: erase sequence was reset (R1 00002900h)"},
	} {
		err := CheckR1(6, tt.r1)
		var e *StatusError
		if tt.want == "" != (err == nil) || err != nil && (!errors.As(err, &e) || err.Error() != tt.want) {
			t.Errorf("%08X: %v", tt.r1, err)
		}
	}
	// Every error bit has a word of its own.
	for i := range 32 {
		if bit := uint32(1) << i; bit&r1Errors != 0 {
			if err := CheckR1(0, bit); bytes.Contains([]byte(err.Error()), []byte("CMD0: error (")) != (i == 19) {
				t.Errorf("bit %d: %v", i, err)
			}
		}
	}
}

func FuzzRegisters(f *testing.F) {
	f.Add(emmcCID(), extCSD())
	f.Add(sdCID(), extCSD())
	f.Fuzz(func(t *testing.T, reg, ext []byte) {
		for _, k := range []Kind{KindMMC, KindSD} {
			if c, err := ParseCID(reg, k); err == nil && len(c.SerialText()) != 8 {
				t.Fatal(c)
			}
			if c, err := ParseCSD(reg, k); err == nil && c.Bytes > 1<<48 {
				t.Fatal(c)
			}
		}
		ParseCIDText(string(reg), KindSD)
		if e, err := ParseExtCSD(ext); err == nil && e.Revision < 6 && e.Sanitize != support.Unknown {
			t.Fatal(e)
		}
	})
}

func TestStatusErrorRefused(t *testing.T) {
	for r1, want := range map[uint32]bool{1 << 22: true, 1 << 26: true, 1<<31 | 1<<28: true, 1 << 19: false, 1 << 15: false, 1 << 7: false, 1<<22 | 1<<19: false} {
		if got := (&StatusError{CmdErase, r1 | 0x900}).Refused(); got != want {
			t.Errorf("%08X: refused %v", r1, got)
		}
	}
}

func TestName(t *testing.T) {
	for want, c := range map[string]Command{
		"SANITIZE_START": SanitizeCommand(0), "FLUSH_CACHE": FlushCacheCommand(0), "SWITCH": SwitchCommand(179, 1, 0),
		"ERASE": {Index: CmdErase}, "SEND_EXT_CSD": {Index: CmdSendExtCSD}, "CMD55": {Index: 55},
	} {
		if got := Name(c); got != want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// bus answers one command at a time; sequencer takes them all at once.
type bus struct{ r1 []uint32 }

func (b *bus) Exec(context.Context, Command) (uint32, error) {
	r1 := b.r1[0]
	b.r1 = b.r1[1:]
	return r1, nil
}

type sequencer struct{ bus }

func (s *sequencer) ExecAll(context.Context, []Command) ([]uint32, error) { return s.r1, nil }

// The first command with an error bit is the one that is named.
func TestRunAll(t *testing.T) {
	cmds, err := EraseCommands(KindMMC, 0, 7, EraseGroups, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r1 := range [][]uint32{{0x900, 0x900, 0x900}, {0x900, 1 << 28, 1 << 22}, {0x900, 0x900, 1 << 15}} {
		want := uint32(0)
		for i, v := range r1 {
			if want == 0 && CheckR1(0, v) != nil {
				want = cmds[i].Index
			}
		}
		for _, road := range []Transport{&bus{slices.Clone(r1)}, &sequencer{bus{slices.Clone(r1)}}} {
			err := RunAll(t.Context(), road, cmds)
			var se *StatusError
			if errors.As(err, &se) != (want != 0) || se != nil && se.Command != want {
				t.Errorf("%08X on %T: %v", r1, road, err)
			}
		}
	}
}
