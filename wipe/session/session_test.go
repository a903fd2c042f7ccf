package session_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

var errCut = errors.New("the power failed")

func hdd(serial string) emulator.Params { return emulator.Params{Kind: emulator.HDD, Serial: serial} }

func TestRun(t *testing.T) {
	b := newBench(t, hdd("EMU000000001"), emulator.Params{Kind: emulator.SSD, Serial: "EMU000000002"}, emulator.Params{Kind: emulator.NVMe, Serial: "EMU000000003"})
	told := map[string]bool{}
	s := b.start()
	s.Done = func(o session.Outcome) { told[o.Number] = true }
	out := s.Run(b.context(), b.works())
	b.verified(out)
	for _, o := range out {
		if !told[o.Number] || !strings.HasPrefix(o.Number, "R8-012-U1-") {
			t.Errorf("outcome %q was not told", o.Number)
		}
	}
	if len(told) != 3 {
		t.Errorf("numbers %v: want three different ones", told)
	}
}

// The power fails at every single moment of a run at which something is written to
// the stick or to the drive; the next start goes on and ends Verified.
func TestResumeFromEveryMoment(t *testing.T) {
	for _, ear := range []string{"stick", "drive"} {
		t.Run(ear, func(t *testing.T) {
			for n := 1; ; n += stride {
				if !cutAt(t, ear, n) {
					t.Logf("%d moments", n-1)
					if n < 20 {
						t.Errorf("only %d moments were seen", n)
					}
					return
				}
			}
		})
	}
}

// cutAt runs a drive, cuts the power at the n-th moment, goes on, and reports
// whether that moment came.
func cutAt(t *testing.T, ear string, n int) (came bool) {
	b := newBench(t, hdd("EMU000000001"))
	count := 0
	tick := func() error {
		if count++; count < n {
			return nil
		} else if count == n {
			b.cut()
		}
		came = true
		return errCut
	}
	switch ear {
	case "stick":
		b.stick.Before = func(op string) error {
			switch op {
			case "write", "sync", "create", "reserve", "store", "stored", "rename":
				return tick()
			}
			return nil
		}
	case "drive":
		b.ears.After = func(o opOf, err error) error {
			// Every request that changes something, and every tenth of the others.
			if o.Changes() && o.Len != 512 || o.Name == "flush" || o.Offset%(51<<10) == 0 {
				return errors.Join(err, tick())
			}
			return err
		}
	}
	out := b.start().Run(b.context(), b.works())
	if !came {
		b.verified(out)
		return false
	}
	b.on()
	out = b.goOn()
	if len(out) == 0 {
		return true // the cut came after the journal was closed
	}
	if o := out[0]; o.Work.Resume != nil && o.Work.Resume.Ended == nil && o.Result.Facts.Resumed != 1 {
		t.Errorf("%s %d: resumed %d times", ear, n, o.Result.Facts.Resumed)
	}
	b.verified(out)
	if t.Failed() {
		t.Fatalf("%s: cut at moment %d", ear, n)
	}
	return true
}

// A power cut between outcome and closing record: the next start stores the paper
// that is missing, under the number that was reserved, once.
func TestPaperOnly(t *testing.T) {
	for _, op := range []string{"store", "stored", "rename"} {
		for seed := range 6 {
			t.Run(fmt.Sprintf("%s/%d", op, seed), func(t *testing.T) {
				b := newBench(t, hdd("EMU000000001"))
				for range seed {
					b.stick.PowerCut() // another state of the generator
					b.stick.PowerOn()
				}
				b.stick.Before = func(got string) error {
					if got == op {
						b.cut()
						return errCut
					}
					return nil
				}
				if out := b.start().Run(b.context(), b.works()); out[0].Err == nil {
					t.Fatal("a paper was stored without power")
				}
				b.on()
				touched := false
				b.ears.Before = func(opOf) error { touched = true; return nil }
				out := b.goOn()
				b.verified(out)
				if touched || len(out) != 1 || out[0].Number != "R8-012-U1-0001" {
					t.Errorf("touched %t, %d outcomes, number %q", touched, len(out), out[0].Number)
				}
			})
		}
	}
}

// Damaged journals are reported and never used; the drive starts over, and the
// paper says so.
func TestDamagedJournals(t *testing.T) {
	flip := func(d []byte) []byte { d[3*journal.FrameSize+200] ^= 1; return d }
	for _, tc := range []struct {
		name   string
		spoil  map[string]func([]byte) []byte // by folder
		want   error                          // kind of what is reported; nil: nothing is
		resume bool
	}{
		{"both altered", map[string]func([]byte) []byte{evidence.DirJournals: flip, evidence.DirMirror: flip}, journal.ErrAltered, false},
		{"one altered", map[string]func([]byte) []byte{evidence.DirJournals: flip}, journal.ErrAltered, true},
		{"both truncated", map[string]func([]byte) []byte{
			evidence.DirJournals: func(d []byte) []byte { return d[:64<<10] }, evidence.DirMirror: func(d []byte) []byte { return d[:64<<10] }}, journal.ErrTruncated, false},
		{"one rewound", map[string]func([]byte) []byte{evidence.DirMirror: func(d []byte) []byte { clear(d[8*journal.FrameSize:]); return d }}, nil, true},
		{"one shorter, the other altered behind its end", map[string]func([]byte) []byte{
			evidence.DirMirror: func(d []byte) []byte { clear(d[4*journal.FrameSize:]); return d },
			evidence.DirJournals: func(d []byte) []byte {
				l, _ := journal.Parse(d)
				d[l.Records[len(l.Records)-2].Offset+200] ^= 1
				return d
			}}, session.ErrShorter, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, hdd("EMU000000001"))
			writes := 0
			b.ears.After = func(o opOf, err error) error {
				if o.Name == "write" && o.Len > 512 {
					if writes++; writes == 20 {
						b.cut()
					}
				}
				return err
			}
			b.start().Run(b.context(), b.works())
			b.on()
			for folder, spoil := range tc.spoil {
				names, err := b.stick.Names(folder)
				if err != nil || len(names) != 1 {
					t.Fatalf("%s: %v, %v", folder, names, err)
				}
				b.stick.Spoil(folder, names[0], spoil)
			}
			runs, damaged, err := session.FindUnfinished(b.stick)
			if err != nil {
				t.Fatal(err)
			}
			if (len(runs) == 1) != tc.resume || (len(damaged) > 0) != (tc.want != nil) {
				t.Fatalf("%d unfinished, damaged %+v", len(runs), damaged)
			}
			found := tc.want == nil
			for _, d := range damaged {
				found = found || errors.Is(d.Err, tc.want)
				if d.Drive != "EMU000000001" {
					t.Errorf("drive %q", d.Drive)
				}
			}
			if !found {
				t.Errorf("damaged %+v, want %v", damaged, tc.want)
			}
			out := b.goOn()
			if len(out) != 1 || out[0].Result.Derivation.Outcome != rules.OutcomeVerified || (out[0].Work.Resume != nil) != tc.resume {
				t.Fatalf("%+v", out)
			}
			told := fmt.Sprint(b.paper(out[0].Number).Statement.NotClaimed)
			if says := strings.Contains(told, "最初からやり直しました"); says == tc.resume {
				t.Errorf("the paper says %s", told)
			}
			if gap := out[0].Result.Facts.JournalGap; gap != (tc.resume && tc.want != nil) {
				t.Errorf("journal gap %t", gap)
			}
		})
	}
}

// What was planned for another case, by other rules, or for a drive that is not
// here, is left alone with its reason.
func TestResumeLeavesAlone(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*bench, *session.Session)
		want   error
	}{
		{"another case", func(_ *bench, s *session.Session) { s.Base.Case.ID = "R8-099" }, session.ErrOtherCase},
		{"another policy", func(_ *bench, s *session.Session) { s.Runner.Policy.ID = "other" }, session.ErrOtherRules},
		{"another drive in its place", func(b *bench, _ *session.Session) {
			d, err := emulator.New(emulator.Params{Kind: emulator.HDD, Serial: "OTHER", Sectors: testSectors, Clock: b.clock})
			if err != nil {
				b.t.Fatal(err)
			}
			b.sys.Plug(0, d)
		}, session.ErrNotHere},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, hdd("EMU000000001"))
			b.ears.After = func(o opOf, err error) error {
				if o.Name == "write" && o.Len > 512 {
					b.cut()
				}
				return err
			}
			b.start().Run(b.context(), b.works())
			b.on()
			s := b.start()
			tc.change(b, s)
			runs, _, err := session.FindUnfinished(b.stick)
			if err != nil {
				t.Fatal(err)
			}
			works, left := s.Resume(b.context(), runs, b.detect(), envOf(b))
			if len(works) != 0 || len(left) != 1 || !errors.Is(left[0].Err, tc.want) {
				t.Errorf("%d works, left %+v, want %v", len(works), left, tc.want)
			}
		})
	}
}

// A stop gives each drive its paper, as interrupted.
func TestStopHasAPaper(t *testing.T) {
	b := newBench(t, hdd("EMU000000001"))
	ctx, stop := context.WithCancel(t.Context())
	b.ears.After = func(o opOf, err error) error {
		if o.Name == "write" && o.Len > 512 {
			stop()
		}
		return err
	}
	out := b.start().Run(ctx, b.works())
	if o := out[0]; o.Err != nil || o.Result.Derivation.Outcome != rules.OutcomeInterrupted || b.paper(o.Number).Statement.Derivation.Outcome != rules.OutcomeInterrupted {
		t.Errorf("%s, %v", o.Result.Derivation.Outcome, o.Err)
	}
}
