//go:build linux

package linux

import (
	"context"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/mmc"
)

var (
	_ devices.MMCRoad    = (*conn)(nil)
	_ devices.AreaOpener = (*conn)(nil)
)

// MMC is the bus of a card, nil where there is none.
func (c *conn) MMC() mmc.Transport {
	if c.road.mmc == nil {
		return nil
	}
	return c.road.mmc
}

// OpenAreas opens boot0, boot1 and the general purpose partitions of an e.MMC,
// each by its own node: before every command the kernel selects the area of the
// node that it came through, so a PARTITION_CONFIG of one's own would not last.
// Reading is enough: the kernel asks for CAP_SYS_RAWIO, not for write access, and
// the boot areas stay write-protected (force_ro) against all else.
func (c *conn) OpenAreas(ctx context.Context) ([]devices.Area, error) {
	if c.road.mmc == nil {
		return nil, nil
	}
	var out []devices.Area
	for _, n := range areasOf(c.f.node, c.sys.tree.class("block")) {
		if strings.HasSuffix(n.name(), "rpmb") {
			continue
		}
		a, err := c.openArea(n)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			for _, open := range out {
				_ = open.Close() // nothing was done there
			}
			return nil, fmt.Errorf("%s: open the area %s: %w", c.dev.Name, n.name(), err)
		}
		out = append(out, a)
	}
	return out, nil
}

func (c *conn) openArea(n node) (devices.Area, error) {
	f := found{node: n, rdev: n.attr("dev"), dev: devices.Device{Name: n.name(), Path: "/dev/" + n.name()}}
	file, err := c.sys.openNode(f, unix.O_RDONLY|unix.O_EXCL|unix.O_DIRECT)
	if err != nil {
		return devices.Area{}, err
	}
	h := handle{file, c.sys.ioctl}
	size, err := h.sizeBytes()
	if err != nil {
		return devices.Area{}, closing(file, err)
	}
	return devices.Area{Name: strings.TrimPrefix(n.name(), c.f.node.name()), Bytes: int64(size),
		ReaderAt: file, Closer: file, MMC: mmcTransport{h}}, nil
}
