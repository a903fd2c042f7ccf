package wipe

import (
	"context"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/scsi"
)

// hooked is a Conn whose wires a test listens on and meddles with.
type hooked struct {
	devices.Conn
	// ata and scsi see each command of a technique; next carries it on.
	ata  func(c ata.Command, next func() (ata.Result, error)) (ata.Result, error)
	scsi func(c scsi.Command, next func() (scsi.Result, error)) (scsi.Result, error)
}

type ataFunc func(context.Context, ata.Command) (ata.Result, error)

func (f ataFunc) Exec(ctx context.Context, c ata.Command) (ata.Result, error) { return f(ctx, c) }

type scsiFunc func(context.Context, scsi.Command) (scsi.Result, error)

func (f scsiFunc) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) { return f(ctx, c) }

func (h hooked) ATA() ata.Transport {
	t := h.Conn.ATA()
	if h.ata == nil || t == nil {
		return t
	}
	return ataFunc(func(ctx context.Context, c ata.Command) (ata.Result, error) {
		return h.ata(c, func() (ata.Result, error) { return t.Exec(ctx, c) })
	})
}

func (h hooked) SCSI() scsi.Transport {
	t := h.Conn.SCSI()
	if h.scsi == nil || t == nil {
		return t
	}
	return scsiFunc(func(ctx context.Context, c scsi.Command) (scsi.Result, error) {
		return h.scsi(c, func() (scsi.Result, error) { return t.Exec(ctx, c) })
	})
}

// runHooked runs p with hooks on the wires of the drive.
func (b *bench) runHooked(t *testing.T, ctx context.Context, r *Runner, job Job, h hooked) Result {
	t.Helper()
	conn, err := b.sys.Open(ctx, b.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	h.Conn = conn
	if job.Journal == nil {
		job.Journal = b.log
	}
	res, err := r.Run(ctx, h, job)
	if err != nil {
		t.Fatal(err)
	}
	return res
}
