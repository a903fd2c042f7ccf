package wipe

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/overwrite"
	"github.com/massho/massho/wipe/rules"
)

// altered is a drive's descriptor with some of its answers replaced.
type altered struct {
	devices.Conn
	look  func(devices.Facts) devices.Facts
	write func(n int, next func() (int, error)) (int, error)

	mu     sync.Mutex
	writes int
}

func (a *altered) Look(ctx context.Context) (devices.Facts, error) {
	f, err := a.Conn.Look(ctx)
	if err == nil && a.look != nil {
		f = a.look(f)
	}
	return f, err
}

func (a *altered) WriteAt(p []byte, off int64) (int, error) {
	a.mu.Lock()
	a.writes++
	n := a.writes
	a.mu.Unlock()
	next := func() (int, error) { return a.Conn.WriteAt(p, off) }
	if a.write == nil {
		return next()
	}
	return a.write(n, next)
}

func (b *bench) open(t *testing.T) *altered {
	t.Helper()
	conn, err := b.sys.Open(t.Context(), b.dev)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &altered{Conn: conn}
}

// A drive that never answers a write again counts as gone after the limit; the
// run ends and has its outcome.
func TestHangingDrive(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
	conn := b.open(t)
	expired, never := make(chan time.Time), make(chan struct{})
	defer close(never)
	var once sync.Once
	conn.write = func(n int, next func() (int, error)) (int, error) {
		if n < 210 { // 200 canaries go first
			return next()
		}
		once.Do(func() { close(expired) })
		<-never
		return 0, errors.New("too late")
	}
	r := clocked(b)
	r.Chunk, r.Depth = 64<<10, 1
	r.After = func(time.Duration) <-chan time.Time { return expired }
	res, err := r.Run(t.Context(), conn, Job{Plan: b.plan(1), Journal: b.log})
	if err != nil {
		t.Fatal(err)
	}
	if res.Derivation.Outcome != rules.OutcomeFailed || !strings.Contains(strings.Join(res.Errors, " "), devices.ErrGone.Error()) {
		t.Errorf("outcome %s, errors %q", res.Derivation.Outcome, res.Errors)
	}
}

// At its critical temperature a drive is neither read nor written until it has
// cooled down, and the paper says so.
func TestHotDrive(t *testing.T) {
	for _, tc := range []struct {
		name    string
		temps   []int64 // one a look
		outcome rules.Outcome
		note    string
	}{
		{"cool", []int64{30, 40}, rules.OutcomeVerified, ""},
		{"warm", []int64{30, 56}, rules.OutcomeVerified, "温度が高く"},
		{"critical, then cool", []int64{30, 61, 58, 54}, rules.OutcomeVerified, "一時停止しました"},
		{"never cools down", []int64{30, 61}, rules.OutcomeFailed, "限界の温度"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors})
			conn := b.open(t)
			hot, looks := false, 0
			conn.look = func(f devices.Facts) devices.Facts {
				now := tc.temps[min(looks, len(tc.temps)-1)]
				looks++
				f.Health.TemperatureC = &now
				// Held from the critical temperature on, until 5 degrees below.
				if now >= criticalRotating {
					hot = true
				} else if now <= criticalRotating-warnBelow {
					hot = false
				}
				return f
			}
			conn.write = func(_ int, next func() (int, error)) (int, error) {
				if hot {
					t.Error("written to while hot")
				}
				return next()
			}
			r := clocked(b)
			r.Chunk, r.Depth = 64<<10, 1
			res, err := r.Run(t.Context(), conn, Job{Plan: b.plan(1), Journal: b.log})
			if err != nil {
				t.Fatal(err)
			}
			if res.Derivation.Outcome != tc.outcome {
				t.Errorf("outcome %s, errors %q", res.Derivation.Outcome, res.Errors)
			}
			if all := strings.Join(res.Notes, " "); tc.note == "" && all != "" || !strings.Contains(all, tc.note) {
				t.Errorf("notes %q, want %q", res.Notes, tc.note)
			}
		})
	}
}

func TestSlowWatch(t *testing.T) {
	var s slowWatch
	var told []int
	done := int64(0)
	for minute := 1; minute <= 6; minute++ {
		step := int64(6e9)
		if minute == 4 || minute == 5 {
			step = 6e8 // a tenth
		}
		done += step
		if text := s.look(overwrite.Progress{Done: done, Elapsed: time.Duration(minute) * time.Minute}, 0); text != "" {
			told = append(told, minute)
		}
	}
	if !slices.Equal(told, []int{4}) {
		t.Errorf("told in minutes %v, want once, in 4", told)
	}
}

// Progress records never fill a journal, however long the run.
func TestPaceNeverFillsTheJournal(t *testing.T) {
	var p pace
	free, records := int64(2<<20), 0
	now := time.Unix(0, 0)
	for range 1_000_000 { // 115 days
		now = now.Add(10 * time.Second)
		if p.due(now, 10*time.Second, free) {
			free -= 512
			records++
		}
	}
	if free <= 0 || records < 4000/2 {
		t.Errorf("%d bytes left after %d records", free, records)
	}
}

// What one drive does not do well does not slow or stop the others: each has
// its own goroutine, descriptor, guard and budget.
func TestBadSectorsCostTheirOwnDriveOnly(t *testing.T) {
	b := newBench(t, emulator.Params{Kind: emulator.HDD, Serial: "TEST0001", Sectors: testSectors, Faults: emulator.Faults{
		Slow: 2 * time.Second, WriteErrors: []emulator.Range{{First: 0, Count: testSectors}}}})
	r := clocked(b)
	r.Budget = 5 * time.Minute
	began := b.drive.Clock().Now()
	res, err := b.run(t, t.Context(), r, Job{Plan: b.plan(1)})
	if err != nil {
		t.Fatal(err)
	}
	// 200 canaries are tried once each, then the pass within its budget.
	if spent := b.drive.Clock().Now().Sub(began); spent > 25*time.Minute {
		t.Errorf("a drive that takes no write cost %s", spent)
	}
	if res.Derivation.Outcome != rules.OutcomeFailed || res.Facts.Unwritten != testSectors {
		t.Errorf("outcome %s, %d of %d sectors listed as not written", res.Derivation.Outcome, res.Facts.Unwritten, testSectors)
	}
}
