package devices

import (
	"errors"
	"strings"
	"testing"
)

func disk(name, serial string) Device {
	return Device{
		Name: name, Path: "/dev/" + name, Parent: "/sys/devices/" + name, Class: ClassDisk, Transport: TransportSATA,
		Identity: Identity{Model: "M-" + name, Serial: serial, LogicalSector: 512, Sectors: 1000},
	}
}

func TestSerialKey(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"as is":             {"QM00001", "QM00001"},
		"right-justified":   {"      Y2N2KZ9E", "Y2N2KZ9E"},
		"double spaces":     {"S1  AB  2", "S1AB2"},
		"hyphen":            {"WD-WCC4E1234567", "WDWCC4E1234567"},
		"small letters":     {"wd-wcc4e1234567", "WDWCC4E1234567"},
		"full width":        {"ＷＤ－ＷＣＣ４ｅ１", "WDWCC4E1"},
		"prolonged sound":   {"WDーWCC4", "WDWCC4"},
		"half-width kana -": {"WDｰWCC4", "WDWCC4"},
		"ideographic space": {"　AB　12", "AB12"},
		"NUL padding":       {"AB12\x00\x00", "AB12"},
		"underscore stays":  {"ACE4_2E00_15E3", "ACE4_2E00_15E3"},
		"empty":             {" \t　", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := SerialKey(c.in); got != c.want {
				t.Errorf("SerialKey(%q) = %q, want %q", c.in, got, c.want)
			}
		})
	}
}

func TestMatchSerial(t *testing.T) {
	ns2 := disk("nvme0n2", "S5GXNX0R1234")
	ns1 := disk("nvme0n1", "S5GXNX0R1234")
	ns1.Parent, ns2.Parent = "nqn.a", "nqn.a"
	devs := []Device{
		disk("sda", "WD-WCC4E1111111"), disk("sdb", "WD-WCC4E2221111"), disk("sdc", "  ABC"),
		disk("sdd", ""), ns1, ns2, disk("sde", "TWIN1234"), disk("sdf", "TWIN1234"),
	}
	for name, c := range map[string]struct {
		typed string
		want  string // name of the drive
		code  Code
	}{
		"whole serial":          {"WD-WCC4E1111111", "sda", ""},
		"without its hyphen":    {"wdwcc4e1111111", "sda", ""},
		"end":                   {"2221111", "sdb", ""},
		"end in full width":     {"２２２１１１１", "sdb", ""},
		"ambiguous end":         {"1111", "", CodeSerialAmbiguous},
		"unknown":               {"ZZZZ", "", CodeSerialUnknown},
		"start is not enough":   {"WD-WCC4E", "", CodeSerialUnknown},
		"too short":             {"234", "", CodeSerialAmbiguous},
		"too short but unique":  {"BC", "", CodeSerialShort},
		"short whole serial":    {"abc", "sdc", ""},
		"nothing typed":         {" ", "", CodeSerialUnknown},
		"two namespaces, 1 mdm": {"0R1234", "nvme0n1", ""},
		"twins":                 {"TWIN1234", "", CodeSerialDuplicate},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := MatchSerial(devs, c.typed)
			var r *Refusal
			switch {
			case c.code == "" && (err != nil || d.Name != c.want):
				t.Fatalf("got %q, %v; want %q", d.Name, err, c.want)
			case c.code != "" && (!errors.As(err, &r) || r.Code != c.code):
				t.Fatalf("got %q, %v; want %s", d.Name, err, c.code)
			case c.code != "" && d.Name != "":
				t.Fatalf("a refusal came with a device: %q", d.Name)
			}
		})
	}
}

func TestMatchSerialNamesThePresent(t *testing.T) {
	_, err := MatchSerial([]Device{disk("sda", "AAAA1111"), disk("sdb", "BBBB2222")}, "CCCC")
	for _, s := range []string{"AAAA1111", "BBBB2222"} {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%v does not name %s", err, s)
		}
	}
}

func TestPlaceholderSerial(t *testing.T) {
	for s, want := range map[string]bool{
		"To be filled by O.E.M.": true, "TO BE FILLED BY O.E.M.": true, "Default string": true,
		"System Serial Number": true, "0": true, "None": true, "123456789": true, "0123456789ABCDEF": true,
		"00000000": true, "xxxxxxxx": true, "........": true, "": true, "  ": true, "N/A": true,
		"Not Specified": true, "1234567890": true, "FFFFFFFF": true,
		"5CG1234ABC": false, "PF2XK3L9": false, "QM00001": false, "S5GXNX0R123456": false,
		"1234": false, "WD-WCC4E1234567": false, "機器番号": false,
	} {
		if got := PlaceholderSerial(s); got != want {
			t.Errorf("PlaceholderSerial(%q) = %v, want %v", s, got, want)
		}
	}
}
