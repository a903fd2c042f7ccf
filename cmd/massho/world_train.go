package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/cmd/massho/console"
	"github.com/massho/massho/wipe/rules"
)

// Train is a sitting of its own: emulated drives, a training root made for this
// one time, and records that are forgotten with the power.
func (w *world) Train(ctx context.Context) (console.World, error) {
	dir, err := os.MkdirTemp("", "massho-training-")
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	s, err := trainingSitting(ctx, w.s.app, dir)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	s.state.Clock, s.state.Cmdline, s.state.Measured, s.said = w.s.state.Clock, w.s.state.Cmdline, w.s.state.Measured, w.said
	t, err := newWorld(s)
	if err != nil {
		return nil, fmt.Errorf("training: %w", err)
	}
	t.keys, t.facts.Keyboard, t.sleep = w.keys, w.facts.Keyboard, noSleep
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trainee = t
	return t, nil
}

// noSleep: emulated drives keep a clock of their own, which each poll moves on.
func noSleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// trainingSitting is a prepared stick in dir, and emulated drives.
func trainingSitting(ctx context.Context, a *app, dir string) (*sitting, error) {
	files, err := prepareDemo(dir, false)
	if err != nil {
		return nil, err
	}
	sys, err := demoDrives()
	if err != nil {
		return nil, err
	}
	p := planner{pack: rules.Default()}
	if p.c, err = files.load(now()); err != nil {
		return nil, err
	}
	if p.host, err = sys.Host(ctx); err != nil {
		return nil, err
	}
	state := &early.State{Evidence: &early.Mounted{Dir: dir}}
	return &sitting{app: a, state: state, sys: sys, plan: p, files: files}, nil
}
