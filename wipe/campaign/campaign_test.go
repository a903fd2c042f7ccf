package campaign

import (
	"encoding/hex"
	"flag"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
)

var (
	schedules = flag.Uint64("schedules", 500/slower, "how many schedules TestCampaign plays")
	from      = flag.Uint64("from", 0, "the first schedule's seed")
	first     = flag.Bool("first", false, "stop at the first schedule that fails")
	only      = flag.Int64("only", -1, "play this one schedule and tell it")
)

// result is what came of one schedule.
type result struct {
	hash    string
	outcome rules.Outcome
	starts  int
	wrong   []string
	seen    map[string]int
}

func play(s schedule) result {
	w, err := newWorld(s)
	if err != nil {
		return result{wrong: []string{err.Error()}}
	}
	w.live()
	return result{hex.EncodeToString(w.trace.Sum(nil)), w.last.Outcome, w.start, w.wrong, w.seen}
}

// Every technique that can be run has its place in the campaign.
func TestEveryTechniqueIsPlayed(t *testing.T) {
	for technique := range wipe.Runnable() {
		if len(homes[technique].kinds) == 0 {
			t.Errorf("%s can be run and is not in the campaign: add it to homes", technique)
		}
	}
}

func TestCampaign(t *testing.T) {
	if *only >= 0 {
		s := draw(uint64(*only))
		r := play(s)
		t.Logf("%s\n%+v", s, r)
		if len(r.wrong) > 0 {
			t.Fail()
		}
		return
	}
	var mu sync.Mutex
	seen, starts := map[string]int{}, 0
	each(*from, *schedules, func(seed uint64) {
		if *first && t.Failed() {
			return
		}
		s := draw(seed)
		r := play(s)
		mu.Lock()
		defer mu.Unlock()
		starts += r.starts
		seen["ended "+string(r.outcome)]++
		for what, n := range r.seen {
			seen[what] += n
		}
		if len(r.wrong) > 0 {
			t.Errorf("%s\n  %s", s, strings.Join(r.wrong, "\n  "))
		}
	})
	if *first && t.Failed() {
		return
	}
	t.Logf("%d schedules, %d starts", *schedules, starts)
	for _, what := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%6d %s", seen[what], what)
	}
	if *schedules >= 500 {
		covers500(t, seen)
	}
}

// covers500: a campaign that does not reach what it is for proves nothing.
func covers500(t *testing.T, seen map[string]int) {
	want := []string{"stick lost", "power cut", "nothing but power was lost", "resumed, Verified", "resumed, Failed", "content compared"}
	for _, o := range []rules.Outcome{rules.OutcomeVerified, rules.OutcomeCompletedUnverified, rules.OutcomeFailed, rules.OutcomeInterrupted, rules.OutcomeNotSanitizable} {
		want = append(want, "ended "+string(o))
	}
	for _, technique := range techniques() {
		want = append(want, string(technique)+" "+string(rules.StepCompleted))
	}
	for _, what := range want {
		if seen[what] == 0 {
			t.Errorf("never seen: %s", what)
		}
	}
}

// each plays seeds on all processors.
func each(from, n uint64, do func(seed uint64)) {
	seeds := make(chan uint64)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for seed := range seeds {
				do(seed)
			}
		})
	}
	for i := range n {
		seeds <- from + i
	}
	close(seeds)
	all.Wait()
}

// The same seed gives the same result, to the last hash.
func TestSameSeedSameResult(t *testing.T) {
	each(0, 40/slower, func(seed uint64) {
		if a, b := play(draw(seed)), play(draw(seed)); a.hash != b.hash {
			t.Errorf("seed %d: %s, then %s", seed, a.hash, b.hash)
		}
	})
}
