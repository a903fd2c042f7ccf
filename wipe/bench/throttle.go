//go:build linux

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// The throttled test: so many drives at so many bytes a second each, then the
// same with one of them slow.
const (
	throttledDrives = 16
	throttledRate   = 100_000_000
	slowRate        = 10_000_000
	throttledBytes  = 384 << 20
)

// throttling is what the throttled runs found.
type throttling struct {
	skipped string // why there are none
	share   series // throughput of all drives ÷ the sum of their limits
	others  series // with one slow drive: the slowest other drive's rate ÷ its rate without
	rate    int64
	drives  int
}

// throttled writes random data on drives that the kernel limits.
func (l *lab) throttled(ctx context.Context) (*throttling, error) {
	t := &throttling{rate: throttledRate, drives: throttledDrives}
	if !l.wants(taskThrottle) {
		t.skipped = "not asked for"
		return t, nil
	}
	size := int64(throttledBytes)
	if l.quick {
		size, t.drives = quickDrive, 3
	}
	if err := l.equip(ctx, t.drives, size); err != nil {
		return nil, err
	}
	g, err := newThrottle()
	if err != nil {
		t.skipped = err.Error()
		return t, nil
	}
	for rep := 1; rep <= l.reps && err == nil; rep++ {
		err = l.throttleOnce(ctx, g, t, rep)
	}
	return t, errors.Join(err, g.close())
}

// throttleOnce runs once with all drives alike and once with the first one slow.
// The slow drive gets so much less to do that all end at about the same time.
func (l *lab) throttleOnce(ctx context.Context, g throttle, t *throttling, rep int) error {
	even, err := l.limited(ctx, g, t, throttledRate, rep)
	if err != nil {
		return err
	}
	t.share = append(t.share, float64(even.Bytes)/even.Elapsed.Seconds()/float64(t.rate)/float64(t.drives))
	uneven, err := l.limited(ctx, g, t, slowRate, rep)
	if err != nil {
		return err
	}
	worst := 2.0
	for i := 1; i < t.drives; i++ {
		worst = min(worst, uneven.Drives[i].rate()/even.Drives[i].rate())
	}
	t.others = append(t.others, worst)
	return nil
}

func (d driveResult) rate() float64 { return float64(d.Bytes) / d.Elapsed.Seconds() }

// limited runs the data path with every drive at t.rate but the first at first.
func (l *lab) limited(ctx context.Context, g throttle, t *throttling, first int64, rep int) (pathResult, error) {
	run := pathRun{Do: "random", Key: l.key, Devices: paths(l.drives), End: make([]int64, len(l.drives))}
	for i, d := range l.drives {
		limit := t.rate
		if i == 0 {
			limit = first
			run.End[0] = d.size * first / t.rate >> 20 << 20
		}
		if err := g.limit(d, limit); err != nil {
			return pathResult{}, err
		}
	}
	arg, err := json.Marshal(run)
	if err != nil {
		return pathResult{}, err
	}
	commands := [][]string{{"sh", "-c", `echo $$ > "$0" && exec "$@"`, g.procs(), l.self, "-path", string(arg)}}
	f, err := l.execute(ctx, commands)
	if err != nil {
		return pathResult{}, err
	}
	m := measurement{Drives: len(l.drives), Rep: rep, Task: taskThrottle, Tool: fmt.Sprintf("massho-first-at-%d", first), figures: f}
	r, err := readPath(f.Output)
	if err != nil {
		return r, err
	}
	m.Bytes, m.Seconds, m.GC = r.Bytes, r.Elapsed.Seconds(), r.GC
	fmt.Fprintf(os.Stderr, "  %d throttle first at %d MB/s: %.3f GB/s together, load %.1f\n", rep, first/1_000_000, m.rate(), m.Load)
	return r, l.raw.keep(m, commands)
}

func (t *throttling) text() string {
	head := fmt.Sprintf("\n## %d drives limited to %d MB/s each by the kernel\n\n", t.drives, t.rate/1_000_000)
	if t.skipped != "" {
		return head + "Not measured: " + t.skipped + "\n"
	}
	return head + fmt.Sprintf("Together %s of the sum of their limits. With one at %d MB/s, the slowest of the others has %s of its rate without.\n",
		t.share.spread("%.3f"), slowRate/1_000_000, t.others.spread("%.3f"))
}

func (t *throttling) targets() []target {
	return []target{
		{fmt.Sprintf("%d limited drives together ÷ sum of their limits", t.drives), 0.97, true, t.share},
		{"slowest other drive beside a slow one ÷ without it", 0.97, true, t.others},
	}
}
