package wipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

// everything is a program that can run and open whatever there is.
func everything() (map[rules.Technique]bool, map[PreparationKind]bool) {
	run := map[rules.Technique]bool{}
	for _, t := range rules.Techniques() {
		run[t] = true
	}
	return run, map[PreparationKind]bool{PrepareOpenHPA: true, PrepareOpenDCO: true, PrepareOpenAMAC: true}
}

func planFor(t *testing.T, d devices.Device, row rules.Row, change ...func(*Input)) Plan {
	t.Helper()
	run, open := everything()
	in := Input{Pack: rules.Default(), Policy: rules.Policy{ID: "test"}, Row: row, Device: d, Asset: "A-100", Runnable: run, Preparable: open}
	for _, c := range change {
		c(&in)
	}
	p, err := NewPlan(in)
	if err != nil {
		t.Fatal(err)
	}
	checkPlan(t, in, p)
	return p
}

func overwriteOnly(in *Input) {
	in.Runnable = map[rules.Technique]bool{rules.TechOverwrite: true}
	in.Preparable = nil
}

func keysYes(in *Input) {
	in.Keys = rules.KeyConditions{EncryptedFromFirstWrite: rules.AnswerYes, AllCopiesErasable: rules.AnswerYes, CommandIdentified: rules.AnswerYes}
}

func accepted(in *Input) { in.Accept = &Acceptance{Level: rules.Row3, By: "tester", Reason: "no time"} }

func soleSigned(in *Input) {
	in.Policy.SoleOverwriteForRow2, in.Policy.Signed = true, true
}

// checkPlan is what holds for every plan.
func checkPlan(t *testing.T, in Input, p Plan) {
	t.Helper()
	fail := func(f string, args ...any) {
		t.Errorf("%s row (%d): "+f, append([]any{in.Device.Identity.Model, p.Row}, args...)...)
	}
	for i, s := range p.Steps {
		if !in.Runnable[s.Technique] {
			fail("%s is planned and cannot be run", s.Technique)
		}
		if s.Technique != rules.TechOverwrite && !offers(in, in.Device, s.Technique).state.IsYes() && !p.Steps[0].Required {
			fail("%s is planned and not offered", s.Technique)
		}
		if s.Reason.Ja == "" || s.Reason.En == "" || s.Citation == "" || s.Estimate <= 0 {
			fail("step %d has no reason, citation or estimate: %+v", i+1, s)
		}
		if s.Technique.OnHost() != (len(s.Passes) > 0) {
			fail("step %d: passes %v", i+1, s.Passes)
		}
	}
	running := len(p.Steps) > 0
	switch {
	case running && (p.Refusal != nil || p.Choice != nil):
		fail("steps beside a refusal or a choice")
	case p.Row == rules.Row1 && p.Disposition == DispositionRelease:
		fail("a medium of row (1) is released")
	case p.Disposition == DispositionRelease && (p.Prompt != nil || !running):
		fail("released with a prompt, or without a step")
	case (p.Disposition == DispositionAwaitDestruction || p.Disposition == DispositionKeepInside) != (p.Prompt != nil):
		fail("%s, prompt %v", p.Disposition, p.Prompt)
	case p.Prompt != nil && p.Refusal == nil && (p.Prompt.Serial == "" || p.Prompt.Asset != in.Asset || len(p.Prompt.Ways) < 5):
		fail("prompt %+v", p.Prompt)
	case p.Disposition == "":
		fail("no disposition")
	case (p.Accepted != nil) && in.Accept == nil:
		fail("accepted by nobody")
	}
	for _, r := range p.Rejected {
		if r.Reason.Code == "" || r.Reason.Ja == "" || r.Reason.En == "" {
			fail("%s rejected without a reason", r.Technique)
		}
	}
	if n := len(p.Rejected) + len(used(p)); running && n != len(rules.Techniques()) {
		fail("%d techniques named, want %d", n, len(rules.Techniques()))
	}
	checkHash(t, p)
}

func used(p Plan) map[rules.Technique]bool {
	out := map[rules.Technique]bool{}
	for _, s := range p.Steps {
		out[s.Technique] = true
	}
	return out
}

// checkHash: a plan read back from JSON is the same plan.
func checkHash(t *testing.T, p Plan) {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if back.Hash() != p.Hash() || !strings.HasSuffix(p.ID(), p.Hash()[:16]) {
		t.Error("the hash changes over JSON")
	}
	back.Device = p.Device
	if !reflect.DeepEqual(back, p) {
		t.Errorf("JSON round trip:\n%+v\n%+v", back, p)
	}
}

// The plans that matter most, written by hand.
func TestPlanSteps(t *testing.T) {
	devs := planDevices()
	for _, c := range []struct {
		dev    string
		row    rules.Row
		change func(*Input)
		want   string // techniques, "×" passes, "?" fallback
		where  Disposition
	}{
		{"hdd", rules.Row3, nil, "overwrite×1", DispositionRelease},
		{"ssd", rules.Row3, nil, "overwrite×2", DispositionRelease},
		{"unknown-rotation", rules.Row3, nil, "overwrite×2", DispositionRelease},
		{"usb-flash", rules.Row3, nil, "overwrite×2", DispositionRelease},
		{"hdd", rules.Row1, nil, "overwrite×1", DispositionAwaitDestruction},
		{"nvme-all", rules.Row1, nil, "overwrite×2", DispositionAwaitDestruction},
		{"hdd", rules.Row2, nil, "ata-security-erase-unit-enhanced overwrite×1?", DispositionRelease},
		{"hdd-sanitize", rules.Row2, nil, "ata-sanitize-overwrite-ext overwrite×1?", DispositionRelease},
		{"hdd-frozen-sanitize", rules.Row2, nil, "ata-sanitize-overwrite-ext overwrite×1?", DispositionRelease},
		{"hdd", rules.Row2, soleSigned, "overwrite×1", DispositionRelease},
		{"hdd-reallocated", rules.Row2, soleSigned, "ata-security-erase-unit-enhanced overwrite×1?", DispositionRelease},
		{"hdd-plain", rules.Row2, nil, "overwrite×1", DispositionAwaitDestruction},
		{"hdd-frozen", rules.Row2, nil, "", DispositionUndecided},
		{"hdd-frozen", rules.Row2, accepted, "overwrite×1", DispositionAwaitDestruction},
		{"hdd-frozen", rules.Row2, overwriteOnly, "overwrite×1", DispositionAwaitDestruction},
		{"hdd-frozen", rules.Row3, nil, "overwrite×1", DispositionRelease},
		{"hdd-locked", rules.Row2, nil, "ata-security-erase-unit-enhanced overwrite×1", DispositionRelease},
		{"hdd-locked", rules.Row3, overwriteOnly, "", DispositionKeepInside},
		{"hdd-hidden-unknown", rules.Row2, nil, "overwrite×1", DispositionAwaitDestruction},
		{"ssd", rules.Row2, nil, "overwrite×2", DispositionAwaitDestruction},
		{"ssd-sanitize-block", rules.Row2, nil, "ata-sanitize-block-erase-ext overwrite×1", DispositionRelease},
		{"nvme-all", rules.Row2, nil, "nvme-sanitize-crypto-erase nvme-sanitize-block-erase overwrite×1", DispositionRelease},
		{"nvme-none", rules.Row2, nil, "overwrite×2", DispositionAwaitDestruction},
		{"ssd-sanitize-crypto", rules.Row2, keysYes, "ata-sanitize-crypto-scramble-ext overwrite×2", DispositionRelease},
		{"ssd-sanitize-crypto", rules.Row2, nil, "ata-sanitize-crypto-scramble-ext overwrite×2", DispositionAwaitDestruction},
		{"nvme-two-no-sanitize", rules.Row3, nil, "overwrite×2", DispositionKeepInside},
		{"nvme-two-namespaces", rules.Row3, nil, "nvme-sanitize-crypto-erase nvme-sanitize-block-erase overwrite×1", DispositionRelease},
		{"emmc", rules.Row2, nil, "mmc-erase-sanitize overwrite×1", DispositionRelease},
		{"usb-flash", rules.Row2, nil, "overwrite×2", DispositionAwaitDestruction},
		{"sas-hdd", rules.Row2, nil, "scsi-sanitize-overwrite overwrite×1?", DispositionRelease},
		{"optical", rules.Row3, nil, "", DispositionKeepInside},
		{"raid", rules.Row3, nil, "", DispositionReachMedia},
		{"usb-bridge", rules.Row2, nil, "", DispositionReachMedia},
	} {
		t.Run(fmt.Sprintf("%s/%d", c.dev, c.row), func(t *testing.T) {
			if c.change == nil {
				c.change = func(*Input) {}
			}
			p := planFor(t, devs[c.dev], c.row, c.change)
			var got []string
			for _, s := range p.Steps {
				w := string(s.Technique)
				if n := len(s.Passes); n > 0 {
					w += fmt.Sprintf("×%d", n)
				}
				if s.Fallback {
					w += "?"
				}
				got = append(got, w)
			}
			if strings.Join(got, " ") != c.want || p.Disposition != c.where {
				t.Errorf("%s, %s; want %s, %s", strings.Join(got, " "), p.Disposition, c.want, c.where)
			}
		})
	}
}

func TestPlanRefusesInput(t *testing.T) {
	d := planDevices()["hdd"]
	cat := rules.Category{System: rules.SystemLGWAN, Confidentiality: rules.Conf2}
	for _, c := range []struct {
		name string
		in   Input
		want error
	}{
		{"no pack", Input{Row: rules.Row3, Device: d}, ErrPlanInput},
		{"neither row nor category", Input{Pack: rules.Default(), Device: d}, rules.ErrNotAnswered},
		{"both", Input{Pack: rules.Default(), Row: rules.Row2, Category: &cat, Device: d}, ErrPlanInput},
		{"row 4", Input{Pack: rules.Default(), Row: 4, Device: d}, ErrPlanInput},
		{"category open", Input{Pack: rules.Default(), Category: &rules.Category{}, Device: d}, rules.ErrNotAnswered},
		{"accepted by nobody", Input{Pack: rules.Default(), Row: rules.Row2, Device: d, Accept: &Acceptance{Level: rules.Row3}}, ErrPlanInput},
		{"accepted level 2", Input{Pack: rules.Default(), Row: rules.Row2, Device: d, Accept: &Acceptance{Level: rules.Row2, By: "x"}}, ErrPlanInput},
		{"bad policy", Input{Pack: rules.Default(), Row: rules.Row2, Device: d, Policy: rules.Policy{MinRandomPasses: -1}}, rules.ErrFacts},
		{"minus passes", Input{Pack: rules.Default(), Row: rules.Row2, Device: d, ExtraRandomPasses: -1}, ErrPlanInput},
	} {
		t.Run(c.name, func(t *testing.T) {
			if p, err := NewPlan(c.in); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v; plan %+v", err, c.want, p)
			}
		})
	}
}

// The hash binds what matters and ignores what this boot calls the drive.
func TestPlanHash(t *testing.T) {
	d := planDevices()["hdd"]
	p := planFor(t, d, rules.Row3)
	moved := d
	moved.Name, moved.Path, moved.SysPath, moved.Location = "sdq", "/dev/sdq", "/sys/x", "usb-1"
	if planFor(t, moved, rules.Row3).Hash() != p.Hash() {
		t.Error("another kernel name makes another plan")
	}
	for name, change := range map[string]func(*Input){
		"serial": func(in *Input) { in.Device.Identity.Serial = "SER0002" },
		"row":    func(in *Input) { in.Row = rules.Row1 },
		"asset":  func(in *Input) { in.Asset = "A-101" },
		"passes": func(in *Input) { in.ExtraRandomPasses = 1 },
		"policy": func(in *Input) { in.Policy.ID = "other" },
	} {
		if planFor(t, d, rules.Row3, change).Hash() == p.Hash() {
			t.Errorf("another %s, the same hash", name)
		}
	}
}

func TestMediumOf(t *testing.T) {
	for _, c := range []struct {
		class      devices.Class
		rotational support.State
		model      string
		want       rules.MediumKind
	}{
		{devices.ClassDisk, support.Yes, "WDC WD5000AAKX", rules.MediumHDD},
		{devices.ClassDisk, support.No, "Samsung SSD 850", rules.MediumSSD},
		{devices.ClassDisk, support.Unknown, "Samsung SSD 850", rules.MediumUnknown},
		{devices.ClassDisk, support.Yes, "ST1000LM014-SSHD-8GB", rules.MediumSSHD},
		{devices.ClassDisk, support.Yes, "ST2000DX001-1CM164", rules.MediumSSHD},
		{devices.ClassDisk, support.Yes, "ST1000LX015-1U7172", rules.MediumSSHD},
		{devices.ClassDisk, support.Yes, "TOSHIBA MQ01ABD100H", rules.MediumSSHD},
		{devices.ClassDisk, support.Yes, "TOSHIBA MQ01ABD100", rules.MediumHDD},
		{devices.ClassDisk, support.Yes, "ST1000DM003-1CH162", rules.MediumHDD},
		{devices.ClassUSBFlash, support.Yes, "", rules.MediumUSBFlash},
		{devices.ClassSD, support.Unknown, "", rules.MediumSD},
		{devices.ClassEMMC, support.Unknown, "", rules.MediumEMMC},
		{devices.ClassOptical, support.Unknown, "", rules.MediumOptical},
		{devices.ClassFloppy, support.Yes, "", rules.MediumFloppy},
		{devices.ClassTape, support.Unknown, "", rules.MediumTape},
		{devices.ClassUnknown, support.Unknown, "", rules.MediumUnknown},
	} {
		d := devices.Device{Class: c.class, Identity: devices.Identity{Model: c.model}, Caps: devices.Capabilities{Rotational: c.rotational}}
		if got := MediumOf(d); got != c.want {
			t.Errorf("%s %s %q: %s, want %s", c.class, c.rotational, c.model, got, c.want)
		}
	}
}
