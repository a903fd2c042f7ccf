package wipe

import (
	"encoding/hex"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/rules"
)

// facts gathers what the run saw for rules.Derive. It adds no judgement: what
// was not seen stays unknown.
func (w *work) facts(held bool) rules.Facts {
	f := rules.Facts{
		Medium:       w.job.Plan.Medium,
		IdentityOwn:  w.job.Plan.Device.IdentityProblem == "",
		IdentityHeld: held,
		Hidden:       w.afterOpening(hidden(w.res.After.Hidden)),
		UserBytes:    w.res.After.Identity.CapacityBytes(),
		OtherParts:   OtherParts(w.job.Plan.Device),
		Canaries:     w.canaryFacts(),
		Keys:         w.job.Keys,
		Reallocated:  w.res.After.Health.Reallocated,
		Pending:      w.res.After.Health.Pending,
		Interrupted:  w.stop,
		Resumed:      w.job.Resume.times(),
		JournalGap:   w.gap || w.job.Gap,
		Errors:       w.res.Errors,
	}
	for _, s := range w.res.Steps {
		f.Steps = append(f.Steps, s.Step)
		f.Unwritten += unwritten(s)
		if s.Verification != nil {
			f.Unreadable += s.Verification.Unreadable
		}
	}
	return f
}

// unwritten counts the sectors that the last pass of a step did not reach.
// Earlier passes do not count: what the last one wrote is what is there.
func unwritten(s StepResult) uint64 {
	if len(s.Passes) == 0 {
		return 0
	}
	last := s.Passes[len(s.Passes)-1].Report
	return badSectors(last.BadRanges) + badSectors(last.NotDone)
}

func (w *work) canaryFacts() rules.Canaries {
	c := rules.Canaries{Planted: w.res.CanaryReport.Planted}
	if w.res.CanaryKey != (canary.Key{}) {
		c.Seed = hex.EncodeToString(w.res.CanaryKey[:])
	}
	switch {
	case w.job.Plan.Canaries <= 0:
		c.Reason = "the plan asks for none before the first step"
	case c.Planted == 0:
		c.Reason = "none could be written and read back"
	}
	return c
}

// hidden carries the drive's hidden areas over. A power cycle that is still
// needed means that the area is still there.
func hidden(h devices.HiddenAreas) rules.Hidden {
	word := func(s devices.HiddenState) rules.HiddenState {
		switch s {
		case devices.HiddenAbsent:
			return rules.HiddenAbsent
		case devices.HiddenOpened:
			return rules.HiddenOpened
		case devices.HiddenPresent, devices.HiddenPowerCycle:
			return rules.HiddenPresent
		}
		return rules.HiddenUnknown
	}
	return rules.Hidden{HPA: word(h.HPA), DCO: word(h.DCO), AMAC: word(h.AMAC)}
}
