package emulator_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
)

// TestLook reads drives over the wire as a host does.
func TestLook(t *testing.T) {
	for _, layout := range []emulator.Layout{emulator.LayoutDescriptor, emulator.LayoutFixed, emulator.LayoutOldLibata, emulator.LayoutAppended} {
		d := newDrive(t, emulator.Params{
			Kind: emulator.HDD, Serial: "EMU-LOOK-1", HPASectors: 64, DCOSectors: 32, Reallocated: []uint64{5},
			PhysicalSector: 4096, Road: emulator.Road{Layout: layout},
		})
		d.Prefill()
		f, err := open(t, d).Look(ctx)
		if err != nil {
			t.Fatal(err)
		}
		a := f.Caps.ATA
		if f.Identity.Serial != "EMU-LOOK-1" || f.Identity.PhysicalSector != 4096 || !strings.HasPrefix(f.Identity.WWN, "naa.5") {
			t.Errorf("layout %d: %+v", layout, f.Identity)
		}
		if !a.Security.IsYes() || !a.SanitizeOverwrite.IsYes() || !a.SanitizeBlock.IsNo() || a.EnhancedEraseTime != time.Hour {
			t.Errorf("layout %d: %+v", layout, a)
		}
		if f.Hidden.DCO != devices.HiddenPresent {
			t.Errorf("layout %d: %+v", layout, f.Hidden)
		}
		if f.Health.Reallocated == nil || *f.Health.Reallocated != 1 {
			t.Errorf("layout %d: %+v", layout, f.Health)
		}
	}
}

func TestRoads(t *testing.T) {
	tests := []struct {
		name   string
		road   emulator.Road
		status bool // SANITIZE STATUS EXT comes back with registers that say something
		opcode byte
	}{
		{"descriptor", emulator.Road{}, true, 0x85},
		{"fixed: count 15:8 is only zero or not", emulator.Road{Layout: emulator.LayoutFixed}, false, 0x85},
		{"appended", emulator.Road{Layout: emulator.LayoutAppended}, true, 0x85},
		{"appended, cut to 18 bytes", emulator.Road{Layout: emulator.LayoutAppended, CutSense: 18}, false, 0x85},
		{"no registers", emulator.Road{NoRegisters: true}, false, 0x85},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, emulator.Params{Kind: emulator.SSD, Road: tt.road})
			tr := ata.NewSAT(d.SCSI())
			s, err := ata.SanitizeDevice(ctx, tr, ata.SanitizeBlockCommand(false))
			if err != nil {
				t.Fatal(err)
			}
			if got := s.InProgress.IsYes(); got != tt.status {
				t.Errorf("in progress is %s", s.InProgress)
			}
			if s.Idle() {
				t.Error("what is not known is taken for idle")
			}
			if tr.Opcode() != tt.opcode {
				t.Errorf("opcode %02Xh", tr.Opcode())
			}
		})
	}
	t.Run("A1h only", func(t *testing.T) {
		d := newDrive(t, emulator.Params{Kind: emulator.SSD, Road: emulator.Road{No85: true}})
		tr := ata.NewSAT(d.SCSI())
		if _, _, err := ata.IdentifyDevice(ctx, tr); err != nil || tr.Opcode() != 0xA1 {
			t.Errorf("opcode %02Xh, %v", tr.Opcode(), err)
		}
		if _, err := tr.Exec(ctx, ata.SanitizeBlockCommand(false)); !ata.NoPassThrough(err) {
			t.Errorf("a 48-bit command by A1h: %v", err)
		}
	})
	t.Run("abort in every layout", func(t *testing.T) {
		for layout := emulator.LayoutDescriptor; layout <= emulator.LayoutAppended; layout++ {
			d := newDrive(t, emulator.Params{Kind: emulator.SSD, Road: emulator.Road{Layout: layout}, Faults: emulator.Faults{Frozen: true}})
			err := ata.SecuritySetPassword(ctx, d.ATA(), own)
			var ce *ata.CommandError
			if !errors.As(err, &ce) || !ce.Aborted() {
				t.Errorf("layout %d: %v", layout, err)
			}
		}
	})
}
