package wipe

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// opening is an overwrite of a disk whose hidden areas the planner opens.
func (b *bench) opening(t *testing.T) Plan {
	t.Helper()
	p, err := NewPlan(Input{Pack: rules.Default(), Row: rules.Row2, Policy: rules.Policy{SoleOverwriteForRow2: true, Signed: true},
		Device: b.dev, Runnable: map[rules.Technique]bool{rules.TechOverwrite: true}, Preparable: Preparable()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (b *bench) openRun(t *testing.T, p Plan, resume *Progress) Result {
	t.Helper()
	r := clocked(b)
	r.Policy = rules.Policy{SoleOverwriteForRow2: true, Signed: true}
	res, err := b.run(t, t.Context(), r, Job{Plan: p, Resume: resume})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// resumed is what the journal knows, on the drive as it is now.
func (b *bench) resumed(t *testing.T) *Progress {
	t.Helper()
	log, err := journal.ParseExcerpt(b.log.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadProgress(log)
	if err != nil {
		t.Fatal(err)
	}
	b.dev = b.detect(t)
	p.Plan.Device = b.dev
	return p
}

// Every hidden area is opened in the standard's order and reached by the
// overwrite; what of it was opened stands in the facts.
func TestHiddenAreas(t *testing.T) {
	amac := emulator.ATAFeatures{Bare: true, AMAC: true, SMART: true}
	for _, tc := range []struct {
		name   string
		params emulator.Params
		want   rules.Hidden
		kinds  []PreparationKind
	}{
		{"none", emulator.Params{}, rules.Hidden{HPA: rules.HiddenAbsent, DCO: rules.HiddenAbsent, AMAC: rules.HiddenAbsent}, nil},
		{"HPA", emulator.Params{HPASectors: 1000}, rules.Hidden{HPA: rules.HiddenOpened, DCO: rules.HiddenAbsent, AMAC: rules.HiddenAbsent}, []PreparationKind{PrepareOpenHPA}},
		{"DCO", emulator.Params{DCOSectors: 1000}, rules.Hidden{HPA: rules.HiddenAbsent, DCO: rules.HiddenOpened, AMAC: rules.HiddenAbsent}, []PreparationKind{PrepareOpenDCO}},
		{"HPA and DCO", emulator.Params{HPASectors: 500, DCOSectors: 500}, rules.Hidden{HPA: rules.HiddenOpened, DCO: rules.HiddenOpened, AMAC: rules.HiddenAbsent}, []PreparationKind{PrepareOpenHPA, PrepareOpenDCO}},
		{"AMAC", emulator.Params{AMACSectors: 1000, ATA: amac}, rules.Hidden{HPA: rules.HiddenAbsent, DCO: rules.HiddenAbsent, AMAC: rules.HiddenOpened}, []PreparationKind{PrepareOpenAMAC}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.params.Kind, tc.params.Serial, tc.params.Sectors = emulator.HDD, "TEST0001", testSectors
			b := newBench(t, tc.params)
			res := b.openRun(t, b.opening(t), nil)
			if res.Facts.Hidden != tc.want || !slices.Equal(res.Opened, tc.kinds) || res.PowerCycle {
				t.Errorf("hidden %+v, opened %v, power cycle %t; notes %q errors %q", res.Facts.Hidden, res.Opened, res.PowerCycle, res.Notes, res.Errors)
			}
			if left := b.drive.Remnants(); len(left) > 0 || res.Derivation.Reached != rules.Row2 {
				t.Errorf("reached (%d) with %v left", res.Derivation.Reached, left)
			}
		})
	}
}

// One change of the capacity is all that a drive takes in a power cycle. The run
// says so, is not over, and goes on by itself at the next start.
func TestPowerCycleRequired(t *testing.T) {
	for _, tc := range []struct {
		name   string
		params emulator.Params
		hidden func(rules.Hidden) rules.HiddenState
	}{
		{"HPA", emulator.Params{HPASectors: 1000}, func(h rules.Hidden) rules.HiddenState { return h.HPA }},
		{"AMAC", emulator.Params{AMACSectors: 1000, ATA: emulator.ATAFeatures{Bare: true, AMAC: true, SMART: true}}, func(h rules.Hidden) rules.HiddenState { return h.AMAC }},
	} {
		for _, stubborn := range []bool{false, true} {
			t.Run(tc.name, func(t *testing.T) {
				tc.params.Kind, tc.params.Serial, tc.params.Sectors = emulator.HDD, "TEST0001", testSectors
				tc.params.Faults = emulator.Faults{SetMaxSpent: true}
				b := newBench(t, tc.params)
				res := b.openRun(t, b.opening(t), nil)
				if !res.PowerCycle || len(res.Steps) > 0 || res.Derivation.Outcome != rules.OutcomeInterrupted || len(res.Errors) > 0 {
					t.Fatalf("power cycle %t, steps %v, %s, errors %q", res.PowerCycle, res.Steps, res.Derivation.Outcome, res.Errors)
				}
				if left := b.drive.Contains(b.drive.Marker()); len(left) == 0 {
					t.Fatal("something was erased before the power cycle")
				}
				b.drive.Fault(emulator.Faults{SetMaxSpent: stubborn})
				b.drive.PowerCycle()
				res = b.openRun(t, res.Plan, b.resumed(t))
				want, reached := rules.HiddenOpened, rules.Row2
				if stubborn {
					want, reached = rules.HiddenPresent, rules.Row3 // asked for once, not for ever
				}
				if res.PowerCycle || tc.hidden(res.Facts.Hidden) != want || res.Derivation.Reached != reached {
					t.Errorf("power cycle %t, hidden %+v, reached (%d); notes %q errors %q", res.PowerCycle, res.Facts.Hidden, res.Derivation.Reached, res.Notes, res.Errors)
				}
			})
		}
	}
}

// What firmware froze is not helped by a power cycle, after which it freezes it
// again: it stays closed, the facts say so, and what else can be done is done.
func TestHiddenAreaFrozen(t *testing.T) {
	for _, tc := range []struct {
		name   string
		params emulator.Params
	}{
		{"HPA", emulator.Params{HPASectors: 1000, Faults: emulator.Faults{SetMaxFrozen: true}}},
		{"DCO", emulator.Params{DCOSectors: 1000, Faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "DEVICE CONFIGURATION RESTORE"}}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.params.Kind, tc.params.Serial, tc.params.Sectors = emulator.HDD, "TEST0001", testSectors
			b := newBench(t, tc.params)
			res := b.openRun(t, b.opening(t), nil)
			if res.PowerCycle || res.Facts.Hidden.Reached() || res.Derivation.Reached != rules.Row3 || len(res.Opened) > 0 {
				t.Errorf("power cycle %t, hidden %+v, reached (%d)", res.PowerCycle, res.Facts.Hidden, res.Derivation.Reached)
			}
			if !strings.Contains(strings.Join(res.Notes, "\n"), "凍結を解いて") {
				t.Errorf("notes %q do not say what to do", res.Notes)
			}
		})
	}
}

// Firmware that hides the area again at every start, without lasting effect.
func TestHiddenAgainAfterARestart(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, HPASectors: 1000,
		Faults: emulator.Faults{PowerCutAfter: 3 << 20}})
	if res := b.openRun(t, b.opening(t), nil); res.Derivation.Outcome == rules.OutcomeVerified {
		t.Fatal("verified without power")
	}
	b.drive.Fault(emulator.Faults{})
	b.drive.PowerOn()
	if err := ata.SetMax(t.Context(), b.drive.ATA(), testSectors-1, true, false); err != nil {
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
	b.dev = b.detect(t)
	p.Plan.Device = b.dev
	res := b.openRun(t, p.Plan, p)
	if res.Facts.Hidden.HPA != rules.HiddenOpened || len(b.drive.Remnants()) > 0 {
		t.Errorf("hidden %+v, left %v; notes %q errors %q", res.Facts.Hidden, b.drive.Remnants(), res.Notes, res.Errors)
	}
}

// stale is a host that does not see a new capacity before it starts again.
type stale struct {
	devices.Conn
	size   int64
	rescan error
}

func (s stale) Size() int64                  { return s.size }
func (s stale) Rescan(context.Context) error { return s.rescan }

func (s stale) Look(ctx context.Context) (devices.Facts, error) {
	f, err := s.Conn.Look(ctx)
	return f.AsHostSees(512, uint64(s.size)), err
}

// The drive took the change, the host does not see it: a restart is needed, and
// the command is not sent a second time.
func TestHostDoesNotSeeTheOpenedArea(t *testing.T) {
	for _, rescan := range []error{nil, errors.New("rescan: no such file or directory")} {
		b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, HPASectors: 1000})
		p := b.opening(t)
		conn, err := b.sys.Open(t.Context(), b.dev)
		if err != nil {
			t.Fatal(err)
		}
		res, err := clocked(b).Run(t.Context(), stale{conn, conn.Size(), rescan}, Job{Plan: p, Journal: b.log})
		if err = errors.Join(err, conn.Close()); err != nil {
			t.Fatal(err)
		}
		if !res.PowerCycle || len(res.Steps) > 0 {
			t.Fatalf("power cycle %t, steps %v; notes %q errors %q", res.PowerCycle, res.Steps, res.Notes, res.Errors)
		}
		b.drive.PowerCycle()
		progress := b.resumed(t)
		if !slices.Equal(progress.Opened, []PreparationKind{PrepareOpenHPA}) {
			t.Errorf("opened %v", progress.Opened)
		}
		res = b.openRun(t, progress.Plan, progress)
		if res.Facts.Hidden.HPA != rules.HiddenOpened || res.Derivation.Reached != rules.Row2 || len(res.Prepared) > 0 {
			t.Errorf("hidden %+v, reached (%d), sent %v; notes %q errors %q", res.Facts.Hidden, res.Derivation.Reached, res.Prepared, res.Notes, res.Errors)
		}
	}
}

// SET MAX ADDRESS follows READ NATIVE MAX ADDRESS with nothing in between.
func TestSetMaxFollowsReadNativeMax(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, HPASectors: 1000})
	var sent []string
	b.runHooked(t, t.Context(), clocked(b), Job{Plan: b.opening(t)}, hooked{
		ata: func(c ata.Command, next func() (ata.Result, error)) (ata.Result, error) {
			sent = append(sent, ata.Name(c))
			return next()
		}})
	at := slices.Index(sent, "SET MAX ADDRESS EXT")
	if at < 1 || sent[at-1] != "READ NATIVE MAX ADDRESS EXT" {
		t.Errorf("sent %q", sent)
	}
}
