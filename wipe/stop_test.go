package wipe

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// stopAt cancels at the first event of a phase and remembers the time.
func stopAt(r *Runner, phase Phase, stop func(), now func() time.Time) *time.Time {
	var at time.Time
	r.Observe = func(e Event) {
		if e.Phase == phase && at.IsZero() {
			at = now()
			stop()
		}
	}
	return &at
}

// A stop ends a drive at a safe point within 5 seconds of its own time, whatever
// it is doing, and what ended is called interrupted.
func TestStop(t *testing.T) {
	for _, phase := range []Phase{PhaseIdentify, PhaseCanaries, PhaseWrite, PhaseVerify, PhaseCheck} {
		t.Run(string(phase), func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: 16 * testSectors, Faults: emulator.Faults{Slow: 10 * time.Millisecond}})
			ctx, stop := context.WithCancel(t.Context())
			r := clocked(b)
			r.Chunk = 64 << 10
			at := stopAt(r, phase, stop, r.Now)
			res, err := b.run(t, ctx, r, Job{Plan: b.plan(1)})
			if phase == PhaseIdentify { // nothing was begun
				if err == nil {
					t.Error("a run was begun after the stop")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if at.IsZero() || r.Now().Sub(*at) > 5*time.Second {
				t.Errorf("it took %s to stop", r.Now().Sub(*at))
			}
			if res.Derivation.Outcome != rules.OutcomeInterrupted || len(res.Errors) > 0 {
				t.Errorf("outcome %s, errors %q", res.Derivation.Outcome, res.Errors)
			}
			if n := b.drive.Unflushed(); phase == PhaseWrite && n > 0 {
				t.Errorf("%d bytes were left unflushed", n)
			}
		})
	}
}

// A device's own erase goes on after a stop, and the paper says so.
func TestStopWhileTheDeviceErases(t *testing.T) {
	for _, dt := range deviceTechniques {
		if dt.technique == rules.TechNVMeFormatUserData || dt.technique == rules.TechNVMeFormatCrypto ||
			dt.technique == rules.TechATAErase || dt.technique == rules.TechATAEraseEnhanced {
			continue // these block: TestStopWhileACommandBlocks
		}
		t.Run(string(dt.technique), func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: testSectors, EraseTakes: time.Hour,
				PollTime: time.Second, ATA: everyATA, NVMe: everyNVMe})
			ctx, stop := context.WithCancel(t.Context())
			r := clocked(b)
			at := stopAt(r, PhaseDevice, stop, r.Now)
			res, err := b.run(t, ctx, r, Job{Plan: b.device(dt.medium, dt.technique)})
			if err != nil {
				t.Fatal(err)
			}
			if d := r.Now().Sub(*at); d > 5*time.Second {
				t.Errorf("it took %s to stop", d)
			}
			if res.Derivation.Outcome != rules.OutcomeInterrupted || len(res.Errors) > 0 {
				t.Errorf("outcome %s, errors %q", res.Derivation.Outcome, res.Errors)
			}
			if notes := strings.Join(res.Steps[0].Notes, " "); !strings.Contains(notes, "続け") && !strings.Contains(notes, "goes on") {
				t.Errorf("the paper does not say that the drive goes on: %q", notes)
			}
		})
	}
}

// A command that blocks for hours is left to the drive: the run ends without it.
func TestStopWhileACommandBlocks(t *testing.T) {
	for _, dt := range deviceTechniques {
		command := map[rules.Technique]string{
			rules.TechATAErase: "SECURITY ERASE UNIT", rules.TechATAEraseEnhanced: "SECURITY ERASE UNIT",
			rules.TechNVMeFormatUserData: "Format NVM", rules.TechNVMeFormatCrypto: "Format NVM",
		}[dt.technique]
		if command == "" {
			continue
		}
		t.Run(string(dt.technique), func(t *testing.T) {
			released := make(chan struct{})
			sleep := func(context.Context, time.Duration) error { <-released; return nil }
			clock := emulator.WallClock(time.Now, sleep)
			b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: testSectors, EraseTakes: time.Hour,
				ATA: everyATA, NVMe: everyNVMe, Clock: clock})
			defer close(released)
			ctx, stop := context.WithCancel(t.Context())
			r := runner()
			passed := make(chan time.Time)
			close(passed)
			r.After = func(d time.Duration) <-chan time.Time {
				if d == stopGrace {
					return passed
				}
				return nil
			}
			stopAt(r, PhaseDevice, stop, r.Now)
			res, err := r.Run(ctx, b.open(t), Job{Plan: b.device(dt.medium, dt.technique), Journal: b.log})
			if err != nil {
				t.Fatal(err)
			}
			if res.Derivation.Outcome != rules.OutcomeInterrupted || len(res.Errors) > 0 {
				t.Errorf("outcome %s, errors %q", res.Derivation.Outcome, res.Errors)
			}
			if notes := strings.Join(res.Steps[0].Notes, " "); !strings.Contains(notes, "単独で続けます") {
				t.Errorf("the paper does not say that the drive goes on: %q", notes)
			}
			log, err := journal.ParseExcerpt(b.log.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			p, err := ReadProgress(log)
			if err != nil || p.Ended == nil {
				t.Errorf("the journal has no outcome: %v", err)
			}
		})
	}
}
