package wipe

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/overwrite"
)

// Progress is how far an interrupted run had come, by its journal alone.
// A nil *Progress is a run that starts from the beginning.
type Progress struct {
	Drive  string        // serial
	Plan   Plan          // Device is not set: it belongs to the boot that made it
	Before devices.Facts // as recorded before the first write
	Times  uint64        // how often it was resumed before
	Closed bool          // the run came to its end; there is nothing to resume
	Marks  canary.Set    // canaries known to be planted
	Plant  canary.PlantReport
	Steps  []StepResult // finished, with everything the paper needs

	Opened []PreparationKind      // hidden areas that were opened
	Intent *journal.IntentPayload // the last act that has no result: what the drive may be doing
	Passes []PassResult           // finished passes of the unfinished step
	again  again                  // marks planted for the unfinished step
	step   string                 // name of the unfinished step; empty when there is none
	open   *openPass
	Errors []string // of the run so far
}

// openPass is the pass that was being written.
type openPass struct {
	index   int // from 0
	pass    overwrite.Pass
	flushed int64
}

// ErrNoPlan says that a journal ends before the run had a plan: nothing was
// written to any drive, and the run begins anew.
var ErrNoPlan = errors.New("the journal ends before a plan was recorded: nothing was written; begin the run anew")

// ReadProgress derives how far the run of this journal had come. A damaged
// journal never gets here: journal.Parse refuses it.
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
	switch rec.Type {
	case journal.TypePlan:
		return p.addPlan(rec.Payload)
	case journal.TypeIdentity:
		var v identityPayload
		err := json.Unmarshal(rec.Payload, &v)
		if p.Before.Identity.Serial == "" {
			p.Before = v.Facts
		}
		return err
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
	case journal.TypeResumed:
		p.Times++
	case journal.TypeClosed:
		p.Closed = true
	}
	return nil
}

func (p *Progress) addPlan(raw []byte) error {
	var v planPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if got := v.Plan.Hash(); got != v.Hash {
		return fmt.Errorf("the plan's hash is %s, recorded as %s", got, v.Hash)
	}
	if p.Drive != "" && p.Plan.Hash() != v.Hash {
		return errors.New("a second plan in one run")
	}
	p.Drive, p.Plan = v.Drive, v.Plan
	return nil
}

func (p *Progress) addIntent(raw []byte) error {
	var v journal.IntentPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent = &v
	if v.Step != p.step {
		p.step, p.Passes, p.open = v.Step, nil, nil
	}
	if v.Command != "overwrite pass" {
		return nil
	}
	var a passArgs
	if err := json.Unmarshal(v.Args, &a); err != nil {
		return err
	}
	pass, err := a.decode()
	if err != nil {
		return err
	}
	p.open = &openPass{index: a.Pass - 1, pass: pass, flushed: a.Start}
	return nil
}

// decode gives the pass that a recorded intent tells of.
func (a passArgs) decode() (overwrite.Pass, error) {
	b, err := hex.DecodeString(a.Key)
	if err != nil {
		return overwrite.Pass{}, fmt.Errorf("pass %d: key: %w", a.Pass, err)
	}
	if a.Kind == overwrite.Constant.String() {
		return overwrite.Pass{Kind: overwrite.Constant, Pattern: b}, nil
	}
	p := overwrite.Pass{Kind: overwrite.Random}
	if a.Kind != overwrite.Random.String() || len(b) != len(p.Key) {
		return p, fmt.Errorf("pass %d: %q with a key of %d bytes", a.Pass, a.Kind, len(b))
	}
	copy(p.Key[:], b)
	return p, nil
}

func (p *Progress) addProgress(raw []byte) error {
	var v journal.ProgressPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	if p.open != nil && v.Pass == p.open.index+1 && v.Offset > p.open.flushed {
		p.open.flushed = v.Offset
	}
	return nil
}

func (p *Progress) addCanary(raw []byte) error {
	var v canaryPayload
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent = nil
	if v.Plant == nil {
		return nil
	}
	key, err := hex.DecodeString(v.Key)
	if err != nil || len(key) != len(canary.Key{}) {
		return fmt.Errorf("canary key %q", v.Key)
	}
	p.Marks = canary.Set{Key: canary.Key(key)}
	if v.Error == "" {
		p.Marks.LBAs = planted(p.Marks.Key, v.Marks, v.Sectors, *v.Plant)
	}
	if v.Step == "canaries" {
		p.Plant = *v.Plant
	} else if v.Error == "" {
		p.again = again{v.Step, v.Plant.Planted}
	}
	return nil
}

// again is the marks that were planted once more before a step.
type again struct {
	step    string
	planted uint64
}

// replanted is how many marks were planted again before step i, when it is the
// unfinished one.
func (p *Progress) replanted(i int) (uint64, bool) {
	if !p.unfinished(i) || p.again.step != stepName(i) {
		return 0, false
	}
	return p.again.planted, true
}

// planted are the places of all marks but those that planting listed as bad.
func planted(key canary.Key, n int, sectors uint64, rep canary.PlantReport) []uint64 {
	bad := slices.Concat(rep.Unwritable, rep.Unreadable, rep.Wrong)
	slices.Sort(bad)
	return slices.DeleteFunc(key.Positions(n, sectors), func(lba uint64) bool {
		_, found := slices.BinarySearch(bad, lba)
		return found
	})
}

func (p *Progress) addResult(raw []byte) error {
	var v struct {
		Pass   *int              `json:"pass"`
		Kind   PreparationKind   `json:"kind"`
		Report *overwrite.Report `json:"report"`
		Done   *StepResult       `json:"done"`
		Error  string            `json:"error"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	p.Intent = nil
	switch {
	case v.Done != nil:
		p.Steps = append(p.Steps, *v.Done)
		p.step, p.Passes, p.open = "", nil, nil
	case v.Kind != "" && v.Error == "":
		p.Opened = append(p.Opened, v.Kind)
	case v.Pass != nil && v.Report != nil && v.Error == "" && p.open != nil:
		p.Passes = append(p.Passes, PassResult{p.open.pass, *v.Report})
		p.open = nil
	}
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

// unfinished reports whether step i is the one that was interrupted.
func (p *Progress) unfinished(i int) bool { return p != nil && p.step == stepName(i) }

// passes are the finished passes of step i, when it is the unfinished one.
func (p *Progress) passes(i int) []PassResult {
	if !p.unfinished(i) {
		return nil
	}
	return p.Passes
}

// unfinishedPass is what pass n of step i was writing and how far it is known
// to be on the medium.
func (p *Progress) unfinishedPass(i, n int) (overwrite.Pass, int64, bool) {
	if !p.unfinished(i) || p.open == nil || p.open.index != n {
		return overwrite.Pass{}, 0, false
	}
	return p.open.pass, p.open.flushed, true
}

// times is how often the run was resumed, this time included.
func (p *Progress) times() uint64 {
	if p == nil {
		return 0
	}
	return p.Times + 1
}

// passesDone is how many passes of step i are finished.
func (p *Progress) passesDone(i int) int { return len(p.passes(i)) }
