package emulator_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
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
