package wipe

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/journal"
)

// Progress is how far an interrupted run had come, by its journal alone.
// A nil *Progress is a run that starts from the beginning.
type Progress struct {
	Drive    string        // serial
	Plan     Plan          // Device is not set: it belongs to the boot that made it
	Started  time.Time     // when the plan was recorded
	Before   devices.Facts // as recorded before the first write
	Times    uint64        // how often it was resumed before
	Closed   bool          // the run came to its end; there is nothing to resume
	InMemory int           // records made while the evidence medium was away
	Marks    canary.Set    // canaries known to be planted, last of all
	Plant    canary.PlantReport
	Steps    []StepResult // finished, with everything the paper needs

	Opened []PreparationKind      // hidden areas that were opened
	Cycled []PreparationKind      // those that a power cycle was asked for
	Intent *journal.IntentPayload // the last act that has no result: what the drive may be doing
	Passes []PassResult           // finished passes of the unfinished step
	Ended  *Ended                 // the run has its outcome; only the paper may be missing
	Errors []string               // of the run so far, after which it went on

	where       identityPayload
	again       again  // marks planted for the unfinished step
	taken       bool   // the device accepted the command of Intent
	step        string // name of the unfinished step; empty when there is none
	open        *openPass
	passwordSet bool // the unfinished step may have set our password
}

// Ended is a run that came to its outcome, by its journal.
type Ended struct{ recorded outcomePayload }

// ErrNoPlan says that a journal ends before the run had a plan: nothing was
// written to any drive, and the run begins anew.
var ErrNoPlan = errors.New("the journal ends before a plan was recorded: nothing was written; begin the run anew")

// ReadProgress derives how far the run of this journal had come. A damaged
// journal never gets here: journal.Parse refuses it. Records that contradict
// each other are an error, and nothing is resumed by them.
func ReadProgress(log *journal.Log) (*Progress, error) {
	p := &Progress{}
	for _, rec := range log.Records {
		if err := p.add(rec); err != nil {
			return nil, fmt.Errorf("resume: record %d (%s): %w", rec.Seq, rec.Type, err)
		}
	}
	if p.Drive == "" {
		return nil, fmt.Errorf("resume: %w", ErrNoPlan)
	}
	return p, nil
}

// add applies one record.
func (p *Progress) add(rec journal.Record) error {
	if rec.InMemory {
		p.InMemory++
	}
	if d := rec.Drive(); p.Drive != "" && d != "" && d != p.Drive {
		return fmt.Errorf("it is about drive %q, the run about %q", d, p.Drive)
	}
	switch rec.Type {
	case journal.TypePlan:
		return p.addPlan(rec)
	case journal.TypeIdentity:
		return p.addIdentity(rec.Payload)
	case journal.TypeIntent:
		return p.addIntent(rec.Payload)
	case journal.TypeProgress:
		return p.addProgress(rec.Payload)
	case journal.TypeCanary:
		return p.addCanary(rec.Payload)
	case journal.TypeResult:
		return p.addResult(rec.Payload)
	case journal.TypeVerify:
		p.Intent = nil
	case journal.TypeOutcome:
		return p.addOutcome(rec.Payload)
	case journal.TypeNote:
		return p.addNote(rec.Payload)
	case journal.TypeResumed:
		p.Times++
	case journal.TypeClosed:
		p.Closed = true
	}
	return nil
}

func (p *Progress) addPlan(rec journal.Record) error {
	var v planPayload
	if err := json.Unmarshal(rec.Payload, &v); err != nil {
		return err
	}
	if got := v.Plan.Hash(); got != v.Hash {
		return fmt.Errorf("the plan's hash is %s, recorded as %s", got, v.Hash)
	}
	switch {
	case v.Drive == "":
		return errors.New("a plan for no drive")
	case p.Drive != "":
		return errors.New("a second plan in one run")
	}
	p.Drive, p.Plan, p.Started = v.Drive, v.Plan, rec.Wall
	return nil
}

func (p *Progress) addIdentity(raw []byte) error {
	var v identityPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if p.Before.Identity.Serial == "" {
		p.Before, p.where = v.Facts, v
	}
	return nil
}

// addResult takes the result of a pass, of an opened area, or of a whole step.
func (p *Progress) addResult(raw []byte) error {
	var v struct {
		resultPayload
		passResult
		Kind       PreparationKind `json:"kind"`
		PowerCycle bool            `json:"powerCycle"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent = nil
	switch {
	case v.Done != nil:
		return p.addDone(*v.Done)
	case v.Kind != "":
		p.addPreparation(v.Kind, v.PowerCycle, v.Error)
	case v.Pass != nil && v.Report != nil && v.Error == "" && p.open != nil:
		p.Passes = append(p.Passes, PassResult{p.open.pass, *v.Report})
		p.open = nil
	}
	return nil
}

// addPreparation takes what came of opening a hidden area.
func (p *Progress) addPreparation(k PreparationKind, cycle bool, failed string) {
	if failed == "" && !slices.Contains(p.Opened, k) {
		p.Opened = append(p.Opened, k)
	}
	if cycle {
		p.Cycled = append(p.Cycled, k)
	}
}

func (p *Progress) addDone(s StepResult) error {
	if s.Index < 0 || s.Index >= len(p.Plan.Steps) || s.Technique != p.Plan.Steps[s.Index].Technique {
		return fmt.Errorf("step %d (%s) is not in the plan", s.Index+1, s.Technique)
	}
	if _, twice := p.finished(s.Index); twice {
		return fmt.Errorf("step %d is finished twice", s.Index+1)
	}
	p.Steps = append(p.Steps, s)
	p.step, p.Passes, p.open, p.passwordSet = "", nil, nil, false
	return nil
}

// addNote takes the notes that a resume rests on: the device accepted a command of
// its own, and goes on with it whatever happens here; an error that did not end
// the run. Other notes may hold anything.
func (p *Progress) addNote(raw []byte) error {
	var v struct {
		acceptedPayload
		Error string `json:"error"`
	}
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	p.taken = p.taken || v.Text == "accepted" && v.Step == p.step
	if v.Error != "" {
		p.Errors = append(p.Errors, v.Error)
	}
	return nil
}

// accepted reports whether the device took the command of step i, the unfinished
// one, before the interruption.
func (p *Progress) accepted(i int) bool { return p.unfinished(i) && p.taken }

// begun is accepted of whichever step was interrupted.
func (p *Progress) begun() bool { return p != nil && p.step != "" && p.taken }

func (p *Progress) addOutcome(raw []byte) error {
	var v outcomePayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent, p.Ended = nil, &Ended{v}
	return nil
}

// finished gives step i when it has all its results.
func (p *Progress) finished(i int) (StepResult, bool) {
	if p == nil {
		return StepResult{}, false
	}
	at := slices.IndexFunc(p.Steps, func(s StepResult) bool { return s.Index == i })
	if at < 0 {
		return StepResult{}, false
	}
	return p.Steps[at], true
}

// prepared reports whether a hidden area was opened before.
func (p *Progress) prepared(k PreparationKind) bool { return p != nil && slices.Contains(p.Opened, k) }

// cycled reports whether a power cycle was asked for because of a hidden area.
func (p *Progress) cycled(k PreparationKind) bool { return p != nil && slices.Contains(p.Cycled, k) }

// pastPreparation reports whether the run had come to its canaries or beyond.
func (p *Progress) pastPreparation() bool {
	return p != nil && (p.Marks.LBAs != nil || len(p.Steps) > 0 || p.step != "" && p.step != "prepare" && p.step != "settle")
}

// unfinished reports whether step i was begun and is not finished.
func (p *Progress) unfinished(i int) bool { return p != nil && p.step == stepName(i) }

// times is how often the run was resumed, this time included.
func (p *Progress) times() uint64 {
	if p == nil {
		return 0
	}
	return p.Times + 1
}
