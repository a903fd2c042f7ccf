package wipe

import (
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
)

// Synthetic drives, as Detect would show them.

const gib = 1 << 30

func baseDevice(model string, tr devices.Transport, class devices.Class, gigabytes uint64) devices.Device {
	return devices.Device{
		Name: "sdx", Path: "/dev/sdx", Transport: tr, Class: class, Location: "ata-1",
		Identity: devices.Identity{Model: model, Serial: "SER0001", Firmware: "FW1", WWN: "naa.5000000000000001",
			LogicalSector: 512, PhysicalSector: 4096, Sectors: gigabytes * gib / 512},
		Hidden: devices.HiddenAreas{HPA: devices.HiddenAbsent, DCO: devices.HiddenAbsent, AMAC: devices.HiddenAbsent},
		Health: devices.Health{Reallocated: new(uint64), Pending: new(uint64)},
	}
}

func no[T any](s *T, fields ...func(*T) *support.State) {
	for _, f := range fields {
		*f(s) = support.No
	}
}

// ataDrive says no to everything; its changes say what it has.
func ataDrive(model string, rotational support.State, change ...func(*devices.Device)) devices.Device {
	d := baseDevice(model, devices.TransportSATA, devices.ClassDisk, 500)
	d.Caps.Rotational, d.Caps.Zoned = rotational, support.No
	no(&d.Caps.ATA,
		func(a *devices.ATACaps) *support.State { return &a.Security },
		func(a *devices.ATACaps) *support.State { return &a.SecurityEnabled },
		func(a *devices.ATACaps) *support.State { return &a.SecurityLocked },
		func(a *devices.ATACaps) *support.State { return &a.SecurityFrozen },
		func(a *devices.ATACaps) *support.State { return &a.SecurityExpired },
		func(a *devices.ATACaps) *support.State { return &a.SecurityEnhanced },
		func(a *devices.ATACaps) *support.State { return &a.SanitizeOverwrite },
		func(a *devices.ATACaps) *support.State { return &a.SanitizeBlock },
		func(a *devices.ATACaps) *support.State { return &a.SanitizeCrypto })
	d.Caps.ATA.Present, d.Caps.TCG.Present = support.Yes, support.No
	for _, c := range change {
		c(&d)
	}
	return d
}

func withSecurity(d *devices.Device) {
	a := &d.Caps.ATA
	a.Security, a.SecurityEnhanced = support.Yes, support.Yes
	a.EraseTime, a.EnhancedEraseTime = 90*time.Minute, 92*time.Minute
}

func withSanitize(over, block, crypto support.State) func(*devices.Device) {
	return func(d *devices.Device) {
		a := &d.Caps.ATA
		a.SanitizeOverwrite, a.SanitizeBlock, a.SanitizeCrypto = over, block, crypto
	}
}

func isFrozen(d *devices.Device) { d.Caps.ATA.SecurityFrozen = support.Yes }

func isLocked(d *devices.Device) {
	d.Caps.ATA.SecurityLocked, d.Caps.ATA.SecurityEnabled = support.Yes, support.Yes
}

func hpaPresent(d *devices.Device) {
	d.Hidden.HPA, d.Hidden.NativeSectors = devices.HiddenPresent, d.Identity.Sectors+2048
}

func hiddenNotKnown(d *devices.Device) { d.Hidden = devices.HiddenAreas{} }

func nvmeDrive(change ...func(*devices.Device)) devices.Device {
	d := baseDevice("NVME 512", devices.TransportNVMe, devices.ClassDisk, 512)
	d.Caps.Rotational, d.Caps.Zoned = support.No, support.No
	d.Caps.NVMe = devices.NVMeCaps{Present: support.Yes, SanitizeOverwrite: support.No, SanitizeBlock: support.No,
		SanitizeCrypto: support.No, Format: support.Yes, FormatCrypto: support.No, Namespaces: 1}
	d.Caps.TCG.Present = support.No
	for _, c := range change {
		c(&d)
	}
	return d
}

func nvmeAll(d *devices.Device) {
	n := &d.Caps.NVMe
	n.SanitizeOverwrite, n.SanitizeBlock, n.SanitizeCrypto, n.FormatCrypto = support.Yes, support.Yes, support.Yes, support.Yes
}

func opalLocked(d *devices.Device) {
	d.Caps.TCG = devices.TCGCaps{Present: support.Yes, SSC: "Opal 2.0", Locked: support.Yes, MediaEncryption: support.Yes}
}

// planDevices are the drives of the golden plans, by name.
func planDevices() map[string]devices.Device {
	yes, no := support.Yes, support.No
	usb := baseDevice("USB STICK", devices.TransportUSB, devices.ClassUSBFlash, 32)
	sd := baseDevice("SD 32", devices.TransportMMC, devices.ClassSD, 32)
	emmc := baseDevice("EMMC 64", devices.TransportMMC, devices.ClassEMMC, 58)
	emmc.Siblings = []string{"mmcblk0boot0", "mmcblk0boot1"}
	emmc.Caps.MMC = devices.MMCCaps{Present: yes, Sanitize: yes}
	emmc.Caps.Rotational = no
	optical := baseDevice("DVD-RAM", devices.TransportSATA, devices.ClassOptical, 4)
	raid := baseDevice("LOGICAL VOLUME", devices.TransportSAS, devices.ClassLogical, 900)
	raid.IdentityProblem = devices.ProblemVolume
	bridge := baseDevice("USB3 BRIDGE", devices.TransportUSB, devices.ClassDisk, 500)
	bridge.IdentityProblem = devices.ProblemBridge
	usbHDD := ataDrive("HDD 500", yes, withSecurity, withSanitize(yes, no, no), hiddenNotKnown)
	usbHDD.Transport = devices.TransportUSB
	a := &usbHDD.Caps.ATA
	a.SanitizeOverwrite, a.SanitizeBlock, a.SanitizeCrypto, a.SecurityFrozen = support.Unknown, support.Unknown, support.Unknown, support.Unknown
	sas := baseDevice("SAS 900", devices.TransportSAS, devices.ClassDisk, 900)
	sas.Caps.Rotational = yes
	sas.Caps.SCSI = devices.SCSICaps{Present: yes, SanitizeOverwrite: yes, SanitizeBlock: no, SanitizeCrypto: no, FormatUnit: yes}
	sas.Caps.ATA.Present = no
	sasUnknown := sas
	sasUnknown.Hidden = devices.HiddenAreas{}
	realloc := ataDrive("HDD 500", yes, withSecurity)
	*realloc.Health.Reallocated = 8
	twoNamespaces := nvmeDrive(nvmeAll, func(d *devices.Device) { d.Caps.NVMe.Namespaces, d.Siblings = 2, []string{"nvme0n2"} })

	return map[string]devices.Device{
		"hdd":                     ataDrive("HDD 500", yes, withSecurity),
		"hdd-sanitize":            ataDrive("HDD 500", yes, withSecurity, withSanitize(yes, no, no)),
		"hdd-plain":               ataDrive("HDD 500", yes),
		"hdd-frozen":              ataDrive("HDD 500", yes, withSecurity, isFrozen),
		"hdd-frozen-sanitize":     ataDrive("HDD 500", yes, withSecurity, isFrozen, withSanitize(yes, no, no)),
		"hdd-locked":              ataDrive("HDD 500", yes, withSecurity, isLocked),
		"hdd-locked-frozen":       ataDrive("HDD 500", yes, withSecurity, isLocked, isFrozen),
		"hdd-hpa":                 ataDrive("HDD 500", yes, withSecurity, hpaPresent),
		"hdd-hidden-unknown":      ataDrive("HDD 500", yes, withSecurity, hiddenNotKnown),
		"hdd-reallocated":         realloc,
		"hdd-usb":                 usbHDD,
		"sas-hdd":                 sas,
		"sas-hdd-hidden-unknown":  sasUnknown,
		"sshd":                    ataDrive("ST1000LM014-SSHD", yes, withSecurity, withSanitize(yes, no, no)),
		"unknown-rotation":        ataDrive("DISK 40", support.Unknown, withSecurity),
		"unknown-rotation-block":  ataDrive("DISK 40", support.Unknown, withSecurity, withSanitize(no, yes, no)),
		"ssd-frozen":              ataDrive("SSD 240", no, withSecurity, isFrozen),
		"ssd":                     ataDrive("SSD 240", no, withSecurity),
		"ssd-sanitize-block":      ataDrive("SSD 240", no, withSecurity, withSanitize(no, yes, no)),
		"ssd-sanitize-all-frozen": ataDrive("SSD 240", no, withSecurity, isFrozen, withSanitize(yes, yes, yes)),
		"ssd-sanitize-crypto":     ataDrive("SSD 240", no, withSecurity, withSanitize(no, no, yes)),
		"nvme-all":                nvmeDrive(nvmeAll),
		"nvme-none":               nvmeDrive(),
		"nvme-two-namespaces":     twoNamespaces,
		"nvme-two-no-sanitize":    nvmeDrive(func(d *devices.Device) { d.Caps.NVMe.Namespaces, d.Siblings = 2, []string{"nvme0n2"} }),
		"nvme-opal-locked":        nvmeDrive(opalLocked),
		"usb-flash":               usb,
		"sd":                      sd,
		"emmc":                    emmc,
		"optical":                 optical,
		"raid":                    raid,
		"usb-bridge":              bridge,
	}
}
