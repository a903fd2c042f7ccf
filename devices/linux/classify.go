//go:build linux

package linux

import (
	"regexp"
	"strings"

	"github.com/massho/massho/devices"
)

var (
	reATA     = regexp.MustCompile(`^ata\d+$`)
	reUSBHub  = regexp.MustCompile(`^usb\d+$`)
	reUSBDev  = regexp.MustCompile(`^\d+-[\d.]+$`)
	reUSBIntf = regexp.MustCompile(`^\d+-[\d.]+:\d+\.\d+$`)
	reHost    = regexp.MustCompile(`^host\d+$`)
	reSession = regexp.MustCompile(`^session\d+$`)
	reRPort   = regexp.MustCompile(`^rport-`)
	reEndDev  = regexp.MustCompile(`^end_device-`)
	reSCSI    = regexp.MustCompile(`^\d+:\d+:\d+:\d+$`)
	reVirtio  = regexp.MustCompile(`^virtio\d+$`)
	rePCI     = regexp.MustCompile(`^[0-9a-f]{4,6}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$`)
	reNVMe    = regexp.MustCompile(`^nvme\d+$`)
	reNVMeSub = regexp.MustCompile(`^nvme-subsys\d+$`)
	reNSPath  = regexp.MustCompile(`^nvme\d+c\d+n\d+$`)
	reMMCHost = regexp.MustCompile(`^mmc\d+$`)
	reMMCArea = regexp.MustCompile(`^(mmcblk\d+)(boot\d+|gp\d+|rpmb)$`)
)

// layers are block devices that lie on media, or in memory, and are none: they
// show up as what holds a drive.
var layers = regexp.MustCompile(`^(dm-\d+|md\d*(_.*|d\d+)?|bcache\d+|drbd\d+|zd\d+|zram\d+|ram\d+|mtdblock\d+)$`)

// kind is what sysfs alone tells of a block device.
type kind struct {
	transport devices.Transport
	class     devices.Class
	problem   string // IdentityProblem that needs no question to the drive
}

// classify chooses the road to a drive by its place in sysfs. It never tries:
// some bridges break at a command that is not theirs.
func classify(n node) kind {
	name := n.name()
	switch {
	case strings.HasPrefix(name, "nvme"):
		return classifyNVMe(n)
	case strings.HasPrefix(name, "mmcblk"):
		return classifyMMC(n)
	case strings.HasPrefix(name, "sd"), strings.HasPrefix(name, "sr"), strings.HasPrefix(name, "st"):
		return classifySCSI(n)
	case strings.HasPrefix(name, "vd"), strings.HasPrefix(name, "xvd"),
		strings.HasPrefix(name, "nbd"), strings.HasPrefix(name, "rbd"), strings.HasPrefix(name, "ublkb"):
		return kind{virtioOrUnknown(n), devices.ClassVirtual, devices.ProblemVirtual}
	case strings.HasPrefix(name, "loop"):
		return kind{devices.TransportLoop, devices.ClassVirtual, ""}
	case strings.HasPrefix(name, "pmem"):
		return kind{devices.TransportUnknown, devices.ClassPmem, ""}
	case strings.HasPrefix(name, "fd"):
		return kind{devices.TransportUnknown, devices.ClassFloppy, ""}
	}
	return kind{devices.TransportUnknown, devices.ClassUnknown, devices.ProblemRoad}
}

func virtioOrUnknown(n node) devices.Transport {
	if n.up(reVirtio) != "" {
		return devices.TransportVirtio
	}
	return devices.TransportUnknown
}

// classifyNVMe asks the controller's transport attribute. A fabric that is not
// our test road leads to a SAN's volume.
func classifyNVMe(n node) kind {
	for _, c := range controllersOf(n) {
		switch c.attr("transport") {
		case "pcie":
			return kind{devices.TransportNVMe, diskClass(n, devices.TransportNVMe), ""}
		case "tcp":
			return kind{devices.TransportNVMeTCP, diskClass(n, devices.TransportNVMeTCP), ""}
		case "":
			continue
		default:
			return kind{devices.TransportUnknown, devices.ClassLogical, devices.ProblemVolume}
		}
	}
	return kind{devices.TransportUnknown, devices.ClassUnknown, devices.ProblemRoad}
}

// controllersOf are the controllers of a namespace. With multipath the
// namespace hangs below the subsystem, which links to its controllers.
func controllersOf(n node) []node {
	if c := n.up(reNVMe); c != "" {
		return []node{c}
	}
	sub := n.up(reNVMeSub)
	var out []node
	for _, name := range sub.list("") {
		if sub != "" && reNVMe.MatchString(name) {
			if c, err := sub.follow(name); err == nil {
				out = append(out, c)
			}
		}
	}
	return out
}

func classifyMMC(n node) kind {
	switch n.child("device").attr("type") {
	case "MMC":
		return kind{devices.TransportMMC, devices.ClassEMMC, ""}
	case "SD", "SDcombo":
		return kind{devices.TransportMMC, devices.ClassSD, ""}
	}
	return kind{devices.TransportMMC, devices.ClassUnknown, devices.ProblemRoad}
}

// classifySCSI tells the roads of the SCSI midlayer apart: by the path first,
// then by the host adapter's driver.
func classifySCSI(n node) kind {
	k := kind{scsiTransport(n), devices.ClassDisk, ""}
	dev := n.child("device")
	if volume, why := raidVolume(n); volume {
		return kind{k.transport, devices.ClassLogical, why}
	}
	switch dev.attr("type") {
	case "1", "8":
		k.class = devices.ClassTape
	case "5", "7", "4": // CD/DVD, optical memory, write-once
		k.class = devices.ClassOptical
	case "20":
		k.class = devices.ClassZoned
	case "0", "14":
		k.class = diskClass(n, k.transport)
	default:
		k.class, k.problem = devices.ClassUnknown, devices.ProblemRoad
	}
	switch {
	case k.class != devices.ClassDisk:
	case k.transport == devices.TransportISCSI || n.up(reRPort) != "":
		k.class, k.problem = devices.ClassLogical, devices.ProblemVolume
	case k.transport == devices.TransportUnknown:
		k.class, k.problem = devices.ClassUnknown, devices.ProblemRoad
	}
	return k
}

// diskClass refines a direct-access device by what sysfs shows.
func diskClass(n node, t devices.Transport) devices.Class {
	zoned := n.child("queue").attr("zoned")
	switch {
	case zoned != "" && zoned != "none":
		return devices.ClassZoned
	case scsiHost(n).attr("proc_name") == "ufshcd":
		return devices.ClassUFS
	case t == devices.TransportUSB && n.up(reUSBIntf).attr("bInterfaceSubClass") == "04": // UFI
		return devices.ClassFloppy
	}
	return devices.ClassDisk
}

func scsiTransport(n node) devices.Transport {
	switch {
	case n.up(reUSBHub) != "": // before all others: everything behind USB is USB
		return devices.TransportUSB
	case n.up(reSession) != "":
		return devices.TransportISCSI
	case n.up(reATA) != "":
		return devices.TransportSATA
	case n.up(reEndDev) != "":
		return devices.TransportSAS
	case n.up(reVirtio) != "":
		return devices.TransportVirtio
	case n.up(reRPort) != "":
		return devices.TransportUnknown
	}
	if sasDrivers[scsiHost(n).attr("proc_name")] {
		return devices.TransportSAS
	}
	return devices.TransportUnknown
}
