package wipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/wipe/rules"
)

func init() { executors[rules.TechMMCEraseAndSanitize] = runMMCErase }

// runMMCErase erases the whole user area, boot0, boot1 and the general purpose
// partitions of an e.MMC, then lets SANITIZE purge what no address leads to any
// more (JESD84-B51, CMD38 and SANITIZE_START). A sanitize that was interrupted
// guarantees nothing: the step begins again from its start.
func runMMCErase(ctx context.Context, w *work, _ PlannedStep, res *StepResult) error {
	road := w.conn.MMC()
	if road == nil {
		return w.refuse(res, mmcNoRoad.why(nil))
	}
	m := &mmcRun{work: w, res: res, card: mmcWire{wire{res}, road}}
	if err := m.prepare(ctx); err != nil || res.Status == rules.StepRefused {
		return err
	}
	defer m.close()
	if err := w.intent(ctx, stepName(w.current), "ERASE, SANITIZE_START", m.intent()); err != nil {
		return err
	}
	// A card that is erasing cannot be called back: a stop request waits for the
	// command that runs, and is looked at before the next one.
	if err := m.eraseAll(ctx); err != nil || res.Status == rules.StepRefused {
		return err
	}
	if err := m.sanitize(ctx); err != nil || res.Status == rules.StepUnconfirmed {
		return err
	}
	return m.readBack(ctx)
}

// mmcRun is one erase of a card on its way.
type mmcRun struct {
	*work
	res   *StepResult
	card  mmcWire
	ext   mmc.ExtCSD
	areas []devices.Area
	begun bool // something was erased
}

// What one erase command covers, so that none takes for ever and the screen
// moves; and how long a card may take.
const (
	mmcChunk           = 1 << 30 // bytes
	mmcEraseTimeout    = 30 * time.Minute
	mmcSanitizeTimeout = 12 * time.Hour
)

// prepare asks the card afresh and opens every area. What cannot be reached
// cannot be spoken for: then nothing is begun.
func (m *mmcRun) prepare(ctx context.Context) error {
	ext, _, err := mmc.ReadExtCSD(ctx, m.card)
	if err != nil {
		return broken(m.res, fmt.Errorf("%s: EXT_CSD: %w", m.drive, err))
	}
	if !ext.Sanitize.IsYes() {
		return m.refuse(m.res, mmcNoSanitize.why(nil))
	}
	m.ext = ext
	areas, err := m.conn.OpenAreas(ctx)
	if devices.Gone(err) || ctx.Err() != nil {
		return fmt.Errorf("%s: %w", m.drive, err)
	}
	if err != nil {
		return m.refuse(m.res, mmcAreaShut.why(err))
	}
	m.areas = areas
	if missing := m.unreached(); missing != "" {
		m.close()
		return m.refuse(m.res, mmcAreaShut.why(errors.New(missing)))
	}
	return nil
}

// unreached compares the areas that EXT_CSD tells of with those that are open.
func (m *mmcRun) unreached() string {
	want := map[string]uint64{"boot0": m.ext.BootBytes, "boot1": m.ext.BootBytes}
	for i, n := range m.ext.GPBytes {
		want[fmt.Sprintf("gp%d", i)] = n
	}
	for _, a := range m.areas {
		if want[a.Name] == uint64(a.Bytes) {
			delete(want, a.Name)
		}
	}
	for name, n := range want {
		if n > 0 {
			return fmt.Sprintf("%s: %d bytes", name, n)
		}
	}
	return ""
}

func (m *mmcRun) close() {
	for _, a := range m.areas {
		if err := a.Close(); err != nil {
			m.res.Notes = append(m.res.Notes, a.Name+": "+err.Error())
		}
	}
}

func (m *mmcRun) intent() map[string]any {
	parts := map[string]any{"user": m.conn.Size()}
	for _, a := range m.areas {
		parts[a.Name] = a.Bytes
	}
	return map[string]any{"bytes": parts, "extCSDRevision": m.ext.Revision}
}

// eraseAll erases the user area and each other area. A card that refuses the
// first command has changed nothing.
func (m *mmcRun) eraseAll(ctx context.Context) error {
	total := m.conn.Size()
	for _, a := range m.areas {
		total += a.Bytes
	}
	done := int64(0)
	areas := append([]devices.Area{{Name: "user area", Bytes: m.conn.Size(), MMC: m.conn.MMC()}}, m.areas...)
	for _, a := range areas {
		t := mmcWire{wire{m.res}, a.MMC}
		for off := int64(0); off < a.Bytes; off += mmcChunk {
			m.say(Event{Phase: PhaseDevice, Step: m.current + 1, Done: done, Total: total, Left: -1})
			n := min(mmcChunk, a.Bytes-off)
			if err := m.eraseChunk(ctx, t, a.Name, off, n); err != nil || m.res.Status == rules.StepRefused {
				return err
			}
			done += n
		}
	}
	return nil
}

func (m *mmcRun) eraseChunk(ctx context.Context, t mmcWire, area string, off, n int64) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: erase %s: %w", m.drive, area, err)
	}
	cmds, err := mmc.EraseCommands(mmc.KindMMC, uint32(off/512), uint32((off+n)/512-1), mmc.EraseGroups, mmcEraseTimeout)
	if err != nil {
		return broken(m.res, fmt.Errorf("%s: erase %s: %w", m.drive, area, err))
	}
	err = mmc.RunAll(context.WithoutCancel(ctx), t, cmds)
	var refused *mmc.StatusError
	if errors.As(err, &refused) && refused.Refused() && !m.begun {
		return m.refuse(m.res, mmcRefused.why(err))
	}
	if err != nil {
		return broken(m.res, fmt.Errorf("%s: erase %s: %w", m.drive, area, err))
	}
	m.begun = true
	return nil
}

// sanitize purges what the erases have unmapped. A card that refuses it has been
// erased all the same, and that counts for nothing by itself.
func (m *mmcRun) sanitize(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: SANITIZE_START was not sent: %w", m.drive, err)
	}
	m.say(Event{Phase: PhaseDevice, Step: m.current + 1, Left: -1})
	err := mmc.Run(context.WithoutCancel(ctx), m.card, mmc.SanitizeCommand(mmcSanitizeTimeout))
	var refused *mmc.StatusError
	switch {
	case errors.As(err, &refused):
		m.res.Status, m.res.RawStatus = rules.StepUnconfirmed, err.Error()
		m.res.Notes = append(m.res.Notes, mmcNotPurged.why(err))
		return nil
	case err != nil:
		return broken(m.res, fmt.Errorf("%s: SANITIZE_START: %w", m.drive, err))
	}
	m.res.Status, m.res.RawStatus = rules.StepCompleted, fmt.Sprintf("ERASE of the user area and %d others, then SANITIZE_START, ended without error bits", len(m.areas))
	if m.ext.RPMBBytes > 0 {
		m.res.Notes = append(m.res.Notes, mmcRPMB.why(nil))
	}
	return nil
}

// readBack reads the small areas whole: no canary was planted there. An erased
// one reads as one value throughout.
func (m *mmcRun) readBack(ctx context.Context) error {
	buf := alignedBuffer(1 << 20)
	for _, a := range m.areas {
		at, err := notUniform(ctx, a, buf)
		switch {
		case err != nil && (ctx.Err() != nil || devices.Gone(err)):
			m.res.Status = rules.StepUnconfirmed
			return fmt.Errorf("%s: read %s back: %w", m.drive, a.Name, err)
		case err != nil:
			m.res.Status = rules.StepUnconfirmed
			m.res.Notes = append(m.res.Notes, mmcUnread.why(fmt.Errorf("%s: %w", a.Name, err)))
		case at >= 0:
			m.res.Status = rules.StepFailed
			return fmt.Errorf("%s: %s still holds data at byte %d after ERASE and SANITIZE_START", m.drive, a.Name, at)
		}
	}
	return nil
}

// notUniform is the first byte that differs from the area's first, -1 if none.
func notUniform(ctx context.Context, a devices.Area, buf []byte) (int64, error) {
	var value byte
	for off := int64(0); off < a.Bytes; off += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return -1, err
		}
		p := buf[:min(int64(len(buf)), a.Bytes-off)]
		if n, err := a.ReadAt(p, off); err != nil && (!errors.Is(err, io.EOF) || n < len(p)) {
			return -1, err
		}
		if off == 0 {
			value = p[0]
		}
		for i, c := range p {
			if c != value {
				return off + int64(i), nil
			}
		}
	}
	return -1, nil
}
