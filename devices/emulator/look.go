package emulator

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/tcg"
)

const defaultTimeout = 30 * time.Second

// Look asks the drive over its wire, through the real decoders, as a host
// does.
func (c *Conn) Look(ctx context.Context) (devices.Facts, error) {
	f, err := c.look(ctx)
	if err != nil {
		return f, fmt.Errorf("%s: look: %w", c.d.p.Serial, err)
	}
	return f, nil
}

func (c *Conn) look(ctx context.Context) (devices.Facts, error) {
	switch k := c.d.p.Kind; {
	case k.ATA():
		f, err := devices.LookATA(ctx, c.ATA())
		if err != nil {
			return f, err
		}
		return devices.LookTCG(ctx, f, tcg.OverSCSI(c.SCSI()), tcg.OverATA(c.ATA())), nil
	case k == USBFlash:
		f, err := devices.LookSCSI(ctx, c.SCSI(), true)
		f.Identity = c.usbSerial(f.Identity)
		return f, err
	case k.SCSI():
		return devices.LookSCSI(ctx, c.SCSI(), false)
	case k == NVMe:
		return devices.LookNVMe(ctx, c.NVMe(), c.NSID())
	default:
		return c.lookCard(ctx)
	}
}

// lookCard reads the registers that a kernel keeps of a card.
func (c *Conn) lookCard(ctx context.Context) (devices.Facts, error) {
	if err := c.d.enter(ctx, c.caller(), 0, ""); err != nil {
		return devices.Facts{}, err
	}
	cid, csd := c.d.mmc.cid(), c.d.mmc.csd()
	size := c.d.addressable(c.u) * uint64(c.d.sector())
	c.d.mu.Unlock()
	kind := mmc.KindMMC
	if c.d.p.Kind == SD {
		kind = mmc.KindSD
	}
	f, err := devices.LookMMC(ctx, kind, cid, csd, c.MMC())
	if err != nil {
		return f, err
	}
	f.Identity.LogicalSector, f.Identity.Sectors = c.d.sector(), size/uint64(c.d.sector())
	return f, nil
}

// LookIdentity asks for the identity only.
func (c *Conn) LookIdentity(ctx context.Context) (devices.Identity, error) {
	id, err := c.lookIdentity(ctx)
	if err != nil {
		return id, fmt.Errorf("%s: identify: %w", c.d.p.Serial, err)
	}
	return id, nil
}

func (c *Conn) lookIdentity(ctx context.Context) (devices.Identity, error) {
	switch k := c.d.p.Kind; {
	case k.ATA():
		return devices.LookIdentityATA(ctx, c.ATA())
	case k == USBFlash:
		id, err := devices.LookIdentitySCSI(ctx, c.SCSI(), true)
		return c.usbSerial(id), err
	case k.SCSI():
		return devices.LookIdentitySCSI(ctx, c.SCSI(), false)
	case k == NVMe:
		return devices.LookIdentityNVMe(ctx, c.NVMe(), c.NSID())
	default:
		f, err := c.lookCard(ctx)
		return f.Identity, err
	}
}

// usbSerial is the serial of the USB device descriptor, which is where a host
// finds that of a stick.
func (c *Conn) usbSerial(id devices.Identity) devices.Identity {
	c.d.mu.Lock()
	defer c.d.mu.Unlock()
	if id.Model != "" && id.Serial == "" {
		id.Serial, id.Source = c.d.serial, id.Source+", USB descriptor"
	}
	return id
}
