package emulator_test

import (
	"context"
	"testing"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/support"
)

var (
	ctx = context.Background()
	own = ata.Password{'m', 'a', 's', 's', 'h', 'o'}
	bad = ata.Password{'x'}
)

// step is one command of a state machine's table: what is sent, and whether
// the drive takes it.
type step struct {
	name string
	do   func(t *testing.T, d *emulator.Drive, tr ata.Transport) error
	ok   bool
}

func send(c ata.Command) func(*testing.T, *emulator.Drive, ata.Transport) error {
	return func(_ *testing.T, _ *emulator.Drive, tr ata.Transport) error {
		_, err := tr.Exec(ctx, c)
		return err
	}
}

func erase(pw ata.Password, enhanced bool) func(*testing.T, *emulator.Drive, ata.Transport) error {
	return func(_ *testing.T, _ *emulator.Drive, tr ata.Transport) error {
		return ata.SecurityEraseUnit(ctx, tr, ata.SecurityErase{Password: pw, Enhanced: enhanced})
	}
}

func set(pw ata.Password) func(*testing.T, *emulator.Drive, ata.Transport) error {
	return send(ata.SecuritySetPasswordCommand(pw))
}

func unlock(pw ata.Password) func(*testing.T, *emulator.Drive, ata.Transport) error {
	return send(ata.SecurityUnlockCommand(ata.UserPassword, pw))
}

func disable(pw ata.Password) func(*testing.T, *emulator.Drive, ata.Transport) error {
	return send(ata.SecurityDisableCommand(ata.UserPassword, pw))
}

var (
	freeze  = send(ata.SecurityFreezeLockCommand())
	prepare = send(ata.SecurityPrepareCommand())
	unit    = send(ata.SecurityEraseUnitCommand(ata.UserPassword, own, false))
	read    = send(ata.Command{Command: 0x25, Extended: true, Count: 1, Device: 0x40, Protocol: ata.DMAIn, Data: make([]byte, 512)})
)

func cycle(_ *testing.T, d *emulator.Drive, _ ata.Transport) error {
	d.PowerCycle()
	return nil
}

// shows checks the security bits of a fresh IDENTIFY DEVICE.
func shows(enabled, locked, frozen, expired bool) func(*testing.T, *emulator.Drive, ata.Transport) error {
	return func(t *testing.T, _ *emulator.Drive, tr ata.Transport) error {
		t.Helper()
		id, _, err := ata.IdentifyDevice(ctx, tr)
		if err != nil {
			return err
		}
		s := id.Security
		for _, b := range []struct {
			name string
			got  support.State
			want bool
		}{{"enabled", s.Enabled, enabled}, {"locked", s.Locked, locked}, {"frozen", s.Frozen, frozen}, {"expired", s.Expired, expired}} {
			if b.got != support.Of(b.want) {
				t.Errorf("%s: %s, want %v", b.name, b.got, b.want)
			}
		}
		return nil
	}
}

func TestSecurityStates(t *testing.T) {
	tests := []struct {
		name  string
		p     emulator.Params
		steps []step
	}{
		{"SEC1: disabled", emulator.Params{}, []step{
			{"identify", shows(false, false, false, false), true},
			{"erase unit without password", erase(own, false), false},
			{"disable", disable(own), true},
			{"unlock", unlock(own), true},
		}},
		{"SEC1 to SEC5 and back", emulator.Params{}, []step{
			{"set", set(own), true},
			{"identify", shows(true, false, false, false), true},
			{"read", read, true},
			{"disable with another password", disable(bad), false},
			{"disable", disable(own), true},
			{"identify", shows(false, false, false, false), true},
		}},
		{"SEC5 to SEC4 at power-on", emulator.Params{}, []step{
			{"set", set(own), true},
			{"power cycle", cycle, true},
			{"identify", shows(true, true, false, false), true},
			{"read", read, false},
			{"set", set(bad), false},
			{"disable", disable(own), false},
			{"freeze", freeze, false},
			{"unlock", unlock(own), true},
			{"read", read, true},
		}},
		{"the count expires until power-on", emulator.Params{}, []step{
			{"set", set(own), true},
			{"power cycle", cycle, true},
			{"1", unlock(bad), false}, {"2", unlock(bad), false}, {"3", unlock(bad), false},
			{"4", unlock(bad), false}, {"5", unlock(bad), false},
			{"identify", shows(true, true, false, true), true},
			{"the right one", unlock(own), false},
			{"power cycle", cycle, true},
			{"the right one", unlock(own), true},
		}},
		{"SEC2: frozen", emulator.Params{}, []step{
			{"freeze", freeze, true},
			{"identify", shows(false, false, true, false), true},
			{"set", set(own), false}, {"prepare", prepare, false}, {"unlock", unlock(own), false},
			{"read", read, true},
			{"power cycle", cycle, true},
			{"set", set(own), true},
		}},
		{"frozen by firmware at every start", emulator.Params{Faults: emulator.Faults{Frozen: true}}, []step{
			{"set", set(own), false},
			{"power cycle", cycle, true},
			{"set", set(own), false},
			{"re-plug", func(_ *testing.T, d *emulator.Drive, _ ata.Transport) error { d.Replug(); return nil }, true},
			{"set", set(own), true},
		}},
		{"frozen, then suspend to RAM", emulator.Params{Faults: emulator.Faults{Frozen: true}}, []step{
			{"set", set(own), false},
			{"suspend", func(_ *testing.T, d *emulator.Drive, _ ata.Transport) error { d.Suspend(); return nil }, true},
			{"unit attention", set(own), false},
			{"set", set(own), true},
		}},
		{"PREPARE must immediately precede ERASE UNIT", emulator.Params{}, []step{
			{"set", set(own), true},
			{"unit alone", unit, false},
			{"prepare", prepare, true},
			{"another command", send(ata.IdentifyCommand()), true},
			{"unit", unit, false},
			{"prepare", prepare, true},
			{"unit", unit, true},
			{"identify", shows(false, false, false, false), true},
		}},
		{"a read between PREPARE and ERASE UNIT", emulator.Params{}, []step{
			{"set", set(own), true},
			{"prepare", prepare, true},
			{"read by the host", func(t *testing.T, d *emulator.Drive, _ ata.Transport) error {
				_, err := open(t, d).ReadAt(make([]byte, 4096), 0)
				return err
			}, true},
			{"unit", unit, false},
		}},
		{"erase with a foreign password", emulator.Params{}, []step{
			{"set", set(own), true},
			{"erase", erase(bad, false), false},
			{"identify", shows(true, false, false, false), true},
		}},
		{"a locked drive can be erased", emulator.Params{UserPassword: "massho"}, []step{
			{"identify", shows(true, true, false, false), true},
			{"erase", erase(own, true), true},
			{"identify", shows(false, false, false, false), true},
			{"read", read, true},
		}},
		{"enhanced without support", emulator.Params{ATA: emulator.ATAFeatures{Bare: true, Security: true}}, []step{
			{"set", set(own), true},
			{"erase", erase(own, true), false},
			{"erase", erase(own, false), true},
		}},
		{"no security", emulator.Params{ATA: emulator.ATAFeatures{Bare: true}}, []step{
			{"set", set(own), false}, {"freeze", freeze, false}, {"prepare", prepare, false},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runSteps(t, newDrive(t, tt.p), tt.steps)
		})
	}
}

func runSteps(t *testing.T, d *emulator.Drive, steps []step) {
	t.Helper()
	for _, s := range steps {
		err := s.do(t, d, d.ATA())
		if (err == nil) != s.ok {
			t.Fatalf("%s: %v, want ok %v", s.name, err, s.ok)
		}
	}
}
