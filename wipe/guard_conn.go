package wipe

import (
	"context"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// The requests of a devices.Conn, each within the guard's bounds.

func (g *guard) Look(ctx context.Context) (devices.Facts, error) {
	return request(g, "identify", g.limit, func() (devices.Facts, error) { return g.Conn.Look(ctx) })
}

func (g *guard) LookIdentity(ctx context.Context) (devices.Identity, error) {
	return request(g, "identify", g.limit, func() (devices.Identity, error) { return g.Conn.LookIdentity(ctx) })
}

func (g *guard) ReadAt(p []byte, off int64) (int, error) {
	return g.transfer("read", transfer{g.read, p, off})
}

func (g *guard) WriteAt(p []byte, off int64) (int, error) {
	return g.transfer("write", transfer{g.write, p, off})
}

func (g *guard) Flush(ctx context.Context) error {
	return g.act("flush", func() error { return g.Conn.Flush(ctx) })
}

func (g *guard) Rescan(ctx context.Context) error {
	return g.act("rescan", func() error { return g.Conn.Rescan(ctx) })
}

func (g *guard) Reset(ctx context.Context) error {
	return g.act("reset", func() error { return g.Conn.Reset(ctx) })
}

// act is a request that answers nothing but an error.
func (g *guard) act(name string, do func() error) error {
	_, err := request(g, name, g.limit, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

func (g *guard) ATA() ata.Transport {
	if t := g.Conn.ATA(); t != nil {
		return guardATA{g, t}
	}
	return nil
}

func (g *guard) SCSI() scsi.Transport {
	if t := g.Conn.SCSI(); t != nil {
		return guardSCSI{g, t}
	}
	return nil
}

func (g *guard) NVMe() nvme.Transport {
	if t := g.Conn.NVMe(); t != nil {
		return guardNVMe{g, t}
	}
	return nil
}

type guardATA struct {
	g *guard
	t ata.Transport
}

func (x guardATA) Exec(ctx context.Context, c ata.Command) (ata.Result, error) {
	return request(x.g, ata.Name(c), x.g.commandLimit(c.Timeout), func() (ata.Result, error) { return x.t.Exec(ctx, c) })
}

type guardSCSI struct {
	g *guard
	t scsi.Transport
}

func (x guardSCSI) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	return request(x.g, scsiName(c), x.g.commandLimit(c.Timeout), func() (scsi.Result, error) { return x.t.Exec(ctx, c) })
}

type guardNVMe struct {
	g *guard
	t nvme.Transport
}

func (x guardNVMe) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	return request(x.g, nvme.Name(c), x.g.commandLimit(c.Timeout), func() (nvme.Completion, error) { return x.t.Admin(ctx, c) })
}
