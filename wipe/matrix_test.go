package wipe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// The roads on which an ATA drive is met: libata in its ages, SAS adapters, USB
// bridges.
var matrixRoads = []struct {
	name string
	road emulator.Road
}{
	{"libata", emulator.Road{}},
	{"libata before 6.11", emulator.Road{Layout: emulator.LayoutOldLibata}},
	{"fixed sense", emulator.Road{Layout: emulator.LayoutFixed}},
	{"descriptor appended", emulator.Road{Layout: emulator.LayoutAppended}},
	{"HBA without registers", emulator.Road{NoRegisters: true}},
	{"USB, 18 bytes of sense", emulator.Road{Layout: emulator.LayoutFixed, CutSense: 18}},
	{"USB, A1h only", emulator.Road{Layout: emulator.LayoutFixed, CutSense: 18, No85: true}},
}

// matrixFault is one thing that is wrong with the drive.
type matrixFault struct {
	name   string
	faults emulator.Faults
	user   string // password that somebody left
	lies   bool   // the drive's own word is false: nothing but a read-back or a mark can tell
	roads  int    // how many of matrixRoads it is tried on; 0: where answers differ most
}

// fewRoads are those that answer most differently.
var fewRoads = []int{0, 4, 6}

// on lists the roads of a fault.
func (f matrixFault) on(k emulator.Kind) []int {
	switch {
	case k.SCSI():
		return fewRoads[:1] // the others are ATA's
	case f.roads == 0:
		return fewRoads
	}
	var all []int
	for i := range f.roads {
		all = append(all, i)
	}
	return all
}

var matrixFaults = []matrixFault{
	{name: "sound", roads: 7},
	{name: "over at once", roads: 1, faults: emulator.Faults{Instant: true}},
	{name: "erases nothing", faults: emulator.Faults{KeepFraction: 1}, lies: true},
	{name: "misses a stretch of 2 %", roads: 1, faults: emulator.Faults{KeepFraction: 0.02, KeepContiguous: true}, lies: true},
	{name: "misses 1 % here and there", roads: 1, faults: emulator.Faults{KeepFraction: 0.01}, lies: true},
	{name: "only unmaps", roads: 1, faults: emulator.Faults{UnmapOnly: true}, lies: true},
	{name: "fails half way", faults: emulator.Faults{EraseFails: true}},
	{name: "refuses everything", roads: 7, faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SECURITY"}, {Command: "SANITIZE"}, {Command: "BLOCK ERASE"}, {Command: "CRYPTO"}, {Command: "OVERWRITE EXT"}, {Command: "FORMAT"}}}},
	{name: "refuses ERASE UNIT", roads: 7, faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SECURITY ERASE UNIT"}}}},
	{name: "refuses PREPARE", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SECURITY ERASE PREPARE"}}}},
	{name: "refuses the status once", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SANITIZE STATUS", Times: 1}, {Command: "REQUEST SENSE", Times: 1}}}},
	{name: "hangs at the status", faults: emulator.Faults{HangOn: "SANITIZE STATUS"}},
	{name: "hangs at ERASE UNIT", roads: 1, faults: emulator.Faults{HangOn: "SECURITY ERASE UNIT"}},
	{name: "frozen", faults: emulator.Faults{Frozen: true}},
	{name: "all frozen", faults: emulator.Faults{Frozen: true, SanitizeFrozen: true}},
	{name: "locked by us", roads: 7, user: PublishedPassword},
	{name: "locked by somebody", user: "somebody else's"},
	{name: "power fails in the erase", roads: 7, faults: emulator.Faults{CutErase: 0.4}},
	{name: "power fails in the overwrite", roads: 1, faults: emulator.Faults{PowerCutAfter: 1000<<9 + 1<<20}},
	{name: "vanishes", roads: 1, faults: emulator.Faults{VanishAfter: 1000 << 10}},
	{name: "resets", roads: 1, faults: emulator.Faults{ResetAfter: 1000 << 10}},
	{name: "another drive after a reset", roads: 1, faults: emulator.Faults{ResetAfter: 1000 << 10, SerialAfterReset: "OTHER"}},
	{name: "unreadable sectors", roads: 1, faults: emulator.Faults{ReadErrors: []emulator.Range{{First: 0, Count: 2}}}},
	{name: "unwritable sectors", roads: 1, faults: emulator.Faults{WriteErrors: []emulator.Range{{First: 77, Count: 2}}}},
}

const matrixSectors = 4096 // 2 MiB

// TestMatrix runs every ATA and SCSI technique, and what the planner makes of the
// drive, over every road and with every fault. Whatever happens, nothing false is
// claimed, nothing is lost silently, and no drive is left locked without a word.
func TestMatrix(t *testing.T) {
	began, cases := time.Now(), 0
	run := func(dt deviceTechnique, plan func(*testing.T, *bench) Plan) {
		for _, f := range matrixFaults {
			for _, i := range f.on(dt.kind) {
				road := matrixRoads[i]
				cases++
				t.Run(fmt.Sprintf("%s/%s/%s/%s", dt.technique, dt.kind, road.name, f.name), func(t *testing.T) {
					t.Parallel()
					matrixCase(t, dt, road.road, f, plan)
				})
			}
		}
	}
	for _, dt := range deviceTechniques {
		if dt.kind == emulator.NVMe {
			continue
		}
		run(dt, func(_ *testing.T, b *bench) Plan {
			p := b.device(dt.medium, dt.technique, rules.TechOverwrite)
			p.Canaries, p.Steps[1].Fallback = rules.DefaultCanaries, true
			return p
		})
	}
	for _, k := range []emulator.Kind{emulator.HDD, emulator.SSD, emulator.SAS} {
		run(deviceTechnique{technique: "plan", kind: k}, func(t *testing.T, b *bench) Plan { return b.planned(t, rules.Row2) })
	}
	t.Cleanup(func() { t.Logf("%d cases in %s", cases, time.Since(began).Round(time.Second)) })
	if cases < 200 {
		t.Errorf("%d cases, want 200", cases)
	}
}

func matrixCase(t *testing.T, dt deviceTechnique, road emulator.Road, f matrixFault, plan func(*testing.T, *bench) Plan) {
	b := newBench(t, emulator.Params{Kind: dt.kind, Serial: "TEST0001", Sectors: matrixSectors, Road: road, Faults: f.faults, UserPassword: f.user,
		ATA: emulator.ATAFeatures{Bare: true, Security: true, Enhanced: true, EraseTime: 4 * time.Minute, EnhancedEraseTime: 8 * time.Minute,
			SanitizeOverwrite: true, SanitizeBlock: dt.kind == emulator.SSD, SanitizeCrypto: dt.kind == emulator.SSD, SMART: true}})
	p := plan(t, b)
	if len(p.Steps) == 0 {
		if p.Refusal == nil && p.Choice == nil && p.Disposition != DispositionKeepInside {
			t.Errorf("nothing is planned, and nothing says why: %s", describePlan(p))
		}
		return
	}
	conn, err := b.sys.Open(t.Context(), b.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := clocked(b)
	res, err := r.Run(t.Context(), conn, Job{Plan: p, Journal: b.log})
	if err != nil {
		t.Fatal(err)
	}
	nothingFalse(t, b, f, res)
	nothingSilent(t, b, f, res)
}

// nothingFalse holds the claims against what is left on the medium.
func nothingFalse(t *testing.T, b *bench, f matrixFault, res Result) {
	t.Helper()
	d := res.Derivation
	if err := res.Facts.Validate(); err != nil {
		t.Error(err)
	}
	for _, left := range b.drive.Remnants() {
		switch {
		case left.HostReachable && d.Reached != rules.RowNone:
			t.Errorf("reached (%d), and the host can reach %+v", d.Reached, left)
		case d.Reached == rules.Row2 && !f.lies:
			t.Errorf("reached (2), and left %+v", left)
		case d.Reached == rules.Row2 && d.Basis != rules.BasisDeviceAttested:
			t.Errorf("reached (2) on basis %s, and left %+v", d.Basis, left)
		}
	}
	if d.Outcome == rules.OutcomeVerified && len(res.Errors) > 0 {
		t.Errorf("verified with errors %q", res.Errors)
	}
	if f.faults.KeepFraction == 1 && d.Reached == rules.Row2 {
		t.Error("reached (2) by a command that does nothing")
	}
}

// nothingSilent: refusals and failures name themselves and the next step, the
// journal tells the same run, and no lock is left without its password in sight.
func nothingSilent(t *testing.T, b *bench, f matrixFault, res Result) {
	t.Helper()
	for _, s := range res.Steps {
		if s.Status == rules.StepRefused && !bothLanguages(s.Notes) {
			t.Errorf("%s refused without a reason in both languages: %q", s.Technique, s.Notes)
		}
		if s.Status == rules.StepFailed && len(res.Errors) == 0 {
			t.Errorf("%s failed without an error", s.Technique)
		}
		if s.Status == rules.StepCompleted && !s.Technique.OnHost() && s.RawStatus == "" {
			t.Errorf("%s completed without the drive's own word", s.Technique)
		}
	}
	log, err := journal.ParseExcerpt(b.log.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	p, err := ReadProgress(log)
	if err != nil {
		t.Fatal(err)
	}
	if told, ok := p.Result(rules.Default(), rules.Policy{}); !ok || told.Derivation.Outcome != res.Derivation.Outcome || len(told.Steps) != len(res.Steps) {
		t.Errorf("the journal tells of %s after %d steps (%t), the run of %s after %d", told.Derivation.Outcome, len(told.Steps), ok, res.Derivation.Outcome, len(res.Steps))
	}
	b.drive.Fault(emulator.Faults{})
	b.drive.PowerCycle()
	devs, err := b.sys.Detect(t.Context(), devices.DetectOptions{})
	if err != nil || len(devs) == 0 {
		return // it vanished for good
	}
	caps := devs[0].Caps.ATA
	said := slices.ContainsFunc(append(slices.Clone(res.Errors), res.Notes...), func(s string) bool { return strings.Contains(s, "「"+PublishedPassword+"」") })
	if caps.SecurityLocked.IsYes() && f.user == "" && !said {
		t.Errorf("left locked, and nobody is told the password: errors %q, notes %q", res.Errors, res.Notes)
	}
}

// bothLanguages: some note has Japanese and English words.
func bothLanguages(notes []string) bool {
	return slices.ContainsFunc(notes, func(s string) bool {
		return strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) }) &&
			strings.Contains(s, " / ") && strings.ContainsFunc(s, func(r rune) bool { return r < unicode.MaxASCII && unicode.IsLetter(r) })
	})
}
