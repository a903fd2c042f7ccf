//go:build linux

package linux

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
)

// Detect lists every medium and everything that looks like one, in the order
// of sysfs names. All drives are asked at once; one that hangs is listed as
// unreadable after the time per drive and holds up none of the others.
func (s *System) Detect(ctx context.Context, opt devices.DetectOptions) ([]devices.Device, error) {
	fs, err := s.tree.walk(opt)
	if err != nil {
		return nil, err
	}
	out := make([]devices.Device, len(fs))
	var wg sync.WaitGroup
	for i, f := range fs {
		wg.Go(func() { out[i] = s.snapshot(ctx, f) })
	}
	wg.Wait()
	return out, ctx.Err()
}

// probe opens a device for reading and asks it who it is.
func (s *System) probe(ctx context.Context, f found) devices.Device {
	file, err := s.openNode(f, unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return unreadable(f.dev, err)
	}
	d := s.question(ctx, f, file)
	if err := file.Close(); err != nil {
		d.Notes = append(d.Notes, err.Error())
	}
	return d
}

// question asks an open device: first what could make it the boot stick, then who
// it is.
func (s *System) question(ctx context.Context, f found, file *os.File) devices.Device {
	d := f.dev
	r := newRoad(f.node, f.kind, handle{file, s.ioctl})
	d.Stack.FSUUIDs, d.Stack.Unread = s.uuids(f, r)
	if !asked(d) {
		d.Identity.Model = sysfsModel(f.node)
		return d
	}
	facts, err := r.look(ctx)
	if err != nil {
		d.Identity.Raw = facts.Identity.Raw
		return unreadable(d, err)
	}
	return merge(d, facts)
}

// asked: these have an identity to be asked for. A volume's and an optical
// drive's would be somebody else's.
func asked(d devices.Device) bool {
	switch d.Class {
	case devices.ClassDisk, devices.ClassUSBFlash, devices.ClassSD, devices.ClassEMMC, devices.ClassZoned,
		devices.ClassUFS, devices.ClassVirtual:
		return true
	}
	return false
}

func (s *System) uuids(f found, r *road) (uuids []string, unread bool) {
	if f.dev.Identity.Sectors == 0 {
		return nil, false // no medium inside
	}
	uuids, whole := readUUIDs(r.h.f, f.node, f.dev.Stack, int(f.dev.Identity.LogicalSector))
	return uuids, !whole
}

// merge puts what the drive said into the snapshot. A class that sysfs cannot
// tell is settled here.
func merge(d devices.Device, f devices.Facts) devices.Device {
	hint := d.Caps.Rotational
	d.Identity, d.Caps, d.Health, d.Hidden = f.Identity, f.Caps, f.Health, f.Hidden
	d.Notes, d.Unready = f.Notes, f.Unready
	if f.IdentityProblem != "" {
		d.IdentityProblem = f.IdentityProblem
	}
	if d.Caps.Rotational == support.Unknown {
		d.Caps.Rotational = hint
	}
	if d.Class != devices.ClassDisk {
		return d
	}
	switch {
	case d.Caps.Zoned.IsYes():
		d.Class = devices.ClassZoned
	case d.Transport == devices.TransportUSB && d.Removable && !d.Caps.ATA.Present.IsYes():
		d.Class = devices.ClassUSBFlash
	case d.Transport == devices.TransportVirtio && !d.Caps.ATA.Present.IsYes():
		d.Class, d.IdentityProblem = devices.ClassVirtual, devices.ProblemVirtual
	}
	return d
}

// unreadable lists a drive that did not say who it is, with what sysfs knows
// of it, so that a person can find it.
func unreadable(d devices.Device, err error) devices.Device {
	d.Unreadable = true
	d.IdentityProblem = devices.ProblemNoAnswer + ": " + err.Error()
	d.Stack.Unread = d.Stack.Unread || len(d.Stack.FSUUIDs) == 0
	if d.Identity.Model == "" {
		d.Identity.Model, d.Identity.Source = sysfsModel(node(d.SysPath)), "sysfs"
	}
	if errors.Is(err, unix.ENOMEDIUM) {
		d.Unreadable, d.IdentityProblem = false, ""
		d.Identity.Sectors = 0
	}
	return d
}

func sysfsModel(n node) string {
	dev := n.child("device")
	vendor, model := dev.attr("vendor"), dev.attr("model")
	if strings.HasPrefix(model, vendor) {
		return model
	}
	return strings.TrimSpace(vendor + " " + model)
}
