package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// past is what the evidence place says of earlier runs.
type past struct {
	done    map[string]string // number of the paper, by serial
	begun   []session.Unfinished
	damaged []session.Damaged
}

// earlier reads the journals, or what was read of them before.
func (w *world) earlier() (*past, error) {
	w.mu.Lock()
	p := w.past
	w.mu.Unlock()
	if p != nil {
		return p, nil
	}
	place, err := evidence.Open(w.s.dir())
	if err != nil {
		return nil, err
	}
	p = &past{}
	if p.done, err = session.Done(place); err != nil {
		return nil, err
	}
	if p.begun, p.damaged, err = session.FindUnfinished(place); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.past = p
	return p, nil
}

// remark is what the list of drives says of a drive's past.
func (p *past) remark(d devices.Device) rules.Label {
	if p == nil {
		return rules.Label{}
	}
	for _, u := range p.begun {
		if u.Progress.Ended == nil && u.Progress.Matches(d) {
			return rules.Label{Ja: "中断した作業があります。選んで確認すると続きから再開します。", En: "An interrupted run: choose and confirm it to go on."}
		}
	}
	if n := p.done[d.Identity.Serial]; n != "" {
		return rules.Label{Ja: "この案件で処理済みです（" + n + "）。", En: "Done in this case already (" + n + ")."}
	}
	return rules.Label{}
}

// goOn puts runs that an earlier start left unfinished in the place of works that
// would begin the same drives anew, where both ask for the same row. A drive that
// starts over although there was a run says so on its paper.
func (w *world) goOn(ctx context.Context, s *session.Session, works []session.Work) error {
	runs, damaged, err := session.FindUnfinished(s.Place)
	if err != nil {
		return err
	}
	session.MarkPast(works, damaged)
	var present []devices.Device
	for _, work := range works {
		present = append(present, work.Plan.Device)
	}
	for i := range works {
		work := &works[i]
		for _, u := range runs {
			switch {
			case u.Progress.Ended != nil || !u.Progress.Matches(work.Plan.Device):
				continue
			case u.Progress.Plan.Row != work.Plan.Row:
				work.Notes = append(work.Notes, fmt.Sprintf("以前の中断した作業（%s）とは分類が異なるため引き継がず、最初からやり直した。", u.Header.Run))
				continue
			case work.Resume != nil:
				continue
			}
			resumed, left := s.Resume(ctx, []session.Unfinished{u}, present, w.s.environment(present))
			for _, l := range left {
				work.Notes = append(work.Notes, fmt.Sprintf("以前の中断した作業（%s）は引き継げず、最初からやり直した: %v", u.Header.Run, l.Err))
			}
			for _, r := range resumed {
				r.Confirmed = work.Confirmed
				*work = r
			}
		}
	}
	return nil
}

// latePapers issues the papers that runs of an earlier start lack. No drive is
// touched. What it comes to is said in the log and counts for the exit code.
func (w *world) latePapers() error {
	p, err := w.earlier()
	if err != nil {
		return err
	}
	var ended []session.Unfinished
	for _, u := range p.begun {
		if u.Progress.Ended != nil {
			ended = append(ended, u)
		}
	}
	for _, d := range p.damaged {
		w.said.add(fmt.Sprintf("記録が壊れています。引き継がず、そのまま残します: %s: %v", d.Copy, d.Err), fmt.Sprintf("a damaged journal is kept as it is: %s: %v", d.Copy, d.Err))
	}
	if len(ended) == 0 || len(w.active()) > 0 {
		return nil // while drives run, their own journals look unfinished
	}
	st, err := w.station(nil)
	if err != nil {
		return err
	}
	ctx := context.Background()
	works, left := st.session.Resume(ctx, ended, nil, devices.Environment{})
	w.runs.Add(1)
	w.open(st.session)
	defer func() { w.closed(st.session); w.runs.Done() }()
	var errs []error
	for _, l := range left {
		errs = append(errs, l.Err)
	}
	for _, o := range st.session.Run(ctx, works) {
		w.note(outcomeError(o))
		if o.Err != nil {
			errs = append(errs, o.Err)
			continue
		}
		w.said.add("欠けていた記録を保存しました: "+o.Number, "a paper that was missing is stored: "+o.Number)
	}
	return errors.Join(errs...)
}
