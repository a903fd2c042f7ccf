package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// Drives that hang, vanish, are exchanged or full of bad sectors neither slow nor
// stop the sound ones beside them: those have their papers while two are still
// hanging. Another drive that answers in a place is never written to.
func TestSickDrivesBesideSoundOnes(t *testing.T) {
	sick := func(serial string, f emulator.Faults) emulator.Params {
		p := hdd(serial)
		p.Faults = f
		return p
	}
	const mib = 1 << 20
	b := newBench(t,
		hdd("SOUND1"),
		sick("HANGS", emulator.Faults{HangAfter: 2 * mib, HangBlocks: true}),
		sick("VANISHES", emulator.Faults{VanishAfter: 2 * mib}),
		sick("EXCHANGED", emulator.Faults{ResetAfter: 2 * mib, SerialAfterReset: "STRANGER"}),
		sick("BADSPOTS", emulator.Faults{WriteErrors: []emulator.Range{{First: 1000, Count: 2}, {First: 3000, Count: 1}}}),
		hdd("HANGSATOPEN"),
		hdd("SOUND2"),
	)
	works := b.works()
	for _, d := range b.drives {
		if d.Params().Serial == "HANGSATOPEN" {
			d.Fault(emulator.Faults{HangOn: "IDENTIFY", HangBlocks: true})
		}
	}
	expired := make(chan time.Time)
	hanging := map[string]bool{"HANGS": true, "HANGSATOPEN": true}
	s := b.start()
	s.Runner.After = func(time.Duration) <-chan time.Time { return expired }
	told := 0
	s.Done = func(o session.Outcome) {
		serial := o.Work.Plan.Target.Serial
		told++
		if hanging[serial] && told <= len(works)-len(hanging) {
			t.Errorf("%s ended before the others: it does not hang", serial)
		}
		if told == len(works)-len(hanging) {
			close(expired) // only now the watchdog strikes
		}
	}
	for _, o := range s.Run(b.context(), works) {
		serial := o.Work.Plan.Target.Serial
		d := o.Result.Derivation.Outcome
		switch {
		case strings.HasPrefix(serial, "SOUND"):
			if d != rules.OutcomeVerified || o.Err != nil {
				t.Errorf("%s: %s, %v", serial, d, o.Err)
			}
		case serial == "HANGSATOPEN":
			if o.Begun || !errors.Is(o.Err, devices.ErrGone) {
				t.Errorf("%s: begun %t, %v", serial, o.Begun, o.Err)
			}
		case d != rules.OutcomeFailed || o.Number == "":
			t.Errorf("%s: %s, paper %q, %v", serial, d, o.Number, o.Err)
		case serial == "BADSPOTS" && (o.Result.Facts.Unwritten != 3 || len(o.Result.Steps[0].Passes[0].Report.BadRanges) != 2):
			t.Errorf("bad sectors: %d, %+v", o.Result.Facts.Unwritten, o.Result.Steps[0].Passes[0].Report.BadRanges)
		}
	}
}

// A worn stick is found out before the first drive is touched.
func TestWornStickBeginsNothing(t *testing.T) {
	b := newBench(t, hdd("EMU000000001"))
	b.stick.Wear(true)
	touched := false
	b.ears.Before = func(o opOf) error { touched = touched || o.Changes(); return nil }
	o := b.start().Run(b.context(), b.works())[0]
	if o.Begun || !errors.Is(o.Err, evidence.ErrReadBack) || touched {
		t.Errorf("begun %t, touched %t, %v", o.Begun, touched, o.Err)
	}
}
