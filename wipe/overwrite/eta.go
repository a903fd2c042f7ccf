package overwrite

import (
	"math"
	"time"
)

// Estimator tells the time left of a pass.
//
// A rotating drive turns evenly and its tracks hold equally dense bits, so its
// speed goes with the track's radius, and the square of the speed falls evenly
// with the capacity passed over: v² = A·(1-B·x), x from 0 at the outer edge to 1
// at the inner; B is 3/4 where the speed falls to half. A and B are fitted to
// what was measured, B held near what such drives have until the measurements
// say better. Of other media the recent speed counts more than the early one:
// their caches fill and they get hot. When an earlier pass over the same medium
// is known (Learn), its course is taken instead of a model.
//
// It is pure: the caller gives every time. Not for use by several goroutines.
type Estimator struct {
	start, end, size int64
	medium           Medium

	at    int64 // offset of the last Add
	when  time.Duration
	cells []cell
	old   []Sample // an earlier pass; Bytes are offsets
}

// cell is one stretch that was measured.
type cell struct {
	from, to float64 // fractions of the medium
	seconds  float64
}

const (
	cellsOfMedium = 400  // a cell is at least so small a part of the medium
	noise         = 0.25 // relative spread of a cell's time: speed varies, and zones are steps
	fade          = 0.04 // of the medium
	unusual       = 6    // penalty of a rotating drive that does not fall at all: a virtual one
	steepest      = 0.94 // largest B that is considered: falls to a quarter
	gridSteps     = 47
)

// NewEstimator is for a pass from start to end over a medium of size bytes.
func NewEstimator(start, end, size int64, m Medium) *Estimator {
	return &Estimator{start: start, end: end, size: max(size, 1), medium: m, at: start}
}

// Learn gives the course of an earlier full pass over the same medium, as its
// Report has it, begun at byte start. Passes over the same tracks take the same
// shape, be it at another level.
func (e *Estimator) Learn(course []Sample, start int64) {
	e.old = append(e.old[:0], Sample{0, start})
	for _, s := range course {
		e.old = append(e.old, Sample{s.At, start + s.Bytes})
	}
}

// Add tells that all before offset was done when so much time had passed since
// the pass began.
func (e *Estimator) Add(elapsed time.Duration, offset int64) {
	if offset <= e.at || elapsed <= e.when {
		return
	}
	c := cell{float64(e.at) / float64(e.size), float64(offset) / float64(e.size), (elapsed - e.when).Seconds()}
	e.at, e.when = offset, elapsed
	if n := len(e.cells); n > 0 && e.cells[n-1].to-e.cells[n-1].from < 1.0/cellsOfMedium {
		e.cells[n-1].to = c.to
		e.cells[n-1].seconds += c.seconds
		return
	}
	e.cells = append(e.cells, c)
}

// Left is the time that the rest takes, and false as long as nothing can be
// said.
func (e *Estimator) Left() (time.Duration, bool) {
	if e.at >= e.end {
		return 0, true
	}
	if len(e.cells) == 0 {
		return 0, false
	}
	if d, ok := e.byCourse(); ok {
		return d, true
	}
	from, to := float64(e.at)/float64(e.size), float64(e.end)/float64(e.size)
	seconds := e.level(0, fade) * (to - from)
	if prior, spread, ok := falling(e.medium); ok {
		seconds = e.byFall(from, to, prior, spread)
	}
	return time.Duration(seconds * float64(time.Second)), true
}

// falling is what is known of B before anything was measured.
func falling(m Medium) (prior, spread float64, ok bool) {
	switch m {
	case Rotating:
		return 0.76, 0.05, true
	case Unknown:
		return 0.4, 0.4, true
	}
	return 0, 0, false
}

// byFall fits B, then the level of the speed near by, and adds up the rest.
func (e *Estimator) byFall(from, to, prior, spread float64) float64 {
	b, least := 0.0, math.Inf(1)
	for i := range gridSteps + 1 {
		try := steepest * float64(i) / gridSteps
		away, flat := (try-prior)/spread, try/0.1
		penalty := min(away*away, unusual+flat*flat)
		if sum := e.misfit(try)/(noise*noise) + penalty; sum < least {
			b, least = try, sum
		}
	}
	return e.level(b, fade) * travel(b, from, to)
}

// travel is the time from one fraction of the medium to another where the speed
// at the edge is 1: the integral of 1/√(1-Bx).
func travel(b, from, to float64) float64 {
	if b == 0 {
		return to - from
	}
	return 2 * (math.Sqrt(1-b*from) - math.Sqrt(max(0, 1-b*to))) / b
}

// misfit is the sum of squares of the cells' times relative to the model's.
func (e *Estimator) misfit(b float64) float64 {
	level, sum := e.level(b, 0), 0.0
	for _, c := range e.cells {
		d := c.seconds/(level*travel(b, c.from, c.to)) - 1
		sum += d * d
	}
	return sum
}

// level is the ratio of measured to modelled time. With a fade, cells that lie
// one of its lengths back count half: the model is not the drive, and what is
// near tells more about what comes.
func (e *Estimator) level(b, fade float64) float64 {
	measured, modelled := 0.0, 0.0
	for _, c := range e.cells {
		w := e.weight(c, fade)
		measured += w * c.seconds
		modelled += w * travel(b, c.from, c.to)
	}
	return measured / modelled
}

func (e *Estimator) weight(c cell, fade float64) float64 {
	if fade == 0 {
		return 1
	}
	return math.Exp2((c.to - float64(e.at)/float64(e.size)) / fade)
}

// byCourse scales the earlier pass's time for the rest by how this pass went
// against it so far.
func (e *Estimator) byCourse() (time.Duration, bool) {
	n := len(e.old)
	if n < 2 || e.old[0].Bytes > e.start || e.old[n-1].Bytes < e.end {
		return 0, false
	}
	begun, now, end := e.oldTime(e.start), e.oldTime(e.at), e.oldTime(e.end)
	if now <= begun {
		return 0, false
	}
	ratio := e.when.Seconds() / (now - begun)
	return time.Duration((end - now) * ratio * float64(time.Second)), true
}

// oldTime is when the earlier pass had come to an offset, in seconds.
func (e *Estimator) oldTime(offset int64) float64 {
	for i := 1; i < len(e.old); i++ {
		a, b := e.old[i-1], e.old[i]
		if offset <= b.Bytes && b.Bytes > a.Bytes {
			part := float64(offset-a.Bytes) / float64(b.Bytes-a.Bytes)
			return a.At.Seconds() + part*(b.At-a.At).Seconds()
		}
	}
	return e.old[len(e.old)-1].At.Seconds()
}
