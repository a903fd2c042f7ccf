package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/wipe/campaign/spy"
	"github.com/massho/massho/wipe/campaign/stick"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/session"
)

// hear is asked before each request to a drive.
func (w *world) hear(o spy.Op) error {
	if w.dead {
		return errPower
	}
	if o.Changes() {
		w.explained(o)
	}
	if err := w.count(o, false); err != nil {
		return err
	}
	if o.Name == "flush" {
		if w.flushes++; w.s.flush > 0 && w.flushes >= w.s.flush {
			return errFlush
		}
	}
	return nil
}

// losing loses one sector of one write of a pass.
func (w *world) losing(o spy.Op) (at, n int) {
	sector := int(w.drive.Params().LogicalSector)
	if o.Len <= sector {
		return 0, 0
	}
	if w.writes++; w.writes != w.s.lostWrite {
		return 0, 0
	}
	return int(w.s.seed%uint64(o.Len/sector)) * sector, sector
}

// after is told what came of it.
func (w *world) after(o spy.Op, err error) error {
	if err == nil && w.beginsPass(o) {
		w.intents.started = w.intents.passes // one that failed is tried again
	}
	if errors.Is(err, emulator.ErrNoPower) {
		w.cut() // the drive's power is the station's
	}
	return errors.Join(err, w.count(o, true))
}

// count lets the moments of this request come: before it is sent, or after.
func (w *world) count(o spy.Op, after bool) error {
	small := (o.Name == "read" || o.Name == "write") && o.Len <= int(w.drive.Params().LogicalSector)
	work := o.Name != "look" && !small
	if !after {
		w.driveOps++
		if work {
			w.workOps++
		}
	}
	err := w.due(onDrive, after, w.driveOps)
	if work {
		err = errors.Join(err, w.due(onWork, after, w.workOps))
	}
	return err
}

// due lets happen what the schedule has for this moment.
func (w *world) due(of ear, after bool, n int) error {
	now := moment{start: w.start, of: of, n: n, after: after}
	if w.s.stop == now {
		w.stop()
	}
	if slices.Contains(w.s.cuts, now) {
		w.cut()
	}
	for i := range w.s.stick {
		if f := &w.s.stick[i]; f.moment == now && w.lost == nil {
			w.lose(f)
		}
	}
	if w.dead {
		return errPower
	}
	return nil
}

// stickHook is asked before each operation on a stick.
func (w *world) stickHook(*stick.Stick) func(string) error {
	return func(op string) error {
		if w.dead {
			return errPower
		}
		switch op {
		case "write", "sync", "create", "reserve", "store", "stored", "rename":
			w.stickOps++
			return errors.Join(w.due(onStick, false, w.stickOps), w.due(onStick, true, w.stickOps))
		}
		return nil
	}
}

// lose makes the stick unusable.
func (w *world) lose(f *stickFault) {
	w.lost = f
	w.seen["stick lost"]++
	st := w.sticks[0]
	switch f.kind {
	case "pull":
		st.Pull()
	case "protect":
		st.Protect(true)
	case "fill":
		st.Fill(true)
	case "wear":
		w.worn = true
		st.Wear(true)
	}
}

// search is what the program finds when it looks for a stick.
func (w *world) search(context.Context) (session.Evidence, error) {
	if w.searches++; w.lost == nil || w.searches < w.lost.wait {
		return nil, evidence.ErrMissing
	}
	st := w.sticks[0]
	switch w.lost.back {
	case "same":
		st.Protect(false)
		st.Fill(false)
		st.Wear(false)
		st.Plug()
		return st, nil
	case "other":
		if len(w.sticks) == 1 {
			other := stick.New("U9", w.s.seed+9)
			other.Before = w.stickHook(other)
			w.sticks = append(w.sticks, other)
		}
		return w.sticks[len(w.sticks)-1], nil
	}
	w.stop() // somebody gives up
	return nil, evidence.ErrMissing
}

// intents is what a durable journal says of what is being done to the drive.
type intents struct {
	seen    uint64 // changes of all sticks when it was read
	open    []string
	passes  int // intents of passes so far
	started int // passes of which the first byte was seen
}

// explained checks that an intent which names this request is durable.
func (w *world) explained(o spy.Op) {
	if o.Drive != w.serial {
		w.violation("%s of drive %s, which is not in the job", o.Name, o.Drive)
		return
	}
	if w.worn {
		return // what the stick promised, it did not keep
	}
	w.readIntents()
	if !slices.ContainsFunc(w.intents.open, func(i string) bool { return covers(i, o) }) {
		w.violation("%s at %d: no durable intent for it; there are %q", o.Name, o.Offset, w.intents.open)
	}
	if w.beginsPass(o) && w.intents.passes <= w.intents.started {
		w.violation("a pass began without a durable intent of its own (%d, %d)", w.intents.passes, w.intents.started)
	}
}

// beginsPass: a pass that begins at 0 needs an intent of its own.
func (w *world) beginsPass(o spy.Op) bool {
	return o.Name == "write" && o.Offset == 0 && o.Len > int(w.drive.Params().LogicalSector)
}

// readIntents reads the journals again when something became durable.
func (w *world) readIntents() {
	var changes uint64
	for _, st := range w.sticks {
		changes += st.Changes() + 1
	}
	if changes == w.intents.seen {
		return
	}
	w.intents.seen, w.intents.open, w.intents.passes = changes, nil, 0
	passes := map[journal.RunID]int{}
	for _, st := range w.sticks {
		for _, folder := range []string{evidence.DirJournals, evidence.DirMirror} {
			for _, name := range st.List(folder) {
				log, _ := journal.Parse(st.Durable(folder, name)) // damaged ones explain what they can
				run := log.Header.Run
				passes[run] = max(passes[run], w.readLog(log))
			}
		}
	}
	for _, n := range passes {
		w.intents.passes += n
	}
}

// readLog takes the last intent of one journal, and counts its passes.
func (w *world) readLog(log *journal.Log) (passes int) {
	open := ""
	for _, r := range log.Records {
		switch r.Type {
		case journal.TypeIntent:
			var v journal.IntentPayload
			if json.Unmarshal(r.Payload, &v) == nil && v.Drive == w.serial {
				open = v.Command
				if open == "overwrite pass" {
					passes++
				}
			}
		case journal.TypeOutcome, journal.TypeClosed:
			open = ""
		}
	}
	if open != "" {
		w.intents.open = append(w.intents.open, open)
	}
	return passes
}

// covers reports whether an intent names a request.
func covers(intent string, o spy.Op) bool {
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(p string) bool { return strings.HasPrefix(intent, p) })
	}
	switch {
	case o.Name == "write":
		return has("plant canaries", "overwrite pass", "read canaries")
	case strings.HasPrefix(o.Name, "SECURITY UNLOCK"), strings.HasPrefix(o.Name, "SECURITY DISABLE"):
		return has("SECURITY")
	case strings.HasPrefix(o.Name, "SECURITY"), strings.HasPrefix(o.Name, "Format"):
		return has(strings.Join(strings.Fields(o.Name)[:2], " "))
	case strings.HasPrefix(o.Name, "Sanitize"):
		return has("Sanitize")
	case strings.HasPrefix(o.Name, "SCSI 04h"):
		return has("FORMAT UNIT")
	case slices.ContainsFunc([]string{"SCSI 48h", "CRYPTO", "BLOCK", "OVERWRITE"}, func(p string) bool { return strings.HasPrefix(o.Name, p) }):
		return has("SANITIZE")
	case strings.HasPrefix(o.Name, "SET "), strings.HasPrefix(o.Name, "DEVICE CONF"):
		return has("open-")
	}
	return has("MMC", "ERASE")
}
