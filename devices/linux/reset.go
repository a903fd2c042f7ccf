//go:build linux

package linux

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
)

// Rescan makes the kernel read the capacity again, after a hidden area was
// opened. libata keeps the capacity of its own IDENTIFY until the port is
// probed again: that is done only where the port has no other drive.
func (c *conn) Rescan(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return c.wrap("rescan", err)
	}
	if err := c.rescanRoad(); err != nil {
		return c.wrap("rescan", err)
	}
	err := c.road.h.rereadPartitions()
	if err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: takes no partitions
		return c.wrap("rescan", err)
	}
	n, err := c.road.h.sizeBytes()
	if err != nil {
		return c.wrap("rescan", err)
	}
	logical, _, err := c.road.h.sectorSizes()
	if err != nil {
		return c.wrap("rescan", err)
	}
	if n > 0 {
		c.size.Store(int64(n))
		c.sector.Store(int64(logical))
	}
	return nil
}

func (c *conn) rescanRoad() error {
	n := c.f.node
	switch {
	case c.road.nvme != nil:
		return onControllers(n, "rescan_controller")
	case c.road.kind.transport == devices.TransportLoop:
		return c.road.h.loopSetCapacity()
	case c.road.scsi == nil:
		return nil
	}
	if host := n.up(reHost); c.road.kind.transport == devices.TransportSATA && aloneOn(host) {
		if err := poke(scsiHost(n), "scan", "- - -"); err != nil {
			return err
		}
	}
	return poke(n.child("device"), "rescan", "1")
}

// aloneOn reports whether the host has one target only. An old PATA port and a
// port multiplier have several, and a probe would reset them all.
func aloneOn(host node) bool {
	targets, err := filepath.Glob(filepath.Join(string(host), "target*"))
	return err == nil && len(targets) == 1
}

// Reset resets this drive and nothing else.
func (c *conn) Reset(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return c.wrap("reset", err)
	}
	switch {
	case c.road.nvme != nil:
		if err := onControllers(c.f.node, "reset_controller"); err != nil {
			return c.wrap("reset", err)
		}
		return nil
	case c.road.scsi != nil:
		return c.resetSCSI()
	}
	return fmt.Errorf("%s: %w", c.dev.Name, devices.ErrNoReset)
}

// resetSCSI: a host adapter without a reset for one drive (libata is one)
// refuses rather than reset the bus.
func (c *conn) resetSCSI() error {
	err := c.road.h.scsiReset()
	var e syscall.Errno
	if errors.As(err, &e) {
		switch e {
		case unix.EIO, unix.EINVAL, unix.EOPNOTSUPP, unix.ENOTTY:
			return fmt.Errorf("%s: %w: %w", c.dev.Name, devices.ErrNoReset, err)
		}
	}
	if err != nil {
		return c.wrap("reset", err)
	}
	return nil
}

// onControllers writes to an attribute of each controller of a namespace.
func onControllers(n node, attr string) error {
	for _, ctl := range controllersOf(n) {
		if err := poke(ctl, attr, "1"); err != nil {
			return err
		}
	}
	return nil
}

// poke writes to a sysfs attribute that must exist.
func poke(n node, attr, value string) error {
	f, err := os.OpenFile(filepath.Join(string(n), attr), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}
