package main

import (
	"testing"

	"github.com/massho/massho/devices"
)

func TestParsePSIDs(t *testing.T) {
	pin := "0123456789ABCDEF0123456789ABCDEF"
	d := devices.Device{Identity: devices.Identity{Serial: "WD-1234ABCD"}}
	for _, tc := range []struct {
		word string
		bad  bool
		want string
	}{
		{word: "ABCD=" + pin, want: pin},
		{word: "wd-1234abcd=" + pin, want: pin},
		{word: "ＡＢＣＤ=" + pin, want: pin},
		{word: "9999=" + pin},
		{word: "BCD=" + pin, bad: true},
		{word: pin, bad: true},
		{word: "ABCD=0123", bad: true},
		{word: "ABCD=", bad: true},
	} {
		p, err := parsePSIDs([]string{tc.word})
		if (err != nil) != tc.bad || p.of(d) != tc.want {
			t.Errorf("%q: %q, %v", tc.word, p.of(d), err)
		}
	}
}
