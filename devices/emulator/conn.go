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
	sat    *ata.SAT // over target, for ATA drives
}

var _ devices.Conn = (*Conn)(nil)

// conn is a descriptor that excludes nobody, for looking.
func (d *Drive) conn(i int) *Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &Conn{d: d, u: d.units[i], life: d.life, closed: make(chan struct{})}
	if d.p.Kind.ATA() {
		c.sat = ata.NewSAT(c.target())
	}
	return c
}

// open is the exclusive descriptor: same stack, same identity, nobody else.
func (d *Drive) open(ctx context.Context, dev devices.Device, i int) (*Conn, error) {
	c := d.conn(i)
	id, err := c.LookIdentity(ctx)
	if err != nil {
		return nil, err
	}
	if same, field := dev.Identity.Same(id); !same {
		return nil, devices.Refuse(devices.CodeIdentityChanged, dev, field)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := dev
	now.Stack = d.stack
	if in := devices.InUse(now); len(in) > 0 {
		return nil, &in[0]
	}
	if !reflect.DeepEqual(d.stack, dev.Stack) {
		return nil, devices.Refuse(devices.CodeIdentityChanged, dev, "stack")
	}
	if d.opened {
		return nil, devices.Refuse(devices.CodeBusy, dev)
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
	if err := c.d.enter(ctx, c.caller(), 0, ""); err != nil {
		return err
	}
	defer c.d.mu.Unlock()
	c.d.med.Flush()
	return nil
}

// Size is what can be addressed now, in bytes.
func (c *Conn) Size() int64 {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	return int64(c.d.addressable(c.u) * uint64(c.d.sector()))
}

// SectorSize is the logical sector in bytes.
func (c *Conn) SectorSize() int {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	return c.d.med.SectorSize()
}

// ATA is the road to the drive's ATA commands, nil where it has none.
func (c *Conn) ATA() ata.Transport {
	if c.sat == nil {
		return nil
	}
	return c.sat
}

// SCSI is the road for CDBs, nil where there is none.
func (c *Conn) SCSI() scsi.Transport {
	if t := c.target(); t != nil {
		return t
	}
	return nil
}

func (c *Conn) target() *target {
	if !c.d.p.Kind.ATA() && !c.d.p.Kind.SCSI() {
		return nil
	}
	return &target{d: c.d, who: c.caller(), u: c.u}
}

// NVMe is the controller's admin queue, nil where there is none.
func (c *Conn) NVMe() nvme.Transport { return nil }

// NSID is the namespace of this descriptor.
func (c *Conn) NSID() uint32 { return 0 }

// Rescan has nothing to do: the size is asked each time.
func (c *Conn) Rescan(ctx context.Context) error { return ctx.Err() }

// Reset resets the drive.
func (c *Conn) Reset(ctx context.Context) error {
	if err := c.d.enter(ctx, c.caller(), 0, ""); err != nil {
		return err
	}
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

func (c *Conn) caller() caller { return caller{c.life, c.closed} }
