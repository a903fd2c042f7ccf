package wipe

import (
	"errors"
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/rules"
)

func mmcBench(t *testing.T, features emulator.MMCFeatures, faults emulator.Faults) *bench {
	return newBench(t, emulator.Params{Kind: emulator.EMMC, Serial: "e0000001", Sectors: testSectors,
		BootSectors: 512, GPSectors: []uint64{1024}, MMC: features, Faults: faults})
}

func TestMMCEraseAndSanitize(t *testing.T) {
	for _, tc := range []struct {
		name     string
		features emulator.MMCFeatures
		faults   emulator.Faults
		status   rules.StepStatus
		note     string
		row      rules.Row
		clean    bool
	}{
		{name: "sound", status: rules.StepCompleted, row: rules.Row2, clean: true},
		{name: "no SANITIZE", features: emulator.MMCFeatures{Bare: true}, status: rules.StepRefused, note: "SANITIZE"},
		{name: "ERASE refused", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "ERASE"}}}, status: rules.StepRefused, note: "ERASE"},
		{name: "ERASE fails", faults: emulator.Faults{EraseFails: true}, status: rules.StepFailed},
		{name: "SANITIZE refused", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SANITIZE_START"}}}, status: rules.StepUnconfirmed, note: "抹消とは認めません"},
		{name: "boot areas are write-protected", features: emulator.MMCFeatures{Sanitize: true, BootProtected: true, Bare: true}, status: rules.StepFailed},
		{name: "a boot area is left out, and no error bit says so", faults: emulator.Faults{SkipArea: "boot1"}, status: rules.StepFailed},
		{name: "a GP area is left out", faults: emulator.Faults{SkipArea: "gp0"}, status: rules.StepFailed},
		{name: "erases nothing", faults: emulator.Faults{KeepFraction: 1}, status: rules.StepFailed},
		{name: "misses a stretch", faults: emulator.Faults{KeepFraction: 0.02, KeepContiguous: true}, status: rules.StepFailed},
		{name: "only unmaps", faults: emulator.Faults{UnmapOnly: true}, status: rules.StepCompleted, row: rules.Row2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := mmcBench(t, tc.features, tc.faults)
			p := b.device(rules.MediumEMMC, rules.TechMMCEraseAndSanitize)
			p.Canaries = rules.DefaultCanaries
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			s := res.Steps[0]
			if s.Status != tc.status || res.Derivation.Reached != tc.row || !strings.Contains(strings.Join(s.Notes, " "), tc.note) {
				t.Errorf("%s, row %d; notes %q, errors %q", s.Status, res.Derivation.Reached, s.Notes, res.Errors)
			}
			if left := b.drive.Remnants(); tc.clean && len(left) > 0 {
				t.Errorf("left %v", left)
			}
			b.checkNothingFalse(t, res)
		})
	}
}

// An area that somebody else has open keeps the whole step from beginning.
func TestMMCAreaInUse(t *testing.T) {
	b := mmcBench(t, emulator.MMCFeatures{}, emulator.Faults{})
	conn, err := b.sys.Open(t.Context(), b.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	areas, err := conn.(devices.AreaOpener).OpenAreas(t.Context())
	if err != nil || len(areas) != 3 {
		t.Fatalf("%d areas, %v", len(areas), err)
	}
	res, err := clocked(b).Run(t.Context(), conn, Job{Plan: b.device(rules.MediumEMMC, rules.TechMMCEraseAndSanitize), Journal: b.log})
	if err != nil {
		t.Fatal(err)
	}
	if s := res.Steps[0]; s.Status != rules.StepRefused || len(b.drive.Remnants()) == 0 {
		t.Errorf("%s, notes %q", s.Status, s.Notes)
	}
	for _, a := range areas {
		if err := errors.Join(a.Close()); err != nil {
			t.Error(err)
		}
	}
}

// The planner finds the way: row (2) by erase and sanitize, its areas named.
func TestMMCPlanKeepsItsWord(t *testing.T) {
	b := mmcBench(t, emulator.MMCFeatures{}, emulator.Faults{})
	p, err := NewPlan(Input{Pack: rules.Default(), Row: rules.Row2, Device: b.dev, Runnable: Runnable(), Preparable: Preparable()})
	if err != nil {
		t.Fatal(err)
	}
	if p.Best.Reached != rules.Row2 || len(p.Scope) == 0 {
		t.Fatalf("row %d, scope %v, steps %+v", p.Best.Reached, p.Scope, p.Steps)
	}
	res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
	if err != nil {
		t.Fatal(err)
	}
	if res.Derivation.Reached != rules.Row2 || len(b.drive.Remnants()) > 0 {
		t.Errorf("row %d, errors %q, left %v", res.Derivation.Reached, res.Errors, b.drive.Remnants())
	}
}

// A power cut in the sanitize: the next start begins the step again, whole.
func TestMMCPowerCut(t *testing.T) {
	for _, at := range []float64{0.1, 0.5, 0.9} {
		b := mmcBench(t, emulator.MMCFeatures{}, emulator.Faults{})
		p := b.device(rules.MediumEMMC, rules.TechMMCEraseAndSanitize)
		p.Canaries = rules.DefaultCanaries
		progress := b.cutIn(t, p, at)
		res, err := b.run(t, t.Context(), clocked(b), Job{Plan: progress.Plan, Resume: progress})
		if err != nil {
			t.Fatal(err)
		}
		if res.Steps[0].Status != rules.StepCompleted || res.Facts.Resumed != 1 || len(b.drive.Remnants()) > 0 {
			t.Errorf("at %g: %s, errors %q, left %v", at, res.Steps[0].Status, res.Errors, b.drive.Remnants())
		}
	}
}
