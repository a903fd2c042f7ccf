package emulator_test

import (
	"testing"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
)

func TestHiddenAreas(t *testing.T) {
	sectors := func(want uint64) func(*testing.T, *emulator.Drive, ata.Transport) error {
		return func(t *testing.T, _ *emulator.Drive, tr ata.Transport) error {
			id, _, err := ata.IdentifyDevice(ctx, tr)
			if err == nil && id.Sectors != want {
				t.Errorf("%d sectors, want %d", id.Sectors, want)
			}
			return err
		}
	}
	setMax := func(last uint64, lasting bool) func(*testing.T, *emulator.Drive, ata.Transport) error {
		return func(_ *testing.T, _ *emulator.Drive, tr ata.Transport) error {
			return ata.SetMax(ctx, tr, last, true, lasting)
		}
	}
	restore := func(_ *testing.T, _ *emulator.Drive, tr ata.Transport) error { return ata.DCORestore(ctx, tr) }
	amac := func(last uint64) func(*testing.T, *emulator.Drive, ata.Transport) error {
		return func(_ *testing.T, _ *emulator.Drive, tr ata.Transport) error {
			return ata.SetAccessibleMaxAddress(ctx, tr, last)
		}
	}
	hpa := emulator.Params{Sectors: 8192, HPASectors: 1000}
	both := emulator.Params{Sectors: 8192, HPASectors: 1000, DCOSectors: 500}
	withAMAC := emulator.Params{Sectors: 8192, AMACSectors: 1000, ATA: emulator.ATAFeatures{Bare: true, AMAC: true}}
	tests := []struct {
		name  string
		p     emulator.Params
		steps []step
	}{
		{"SET MAX needs READ NATIVE MAX before it", hpa, []step{
			{"alone", send(ata.SetMaxExtCommand(9191, true)), false},
			{"native max", send(ata.ReadNativeMaxExtCommand()), true},
			{"another command", send(ata.IdentifyCommand()), true},
			{"too late", send(ata.SetMaxExtCommand(9191, true)), false},
			{"both", setMax(9191, true), true}, {"capacity", sectors(9192), true},
		}},
		{"volatile", hpa, []step{
			{"open", setMax(9191, false), true}, {"capacity", sectors(9192), true},
			{"power cycle", cycle, true}, {"capacity", sectors(8192), true},
		}},
		{"lasting, once in a power cycle", hpa, []step{
			{"open", setMax(9191, true), true}, {"close", setMax(8191, true), false},
			{"power cycle", cycle, true}, {"capacity", sectors(9192), true},
			{"close", setMax(8191, true), true},
		}},
		{"this power cycle's change is spent", faulty(hpa, emulator.Faults{SetMaxSpent: true}), []step{
			{"open", setMax(9191, true), false}, {"power cycle", cycle, true}, {"open", setMax(9191, true), true},
		}},
		{"frozen by firmware", faulty(hpa, emulator.Faults{SetMaxFrozen: true}), []step{
			{"open", setMax(9191, true), false}, {"power cycle", cycle, true}, {"open", setMax(9191, true), false},
		}},
		{"beyond the native maximum", hpa, []step{
			{"native max", send(ata.ReadNativeMaxExtCommand()), true},
			{"too far", send(ata.SetMaxExtCommand(9192, true)), false},
		}},
		{"DCO only after the HPA is gone", both, []step{
			{"restore", restore, false},
			{"open the HPA", setMax(9191, true), true},
			{"restore", restore, true}, {"capacity", sectors(9692), true},
			{"power cycle", cycle, true}, {"capacity", sectors(9692), true},
		}},
		{"DCO frozen", faulty(emulator.Params{Sectors: 8192, DCOSectors: 500}, emulator.Faults{DCOFrozen: true}), []step{
			{"restore", restore, false},
		}},
		{"AMAC, once in a power cycle", withAMAC, []step{
			{"open", amac(9191), true}, {"capacity", sectors(9192), true}, {"close", amac(8191), false},
			{"power cycle", cycle, true}, {"capacity", sectors(9192), true}, {"close", amac(8191), true},
		}},
		{"while locked", emulator.Params{Sectors: 8192, HPASectors: 1000, UserPassword: "other"}, []step{
			{"open", setMax(9191, true), false},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { runSteps(t, newDrive(t, tt.p), tt.steps) })
	}
}
