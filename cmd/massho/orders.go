package main

import (
	"errors"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// planner makes the work of one drive from what the case, or else the operator,
// said of it. It touches nothing.
type planner struct {
	pack     *rules.Pack
	c        loadedCase
	host     devices.Host
	category *rules.Category // from the operator; nil: only the case may say
	accept   *wipe.Acceptance
	psids    psids
}

// work plans one drive.
func (p planner) work(d devices.Device) (session.Work, error) {
	w := session.Work{Host: certs.Machine{}}
	assigned, inRoster := session.Assign(p.c.Case, p.host, d)
	category, by := p.category, certs.ByOperator
	if inRoster && p.c.Signed {
		category, by = p.stricter(assigned.Category), certs.ByCase
	}
	if inRoster {
		w.Asset, w.Host = assigned.AssetOf(), assigned.HostOf()
	}
	if category == nil {
		return w, errCategory(d.Identity.Serial)
	}
	row, notes, err := p.pack.Classify(*category, p.c.policy())
	if err != nil {
		return w, coded{exitCategoryMissing, err}
	}
	w.Classification = certs.Classification{Category: *category, Row: row, By: by, Signed: by == certs.ByCase}
	for _, n := range notes {
		w.Classification.Notes = append(w.Classification.Notes, n.Ja)
	}
	w.Plan, err = wipe.NewPlan(wipe.Input{
		Pack: p.pack, Policy: p.c.policy(), Category: category, Device: d, Asset: w.Asset.Number,
		Runnable: wipe.Runnable(), Preparable: wipe.Preparable(), Accept: p.accept, PSID: p.psids.of(d) != "",
	})
	w.PSID = p.psids.of(d)
	return w, err
}

// stricter is the case's category, or the operator's where that one leads to a
// stricter row: the console may only be stricter than the case.
func (p planner) stricter(fromCase rules.Category) *rules.Category {
	if p.category == nil {
		return &fromCase
	}
	caseRow, _, err1 := p.pack.Classify(fromCase, p.c.policy())
	hereRow, _, err2 := p.pack.Classify(*p.category, p.c.policy())
	if err1 == nil && err2 == nil && hereRow < caseRow {
		return p.category
	}
	return &fromCase
}

// runnable says why a plan may not be run as it is: a thing that is no medium, or
// a choice that a person must make first.
func runnable(p wipe.Plan) error {
	switch {
	case p.Refusal != nil:
		return p.Refusal
	case p.Choice != nil:
		return coded{exitChoiceNeeded, bilingual{p.Target.Serial + ": " + p.Choice.Why.Ja, p.Target.Serial + ": " + p.Choice.Why.En}}
	case len(p.Steps) == 0:
		return coded{exitNotPlannable, errors.New(p.Target.Serial + ": nothing that this program can run here would erase it: destroy it inside the 庁舎")}
	}
	return nil
}
