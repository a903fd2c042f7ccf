package campaign

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/wipe/canary"
)

// A drive whose own erase misses a part of the medium is found out by its canaries
// as often as 1−(1−f)^n says; one that erases nothing, always.
func TestDetectionRate(t *testing.T) {
	for _, tc := range []struct {
		name       string
		marks      int
		keep       float64
		contiguous bool
		seeds      uint64
		want       float64 // chance to be found
	}{
		{"0.5 %, 1,000 canaries", canary.Default, 0.005, false, 150, canary.DetectionProbability(0.005, canary.Default)},
		{"0.5 %, 100 canaries", 100, 0.005, false, 1000, canary.DetectionProbability(0.005, 100)},
		{"0.1 %, 1,000 canaries", canary.Default, 0.001, false, 150, canary.DetectionProbability(0.001, canary.Default)},
		// The marks are stratified: a stretch longer than two strata holds one.
		{"0.5 % in one stretch, 1,000 canaries", canary.Default, 0.005, true, 50, 1},
		{"nothing erased", canary.Default, 1, false, 50, 1},
		{"all erased", canary.Default, 0, false, 20, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.seeds /= slower
			var mu sync.Mutex
			found := 0
			each(0, tc.seeds, func(seed uint64) {
				survivors, err := missed(seed, tc.marks, emulator.Faults{KeepFraction: tc.keep, KeepContiguous: tc.contiguous})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
				if survivors > 0 {
					found++
				}
			})
			low, high := binomialBounds(int(tc.seeds), tc.want, 1e-6)
			t.Logf("%d of %d found, expected %.1f, bounds %d to %d", found, tc.seeds, tc.want*float64(tc.seeds), low, high)
			if found < low || found > high {
				t.Errorf("%d of %d drives were found out, want %d to %d", found, tc.seeds, low, high)
			}
		})
	}
}

// missed erases a drive with such a fault and says how many canaries survived.
func missed(seed uint64, marks int, f emulator.Faults) (int, error) {
	// 32 MiB: every canary has a page of the medium for itself.
	d, err := emulator.New(emulator.Params{Kind: emulator.NVMe, Serial: fmt.Sprintf("DET%06d", seed), Sectors: 1 << 16, Seed: seed, Faults: f})
	if err != nil {
		return 0, err
	}
	ctx := context.Background()
	sys := emulator.NewSystem(d)
	devs, err := sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return 0, err
	}
	conn, err := sys.Open(ctx, devs[0])
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	var key canary.Key
	copy(key[:], fmt.Sprintf("detection %d", seed))
	buf := make([]byte, conn.SectorSize())
	set, rep, err := canary.Plant(ctx, conn, key, marks, 1<<16, buf)
	if err != nil || rep.Planted != uint64(marks) {
		return 0, fmt.Errorf("%d of %d planted: %w", rep.Planted, marks, err)
	}
	if err := (nvme.Sanitize{Action: nvme.BlockErase}).Run(ctx, conn.NVMe()); err != nil {
		return 0, err
	}
	for {
		log, _, err := nvme.SanitizeStatus(ctx, conn.NVMe())
		if err != nil {
			return 0, err
		}
		if log.State != nvme.SanitizeInProgress {
			break
		}
		d.Clock().Advance(time.Minute)
	}
	check, err := canary.Check(ctx, conn, set, true, buf)
	if err == nil && check.Read != uint64(marks) {
		err = fmt.Errorf("%d of %d canaries could be read", check.Read, marks)
	}
	return len(check.Survivors), err
}

// binomialBounds are the least and the most successes of n trials with chance p
// that leave no more than alpha on either side.
func binomialBounds(n int, p, alpha float64) (low, high int) {
	low, high = 0, n
	for sum := 0.0; low < n; low++ {
		if sum += binomial(n, low, p); sum > alpha {
			break
		}
	}
	for sum := 0.0; high > 0; high-- {
		if sum += binomial(n, high, p); sum > alpha {
			break
		}
	}
	return low, high
}

func binomial(n, k int, p float64) float64 {
	if p <= 0 || p >= 1 {
		if k == 0 && p <= 0 || k == n && p >= 1 {
			return 1
		}
		return 0
	}
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
	return math.Exp(lg(n) - lg(k) - lg(n-k) + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
}

func TestBinomialBounds(t *testing.T) {
	for _, tc := range []struct {
		n         int
		p         float64
		low, high int
	}{
		{10, 0.5, 0, 10}, // 2^-10 is more than 1e-6 on either side
		{100, 1, 100, 100},
		{100, 0, 0, 0},
		{1000, 0.5, 425, 575}, // 500 ± 4.75 σ
	} {
		if low, high := binomialBounds(tc.n, tc.p, 1e-6); math.Abs(float64(low-tc.low)) > 1 || math.Abs(float64(high-tc.high)) > 1 {
			t.Errorf("n %d p %v: %d to %d, want about %d to %d", tc.n, tc.p, low, high, tc.low, tc.high)
		}
	}
}
