//go:build linux

package linux

import (
	"strings"

	"github.com/massho/massho/devices"
)

// hidden lists what stands where a drive may be and shows none: a SCSI disk
// that no driver took, an NVMe controller without a namespace, a storage
// controller without a driver (Intel VMD, a RAID card), and NVMe drives that
// Intel RST hides behind its AHCI controller. Never hidden means listed.
func (t tree) hidden(seen []found) []found {
	out := t.scsiWithoutBlock(seen)
	out = append(out, t.nvmeWithoutNamespace(seen)...)
	return append(out, t.controllers()...)
}

func (t tree) scsiWithoutBlock(seen []found) []found {
	var out []found
	for _, link := range t.class("class/scsi_device") {
		n, err := link.follow("device")
		if err != nil {
			continue
		}
		if typ := n.attr("type"); typ != "0" && typ != "14" && typ != "20" || len(n.list("block")) > 0 || below(n, seen) {
			continue
		}
		d := devices.Device{Name: "scsi-" + n.name(), SysPath: string(n), Parent: string(n),
			Transport: scsiTransport(n), Class: devices.ClassUnknown, Unreadable: true,
			Identity:        devices.Identity{Model: strings.TrimSpace(n.attr("vendor") + " " + n.attr("model"))},
			IdentityProblem: devices.ProblemNoAnswer + ": state " + n.attr("state")}
		out = append(out, found{node: n, dev: d})
	}
	return out
}

// below reports whether a device in seen hangs below n.
func below(n node, seen []found) bool {
	for _, f := range seen {
		if strings.HasPrefix(string(f.node), string(n)+"/") {
			return true
		}
	}
	return false
}

func (t tree) nvmeWithoutNamespace(seen []found) []found {
	used := map[node]bool{}
	for _, f := range seen {
		for _, c := range controllersOf(f.node) {
			used[c] = true
		}
	}
	var out []found
	for _, c := range t.class("class/nvme") {
		if used[c] || !reNVMe.MatchString(c.name()) {
			continue
		}
		d := devices.Device{Name: c.name(), Path: "/dev/" + c.name(), SysPath: string(c), Parent: mediumOf(c),
			Transport: devices.TransportNVMe, Class: devices.ClassController,
			Location: "pci-" + pciAddress(c),
			Identity: devices.Identity{Model: c.attr("model"), Serial: c.attr("serial"), Firmware: c.attr("firmware_rev"),
				Source: "sysfs"},
			IdentityProblem: devices.ProblemNoNamespace + ": state " + c.attr("state")}
		out = append(out, found{node: c, dev: d})
	}
	return out
}

// controllers walks PCI mass storage (class 01xxxx).
func (t tree) controllers() []found {
	var out []found
	for _, p := range t.class("bus/pci/devices") {
		if !strings.HasPrefix(p.attr("class"), "0x01") {
			continue
		}
		problem := ""
		switch n := p.attr("remapped_nvme"); {
		case n != "" && n != "0":
			problem = devices.ProblemRemappedNVMe + ": " + n
		case p.link("driver") == "":
			problem = devices.ProblemNoDriver
		default:
			continue
		}
		d := devices.Device{Name: "pci-" + p.name(), SysPath: string(p), Parent: string(p),
			Transport: devices.TransportUnknown, Class: devices.ClassController, Location: "pci-" + p.name(),
			Identity:        devices.Identity{Model: "PCI " + strings.TrimPrefix(p.attr("vendor"), "0x") + ":" + strings.TrimPrefix(p.attr("device"), "0x")},
			IdentityProblem: problem}
		out = append(out, found{node: p, dev: d})
	}
	return out
}
