package main

import (
	"testing"

	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/devices"
)

// TestSerialsAgree: the office folds serial numbers as the stick does. Only here
// may both be seen.
func TestSerialsAgree(t *testing.T) {
	for _, s := range []string{"", " ", "QM00001", "      Y2N2KZ9E", "S1  AB  2", "WD-WCC4E1234567", "ＷＤ－ＷＣＣ４ｅ１", "WDーWCC4", "WDｰWCC4", "　AB　12",
		"AB12\x00\x00", "ACE4_2E00_15E3", "a−b–c—d", "00000000", "0123456789ABCDEF", "To be filled by O.E.M.", "Default string", "N/A", "情備－０１２", "123456"} {
		same(t, s)
	}
}

func FuzzSerialsAgree(f *testing.F) {
	f.Add("ＷＤ－wcc4 E1")
	f.Fuzz(func(t *testing.T, s string) { same(t, s) })
}

func same(t *testing.T, s string) {
	t.Helper()
	if a, b := serials.Key(s), devices.SerialKey(s); a != b {
		t.Errorf("Key(%q): %q in the office, %q on the stick", s, a, b)
	}
	if a, b := serials.Placeholder(s), devices.PlaceholderSerial(s); a != b {
		t.Errorf("placeholder %q: %v in the office, %v on the stick", s, a, b)
	}
}
