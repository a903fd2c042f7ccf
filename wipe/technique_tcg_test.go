package wipe

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/tcg"
	"github.com/massho/massho/wipe/rules"
)

var allKeys = rules.KeyConditions{EncryptedFromFirstWrite: rules.AnswerYes, AllCopiesErasable: rules.AnswerYes, CommandIdentified: rules.AnswerYes}

// opal is a self-encrypting drive that somebody locked; fresh one that nobody took.
var (
	opal  = emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "an owner's", Locked: true}
	owned = emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "an owner's"}
	fresh = emulator.TCGFeatures{SSC: tcg.FeatureOpal2}
)

func tcgBench(t *testing.T, kind emulator.Kind, f emulator.TCGFeatures, faults emulator.Faults) *bench {
	return newBench(t, emulator.Params{Kind: kind, Serial: "TEST0001", Sectors: testSectors, TCG: f, Faults: faults})
}

func TestTCGRevert(t *testing.T) {
	with := func(f emulator.TCGFeatures, change func(*emulator.TCGFeatures)) emulator.TCGFeatures {
		change(&f)
		return f
	}
	blocked := with(fresh, func(f *emulator.TCGFeatures) { f.BlockSID = true })
	hard := with(blocked, func(f *emulator.TCGFeatures) { f.BlocksPSID = true })
	for _, tc := range []struct {
		name   string
		tcg    emulator.TCGFeatures
		faults emulator.Faults
		psid   string // "": none; "label": the right one
		status rules.StepStatus
		note   string // part of a note
		row    rules.Row
		prefix bool // as on a locked drive: no canaries can be planted
	}{
		{name: "PSID", tcg: owned, psid: "label", status: rules.StepCompleted, row: rules.Row2},
		{name: "PSID as a scanner gives it", tcg: owned, psid: "spaced", status: rules.StepCompleted, row: rules.Row2},
		{name: "no PSID, nobody took it", tcg: fresh, status: rules.StepCompleted, row: rules.Row2},
		{name: "no PSID, somebody did", tcg: owned, status: rules.StepRefused, note: "PSIDが入力されていません"},
		{name: "half a PSID", tcg: owned, psid: "0123", status: rules.StepRefused, note: "正しい形"},
		{name: "wrong PSID", tcg: owned, psid: strings.Repeat("0", 32), status: rules.StepRefused, note: "PSIDが違います"},
		{name: "Block SID, default PIN", tcg: blocked, status: rules.StepRefused, note: "Block SID"},
		{name: "Block SID, PSID", tcg: blocked, psid: "label", status: rules.StepCompleted, row: rules.Row2},
		{name: "Block SID that stops the PSID too", tcg: hard, psid: "label", status: rules.StepRefused, note: "Disable Block SID"},
		{name: "Enterprise", tcg: with(owned, func(f *emulator.TCGFeatures) { f.SSC = tcg.FeatureEnterprise }), psid: "label", status: rules.StepRefused, note: "Enterprise 1.0"},
		{name: "Ruby", tcg: with(owned, func(f *emulator.TCGFeatures) { f.SSC = tcg.FeatureRuby }), psid: "label", status: rules.StepRefused, note: "Ruby 1.0"},
		{name: "Pyrite destroys no key", tcg: with(owned, func(f *emulator.TCGFeatures) { f.SSC = tcg.FeaturePyrite2 }), psid: "label", status: rules.StepRefused, note: "MediaEncryption"},
		{name: "no TPer", psid: "label", status: rules.StepRefused, note: "Level 0 Discovery"},
		{name: "session refused", tcg: owned, psid: "label", status: rules.StepRefused, note: "TPerが応じません",
			faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "TCG StartSession", TCG: tcg.StatusNoSessions}}}},
		{name: "revert refused", tcg: owned, psid: "label", status: rules.StepRefused,
			faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "TCG Revert", TCG: tcg.StatusSPBusy}}}},
		{name: "revert fails", tcg: owned, psid: "label", status: rules.StepFailed, faults: emulator.Faults{EraseFails: true}},
		{name: "success without erasure", tcg: owned, psid: "label", status: rules.StepFailed, faults: emulator.Faults{KeepFraction: 1}},
		{name: "success, and nothing happened at all", tcg: opal, psid: "label", status: rules.StepFailed, faults: emulator.Faults{HollowRevert: true}, prefix: true},
		{name: "half the keys", tcg: owned, psid: "label", status: rules.StepFailed, faults: emulator.Faults{KeepFraction: 0.1}},
	} {
		for _, kind := range []emulator.Kind{emulator.NVMe, emulator.SSD} {
			t.Run(tc.name+"/"+string(kind), func(t *testing.T) {
				b := tcgBench(t, kind, tc.tcg, tc.faults)
				p := b.device(rules.MediumSSD, rules.TechTCGRevert)
				p.Canaries = rules.DefaultCanaries
				if tc.prefix {
					p.Canaries, p.Steps[0].Canaries, p.Steps[0].Required = 0, false, true
				}
				psid := tc.psid
				switch psid {
				case "label":
					psid = b.drive.PSID()
				case "spaced":
					psid = " " + strings.ToLower(b.drive.PSID()[:16]) + "-\n" + b.drive.PSID()[16:]
				}
				res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p, Keys: allKeys, PSID: psid})
				if err != nil {
					t.Fatal(err)
				}
				s := res.Steps[0]
				if s.Status != tc.status || res.Derivation.Reached != tc.row {
					t.Fatalf("%s, row %d; notes %q, errors %q, status %q", s.Status, res.Derivation.Reached, s.Notes, res.Errors, s.RawStatus)
				}
				if !strings.Contains(strings.Join(s.Notes, " "), tc.note) {
					t.Errorf("notes %q; want %q", s.Notes, tc.note)
				}
				b.checkNothingFalse(t, res)
				b.checkNoPIN(t, psid)
			})
		}
	}
}

// checkNoPIN: what was typed stands nowhere in the journal.
func (b *bench) checkNoPIN(t *testing.T, psid string) {
	t.Helper()
	if len(psid) > 8 && bytes.Contains(b.log.Bytes(), []byte(psid)) {
		t.Error("the PSID is in the journal")
	}
	if bytes.Contains(b.log.Bytes(), []byte(b.drive.Params().TCG.MSID)) && b.drive.Params().TCG.MSID != "" {
		t.Error("the MSID is in the journal")
	}
}

// A crypto erase whose conditions nobody answered claims nothing by itself.
func TestTCGRevertWithoutKeyConditions(t *testing.T) {
	b := tcgBench(t, emulator.NVMe, owned, emulator.Faults{})
	p := b.device(rules.MediumSSD, rules.TechTCGRevert)
	p.Canaries = rules.DefaultCanaries
	res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p, PSID: b.drive.PSID()})
	if err != nil {
		t.Fatal(err)
	}
	if res.Steps[0].Status != rules.StepCompleted || res.Derivation.Reached != rules.RowNone {
		t.Errorf("%s, row %d", res.Steps[0].Status, res.Derivation.Reached)
	}
}

// A locked drive is reverted first, then erased as the plan of a free one.
func TestTCGLockedDrive(t *testing.T) {
	pyrite := opal
	pyrite.SSC = tcg.FeaturePyrite1
	for _, tc := range []struct {
		name string
		kind emulator.Kind
		tcg  emulator.TCGFeatures
		psid bool
		row  rules.Row
		goes Disposition
	}{
		{"NVMe, Opal", emulator.NVMe, opal, true, rules.Row2, DispositionRelease},
		{"SATA, Opal", emulator.SSD, opal, true, rules.Row3, DispositionAwaitDestruction},
		{"NVMe, Pyrite", emulator.NVMe, pyrite, true, rules.Row2, DispositionRelease},
		{"NVMe, Opal, no PSID", emulator.NVMe, opal, false, rules.RowNone, DispositionKeepInside},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := tcgBench(t, tc.kind, tc.tcg, emulator.Faults{})
			p, err := NewPlan(Input{Pack: rules.Default(), Row: rules.Row2, Device: b.dev, Runnable: Runnable(), Preparable: Preparable(), PSID: tc.psid})
			if err != nil {
				t.Fatal(err)
			}
			if p.Best.Reached != tc.row || p.Disposition != tc.goes {
				t.Fatalf("plans row %d, %s; %+v", p.Best.Reached, p.Disposition, p.Steps)
			}
			if !tc.psid {
				return
			}
			if p.Steps[0].Technique != rules.TechTCGRevert || !p.Steps[0].Required {
				t.Fatalf("steps %+v", p.Steps)
			}
			res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p, PSID: b.drive.PSID()})
			if err != nil {
				t.Fatal(err)
			}
			if res.Derivation.Reached != tc.row || res.Derivation.Outcome != rules.OutcomeVerified {
				t.Errorf("%s, row %d; errors %q; steps %+v", res.Derivation.Outcome, res.Derivation.Reached, res.Errors, res.Steps)
			}
			b.checkNothingFalse(t, res)
		})
	}
}

// The firmware works on behind its answer: the revert takes a while, and is
// waited for.
func TestTCGRevertTakesItsTime(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.NVMe, Serial: "TEST0001", Sectors: testSectors, TCG: owned, EraseTakes: 10 * time.Minute})
	p := b.device(rules.MediumSSD, rules.TechTCGRevert)
	p.Canaries = rules.DefaultCanaries
	res, err := b.run(t, t.Context(), clocked(b), Job{Plan: p, Keys: allKeys, PSID: b.drive.PSID()})
	if err != nil {
		t.Fatal(err)
	}
	if s := res.Steps[0]; s.Status != rules.StepCompleted || s.Ended.Sub(s.Started) < 10*time.Minute {
		t.Errorf("%s after %s; errors %q", s.Status, s.Ended.Sub(s.Started), res.Errors)
	}
}
