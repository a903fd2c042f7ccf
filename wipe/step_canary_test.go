package wipe

import (
	"testing"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// The marks of the beginning are gone after a crypto scramble, so a block erase
// behind it that does nothing is found out only by marks planted again.
func TestReplantedMarksSpeakForTheirStep(t *testing.T) {
	for _, tc := range []struct {
		name    string
		replant bool
		lies    bool // the second erase does nothing
		status  rules.StepStatus
		reached rules.Row
	}{
		{"honest", true, false, rules.StepCompleted, rules.Row2},
		{"the second lies", true, true, rules.StepFailed, rules.RowNone},
		{"honest, not planted again", false, false, rules.StepCompleted, rules.RowNone},
		{"the second lies, not planted again", false, true, rules.StepCompleted, rules.RowNone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "TEST0001", Sectors: testSectors})
			p := b.device(rules.MediumSSD, rules.TechATASanitizeCrypto, rules.TechATASanitizeBlock)
			p.Canaries = rules.DefaultCanaries
			p.Steps[1].Replant = tc.replant
			r := clocked(b)
			r.Observe = func(e Event) {
				if tc.lies && e.Step == 2 && e.Phase == PhaseDevice {
					b.drive.Fault(emulator.Faults{KeepFraction: 1})
				}
			}
			res, err := b.run(t, t.Context(), r, Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Steps) != 2 || res.Steps[1].Status != tc.status || res.Derivation.Reached != tc.reached {
				t.Fatalf("steps %+v, reached (%d); want %s, (%d); errors %q", res.Steps, res.Derivation.Reached, tc.status, tc.reached, res.Errors)
			}
			if got := res.Steps[1].Canaries.Planted; tc.replant != (got == rules.DefaultCanaries) {
				t.Errorf("%d marks planted again", got)
			}
		})
	}
}

// A locked drive cannot be marked at the beginning: the marks come with the first
// step that asks for them, and their key is on the paper.
func TestMarksAfterTheLockIsOpened(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, UserPassword: PublishedPassword})
	p := b.device(rules.MediumHDD, rules.TechATAEraseEnhanced, rules.TechATASanitizeOver)
	p.Canaries = 0
	p.Steps[0].Required, p.Steps[0].Canaries, p.Steps[1].Replant = true, false, true
	res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Steps) != 2 || res.Steps[1].Canaries == nil || res.Steps[1].Canaries.Planted != rules.DefaultCanaries || res.Facts.Canaries.Seed == "" {
		t.Fatalf("steps %+v, canaries %+v, errors %q", res.Steps, res.Facts.Canaries, res.Errors)
	}
	if res.Derivation.Reached != rules.Row2 {
		t.Errorf("reached (%d): %s", res.Derivation.Reached, codes(res.Derivation.Reasons))
	}
}

// A required step that the drive refuses ends the run without a fault of it.
func TestRequiredStepRefused(t *testing.T) {
	for _, required := range []bool{true, false} {
		b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, UserPassword: "somebody else's"})
		p := b.device(rules.MediumHDD, rules.TechATAEraseEnhanced, rules.TechOverwrite)
		p.Canaries = 0
		p.Steps[0].Required = required
		res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
		if err != nil {
			t.Fatal(err)
		}
		steps, outcome := 2, rules.OutcomeFailed // the overwrite fails on the locked drive
		if required {
			steps, outcome = 1, rules.OutcomeNotSanitizable
		}
		if len(res.Steps) != steps || res.Derivation.Outcome != outcome {
			t.Errorf("required %t: %d steps, %s; want %d, %s; errors %q", required, len(res.Steps), res.Derivation.Outcome, steps, outcome, res.Errors)
		}
	}
}

// What was planted again is known after a power cut: not planted a second time
// over what the interrupted step removed.
func TestReplantedMarksAreReadBackFromTheJournal(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "TEST0001", Sectors: testSectors})
	p := b.device(rules.MediumSSD, rules.TechATASanitizeCrypto, rules.TechATASanitizeBlock)
	p.Steps[1].Replant = true
	r := clocked(b)
	r.Observe = func(e Event) {
		if e.Step == 2 && e.Phase == PhaseDevice {
			b.drive.PowerCut()
		}
	}
	res, err := b.run(t, t.Context(), r, Job{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	log, err := journal.ParseExcerpt(b.log.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, err := ReadProgress(log)
	if err != nil {
		t.Fatal(err)
	}
	n, ok := got.replanted(1)
	if !ok || n != uint64(p.Canaries) || len(got.Marks.LBAs) != p.Canaries || got.Plant.Planted != res.CanaryReport.Planted {
		t.Errorf("%d planted again (%t), %d marks, %d at the beginning", n, ok, len(got.Marks.LBAs), got.Plant.Planted)
	}
	if _, ok := got.replanted(0); ok {
		t.Error("planted again for the first step")
	}
}
