package overwrite

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// courses are ways a drive's speed falls to half from the outer edge to the
// inner, as a share of the speed at the edge.
var courses = map[string]func(x float64) float64{
	"radius":           func(x float64) float64 { return math.Sqrt(1 - 0.75*x) },
	"linear":           func(x float64) float64 { return 1 - x/2 },
	"24 zones":         func(x float64) float64 { return math.Sqrt(1 - 0.75*math.Floor(x*24)/23) },
	"16 zones, evenly": func(x float64) float64 { return 1 - math.Floor(min(x, 0.999)*16)/30 },
}

// run lets a drive of that course pass and gives the estimator what a run gives
// it; it returns the worst relative error of the time left between 5 and 98 %.
func run(e *Estimator, size int64, course func(float64) float64, noise float64, from int64) (worst float64, samples []Sample) {
	const step = 0.001
	dice := rand.New(rand.NewPCG(1, 2))
	var at []float64
	total := 0.0
	for x := float64(from) / float64(size); x < 1-step/2; x += step {
		total += step * 5000 / course(x) * (1 + noise*dice.NormFloat64())
		at = append(at, total)
	}
	for i, sec := range at {
		off := from + int64(float64(size-from)*float64(i+1)/float64(len(at)))
		when := time.Duration(sec * float64(time.Second))
		e.Add(when, off)
		samples = append(samples, Sample{when, off - from})
		part := float64(i+1) / float64(len(at))
		if truth := total - sec; part >= 0.05 && part <= 0.98 && i%7 == 0 {
			left, ok := e.Left()
			if !ok {
				return math.Inf(1), samples
			}
			worst = max(worst, math.Abs(left.Seconds()/truth-1))
		}
	}
	return worst, samples
}

func TestTimeLeftIsHonest(t *testing.T) {
	const size = 4 << 40
	for name, course := range courses {
		for _, noise := range []float64{0, 0.05, 0.1} {
			for _, from := range []int64{0, size / 3} {
				t.Run(fmt.Sprintf("%s noise %g from %d", name, noise, from), func(t *testing.T) {
					worst, _ := run(NewEstimator(from, size, size, Rotating), size, course, noise, from)
					t.Logf("worst error %.1f %%", worst*100)
					if worst > 0.1 {
						t.Errorf("off by %.1f %% after 5 %% of the pass", worst*100)
					}
				})
			}
		}
	}
	flat := func(float64) float64 { return 1 }
	if worst, _ := run(NewEstimator(0, size, size, SolidState), size, flat, 0.05, 0); worst > 0.1 {
		t.Errorf("solid state: off by %.1f %%", worst*100)
	}
	// What says that it rotates but does not slow down is a virtual drive. It is
	// found out on the way; until then the estimate is too long, never too short.
	if worst, _ := run(NewEstimator(0, size, size, Rotating), size, flat, 0.05, 0); worst > 0.4 {
		t.Errorf("virtual drive: off by %.1f %%", worst*100)
	}
}

// TestCourseOfTheFirstPassServesTheSecond: also where the drive is nothing that
// a model knows.
func TestCourseOfTheFirstPassServesTheSecond(t *testing.T) {
	const size = 1 << 40
	odd := func(x float64) float64 {
		if x > 0.3 && x < 0.5 {
			return 0.1
		}
		return 1
	}
	_, first := run(NewEstimator(0, size, size, SolidState), size, odd, 0.02, 0)
	e := NewEstimator(0, size, size, SolidState)
	e.Learn(first, 0)
	twice := func(x float64) float64 { return odd(x) * 2 }
	if worst, _ := run(e, size, twice, 0.02, 0); worst > 0.1 {
		t.Errorf("off by %.1f %%", worst*100)
	}
}

func TestEstimatorBeforeAndAfter(t *testing.T) {
	e := NewEstimator(0, 100, 100, Rotating)
	if _, ok := e.Left(); ok {
		t.Error("an estimate out of nothing")
	}
	e.Add(0, 50) // no time passed
	e.Add(time.Second, 0)
	if _, ok := e.Left(); ok {
		t.Error("an estimate without a measurement")
	}
	e.Add(time.Second, 100)
	if d, ok := e.Left(); !ok || d != 0 {
		t.Errorf("%v, %v at the end", d, ok)
	}
}

// TestEstimateFromReport feeds a real report's samples.
func TestEstimateFromReport(t *testing.T) {
	m := newMemory(8<<20, 512)
	m.lie = func([]byte, int64) { m.clock.add(time.Second) }
	r, err := Write(context.Background(), m, Fill(0), m.options())
	if err != nil {
		t.Fatal(err)
	}
	e := NewEstimator(0, 8<<20, 8<<20, SolidState)
	e.Learn(r.Samples, r.Start)
	e.Add(32*time.Second, 2<<20)
	if d, ok := e.Left(); !ok || d < 80*time.Second || d > 110*time.Second {
		t.Errorf("%v left, want about 96 s", d)
	}
}
