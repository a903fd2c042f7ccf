package wipe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// work is one run while it goes on. It belongs to one goroutine.
type work struct {
	*Runner
	job     Job
	conn    *guard
	drive   string
	buf     []byte // one sector, aligned
	marks   canary.Set
	current int  // index of the planned step being carried out
	stop    bool // ended before the plan did
	gap     bool // the journal lacks something
	res     Result

	recorded []int // steps that the journal tells in full
	inMemory int   // records made while the evidence medium was away
	pace     pace
	health   healthWatch
}

// Payloads of the records that a run writes itself.
type (
	planPayload struct {
		Drive string `json:"drive"`
		Hash  string `json:"hash"`
		Plan  Plan   `json:"plan"`
	}
	identityPayload struct {
		Drive    string        `json:"drive"`
		Facts    devices.Facts `json:"facts"`
		Location string        `json:"location,omitempty"`
		Siblings []string      `json:"siblings,omitempty"`
	}
	resultPayload struct {
		Drive  string           `json:"drive"`
		Step   string           `json:"step"`
		Status rules.StepStatus `json:"status"`
		Done   *StepResult      `json:"done,omitempty"` // the whole step, verified and checked
		Error  string           `json:"error,omitempty"`
	}
)

// durable appends a record that must be on the medium before the next act. When
// the medium is away it waits as Runner.Await does, and fails without one.
func (w *work) durable(ctx context.Context, typ journal.Type, payload any) error {
	_, err := w.job.Journal.Append(typ, payload)
	if err == nil {
		return nil
	}
	if !errors.Is(err, journal.ErrDetached) {
		return fmt.Errorf("%s: record %s: %w", w.drive, typ, err)
	}
	w.inMemory++
	if w.Await == nil {
		return fmt.Errorf("%s: record %s: %w (%w)", w.drive, typ, ErrEvidence, err)
	}
	w.say(Event{Phase: PhaseWaiting, Text: err.Error()})
	if err := w.Await(ctx, w.job.Journal); err != nil {
		return fmt.Errorf("%s: record %s: %w (%w)", w.drive, typ, ErrEvidence, err)
	}
	return nil
}

// intent records what is about to be done. Only after it returns nil may the
// act begin.
func (w *work) intent(ctx context.Context, step, command string, args any) error {
	raw, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("%s: intent %s: %w", w.drive, command, err)
	}
	return w.durable(ctx, journal.TypeIntent, journal.IntentPayload{Drive: w.drive, Step: step, Command: command, Args: raw})
}

// note appends a record of something that has happened already. It stays in
// memory while the medium is away, and the screen says so. A journal that
// refuses it outright becomes an error of the run, so that the paper cannot look
// complete.
func (w *work) note(typ journal.Type, payload any) {
	_, err := w.job.Journal.Append(typ, payload)
	switch {
	case err == nil:
	case errors.Is(err, journal.ErrDetached):
		w.inMemory++
		w.say(Event{Phase: PhaseWaiting, Text: err.Error()})
	default:
		w.gap = true
		w.fault(fmt.Errorf("%s: record %s: %w", w.drive, typ, err))
	}
}

// fault keeps an error for the paper. A run that a person stopped, or whose
// evidence medium did not come back, is no failure of the drive: it is
// interrupted, and says why.
func (w *work) fault(err error) {
	if interrupts(err) {
		w.stop = true
		w.res.PowerCycle = w.res.PowerCycle || errors.Is(err, ErrPowerCycle)
		w.res.Notes = append(w.res.Notes, err.Error())
		return
	}
	w.res.Errors = append(w.res.Errors, err.Error())
}

// faultPayload is an error that does not end the run.
type faultPayload struct {
	Drive string `json:"drive"`
	Error string `json:"error"`
}

// mishap keeps an error after which the run goes on, also over a power cut.
func (w *work) mishap(err error) {
	w.fault(err)
	if !interrupts(err) {
		w.note(journal.TypeNote, faultPayload{w.drive, err.Error()})
	}
}

// recheck reads the identity again: the quick look at every checkpoint. One
// answer that fails is asked for again; an unknown identity is not a held one.
func (w *work) recheck(ctx context.Context) error {
	id, err := w.conn.LookIdentity(ctx)
	if err != nil {
		id, err = w.conn.LookIdentity(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: identify again: %w", w.drive, err)
	}
	if same, field := w.res.Before.Identity.Same(id); !same {
		return fmt.Errorf("%s: %s differs: %w", w.drive, field, ErrExchanged)
	}
	w.res.Rechecks++
	return nil
}

// say tells the observer, with the fields that every event carries.
func (w *work) say(e Event) {
	if w.Observe == nil {
		return
	}
	e.Drive, e.Steps = w.drive, len(w.job.Plan.Steps)
	e.Head, e.Detached = journal.Code(w.job.Journal.Head()), !w.job.Journal.Durable()
	if e.TempC == nil {
		e.TempC = w.health.last
	}
	w.Observe(e)
}

// checkpointEvery is the pace of flush, identity and progress record.
func (w *work) checkpointEvery() time.Duration {
	if w.CheckpointEvery > 0 {
		return w.CheckpointEvery
	}
	return 10 * time.Second
}
