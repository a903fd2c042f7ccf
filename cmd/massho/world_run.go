package main

import (
	"context"
	"errors"
	"sync"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/certs/missing"
	"github.com/massho/massho/cmd/massho/console"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// station makes a session with the clock and the people of now. A run keeps those
// that it began with.
func (w *world) station(works []session.Work) (*station, error) {
	w.setup.Lock()
	defer w.setup.Unlock()
	st, err := w.quiet().stationFor(works)
	if err != nil {
		return nil, err
	}
	st.session.Base.Persons = w.people
	if w.sleep != nil {
		st.session.Runner.Sleep = w.sleep
	}
	return st, nil
}

// Run runs each work by itself, so that each can be stopped by itself.
func (w *world) Run(ctx context.Context, confirmed []console.Confirmed, r console.Reports) error {
	w.runs.Add(1)
	defer w.runs.Done()
	works := make([]session.Work, len(confirmed))
	for i, c := range confirmed {
		works[i] = c.Work
		works[i].Confirmed = words(c)
	}
	st, err := w.station(works)
	if err == nil {
		err = w.goOn(ctx, st.session, works)
	}
	if err != nil {
		w.note(err)
		return err
	}
	st.session.Runner.Observe = r.Event
	w.open(st.session)
	defer w.closed(st.session)
	var all sync.WaitGroup
	for _, work := range works {
		all.Go(func() { r.Done(w.one(ctx, st.session, work)) })
	}
	all.Wait()
	return nil
}

// one runs a single drive until it has ended or was stopped.
func (w *world) one(ctx context.Context, s *session.Session, work session.Work) session.Outcome {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	serial := work.Plan.Target.Serial
	w.mu.Lock()
	w.stops[serial] = stop
	w.mu.Unlock()
	o := s.Run(ctx, []session.Work{work})[0]
	w.mu.Lock()
	delete(w.stops, serial)
	w.mu.Unlock()
	w.note(outcomeError(o))
	return o
}

// words are a work's confirmations as the journal keeps them.
func words(c console.Confirmed) (out []session.Confirmation) {
	for _, x := range c.By {
		out = append(out, session.Confirmation{
			Drive: c.Work.Plan.Target.Serial, Person: x.Person.ID, Role: x.Person.Role, OffRoster: x.Person.OffRoster, Typed: x.Typed, At: x.At,
		})
	}
	return out
}

// Unattended runs what the signed case names by serial, as the plain lines do.
func (w *world) Unattended(ctx context.Context, r console.Reports) error {
	devs, err := w.s.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return err
	}
	done, err := w.s.done()
	if err != nil {
		return err
	}
	plain := w.quiet()
	works, left := plain.worksOfCase(plain.plan, plain.named(devs, plain.environment(devs), done))
	if len(works) == 0 {
		return errors.Join(left...)
	}
	var all []console.Confirmed
	for _, work := range works {
		all = append(all, console.Confirmed{Drive: console.Drive{Device: work.Plan.Device}, Work: work})
	}
	return errors.Join(append(left, w.Run(ctx, all, r))...)
}

func (w *world) Stop(serial string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	stop, ok := w.stops[serial]
	if !ok {
		return fail(exitError, serial+": 実行中ではありません。", serial+": it is not running.")
	}
	stop()
	return nil
}

// challengePayload is a word that the supervisor asked for.
type challengePayload struct {
	Drive string `json:"drive"`
	Word  string `json:"word"`
}

func (w *world) Challenge(_ context.Context, word string) error {
	n := 0
	for _, s := range w.active() {
		k, err := s.Record(journal.TypeChallenge, func(h session.Head) any { return challengePayload{h.Drive, word} })
		if err != nil {
			return err
		}
		n += k
	}
	if n == 0 {
		return fail(exitError, "開いている記録がないため、合言葉は記録されていません。媒体の実行中にもう一度入力してください。",
			"No journal is open, so the word is not recorded. Type it again while a drive runs.")
	}
	return nil
}

// RecordMissing stores the media that are not here as massho-office collects them.
func (w *world) RecordMissing(_ context.Context, media []console.Missing) error {
	st, err := w.station(nil)
	if err != nil {
		return err
	}
	by := ""
	if people := st.session.Base.Persons; len(people) > 0 {
		by = people[0].ID
	}
	note := missing.New(by)
	for _, m := range media {
		note.Media = append(note.Media, missing.Medium{Asset: m.Asset, Serial: m.Serial, Count: max(1, m.Count), Reason: missing.Reason(m.Reason)})
	}
	if err := st.session.RecordMissing(note); err != nil {
		return err
	}
	for _, m := range note.Media {
		w.said.add("見当たらない媒体: "+m.Asset+" "+m.Serial+" "+m.Reason.Label().Ja, "missing: "+m.Asset+" "+m.Serial+" "+m.Reason.Label().En)
	}
	return nil
}

// after is what the case's word for it is of the console's end.
func after(end console.End) string {
	if end == console.EndPowerOff {
		return cases.AfterPowerOff
	}
	return cases.AfterShell
}

// label is a sentence in both languages.
func label(ja, en string) rules.Label { return rules.Label{Ja: ja, En: en} }
