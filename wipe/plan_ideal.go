package wipe

import (
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// ideal is what a clean run of these steps would see: every step completes,
// every reading back finds what it should. What the drive does not say stays
// unknown here too, so a plan never promises more than a run can show.
func (b builder) ideal(steps []PlannedStep) rules.Facts {
	bytes := b.d.Identity.CapacityBytes()
	f := rules.Facts{
		Medium: b.medium, IdentityOwn: b.d.IdentityProblem == "", IdentityHeld: true,
		Hidden: b.hidden, UserBytes: bytes, OtherParts: OtherParts(b.d), Keys: b.in.Keys,
		Reallocated: b.d.Health.Reallocated, Pending: b.d.Health.Pending,
		Canaries: rules.Canaries{Planted: uint64(b.canaries)},
	}
	if b.canaries == 0 {
		f.Canaries.Reason = "the plan asks for none"
	}
	for _, p := range steps {
		if p.Fallback {
			continue
		}
		f.Steps = append(f.Steps, idealStep(p, uint64(b.marks()), bytes))
	}
	return f
}

func idealStep(p PlannedStep, marks, bytes uint64) rules.Step {
	s := rules.Step{
		Technique: p.Technique, Status: rules.StepCompleted, SeenInProgress: true,
		RandomPasses: countPasses(p.Passes, PassRandom), ConstantPasses: countPasses(p.Passes, PassConstant),
	}
	if p.Canaries {
		s.Canaries = &rules.CanaryCheck{Read: marks, AfterReset: true}
		if p.Replant {
			s.Canaries.Planted = marks
		}
	}
	switch p.Verify {
	case rules.VerifyFull:
		s.Verification = &rules.Verification{Kind: rules.VerifyFull, Bytes: bytes, Of: bytes}
	case rules.VerifySampled:
		s.Verification = &rules.Verification{Kind: rules.VerifySampled, Bytes: (bytes + 9) / 10, Of: bytes, Seed: "planned"}
	}
	return s
}

// marks is how many canaries are planted whenever they are: as many as rules
// and policy ask, and never more than half of the sectors.
func (b builder) marks() int {
	n := max(rules.DefaultCanaries, b.in.Policy.MinCanaries)
	if half := b.d.Identity.Sectors / 2; half < uint64(n) {
		n = int(half)
	}
	return n
}

// hiddenAreaKinds are the hidden areas in the order in which they are opened:
// DEVICE CONFIGURATION RESTORE works only after the HPA is gone.
var hiddenAreaKinds = []struct {
	kind     PreparationKind
	name     string
	citation string
	now      func(devices.HiddenAreas) devices.HiddenState
	opened   func(*rules.Hidden)
}{
	{PrepareOpenHPA, "HPA", "ACS-3 SET MAX ADDRESS EXT (37h)",
		func(h devices.HiddenAreas) devices.HiddenState { return h.HPA }, func(h *rules.Hidden) { h.HPA = rules.HiddenOpened }},
	{PrepareOpenDCO, "DCO", "ACS-3 DEVICE CONFIGURATION RESTORE (B1h/C0h)",
		func(h devices.HiddenAreas) devices.HiddenState { return h.DCO }, func(h *rules.Hidden) { h.DCO = rules.HiddenOpened }},
	{PrepareOpenAMAC, "AMAC", "ACS-4 SET ACCESSIBLE MAX ADDRESS EXT (78h/0001h)",
		func(h devices.HiddenAreas) devices.HiddenState { return h.AMAC }, func(h *rules.Hidden) { h.AMAC = rules.HiddenOpened }},
}

// preparations lists what must be opened and can be, and the state afterwards. They
// are opened for every row: an area left with data after 消去 helps nobody.
func preparations(in Input) ([]Preparation, rules.Hidden) {
	after := hidden(in.Device.Hidden)
	var out []Preparation
	if devices.OddSector(in.Device) {
		out = append(out, Preparation{Kind: PrepareSectorSize, Citation: "SBC-4 FORMAT UNIT (04h), SPC-5 MODE SELECT(10) (55h)",
			Reason: rules.Note{Code: string(PrepareSectorSize),
				Ja: fmt.Sprintf("1セクタ%dバイトの形式を512バイトに再フォーマットし、OSから読み書きできるようにする。", in.Device.Identity.LogicalSector),
				En: fmt.Sprintf("Reformat from sectors of %d bytes to 512, so that the host can address them.", in.Device.Identity.LogicalSector)}})
	}
	if !in.Device.Caps.ATA.Present.IsYes() {
		return out, after // the rest are ATA commands
	}
	for _, a := range hiddenAreaKinds {
		now := a.now(in.Device.Hidden)
		if now != devices.HiddenPresent && now != devices.HiddenPowerCycle || !in.Preparable[a.kind] {
			continue
		}
		out = append(out, Preparation{Kind: a.kind, Citation: a.citation, Reason: rules.Note{Code: string(a.kind),
			Ja: a.name + "で隠された領域を開放する。", En: "Open the area hidden by " + a.name + "."}})
		a.opened(&after)
	}
	return out, after
}
