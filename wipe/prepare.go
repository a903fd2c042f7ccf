package wipe

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
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
// can go on: one change of the capacity is all that it takes in a power cycle.
var ErrPowerCycle = errors.New("power cycle required: power the drive (or this PC) off and on and start again; the run goes on by itself from there")

// opener opens one kind of hidden area.
type opener func(ctx context.Context, w *work, t ata.Transport) error

var openers = map[PreparationKind]opener{
	PrepareOpenHPA:  openHPA,
	PrepareOpenDCO:  func(ctx context.Context, _ *work, t ata.Transport) error { return ata.DCORestore(ctx, t) },
	PrepareOpenAMAC: openAMAC,
}

// Preparable lists the hidden areas that this program can open today.
func Preparable() map[PreparationKind]bool {
	out := make(map[PreparationKind]bool, len(openers))
	for k := range openers {
		out[k] = true
	}
	return out
}

// preparePayload is what came of opening a hidden area.
type preparePayload struct {
	Drive  string              `json:"drive"`
	Kind   PreparationKind     `json:"kind"`
	Before devices.HiddenAreas `json:"before"`
	After  devices.HiddenAreas `json:"after"`
	Sent   []Command           `json:"sent"`
	Error  string              `json:"error,omitempty"`
}

// prepare opens hidden areas as the plan says, before anything is planted: the
// canaries shall cover the native range.
func (w *work) prepare(ctx context.Context) error {
	for _, p := range w.job.Plan.Preparation {
		if w.job.Resume.prepared(p.Kind) {
			w.res.Opened = append(w.res.Opened, p.Kind)
			continue
		}
		if err := w.open(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) open(ctx context.Context, p Preparation) error {
	road, run := w.conn.ATA(), openers[p.Kind]
	if road == nil || run == nil {
		return fmt.Errorf("%s: %s: planned, but this road cannot do it", w.drive, p.Kind)
	}
	w.say(Event{Phase: PhasePrepare})
	before := w.res.Before.Hidden
	if err := w.intent(ctx, "prepare", string(p.Kind), before); err != nil {
		return err
	}
	var sent StepResult
	acted := run(ctx, w, ataWire{wire{&sent}, road})
	if acted == nil {
		acted = w.conn.Rescan(ctx)
	}
	look, err := w.conn.Look(ctx)
	if err != nil {
		return fmt.Errorf("%s: %s: %w", w.drive, p.Kind, errors.Join(acted, err))
	}
	if same, field := w.res.Before.Identity.Same(look.Identity); !same {
		return fmt.Errorf("%s: %s: %s differs: %w", w.drive, p.Kind, field, ErrExchanged)
	}
	w.note(journal.TypeResult, preparePayload{w.drive, p.Kind, before, look.Hidden, sent.Commands, errText(acted)})
	w.res.Prepared = append(w.res.Prepared, sent.Commands...)
	if acted != nil {
		// The area stays closed; the facts will say so and claim less.
		w.res.Notes = append(w.res.Notes, fmt.Sprintf("%s: %v", p.Kind, acted))
		return nil
	}
	w.res.Opened = append(w.res.Opened, p.Kind)
	if needsPowerCycle(look.Hidden) {
		return fmt.Errorf("%s: %s: %w", w.drive, p.Kind, ErrPowerCycle)
	}
	return nil
}

func needsPowerCycle(h devices.HiddenAreas) bool {
	return h.HPA == devices.HiddenPowerCycle || h.DCO == devices.HiddenPowerCycle || h.AMAC == devices.HiddenPowerCycle
}

// openHPA lifts the host protected area for good: a volatile change would be
// gone after the power cycle that the canaries ask for.
func openHPA(ctx context.Context, w *work, t ata.Transport) error {
	lba48 := w.res.Before.Caps.ATA.LBA48.IsYes()
	native, err := ata.ReadNativeMax(ctx, t, lba48)
	if err != nil {
		return err
	}
	return ata.SetMax(ctx, t, native, lba48, true)
}

// openAMAC sets the accessible max address to the native one (ACS-4 §7.1).
func openAMAC(ctx context.Context, _ *work, t ata.Transport) error {
	native, err := ata.GetNativeMaxAddress(ctx, t)
	if err != nil {
		return err
	}
	return ata.SetAccessibleMaxAddress(ctx, t, native)
}

// afterOpening is what is known of a hidden area at the end: one that this run
// opened, and that no longer hides anything, is opened, not absent.
func (w *work) afterOpening(h rules.Hidden) rules.Hidden {
	for _, k := range w.res.Opened {
		area := map[PreparationKind]*rules.HiddenState{PrepareOpenHPA: &h.HPA, PrepareOpenDCO: &h.DCO, PrepareOpenAMAC: &h.AMAC}[k]
		if area != nil && *area == rules.HiddenAbsent {
			*area = rules.HiddenOpened
		}
	}
	return h
}
