package wipe

import (
	"context"
	"errors"
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

// sectorSize is what the host can address on every drive, in bytes.
const sectorSize = 512

// reformat gives a drive from a storage array (520 or 528 bytes a sector) the
// sectors that the host can address. By itself it claims nothing: it only opens
// the way to what follows. Unlike a hidden area, which may stay closed, nothing
// can be done without it, so that a failure ends the run.
func (w *work) reformat(ctx context.Context, now devices.Facts) (devices.Facts, error) {
	if now.Unready == "" && now.Identity.LogicalSector == sectorSize {
		return now, nil // done before a power cut
	}
	road := w.conn.SCSI()
	if road == nil {
		return now, fmt.Errorf("%s: %s: planned, but this road carries no SCSI commands", w.drive, PrepareSectorSize)
	}
	w.say(Event{Phase: PhasePrepare})
	if err := w.intent(ctx, "prepare", string(PrepareSectorSize), map[string]uint32{"from": now.Identity.LogicalSector, "to": sectorSize}); err != nil {
		return now, err
	}
	var sent StepResult
	acted := w.formatTo(ctx, scsiWire{wire{&sent}, road}, &sent)
	w.res.Prepared = append(w.res.Prepared, sent.Commands...)
	if acted == nil {
		acted = w.rescan(ctx)
	}
	after, look := w.conn.Look(ctx)
	if acted == nil && look == nil && (after.Unready != "" || after.Identity.LogicalSector != sectorSize) {
		acted = fmt.Errorf("the drive has sectors of %d bytes afterwards (%s)", after.Identity.LogicalSector, after.Unready)
	}
	err := errors.Join(acted, look)
	w.note(journal.TypeResult, preparePayload{w.drive, PrepareSectorSize, now.Hidden, after.Hidden, sent.Commands, false, errText(err)})
	if err != nil {
		return now, fmt.Errorf("%s: format with sectors of %d bytes: %w", w.drive, sectorSize, err)
	}
	if same, field := w.res.Before.Identity.Same(after.Identity); !same {
		return now, fmt.Errorf("%s: %s differs after the format: %w", w.drive, field, ErrExchanged)
	}
	return after, nil
}

// formatTo is MODE SELECT with the block length and FORMAT UNIT (SBC-4 §5.4),
// followed to its end.
func (w *work) formatTo(ctx context.Context, t scsi.Transport, sent *StepResult) error {
	hold := context.WithoutCancel(ctx)
	if err := scsi.SetBlockLength(hold, t, sectorSize); err != nil {
		return err
	}
	const name = "FORMAT UNIT"
	st, err := w.startSCSI(ctx, t, sent, name, scsi.Format{Immediate: true, Timeout: acceptTimeout}.Run)
	switch {
	case err != nil:
		return err
	case sent.Status == rules.StepRefused:
		return fmt.Errorf("%s", sent.Notes[len(sent.Notes)-1])
	}
	if err := w.poll(ctx, sent, name, st, scsiProbe(t)); err != nil {
		return err
	}
	if sent.Status != rules.StepCompleted {
		return fmt.Errorf("%s: %s: %s", name, sent.Status, sent.RawStatus)
	}
	return nil
}

// rescan makes the host read capacity and sector size again.
func (w *work) rescan(ctx context.Context) error {
	if err := w.conn.Rescan(ctx); err != nil {
		return err
	}
	if n := w.conn.SectorSize(); n > 0 && n != len(w.buf) {
		w.buf = alignedBuffer(n)
	}
	return nil
}
