package wipe

import (
	"testing"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// A power cut after so many bytes, then the run goes on from its journal alone.
func TestResumeAfterPowerCut(t *testing.T) {
	const size = testSectors * 512
	for _, tc := range []struct {
		name string
		at   uint64 // bytes written when the power fails
	}{
		{"while canaries are planted", 20 << 9},
		{"early in pass 1", 200<<9 + size/4},
		{"late in pass 1", 200<<9 + size - 4096},
		{"in pass 2", 200<<9 + size + size/2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors,
				Faults: emulator.Faults{PowerCutAfter: tc.at}})
			first := b.plan(2)
			cut, err := b.run(t, t.Context(), runner(), Job{Plan: first})
			if err == nil && cut.Derivation.Outcome == rules.OutcomeVerified {
				t.Fatal("a run whose drive lost power was verified")
			}
			log, err := journal.ParseExcerpt(withoutEnd(t, b.log.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			p, err := ReadProgress(log)
			if err != nil {
				t.Fatal(err)
			}
			b.drive.Fault(emulator.Faults{})
			b.drive.PowerOn()
			b.dev = b.detect(t)
			p.Plan.Device = b.dev
			res, err := b.run(t, t.Context(), runner(), Job{Plan: p.Plan, Resume: p})
			if err != nil {
				t.Fatal(err)
			}
			if res.Derivation.Outcome != rules.OutcomeVerified || res.Facts.Resumed != 1 {
				t.Errorf("outcome %s, resumed %d; errors %q, reasons %+v", res.Derivation.Outcome, res.Facts.Resumed, res.Errors, res.Derivation.Reasons)
			}
			if left := b.drive.Contains(b.drive.Marker()); len(left) > 0 {
				t.Errorf("data is left in %v", left)
			}
			if v := res.Steps[len(res.Steps)-1].Verification; v == nil || v.Kind != rules.VerifyFull {
				t.Errorf("an interrupted pass ended in %+v, not in a full verification", v)
			}
		})
	}
}

// withoutEnd is a journal as the station's own power cut leaves it: without the
// outcome that a surviving program would still have recorded.
func withoutEnd(t *testing.T, excerpt []byte) []byte {
	t.Helper()
	log, err := journal.ParseExcerpt(excerpt)
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range log.Records {
		if rec.Type == journal.TypeOutcome {
			return excerpt[:rec.Offset]
		}
	}
	return excerpt
}
