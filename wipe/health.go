package wipe

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/wipe/overwrite"
)

// How often a drive's health is read, and what counts as hot where the drive
// names no critical temperature of its own (°C).
const (
	healthEvery      = time.Minute
	coolEvery        = 30 * time.Second
	coolLongest      = 30 * time.Minute
	criticalRotating = 60
	criticalOther    = 70
	warnBelow        = 5 // degrees below critical: a warning; as many below to go on after a pause
)

// healthWatch is what was seen of a drive's health during its run.
type healthWatch struct {
	read   time.Time
	last   *int64 // °C; nil: not reported
	warned bool
	slow   slowWatch
}

// watchHealth reads the temperature at most once a minute, warns, and pauses the
// drive's reads and writes at its critical temperature. A drive that does not
// report its temperature is not paused.
func (w *work) watchHealth(ctx context.Context) error {
	now := w.Now()
	if ctx.Err() != nil || !w.health.read.IsZero() && now.Sub(w.health.read) < healthEvery {
		return nil
	}
	w.health.read = now
	temp, critical := w.temperature(ctx), w.critical()
	switch {
	case temp == nil:
		return nil
	case *temp >= critical:
		return w.coolDown(ctx, *temp, critical)
	case *temp >= critical-warnBelow && !w.health.warned:
		w.health.warned = true
		w.warn(fmt.Sprintf(both("媒体の温度が高くなっています（%[1]d℃、限界 %[2]d℃）。風を当ててください。",
			"The drive is warm (%[1]d °C, critical %[2]d °C): let air flow over it."), *temp, critical))
	}
	return nil
}

// temperature asks the drive. A look that fails here says nothing yet: the next
// recheck and the data path judge whether the drive is still there.
func (w *work) temperature(ctx context.Context) *int64 {
	f, err := w.conn.Look(ctx)
	if err != nil {
		return nil
	}
	w.health.last = f.Health.TemperatureC
	return w.health.last
}

func (w *work) critical() int64 {
	switch c := w.res.Before.Caps; {
	case c.CriticalTemp > 0:
		return int64(c.CriticalTemp)
	case c.Rotational.IsNo():
		return criticalOther
	}
	return criticalRotating
}

// coolDown holds reads and writes until the drive is cooler. What does not cool
// down in half an hour is a failure: going on would break it, and its data with it.
func (w *work) coolDown(ctx context.Context, temp, critical int64) error {
	release := w.conn.hold()
	defer release()
	w.warn(fmt.Sprintf(both("媒体が限界の温度に達しました（%[1]d℃、限界 %[2]d℃）。冷えるまで一時停止します。",
		"The drive reached its critical temperature (%[1]d °C, critical %[2]d °C): paused until it is cooler."), temp, critical))
	began := w.Now()
	for {
		if err := w.sleep(ctx, coolEvery); err != nil {
			return err
		}
		now := w.temperature(ctx)
		if now == nil || *now <= critical-warnBelow {
			w.res.Notes = append(w.res.Notes, fmt.Sprintf(both("温度のため%[1]s一時停止しました。", "Paused for %[1]s because of its temperature."), w.Now().Sub(began).Round(time.Second)))
			return nil
		}
		if w.Now().Sub(began) >= coolLongest {
			return fmt.Errorf("%s: still %d °C after a pause of %s, critical is %d °C: cool the drive and start again", w.drive, *now, coolLongest, critical)
		}
		w.say(Event{Phase: PhaseWaiting, Text: fmt.Sprintf("%d °C", *now)})
	}
}

// warn tells the screen and the paper.
func (w *work) warn(text string) {
	w.say(Event{Phase: PhaseWaiting, Text: text})
	w.res.Notes = append(w.res.Notes, text)
}

// A drive is slow when a whole minute runs at less than a fifth of the pass's
// rate so far.
const (
	slowOver  = time.Minute
	slowShare = 5
)

// slowWatch compares the last minute with the pass so far.
type slowWatch struct {
	since overwrite.Progress
	slow  bool
}

// look returns a remark when the drive becomes slow.
func (s *slowWatch) look(p overwrite.Progress, start int64) string {
	if p.Elapsed < s.since.Elapsed {
		*s = slowWatch{} // another pass
	}
	d := p.Elapsed - s.since.Elapsed
	if d < slowOver {
		return ""
	}
	before, now := rate(s.since.Done-start, s.since.Elapsed), rate(p.Done-s.since.Done, d)
	first := s.since.Elapsed == 0
	s.since = p
	slow := !first && now < before/slowShare
	became := slow && !s.slow
	s.slow = slow
	if !became {
		return ""
	}
	return fmt.Sprintf(both("媒体が遅くなりました（%[1].1f MB/s、これまで %[2].1f MB/s）。故障の前触れの場合があります。",
		"The drive became slow (%[1].1f MB/s, %[2].1f MB/s so far): it may be about to fail."), now/1e6, before/1e6)
}

func rate(bytes int64, d time.Duration) float64 {
	if d <= 0 {
		return 0
	}
	return float64(bytes) / d.Seconds()
}

// meter turns the data path's progress into events, with rate and time left.
func (w *work) meter(e Event, start int64) func(overwrite.Progress) {
	est := overwrite.NewEstimator(start, w.conn.Size(), w.conn.Size(), w.mediaKind())
	var last overwrite.Progress
	w.health.slow = slowWatch{}
	return func(p overwrite.Progress) {
		est.Add(p.Elapsed, p.Done)
		e.Done, e.Total, e.Elapsed, e.Bad = p.Done, p.Total, p.Elapsed, overwrite.Sectors(p.Bad)
		e.Left = -1
		if left, ok := est.Left(); ok {
			e.Left = left
		}
		if d := p.Elapsed - last.Elapsed; d > 0 {
			e.Rate = float64(p.Done-last.Done) / d.Seconds()
		}
		last = p
		w.say(e)
		if text := w.health.slow.look(p, start); text != "" {
			w.warn(text)
		}
	}
}
