package wipe

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func sentCommands(s StepResult) (names []string) {
	for _, c := range s.Commands {
		names = append(names, c.Name)
	}
	return names
}

// Out of a failed sanitize with restricted completion only another one leads.
func TestSanitizeAfterAFailedOne(t *testing.T) {
	for _, dt := range deviceTechniques {
		if !strings.Contains(string(dt.technique), "sanitize") || dt.kind == emulator.NVMe {
			continue
		}
		t.Run(string(dt.technique), func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: testSectors, Faults: emulator.Faults{EraseFails: true}})
			p := b.device(dt.medium, dt.technique)
			first, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil || first.Steps[0].Status != rules.StepFailed {
				t.Fatalf("%+v, %v; want it failed", first.Steps, err)
			}
			b.drive.Fault(emulator.Faults{})
			p.Canaries, p.Steps[0].Canaries = 0, false // a failed sanitize leaves nothing to read or write
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			if res.Steps[0].Status != rules.StepCompleted || len(b.drive.Remnants()) > 0 {
				t.Errorf("%s, remnants %v; notes %q errors %q", res.Steps[0].Status, b.drive.Remnants(), res.Steps[0].Notes, res.Errors)
			}
		})
	}
}

// cutIn runs p until the drive loses power in its erase, and gives what the
// journal then knows, on a drive that has power again.
func (b *bench) cutIn(t *testing.T, p Plan, at float64) *Progress {
	t.Helper()
	b.drive.Fault(emulator.Faults{CutErase: at})
	if _, err := b.run(t, t.Context(), clocked(b), Job{Plan: p}); err != nil {
		t.Fatal(err)
	}
	log, err := journal.ParseExcerpt(withoutEnd(t, b.log.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	progress, err := ReadProgress(log)
	if err != nil {
		t.Fatal(err)
	}
	b.drive.Fault(emulator.Faults{})
	b.drive.PowerOn()
	b.dev = b.detect(t)
	progress.Plan.Device = b.dev
	return progress
}

// A power cut in the middle of each erase; the next start finishes it. Where the
// drive goes on by itself its command is not sent a second time.
func TestPowerCutInADeviceErase(t *testing.T) {
	for _, dt := range deviceTechniques {
		if dt.kind == emulator.NVMe {
			continue // its own tests
		}
		for _, at := range []float64{0.01, 0.5, 0.9} {
			t.Run(string(dt.technique), func(t *testing.T) {
				b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: testSectors})
				p := b.device(dt.medium, dt.technique)
				p.Canaries = rules.DefaultCanaries
				progress := b.cutIn(t, p, at)
				res, err := b.run(t, t.Context(), clocked(b), Job{Plan: progress.Plan, Resume: progress})
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Steps) != 1 || res.Steps[0].Status != rules.StepCompleted || res.Facts.Resumed != 1 {
					t.Fatalf("steps %+v; errors %q", res.Steps, res.Errors)
				}
				again := slices.ContainsFunc(sentCommands(res.Steps[0]), func(n string) bool { return begins(n, dt) })
				// A SCSI drive that is idle by then does not say that it completed.
				idle := strings.HasPrefix(string(dt.technique), "scsi") && at == 0.9
				goesOn := strings.Contains(string(dt.technique), "sanitize")
				if again == goesOn && !idle {
					t.Errorf("sent again: %t; %q", again, sentCommands(res.Steps[0]))
				}
				b.checkNothingFalse(t, res)
			})
		}
	}
}

// begins reports whether a kept command is the one that starts the technique.
func begins(name string, dt deviceTechnique) bool {
	if dt.kind == emulator.SAS || dt.kind == emulator.SASSSD {
		return strings.HasPrefix(name, "SCSI 48h") || strings.HasPrefix(name, "SCSI 04h")
	}
	return strings.HasPrefix(name, dt.commands[0]) || strings.Contains(name, "ERASE UNIT")
}

// A sanitize that is not ours is waited for, and then ours runs all the same.
func TestAnotherSanitizeIsRunning(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "TEST0001", Sectors: testSectors})
	sent := 0
	res := b.runHooked(t, t.Context(), clocked(b), Job{Plan: b.device(rules.MediumSSD, rules.TechATASanitizeBlock)}, hooked{
		ata: func(c ata.Command, next func() (ata.Result, error)) (ata.Result, error) {
			if sent++; sent == 2 { // after the look at the beginning: somebody was faster
				if _, err := ata.SanitizeDevice(t.Context(), b.drive.ATA(), ata.SanitizeCryptoCommand(false)); err != nil {
					t.Error(err)
				}
			}
			return next()
		}})
	names := sentCommands(res.Steps[0])
	if res.Steps[0].Status != rules.StepCompleted || !slices.Contains(names, "BLOCK ERASE EXT") || len(res.Steps[0].Notes) == 0 {
		t.Errorf("%s, commands %q, notes %q", res.Steps[0].Status, names, res.Steps[0].Notes)
	}
}

// An answer is lost, or stale: what the drive does decides.
func TestSanitizeAnswersThatMislead(t *testing.T) {
	lost := errors.New("the bridge was reset")
	for _, tc := range []struct {
		name    string
		instant bool
		meddle  func(r ata.Result, err error) (ata.Result, error)
		status  rules.StepStatus
	}{
		{"lost, at work", false, func(ata.Result, error) (ata.Result, error) { return ata.Result{}, lost }, rules.StepCompleted},
		{"lost, over already", true, func(ata.Result, error) (ata.Result, error) { return ata.Result{}, lost }, rules.StepFailed},
		{"says that an earlier one completed", false, func(r ata.Result, err error) (ata.Result, error) {
			r.Registers.Count = 0x8000
			return r, err
		}, rules.StepCompleted},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "TEST0001", Sectors: testSectors, Faults: emulator.Faults{Instant: tc.instant}})
			res := b.runHooked(t, t.Context(), clocked(b), Job{Plan: b.device(rules.MediumSSD, rules.TechATASanitizeBlock)}, hooked{
				ata: func(c ata.Command, next func() (ata.Result, error)) (ata.Result, error) {
					r, err := next()
					if ata.Name(c) == "BLOCK ERASE EXT" && err == nil {
						return tc.meddle(r, err)
					}
					return r, err
				}})
			if res.Steps[0].Status != tc.status {
				t.Errorf("%s, want %s; notes %q errors %q", res.Steps[0].Status, tc.status, res.Steps[0].Notes, res.Errors)
			}
			if tc.status == rules.StepCompleted && !res.Steps[0].SeenInProgress {
				t.Error("the drive was never seen at work")
			}
			b.checkNothingFalse(t, res)
		})
	}
}

// A road without registers shows no end: the command is not sent at all.
func TestSanitizeNeedsRegisters(t *testing.T) {
	for _, road := range []emulator.Road{{NoRegisters: true}, {CutSense: 18}, {Layout: emulator.LayoutFixed}, {No85: true}} {
		b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, Road: road})
		res, err := b.run(t, t.Context(), clocked(b), Job{Plan: withFallback(b, rules.TechATASanitizeOver)})
		if err != nil {
			t.Fatal(err)
		}
		s := res.Steps[0]
		if s.Status != rules.StepRefused || slices.Contains(sentCommands(s), "OVERWRITE EXT") || !strings.Contains(strings.Join(s.Notes, ""), "SATA") {
			t.Errorf("%+v: %s, commands %q, notes %q", road, s.Status, sentCommands(s), s.Notes)
		}
		if res.Derivation.Reached != rules.Row3 {
			t.Errorf("%+v: reached (%d); errors %q", road, res.Derivation.Reached, res.Errors)
		}
	}
}

// UNIT ATTENTION means that nothing was done: who answers is asked again, then
// the command goes out once more. Another drive in its place ends the run.
func TestUnitAttentionBeforeASCSIErase(t *testing.T) {
	for _, tc := range []struct {
		name     string
		exchange bool
		status   rules.StepStatus
	}{{"same drive", false, rules.StepCompleted}, {"another drive", true, rules.StepFailed}} {
		t.Run(tc.name, func(t *testing.T) {
			f := emulator.Faults{}
			if tc.exchange {
				f.SerialAfterReset = "OTHER"
			}
			b := newBench(t, emulator.Params{Kind: emulator.SAS, Serial: "TEST0001", Sectors: testSectors, Faults: f})
			conn, err := b.sys.Open(t.Context(), b.dev)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			sent := 0
			h := hooked{Conn: conn, scsi: func(c scsi.Command, next func() (scsi.Result, error)) (scsi.Result, error) {
				if c.CDB[0] == scsi.OpSanitize {
					if sent++; sent == 1 {
						if err := conn.Reset(context.Background()); err != nil {
							t.Error(err)
						}
					}
				}
				return next()
			}}
			res, err := clocked(b).Run(t.Context(), h, Job{Plan: b.device(rules.MediumHDD, rules.TechSCSISanitizeOver), Journal: b.log})
			if err != nil {
				t.Fatal(err)
			}
			if res.Steps[0].Status != tc.status || (sent == 2) == tc.exchange {
				t.Errorf("%s after %d commands; notes %q errors %q", res.Steps[0].Status, sent, res.Steps[0].Notes, res.Errors)
			}
			b.checkNothingFalse(t, res)
		})
	}
}
