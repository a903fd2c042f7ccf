package emulator

import (
	"context"
	"errors"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/nvme"
)

// Controller is an NVMe drive as a target serves it to another machine: the admin
// queue, and the data path of each namespace. It outlives power cuts.
type Controller struct{ d *Drive }

// Controller is the drive's; nil where it speaks something else.
func (d *Drive) Controller() *Controller {
	if d.nvme == nil {
		return nil
	}
	return &Controller{d}
}

// Admin does one admin command.
func (c *Controller) Admin(ctx context.Context, cmd nvme.AdminCommand) (nvme.Completion, error) {
	return c.d.Admin().Admin(ctx, cmd)
}

// ReadAt reads whole blocks of a namespace.
func (c *Controller) ReadAt(nsid uint32, p []byte, off int64) error {
	return c.io(nsid, false, func(n *Conn) error { _, err := n.ReadAt(p, off); return err })
}

// WriteAt writes whole blocks of a namespace; only Flush makes them durable.
func (c *Controller) WriteAt(nsid uint32, p []byte, off int64) error {
	return c.io(nsid, true, func(n *Conn) error { _, err := n.WriteAt(p, off); return err })
}

// Flush empties the volatile cache.
func (c *Controller) Flush(ctx context.Context, nsid uint32) error {
	return c.io(nsid, true, func(n *Conn) error { return n.Flush(ctx) })
}

// Deallocate is Dataset Management with AD: blocks that read as zeros from then
// on, and whose cells flash keeps.
func (c *Controller) Deallocate(nsid uint32, lba, blocks uint64) error {
	return c.io(nsid, true, func(n *Conn) error {
		c.d.mu.Lock()
		defer c.d.mu.Unlock()
		if err := c.d.present(anyLife); err != nil {
			return err
		}
		if err := c.d.mediaBlocked(); err != nil {
			return err
		}
		if lba+blocks < lba || lba+blocks > c.d.addressable(n.u) {
			return nvme.NewStatusError(nvme.AdminCommand{}, 0x080)
		}
		if blocks > 0 {
			c.d.med.Discard(n.u.first+lba, blocks)
		}
		return nil
	})
}

// BlockSize is the logical block of a namespace in bytes; 0 where there is none.
func (c *Controller) BlockSize(nsid uint32) int {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	if c.d.nvme.unitOf(nsid) == nil {
		return 0
	}
	return c.d.med.SectorSize()
}

// io does one act on a namespace. What the drive refuses is a *nvme.StatusError;
// any other error means that nothing answers.
func (c *Controller) io(nsid uint32, write bool, do func(*Conn) error) error {
	c.d.mu.Lock()
	u := c.d.nvme.unitOf(nsid)
	c.d.mu.Unlock()
	if u == nil {
		return nvme.NewStatusError(nvme.AdminCommand{}, statusNamespace|doNotRetry)
	}
	err := do(&Conn{d: c.d, u: u, life: anyLife})
	if status := c.status(err, write); status != 0 {
		return nvme.NewStatusError(nvme.AdminCommand{}, status)
	}
	return err
}

// status is what the data path answers for an error of the drive's own; 0 for
// none, and for one of the road.
func (c *Controller) status(err error, write bool) uint16 {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	switch {
	case err == nil, devices.Gone(err):
		return 0
	case errors.Is(err, ErrLocked):
		return statusAccessDenied | doNotRetry
	case errors.Is(err, ErrMedium) && write:
		return 0x280 | doNotRetry // write fault
	case errors.Is(err, ErrMedium):
		return 0x281 | doNotRetry // unrecovered read error
	case c.d.nvme.mediaBlocked() != 0:
		return c.d.nvme.mediaBlocked()
	case errors.Is(err, ErrAbort):
		return 0x080 | doNotRetry // LBA out of range
	}
	return 0
}
