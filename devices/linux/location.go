//go:build linux

package linux

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/massho/massho/devices"
)

// location is the bay or port that a person could find: the last PCI address
// and the port below it, in the manner of udev's path_id.
func (t tree) location(n node, k kind) string {
	var parts []string
	if p := pciAddress(n); p != "" {
		parts = append(parts, "pci-"+p)
		if slot := t.pciSlot(p); slot != "" {
			parts = append(parts, "slot-"+slot)
		}
	}
	switch k.transport {
	case devices.TransportSATA:
		parts = append(parts, "ata-"+t.ataPort(n))
	case devices.TransportUSB:
		parts = append(parts, "usb-"+n.up(reUSBDev).name())
	case devices.TransportSAS:
		parts = append(parts, t.sasBay(n))
	case devices.TransportNVMe, devices.TransportNVMeTCP:
		for _, c := range controllersOf(n) {
			if a := pciAddress(c); a != "" && len(parts) == 0 {
				parts = append(parts, "pci-"+a)
			}
		}
		if id := namespaceID(n); id != 0 {
			parts = append(parts, fmt.Sprintf("nvme-%d", id))
		}
	case devices.TransportMMC:
		parts = append(parts, n.up(reMMCHost).name())
	}
	return strings.Join(parts, "-")
}

func pciAddress(n node) string {
	if p := n.up(rePCI); p != "" {
		return p.name()
	}
	return ""
}

// pciSlot is the number printed on the chassis, where firmware tells it.
func (t tree) pciSlot(address string) string {
	dev, _, _ := strings.Cut(address, ".")
	slots := node(t.sys).child("bus/pci/slots")
	for _, s := range slots.list("") {
		if slots.child(s).attr("address") == dev {
			return s
		}
	}
	return ""
}

// ataPort is the port's number on its controller; the kernel's running number
// where the controller does not say.
func (t tree) ataPort(n node) string {
	a := n.up(reATA)
	if a == "" {
		return "?"
	}
	if p := a.child("ata_port").child(a.name()).attr("port_no"); p != "" {
		return p
	}
	return strings.TrimPrefix(a.name(), "ata")
}

// sasBay is enclosure and bay where the expander knows them, else the address.
func (t tree) sasBay(n node) string {
	e := n.up(reEndDev)
	if e == "" {
		return "scsi-" + n.up(reSCSI).name()
	}
	d := e.child("sas_device").child(e.name())
	bay, enclosure := d.attr("bay_identifier"), d.attr("enclosure_identifier")
	if bay != "" && enclosure != "" && enclosure != "0x0000000000000000" {
		return fmt.Sprintf("sas-enclosure-%s-bay-%s", enclosure, bay)
	}
	return "sas-" + d.attr("sas_address")
}

// parent names the physical medium: the NVMe subsystem, the eMMC, the USB
// stick of several logical units, or the device itself.
func parent(n node, k kind) string {
	switch k.transport {
	case devices.TransportNVMe, devices.TransportNVMeTCP:
		if cs := controllersOf(n); len(cs) > 0 {
			return mediumOf(cs[0])
		}
	case devices.TransportMMC:
		return filepath.Join(string(n.up(reMMCHost)), "card")
	}
	return string(n)
}

// mediumOf is the subsystem of an NVMe controller; the controller itself where
// it names none.
func mediumOf(controller node) string {
	if nqn := controller.attr("subsysnqn"); nqn != "" {
		return nqn
	}
	return string(controller)
}

// namespaceID is the NSID of an NVMe namespace, 0 elsewhere.
func namespaceID(n node) uint32 {
	if v, ok := n.number("nsid"); ok {
		return uint32(v)
	}
	var ctrl, ns uint32
	if _, err := fmt.Sscanf(n.name(), "nvme%dn%d", &ctrl, &ns); err != nil {
		return 0
	}
	return ns
}
