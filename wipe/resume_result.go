package wipe

import (
	"slices"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// Result is the run as its journal tells it, when it came to an outcome: all that
// its paper needs. The outcome is derived again by the caller's pack and policy
// only for the prompt; what was recorded stands.
func (p *Progress) Result(pack *rules.Pack, policy rules.Policy) (Result, bool) {
	if p == nil || p.Ended == nil {
		return Result{}, false
	}
	o := p.Ended.recorded
	r := Result{
		Plan: p.Plan, Started: o.Started, Ended: o.Ended, Before: p.Before, After: o.After, Rechecks: o.Rechecks,
		Opened: p.Opened, Prepared: o.Prepared, Notes: o.Notes, CanaryKey: p.Marks.Key, CanaryReport: p.Plant,
		Errors: o.Facts.Errors, Facts: o.Facts, Derivation: o.Derivation,
	}
	r.Steps = append(slices.Clone(p.Steps), o.Unfinished...)
	slices.SortStableFunc(r.Steps, func(a, b StepResult) int { return a.Index - b.Index })
	r.Prompt = p.Plan.promptAfter(o.Derivation, pack, policy)
	return r, true
}

// Device is the drive as the journal tells it, for a paper that is issued without
// the drive being here.
func (p *Progress) Device() devices.Device {
	return devices.Device{
		Class: p.Plan.Target.Class, Transport: p.Plan.Target.Transport, Location: p.where.Location, Siblings: p.where.Siblings,
		Identity: p.Before.Identity, Caps: p.Before.Caps, Health: p.Before.Health, Hidden: p.Before.Hidden,
	}
}

// Matches reports whether the run was about this device, by what the medium says
// of itself.
func (p *Progress) Matches(d devices.Device) bool {
	same, _ := p.Before.Identity.Same(d.Identity)
	return same && d.IdentityProblem == "" && !d.Unreadable
}
