package wipe

import (
	"slices"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// cutAfterIntent is the journal as a power cut of the station leaves it that
// struck right after the last intent of a command.
func cutAfterIntent(t *testing.T, excerpt []byte, command string) *journal.Log {
	t.Helper()
	log, err := journal.ParseExcerpt(excerpt)
	if err != nil {
		t.Fatal(err)
	}
	p := &Progress{}
	end := -1
	for i, rec := range log.Records {
		if err := p.add(rec); err != nil {
			t.Fatal(err)
		}
		if rec.Type == journal.TypeIntent && p.Intent.Command == command {
			end = i
		}
	}
	if end < 0 || end+1 == len(log.Records) {
		t.Fatalf("no intent %q with a record behind it", command)
	}
	cut, err := journal.ParseExcerpt(excerpt[:log.Records[end+1].Offset])
	if err != nil {
		t.Fatal(err)
	}
	return cut
}

// Every device technique is cut off by a power loss half way, and runs again on
// the next start: the drive is asked first, and freed where it was left locked.
func TestResumeDeviceErase(t *testing.T) {
	intents := map[rules.Technique]string{
		rules.TechATASanitizeBlock: "SANITIZE BLOCK ERASE EXT", rules.TechATASanitizeCrypto: "SANITIZE CRYPTO SCRAMBLE EXT",
		rules.TechATASanitizeOver: "SANITIZE OVERWRITE EXT", rules.TechATAErase: "SECURITY ERASE UNIT", rules.TechATAEraseEnhanced: "SECURITY ERASE UNIT",
		rules.TechSCSISanitizeOver: "SANITIZE OVERWRITE", rules.TechSCSISanitizeBlock: "SANITIZE BLOCK ERASE",
		rules.TechSCSISanitizeCrypto: "SANITIZE CRYPTOGRAPHIC ERASE", rules.TechSCSIFormat: "FORMAT UNIT",
		rules.TechNVMeSanitizeBlock: "Sanitize block erase", rules.TechNVMeSanitizeCrypto: "Sanitize crypto erase", rules.TechNVMeSanitizeOver: "Sanitize overwrite",
		rules.TechNVMeFormatUserData: "Format NVM", rules.TechNVMeFormatCrypto: "Format NVM",
	}
	for _, dt := range deviceTechniques {
		t.Run(string(dt.technique), func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: testSectors, EraseTakes: time.Hour,
				Faults: emulator.Faults{CutErase: 0.5}, ATA: everyATA, NVMe: everyNVMe})
			if _, err := b.run(t, t.Context(), clocked(b), Job{Plan: b.device(dt.medium, dt.technique)}); err != nil {
				t.Fatal(err)
			}
			p, err := ReadProgress(cutAfterIntent(t, b.log.Bytes(), intents[dt.technique]))
			if err != nil {
				t.Fatal(err)
			}
			if !p.unfinished(0) || p.Intent == nil {
				t.Fatalf("progress %+v", p)
			}
			b.drive.PowerCut()
			b.drive.PowerOn()
			b.dev = b.detect(t)
			p.Plan.Device = b.dev
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p.Plan, Resume: p})
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Steps) != 1 || res.Steps[0].Status != rules.StepCompleted || res.Facts.Resumed != 1 {
				t.Fatalf("steps %+v; errors %q notes %q", res.Steps, res.Errors, res.Notes)
			}
			if c := res.Steps[0].Canaries; c == nil || c.Read == 0 || c.Survivors > 0 {
				t.Errorf("canaries %+v", c)
			}
			if !slices.ContainsFunc(res.Steps[0].Notes, func(s string) bool { return len(s) > 0 }) {
				t.Error("the paper does not say that the step was run twice")
			}
			b.checkNothingFalse(t, res)
		})
	}
}

// A run whose journal has the outcome needs its paper only: the journal alone
// gives the same result.
func TestResultFromTheJournal(t *testing.T) {
	for _, tc := range []struct {
		name   string
		faults emulator.Faults
	}{
		{"verified", emulator.Faults{}},
		{"failed in the middle of a step", emulator.Faults{VanishAfter: 3 << 20}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, Faults: tc.faults})
			r := clocked(b)
			want, err := b.run(t, t.Context(), r, Job{Plan: b.plan(2)})
			if err != nil {
				t.Fatal(err)
			}
			log, err := journal.ParseExcerpt(b.log.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			p, err := ReadProgress(log)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := p.Result(r.Pack, r.Policy)
			if !ok {
				t.Fatal("no outcome in the journal")
			}
			if again := r.Pack.Derive(got.Plan.Row, got.Facts, r.Policy); again.Outcome != want.Derivation.Outcome || again.Reached != want.Derivation.Reached {
				t.Errorf("derived again: %s, was %s", again.Outcome, want.Derivation.Outcome)
			}
			if len(got.Steps) != len(want.Steps) || got.Steps[0].Status != want.Steps[0].Status || len(got.Steps[0].Passes) != len(want.Steps[0].Passes) ||
				got.Steps[0].Passes[0].Pass.Key != want.Steps[0].Passes[0].Pass.Key || got.CanaryKey != want.CanaryKey {
				t.Errorf("steps %+v\nwant %+v", got.Steps, want.Steps)
			}
			if len(got.Errors) != len(want.Errors) || got.Before.Identity.Serial != "TEST0001" {
				t.Errorf("errors %q, want %q", got.Errors, want.Errors)
			}
		})
	}
}

// Bad sectors that a pass met before a power cut stay on the list of the pass
// that goes on behind them.
func TestResumeKeepsBadSectors(t *testing.T) {
	bad := []emulator.Range{{First: 100, Count: 3}, {First: 7000, Count: 1}}
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors,
		Faults: emulator.Faults{WriteErrors: bad, PowerCutAfter: 200<<9 + testSectors*512/2}})
	r := clocked(b)
	r.Chunk, r.Depth = 64<<10, 1
	if _, err := b.run(t, t.Context(), r, Job{Plan: b.plan(1)}); err != nil {
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
	b.drive.Fault(emulator.Faults{WriteErrors: bad})
	b.drive.PowerOn()
	b.dev = b.detect(t)
	p.Plan.Device = b.dev
	res, err := b.run(t, t.Context(), r, Job{Plan: p.Plan, Resume: p})
	if err != nil {
		t.Fatal(err)
	}
	rep := res.Steps[0].Passes[0].Report
	if res.Facts.Unwritten != 4 || len(rep.BadRanges) != 2 || rep.BadRanges[0].LBA != 100 || rep.BadRanges[1].LBA != 7000 || rep.Start != 0 {
		t.Errorf("unwritten %d, report %+v; notes %q", res.Facts.Unwritten, rep, res.Steps[0].Notes)
	}
	if res.Derivation.Outcome != rules.OutcomeFailed {
		t.Errorf("outcome %s", res.Derivation.Outcome)
	}
}

// A drive that asks for a power cycle ends the start and not the run: there is no
// outcome yet, and the next start goes on behind the opened area.
func TestPowerCycleIsNoEnd(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, HPASectors: 1000})
	p := b.plan(1)
	p.Preparation = []Preparation{{Kind: PrepareOpenHPA}}
	conn := b.open(t)
	looks := 0
	conn.look = func(f devices.Facts) devices.Facts {
		if looks++; looks > 1 {
			f.Hidden.HPA = devices.HiddenPowerCycle
		}
		return f
	}
	res, err := clocked(b).Run(t.Context(), conn, Job{Plan: p, Journal: b.log})
	if err != nil {
		t.Fatal(err)
	}
	if !res.PowerCycle || res.Derivation.Outcome != rules.OutcomeInterrupted || len(res.Steps) > 0 {
		t.Errorf("%+v", res)
	}
	log, err := journal.ParseExcerpt(b.log.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	progress, err := ReadProgress(log)
	if err != nil || progress.Ended != nil {
		t.Fatalf("ended %v, %v", progress.Ended, err)
	}
	b.drive.PowerCycle()
	b.dev = b.detect(t)
	progress.Plan.Device = b.dev
	res, err = b.run(t, t.Context(), clocked(b), Job{Plan: progress.Plan, Resume: progress})
	if err != nil {
		t.Fatal(err)
	}
	if res.Derivation.Outcome != rules.OutcomeVerified || res.Facts.Hidden.HPA != rules.HiddenOpened || len(b.drive.Contains(b.drive.Marker())) > 0 {
		t.Errorf("%s, HPA %s, errors %q", res.Derivation.Outcome, res.Facts.Hidden.HPA, res.Errors)
	}
}
