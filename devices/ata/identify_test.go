package ata

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/massho/massho/devices/support"
)

// fixture builds the 512 bytes that a table of words describes.
func fixture(tb testing.TB, name string) []byte {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "identify", name+".txt"))
	if err != nil {
		tb.Fatal(err)
	}
	b := make([]byte, 512)
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at, value, _ := strings.Cut(line, ": ")
		switch first, last, isRange := strings.Cut(at, "-"); {
		case value == "checksum":
			seal(b)
		case isRange:
			putString(b, number(tb, first), number(tb, last), strings.Trim(value, `"`))
		default:
			v, err := strconv.ParseUint(strings.Fields(value)[0], 16, 16)
			if err != nil {
				tb.Fatal(line, err)
			}
			setWord(b, number(tb, at), uint16(v))
		}
	}
	return b
}

func expectedOf(tb testing.TB, name string) string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "identify", name+".txt"))
	if err != nil {
		tb.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "# expected: ")
	if !ok {
		tb.Fatalf("%s: no expectation", name)
	}
	line, _, _ := strings.Cut(rest, "\n")
	return line
}

func number(tb testing.TB, s string) int {
	tb.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

func setWord(b []byte, i int, v uint16) { binary.LittleEndian.PutUint16(b[2*i:], v) }

// putString writes an ATA string padded with spaces.
func putString(b []byte, first, last int, s string) {
	s += strings.Repeat(" ", 2*(last-first+1)-len(s))
	for i := first; i <= last; i++ {
		setWord(b, i, uint16(s[2*(i-first)])<<8|uint16(s[2*(i-first)+1]))
	}
}

// seal writes the integrity word.
func seal(b []byte) {
	b[510], b[511] = 0xA5, 0
	b[511] = -byteSum(b)
}

func TestFixtureIdentify(t *testing.T) {
	paths, err := filepath.Glob("testdata/identify/*.txt")
	if err != nil || len(paths) < 4 {
		t.Fatalf("fixtures: %d (%v)", len(paths), err)
	}
	for _, p := range paths {
		name := strings.TrimSuffix(filepath.Base(p), ".txt")
		t.Run(name, func(t *testing.T) {
			id, err := ParseIdentify(fixture(t, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range mismatch(id, expectedOf(t, name)) {
				t.Error(d)
			}
			if id.Checksum != ChecksumOK {
				t.Error("checksum", id.Checksum)
			}
		})
	}
}

func TestIdentifyFields(t *testing.T) {
	ssd, err := ParseIdentify(fixture(t, "sata-ssd-frozen"))
	if err != nil {
		t.Fatal(err)
	}
	if ssd.Model != "MASSHO  TEST SSD" || ssd.Serial != "RIGHT-0002" || ssd.WWN != "naa.5001b44800000001" {
		t.Errorf("model %q serial %q WWN %q", ssd.Model, ssd.Serial, ssd.WWN)
	}
	for name, s := range map[string]support.State{"trusted": ssd.TrustedComputing, "encrypts": ssd.EncryptsAll,
		"trim": ssd.Trim, "zeroes": ssd.TrimZeroes, "sata": ssd.SATA, "gpl": ssd.GPL} {
		if !s.IsYes() {
			t.Errorf("%s: %s", name, s)
		}
	}
	if ssd.Sectors != 1000215216 || ssd.FormFactor.String() != "2.5 inch" {
		t.Errorf("%d sectors, %s", ssd.Sectors, ssd.FormFactor)
	}
	kn, err := ParseIdentify(fixture(t, "sata-4kn-locked"))
	if err != nil {
		t.Fatal(err)
	}
	if e := kn.Security.EraseTime; !e.MoreThan || e.String() != "more than 508 min" {
		t.Errorf("erase time %s", e)
	}
	pata, err := ParseIdentify(fixture(t, "pata-old"))
	if err != nil {
		t.Fatal(err)
	}
	if pata.SATA != support.No || pata.AMAC != support.No || pata.PhysicalSector != 0 || pata.WWN != "" {
		t.Errorf("SATA %s AMAC %s physical %d WWN %q", pata.SATA, pata.AMAC, pata.PhysicalSector, pata.WWN)
	}
}

// alter returns a fixture with words changed and, unless raw, sealed again.
func alter(tb testing.TB, name string, words map[int]uint16) []byte {
	b := fixture(tb, name)
	for i, v := range words {
		setWord(b, i, v)
	}
	seal(b)
	return b
}

func TestIdentifyPitfalls(t *testing.T) {
	tests := []struct {
		name  string
		words map[int]uint16
		check func(*Identify) bool
		warns int
	}{
		{"word 83 not marked: nothing of 82 and 83 is known", map[int]uint16{83: 0x3D69},
			func(id *Identify) bool { return id.HPA == support.Unknown && id.LBA48 == support.Unknown }, 0},
		{"word 83 marked 11b is not valid either", map[int]uint16{83: 0xFD69},
			func(id *Identify) bool { return id.LBA48 == support.Unknown && id.Sectors == 0x0FFFFFFF }, 0},
		{"word 87 not marked: no WWN, enabled by word 128 alone", map[int]uint16{87: 0x0163, 128: 0x0023},
			func(id *Identify) bool { return id.WWN == "" && id.Security.Enabled.IsYes() }, 0},
		{"words 85 and 128 differ on enabled", map[int]uint16{85: 0x346B},
			func(id *Identify) bool { return id.Security.Enabled == support.Unknown }, 1},
		{"words 82 and 128 differ on security", map[int]uint16{128: 0},
			func(id *Identify) bool { return id.Security.Supported == support.Unknown }, 1},
		{"word 86 bit 15 clear: 119 is not valid, and ACS-3 could have AMAC", map[int]uint16{86: 0x3C49, 119: 0x411C},
			func(id *Identify) bool { return id.AMAC == support.Unknown }, 0},
		{"word 119 not marked", map[int]uint16{119: 0x0100},
			func(id *Identify) bool { return id.AMAC == support.Unknown }, 0},
		{"w59 without b12 is no sanitize", map[int]uint16{59: 0xE110},
			func(id *Identify) bool { return id.Sanitize == none() }, 1},
		{"w59 b8 and low byte say nothing", map[int]uint16{59: 0x0110},
			func(id *Identify) bool { return id.Sanitize == none() }, 0},
		{"rotation 0 is not reported", map[int]uint16{217: 0},
			func(id *Identify) bool { return id.Rotational == support.Unknown && id.RPM == 0 }, 0},
		{"rotation reserved", map[int]uint16{217: 0x0400},
			func(id *Identify) bool { return id.Rotational == support.Unknown }, 0},
		{"rotation FFFFh reserved", map[int]uint16{217: 0xFFFF},
			func(id *Identify) bool { return id.Rotational == support.Unknown }, 0},
		{"word 106 invalid", map[int]uint16{106: 0xC003},
			func(id *Identify) bool { return id.LogicalSector == 512 && id.PhysicalSector == 0 }, 0},
		{"logical sector of nonsense", map[int]uint16{106: 0x5000, 117: 7},
			func(id *Identify) bool { return id.LogicalSector == 512 }, 1},
		{"48-bit without a 48-bit capacity", map[int]uint16{100: 0, 101: 0},
			func(id *Identify) bool { return id.Sectors == 0x0FFFFFFF }, 1},
		{"incomplete until spin-up", map[int]uint16{0: 0x0044, 2: 0x37C8},
			func(id *Identify) bool { return id.Incomplete && id.Security.Supported == support.Unknown }, 1},
		{"word 76 FFFFh is not SATA", map[int]uint16{76: 0xFFFF},
			func(id *Identify) bool { return id.SATA == support.No }, 0},
		{"host-aware zones", map[int]uint16{69: 0x0001},
			func(id *Identify) bool { return id.Zoned == ZonedHostAware }, 0},
		{"erase time 7FFFh", map[int]uint16{89: 0xFFFF},
			func(id *Identify) bool {
				return id.Security.EraseTime.MoreThan && id.Security.EraseTime.Minutes == 65532
			}, 0},
		{"extended capacity below the 48-bit one", map[int]uint16{69: 8, 230: 1},
			func(id *Identify) bool { return id.Sectors == 1 }, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := ParseIdentify(alter(t, "sata-disk", tt.words))
			if err != nil {
				t.Fatal(err)
			}
			if !tt.check(id) {
				t.Errorf("%+v", id)
			}
			if len(id.Warnings) != tt.warns {
				t.Errorf("warnings %q", id.Warnings)
			}
		})
	}
}

func none() SanitizeSupport {
	n := support.No
	return SanitizeSupport{n, n, n, n, n, n}
}

func TestIdentifyStrings(t *testing.T) {
	b := fixture(t, "sata-disk")
	putString(b, 10, 19, "AB\x00\x00\x00")
	putString(b, 23, 26, "F\x7F1")
	seal(b)
	id, err := ParseIdentify(b)
	if err != nil {
		t.Fatal(err)
	}
	if id.Serial != "AB" || id.Firmware != `F\x7F1` {
		t.Errorf("serial %q firmware %q", id.Serial, id.Firmware)
	}
}

// A RAID driver synthesises names only: nothing else is known, not even that
// security is absent.
func TestIdentifySparse(t *testing.T) {
	b := make([]byte, 512)
	setWord(b, 0, 0x0040)
	putString(b, 10, 19, "S1")
	putString(b, 23, 26, "F1")
	putString(b, 27, 46, "RAID MEMBER")
	id, err := ParseIdentify(b)
	if err != nil {
		t.Fatal(err)
	}
	if !id.Sparse || id.Model != "RAID MEMBER" || id.Security != (Security{}) || id.Sanitize != (SanitizeSupport{}) ||
		id.HPA != support.Unknown || id.Trim != support.Unknown || len(id.Warnings) != 1 {
		t.Errorf("%+v", id)
	}
}

func TestIdentifyRefusals(t *testing.T) {
	sealed := fixture(t, "sata-disk")
	badSum := append([]byte(nil), sealed...)
	badSum[511]++
	if id, err := ParseIdentify(badSum); err != nil || id.Checksum != ChecksumBad || len(id.Warnings) != 1 {
		t.Errorf("bad checksum must warn and not refuse: %v", err)
	}
	leftover := []byte(strings.Repeat("../../devices/pci0000:00/", 21))[:512]
	tests := []struct {
		name string
		data []byte
		want Reason
	}{
		{"short", sealed[:510], ReasonLength},
		{"long", append(append([]byte(nil), sealed...), 0, 0), ReasonLength},
		{"nil", nil, ReasonLength},
		{"zeroes", make([]byte, 512), ReasonEmpty},
		{"ones", []byte(strings.Repeat("\xFF", 512)), ReasonEmpty},
		{"packet device", alter(t, "sata-disk", map[int]uint16{0: 0x85C0}), ReasonATAPI},
		{"reserved word 0", alter(t, "sata-disk", map[int]uint16{0: 0xC000}), ReasonGarbage},
		{"leftover text", leftover, ReasonGarbage},
	}
	for _, tt := range tests {
		var e *IdentifyError
		if _, err := ParseIdentify(tt.data); !errors.As(err, &e) || e.Reason != tt.want {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if id, err := ParseIdentify(alter(t, "sata-disk", map[int]uint16{0: 0x848A})); err != nil || id.Removable {
		t.Errorf("CompactFlash: %v", err)
	}
	if _, err := ParseIdentifyPart(sealed[:126]); err == nil {
		t.Error("126 bytes were taken")
	}
}

func TestIdentifyDevice(t *testing.T) {
	want := fixture(t, "sata-disk")
	f := &fake{answer: func(c Command) (Result, error) {
		copy(c.Data, want)
		return Result{}, nil
	}}
	id, raw, err := IdentifyDevice(context.Background(), f)
	if err != nil || id.Serial != "MSH-DISK-0001" || string(raw) != string(want) {
		t.Errorf("%v %v", id, err)
	}
	// A failed command leaves junk in the buffer: it is not an answer.
	f.answer = func(c Command) (Result, error) {
		copy(c.Data, want)
		return Result{}, &CommandError{Command: c}
	}
	if id, raw, err := IdentifyDevice(context.Background(), f); err == nil || id != nil || raw != nil {
		t.Error("a leftover buffer was decoded")
	}
	f.answer = func(c Command) (Result, error) { copy(c.Data, want); return Result{Resid: 100}, nil }
	if id, raw, err := IdentifyDevice(context.Background(), f); err != nil || len(raw) != 512 || len(id.Warnings) != 1 {
		t.Errorf("a residual that the checksum refutes: %v", err)
	}
	f.answer = func(c Command) (Result, error) { copy(c.Data, want[:412]); return Result{Resid: 100}, nil }
	if _, raw, err := IdentifyDevice(context.Background(), f); err == nil || len(raw) != 412 {
		t.Errorf("short transfer: %d bytes, %v", len(raw), err)
	}
}

// fake is an ATA device that records what it is sent.
type fake struct {
	sent   []Command
	answer func(Command) (Result, error)
}

func (f *fake) Exec(_ context.Context, c Command) (Result, error) {
	f.sent = append(f.sent, c)
	if f.answer == nil {
		return Result{}, nil
	}
	return f.answer(c)
}

func FuzzParseIdentify(f *testing.F) {
	for _, n := range []string{"sata-disk", "sata-ssd-frozen", "sata-4kn-locked", "pata-old"} {
		f.Add(fixture(f, n))
		f.Add(fixture(f, n)[:272])
	}
	f.Add(make([]byte, 512))
	f.Fuzz(func(t *testing.T, b []byte) {
		id, err := ParseIdentifyPart(b)
		if (id == nil) == (err == nil) {
			t.Fatal("neither data nor error, or both")
		}
		if err != nil {
			return
		}
		if id.LogicalSector < 512 || id.Sanitize.Crypto.IsYes() && !id.Sanitize.Supported.IsYes() {
			t.Fatalf("%+v", id)
		}
		if id.Sparse && id.Security != (Security{}) {
			t.Fatal("sparse data speak of security")
		}
	})
}
