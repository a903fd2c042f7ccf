package campaign

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/campaign/spy"
	"github.com/massho/massho/wipe/campaign/stick"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

var (
	errPower = errors.New("campaign: the power failed")
	errFlush = errors.New("campaign: the drive refused to flush")
)

// maxStarts bounds one life: the schedule's cuts, power cycles that drives ask for,
// and a last day on which nothing happens.
const maxStarts = 12

// world is one schedule on its way.
type world struct {
	s         schedule
	clock     *emulator.Clock
	drive     *emulator.Drive
	bystander *emulator.Drive
	before    []emulator.Remnant // of the bystander
	sys       *emulator.System
	sticks    []*stick.Stick
	random    io.Reader
	serial    string

	start    int
	stop     context.CancelFunc
	dead     bool // the power is off; who still asks gets no answer
	driveOps int
	workOps  int
	stickOps int
	flushes  int
	writes   int
	lost     *stickFault // that is going on
	searches int
	worn     bool // a stick forgot what it had promised
	spoiled  bool // somebody changed a journal
	intents  intents

	sign     func(certs.Statement, []byte) ([]byte, error) // real papers; nil: what is on them, as JSON
	finished bool                                          // a paper of the drive was stored and its journal closed
	papers   int
	last     rules.Derivation
	best     *rules.Derivation // what the planner promised of a clean run
	seen     map[string]int    // what this life had in it, for the campaign's own coverage
	trace    hash.Hash
	wrong    []string
}

func newWorld(s schedule) (*world, error) {
	var key [32]byte
	copy(key[:], fmt.Sprintf("campaign %d", s.seed))
	w := &world{s: s, clock: emulator.NewClock(emulator.Epoch), random: rand.NewChaCha8(key), trace: sha256.New(), seen: map[string]int{}}
	s.params.Clock = w.clock
	var err error
	if w.drive, err = emulator.New(s.params); err != nil {
		return nil, err
	}
	if w.bystander, err = emulator.New(emulator.Params{Kind: emulator.HDD, Serial: "BYSTANDER", Sectors: 128, Clock: w.clock}); err != nil {
		return nil, err
	}
	w.drive.Prefill()
	w.bystander.Prefill()
	w.before = w.bystander.Remnants()
	w.serial = w.drive.Params().Serial
	w.sys = emulator.NewSystem(w.drive, w.bystander)
	w.sticks = []*stick.Stick{stick.New("U1", s.seed)}
	return w, nil
}

// violation notes what must never be.
func (w *world) violation(format string, args ...any) {
	w.wrong = append(w.wrong, fmt.Sprintf("start %d: ", w.start)+fmt.Sprintf(format, args...))
}

func (w *world) tell(format string, args ...any) { fmt.Fprintf(w.trace, format+"\n", args...) }

// live plays the whole schedule.
func (w *world) live() {
	for w.start = 0; w.start < maxStarts && !w.over(); w.start++ {
		w.powerOn()
		w.one()
		w.tell("start %d: drive %d stick %d clock %s dead %t", w.start, w.driveOps, w.stickOps, w.clock.Now().Sub(emulator.Epoch), w.dead)
		if !w.dead {
			w.cut() // the day ends; whatever is left goes on tomorrow
		}
	}
	w.powerOn()
	w.atTheEnd()
}

// over: nothing is planned any more, and the drive has its paper.
func (w *world) over() bool {
	last := 0
	for _, c := range w.s.cuts {
		last = max(last, c.start)
	}
	return w.finished || w.start > last+4
}

// powerOn is the next start of the station, after what happened in between.
func (w *world) powerOn() {
	for _, e := range w.s.between {
		if e.start == w.start {
			w.happen(e.kind)
		}
	}
	w.dead, w.driveOps, w.workOps, w.stickOps, w.lost, w.searches = false, 0, 0, 0, nil, 0
	for _, st := range w.sticks {
		st.Protect(false)
		st.Fill(false)
		st.Wear(false)
		st.PowerOn()
	}
	w.sys.PowerOn()
}

// happen is what somebody does while the power is off.
func (w *world) happen(kind string) {
	spoil := func(folder string) {
		w.spoiled, w.intents = true, intents{}
		for _, st := range w.sticks {
			for _, name := range st.List(folder) {
				st.Spoil(folder, name, func(d []byte) []byte { d[700] ^= 0x10; return d })
			}
		}
	}
	switch kind {
	case "moved":
		w.sys = emulator.NewSystem(w.bystander, w.drive)
		w.sys.SetHost(devices.Host{Vendor: "another", Serial: "PC2"})
	case "stranger":
		w.stranger()
	case "spoil one":
		spoil(evidence.DirJournals)
	case "spoil both":
		spoil(evidence.DirJournals)
		spoil(evidence.DirMirror)
	case "lose stick":
		w.sticks = append([]*stick.Stick{stick.New(fmt.Sprintf("U%d", len(w.sticks)+1), w.s.seed+uint64(len(w.sticks)))}, w.sticks...)
		w.spoiled, w.intents = true, intents{} // what only the lost one knew is not known here
		w.sticks = w.sticks[:1]
	}
}

// stranger puts another drive of the same kind in the drive's place for one start.
func (w *world) stranger() {
	p := w.s.params
	p.Serial, p.Faults, p.Clock, p.Seed = "STRANGER2", emulator.Faults{}, w.clock, w.s.seed+1
	if p.Kind == emulator.SD || p.Kind == emulator.EMMC {
		p.Serial = ""
	}
	if d, err := emulator.New(p); err == nil {
		d.Prefill()
		w.sys.Plug(0, d)
		w.bystander, w.before = d, d.Remnants()
		w.sys.Plug(1, w.drive)
	}
}

// cut takes the power of the whole station, and with it the program.
func (w *world) cut() {
	if w.dead {
		return
	}
	w.dead = true
	w.seen["power cut"]++
	if w.stop != nil {
		w.stop()
	}
	for _, st := range w.sticks {
		st.PowerCut()
	}
	w.sys.PowerCut()
}

// session is one start of the program.
func (w *world) session() *session.Session {
	sleep := func(ctx context.Context, d time.Duration) error {
		w.clock.Advance(d)
		return ctx.Err()
	}
	pack := rules.Default()
	first := w.sticks[0]
	for _, st := range w.sticks {
		st.Before = w.stickHook(st)
	}
	s := &session.Session{
		System: spy.System{System: w.sys, Before: w.hear, Lose: w.losing, After: w.after}, Place: first, Stick: first.ID, Random: w.random, Now: w.clock.Now,
		Mono: func() time.Duration { return w.clock.Now().Sub(emulator.Epoch) },
		Runner: &wipe.Runner{Pack: pack, Now: w.clock.Now, Random: w.random, Sleep: sleep, CheckpointEvery: 2 * time.Millisecond,
			Chunk: 128 << 10, Depth: 1, Budget: 20 * time.Minute},
		JournalBytes: 384 << 10, Search: w.search, Issue: w.issue,
	}
	s.Base.Case = certs.CaseRef{ID: "C", Nonce: "00"}
	s.Base.RulePack = certs.RulePackRef{ID: pack.ID, Hash: pack.Hash(), Edition: pack.Edition, Source: pack.Source}
	s.Base.Tool = certs.Tool{Name: "massho", Version: "campaign"}
	return s
}

// one is one start: unfinished runs go on, else the drive is planned anew.
func (w *world) one() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	w.stop = stop
	s := w.session()
	var places []session.Evidence
	for _, st := range w.sticks {
		places = append(places, st)
	}
	runs, damaged, err := session.FindUnfinished(places...)
	if err != nil {
		w.violation("find unfinished runs: %v", err)
		return
	}
	w.tell("%d unfinished, %d damaged", len(runs), len(damaged))
	devs, err := w.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		w.violation("detect: %v", err)
		return
	}
	works, left := s.Resume(ctx, runs, devs, devices.Environment{Present: devs})
	for _, l := range left {
		w.tell("left: %v", l.Err)
	}
	if len(works) == 0 && !w.finished {
		works = w.plan(devs)
		session.MarkPast(works, damaged)
	}
	for i := range works {
		if w.s.psid {
			works[i].PSID = w.drive.PSID()
		}
	}
	for _, o := range s.Run(ctx, works) {
		w.ended(o)
	}
}

// plan is what the planner says of the drive; or, where the schedule forces a
// technique, that one.
func (w *world) plan(devs []devices.Device) []session.Work {
	i := slices.IndexFunc(devs, func(d devices.Device) bool { return d.Identity.Serial == w.serial && !strings.Contains(d.Name, "boot") })
	if i < 0 {
		return nil
	}
	if r := devices.Refusals(devs[i], devices.Environment{Present: devs}); len(r) > 0 {
		w.tell("refused: %s", r[0].Code)
		return nil
	}
	category := categories[w.s.row]
	in := wipe.Input{Pack: rules.Default(), Category: &category, Device: devs[i], Runnable: wipe.Runnable(), Preparable: wipe.Preparable(),
		Sampled: w.s.sampled, PSID: w.s.psid, Accept: &wipe.Acceptance{Level: rules.Row3, By: "campaign"}}
	if w.s.keys {
		in.Keys = rules.KeyConditions{EncryptedFromFirstWrite: rules.AnswerYes, AllCopiesErasable: rules.AnswerYes, CommandIdentified: rules.AnswerYes}
	}
	p, err := wipe.NewPlan(in)
	if err != nil {
		w.violation("plan: %v", err)
		return nil
	}
	if w.s.technique != "" && p.Refusal == nil && p.Choice == nil {
		p = forced(p, w.s.technique, w.s.alone)
	}
	w.tell("plan %s: %d steps, refusal %t", p.ID(), len(p.Steps), p.Refusal != nil)
	w.best = &p.Best
	if p.Refusal != nil || p.Choice != nil || len(p.Steps) == 0 {
		return nil
	}
	return []session.Work{{Plan: p, Classification: certs.Classification{Category: category, Row: p.Row, By: certs.ByOperator}}}
}

// categories lead to each row of 図表41.
var categories = map[rules.Row]rules.Category{
	rules.Row1: {System: rules.SystemMyNumber, Confidentiality: rules.Conf3A, ResidentInfo: rules.AnswerYes},
	rules.Row2: {System: rules.SystemLGWAN, Confidentiality: rules.Conf2, ResidentInfo: rules.AnswerNo},
	rules.Row3: {System: rules.SystemInternet, Confidentiality: rules.Conf1, ResidentInfo: rules.AnswerNo},
}

// forced is a plan of that technique, alone or with the overwrite that the planner
// had put there behind it.
func forced(p wipe.Plan, t rules.Technique, alone bool) wipe.Plan {
	step := wipe.PlannedStep{Technique: t, Verify: rules.VerifyCanaries, Canaries: p.Canaries > 0}
	steps := []wipe.PlannedStep{step}
	for _, s := range p.Steps {
		if s.Technique == rules.TechOverwrite && !alone {
			s.Fallback = false
			steps = append(steps, s)
		}
	}
	p.Steps = steps
	return p
}

// ended notes what came of a work.
func (w *world) ended(o session.Outcome) {
	d := o.Result.Derivation
	w.tell("outcome %s reached %d basis %s paper %q number %q begun %t err %t errors %d notes %d", d.Outcome, d.Reached, d.Basis, d.Paper, o.Number, o.Begun, o.Err != nil, len(o.Result.Errors), len(o.Result.Notes))
	if w.dead {
		return // nobody saw it
	}
	if o.Work.Plan.Target.Serial != w.serial {
		w.violation("a run of %q, the job is %q", o.Work.Plan.Target.Serial, w.serial)
	}
	switch {
	case o.Err == nil:
		w.finished, w.last = true, d
		w.content(o)
	case errors.Is(o.Err, wipe.ErrPowerCycle), o.File == "":
		// Not over yet, or nothing is stored: the next start goes on.
	}
}

// issue judges a paper before it gives it out.
func (w *world) issue(st certs.Statement, excerpt []byte) ([]byte, error) {
	w.papers++
	w.judge(st, excerpt)
	if w.sign != nil {
		return w.sign(st, excerpt)
	}
	body, err := json.Marshal(st)
	if err != nil {
		return nil, err
	}
	w.tell("paper %s %s", st.Number, st.Journal.HeadHash)
	return slices.Concat([]byte("%PDF-"), body, []byte("%%EOF")), nil
}
