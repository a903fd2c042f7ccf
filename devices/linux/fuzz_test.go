//go:build linux

package linux

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func FuzzMountinfo(f *testing.F) {
	f.Add([]byte("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n"))
	f.Add([]byte("24 21 65:145 / /mnt/a\\040b rw - vfat /dev/sdz1 rw\n - \n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		ms, err := parseMountinfo(bytes.NewReader(b))
		if err == nil && len(ms) > bytes.Count(b, []byte("\n"))+1 {
			t.Errorf("%d mounts from %d lines", len(ms), bytes.Count(b, []byte("\n")))
		}
		for _, m := range ms {
			if m.dev == "" || m.source == "" || m.target == "" {
				t.Errorf("%+v", m)
			}
		}
	})
}

func FuzzSwaps(f *testing.F) {
	f.Add([]byte("Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 1 0 -2\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		swaps, err := parseSwaps(bytes.NewReader(b))
		if err == nil && len(swaps) > bytes.Count(b, []byte("\n"))+1 {
			t.Errorf("%d swaps from %d lines", len(swaps), bytes.Count(b, []byte("\n")))
		}
	})
}

var reUUID = regexp.MustCompile(`^[0-9A-F]{4}-[0-9A-F]{4}$`)

func FuzzFATUUID(f *testing.F) {
	fat32 := make([]byte, 512)
	copy(fat32[0x52:], "FAT32   ")
	fat32[0x42], fat32[510], fat32[511] = 0x29, 0x55, 0xAA
	f.Add(fat32)
	fat16 := make([]byte, 4096)
	copy(fat16[0x36:], "FAT16   ")
	fat16[0x26], fat16[510], fat16[511] = 0x29, 0x55, 0xAA
	f.Add(fat16)
	f.Add([]byte("NTFS"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if u := fatUUID(b); u != "" && !reUUID.MatchString(u) {
			t.Errorf("%q", u)
		}
	})
}

func TestUnescape(t *testing.T) {
	for in, want := range map[string]string{
		`/mnt/a\040b`: "/mnt/a b", `/a\134b`: `/a\b`, `/a\`: `/a\`, `/a\9zz`: `/a\9zz`, `\011`: "\t", "/plain": "/plain", `\400x`: `\400x`,
	} {
		if got := unescape(in); got != want {
			t.Errorf("unescape(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFATUUID(t *testing.T) {
	sector := func(at int, label string, sig int, id int) []byte {
		b := make([]byte, 512)
		copy(b[at:], label)
		b[sig] = 0x29
		copy(b[id:], []byte{0xCD, 0xAB, 0x34, 0x12})
		b[510], b[511] = 0x55, 0xAA
		return b
	}
	ntfs := sector(3, "NTFS    ", 0x26, 0x48)
	cut := sector(0x52, "FAT32   ", 0x42, 0x43)[:511]
	unsigned := sector(0x52, "FAT32   ", 0x42, 0x43)
	unsigned[510] = 0
	for name, c := range map[string]struct {
		b    []byte
		want string
	}{
		"FAT32":        {sector(0x52, "FAT32   ", 0x42, 0x43), "1234-ABCD"},
		"FAT16":        {sector(0x36, "FAT16   ", 0x26, 0x27), "1234-ABCD"},
		"FAT12":        {sector(0x36, "FAT12   ", 0x26, 0x27), "1234-ABCD"},
		"NTFS":         {ntfs, ""},
		"cut short":    {cut, ""},
		"no signature": {unsigned, ""},
		"blank":        {make([]byte, 512), ""},
	} {
		if got := fatUUID(c.b); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Natural order: what a person expects in a list.
func TestCompareNatural(t *testing.T) {
	order := strings.Fields("loop2 loop10 nvme0n1 nvme2n1 nvme10n1 sda sda1 sda2 sda10 sdb")
	for i := range order {
		for j := range order {
			if got := compareNatural(order[i], order[j]); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("compareNatural(%s, %s) = %d", order[i], order[j], got)
			}
		}
	}
}
