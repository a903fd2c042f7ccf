package wipe

import (
	"errors"
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

// ErrPlanInput says that a plan was asked for without what it must be made of.
var ErrPlanInput = errors.New("wipe: plan: input not usable")

// NewPlan says what would be done to one drive, what that could claim at best,
// and where the medium goes then. It touches nothing.
//
// It picks only techniques that the drive offers and in.Runnable holds. A row
// out of reach ends in the best erasure possible here and 「物理的な破壊へ」; where
// not even (3) is in reach the medium stays inside. Where a person could open
// the way to the row (a frozen drive), the plan has a Choice and no steps until
// in.Accept records that the person takes the lower level.
//
// The error is about the input: a classification that was not answered
// (rules.ErrNotAnswered), or ErrPlanInput. A thing that cannot be planned at all
// is a Plan with a Refusal.
func NewPlan(in Input) (Plan, error) {
	row, why, err := rowOf(in)
	if err != nil {
		return Plan{}, err
	}
	if err := in.validate(); err != nil {
		return Plan{}, err
	}
	p := Plan{
		Device: in.Device, Target: targetOf(in), RulePack: PackRef{in.Pack.ID, in.Pack.Hash()}, PolicyID: in.Policy.ID,
		Category: in.Category, Row: row, RowReasons: why, Medium: MediumOf(in.Device), Steps: []PlannedStep{},
		Verify: rules.VerifyNone, Keys: in.Keys,
	}
	if p.refuse(in) {
		return p, nil
	}
	var hidden rules.Hidden
	p.Preparation, hidden = preparations(in)
	b := newBuilder(in, row, p.Medium, hidden)
	steps, best := b.steps()
	if p.mustChoose(b, best) {
		return p, nil
	}
	p.fill(b, steps, best)
	return p, nil
}

// rowOf classifies, or takes the row that was decided elsewhere.
func rowOf(in Input) (rules.Row, []rules.Note, error) {
	switch {
	case in.Pack == nil:
		return 0, nil, fmt.Errorf("%w: no rule pack", ErrPlanInput)
	case in.Category != nil && in.Row != rules.RowNone:
		return 0, nil, fmt.Errorf("%w: both a category and a row; give one", ErrPlanInput)
	case in.Category != nil:
		return in.Pack.Classify(*in.Category, in.Policy)
	case in.Row < rules.Row1 || in.Row > rules.Row3:
		return 0, nil, fmt.Errorf("%w: neither a category nor a row (1) to (3): %w", ErrPlanInput, rules.ErrNotAnswered)
	}
	if err := in.Policy.Validate(); err != nil {
		return 0, nil, err
	}
	return in.Policy.RowFor(in.Row), nil, nil
}

func (in Input) validate() error {
	a := in.Accept
	switch {
	case a != nil && (a.By == "" || a.Level != rules.Row3):
		return fmt.Errorf("%w: an accepted level needs who accepted it, and can be (3) only", ErrPlanInput)
	case in.ExtraRandomPasses < 0 || in.ExtraRandomPasses > 50:
		return fmt.Errorf("%w: %d extra passes, want 0 to 50", ErrPlanInput, in.ExtraRandomPasses)
	}
	return nil
}

func targetOf(in Input) Target {
	id := in.Device.Identity
	return Target{
		Model: id.Model, Serial: id.Serial, WWN: id.WWN, Firmware: id.Firmware,
		Class: in.Device.Class, Transport: in.Device.Transport, Sectors: id.Sectors, Sector: id.LogicalSector,
		Asset: in.Asset,
	}
}

// newBuilder sets up the state of the drive. A locked one can be read and
// written only after a first step that lifts the lock; without one, nothing but
// the device's own commands is left.
func newBuilder(in Input, row rules.Row, m rules.MediumKind, hidden rules.Hidden) builder {
	b := builder{in: in, d: in.Device, medium: m, row: row, hidden: hidden}
	switch {
	case !unreadableByLock(b.d):
		b.canaries = b.marks()
	case unreadableTCG(b.d.Caps.TCG) && b.can(rules.TechTCGRevert):
		b.prefix = []PlannedStep{b.device(rules.TechTCGRevert)}
		b.d.Caps.TCG.Locked, b.d.Caps.TCG.MBRShadow, b.d.Caps.TCG.Present = support.No, support.No, support.No // reverted: not once more
	case b.d.Caps.ATA.SecurityLocked.IsYes():
		b.unlockByErase()
	}
	return b
}

// unlockByErase plans for a drive that an interrupted run may have left locked
// by the published password: that one is tried, once, and the erase run again.
func (b *builder) unlockByErase() {
	free := b.d
	free.Caps.ATA.SecurityLocked, free.Caps.ATA.SecurityEnabled = support.No, support.No
	for _, t := range []rules.Technique{rules.TechATAEraseEnhanced, rules.TechATAErase} {
		if (builder{in: b.in, d: free, medium: b.medium}).can(t) {
			b.prefix, b.d = []PlannedStep{b.device(t)}, free
			return
		}
	}
}

// fill completes a plan with the steps that were picked.
func (p *Plan) fill(b builder, steps []PlannedStep, best rules.Derivation) {
	p.Steps = append(p.Steps, steps...)
	p.Best = best
	if len(steps) > 0 {
		p.Canaries = b.canaries
	} else {
		p.Preparation = nil
	}
	for i, prep := range p.Preparation {
		if prep.Kind == PrepareSectorSize {
			p.Preparation[i].Estimate = b.estimate(PlannedStep{Technique: rules.TechSCSIFormat})
			p.Estimate += p.Preparation[i].Estimate
		}
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Reason, s.Citation = b.reason(p.Steps, i), b.citation(*s)
		s.Estimate = b.estimate(*s)
		if !s.Fallback {
			p.Estimate += s.Estimate
		}
		p.Verify = stronger(p.Verify, s.Verify)
	}
	p.Scope = b.scope(p.Steps)
	p.Rejected = b.rejected(p.Steps, best)
	p.settle(b, best)
}

func stronger(a, b rules.VerifyKind) rules.VerifyKind {
	rank := map[rules.VerifyKind]int{rules.VerifyCanaries: 1, rules.VerifySampled: 2, rules.VerifyFull: 3}
	if rank[b] > rank[a] {
		return b
	}
	return a
}

// settle says where the medium goes and what stays undone.
func (p *Plan) settle(b builder, best rules.Derivation) {
	switch best.Paper {
	case rules.PaperErasedRow2, rules.PaperErasedRow3:
		p.Disposition = DispositionRelease
	case rules.PaperStageA:
		p.Disposition = DispositionAwaitDestruction
	default:
		p.Disposition = DispositionKeepInside
	}
	if !reaches(best, b.target()) {
		p.Undone = append(p.Undone, unreached(b.target(), best.Reached))
		p.Undone = append(p.Undone, b.advice()...)
	}
	p.Undone = append(p.Undone, best.NotClaimed...)
	p.Prompt = p.prompt(b.in)
}

// refuse plans nothing for what is not a medium that software can erase. What
// only holds the drive at this moment (a mount, a swap) is Open's to refuse.
func (p *Plan) refuse(in Input) bool {
	refusals := devices.Refusals(in.Device, devices.Environment{})
	if devices.OddSector(in.Device) && !in.Preparable[PrepareSectorSize] && len(refusals) == 0 {
		refusals = append(refusals, *devices.Refuse(devices.CodeSectorFormat, in.Device, fmt.Sprint(in.Device.Identity.LogicalSector)))
	}
	for _, r := range refusals {
		d, ok := refusedFor[r.Code]
		if !ok {
			continue
		}
		r.Object = object(p.Target)
		p.Refusal, p.Disposition = &r, d
		p.Best = in.Pack.Derive(p.Row, rules.Facts{Medium: p.Medium, IdentityOwn: in.Device.IdentityProblem == "", IdentityHeld: true}, in.Policy)
		p.Undone = p.Best.NotClaimed[:min(1, len(p.Best.NotClaimed))]
		p.Prompt = p.prompt(in)
		return true
	}
	return false
}

// object names the medium without the kernel's name for it in this boot.
func object(t Target) string {
	switch {
	case t.Serial != "":
		return t.Model + " S/N " + t.Serial
	case t.Model != "":
		return t.Model
	}
	return string(t.Class)
}

// refusedFor are the refusals that concern the thing itself, and where it goes:
// either there is a way to the medium behind it, or it must be destroyed here.
var refusedFor = map[devices.Code]Disposition{
	devices.CodeOptical:           DispositionKeepInside,
	devices.CodeFloppy:            DispositionKeepInside,
	devices.CodeTape:              DispositionKeepInside,
	devices.CodeUFS:               DispositionKeepInside,
	devices.CodePmem:              DispositionKeepInside,
	devices.CodeZoned:             DispositionKeepInside,
	devices.CodeUnreadable:        DispositionKeepInside,
	devices.CodeSerialMissing:     DispositionKeepInside,
	devices.CodeSerialPlaceholder: DispositionKeepInside,
	devices.CodeLogical:           DispositionReachMedia,
	devices.CodeVirtual:           DispositionReachMedia,
	devices.CodeController:        DispositionReachMedia,
	devices.CodeNoIdentity:        DispositionReachMedia,
	devices.CodeNoMedium:          DispositionReachMedia,
	devices.CodeSectorFormat:      DispositionReachMedia,
	devices.CodeErasing:           DispositionUndecided, // not before its own erase has ended
}
