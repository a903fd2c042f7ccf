package wipe

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// withFallback is an enhanced erase of a disk, with the overwrite that follows
// where the drive refuses it.
func withFallback(b *bench, t rules.Technique) Plan {
	p := b.device(rules.MediumHDD, t, rules.TechOverwrite)
	p.Canaries, p.Steps[1].Fallback = rules.DefaultCanaries, true
	return p
}

// What the drive refuses changes nothing and leaves no password behind; then the
// overwrite follows. What it broke off half way does not count as refused.
func TestSecurityEraseRefused(t *testing.T) {
	abrt := func(name string) emulator.Faults { return emulator.Faults{Refuse: []emulator.Refuse{{Command: name}}} }
	for _, tc := range []struct {
		name   string
		faults emulator.Faults
		road   emulator.Road
		status rules.StepStatus
	}{
		{"password", abrt("SECURITY SET"), emulator.Road{}, rules.StepRefused},
		{"password, no registers come back", abrt("SECURITY SET"), emulator.Road{NoRegisters: true}, rules.StepRefused},
		{"prepare", abrt("SECURITY ERASE PREPARE"), emulator.Road{}, rules.StepRefused},
		{"unit", abrt("SECURITY ERASE UNIT"), emulator.Road{}, rules.StepRefused},
		{"unit, no registers come back", abrt("SECURITY ERASE UNIT"), emulator.Road{NoRegisters: true}, rules.StepFailed},
		{"half way", emulator.Faults{EraseFails: true}, emulator.Road{}, rules.StepFailed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, Faults: tc.faults, Road: tc.road})
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: withFallback(b, rules.TechATAEraseEnhanced)})
			if err != nil {
				t.Fatal(err)
			}
			if res.Steps[0].Status != tc.status {
				t.Fatalf("%s, want %s; notes %q errors %q", res.Steps[0].Status, tc.status, res.Steps[0].Notes, res.Errors)
			}
			reached := rules.RowNone
			if tc.status == rules.StepRefused {
				reached = rules.Row3
			}
			if res.Derivation.Reached != reached {
				t.Errorf("reached (%d), want (%d); errors %q", res.Derivation.Reached, reached, res.Errors)
			}
			b.checkNothingFalse(t, res)
		})
	}
}

// A drive with a password that is set, and unlocked since power on.
func TestEnabledAndUnlocked(t *testing.T) {
	for _, tc := range []struct {
		name, password string
		status         rules.StepStatus
	}{
		{"ours", PublishedPassword, rules.StepCompleted},
		{"foreign", "somebody else's", rules.StepRefused},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, UserPassword: tc.password})
			conn, err := b.sys.Open(t.Context(), b.dev)
			if err != nil {
				t.Fatal(err)
			}
			var pw ata.Password
			copy(pw[:], tc.password)
			if err := errors.Join(ata.SecurityUnlock(t.Context(), conn.ATA(), ata.UserPassword, pw), conn.Close()); err != nil {
				t.Fatal(err)
			}
			b.dev = b.detect(t)
			p := b.device(rules.MediumHDD, rules.TechATAEraseEnhanced)
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			if res.Steps[0].Status != tc.status {
				t.Fatalf("%s, want %s; notes %q errors %q", res.Steps[0].Status, tc.status, res.Steps[0].Notes, res.Errors)
			}
			if caps := b.detect(t).Caps.ATA; caps.SecurityEnabled.IsYes() != (tc.status == rules.StepRefused) {
				t.Errorf("left with security enabled %s", caps.SecurityEnabled)
			}
		})
	}
}

// Once the password is set, neither a stop nor a lost evidence stick leaves it.
func TestPasswordIsNeverLeft(t *testing.T) {
	for _, tc := range []struct {
		name   string
		then   func(b *bench, stop context.CancelFunc)
		status rules.StepStatus
	}{
		{"stopped by a person", func(_ *bench, stop context.CancelFunc) { stop() }, rules.StepCompleted},
		{"evidence away", func(b *bench, _ context.CancelFunc) { b.log.Close() }, rules.StepInterrupted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			seen := ""
			res := b.runHooked(t, ctx, clocked(b), Job{Plan: b.device(rules.MediumHDD, rules.TechATAErase)}, hooked{
				ata: func(c ata.Command, next func() (ata.Result, error)) (ata.Result, error) {
					r, err := next()
					if c.Command == ata.CmdSecuritySetPassword {
						tc.then(b, stop)
					}
					seen += ata.Name(c) + "; "
					return r, err
				}})
			if res.Steps[0].Status != tc.status {
				t.Errorf("%s, want %s; errors %q", res.Steps[0].Status, tc.status, res.Errors)
			}
			if caps := b.detect(t).Caps.ATA; !caps.SecurityEnabled.IsNo() {
				t.Errorf("left with security enabled %s after %s", caps.SecurityEnabled, seen)
			}
			if tc.status == rules.StepCompleted && !strings.Contains(seen, "SECURITY ERASE PREPARE; SECURITY ERASE UNIT; ") {
				t.Errorf("sent %s", seen)
			}
		})
	}
}

// The password is in the journal, durably, before it is on the drive.
func TestPasswordIsJournalledFirst(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
	known := false
	b.runHooked(t, t.Context(), clocked(b), Job{Plan: b.device(rules.MediumHDD, rules.TechATAErase)}, hooked{
		ata: func(c ata.Command, next func() (ata.Result, error)) (ata.Result, error) {
			if c.Command == ata.CmdSecuritySetPassword {
				data, err := os.ReadFile(b.path)
				if err != nil {
					t.Error(err)
				}
				log, err := journal.Parse(data)
				if err != nil {
					t.Error(err)
					return next()
				}
				p, err := ReadProgress(log)
				known = err == nil && p.Intent != nil && p.Intent.Command == "SECURITY SET PASSWORD" &&
					strings.Contains(string(p.Intent.Args), `"password":"`+PublishedPassword+`"`) && strings.Contains(string(p.Intent.Args), "TEST0001")
			}
			return next()
		}})
	if !known {
		t.Error("the password was set before serial and password stood in the journal")
	}
}

func TestEstimateOnTheScreen(t *testing.T) {
	for _, estimate := range []time.Duration{0, 42 * time.Minute} {
		b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors,
			ATA: emulator.ATAFeatures{Bare: true, Security: true, EraseTime: estimate}})
		r := clocked(b)
		var left []time.Duration
		r.Observe = func(e Event) {
			if e.Phase == PhaseDevice {
				left = append(left, e.Left)
			}
		}
		if _, err := b.run(t, t.Context(), r, Job{Plan: b.device(rules.MediumHDD, rules.TechATAErase)}); err != nil {
			t.Fatal(err)
		}
		want := estimate
		if want == 0 {
			want = -1
		}
		if !slices.Equal(left, []time.Duration{want}) {
			t.Errorf("estimate %s: shown %v, want %s", estimate, left, want)
		}
	}
}

func TestEraseTimeout(t *testing.T) {
	for takes, want := range map[time.Duration]time.Duration{
		0: 96 * time.Hour, 2 * time.Minute: time.Hour, 10 * time.Hour: 30 * time.Hour,
		508 * time.Minute: 96 * time.Hour, 65534 * time.Minute: 30 * 24 * time.Hour,
	} {
		if got := eraseTimeout(takes); got != want || got.Milliseconds() > 0xFFFFFFFF {
			t.Errorf("%s: %s, want %s", takes, got, want)
		}
	}
}

// A frozen disk without SANITIZE leaves a choice and no steps. A sleep or a
// re-plugged power cable lifts the freeze; a reset and a warm start do not.
func TestFreezeLifted(t *testing.T) {
	for _, tc := range []struct {
		name  string
		act   func(*emulator.Drive)
		lifts bool
	}{
		{"suspend to RAM", (*emulator.Drive).Suspend, true},
		{"re-plugged", (*emulator.Drive).Replug, true},
		{"switched off and on: the firmware freezes it again", (*emulator.Drive).PowerCycle, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, Faults: emulator.Faults{Frozen: true},
				ATA: emulator.ATAFeatures{Bare: true, Security: true, Enhanced: true, EraseTime: time.Minute, EnhancedEraseTime: time.Minute, SMART: true}})
			if p := b.planned(t, rules.Row2); p.Choice == nil || len(p.Steps) > 0 {
				t.Fatalf("choice %v, steps %v", p.Choice, p.Steps)
			}
			tc.act(b.drive)
			b.dev = b.detect(t)
			p := b.planned(t, rules.Row2)
			if (p.Choice == nil) != tc.lifts {
				t.Fatalf("choice %v afterwards", p.Choice)
			}
			if !tc.lifts {
				return
			}
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			if res.Derivation.Reached != rules.Row2 || len(b.drive.Remnants()) > 0 {
				t.Errorf("reached (%d), left %v; errors %q", res.Derivation.Reached, b.drive.Remnants(), res.Errors)
			}
		})
	}
}
