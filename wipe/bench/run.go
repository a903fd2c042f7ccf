//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// measurement is one contender's run.
type measurement struct {
	Drives  int     `json:"drives"`
	Rep     int     `json:"rep"`
	Task    task    `json:"task"`
	Tool    string  `json:"tool"`
	Bytes   int64   `json:"bytes"`   // moved, all drives
	Seconds float64 `json:"seconds"` // of the transfer
	figures
	Overhead float64 `json:"overhead_s,omitempty"` // command: time in which no drive was written or read
	GC       float64 `json:"gc_s,omitempty"`       // data path: CPU of the garbage collector
	Failed   string  `json:"failed,omitempty"`     // why the peer's run does not count
}

// rate is in GB/s, powers of ten.
func (m measurement) rate() float64 { return float64(m.Bytes) / m.Seconds / 1e9 }

// bench measures everything and prints the tables to out and into o.out.
func bench(ctx context.Context, o options, out io.Writer) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	l, err := newLab(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	m, err := readMachine()
	if err != nil {
		return err
	}
	sizes, err := m.sizes(o)
	if err != nil {
		return err
	}
	l.measureIdle(ctx)
	var all []measurement
	for i, n := range o.drives {
		if o.only == string(taskThrottle) {
			break
		}
		fmt.Fprintf(os.Stderr, "%d drives of %d MiB\n", n, sizes[i]>>20)
		if err := l.equip(ctx, n, sizes[i]); err != nil {
			return err
		}
		if all, err = l.repeat(ctx, all); err != nil {
			return err
		}
	}
	throttled, err := l.throttled(ctx)
	if err != nil {
		return err
	}
	text := report(m, o, sizes, all, throttled)
	if err := os.WriteFile(filepath.Join(o.out, "table.md"), []byte(text), 0o644); err != nil {
		return err
	}
	_, err = io.WriteString(out, text)
	return err
}

// repeat lets all contenders run on the lab's drives, o.reps times. Within a
// repetition the tasks follow one another, and within a task each contender is
// first in its turn.
func (l *lab) repeat(ctx context.Context, all []measurement) ([]measurement, error) {
	for rep := 1; rep <= l.reps; rep++ {
		for _, t := range []task{taskRandom, taskConstant, taskVerify, taskCommand} {
			if !l.wants(t) {
				continue
			}
			if t == taskVerify {
				if err := l.refill(ctx); err != nil {
					return all, err
				}
			}
			field := fieldOf(t)
			for i := range field {
				m, err := l.one(ctx, field[(i+rep)%len(field)], rep)
				if err != nil {
					return all, err
				}
				all = append(all, m)
			}
		}
	}
	return all, nil
}

// fieldOf is who competes at a task.
func fieldOf(t task) []contender {
	var field []contender
	for _, c := range contenders() {
		if c.task == t {
			field = append(field, c)
		}
	}
	return field
}

// one lets one contender run. That a peer fails, or is not installed, is noted;
// that massho fails ends the benchmark.
func (l *lab) one(ctx context.Context, c contender, rep int) (measurement, error) {
	m := measurement{Drives: len(l.drives), Rep: rep, Task: c.task, Tool: c.tool}
	m.Bytes = int64(c.parts * float64(len(l.drives)) * float64(l.drives[0].size))
	commands, err := c.commands(l)
	if err != nil {
		return m, err
	}
	if m.figures, err = l.execute(ctx, commands); err != nil && c.tool == "massho" || ctx.Err() != nil {
		return m, err
	}
	if err == nil {
		err = l.judge(c, &m)
	}
	if err != nil {
		m.Failed = err.Error()
	}
	fmt.Fprintf(os.Stderr, "  %d %-9s %-7s %6.2f GB/s  %6.2f s  load %.1f, others %.1f CPU s  %s\n",
		rep, c.task, c.tool, m.rate(), m.Wall, m.Load, m.Foreign, m.Failed)
	if keepErr := l.raw.keep(m, commands); keepErr != nil {
		return m, keepErr
	}
	if c.tool == "massho" {
		return m, err
	}
	return m, nil
}

// judge makes sure that the run did what it should, and how long it took.
func (l *lab) judge(c contender, m *measurement) (err error) {
	if m.ExitCode != 0 {
		return fmt.Errorf("%s: exit code %d: %s", c.tool, m.ExitCode, m.Output)
	}
	m.Seconds = m.Wall - l.idle[c.tool]
	if c.seconds != nil {
		if m.Seconds, err = c.seconds(l, m.figures); err != nil {
			return err
		}
	}
	if m.Seconds <= 0 {
		return fmt.Errorf("%s: %.3f s: nothing to measure", c.tool, m.Seconds)
	}
	if r, err := readPath(m.Output); err == nil {
		m.GC = r.GC
		if r.Bytes != m.Bytes {
			return fmt.Errorf("%s moved %d bytes, not %d", c.tool, r.Bytes, m.Bytes)
		}
	}
	if c.after != nil {
		return c.after(l, m)
	}
	return nil
}

// measureIdle finds out how long programs take that do not tell the time of the
// transfer itself, when there is next to nothing to do: nwipe waits two seconds
// at its end. The time is taken off theirs, in their favour.
func (l *lab) measureIdle(ctx context.Context) {
	for _, c := range fieldOf(taskRandom) {
		if c.seconds != nil {
			continue
		}
		if _, err := exec.LookPath(c.tool); err != nil {
			continue // it will be noted as failed
		}
		if err := l.equip(ctx, 1, 1<<20); err != nil {
			return
		}
		commands, err := c.commands(l)
		if err != nil {
			return
		}
		best := 0.0
		for range 3 {
			f, err := l.execute(ctx, commands)
			if err == nil && f.ExitCode == 0 && (best == 0 || f.Wall < best) {
				best = f.Wall
			}
		}
		l.idle[c.tool] = best
	}
}
