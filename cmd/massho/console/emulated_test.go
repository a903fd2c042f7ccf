package console

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/fbterm"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// bench is a world whose drives are emulated and whose runs are real, but for
// the papers.
type bench struct {
	*play
	sys *emulator.System
	dir string
}

func (b *bench) Detect(ctx context.Context) ([]Drive, error) {
	devs, err := b.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.devs = devs
	b.mu.Unlock()
	return b.play.Detect(ctx)
}

func (b *bench) Run(ctx context.Context, works []Confirmed, r Reports) error {
	var all sync.WaitGroup
	for i, c := range works {
		all.Go(func() {
			o := session.Outcome{Work: c.Work}
			o.Result, o.Err = b.one(ctx, i, c.Work, r.Event)
			o.Begun = o.Err == nil
			r.Done(o)
		})
	}
	all.Wait()
	return nil
}

func (b *bench) one(ctx context.Context, i int, w session.Work, observe wipe.Observer) (wipe.Result, error) {
	conn, err := b.sys.Open(ctx, w.Plan.Device)
	if err != nil {
		return wipe.Result{}, err
	}
	defer conn.Close()
	f, err := journal.CreateFile(filepath.Join(b.dir, fmt.Sprintf("%d.mjl", i)), 1<<20)
	if err != nil {
		return wipe.Result{}, err
	}
	h := journal.Header{Case: "R8-012", Stick: "U1", Run: journal.RunID{byte(i + 1)}, Tool: "test", Created: "2026-11-21T05:05:33Z", Capacity: 1 << 20}
	log, err := journal.Create(h, journal.Options{Now: b.Now, Monotonic: func() time.Duration { return 0 }}, journal.Named{Name: "EVIDENCE", Store: f})
	if err != nil {
		return wipe.Result{}, err
	}
	defer log.Close()
	run := wipe.Runner{Pack: b.facts.Pack, Policy: b.facts.Policy, Now: b.Now, Random: rand.Reader, Observe: observe}
	return run.Run(ctx, conn, wipe.Job{Plan: w.Plan, Keys: w.Plan.Keys, Journal: log})
}

// TestEmulatedDrives walks the flow with drives that are really erased, one of
// which has sectors that cannot be written.
func TestEmulatedDrives(t *testing.T) {
	var drives []*emulator.Drive
	for i, p := range []emulator.Params{
		{Kind: emulator.HDD, Serial: "EMU-HDD-0001"}, {Kind: emulator.SSD, Serial: "EMU-SSD-0002"}, {Kind: emulator.NVMe, Serial: "EMU-NVME-0003"},
		{Kind: emulator.HDD, Serial: "EMU-BAD-0004", ATA: emulator.ATAFeatures{Bare: true},
			Faults: emulator.Faults{WriteErrors: []emulator.Range{{First: 100, Count: 3}}}},
	} {
		p.Sectors, p.Seed = 8192, uint64(i)
		d, err := emulator.New(p)
		if err != nil {
			t.Fatal(err)
		}
		d.Prefill()
		drives = append(drives, d)
	}
	w := newPlay()
	w.facts.Signed = false
	b := &bench{w, emulator.NewSystem(drives...), t.TempDir()}
	s := sit(t, w)
	s.m = New(t.Context(), b, "ja")
	s.do(s.m.Init())
	s.press("enter", "1", "enter").at(atDrives).press("a", "enter")
	for _, d := range drives {
		s.at(atCategory).press("2", "enter", "5", "enter").at(atPlan).press("enter").at(atConfirm)
		serial := d.Params().Serial
		s.press(serial[len(serial)-s.need():], "enter")
	}
	s.at(atResults)
	want := map[string]rules.Outcome{"EMU-HDD-0001": rules.OutcomeVerified, "EMU-SSD-0002": rules.OutcomeVerified,
		"EMU-NVME-0003": rules.OutcomeVerified, "EMU-BAD-0004": rules.OutcomeFailed}
	for _, o := range s.m.outcomes() {
		serial := o.Work.Plan.Target.Serial
		if got := o.Result.Derivation.Outcome; got != want[serial] {
			t.Errorf("%s: %s, want %s: %v %v", serial, got, want[serial], o.Err, o.Result.Derivation.Reasons)
		}
		delete(want, serial)
	}
	if len(want) > 0 {
		t.Errorf("no outcome of %v", want)
	}
	all, log := s.m.feed.snapshot()
	for _, d := range all {
		if d.last.Head == "" || d.last.Phase != wipe.PhaseDone {
			t.Errorf("%s: last event %+v", d.last.Drive, d.last)
		}
	}
	if len(log) < 4*3 {
		t.Errorf("only %d lines in the log", len(log))
	}
	if text := s.m.Render(Canvas{Cols: 80, Rows: 40}); !strings.Contains(text, "検証済み 3台") {
		t.Errorf("tally:\n%s", text)
	}
}

// BenchmarkFrame is one renewal of the busiest screen on the framebuffer, all
// 23 clocks moving: times four a second it must stay under 5 % of a core.
func BenchmarkFrame(b *testing.B) {
	s := sit(b, newPlay(fleet()...))
	working(s, 23)
	c := canvases[1]
	scr, err := fbterm.NewScreen(c.Cols, c.Rows)
	if err != nil {
		b.Fatal(err)
	}
	defer scr.Close()
	for b.Loop() {
		s.tick(250 * time.Millisecond)
		if _, err := io.WriteString(scr, "\x1b[H"+strings.ReplaceAll(s.m.Render(c.Canvas), "\n", "\r\n")); err != nil {
			b.Fatal(err)
		}
	}
}
