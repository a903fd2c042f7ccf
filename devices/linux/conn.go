//go:build linux

package linux

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// conn is one exclusively open drive. ReadAt, WriteAt, Flush, Look and
// LookIdentity may be called by several goroutines at once; the wires serve one
// caller at a time.
type conn struct {
	looking sync.Mutex

	sys    *System
	f      found
	dev    devices.Device // as detected
	road   *road
	sector atomic.Int64 // bytes; of a drive that is erasing itself 0
	size   atomic.Int64 // bytes
}

var _ devices.Conn = (*conn)(nil)

// Look reads everything afresh.
func (c *conn) Look(ctx context.Context) (devices.Facts, error) {
	c.looking.Lock()
	defer c.looking.Unlock()
	f, err := c.road.look(ctx)
	if err != nil {
		return f, c.wrap("look", err)
	}
	return f, nil
}

// LookIdentity reads the identity only.
func (c *conn) LookIdentity(ctx context.Context) (devices.Identity, error) {
	c.looking.Lock()
	defer c.looking.Unlock()
	id, err := c.road.identity(ctx)
	if err != nil {
		return id, c.wrap("identity", err)
	}
	return id, nil
}

// ReadAt is pread, past the host's cache.
func (c *conn) ReadAt(p []byte, off int64) (int, error) {
	if err := c.aligned("read", p, off); err != nil {
		return 0, err
	}
	n, err := c.road.h.f.ReadAt(p, off)
	if err != nil {
		return n, c.wrap("read", err)
	}
	return n, nil
}

// WriteAt is pwrite, past the host's cache. Durable only after Flush.
func (c *conn) WriteAt(p []byte, off int64) (int, error) {
	if err := c.aligned("write", p, off); err != nil {
		return 0, err
	}
	n, err := c.road.h.f.WriteAt(p, off)
	if err != nil {
		return n, c.wrap("write", err)
	}
	return n, nil
}

func (c *conn) aligned(op string, p []byte, off int64) error {
	size := c.sector.Load()
	if size == 0 || off < 0 || off%size != 0 || int64(len(p))%size != 0 {
		return fmt.Errorf("%s: %s: offset %d and length %d are not whole sectors of %d", c.dev.Name, op, off, len(p), size)
	}
	return nil
}

// Flush is fsync and the drive's own command. fsync alone asks the drive only
// where the kernel believes in a write cache, which it does not behind many
// USB bridges.
func (c *conn) Flush(ctx context.Context) error {
	if err := c.road.h.f.Sync(); err != nil {
		return c.wrap("flush", err)
	}
	if c.road.scsi == nil {
		return nil
	}
	err := scsi.SynchronizeCache(ctx, c.road.scsi)
	if scsi.Unsupported(err) {
		// A device without the command has no cache that a host may empty.
		return nil
	}
	if err != nil {
		return c.wrap("flush", err)
	}
	return nil
}

// Size is what can be addressed now, in bytes.
func (c *conn) Size() int64 { return c.size.Load() }

// SectorSize is the logical sector in bytes.
func (c *conn) SectorSize() int { return int(c.sector.Load()) }

// ATA is the SAT road, nil where no ATA drive has answered through it.
func (c *conn) ATA() ata.Transport {
	if c.road.sat == nil || c.road.kind.transport == devices.TransportUSB && !c.road.asATA.Load() {
		return nil
	}
	return c.road.sat
}

// SCSI is SG_IO, nil where the device takes no CDBs.
func (c *conn) SCSI() scsi.Transport { return c.road.scsi }

// NVMe is the admin queue, nil for everything that is no NVMe controller.
func (c *conn) NVMe() nvme.Transport { return c.road.nvme }

// NSID is the namespace of this descriptor, 0 elsewhere.
func (c *conn) NSID() uint32 { return c.road.nsid }

// Close gives the descriptor up.
func (c *conn) Close() error {
	c.sys.drop(c)
	return c.road.h.f.Close()
}

// wrap names the drive and the act, and adds ErrGone where the drive is no
// longer there: the kernel itself says EIO for both.
func (c *conn) wrap(op string, err error) error {
	err = fmt.Errorf("%s: %s: %w", c.dev.Name, op, err)
	var e syscall.Errno
	if devices.Gone(err) || !errors.As(err, &e) {
		return err
	}
	switch {
	case e == unix.ENODEV, e == unix.ENXIO, e == unix.ENOMEDIUM:
	case e == unix.EIO && c.f.node.gone():
	default:
		return err
	}
	return errors.Join(err, devices.ErrGone)
}

// gone reports whether the kernel has taken the device away or offline.
func (n node) gone() bool {
	if !n.has("dev") {
		return true
	}
	switch n.child("device").attr("state") { // SCSI; of an NVMe device the controller's
	case "offline", "transport-offline", "deleted", "cancel", "dead", "deleting":
		return true
	}
	return false
}
