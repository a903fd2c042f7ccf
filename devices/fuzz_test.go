package devices

import (
	"strings"
	"testing"
)

func FuzzSerialKey(f *testing.F) {
	for _, s := range []string{"WD-WCC4E1234567", "ＷＤ－１", "\x00\xff", "　 ーｰ", "To be filled by O.E.M."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		k := SerialKey(s)
		if SerialKey(k) != k {
			t.Errorf("SerialKey(%q) = %q changes when folded again", s, k)
		}
		if strings.ContainsAny(k, " -\t\n") {
			t.Errorf("SerialKey(%q) = %q", s, k)
		}
		PlaceholderSerial(s)
	})
}

// Whatever is typed, the drive found is the only one that it fits.
func FuzzMatchSerial(f *testing.F) {
	f.Add("WD-WCC4E1111111", "WD-WCC4E2221111", "1111")
	f.Add("A", "A", "a")
	f.Add("", "S1", "")
	f.Fuzz(func(t *testing.T, a, b, typed string) {
		d, err := MatchSerial([]Device{disk("sda", a), disk("sdb", b)}, typed)
		key := SerialKey(typed)
		fits := func(s string) bool { return key != "" && strings.HasSuffix(SerialKey(s), key) }
		if err == nil && (fits(a) == fits(b) || d.Identity.Serial != map[bool]string{true: a, false: b}[fits(a)]) {
			t.Errorf("%q among %q and %q gave %q", typed, a, b, d.Identity.Serial)
		}
	})
}
