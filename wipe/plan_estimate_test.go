package wipe

import (
	"testing"
	"time"

	"github.com/massho/massho/wipe/rules"
)

func TestPassCost(t *testing.T) {
	two := []PassKind{PassRandom, PassRandom}
	for name, c := range map[string]struct {
		step PlannedStep
		want time.Duration
	}{
		"read in full":  {PlannedStep{Passes: two, Verify: rules.VerifyFull, Estimate: 30 * time.Minute}, 10 * time.Minute},
		"sampled":       {PlannedStep{Passes: two, Verify: rules.VerifySampled, Estimate: 21 * time.Minute}, 10 * time.Minute},
		"not read":      {PlannedStep{Passes: two[:1], Verify: rules.VerifyNone, Estimate: 10 * time.Minute}, 10 * time.Minute},
		"a drive's own": {PlannedStep{Estimate: time.Hour}, 0},
	} {
		if got := c.step.PassCost().Round(time.Second); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
