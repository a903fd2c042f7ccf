//go:build linux

package linux

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
)

// Open takes the one exclusive descriptor (O_EXCL: the kernel refuses every
// mount, swapon and dm or md on the disk and its partitions while it is open)
// and looks again, on that descriptor, at everything that Detect saw. Every
// reason not to write is a [*devices.Refusal]; nothing has been changed then.
func (s *System) Open(ctx context.Context, d devices.Device) (devices.Conn, error) {
	f, all, err := s.find(d)
	if err != nil {
		return nil, err
	}
	// Before the open for a reason that names the mount; after it because
	// only then nothing can come in between.
	if err := inUse(f.dev, all); err != nil {
		return nil, err
	}
	file, err := s.openNode(f, unix.O_RDWR|unix.O_EXCL|unix.O_DIRECT)
	if err != nil {
		return nil, openError(d, err)
	}
	c := &conn{sys: s, f: f, dev: d, road: newRoad(f.node, f.kind, handle{file, s.ioctl})}
	if err := c.admit(ctx); err != nil {
		return nil, closing(file, err)
	}
	return c, nil
}

// admit is the interlock on the open descriptor.
func (c *conn) admit(ctx context.Context) error {
	f, all, err := c.sys.find(c.dev)
	if err != nil {
		return err
	}
	if f.node != c.f.node || f.rdev != c.f.rdev {
		return devices.Refuse(devices.CodeIdentityChanged, c.dev, "place")
	}
	if err := inUse(f.dev, all); err != nil {
		return err
	}
	ro, err := c.road.h.readOnly()
	if err != nil {
		return openError(c.dev, err)
	}
	if ro {
		return devices.Refuse(devices.CodeReadOnly, c.dev, c.dev.Name)
	}
	facts, err := c.road.look(ctx)
	if err != nil {
		return fmt.Errorf("%s: identity before the first write: %w", c.dev.Name, err)
	}
	if same, field := c.dev.Identity.Same(facts.Identity); !same {
		return devices.Refuse(devices.CodeIdentityChanged, c.dev, field)
	}
	now := merge(f.dev, facts)
	if rs := refusals(now); len(rs) > 0 {
		return &rs[0]
	}
	now.Stack.FSUUIDs, now.Stack.Unread = c.dev.Stack.FSUUIDs, c.dev.Stack.Unread
	c.sys.keep(c, now)
	c.size.Store(int64(facts.Identity.CapacityBytes()))
	c.sector.Store(int64(facts.Identity.LogicalSector))
	return nil
}

// refusals: a drive that is erasing itself is opened all the same, by a run that
// goes on with it. Detect's list keeps it from being chosen anew.
func refusals(d devices.Device) []devices.Refusal {
	return slices.DeleteFunc(devices.Refusals(d, devices.Environment{}), func(r devices.Refusal) bool { return r.Code == devices.CodeErasing })
}

// inUse asks the stacks of all parts of the medium.
func inUse(d devices.Device, all []devices.Device) error {
	for _, p := range all {
		if p.Name != d.Name && !devices.SameMedium(p, d) {
			continue
		}
		if rs := devices.InUse(p); len(rs) > 0 {
			return &rs[0]
		}
	}
	return nil
}

// openError turns what the kernel says into the refusal that it means.
func openError(d devices.Device, err error) error {
	var e syscall.Errno
	switch {
	case errors.Is(err, errExchanged):
		return devices.Refuse(devices.CodeIdentityChanged, d, "device number")
	case !errors.As(err, &e):
		return err
	}
	switch e {
	case unix.EBUSY:
		return devices.Refuse(devices.CodeBusy, d)
	case unix.EROFS, unix.EACCES:
		return devices.Refuse(devices.CodeReadOnly, d, d.Name)
	case unix.ENOMEDIUM:
		return devices.Refuse(devices.CodeNoMedium, d)
	case unix.ENXIO, unix.ENODEV, unix.ENOENT:
		return devices.Refuse(devices.CodeVanished, d)
	}
	return err
}
