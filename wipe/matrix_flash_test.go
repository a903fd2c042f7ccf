package wipe

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/tcg"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// flashCase is a technique of NVMe, TCG or e.MMC on a drive that has it, or what
// the planner makes of such a drive.
type flashCase struct {
	name      string
	technique rules.Technique // "": the planner's steps for row (2)
	medium    rules.MediumKind
	params    emulator.Params
}

var flashCases = []flashCase{
	{"Sanitize block", rules.TechNVMeSanitizeBlock, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, NVMe: allNVMe}},
	{"Sanitize crypto", rules.TechNVMeSanitizeCrypto, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, NVMe: allNVMe}},
	{"Sanitize overwrite", rules.TechNVMeSanitizeOver, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, NVMe: allNVMe}},
	{"Format SES 1", rules.TechNVMeFormatUserData, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, NVMe: allNVMe}},
	{"Format SES 2", rules.TechNVMeFormatCrypto, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, NVMe: allNVMe}},
	{"PSID revert over NVMe", rules.TechTCGRevert, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, TCG: owned}},
	{"PSID revert over SATA", rules.TechTCGRevert, rules.MediumSSD, emulator.Params{Kind: emulator.SSD, TCG: owned}},
	{"PSID revert of a disk", rules.TechTCGRevert, rules.MediumHDD, emulator.Params{Kind: emulator.HDD, TCG: owned}},
	{"MSID revert", rules.TechTCGRevert, rules.MediumSSD, emulator.Params{Kind: emulator.NVMe, TCG: fresh}},
	{"e.MMC erase and sanitize", rules.TechMMCEraseAndSanitize, rules.MediumEMMC, emulator.Params{Kind: emulator.EMMC, BootSectors: 256, GPSectors: []uint64{1024}}},
	{"plan for NVMe", "", "", emulator.Params{Kind: emulator.NVMe}},
	{"plan for three namespaces", "", "", emulator.Params{Kind: emulator.NVMe, Namespaces: []emulator.Namespace{{Sectors: 1024}, {Sectors: 1024, Detached: true}}}},
	{"plan for a locked Opal drive", "", "", emulator.Params{Kind: emulator.NVMe, TCG: opal}},
	{"plan for a locked Opal drive on SATA", "", "", emulator.Params{Kind: emulator.SSD, TCG: opal}},
	{"plan for e.MMC", "", "", emulator.Params{Kind: emulator.EMMC, BootSectors: 256}},
	{"plan for a USB stick", "", "", emulator.Params{Kind: emulator.USBFlash}},
	{"plan for an SD card", "", "", emulator.Params{Kind: emulator.SD}},
}

var flashFaults = []struct {
	name   string
	faults emulator.Faults
	lies   bool // the drive's own word is false
}{
	{name: "sound"},
	{name: "over at once", faults: emulator.Faults{Instant: true}},
	{name: "erases nothing", faults: emulator.Faults{KeepFraction: 1}, lies: true},
	{name: "misses a stretch of 2 %", faults: emulator.Faults{KeepFraction: 0.02, KeepContiguous: true}, lies: true},
	{name: "misses 1 % here and there", faults: emulator.Faults{KeepFraction: 0.01}, lies: true},
	{name: "leaves a boot area out", faults: emulator.Faults{SkipArea: "boot0"}},
	{name: "a hollow revert", faults: emulator.Faults{HollowRevert: true}},
	{name: "only unmaps", faults: emulator.Faults{UnmapOnly: true}, lies: true},
	{name: "fails half way", faults: emulator.Faults{EraseFails: true}},
	{name: "refuses", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "Sanitize"}, {Command: "Format"}, {Command: "TCG Revert", TCG: tcg.StatusSPBusy}, {Command: "ERASE"}}}},
	{name: "refuses in the middle", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "SANITIZE_START"}, {Command: "Get Log Page 81h"}, {Command: "TCG StartSession"}}}},
	{name: "internal error", faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "Sanitize", SC: 6}, {Command: "Format", SC: 6}, {Command: "TCG Revert"}}}},
	{name: "a stale log", faults: emulator.Faults{StaleLog: true}},
	{name: "a stale log, over at once", faults: emulator.Faults{StaleLog: true, Instant: true}},
	{name: "read only", faults: emulator.Faults{ReadOnly: true}},
	{name: "hangs at the log", faults: emulator.Faults{HangOn: "Get Log Page 81h"}},
	{name: "hangs at the erase", faults: emulator.Faults{HangOn: "S"}}, // Sanitize, Security Send, SANITIZE_START, SECURITY PROTOCOL
	{name: "power fails in the erase", faults: emulator.Faults{CutErase: 0.4}},
	{name: "vanishes", faults: emulator.Faults{VanishAfter: 1000 << 10}},
	{name: "resets", faults: emulator.Faults{ResetAfter: 1000 << 10}},
	{name: "another drive after a reset", faults: emulator.Faults{ResetAfter: 1000 << 10, SerialAfterReset: "OTHER"}},
	{name: "unreadable sectors", faults: emulator.Faults{ReadErrors: []emulator.Range{{First: 0, Count: 2}}}},
	{name: "unwritable sectors", faults: emulator.Faults{WriteErrors: []emulator.Range{{First: 77, Count: 2}}}},
}

// TestFlashMatrix runs every NVMe, TCG and e.MMC technique, and what the planner
// makes of such drives, with every fault. Whatever happens, nothing false is
// claimed, and nothing is lost silently.
func TestFlashMatrix(t *testing.T) {
	began, cases := time.Now(), 0
	for _, c := range flashCases {
		for _, f := range flashFaults {
			cases++
			t.Run(c.name+"/"+f.name, func(t *testing.T) {
				t.Parallel()
				c.run(t, f.faults, f.lies)
			})
		}
	}
	t.Cleanup(func() { t.Logf("%d cases in %s", cases, time.Since(began).Round(time.Second)) })
	if cases < 150 {
		t.Errorf("%d cases, want 150", cases)
	}
}

func (c flashCase) run(t *testing.T, faults emulator.Faults, lies bool) {
	p := c.params
	p.Sectors, p.Faults = 4096, faults
	if p.Serial = "TEST0001"; p.Kind == emulator.EMMC || p.Kind == emulator.SD {
		p.Serial = "e0000001"
	}
	d, err := emulator.New(p)
	if err != nil {
		t.Fatal(err)
	}
	sys := devices.WholeMedia(emulator.NewSystem(d))
	b := benchOn(t, d, sys)
	plan := c.plan(t, b)
	if len(plan.Steps) == 0 {
		t.Fatalf("nothing is planned: %s", plan.Disposition)
	}
	conn, err := sys.Open(t.Context(), b.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	res, err := clocked(b).Run(t.Context(), conn, Job{Plan: plan, Journal: b.log, Keys: allKeys, PSID: d.PSID()})
	if err != nil {
		t.Fatal(err)
	}
	noFalseClaim(t, d, res, lies, faults)
	noSilence(t, b, res)
	b.checkNoPIN(t, d.PSID())
}

// plan is the technique with an overwrite to fall back on, or the planner's.
func (c flashCase) plan(t *testing.T, b *bench) Plan {
	if c.technique == "" {
		p, err := NewPlan(Input{Pack: rules.Default(), Row: rules.Row2, Device: b.dev, Runnable: Runnable(), Preparable: Preparable(), PSID: b.drive.PSID() != "", Keys: allKeys})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := b.device(c.medium, c.technique, rules.TechOverwrite)
	p.Canaries, p.Steps[1].Fallback = rules.DefaultCanaries, true
	return p
}

// noFalseClaim holds the claims against what is left on the medium.
func noFalseClaim(t *testing.T, d *emulator.Drive, res Result, lies bool, f emulator.Faults) {
	t.Helper()
	got := res.Derivation
	if err := res.Facts.Validate(); err != nil {
		t.Error(err)
	}
	for _, left := range d.Remnants() {
		switch {
		case left.Area.Kind == emulator.AreaUser && got.Reached != rules.RowNone:
			t.Errorf("reached (%d), and the host can address %+v", got.Reached, left)
		case got.Reached == rules.Row2 && !lies:
			t.Errorf("reached (2), and left %+v", left)
		case got.Reached == rules.Row2 && got.Basis != rules.BasisDeviceAttested:
			t.Errorf("reached (2) on basis %s, and left %+v", got.Basis, left)
		}
	}
	switch {
	case got.Outcome == rules.OutcomeVerified && len(res.Errors) > 0:
		t.Errorf("verified with errors %q", res.Errors)
	case got.Outcome == rules.OutcomeVerified && f.SerialAfterReset != "":
		t.Error("verified, and another drive answers")
	case f.KeepFraction == 1 && got.Reached == rules.Row2:
		t.Error("reached (2) by a command that does nothing")
	case f.StaleLog && slices.ContainsFunc(res.Steps, func(s StepResult) bool {
		return strings.HasPrefix(string(s.Technique), "nvme-sanitize") && s.Status == rules.StepCompleted
	}):
		t.Error("completed by a log that tells of another command")
	}
}

// noSilence: refusals and failures name themselves and the next step, and the
// journal tells the same run.
func noSilence(t *testing.T, b *bench, res Result) {
	t.Helper()
	for _, s := range res.Steps {
		said := strings.Join(s.Notes, " ")
		switch {
		case s.Status == rules.StepRefused && (!strings.Contains(said, " / ") || !strings.Contains(said, "。")):
			t.Errorf("%s refused without a reason in both languages: %q", s.Technique, s.Notes)
		case s.Status == rules.StepFailed && len(res.Errors) == 0:
			t.Errorf("%s failed without an error", s.Technique)
		case s.Status == rules.StepCompleted && !s.Technique.OnHost() && (s.RawStatus == "" || len(s.Commands) == 0):
			t.Errorf("%s completed without the drive's own word, or without a command", s.Technique)
		case s.Status == rules.StepInterrupted && len(res.Errors)+len(res.Notes) == 0:
			t.Errorf("%s was interrupted, and nothing says why", s.Technique)
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
}

// Every sound drive keeps what its plan promised.
func TestFlashPlansKeepTheirWord(t *testing.T) {
	for _, c := range flashCases {
		if c.technique != "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			p := c.params
			p.Sectors, p.Serial = 4096, "e0000001"
			d, err := emulator.New(p)
			if err != nil {
				t.Fatal(err)
			}
			sys := devices.WholeMedia(emulator.NewSystem(d))
			b := benchOn(t, d, sys)
			plan := c.plan(t, b)
			conn, err := sys.Open(t.Context(), b.dev)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			res, err := clocked(b).Run(t.Context(), conn, Job{Plan: plan, Journal: b.log, Keys: allKeys, PSID: d.PSID()})
			if err != nil {
				t.Fatal(err)
			}
			if got, want := res.Derivation, plan.Best; got.Reached != want.Reached || got.NIST != want.NIST || got.Outcome != want.Outcome {
				t.Errorf("planned %s (%d) %s, ran %s (%d) %s: %s", want.Outcome, want.Reached, want.NIST, got.Outcome, got.Reached, got.NIST, fmt.Sprint(res.Errors))
			}
		})
	}
}
