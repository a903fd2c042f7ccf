package wipe

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// bench is an emulated drive, open, with a journal in a file.
type bench struct {
	drive *emulator.Drive
	sys   *emulator.System
	dev   devices.Device
	log   *journal.Writer
	path  string
}

func newBench(t testing.TB, p emulator.Params) *bench {
	t.Helper()
	d, err := emulator.New(p)
	if err != nil {
		t.Fatal(err)
	}
	d.Prefill()
	b := &bench{drive: d, sys: emulator.NewSystem(d), path: filepath.Join(t.TempDir(), "run.mjl")}
	b.dev = b.detect(t)
	f, err := journal.CreateFile(b.path, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	h := journal.Header{Case: "T", Stick: "U1", Run: journal.RunID{1}, Tool: "test", Created: "2026-01-01T00:00:00Z", Capacity: 1 << 20}
	b.log, err = journal.Create(h, journalOptions(), journal.Named{Name: "EVIDENCE", Store: f})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func journalOptions() journal.Options {
	return journal.Options{Now: time.Now, Monotonic: func() time.Duration { return 0 }}
}

func (b *bench) detect(t testing.TB) devices.Device {
	t.Helper()
	devs, err := b.sys.Detect(t.Context(), devices.DetectOptions{})
	if err != nil || len(devs) != 1 {
		t.Fatalf("Detect: %d devices, %v", len(devs), err)
	}
	return devs[0]
}

// plan overwrites with so many random passes and reads all of it back.
func (b *bench) plan(passes int) Plan {
	p := Plan{Device: b.dev, Row: rules.Row3, Medium: rules.MediumHDD, Canaries: 200, Verify: rules.VerifyFull}
	p.Target = Target{Serial: b.dev.Identity.Serial, Model: b.dev.Identity.Model, Transport: b.dev.Transport}
	step := PlannedStep{Technique: rules.TechOverwrite, Verify: rules.VerifyFull, Canaries: true}
	for range passes {
		step.Passes = append(step.Passes, PassRandom)
	}
	p.Steps = []PlannedStep{step}
	return p
}

func runner() *Runner {
	return &Runner{Pack: rules.Default(), Now: time.Now, Random: rand.Reader, CheckpointEvery: time.Nanosecond}
}

func (b *bench) run(t *testing.T, ctx context.Context, r *Runner, job Job) (Result, error) {
	t.Helper()
	conn, err := b.sys.Open(ctx, b.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if job.Journal == nil {
		job.Journal = b.log
	}
	return r.Run(ctx, conn, job)
}

const testSectors = 8192 // 4 MiB

func TestOverwriteRun(t *testing.T) {
	for _, tc := range []struct {
		name    string
		params  emulator.Params
		passes  int
		outcome rules.Outcome
		reached rules.Row
	}{
		{"a good disk", emulator.Params{Kind: emulator.HDD}, 1, rules.OutcomeVerified, rules.Row3},
		{"a disk with 4 KiB sectors", emulator.Params{Kind: emulator.HDD, LogicalSector: 4096}, 1, rules.OutcomeVerified, rules.Row3},
		{"two passes", emulator.Params{Kind: emulator.HDD}, 2, rules.OutcomeVerified, rules.Row3},
		{"sectors that cannot be written", emulator.Params{Kind: emulator.HDD, Faults: emulator.Faults{
			WriteErrors: []emulator.Range{{First: 100, Count: 3}}}}, 1, rules.OutcomeFailed, rules.RowNone},
		{"false capacity", emulator.Params{Kind: emulator.HDD, Exist: testSectors / 4}, 1, rules.OutcomeFailed, rules.RowNone},
		{"vanishes in the middle", emulator.Params{Kind: emulator.HDD, Faults: emulator.Faults{VanishAfter: 2 << 20}}, 1, rules.OutcomeFailed, rules.RowNone},
		{"another drive after a reset", emulator.Params{Kind: emulator.HDD, Faults: emulator.Faults{
			ResetAfter: 2 << 20, SerialAfterReset: "OTHER"}}, 1, rules.OutcomeFailed, rules.RowNone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.params.Sectors, tc.params.Serial = testSectors, "TEST0001"
			b := newBench(t, tc.params)
			res, err := b.run(t, t.Context(), runner(), Job{Plan: b.plan(tc.passes)})
			if err != nil {
				t.Fatal(err)
			}
			d := res.Derivation
			if d.Outcome != tc.outcome || d.Reached != tc.reached {
				t.Errorf("outcome %s, reached %d; want %s, %d\nerrors: %q\nreasons: %+v", d.Outcome, d.Reached, tc.outcome, tc.reached, res.Errors, d.Reasons)
			}
			if d.Outcome == rules.OutcomeVerified && len(b.drive.Contains(b.drive.Marker())) > 0 {
				t.Error("Verified, and the drive still holds its data")
			}
		})
	}
}

func TestAnotherDriveThanPlanned(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
	p := b.plan(1)
	p.Device.Identity.Serial = "TEST0002"
	_, err := b.run(t, t.Context(), runner(), Job{Plan: p})
	if !errors.Is(err, ErrExchanged) {
		t.Fatalf("Run: %v, want %v", err, ErrExchanged)
	}
	if len(b.drive.Contains(b.drive.Marker())) == 0 {
		t.Error("the drive was written to")
	}
}

func TestStoppedRunIsInterrupted(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
	ctx, stop := context.WithCancel(t.Context())
	r := runner()
	r.Observe = func(e Event) {
		if e.Phase == PhaseCanaries {
			stop()
		}
	}
	res, err := b.run(t, ctx, r, Job{Plan: b.plan(1)})
	if err != nil {
		t.Fatal(err)
	}
	if res.Derivation.Outcome != rules.OutcomeInterrupted {
		t.Errorf("outcome %s, want %s; errors %q", res.Derivation.Outcome, rules.OutcomeInterrupted, res.Errors)
	}
}

// The journal alone tells a finished run's story again.
func TestReadProgressOfAFinishedRun(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
	res, err := b.run(t, t.Context(), runner(), Job{Plan: b.plan(2)})
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
	if p.Drive != "TEST0001" || len(p.Steps) != 1 || len(p.Steps[0].Passes) != 2 || p.Closed {
		t.Fatalf("progress %+v", p)
	}
	if got, want := p.Steps[0].Passes[1].Pass.Key, res.Steps[0].Passes[1].Pass.Key; got != want {
		t.Errorf("key of pass 2 is %x, was %x", got, want)
	}
	if uint64(len(p.Marks.LBAs)) != res.CanaryReport.Planted {
		t.Errorf("%d marks, %d were planted", len(p.Marks.LBAs), res.CanaryReport.Planted)
	}
}
