package wipe

import (
	"context"
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

func TestATATechniques(t *testing.T) {
	var all = []rules.Technique{rules.TechATASanitizeBlock, rules.TechATASanitizeCrypto, rules.TechATASanitizeOver,
		rules.TechATAErase, rules.TechATAEraseEnhanced}
	for _, tc := range []struct {
		name   string
		faults emulator.Faults
		status rules.StepStatus // of the technique
		lies   bool             // it says completed and is not
	}{
		{name: "sound", status: rules.StepCompleted},
		{name: "erases nothing", faults: emulator.Faults{KeepFraction: 1}, status: rules.StepFailed},
		{name: "misses 2 %", faults: emulator.Faults{KeepFraction: 0.02, KeepContiguous: true}, status: rules.StepFailed},
		{name: "fails half way", faults: emulator.Faults{EraseFails: true}, status: rules.StepFailed},
		{name: "refused", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SANITIZE"}, {Command: "SECURITY SET"},
			{Command: "CRYPTO"}, {Command: "BLOCK"}, {Command: "OVERWRITE"}}}, status: rules.StepRefused},
	} {
		for _, technique := range all {
			t.Run(tc.name+"/"+string(technique), func(t *testing.T) {
				b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "TEST0001", Sectors: testSectors, Faults: tc.faults,
					ATA: emulator.ATAFeatures{Bare: true, Security: true, Enhanced: true, EraseTime: 4 * time.Minute, EnhancedEraseTime: 8 * time.Minute,
						SanitizeOverwrite: true, SanitizeBlock: true, SanitizeCrypto: true}})
				res, err := b.run(t, t.Context(), clocked(b), Job{Plan: b.device(rules.MediumSSD, technique)})
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Steps) != 1 || res.Steps[0].Status != tc.status {
					t.Fatalf("steps %+v; want one %s; errors %q", res.Steps, tc.status, res.Errors)
				}
				if len(res.Steps[0].Commands) == 0 {
					t.Error("no command was kept for the paper")
				}
				reachable := false
				for _, r := range b.drive.Remnants() {
					reachable = reachable || r.HostReachable
				}
				if reachable && res.Derivation.Reached != rules.RowNone {
					t.Errorf("claims row %d with data that the host can reach", res.Derivation.Reached)
				}
				if caps := b.detect(t).Caps.ATA; !caps.SecurityEnabled.IsNo() || caps.SecurityLocked.IsYes() {
					t.Errorf("left with security enabled %s, locked %s", caps.SecurityEnabled, caps.SecurityLocked)
				}
			})
		}
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
