// Package spy listens on every request that a program sends to its drives, and may
// meddle with it: for tests that must know what was sent when, cut the power at a
// given moment, or change an answer.
package spy

import (
	"context"
	"fmt"
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// Op is one request.
type Op struct {
	Drive  string // serial of the device that was opened
	Name   string // "read", "write", "flush", "reset", "look", or the command's name
	Offset int64  // of reads and writes
	Len    int
}

// Changes reports whether the request may change what is on the drive, or its locks
// and limits.
func (o Op) Changes() bool {
	for _, p := range changing {
		if strings.HasPrefix(o.Name, p) {
			return true
		}
	}
	return false
}

// changing are the beginnings of the names of what changes a drive.
var changing = []string{
	"write", "SECURITY SET PASSWORD", "SECURITY UNLOCK", "SECURITY ERASE UNIT", "SECURITY DISABLE PASSWORD",
	"CRYPTO SCRAMBLE", "BLOCK ERASE", "OVERWRITE EXT", "SET MAX ADDRESS", "DEVICE CONFIGURATION RESTORE", "SET ACCESSIBLE MAX",
	"Sanitize", "Format NVM", "SCSI 48h", "SCSI 04h", "MMC CMD6", "MMC CMD38",
}

// System is another system with an ear on it.
type System struct {
	devices.System
	// Before is told of each request; an error is the answer, and nothing is sent.
	Before func(Op) error
	// Lose names a part of a write that is not sent, n bytes from at on, and
	// answered as if it had been: a drive that loses writes. 0: all is sent.
	Lose func(Op) (at, n int)
	// After may replace the error that came back.
	After func(Op, error) error
}

// Open opens d and listens on it.
func (s System) Open(ctx context.Context, d devices.Device) (devices.Conn, error) {
	c, err := s.System.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	return &conn{c, s, d.Identity.Serial}, nil
}

// request is one request with both ears.
func request[T any](s System, o Op, send func() (T, error)) (T, error) {
	if s.Before != nil {
		if err := s.Before(o); err != nil {
			var none T
			return none, err
		}
	}
	v, err := send()
	if s.After != nil {
		err = s.After(o, err)
	}
	return v, err
}

type conn struct {
	devices.Conn
	s     System
	drive string
}

func (c *conn) op(name string) Op { return Op{Drive: c.drive, Name: name} }

func (c *conn) Look(ctx context.Context) (devices.Facts, error) {
	return request(c.s, c.op("look"), func() (devices.Facts, error) { return c.Conn.Look(ctx) })
}

func (c *conn) LookIdentity(ctx context.Context) (devices.Identity, error) {
	return request(c.s, c.op("look"), func() (devices.Identity, error) { return c.Conn.LookIdentity(ctx) })
}

func (c *conn) ReadAt(p []byte, off int64) (int, error) {
	return request(c.s, Op{c.drive, "read", off, len(p)}, func() (int, error) { return c.Conn.ReadAt(p, off) })
}

func (c *conn) WriteAt(p []byte, off int64) (int, error) {
	o := Op{c.drive, "write", off, len(p)}
	return request(c.s, o, func() (int, error) {
		if c.s.Lose != nil {
			if at, n := c.s.Lose(o); n > 0 {
				return c.around(p, off, at, n)
			}
		}
		return c.Conn.WriteAt(p, off)
	})
}

// around writes p but for n bytes from at on.
func (c *conn) around(p []byte, off int64, at, n int) (int, error) {
	if done, err := c.Conn.WriteAt(p[:at], off); err != nil {
		return done, err
	}
	done, err := c.Conn.WriteAt(p[at+n:], off+int64(at+n))
	return at + n + done, err
}

func (c *conn) Flush(ctx context.Context) error {
	_, err := request(c.s, c.op("flush"), func() (int, error) { return 0, c.Conn.Flush(ctx) })
	return err
}

func (c *conn) Reset(ctx context.Context) error {
	_, err := request(c.s, c.op("reset"), func() (int, error) { return 0, c.Conn.Reset(ctx) })
	return err
}

func (c *conn) ATA() ata.Transport {
	if t := c.Conn.ATA(); t != nil {
		return ataWire{c, t}
	}
	return nil
}

func (c *conn) SCSI() scsi.Transport {
	if t := c.Conn.SCSI(); t != nil {
		return scsiWire{c, t}
	}
	return nil
}

func (c *conn) NVMe() nvme.Transport {
	if t := c.Conn.NVMe(); t != nil {
		return nvmeWire{c, t}
	}
	return nil
}

// MMC is the bus of a card where the road has one.
func (c *conn) MMC() mmc.Transport {
	if m, ok := c.Conn.(interface{ MMC() mmc.Transport }); ok {
		if t := m.MMC(); t != nil {
			return mmcWire{c, t}
		}
	}
	return nil
}

// OpenAreas listens on the other areas of a card as well.
func (c *conn) OpenAreas(ctx context.Context) ([]devices.Area, error) {
	o, ok := c.Conn.(devices.AreaOpener)
	if !ok {
		return nil, nil
	}
	areas, err := o.OpenAreas(ctx)
	for i := range areas {
		areas[i].MMC = mmcWire{c, areas[i].MMC}
	}
	return areas, err
}

type ataWire struct {
	c *conn
	t ata.Transport
}

func (w ataWire) Exec(ctx context.Context, cmd ata.Command) (ata.Result, error) {
	return request(w.c.s, w.c.op(ata.Name(cmd)), func() (ata.Result, error) { return w.t.Exec(ctx, cmd) })
}

type scsiWire struct {
	c *conn
	t scsi.Transport
}

func (w scsiWire) Exec(ctx context.Context, cmd scsi.Command) (scsi.Result, error) {
	name := "SCSI command"
	if len(cmd.CDB) > 0 {
		name = fmt.Sprintf("SCSI %02Xh", cmd.CDB[0])
	}
	return request(w.c.s, w.c.op(name), func() (scsi.Result, error) { return w.t.Exec(ctx, cmd) })
}

type nvmeWire struct {
	c *conn
	t nvme.Transport
}

func (w nvmeWire) Admin(ctx context.Context, cmd nvme.AdminCommand) (nvme.Completion, error) {
	return request(w.c.s, w.c.op(nvme.Name(cmd)), func() (nvme.Completion, error) { return w.t.Admin(ctx, cmd) })
}

type mmcWire struct {
	c *conn
	t mmc.Transport
}

func (w mmcWire) Exec(ctx context.Context, cmd mmc.Command) (uint32, error) {
	return request(w.c.s, w.c.op(fmt.Sprintf("MMC CMD%d", cmd.Index)), func() (uint32, error) { return w.t.Exec(ctx, cmd) })
}
