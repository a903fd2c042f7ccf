// Package devices says what is here and what must never be touched.
//
// A Device is a snapshot: who the medium is (Identity), what it can do
// (Capabilities), what is stacked on it (Stack), and why it may not be touched
// or certified. Decisions here are pure functions of such snapshots. The acts
// behind them are in devices/linux (a real machine) and devices/emulator
// (drives in process); both implement System and Conn.
//
// Everything that was not shown is support.Unknown, and Unknown is never a yes.
package devices

import (
	"time"

	"github.com/massho/massho/devices/support"
)

// Transport is the road to the medium, chosen from sysfs and never by trying.
type Transport string

// The transports that Detect tells apart.
const (
	TransportSATA    Transport = "sata"
	TransportSAS     Transport = "sas"
	TransportNVMe    Transport = "nvme"
	TransportNVMeTCP Transport = "nvme-tcp" // test-only road
	TransportUSB     Transport = "usb"
	TransportMMC     Transport = "mmc"
	TransportVirtio  Transport = "virtio"
	TransportISCSI   Transport = "iscsi"
	TransportLoop    Transport = "loop"     // test-only road, only when named
	TransportEmu     Transport = "emulated" // test-only road
	TransportUnknown Transport = "unknown"
)

// TestOnly reports whether t is a road that exists for tests and training:
// its records are issued under the training root only (DESIGN §6).
func (t Transport) TestOnly() bool {
	return t == TransportLoop || t == TransportNVMeTCP || t == TransportEmu
}

// Class is what kind of thing answers at the other end.
type Class string

// The classes of things that a machine shows.
const (
	ClassDisk     Class = "disk"      // HDD, SSD or unknown: a medium with an identity of its own
	ClassUSBFlash Class = "usb-flash" // removable flash behind USB without an ATA identity
	ClassSD       Class = "sd"
	ClassEMMC     Class = "emmc"
	ClassOptical  Class = "optical"
	ClassFloppy   Class = "floppy"
	ClassTape     Class = "tape"
	ClassLogical  Class = "logical" // RAID or VMD/RST volume: not a medium
	ClassVirtual  Class = "virtual" // loop, virtio-blk: no identity of a medium
	ClassPmem     Class = "pmem"
	ClassUFS      Class = "ufs"
	ClassZoned    Class = "zoned" // host-managed or host-aware zones
	ClassUnknown  Class = "unknown"

	// ClassController is a storage controller that hides its drives (no driver,
	// NVMe remapped by Intel RST) or an NVMe controller without a namespace.
	ClassController Class = "controller"
)

// Device is one thing that Detect found, as it was at that moment.
type Device struct {
	Name      string    // kernel name in this boot ("sda"); for display only
	Path      string    // device node ("/dev/sda")
	SysPath   string    // resolved sysfs directory of the device
	Transport Transport // road chosen from sysfs
	Class     Class
	Location  string   // bay or port path, e.g. "pci-0000:00:1f.2-ata-1"
	Parent    string   // sysfs identity of the same physical medium: NVMe subsystem, or the device itself
	Siblings  []string // names of other block devices of the same medium (namespaces, boot0/boot1)
	Parts     []string // names of the namespaces that WholeMedia joined into this device; nil: it is one

	Identity  Identity
	Caps      Capabilities
	Health    Health
	Hidden    HiddenAreas
	Removable bool
	ReadOnly  bool
	Stack     Stack

	// IdentityProblem says why the identity is not the medium's own (RAID
	// volume, bridge stub, nonsense answered). Empty when it is its own. It
	// starts with one of the Problem constants; ProblemText has it in Japanese.
	IdentityProblem string
	// Unreadable: the drive did not answer in time or answered with an error.
	Unreadable bool
	// Unready says that the drive is erasing or formatting itself, or that this
	// ended in failure: it answers who it is, but its capacity (0 here) and its
	// sectors only once that has ended well. Empty when it is ready.
	Unready string
	// Notes are questions that the drive refused or answered with nonsense:
	// for the log and the technician, in English.
	Notes []string
}

// Raw is one answer of the drive as it came over the wire, kept as evidence.
type Raw struct {
	Name  string `json:"name"` // "ATA IDENTIFY DEVICE", "SCSI VPD 83h", …
	Bytes []byte `json:"bytes"`
}

// Identity is who the medium says it is.
type Identity struct {
	Model          string `json:"model"`
	Serial         string `json:"serial"`
	Firmware       string `json:"firmware"`
	WWN            string `json:"wwn,omitempty"` // "naa.…", "eui.…", "nguid.…"
	Source         string `json:"source"`        // which answer it was read from
	LogicalSector  uint32 `json:"logicalSector"` // bytes
	PhysicalSector uint32 `json:"physicalSector"`
	Sectors        uint64 `json:"sectors"` // logical sectors the host can address now
	Raw            []Raw  `json:"-"`
}

// CapacityBytes is the capacity that the host can address now, in bytes.
func (i Identity) CapacityBytes() uint64 { return i.Sectors * uint64(i.LogicalSector) }

// Same reports whether two answers come from the same medium, and if not, the
// field that differs. Capacity may change while hidden areas are opened and
// firmware never should, so model, serial and WWN decide.
func (i Identity) Same(o Identity) (bool, string) {
	switch {
	case i.Model != o.Model:
		return false, "model"
	case i.Serial != o.Serial:
		return false, "serial"
	case i.WWN != o.WWN:
		return false, "WWN"
	}
	return true, ""
}

// Capabilities is what the drive says it can do. The zero value knows nothing.
type Capabilities struct {
	Rotational   support.State `json:"rotational"` // No: solid state
	RotationRPM  uint16        `json:"rotationRPM,omitempty"`
	Trim         support.State `json:"trim"`
	ATA          ATACaps       `json:"ata"`
	SCSI         SCSICaps      `json:"scsi"`
	NVMe         NVMeCaps      `json:"nvme"`
	TCG          TCGCaps       `json:"tcg"`
	MMC          MMCCaps       `json:"mmc"`
	Zoned        support.State `json:"zoned"`
	MaxTransfer  uint32        `json:"maxTransfer,omitempty"`  // bytes, 0 not known
	CriticalTemp int           `json:"criticalTemp,omitempty"` // °C, 0 not known
}

// ATACaps is the security, sanitize and hidden-area part of IDENTIFY DEVICE
// (ACS-4 §7.13, words 59, 82–87, 89–90, 119–120, 128).
type ATACaps struct {
	Present           support.State `json:"present"` // an ATA device answers behind this road
	Security          support.State `json:"security"`
	SecurityEnabled   support.State `json:"securityEnabled"`
	SecurityLocked    support.State `json:"securityLocked"`
	SecurityFrozen    support.State `json:"securityFrozen"`
	SecurityExpired   support.State `json:"securityExpired"`
	SecurityEnhanced  support.State `json:"securityEnhanced"`
	EraseTime         time.Duration `json:"eraseTime,omitempty"`         // 0: not reported
	EnhancedEraseTime time.Duration `json:"enhancedEraseTime,omitempty"` // 0: not reported
	SanitizeOverwrite support.State `json:"sanitizeOverwrite"`
	SanitizeBlock     support.State `json:"sanitizeBlock"`
	SanitizeCrypto    support.State `json:"sanitizeCrypto"`
	HPA               support.State `json:"hpa"`
	DCO               support.State `json:"dco"`
	AMAC              support.State `json:"amac"`
	LBA48             support.State `json:"lba48"`
}

// SCSICaps is what REPORT SUPPORTED OPERATION CODES shows (SPC-5 §6.34).
type SCSICaps struct {
	Present           support.State `json:"present"`
	SanitizeOverwrite support.State `json:"sanitizeOverwrite"`
	SanitizeBlock     support.State `json:"sanitizeBlock"`
	SanitizeCrypto    support.State `json:"sanitizeCrypto"`
	FormatUnit        support.State `json:"formatUnit"`
}

// NVMeCaps is what Identify Controller shows (NVMe Base 2.0 §5.17.2.1).
type NVMeCaps struct {
	Present           support.State `json:"present"`
	SanitizeOverwrite support.State `json:"sanitizeOverwrite"`
	SanitizeBlock     support.State `json:"sanitizeBlock"`
	SanitizeCrypto    support.State `json:"sanitizeCrypto"`
	NoDeallocInhibit  support.State `json:"noDeallocInhibit"`
	Format            support.State `json:"format"`
	FormatCrypto      support.State `json:"formatCrypto"`
	FormatAll         support.State `json:"formatAll"` // FNA b0: Format acts on all namespaces
	EraseAll          support.State `json:"eraseAll"`  // FNA b1: secure erase acts on all namespaces
	Namespaces        uint32        `json:"namespaces,omitempty"`
	Subsystem         string        `json:"subsystem,omitempty"`     // SUBNQN
	TotalCapacity     string        `json:"totalCapacity,omitempty"` // TNVMCAP bytes, decimal
	Unallocated       string        `json:"unallocated,omitempty"`   // UNVMCAP bytes, decimal
}

// TCGCaps is what Level 0 Discovery shows (TCG Storage Core §3.3.6).
type TCGCaps struct {
	Present         support.State `json:"present"`
	SSC             string        `json:"ssc,omitempty"` // "Opal 2.0", "Pyrite", "Enterprise", …
	Locked          support.State `json:"locked"`
	MediaEncryption support.State `json:"mediaEncryption"`
	BlockSID        support.State `json:"blockSID"`  // the firmware blocks the SID in this start
	Activated       support.State `json:"activated"` // the Locking SP is in use
	Owned           support.State `json:"owned"`     // the SID's PIN is not the MSID
	MBRShadow       support.State `json:"mbrShadow"` // the first LBAs read as a shadow, not as the medium
}

// MMCCaps is what EXT_CSD shows (JESD84-B51 §7.4).
type MMCCaps struct {
	Present  support.State `json:"present"`
	Sanitize support.State `json:"sanitize"`
	Trim     support.State `json:"trim"`
}

// HiddenState is what is known of one kind of area that LBAs may not reach.
type HiddenState string

// The states of a hidden area. "absent" is claimed only when shown.
const (
	HiddenUnknown    HiddenState = "unknown"
	HiddenAbsent     HiddenState = "absent"
	HiddenPresent    HiddenState = "present"
	HiddenOpened     HiddenState = "opened"
	HiddenPowerCycle HiddenState = "power-cycle-required"
)

// HiddenAreas is what HPA, DCO and Accessible Max Address hide, in sectors.
type HiddenAreas struct {
	HPA           HiddenState `json:"hpa"`
	DCO           HiddenState `json:"dco"`
	AMAC          HiddenState `json:"amac"`
	NativeSectors uint64      `json:"nativeSectors,omitempty"` // 0: not known
	Note          string      `json:"note,omitempty"`
}

// Health is what SMART or its kin shows. A nil field was not reported.
type Health struct {
	Reallocated   *uint64       `json:"reallocated,omitempty"`
	Pending       *uint64       `json:"pending,omitempty"`
	Uncorrectable *uint64       `json:"uncorrectable,omitempty"`
	PowerOnHours  *uint64       `json:"powerOnHours,omitempty"`
	TemperatureC  *int64        `json:"temperatureC,omitempty"`
	GrownDefects  *uint64       `json:"grownDefects,omitempty"`
	PercentUsed   *uint64       `json:"percentUsed,omitempty"`
	FailPredicted support.State `json:"failPredicted"`
}

// Stack is what lies on the device: whatever is here keeps it from being wiped.
type Stack struct {
	Partitions []string `json:"partitions,omitempty"` // names; partitions alone are no obstacle
	Mounts     []Mount  `json:"mounts,omitempty"`
	Swaps      []string `json:"swaps,omitempty"`
	Holders    []string `json:"holders,omitempty"`   // dm, md, bcache… that hold it or a partition of it
	Multipath  []string `json:"multipath,omitempty"` // those of Holders that join several paths to one medium
	FSUUIDs    []string `json:"-"`                   // filesystem UUIDs, only to find the boot stick; never recorded
	Unread     bool     `json:"-"`                   // FSUUIDs could not be read: the list may lack some
}

// Mount is one mounted file system of the device or of a partition.
type Mount struct {
	Source string `json:"source"`
	Target string `json:"target"`
}

// Host is the machine this program runs on, by firmware tables.
type Host struct {
	Vendor, Product, Serial, SKU, Family     string
	ChassisType, ChassisSerial, ChassisAsset string
	BoardVendor, BoardProduct, BoardSerial   string
	BIOSVendor, BIOSVersion, BIOSDate        string
	UUID                                     string
	MemoryBytes                              uint64
	CPU                                      string
	SerialPlaceholder                        bool // "To be filled by O.E.M." and its kin: never matches a roster
}
