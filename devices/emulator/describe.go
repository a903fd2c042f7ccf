package emulator

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices"
)

var classes = map[Kind]devices.Class{
	USBFlash: devices.ClassUSBFlash, SD: devices.ClassSD, EMMC: devices.ClassEMMC,
}

// describe is what Detect shows of d: one device for each unit.
func (d *Drive) describe(ctx context.Context, slot int) []devices.Device {
	var out []devices.Device
	names := d.names(slot)
	for i, n := range names {
		name := n.name
		dev := devices.Device{
			Name: name, Path: "emulated:" + name, SysPath: "emulated:" + name,
			Transport: d.p.Transport, Class: devices.ClassDisk, Location: d.p.Location,
			Parent: fmt.Sprintf("emulated-%d", slot), Removable: d.p.Kind == USBFlash || d.p.Kind == SD,
			Stack: d.stackNow(),
		}
		if c, ok := classes[d.p.Kind]; ok {
			dev.Class = c
		}
		if dev.Location == "" {
			dev.Location = dev.Parent
		}
		for j, other := range names {
			if j != i {
				dev.Siblings = append(dev.Siblings, other.name)
			}
		}
		for _, a := range d.areaUnits() {
			dev.Siblings = append(dev.Siblings, name+a.name)
		}
		c := d.conn(n.unit)
		facts, err := c.Look(ctx)
		if err != nil {
			dev.IdentityProblem, dev.Unreadable = devices.ProblemNoAnswer+": "+err.Error(), true
		}
		if facts.IdentityProblem != "" {
			dev.IdentityProblem = facts.IdentityProblem
		}
		dev.Identity, dev.Caps, dev.Notes = facts.Identity, facts.Caps, facts.Notes
		dev.Health, dev.Hidden, dev.Unready = facts.Health, facts.Hidden, facts.Unready
		out = append(out, dev)
	}
	return out
}

func (d *Drive) stackNow() devices.Stack {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.stack
}

// SetStack changes what lies on the drive: a mount, a holder.
func (d *Drive) SetStack(s devices.Stack) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stack = s
}
