package main

import (
	"context"
	"errors"
	"os"
	"path"
	"regexp"
	"runtime/debug"
	"time"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/cmd/massho/console"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// Status is put together from what is in memory. While the evidence place is
// mounted the stick may never be pulled; it may after the console has closed it,
// which boot then says.
func (w *world) Status() console.Status {
	var st console.Status
	lost := false
	for _, s := range w.active() {
		for _, h := range s.Heads() {
			st.Heads = append(st.Heads, console.Head{Drive: h.Drive, Seq: h.Seq, Hash: h.Hash})
			lost = lost || h.Lost
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	st.OnBattery = w.battery
	st.Pull, st.Why = pull(w.gone || w.pulled || lost, len(w.sessions) > 0)
	return st
}

// pull is whether the stick may be pulled, and why.
func pull(gone, running bool) (console.Pull, rules.Label) {
	switch {
	case gone:
		return console.PullGone, label("記録用のUSBがありません。この案件のUSBを挿してください", "the stick is not there: plug in a stick of this case")
	case running:
		return console.PullForbidden, label("記録を書き込み中", "records are being written")
	}
	return console.PullForbidden, label("記録用の区画を開いています。終了すると閉じます", "the evidence place is open; ending closes it")
}

// How often the machine is looked at, and after how long without a record a
// journal gets one, so that the camera sees a new head.
const (
	lookEvery = time.Second
	tickAfter = 45 * time.Second
)

// watch keeps the world's readings fresh until ctx ends.
func (w *world) watch(ctx context.Context) {
	w.look(ctx)
	w.loops.Go(func() { every(ctx, lookEvery, func() { w.look(ctx) }) })
	ticks := ticker{seen: map[journal.RunID]lastSeen{}}
	w.loops.Go(func() { every(ctx, lookEvery, func() { ticks.tick(w.active(), mono()) }) })
	if !w.s.booted {
		return
	}
	w.loops.Go(func() {
		if err := w.s.state.Watch(ctx, w.event); err != nil && !errors.Is(err, context.Canceled) {
			w.said.add("抜き差しを検知できません。R で調べ直してください: "+err.Error(), "plugging is not noticed, look again with R: "+err.Error())
		}
	})
}

func every(ctx context.Context, d time.Duration, do func()) {
	t := time.NewTicker(d)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			do()
		}
	}
}

// look reads the power supply, and looks for the stick: while it is away, and no
// drive's own run looks for it, it is searched here.
func (w *world) look(ctx context.Context) {
	power, err := w.s.readPower()
	w.mu.Lock()
	w.battery = err == nil && power.OnBattery
	gone := w.gone || w.pulled
	w.pulled = false
	w.mu.Unlock()
	if !gone {
		gone = !w.present()
	}
	if gone && w.s.find != nil {
		_, err := w.s.find.search(ctx)
		gone = err != nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gone != gone {
		w.past = nil
		if gone {
			w.said.add("記録用のUSBが抜かれました。", "The stick was pulled.")
		} else {
			w.said.add("記録用のUSBが戻りました。", "The stick is back.")
		}
	}
	w.gone = gone
}

// present reports whether the medium of the evidence place is there.
func (w *world) present() bool {
	what := w.s.dir()
	if w.s.find != nil && w.s.find.node() != "" {
		what = w.s.find.node()
	}
	_, err := os.Stat(what)
	return err == nil
}

// drives are the names of whole drives among block devices.
var drives = regexp.MustCompile(`^(sd[a-z]+|vd[a-z]+|nvme\d+n\d+|mmcblk\d+|sr\d+)$`)

// event notes that a drive came or went, and that the stick was pulled, however
// short.
func (w *world) event(e early.Event) {
	if e.Subsystem != "block" || e.Action != "add" && e.Action != "remove" {
		return
	}
	name := path.Base(e.DevPath)
	stick := e.Action == "remove" && w.s.find != nil && path.Base(w.s.find.node()) == name
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pulled = w.pulled || stick
	if drives.MatchString(name) {
		w.gen++
	}
}

// ticker gives a journal without news a record.
type ticker struct{ seen map[journal.RunID]lastSeen }

type lastSeen struct {
	seq uint64
	at  time.Duration
}

// tickPayload is a record that only makes a new head.
type tickPayload struct {
	Drive string `json:"drive"`
}

// tick looks at every open journal. One that is full gets none: its run needs the
// room that is left.
func (t ticker) tick(all []*session.Session, at time.Duration) {
	for _, s := range all {
		_, err := s.Record(journal.TypeTick, func(h session.Head) any {
			last, ok := t.seen[h.Run]
			if !ok || last.seq != h.Seq {
				t.seen[h.Run] = lastSeen{h.Seq, at}
				return nil
			}
			if at-last.at < tickAfter {
				return nil
			}
			return tickPayload{h.Drive}
		})
		_ = err // full: said above; nothing else but the stick's loss, which the run tells
	}
}

// built is when the program was made, as far as the build knows.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.time" {
			t, err := time.Parse(time.RFC3339, s.Value)
			if err == nil {
				return t
			}
		}
	}
	return time.Time{}
}
