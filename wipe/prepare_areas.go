package wipe

import (
	"context"
	"errors"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/wipe/rules"
)

// opener opens one kind of hidden area.
type opener func(ctx context.Context, w *work, t ata.Transport) error

var openers = map[PreparationKind]opener{
	PrepareOpenHPA:  openHPA,
	PrepareOpenDCO:  func(ctx context.Context, _ *work, t ata.Transport) error { return ata.DCORestore(ctx, t) },
	PrepareOpenAMAC: openAMAC,
}

// Preparable lists what this program can prepare today.
func Preparable() map[PreparationKind]bool {
	out := map[PreparationKind]bool{PrepareSectorSize: true}
	for k := range openers {
		out[k] = true
	}
	return out
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

// needsPowerCycle: the drive has used up this power cycle's one change, or the
// host does not see what the drive took. It is asked for once: what a power cycle
// did not help stays closed.
func (w *work) needsPowerCycle(k PreparationKind, acted, seen error, h devices.HiddenAreas) bool {
	if w.job.Resume.cycled(k) {
		return false
	}
	if acted != nil {
		return spent(k, acted)
	}
	return seen != nil || hides(h, k)
}

// spent: a second lasting SET MAX ADDRESS of a power cycle ends with IDNF, a second
// SET ACCESSIBLE MAX ADDRESS with ABRT (ATA8-ACS §7.50, ACS-4 §7.1.4).
func spent(k PreparationKind, err error) bool {
	var e *ata.CommandError
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case k == PrepareOpenHPA && (e.Command.Command == ata.CmdSetMaxExt || e.Command.Command == ata.CmdSetMax):
		return e.Registers.Error&ata.ErrorIDNF != 0
	case k == PrepareOpenAMAC && e.Command.Feature == featureSetAMAC:
		return e.Aborted()
	}
	return false
}

// featureSetAMAC is SET ACCESSIBLE MAX ADDRESS EXT among the commands 78h.
const featureSetAMAC = 0x0001

// stateOf is the field of h that kind k is about; never nil.
func stateOf(h *devices.HiddenAreas, k PreparationKind) *devices.HiddenState {
	switch k {
	case PrepareOpenHPA:
		return &h.HPA
	case PrepareOpenDCO:
		return &h.DCO
	case PrepareOpenAMAC:
		return &h.AMAC
	}
	return new(devices.HiddenState)
}

// hides reports whether something is known to be hidden by k.
func hides(h devices.HiddenAreas, k PreparationKind) bool {
	s := *stateOf(&h, k)
	return s == devices.HiddenPresent || s == devices.HiddenPowerCycle
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
