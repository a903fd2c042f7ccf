package session_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"testing"
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

const testSectors = 4096 // 2 MiB: room for 1,000 canaries

// bench is a station with drives and a stick.
type bench struct {
	t      *testing.T
	clock  *emulator.Clock
	sys    *emulator.System
	drives []*emulator.Drive
	ears   spy.System
	stick  *stick.Stick
	row    rules.Row
	stop   context.CancelFunc // ends the program, as a power cut does
}

func newBench(t *testing.T, params ...emulator.Params) *bench {
	t.Helper()
	b := &bench{t: t, clock: emulator.NewClock(emulator.Epoch), stick: stick.New("U1", 1), row: rules.Row3}
	var drives []*emulator.Drive
	for _, p := range params {
		if p.Sectors == 0 {
			p.Sectors = testSectors
		}
		p.Clock = b.clock
		d, err := emulator.New(p)
		if err != nil {
			t.Fatal(err)
		}
		d.Prefill()
		drives = append(drives, d)
	}
	b.drives = drives
	b.sys = emulator.NewSystem(drives...)
	b.ears = spy.System{System: b.sys}
	return b
}

// start is one start of the program, on the stick that is in.
func (b *bench) start() *session.Session {
	sleep := func(ctx context.Context, d time.Duration) error {
		b.clock.Advance(d)
		return ctx.Err()
	}
	pack := rules.Default()
	s := &session.Session{
		System: b.ears, Place: b.stick, Stick: b.stick.ID, Random: rand.Reader, Now: b.clock.Now,
		Mono:         func() time.Duration { return b.clock.Now().Sub(emulator.Epoch) },
		Runner:       &wipe.Runner{Pack: pack, Now: b.clock.Now, Random: rand.Reader, Sleep: sleep, CheckpointEvery: time.Millisecond, Chunk: 64 << 10, Depth: 1},
		JournalBytes: 512 << 10,
	}
	s.Base.Case = certs.CaseRef{ID: "R8-012", Nonce: "00ff"}
	s.Base.RulePack = certs.RulePackRef{ID: pack.ID, Hash: pack.Hash()}
	s.Base.Tool = certs.Tool{Name: "massho", Version: "test"}
	s.Issue = func(st certs.Statement, log []byte) ([]byte, error) {
		body, err := json.Marshal(paper{st, log})
		return slices.Concat([]byte("%PDF-"), body, []byte("%%EOF")), err
	}
	return s
}

// paper is what the test's papers hold.
type paper struct {
	Statement certs.Statement
	Log       []byte
}

func (b *bench) paper(number string) paper {
	b.t.Helper()
	data, err := b.stick.Load(evidence.DirRecords, number+".pdf")
	if err != nil {
		b.t.Fatal(err)
	}
	var p paper
	body := strings.TrimSuffix(strings.TrimPrefix(string(data), "%PDF-"), "%%EOF")
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bench) detect() []devices.Device {
	b.t.Helper()
	devs, err := b.sys.Detect(context.Background(), devices.DetectOptions{})
	if err != nil {
		b.t.Fatal(err)
	}
	return devs
}

// works plans every drive that is here.
func (b *bench) works() []session.Work {
	b.t.Helper()
	var works []session.Work
	for _, d := range b.detect() {
		in := wipe.Input{Pack: rules.Default(), Row: b.row, Device: d, Runnable: wipe.Runnable(), Preparable: wipe.Preparable()}
		p, err := wipe.NewPlan(in)
		if err != nil {
			b.t.Fatal(err)
		}
		works = append(works, session.Work{Plan: p, Classification: certs.Classification{Row: p.Row, By: certs.ByOperator}})
	}
	return works
}

// context is that of one start.
func (b *bench) context() context.Context {
	ctx, stop := context.WithCancel(b.t.Context())
	b.stop = stop
	return ctx
}

// cut takes the power of the whole station; the program is no more.
func (b *bench) cut() {
	b.stop()
	b.stick.PowerCut()
	b.sys.PowerCut()
}

// on is the next start.
func (b *bench) on() {
	b.stick.Before, b.ears.Before, b.ears.After = nil, nil, nil
	b.stick.PowerOn()
	b.sys.PowerOn()
}

// goOn resumes whatever is unfinished, and starts everything else anew.
func (b *bench) goOn() []session.Outcome {
	b.t.Helper()
	s := b.start()
	runs, damaged, err := session.FindUnfinished(b.stick)
	if err != nil {
		b.t.Fatal(err)
	}
	devs := b.detect()
	works, left := s.Resume(b.context(), runs, devs, devices.Environment{Present: devs})
	for _, l := range left {
		b.t.Fatalf("not resumed: %v", l.Err)
	}
	fresh := slices.DeleteFunc(b.works(), func(w session.Work) bool {
		return slices.ContainsFunc(works, func(r session.Work) bool { return r.Plan.Target.Serial == w.Plan.Target.Serial })
	})
	session.MarkPast(fresh, damaged)
	return s.Run(b.context(), append(works, fresh...))
}

// verified fails unless every outcome is verified, with a paper that agrees with
// its journal, and no original data within the host's reach.
func (b *bench) verified(outcomes []session.Outcome) {
	b.t.Helper()
	for _, o := range outcomes {
		if o.Err != nil || o.Result.Derivation.Outcome != rules.OutcomeVerified {
			b.t.Errorf("%s: %s, %v; errors %q, notes %q", o.Work.Plan.Target.Serial, o.Result.Derivation.Outcome, o.Err, o.Result.Errors, o.Result.Notes)
			continue
		}
		p := b.paper(o.Number)
		if p.Statement.Number != o.Number || p.Statement.Derivation.Outcome != rules.OutcomeVerified {
			b.t.Errorf("paper %s says %s, %s", o.Number, p.Statement.Number, p.Statement.Derivation.Outcome)
		}
	}
	if runs, damaged, err := session.FindUnfinished(b.stick); len(runs)+len(damaged) > 0 || err != nil {
		b.t.Errorf("left behind: %d unfinished, %d damaged, %v", len(runs), len(damaged), err)
	}
}
