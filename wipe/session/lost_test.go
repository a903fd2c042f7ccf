package session_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/campaign/stick"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// lost is one way of losing the evidence medium in mid-run, and of getting one back.
type lost struct {
	name string
	lose func(*stick.Stick)
	back func(*bench) session.Evidence
}

func another(*bench) session.Evidence { return stick.New("U2", 2) }

var waysToLose = []lost{
	{"pulled and put back", (*stick.Stick).Pull, func(b *bench) session.Evidence { b.stick.Plug(); return b.stick }},
	{"pulled, another stick of the case", (*stick.Stick).Pull, another},
	{"write-protected and freed", func(s *stick.Stick) { s.Protect(true) }, func(b *bench) session.Evidence { b.stick.Protect(false); return b.stick }},
	{"write-protected, another stick", func(s *stick.Stick) { s.Protect(true) }, another},
	{"pulled, an old copy comes back", (*stick.Stick).Pull, func(b *bench) session.Evidence {
		for _, folder := range []string{evidence.DirJournals, evidence.DirMirror} {
			b.stick.Plug()
			names, _ := b.stick.Names(folder)
			b.stick.Spoil(folder, names[0], func(d []byte) []byte { clear(d[4*journal.FrameSize:]); return d })
		}
		return b.stick
	}},
}

// What runs goes on with its record in memory; no new step starts, no password is
// set, the screen is told at once, and the paper tells it.
func TestEvidenceLost(t *testing.T) {
	security := emulator.Params{Kind: emulator.HDD, Serial: "EMU000000001", ATA: emulator.ATAFeatures{Bare: true, Security: true, Enhanced: true, EnhancedEraseTime: 4 * time.Minute}}
	for _, drive := range []struct {
		name   string
		params emulator.Params
		row    rules.Row
		during string // the request during which the stick is lost
		nth    int
	}{
		{"in the first of two passes", emulator.Params{Kind: emulator.SSD, Serial: "EMU000000001"}, rules.Row3, "write", 1010},
		{"before a password is set", security, rules.Row2, "write", 500},
		{"in the last reading back", emulator.Params{Kind: emulator.SSD, Serial: "EMU000000001"}, rules.Row3, "read", 1020},
	} {
		for _, way := range waysToLose {
			t.Run(drive.name+"/"+way.name, func(t *testing.T) {
				b := newBench(t, drive.params)
				b.row = drive.row
				away, count, searched, loud := false, 0, 0, false
				b.ears.After = func(o opOf, err error) error {
					if o.Name == drive.during {
						if count++; count == drive.nth {
							way.lose(b.stick)
							away = true
						}
					}
					return err
				}
				b.ears.Before = func(o opOf) error {
					// A pass that runs goes on; nothing else begins.
					if away && o.Changes() && (o.Name != "write" || o.Offset == 0) {
						t.Errorf("%s at %d while the evidence medium is away", o.Name, o.Offset)
					}
					return nil
				}
				s := b.start()
				s.Search = func(context.Context) (session.Evidence, error) {
					if searched++; searched < 4 {
						return nil, evidence.ErrMissing
					}
					away = false
					return way.back(b), nil
				}
				s.Runner.Observe = func(e wipe.Event) { loud = loud || e.Detached && e.Phase == wipe.PhaseWaiting }
				out := s.Run(b.context(), b.works())
				if o := out[0]; o.Err != nil || o.Result.Derivation.Outcome != rules.OutcomeVerified {
					t.Fatalf("%s, %v; errors %q", o.Result.Derivation.Outcome, o.Err, o.Result.Errors)
				}
				if searched < 4 || !loud {
					t.Errorf("searched %d times, the screen was told: %t", searched, loud)
				}
				if !strings.Contains(out[0].File, out[0].Number) || !strings.Contains(fmt.Sprint(out[0].Result.Notes), "記録用USBが使えない間") {
					t.Errorf("file %q, notes %q", out[0].File, out[0].Result.Notes)
				}
			})
		}
	}
}

// The stick fails only when the paper is to be stored.
func TestEvidenceLostBeforeThePaper(t *testing.T) {
	for _, tc := range []struct {
		name string
		lose func(*stick.Stick)
		want error
	}{
		{"full", func(s *stick.Stick) { s.Fill(true) }, evidence.ErrFull},
		{"write-protected", func(s *stick.Stick) { s.Protect(true) }, evidence.ErrReadOnly},
		{"pulled", (*stick.Stick).Pull, evidence.ErrMissing},
		{"worn out", func(s *stick.Stick) { s.Wear(true) }, evidence.ErrReadBack},
	} {
		for _, rescue := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/%t", tc.name, rescue), func(t *testing.T) {
				b := newBench(t, hdd("EMU000000001"))
				second := stick.New("U2", 2)
				s := b.start()
				issue := s.Issue
				s.Issue = func(st statement, log []byte) ([]byte, error) {
					tc.lose(b.stick)
					return issue(st, log)
				}
				if rescue {
					s.Search = func(context.Context) (session.Evidence, error) { return second, nil }
				} else {
					s.Patience = time.Minute
				}
				o := s.Run(b.context(), b.works())[0]
				if !rescue {
					if !errors.Is(o.Err, tc.want) || o.File != "" {
						t.Errorf("file %q, %v; want %v", o.File, o.Err, tc.want)
					}
					return
				}
				if o.Number != "R8-012-U1-0001" || o.File != second.Path(evidence.DirRecords, o.Number+".pdf") {
					t.Errorf("number %q, file %q, %v", o.Number, o.File, o.Err)
				}
				// A worn stick still takes the journal's last record, and loses it:
				// the run is not called stored.
				if (tc.name == "worn out") != errors.Is(o.Err, evidence.ErrReadBack) {
					t.Errorf("%v", o.Err)
				}
			})
		}
	}
}

// Somebody who stops while the stick is away is not kept waiting: the run ends as
// interrupted, and the error says that nothing was stored.
func TestStopWhileTheEvidenceIsAway(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "EMU000000001"})
	b.ears.After = func(o opOf, err error) error {
		if o.Name == "write" && o.Len > 512 {
			b.stick.Pull()
		}
		return err
	}
	s := b.start()
	ctx, stop := context.WithCancel(t.Context())
	b.stop = stop
	s.Search = func(context.Context) (session.Evidence, error) {
		stop()
		return nil, evidence.ErrMissing
	}
	o := s.Run(ctx, b.works())[0]
	if o.Result.Derivation.Outcome != rules.OutcomeInterrupted || !errors.Is(o.Err, journal.ErrDetached) || o.File != "" {
		t.Errorf("%s, file %q, %v", o.Result.Derivation.Outcome, o.File, o.Err)
	}
	// The journal has no end on the stick: the next start finds it.
	b.cut()
	b.on()
	b.verified(b.goOn())
}

// Without room nothing is begun.
func TestFullPlaceBeginsNothing(t *testing.T) {
	b := newBench(t, hdd("EMU000000001"))
	b.stick.Fill(true)
	touched := false
	b.ears.Before = func(o opOf) error { touched = touched || o.Changes(); return nil }
	o := b.start().Run(b.context(), b.works())[0]
	if o.Begun || !errors.Is(o.Err, evidence.ErrFull) || touched {
		t.Errorf("begun %t, touched %t, %v", o.Begun, touched, o.Err)
	}
}

// A stick that took a record over in mid-run goes on with it alone after a power
// cut, under a number of its own, for it signs the paper.
func TestAnotherStickGoesOn(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.SSD, Serial: "EMU000000001"})
	second := stick.New("U2", 2)
	writes := 0
	b.ears.After = func(o opOf, err error) error {
		if o.Name == "write" && o.Len > 512 {
			switch writes++; writes {
			case 5:
				b.stick.Pull()
			case 40: // in the second pass, whose intent is on the second stick
				b.cut()
				second.PowerCut()
			}
		}
		return err
	}
	s := b.start()
	s.Search = func(context.Context) (session.Evidence, error) { return second, nil }
	s.Run(b.context(), b.works())
	b.stick = second
	b.on()
	out := b.goOn()
	b.verified(out)
	if o := out[0]; o.Number != "R8-012-U2-0001" || o.Result.Facts.Resumed != 1 {
		t.Errorf("number %q, resumed %d", o.Number, o.Result.Facts.Resumed)
	}
}
