//go:build linux

package linux

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
)

// found is one device of sysfs, before it was asked anything.
type found struct {
	node node
	kind kind
	dev  devices.Device
	rdev string // "major:minor" of its node
	ask  bool   // there is a node to open
}

// walk lists every medium that sysfs shows and everything that looks like one.
// It asks no drive.
func (t tree) walk(opt devices.DetectOptions) ([]found, error) {
	u, err := t.readUses()
	if err != nil {
		return nil, fmt.Errorf("detect: what is mounted cannot be told: %w", err)
	}
	var out []found
	blocks := t.class("block")
	for _, n := range blocks {
		if t.leftOut(n, opt) {
			continue
		}
		k := classify(n)
		out = append(out, t.describe(n, k, t.stack(n, u, areasOf(n, blocks))))
	}
	out = append(out, t.tapes()...)
	out = append(out, t.hidden(out)...)
	siblings(out, blocks)
	return out, nil
}

// leftOut: layers, hidden paths of NVMe multipath, areas of an eMMC, and loop
// devices that nobody named.
func (t tree) leftOut(n node, opt devices.DetectOptions) bool {
	name := n.name()
	switch {
	case layers.MatchString(name), reNSPath.MatchString(name), n.attr("hidden") == "1":
		return true
	case reMMCArea.MatchString(name):
		return true
	case strings.HasPrefix(name, "loop"):
		return !slices.ContainsFunc(opt.Loop, func(p string) bool { return t.loopName(p) == name })
	}
	return false
}

// loopName takes "/dev/loop0", a link to it, or "loop0".
func (t tree) loopName(p string) string {
	if strings.HasPrefix(p, "/") {
		return t.nameOf(p)
	}
	return filepath.Base(p)
}

// areasOf are boot0, boot1, general purpose areas and RPMB of an eMMC.
func areasOf(n node, blocks []node) []node {
	var out []node
	for _, b := range blocks {
		if m := reMMCArea.FindStringSubmatch(b.name()); m != nil && m[1] == n.name() {
			out = append(out, b)
		}
	}
	return out
}

func (t tree) describe(n node, k kind, s devices.Stack) found {
	name := n.name()
	d := devices.Device{
		Name: name, Path: "/dev/" + strings.ReplaceAll(name, "!", "/"), SysPath: string(n),
		Transport: k.transport, Class: k.class, IdentityProblem: k.problem,
		Location: t.location(n, k), Parent: parent(n, k), Stack: s,
		Removable: n.attr("removable") == "1", ReadOnly: n.attr("ro") == "1",
	}
	d.Caps.Rotational = rotationalHint(n, k)
	d.Identity = sizesOf(n)
	d.Hidden = devices.HiddenAreas{HPA: devices.HiddenUnknown, DCO: devices.HiddenUnknown, AMAC: devices.HiddenUnknown}
	f := found{node: n, kind: k, dev: d, rdev: n.attr("dev")}
	f.ask = f.rdev != "" && opened(k.class)
	if !f.ask {
		f.dev.Identity.Model = sysfsModel(n)
	}
	return f
}

// opened: these have nothing to ask, no stick among them, and opening them
// starts motors: a floppy drive takes seconds to say that it is empty.
func opened(c devices.Class) bool {
	return c != devices.ClassOptical && c != devices.ClassFloppy && c != devices.ClassTape && c != devices.ClassPmem
}

// rotationalHint: the kernel says 1 also when the drive said nothing, so only
// a 0 of a road that asks the drive is worth anything. The drive's own answer
// decides.
func rotationalHint(n node, k kind) support.State {
	if k.class == devices.ClassEMMC || k.class == devices.ClassSD {
		return support.No
	}
	if n.child("queue").attr("rotational") == "0" && (k.transport == devices.TransportSATA || k.transport == devices.TransportNVMe) {
		return support.No
	}
	return support.Unknown
}

// sizesOf are the block layer's sizes. /sys/block/*/size counts 512 bytes
// whatever the sector size is.
func sizesOf(n node) devices.Identity {
	var id devices.Identity
	q := n.child("queue")
	l, _ := strconv.ParseUint(q.attr("logical_block_size"), 10, 32)
	p, _ := strconv.ParseUint(q.attr("physical_block_size"), 10, 32)
	id.LogicalSector, id.PhysicalSector = uint32(l), uint32(p)
	if size, ok := n.number("size"); ok && l > 0 {
		id.Sectors = size * 512 / l
	}
	return id
}

var reTape = regexp.MustCompile(`^st\d+$`)

// tapes are not block devices.
func (t tree) tapes() []found {
	var out []found
	for _, n := range t.class("class/scsi_tape") {
		if !reTape.MatchString(n.name()) {
			continue
		}
		d := devices.Device{Name: n.name(), Path: "/dev/" + n.name(), SysPath: string(n), Parent: string(n),
			Transport: scsiTransport(n), Class: devices.ClassTape, Removable: true,
			Identity: devices.Identity{Model: sysfsModel(n)}}
		out = append(out, found{node: n, dev: d})
	}
	return out
}

// siblings names the other parts of each medium.
func siblings(all []found, blocks []node) {
	for i := range all {
		d := &all[i].dev
		for _, o := range all {
			if o.dev.Name != d.Name && devices.SameMedium(o.dev, *d) {
				d.Siblings = append(d.Siblings, o.dev.Name)
			}
		}
		for _, a := range areasOf(all[i].node, blocks) {
			d.Siblings = append(d.Siblings, a.name())
		}
	}
}
