package wipe

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/journal"
)

// alignedBuffer is n bytes that start on a page boundary, as O_DIRECT asks.
func alignedBuffer(n int) []byte {
	buf, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		// Anonymous memory of one sector: when even that is refused, nothing
		// else will work either, and the first read says so.
		return make([]byte, n)
	}
	return buf
}

// ErrPowerCycle says that the drive must be powered off and on before the run
// can go on: one change of the capacity is all that it takes in a power cycle,
// and some hosts see the change only then.
var ErrPowerCycle = errors.New("power cycle required: power the drive (or this PC) off and on and start again; the run goes on by itself from there")

// preparePayload is what came of opening a hidden area. Without an Error the
// drive took the command.
type preparePayload struct {
	Drive      string              `json:"drive"`
	Kind       PreparationKind     `json:"kind"`
	Before     devices.HiddenAreas `json:"before"`
	After      devices.HiddenAreas `json:"after"`
	Sent       []Command           `json:"sent"`
	PowerCycle bool                `json:"powerCycle,omitempty"` // needed before the run goes on
	Error      string              `json:"error,omitempty"`
}

// prepare opens hidden areas as the plan says, before anything is planted: the
// canaries shall cover the native range. On a resume the drive's present state
// decides: firmware may have hidden again what was opened.
func (w *work) prepare(ctx context.Context) error {
	if len(w.job.Plan.Preparation) == 0 {
		return nil
	}
	now, err := w.conn.Look(ctx)
	if err != nil {
		return fmt.Errorf("%s: read the hidden areas: %w", w.drive, err)
	}
	for _, p := range w.job.Plan.Preparation {
		if p.Kind == PrepareSectorSize {
			if now, err = w.reformat(ctx, now); err != nil {
				return err
			}
			continue
		}
		hides := hides(now.Hidden, p.Kind)
		switch done := w.job.Resume.prepared(p.Kind); {
		case done && !hides:
			w.res.Opened = append(w.res.Opened, p.Kind)
		case !done && w.job.Resume.pastPreparation():
			// The run went on without it; what is opened now was never erased.
		default:
			if now, err = w.open(ctx, p, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// open sends one act, makes the host read the capacity again, and looks at what
// came of it.
func (w *work) open(ctx context.Context, p Preparation, now devices.Facts) (devices.Facts, error) {
	road, run := w.conn.ATA(), openers[p.Kind]
	if road == nil || run == nil {
		return now, fmt.Errorf("%s: %s: planned, but this road cannot do it", w.drive, p.Kind)
	}
	w.say(Event{Phase: PhasePrepare})
	if err := w.intent(ctx, "prepare", string(p.Kind), now.Hidden); err != nil {
		return now, err
	}
	var sent StepResult
	acted := run(ctx, w, ataWire{wire{&sent}, road})
	var seen error
	if acted == nil {
		seen = w.conn.Rescan(ctx)
	}
	after, err := w.conn.Look(ctx)
	if err != nil {
		seen = errors.Join(seen, err)
		after = now
	} else if same, field := w.res.Before.Identity.Same(after.Identity); !same {
		return now, fmt.Errorf("%s: %s: %s differs: %w", w.drive, p.Kind, field, ErrExchanged)
	}
	if acted != nil && seen != nil {
		return now, fmt.Errorf("%s: %s: %w", w.drive, p.Kind, errors.Join(acted, seen))
	}
	cycle := w.needsPowerCycle(p.Kind, acted, seen, after.Hidden)
	payload := preparePayload{w.drive, p.Kind, now.Hidden, after.Hidden, sent.Commands, cycle, errText(acted)}
	if cycle {
		*stateOf(&payload.After, p.Kind) = devices.HiddenPowerCycle
	}
	w.note(journal.TypeResult, payload)
	w.res.Prepared = append(w.res.Prepared, sent.Commands...)
	return after, w.opened(p.Kind, cycle, acted, seen, after.Hidden)
}

// opened says how an act ended. An area that stays closed ends nothing: the facts
// say so, and claim less.
func (w *work) opened(k PreparationKind, cycle bool, acted, seen error, h devices.HiddenAreas) error {
	switch {
	case cycle:
		return fmt.Errorf("%s: %s: %w", w.drive, k, ErrPowerCycle)
	case acted != nil:
		w.res.Notes = append(w.res.Notes, string(k)+": "+both("隠れた領域を開放できませんでした。", "the hidden area could not be opened.")+" ("+acted.Error()+") "+adviceUnfreeze)
	case seen != nil:
		return fmt.Errorf("%s: %s: %w", w.drive, k, seen)
	case hides(h, k):
		w.res.Notes = append(w.res.Notes, string(k)+": "+both("ドライブは開放を受理したが、領域は見えないままです。", "the drive took the command, and the area is hidden all the same."))
	default:
		w.res.Opened = append(w.res.Opened, k)
	}
	return nil
}
