package emulator_test

import (
	"testing"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/support"
)

func TestSanitizeStates(t *testing.T) {
	block := send(ata.SanitizeBlockCommand(false))
	blockAUSE := send(ata.SanitizeBlockCommand(true))
	status := send(ata.SanitizeStatusCommand(false))
	state := func(want ata.SanitizeStatus) func(*testing.T, *emulator.Drive, ata.Transport) error {
		return func(t *testing.T, _ *emulator.Drive, tr ata.Transport) error {
			got, err := ata.SanitizeDeviceStatus(ctx, tr)
			want.Antifreeze, got.Progress = got.Antifreeze, 0
			if err == nil && got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
			return err
		}
	}
	yes, no := support.Yes, support.No
	running := state(ata.SanitizeStatus{Completed: no, InProgress: yes, Frozen: no})
	idle := state(ata.SanitizeStatus{Completed: yes, InProgress: no, Frozen: no})
	frozen := state(ata.SanitizeStatus{Completed: yes, InProgress: no, Frozen: yes})
	end := func(_ *testing.T, d *emulator.Drive, _ ata.Transport) error {
		d.Clock().Advance(24 * time.Hour)
		return nil
	}
	ssd := emulator.Params{Kind: emulator.SSD, EraseTakes: time.Minute}
	tests := []struct {
		name  string
		p     emulator.Params
		steps []step
	}{
		{"an idle drive reports success", ssd, []step{{"status", idle, true}}},
		{"SD2: in progress", ssd, []step{
			{"block erase", block, true},
			{"status", running, true},
			{"read", read, false}, {"another sanitize", block, false},
			{"identify", send(ata.IdentifyCommand()), true}, {"set password", set(own), false},
			{"time", end, true}, {"status", idle, true}, {"read", read, true},
		}},
		{"it goes on after a power cut", ssd, []step{
			{"block erase", block, true},
			{"status", running, true},
			{"power cycle", cycle, true},
			{"status", running, true}, {"read", read, false},
			{"time", end, true}, {"status", idle, true},
		}},
		{"SD1: frozen until power-on", ssd, []step{
			{"freeze", send(ata.SanitizeFreezeLockCommand()), true},
			{"status", frozen, true},
			{"block erase", block, false}, {"read", read, true},
			{"power cycle", cycle, true},
			{"block erase", block, true},
		}},
		{"antifreeze", ssd, []step{
			{"antifreeze", send(ata.SanitizeAntifreezeLockCommand()), true},
			{"freeze", send(ata.SanitizeFreezeLockCommand()), false},
			{"block erase", block, true},
		}},
		{"a wrong key", ssd, []step{
			{"block erase", send(ata.Command{Command: 0xB4, Feature: 0x12, LBA: 1, Extended: true}), false},
			{"status", idle, true},
		}},
		{"not supported", ssd, []step{
			{"overwrite", send(ata.Command{Command: 0xB4, Feature: 0x14, Count: 1, LBA: 0x4F57 << 32, Extended: true}), false},
		}},
		{"while locked", emulator.Params{Kind: emulator.SSD, UserPassword: "other"}, []step{
			{"block erase", block, false}, {"status", status, true},
		}},
		{"while security is frozen", faulty(ssd, emulator.Faults{Frozen: true}), []step{
			{"block erase", block, true}, {"time", end, true}, {"status", idle, true},
		}},
		{"SD3: failed, restricted", faulty(ssd, emulator.Faults{EraseFails: true}), []step{
			{"block erase", block, true}, {"time", end, true},
			{"status", status, false}, {"read", read, false},
			{"clear", send(ata.SanitizeStatusCommand(true)), false},
			{"repaired", func(_ *testing.T, d *emulator.Drive, _ ata.Transport) error { d.Fault(emulator.Faults{}); return nil }, true},
			{"again", block, true}, {"time", end, true}, {"status", idle, true}, {"read", read, true},
		}},
		{"SD3: failed, unrestricted", faulty(ssd, emulator.Faults{EraseFails: true}), []step{
			{"block erase", blockAUSE, true}, {"time", end, true},
			{"status", status, false},
			{"clear", send(ata.SanitizeStatusCommand(true)), true},
			{"read", read, true},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { runSteps(t, newDrive(t, tt.p), tt.steps) })
	}
}

func TestSanitizeReasons(t *testing.T) {
	d := newDrive(t, faulty(emulator.Params{Kind: emulator.SSD}, emulator.Faults{SanitizeFrozen: true}))
	_, err := d.ATA().Exec(ctx, ata.SanitizeBlockCommand(false))
	if r, ok := ata.SanitizeAbortReason(err); !ok || r != ata.SanitizeReasonFrozen {
		t.Errorf("%v: reason %v", err, r)
	}
	d = newDrive(t, faulty(emulator.Params{Kind: emulator.SSD}, emulator.Faults{EraseFails: true, Instant: true}))
	if _, err := d.ATA().Exec(ctx, ata.SanitizeBlockCommand(false)); err != nil {
		t.Fatal(err)
	}
	_, err = d.ATA().Exec(ctx, ata.SanitizeStatusCommand(false))
	if r, ok := ata.SanitizeAbortReason(err); !ok || r != ata.SanitizeReasonFailed {
		t.Errorf("%v: reason %v", err, r)
	}
}
