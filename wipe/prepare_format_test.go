package wipe

import (
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func (b *bench) planned(t *testing.T, row rules.Row) Plan {
	t.Helper()
	p, err := NewPlan(Input{Pack: rules.Default(), Row: row, Device: b.dev, Runnable: Runnable(), Preparable: Preparable()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A drive from a storage array: formatted to 512 bytes first, then erased like
// any other. What was reallocated under the old format is reached by SANITIZE.
func TestArrayDrives(t *testing.T) {
	for _, length := range []uint32{520, 528} {
		for _, row := range []rules.Row{rules.Row2, rules.Row3} {
			b := newBench(t, emulator.Params{Kind: emulator.SAS, Serial: "TEST0001", Sectors: testSectors, LogicalSector: length, Reallocated: []uint64{7, 4000}})
			p := b.planned(t, row)
			if p.Refusal != nil || len(p.Preparation) != 1 || p.Preparation[0].Kind != PrepareSectorSize || p.Preparation[0].Estimate <= 0 {
				t.Fatalf("%d bytes: refusal %v, preparation %+v", length, p.Refusal, p.Preparation)
			}
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p})
			if err != nil {
				t.Fatal(err)
			}
			if res.Derivation.Reached != row || res.After.Identity.LogicalSector != 512 || len(b.drive.Contains(b.drive.Marker())) > 0 && row == rules.Row2 {
				t.Errorf("%d bytes: reached (%d), sectors of %d, left %v; errors %q", length, res.Derivation.Reached, res.After.Identity.LogicalSector, b.drive.Remnants(), res.Errors)
			}
			b.checkNothingFalse(t, res)
		}
	}
}

func TestArrayDriveThatCannotBeFormatted(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.SAS, Serial: "TEST0001", Sectors: testSectors, LogicalSector: 520, SCSI: emulator.SCSIFeatures{Bare: true, SupportedCodes: true}})
	if p := b.planned(t, rules.Row3); p.Refusal == nil || p.Refusal.Code != devices.CodeSectorFormat {
		t.Errorf("refusal %+v", p.Refusal)
	}
	for _, f := range []emulator.Faults{{EraseFails: true}, {Refuse: []emulator.Refuse{{Command: "FORMAT UNIT"}}}, {Refuse: []emulator.Refuse{{Command: "MODE SELECT"}}}} {
		b := newBench(t, emulator.Params{Kind: emulator.SAS, Serial: "TEST0001", Sectors: testSectors, LogicalSector: 520, Faults: f})
		res, err := b.run(t, t.Context(), clocked(b), Job{Plan: b.planned(t, rules.Row3)})
		if err != nil {
			t.Fatal(err)
		}
		if res.Derivation.Outcome != rules.OutcomeFailed || len(res.Steps) > 0 || !strings.Contains(strings.Join(res.Errors, ""), "512") {
			t.Errorf("%s, steps %v, errors %q", res.Derivation.Outcome, res.Steps, res.Errors)
		}
	}
}

// Power fails while the drive formats itself: it then says who it is, not what it
// holds. It is not chosen anew, and the interrupted run goes on with it.
func TestPowerCutInTheFormat(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.SAS, Serial: "TEST0001", Sectors: testSectors, LogicalSector: 520, Faults: emulator.Faults{CutErase: 0.5}})
	if _, err := b.run(t, t.Context(), clocked(b), Job{Plan: b.planned(t, rules.Row2)}); err != nil {
		t.Fatal(err)
	}
	log, err := journal.ParseExcerpt(withoutEnd(t, b.log.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadProgress(log)
	if err != nil {
		t.Fatal(err)
	}
	b.drive.PowerOn()
	b.dev = b.detect(t)
	if rs := devices.Refusals(b.dev, devices.Environment{}); len(rs) != 1 || rs[0].Code != devices.CodeErasing {
		t.Errorf("refusals %v", rs)
	}
	if fresh := b.planned(t, rules.Row2); fresh.Refusal == nil || len(fresh.Steps) > 0 {
		t.Errorf("planned anew: %+v", fresh.Steps)
	}
	if !p.Matches(b.dev) {
		t.Fatal("the journal's drive is not found")
	}
	p.Plan.Device = b.dev
	res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p.Plan, Resume: p})
	if err != nil {
		t.Fatal(err)
	}
	if res.Derivation.Reached != rules.Row2 || len(b.drive.Remnants()) > 0 {
		t.Errorf("reached (%d), left %v; errors %q", res.Derivation.Reached, b.drive.Remnants(), res.Errors)
	}
}
