package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
)

// Why an unfinished run is not gone on with now.
var (
	ErrNotHere    = errors.New("the drive of this run is not here: plug it in and start again, or start it over without its journal")
	ErrTwice      = errors.New("several drives here answer with the identity of this run: unplug all but the right one")
	ErrOtherCase  = errors.New("the run is of another case: start the stick of that case")
	ErrOtherRules = errors.New("the run was planned with another rule pack or policy: start the stick that began it, or start the drive over")
	ErrSuperseded = errors.New("a later run of the same drive is unfinished too, and is gone on with instead")
)

// Left is an unfinished run that Resume did not take up, and why.
type Left struct {
	Unfinished Unfinished
	Err        error
}

// Resume makes the works that go on with unfinished runs. Each is matched with a
// drive among devs by what the medium says of itself, whatever PC it is in now; no
// interlock may speak against it. Its journal is opened on every copy, verified
// once more, and goes on with a record of the resumption. A run that has its
// outcome needs no drive: it gets the paper that is missing.
//
// Run carries the works out. Nothing is written to a drive before.
func (s *Session) Resume(ctx context.Context, runs []Unfinished, devs []devices.Device, env devices.Environment) ([]Work, []Left) {
	var works []Work
	var left []Left
	taken := map[string]bool{}
	for _, u := range newestFirst(runs) {
		w, err := s.resume(ctx, u, devs, env, taken)
		if err != nil {
			left = append(left, Left{u, fmt.Errorf("%s: %w", u.Drive, err)})
			continue
		}
		works = append(works, w)
	}
	return works, left
}

// newestFirst: of two unfinished runs of one drive the later one knows more.
func newestFirst(runs []Unfinished) []Unfinished {
	out := slices.Clone(runs)
	slices.SortStableFunc(out, func(a, b Unfinished) int { return -cmp.Compare(a.Header.Created, b.Header.Created) })
	return out
}

func (s *Session) resume(ctx context.Context, u Unfinished, devs []devices.Device, env devices.Environment, taken map[string]bool) (Work, error) {
	if err := ctx.Err(); err != nil {
		return Work{}, err
	}
	if err := s.sameRules(u); err != nil {
		return Work{}, err
	}
	p := *u.Progress
	w := Work{
		Plan: p.Plan, Classification: u.origin.Classification, Asset: u.origin.Asset, Host: u.origin.Host,
		Resume: &p, Gap: u.Gap, number: u.origin.Number,
	}
	w.Plan.Device = p.Device()
	if p.Ended == nil {
		if taken[u.Drive] {
			return Work{}, ErrSuperseded
		}
		d, err := match(u, devs, env)
		if err != nil {
			return Work{}, err
		}
		w.Plan.Device = d
		taken[u.Drive] = true
	}
	p.Plan = w.Plan
	log, err := s.reopen(u)
	if err != nil {
		return Work{}, err
	}
	w.Journal = log.w
	return w, s.renumber(&w, u.origin.Stick)
}

// renumber: a run that another stick of the case had begun gets a number of this
// one, which signs its paper. The other number is never given again.
func (s *Session) renumber(w *Work, begunOn string) error {
	if begunOn == s.Stick && w.number != "" {
		return nil
	}
	number, err := s.reserve()
	if err == nil {
		w.number = number
		_, err = w.Journal.Append(journal.TypeNote, s.origin(*w))
	}
	if err != nil {
		return errors.Join(err, s.forget(w.Journal))
	}
	return nil
}

// sameRules: a run goes on only under the case, rules and policy it was planned for.
func (s *Session) sameRules(u Unfinished) error {
	plan := u.Progress.Plan
	switch {
	case u.Header.Case != s.Base.Case.ID || u.Header.Nonce != s.Base.Case.Nonce:
		return fmt.Errorf("case %q, here %q: %w", u.Header.Case, s.Base.Case.ID, ErrOtherCase)
	case plan.RulePack.ID != s.Runner.Pack.ID || plan.RulePack.Hash != s.Runner.Pack.Hash():
		return fmt.Errorf("rule pack %s, here %s: %w", plan.RulePack.ID, s.Runner.Pack.ID, ErrOtherRules)
	case plan.PolicyID != s.Runner.Policy.ID:
		return fmt.Errorf("policy %q, here %q: %w", plan.PolicyID, s.Runner.Policy.ID, ErrOtherRules)
	}
	return nil
}

// match finds the drive of a run.
func match(u Unfinished, devs []devices.Device, env devices.Environment) (devices.Device, error) {
	var hits []devices.Device
	for _, d := range devs {
		if u.Progress.Matches(d) {
			hits = append(hits, d)
		}
	}
	if len(hits) > 1 { // namespaces and boot areas of one medium answer alike
		hits = slices.DeleteFunc(hits, func(d devices.Device) bool { return d.Identity.Sectors != u.Progress.Before.Identity.Sectors })
	}
	switch {
	case len(hits) == 0:
		return devices.Device{}, ErrNotHere
	case len(hits) > 1:
		return devices.Device{}, ErrTwice
	}
	for _, r := range devices.Refusals(hits[0], env) {
		if r.Code != devices.CodeErasing { // what our own run began, it waits for
			return devices.Device{}, &r
		}
	}
	return hits[0], nil
}

// reopen goes on with the journal on every whole copy, and makes a second one
// where there is only one left.
func (s *Session) reopen(u Unfinished) (*runLog, error) {
	l := &runLog{name: u.Header.Run.String(), drive: u.Drive, files: map[string]file{}, more: len(u.copies)}
	var stores []journal.Named
	add := func(name string, f file, st journal.Store) {
		f.store = st
		l.files[name] = f
		stores = append(stores, journal.Named{Name: name, Store: st})
	}
	for i, c := range u.copies {
		st, err := c.Place.OpenJournal(c.Folder, c.Name)
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		name := c.Folder
		if _, twice := l.files[name]; twice {
			name = fmt.Sprintf("%s@%d", c.Folder, i+1)
		}
		add(name, file{place: c.Place, folder: c.Folder, name: c.Name}, st)
	}
	if len(stores) == 1 {
		folder := otherFolder(u.copies[0].Folder)
		l.more++
		f := file{place: s.at(), folder: folder, name: fmt.Sprintf("%s-%d%s", l.name, l.more, evidence.JournalExt)}
		st, err := f.place.CreateJournal(folder, f.name, u.Header.Capacity)
		if err != nil {
			return nil, errors.Join(err, l.close())
		}
		add(folder, f, st)
	}
	w, _, err := journal.Resume(s.tool(), s.journalOptions(), stores...)
	if err != nil {
		return nil, errors.Join(err, l.close())
	}
	l.w = w
	s.logs.Store(w, l)
	return l, nil
}

func otherFolder(folder string) string {
	if strings.HasPrefix(folder, evidence.DirMirror) {
		return evidence.DirJournals
	}
	return evidence.DirMirror
}
