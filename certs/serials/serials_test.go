package serials

import "testing"

func TestKeys(t *testing.T) {
	for name, c := range map[string]struct{ in, serial, asset string }{
		"as is":             {"QM00001", "QM00001", "QM00001"},
		"right-justified":   {"      Y2N2KZ9E", "Y2N2KZ9E", "Y2N2KZ9E"},
		"hyphen":            {"WD-WCC4E1234567", "WDWCC4E1234567", "WD-WCC4E1234567"},
		"full width":        {"ＷＤ－ＷＣＣ４ｅ１", "WDWCC4E1", "WD-WCC4E1"},
		"prolonged sound":   {"WDーWCC4", "WDWCC4", "WD-WCC4"},
		"half-width kana -": {"WDｰWCC4", "WDWCC4", "WD-WCC4"},
		"minus, en dash":    {"a−b–c", "ABC", "A-B-C"},
		"ideographic space": {"　AB　12", "AB12", "AB12"},
		"NUL padding":       {"AB12\x00\x00", "AB12", "AB12"},
		"kanji stay":        {"情備－０１２", "情備012", "情備-012"},
		"empty":             {" \t　", "", ""},
	} {
		if got := Key(c.in); got != c.serial {
			t.Errorf("%s: Key(%q) = %q, want %q", name, c.in, got, c.serial)
		}
		if got := AssetKey(c.in); got != c.asset {
			t.Errorf("%s: AssetKey(%q) = %q, want %q", name, c.in, got, c.asset)
		}
	}
}

func TestSame(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want bool
	}{
		"width, case, dash":         {"ＷＤ－wcc4", "WDWCC4", true},
		"different":                 {"WDWCC4", "WDWCC5", false},
		"both empty":                {"", "", false},
		"both to be filled":         {"To be filled by O.E.M.", "To be filled by O.E.M.", false},
		"both zeros":                {"00000000", "0000 0000", false},
		"12-3 and 1-23 of a serial": {"12-3X", "1-23X", true},
	} {
		if got := Same(c.a, c.b); got != c.want {
			t.Errorf("%s: Same(%q, %q) = %v", name, c.a, c.b, got)
		}
	}
	if AssetKey("12-3") == AssetKey("1-23") {
		t.Error("two 管理番号 became one")
	}
}
