package emulator

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"sync"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/mmc"
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
	sat    ata.Transport // over target, for ATA drives
}

var (
	_ devices.Conn       = (*Conn)(nil)
	_ devices.AreaOpener = (*Conn)(nil)
	_ devices.MMCRoad    = (*Conn)(nil)
)

// conn is a descriptor that excludes nobody, for looking.
func (d *Drive) conn(u *unit) *Conn {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := &Conn{d: d, u: u, life: d.life, closed: make(chan struct{})}
	if d.p.Kind.ATA() {
		c.sat = oneAtATime(ata.NewSAT(c.target()))
	}
	return c
}

// open is the exclusive descriptor: same stack, same identity, nobody else.
func (d *Drive) open(ctx context.Context, dev devices.Device, u *unit) (*Conn, error) {
	c := d.conn(u)
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
	if c.u.opened {
		return nil, devices.Refuse(devices.CodeBusy, dev)
	}
	c.u.opened, c.owner = true, true
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
func (c *Conn) ATA() ata.Transport { return c.sat }

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
func (c *Conn) NVMe() nvme.Transport {
	if c.d.nvme == nil {
		return nil
	}
	return &admin{d: c.d, who: c.caller()}
}

// NSID is the namespace of this descriptor.
func (c *Conn) NSID() uint32 {
	if c.d.nvme == nil {
		return 0
	}
	return uint32(slices.Index(c.d.units, c.u) + 1)
}

// MMC is the bus of an SD card or an e.MMC, nil where there is none.
func (c *Conn) MMC() mmc.Transport {
	if c.d.mmc == nil {
		return nil
	}
	return &mmcBus{d: c.d, who: c.caller(), u: c.u}
}

// OpenAreas opens boot0, boot1 and the general purpose partitions of an e.MMC.
func (c *Conn) OpenAreas(ctx context.Context) ([]devices.Area, error) {
	var out []devices.Area
	for _, u := range c.d.areaUnits() {
		a := c.d.conn(u)
		a.life = c.life
		c.d.mu.Lock()
		err := c.d.present(c.life)
		if err == nil && u.opened {
			err = fmt.Errorf("%s: %s: another descriptor is open", c.d.p.Serial, u.name)
		}
		if err == nil {
			u.opened, a.owner = true, true
		}
		c.d.mu.Unlock()
		if err != nil {
			for _, open := range out {
				_ = open.Close() // nothing was done there
			}
			return nil, err
		}
		out = append(out, devices.Area{Name: u.name, Bytes: a.Size(), ReaderAt: a, Closer: a, MMC: a.MMC()})
	}
	return out, ctx.Err()
}

// areaUnits are the areas of an e.MMC beside the user area.
func (d *Drive) areaUnits() []*unit {
	if d.p.Kind != EMMC {
		return nil
	}
	return d.units[1:]
}

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
			c.u.opened = false
		}
	})
	return nil
}

// turns lets one caller at a time use a transport that serves only one.
type turns struct {
	free chan struct{}
	t    ata.Transport
}

func oneAtATime(t ata.Transport) ata.Transport { return &turns{make(chan struct{}, 1), t} }

// Exec waits for its turn and sends c.
func (s *turns) Exec(ctx context.Context, c ata.Command) (ata.Result, error) {
	select {
	case s.free <- struct{}{}:
	case <-ctx.Done():
		return ata.Result{}, ctx.Err()
	}
	defer func() { <-s.free }()
	return s.t.Exec(ctx, c)
}

func (c *Conn) caller() caller { return caller{c.life, c.closed} }
