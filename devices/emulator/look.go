package emulator

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
)

const defaultTimeout = 30 * time.Second

// Look reads identity, capabilities, health and hidden areas.
func (c *Conn) Look(ctx context.Context) (devices.Facts, error) {
	id, err := c.LookIdentity(ctx)
	if err != nil {
		return devices.Facts{}, err
	}
	f := devices.Facts{Identity: id, Hidden: devices.HiddenAreas{
		HPA: devices.HiddenUnknown, DCO: devices.HiddenUnknown, AMAC: devices.HiddenUnknown}}
	f.Caps.RotationRPM = c.d.p.RPM
	switch {
	case c.d.p.RPM == 1:
		f.Caps.Rotational, f.Caps.RotationRPM = support.No, 0
	case c.d.p.RPM > 1:
		f.Caps.Rotational = support.Yes
	}
	return f, nil
}

// LookIdentity reads the identity only.
func (c *Conn) LookIdentity(ctx context.Context) (devices.Identity, error) {
	if err := c.ready(ctx); err != nil {
		return devices.Identity{}, fmt.Errorf("%s: identify: %w", c.d.p.Serial, err)
	}
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	id := devices.Identity{
		Model: c.d.p.Model, Serial: c.d.serial, Firmware: c.d.p.Firmware,
		Source: "emulator", LogicalSector: c.d.p.LogicalSector, PhysicalSector: c.d.p.PhysicalSector,
		Sectors: c.d.addressable(c.u),
	}
	if c.d.p.WWN != 0 {
		id.WWN = fmt.Sprintf("naa.%016x", c.d.p.WWN)
	}
	return id, nil
}
