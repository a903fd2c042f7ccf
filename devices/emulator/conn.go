package emulator

import (
	"context"
	"reflect"
	"sync"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// Conn is one descriptor on a drive.
type Conn struct {
	d      *Drive
	u      *unit
	life   int
	owner  bool
	closed chan struct{}
	once   sync.Once
}

var _ devices.Conn = (*Conn)(nil)

// conn is a descriptor that excludes nobody, for looking.
func (d *Drive) conn(i int) *Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Conn{d: d, u: d.units[i], life: d.life, closed: make(chan struct{})}
}

// open is the exclusive descriptor: same stack, same identity, nobody else.
func (d *Drive) open(ctx context.Context, dev devices.Device, i int) (*Conn, error) {
	c := d.conn(i)
	refuse := func(code devices.Code, why, next devices.Text) error {
		return &devices.Refusal{Code: code, Object: dev.Name + " " + dev.Identity.Serial, Why: why, Next: next}
	}
	id, err := c.LookIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if same, field := dev.Identity.Same(id); !same {
		return nil, refuse("identity-changed",
			devices.Text{Ja: "検出したときの装置と異なります（" + field + "）", En: "this is not the drive that was detected: " + field + " differs"},
			devices.Text{Ja: "もう一度検出してください", En: "detect again"})
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !reflect.DeepEqual(d.stack, dev.Stack) {
		return nil, refuse("stack-changed",
			devices.Text{Ja: "検出の後に使用状況が変わりました", En: "mounts or holders changed since detection"},
			devices.Text{Ja: "使用をやめ、もう一度検出してください", En: "release the drive and detect again"})
	}
	if d.opened {
		return nil, refuse("busy",
			devices.Text{Ja: "ほかの処理が使用中です", En: "another descriptor is open"},
			devices.Text{Ja: "その処理が終わるのを待ってください", En: "wait for it to end"})
	}
	d.opened, c.owner = true, true
	return c, nil
}

// ReadAt reads whole sectors.
func (c *Conn) ReadAt(p []byte, off int64) (int, error) { return c.d.access(c, c.u, false, p, off) }

// WriteAt writes whole sectors; only Flush makes them durable.
func (c *Conn) WriteAt(p []byte, off int64) (int, error) { return c.d.access(c, c.u, true, p, off) }

// Flush empties the drive's volatile cache.
func (c *Conn) Flush(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.d.med.Flush()
	return nil
}

// Size is what can be addressed now, in bytes.
func (c *Conn) Size() int64 {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	return int64(c.d.addressable(c.u) * uint64(c.d.p.LogicalSector))
}

// SectorSize is the logical sector in bytes.
func (c *Conn) SectorSize() int { return int(c.d.p.LogicalSector) }

// ATA is the road to the drive's ATA commands, nil where it has none.
func (c *Conn) ATA() ata.Transport { return nil }

// SCSI is the road for CDBs, nil where there is none.
func (c *Conn) SCSI() scsi.Transport { return nil }

// NVMe is the controller's admin queue, nil where there is none.
func (c *Conn) NVMe() nvme.Transport { return nil }

// NSID is the namespace of this descriptor.
func (c *Conn) NSID() uint32 { return 0 }

// Rescan has nothing to do: the size is asked each time.
func (c *Conn) Rescan(ctx context.Context) error { return ctx.Err() }

// Reset resets the drive.
func (c *Conn) Reset(ctx context.Context) error {
	if err := c.ready(ctx); err != nil {
		return err
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	c.d.reset()
	return nil
}

// Close gives the descriptor up.
func (c *Conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.d.mu.Lock()
		defer c.d.mu.Unlock()
		if c.owner && c.life == c.d.life {
			c.d.opened = false
		}
	})
	return nil
}

func (c *Conn) ready(ctx context.Context) error {
	return c.d.ready(c.life, c.closed, ctx, defaultTimeout)
}
