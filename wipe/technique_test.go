package wipe

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/rules"
)

// ataPlan runs one device technique and then whatever else is given.
func (b *bench) device(kind rules.MediumKind, techniques ...rules.Technique) Plan {
	p := b.plan(1)
	p.Row, p.Medium, p.Steps = rules.Row2, kind, nil
	for _, t := range techniques {
		s := PlannedStep{Technique: t, Verify: rules.VerifyCanaries, Canaries: true}
		if t == rules.TechOverwrite {
			s.Passes, s.Verify = []PassKind{PassRandom}, rules.VerifyFull
		}
		p.Steps = append(p.Steps, s)
	}
	return p
}

// clocked is a runner that sleeps on the drive's virtual clock.
func clocked(b *bench) *Runner {
	r := runner()
	r.Now = b.drive.Clock().Now
	r.Sleep = func(ctx context.Context, d time.Duration) error {
		b.drive.Clock().Advance(d)
		return ctx.Err()
	}
	return r
}

// deviceTechnique is a technique, a kind of drive that has it, and how the names
// of its commands begin.
type deviceTechnique struct {
	technique rules.Technique
	kind      emulator.Kind
	medium    rules.MediumKind
	commands  []string
}

// deviceTechniques is every technique with a drive that has it, and how its
// commands' names begin.
var deviceTechniques = []deviceTechnique{
	{rules.TechATASanitizeBlock, emulator.SSD, rules.MediumSSD, []string{"BLOCK ERASE"}},
	{rules.TechATASanitizeCrypto, emulator.SSD, rules.MediumSSD, []string{"CRYPTO SCRAMBLE"}},
	{rules.TechATASanitizeOver, emulator.HDD, rules.MediumHDD, []string{"OVERWRITE EXT"}},
	{rules.TechATAErase, emulator.HDD, rules.MediumHDD, []string{"SECURITY SET"}},
	{rules.TechATAEraseEnhanced, emulator.SSD, rules.MediumSSD, []string{"SECURITY SET"}},
	{rules.TechSCSISanitizeOver, emulator.SAS, rules.MediumHDD, []string{"SANITIZE"}},
	{rules.TechSCSISanitizeBlock, emulator.SASSSD, rules.MediumSSD, []string{"SANITIZE"}},
	{rules.TechSCSISanitizeCrypto, emulator.SASSSD, rules.MediumSSD, []string{"SANITIZE"}},
	{rules.TechSCSIFormat, emulator.SAS, rules.MediumHDD, []string{"FORMAT"}},
	{rules.TechNVMeSanitizeBlock, emulator.NVMe, rules.MediumSSD, []string{"Sanitize"}},
	{rules.TechNVMeSanitizeCrypto, emulator.NVMe, rules.MediumSSD, []string{"Sanitize"}},
	{rules.TechNVMeSanitizeOver, emulator.NVMe, rules.MediumSSD, []string{"Sanitize"}},
	{rules.TechNVMeFormatUserData, emulator.NVMe, rules.MediumSSD, []string{"Format"}},
	{rules.TechNVMeFormatCrypto, emulator.NVMe, rules.MediumSSD, []string{"Format"}},
}

// Drives that have every technique of their interface.
var (
	everyATA = emulator.ATAFeatures{Bare: true, Security: true, Enhanced: true, EraseTime: 4 * time.Minute, EnhancedEraseTime: 8 * time.Minute,
		SanitizeOverwrite: true, SanitizeBlock: true, SanitizeCrypto: true}
	everyNVMe = emulator.NVMeFeatures{Bare: true, SanitizeOverwrite: true, SanitizeBlock: true, SanitizeCrypto: true, Format: true, FormatCrypto: true}
)

func TestDeviceTechniques(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults emulator.Faults
		refuse bool
		want   []rules.StepStatus // any of these
	}{
		{name: "sound", want: []rules.StepStatus{rules.StepCompleted}},
		{name: "over before the first poll", faults: emulator.Faults{Instant: true}, want: []rules.StepStatus{rules.StepCompleted}},
		{name: "erases nothing", faults: emulator.Faults{KeepFraction: 1}, want: []rules.StepStatus{rules.StepFailed}},
		{name: "misses 2 %", faults: emulator.Faults{KeepFraction: 0.02, KeepContiguous: true}, want: []rules.StepStatus{rules.StepFailed}},
		{name: "fails half way", faults: emulator.Faults{EraseFails: true}, want: []rules.StepStatus{rules.StepFailed, rules.StepRefused}},
		{name: "refused", refuse: true, want: []rules.StepStatus{rules.StepRefused}},
	} {
		for _, dt := range deviceTechniques {
			t.Run(tc.name+"/"+string(dt.technique), func(t *testing.T) {
				faults := tc.faults
				for _, c := range dt.commands {
					if tc.refuse {
						faults.Refuse = append(faults.Refuse, emulator.Refuse{Command: c})
					}
				}
				b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: testSectors, Faults: faults,
					ATA: everyATA, NVMe: everyNVMe})
				res, err := b.run(t, t.Context(), clocked(b), Job{Plan: b.device(dt.medium, dt.technique)})
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Steps) != 1 || !slices.Contains(tc.want, res.Steps[0].Status) {
					t.Fatalf("steps %+v; want one of %s; errors %q", res.Steps, tc.want, res.Errors)
				}
				if len(res.Steps[0].Commands) == 0 {
					t.Error("no command was kept for the paper")
				}
				b.checkNothingFalse(t, res)
			})
		}
	}
}

// checkNothingFalse holds a result against what the emulator knows.
func (b *bench) checkNothingFalse(t *testing.T, res Result) {
	t.Helper()
	reachable, any := false, false
	for _, r := range b.drive.Remnants() {
		reachable, any = reachable || r.HostReachable, true
	}
	d := res.Derivation
	if reachable && d.Reached != rules.RowNone {
		t.Errorf("claims row %d with data that the host can reach", d.Reached)
	}
	if any && d.Reached == rules.Row2 && d.Basis != rules.BasisDeviceAttested {
		t.Errorf("claims row 2 on basis %s with data left out of the host's reach", d.Basis)
	}
	if caps := b.detect(t).Caps.ATA; caps.Present.IsYes() && (!caps.SecurityEnabled.IsNo() || caps.SecurityLocked.IsYes()) {
		t.Errorf("left with security enabled %s, locked %s", caps.SecurityEnabled, caps.SecurityLocked)
	}
}

// A drive that an interrupted run left locked is opened with the published
// password, also without a journal; a foreign password is not guessed.
func TestLockedDrive(t *testing.T) {
	for _, tc := range []struct {
		name, password string
		status         rules.StepStatus
	}{
		{"ours", PublishedPassword, rules.StepCompleted},
		{"foreign", "somebody else's", rules.StepRefused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "TEST0001", Sectors: testSectors, UserPassword: tc.password})
			p := b.device(rules.MediumSSD, rules.TechATAErase)
			p.Canaries = 0
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Steps) != 1 || res.Steps[0].Status != tc.status {
				t.Fatalf("steps %+v; want %s; errors %q", res.Steps, tc.status, res.Errors)
			}
		})
	}
}

// Hidden areas are opened before the canaries, and the overwrite reaches them.
func TestHiddenAreasOpened(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, HPASectors: 1000})
	p := b.plan(1)
	p.Preparation = []Preparation{{Kind: PrepareOpenHPA}}
	res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	if res.Facts.Hidden.HPA != rules.HiddenOpened {
		t.Errorf("HPA is %s; notes %q errors %q", res.Facts.Hidden.HPA, res.Notes, res.Errors)
	}
	if left := b.drive.Contains(b.drive.Marker()); len(left) > 0 {
		t.Errorf("data is left in %v", left)
	}
}
