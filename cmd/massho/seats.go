package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/bootimage/fbterm"
	"github.com/massho/massho/bootimage/fbterm/font"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/cmd/massho/console"
)

// wantsConsole: a person sits at the stick's own terminals. An unattended case
// keeps to plain lines, and so does a stick that is told to by massho.console=plain.
func (s *sitting) wantsConsole() bool {
	unattended := s.plan.c.Signed && s.plan.c.Unattended
	return s.terminal != nil && !unattended && s.state.Cmdline.Params["massho.console"] != "plain"
}

// fullScreen is the guided sitting on the screen and the serial port. sat is false
// when there is no terminal for it, or none is left: the plain dialogue goes on.
func (s *sitting) fullScreen(ctx context.Context) (end string, sat bool, err error) {
	end = cases.AfterShell
	w, err := newWorld(s)
	if err != nil {
		return end, true, err
	}
	if err := s.terminal.release(); err != nil {
		s.complain(fmt.Errorf("let go of the terminals: %w", err))
	}
	f := s.furnish(w)
	if len(f.seats) == 0 {
		err := s.terminal.retake()
		return end, err != nil, err
	}
	looking, stop := context.WithCancel(ctx)
	w.watch(looking)
	chosen, err := console.Run(ctx, w, s.lang, f.seats...)
	// Without a terminal the drives go on to their papers all the same.
	result := w.end()
	stop()
	w.loops.Wait()
	f.leave(s)
	if back := s.terminal.retake(); back != nil {
		result = errors.Join(result, back)
	}
	if err != nil {
		s.complain(err)
		return end, true, errors.Join(result, err)
	}
	return after(chosen), true, result
}

// furniture is the terminals that are taken for a time.
type furniture struct {
	seats []console.Seat
	close []func() error
}

// furnish takes the screen and the serial port, whichever can be had. What cannot
// is said in the log.
func (s *sitting) furnish(w *world) (f furniture) {
	if err := f.screen(s, w); err != nil {
		w.said.add("画面を使えません: "+err.Error(), "no screen: "+err.Error())
		s.complain(fmt.Errorf("full-screen console: %w", err))
	}
	for _, c := range early.Consoles("/", s.state.Cmdline) {
		if !c.Serial {
			continue
		}
		line, err := fbterm.OpenLine(c.Path)
		if err != nil {
			w.said.add("シリアルポートを使えません: "+err.Error(), "no serial port: "+err.Error())
			continue
		}
		f.close = append(f.close, line.Close)
		f.seats = append(f.seats, console.Seat{Name: c.Path, RW: line, Canvas: console.Canvas{Cols: 80, Rows: 24, Plain: true}, Every: time.Second})
		break
	}
	return f
}

// screen takes the framebuffer with the font that draws Japanese.
func (f *furniture) screen(s *sitting, w *world) error {
	data, err := font.Load()
	if err != nil {
		return err
	}
	layout := fbterm.KeymapUS
	if s.state.Cmdline.Params["massho.keymap"] == string(fbterm.KeymapJIS) {
		layout = fbterm.KeymapJIS
	}
	t, err := fbterm.Open(fbterm.Options{FB: "/dev/fb0", TTY: "/dev/tty1", Font: data, Keymap: layout})
	if err != nil {
		return err
	}
	cols, rows := t.Size()
	f.close = append(f.close, t.Close)
	f.seats = append(f.seats, console.Seat{Name: "screen", RW: t, Canvas: console.Canvas{Cols: cols, Rows: rows}, Every: 250 * time.Millisecond})
	w.facts.Keyboard = string(layout)
	w.repaint = t.Repaint
	w.keys = func(layout string) error { return t.SetKeymap(fbterm.Keymap(layout)) }
	return nil
}

// leave gives the terminals back.
func (f *furniture) leave(s *sitting) {
	for _, c := range f.close {
		if err := c(); err != nil {
			s.complain(fmt.Errorf("give the terminals back: %w", err))
		}
	}
}
