package emulator_test

import (
	"errors"
	"testing"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
)

// TestWhatAnEraseReaches runs every technique on a prefilled drive and looks
// at what is left where.
func TestWhatAnEraseReaches(t *testing.T) {
	spare, moved, hpa := emulator.AreaSpare, emulator.AreaReallocated, emulator.AreaHPA
	sanitizeOver, err := ata.SanitizeOverwriteCommand(0x12345678, 1, false, false)
	if err != nil {
		t.Fatal(err)
	}
	setErase := func(enhanced bool) func(*testing.T, *emulator.Drive, ata.Transport) error {
		return func(t *testing.T, d *emulator.Drive, tr ata.Transport) error {
			if err := set(own)(t, d, tr); err != nil {
				return err
			}
			return erase(own, enhanced)(t, d, tr)
		}
	}
	sanitize := func(c ata.Command) func(*testing.T, *emulator.Drive, ata.Transport) error {
		return func(t *testing.T, d *emulator.Drive, tr ata.Transport) error {
			s, err := ata.SanitizeDevice(ctx, tr, c)
			for seen := 0; err == nil && !s.Idle(); seen++ {
				if seen > 100 {
					return errors.New("it never ends")
				}
				s, err = ata.SanitizeDeviceStatus(ctx, tr)
			}
			return err
		}
	}
	over := func(t *testing.T, d *emulator.Drive, _ ata.Transport) error {
		overwrite(t, open(t, d), 7)
		return nil
	}
	disk := emulator.Params{Kind: emulator.HDD, Reallocated: []uint64{99}, HPASectors: 2048}
	flash := emulator.Params{Kind: emulator.SSD}
	tests := []struct {
		name string
		p    emulator.Params
		do   func(*testing.T, *emulator.Drive, ata.Transport) error
		want []emulator.AreaKind
	}{
		{"disk: host overwrite", disk, over, []emulator.AreaKind{hpa, moved}},
		{"disk: normal erase", disk, setErase(false), []emulator.AreaKind{hpa, moved}},
		{"disk: enhanced erase", disk, setErase(true), nil},
		{"disk: SANITIZE OVERWRITE", disk, sanitize(sanitizeOver), nil},
		{"flash: host overwrite", flash, over, []emulator.AreaKind{spare}},
		{"flash: normal erase", flash, setErase(false), []emulator.AreaKind{spare}},
		{"flash: enhanced erase", flash, setErase(true), nil},
		{"flash: SANITIZE BLOCK ERASE", flash, sanitize(ata.SanitizeBlockCommand(false)), nil},
		{"flash: SANITIZE CRYPTO SCRAMBLE", flash, sanitize(ata.SanitizeCryptoCommand(false)), nil},
		{"flash that only unmaps", faulty(flash, emulator.Faults{UnmapOnly: true}),
			sanitize(ata.SanitizeBlockCommand(false)), []emulator.AreaKind{spare}},
		{"flash that does nothing", faulty(flash, emulator.Faults{KeepFraction: 1}),
			sanitize(ata.SanitizeBlockCommand(false)), []emulator.AreaKind{emulator.AreaUser, spare}},
		{"disk that erases all but a part", faulty(disk, emulator.Faults{KeepFraction: 0.05}),
			setErase(true), []emulator.AreaKind{emulator.AreaUser, hpa}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, tt.p)
			d.Prefill()
			if err := tt.do(t, d, d.ATA()); err != nil {
				t.Fatal(err)
			}
			got := map[emulator.AreaKind]bool{}
			for _, r := range d.Remnants() {
				got[r.Area.Kind] = true
			}
			want := map[emulator.AreaKind]bool{}
			for _, k := range tt.want {
				want[k] = true
			}
			for _, k := range []emulator.AreaKind{emulator.AreaUser, hpa, spare, moved} {
				if got[k] != want[k] {
					t.Errorf("remnants in %s: %v, want %v", k, got[k], want[k])
				}
			}
		})
	}
}

func faulty(p emulator.Params, f emulator.Faults) emulator.Params {
	p.Faults = f
	return p
}
