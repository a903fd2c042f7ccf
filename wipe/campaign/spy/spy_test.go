package spy

import (
	"errors"
	"slices"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
)

// Each request is heard, before and after, and can be ended, changed or robbed of a
// part.
func TestSpy(t *testing.T) {
	d, err := emulator.New(emulator.Params{Kind: emulator.HDD, Serial: "SPY1", Sectors: 64})
	if err != nil {
		t.Fatal(err)
	}
	var heard []string
	errNo := errors.New("no")
	sys := System{System: emulator.NewSystem(d),
		Before: func(o Op) error {
			heard = append(heard, o.Name)
			if o.Name == "flush" {
				return errNo
			}
			return nil
		},
		Lose: func(o Op) (int, int) { return 512, 512 },
	}
	devs, err := sys.Detect(t.Context(), devices.DetectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := sys.Open(t.Context(), devs[0])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	p := slices.Repeat([]byte{9}, 2048)
	if n, err := c.WriteAt(p, 0); n != len(p) || err != nil {
		t.Fatal(n, err)
	}
	if err := c.Flush(t.Context()); !errors.Is(err, errNo) {
		t.Errorf("flush: %v", err)
	}
	got := make([]byte, 2048)
	if _, err := c.ReadAt(got, 0); err != nil {
		t.Fatal(err)
	}
	if got[511] != 9 || got[512] != 0 || got[1023] != 0 || got[1024] != 9 {
		t.Error("the lost part is not where it should be")
	}
	if !slices.Equal(heard, []string{"write", "flush", "read"}) {
		t.Errorf("heard %q", heard)
	}
}

func TestChanges(t *testing.T) {
	for name, want := range map[string]bool{"write": true, "read": false, "look": false, "flush": false, "SECURITY ERASE UNIT": true,
		"SECURITY ERASE PREPARE": false, "SANITIZE STATUS EXT": false, "BLOCK ERASE EXT": true, "Sanitize block erase": true, "SCSI 48h": true, "SCSI 03h": false} {
		if got := (Op{Name: name}).Changes(); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
