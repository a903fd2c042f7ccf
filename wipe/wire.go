package wipe

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// wire carries commands to the drive and keeps each of them, with what came
// back, for the paper. It is the only way by which a technique reaches the drive.
type wire struct{ res *StepResult }

// keep adds a command. Polls of one status follow each other by the thousand:
// of a row of equal names the first and the last are kept, with their number.
func (w wire) keep(name, sent, status string) {
	list := w.res.Commands
	n := len(list)
	if n >= 2 && list[n-1].Name == name && list[n-2].Name == name {
		list[n-1].Bytes, list[n-1].Status = sent, status
		list[n-1].Times++
		return
	}
	w.res.Commands = append(list, Command{Name: name, Bytes: sent, Status: status, Times: 1})
}

// ataWire is the drive's ATA road.
type ataWire struct {
	wire
	t ata.Transport
}

// Exec sends one ATA command. Passwords are published ones, so nothing of what
// is sent needs hiding; data blocks are left out for their size alone.
func (w ataWire) Exec(ctx context.Context, c ata.Command) (ata.Result, error) {
	r, err := w.t.Exec(ctx, c)
	sent := fmt.Sprintf("%02X feature %04X count %04X lba %012X device %02X", c.Command, c.Feature, c.Count, c.LBA, c.Device)
	w.keep(ata.Name(c), sent, ataStatus(r, err))
	return r, err
}

// ataStatus is what came back: registers, their absence, or the error.
func ataStatus(r ata.Result, err error) string {
	if err != nil {
		return err.Error()
	}
	if r.Registers == nil {
		return "no registers returned"
	}
	g := r.Registers
	return fmt.Sprintf("status %02X error %02X count %04X lba %012X", g.Status, g.Error, g.Count, g.LBA)
}

// scsiWire is the drive's SCSI road.
type scsiWire struct {
	wire
	t scsi.Transport
}

// Exec sends one SCSI command.
func (w scsiWire) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	r, err := w.t.Exec(ctx, c)
	status := fmt.Sprintf("status %02X", r.Status)
	if len(r.Sense) > 0 {
		status += " sense " + hex.EncodeToString(r.Sense)
	}
	if err != nil {
		status = err.Error()
	}
	w.keep(scsiName(c), hex.EncodeToString(c.CDB), status)
	return r, err
}

// scsiName names a command by its operation code and, where one is shared, its
// service action.
func scsiName(c scsi.Command) string {
	if len(c.CDB) < 2 {
		return "SCSI command"
	}
	return fmt.Sprintf("SCSI %02Xh/%02Xh", c.CDB[0], c.CDB[1]&0x1F)
}

// nvmeWire is the drive's NVMe admin road.
type nvmeWire struct {
	wire
	t nvme.Transport
}

// Admin sends one NVMe admin command.
func (w nvmeWire) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	r, err := w.t.Admin(ctx, c)
	sent := fmt.Sprintf("%02X nsid %08X cdw10 %08X cdw11 %08X", c.Opcode, c.NSID, c.CDW10, c.CDW11)
	status := fmt.Sprintf("status 0000 dw0 %08X", r.Result)
	if err != nil {
		status = err.Error()
	}
	w.keep(nvme.Name(c), sent, status)
	return r, err
}

// sleep waits between two polls without a goroutine of its own.
func (w *work) sleep(ctx context.Context, d time.Duration) error {
	if w.Sleep != nil {
		return w.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
