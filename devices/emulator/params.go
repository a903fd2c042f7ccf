package emulator

import (
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"github.com/massho/massho/devices"
)

// Kind is what an emulated drive is made of and how it is spoken to.
type Kind string

// The kinds of drives.
const (
	HDD      Kind = "hdd"       // ATA disk
	SSD      Kind = "ssd"       // ATA flash
	SSHD     Kind = "sshd"      // ATA disk with a flash cache
	SAS      Kind = "sas"       // SCSI disk
	SASSSD   Kind = "sas-ssd"   // SCSI flash
	NVMe     Kind = "nvme"      // NVMe controller
	USBFlash Kind = "usb-flash" // flash behind USB without an ATA identity
	SD       Kind = "sd"        // card behind an MMC host
	EMMC     Kind = "emmc"      // soldered flash behind an MMC host
)

// Flash reports whether k keeps replaced data in cells that no address reaches.
func (k Kind) Flash() bool { return k != HDD && k != SAS }

// ATA reports whether k speaks ATA, reached by SAT.
func (k Kind) ATA() bool { return k == HDD || k == SSD || k == SSHD }

// SCSI reports whether k is a SCSI target of its own.
func (k Kind) SCSI() bool { return k == SAS || k == SASSSD || k == USBFlash }

// Params is everything that makes a drive. Kind and Sectors are needed; the
// rest has a default by kind that [New] fills in.
type Params struct {
	Kind     Kind
	Model    string
	Serial   string
	Firmware string
	WWN      uint64 // NAA or EUI-64; 0: derived from the serial
	NoWWN    bool   // the drive reports none
	RPM      uint16 // as IDENTIFY word 217: 0 not reported, 1 solid state

	Sectors        uint64 // sectors that the host can address at first
	LogicalSector  uint32 // bytes; default 512
	PhysicalSector uint32 // bytes; default the logical sector
	HPASectors     uint64 // more sectors behind a host protected area
	DCOSectors     uint64 // more sectors behind a device configuration overlay
	AMACSectors    uint64 // more sectors above the accessible max address
	Exist          uint64 // false capacity: sectors really there, addresses wrap; 0: all

	CacheBytes   int      // volatile write cache; 0: 1 MiB; negative: none
	SparePages   int      // flash pages beyond the addressable ones; 0: 7 %; negative: none
	Reallocated  []uint64 // sectors taken out of service with their data by Prefill
	SpareSectors int      // sectors left for reallocation; default 64

	ATA  ATAFeatures
	SCSI SCSIFeatures
	NVMe NVMeFeatures
	MMC  MMCFeatures
	TCG  TCGFeatures // a TPer behind NVMe, ATA or SCSI; the zero value has none

	Namespaces         []Namespace // NVMe: further namespaces behind the first
	UnallocatedSectors uint64      // NVMe: capacity that belongs to no namespace
	BootSectors        uint64      // eMMC: each of boot0 and boot1, a multiple of 256
	GPSectors          []uint64    // eMMC: general purpose partitions, at most 4, multiples of 1024

	Faults Faults
	Stack  devices.Stack // what lies on the drive, for interlocks

	EraseTakes time.Duration // what each erase of the drive's own takes; 0: by what it does
	PollTime   time.Duration // virtual time of a status poll while it runs; 0: an eighth of it
	Identify   []byte        // 512 bytes to answer IDENTIFY DEVICE with, from a recording
	// UserPassword is set and locks the drive at every start, as somebody left it.
	UserPassword   string
	MasterPassword string
	MaxSecurity    bool // master password capability "maximum"
	Road           Road // what lies between the host and an ATA or SCSI drive

	Transport devices.Transport // default TransportEmu
	Location  string            // default "emulated-N"
	Seed      uint64            // decides every choice that chance would make
	Clock     *Clock            // default a clock of its own, at Epoch
}

// ATAFeatures is what an ATA drive supports. The zero value supports nothing;
// [New] fills it by kind unless Bare is set.
type ATAFeatures struct {
	Bare bool // take the fields below as they are

	Security          bool
	Enhanced          bool
	EraseTime         time.Duration // 0: not reported
	EnhancedEraseTime time.Duration // 0: not reported
	SanitizeOverwrite bool
	SanitizeBlock     bool
	SanitizeCrypto    bool
	HPA, DCO, AMAC    bool
	SMART             bool
	Trim              bool
}

// SCSIFeatures is what a SCSI drive supports, as ATAFeatures.
type SCSIFeatures struct {
	Bare bool // take the fields below as they are

	SanitizeOverwrite bool
	SanitizeBlock     bool
	SanitizeCrypto    bool
	FormatUnit        bool
	SupportedCodes    bool // REPORT SUPPORTED OPERATION CODES is answered
}

// MMCFeatures is what an e.MMC supports, as ATAFeatures.
type MMCFeatures struct {
	Bare     bool // take the field below as it is
	Sanitize bool
	// BootProtected: boot0 and boot1 are write-protected by BOOT_WP.
	BootProtected bool
}

// fill gives p its defaults and says what cannot be built.
func (p Params) fill() (Params, error) {
	if p.Kind == "" || p.Sectors == 0 {
		return p, fmt.Errorf("emulator: a drive needs Kind and Sectors")
	}
	def := defaults[p.Kind]
	if def.model == "" {
		return p, fmt.Errorf("emulator: kind %q is not known", p.Kind)
	}
	if p.Model == "" {
		p.Model = def.model
	}
	if p.Serial == "" && (p.Kind == SD || p.Kind == EMMC) {
		p.Serial = fmt.Sprintf("%08x", 0xE0000000|p.Seed&0xFFFFFFF) // PSN is a number
	}
	if p.Serial == "" {
		p.Serial = fmt.Sprintf("EMU%09d", p.Seed%1e9)
	}
	if p.Firmware == "" {
		p.Firmware = "EM01"
	}
	if p.LogicalSector == 0 {
		p.LogicalSector = 512
	}
	if p.PhysicalSector == 0 {
		p.PhysicalSector = p.LogicalSector
	}
	if p.RPM == 0 {
		p.RPM = def.rpm
	}
	if p.WWN == 0 && !p.NoWWN && def.wwn {
		p.WWN = deriveWWN(p.Serial)
	}
	if p.SpareSectors == 0 {
		p.SpareSectors = 64
	}
	if p.Transport == "" {
		p.Transport = devices.TransportEmu
	}
	if p.Clock == nil {
		p.Clock = NewClock(Epoch)
	}
	if p.Kind.ATA() && !p.ATA.Bare {
		p.ATA = def.ata
	}
	if p.Kind.SCSI() && !p.SCSI.Bare {
		p.SCSI = def.scsi
	}
	if p.Kind == NVMe && !p.NVMe.Bare {
		before := p.NVMe.SanitizedBefore
		p.NVMe = def.nvme
		p.NVMe.SanitizedBefore = before
	}
	if p.Kind == EMMC && !p.MMC.Bare {
		p.MMC.Sanitize = true
	}
	return p, p.check()
}

func (p Params) check() error {
	switch {
	case p.LogicalSector != 512 && p.LogicalSector != 520 && p.LogicalSector != 528 && p.LogicalSector != 4096:
		return fmt.Errorf("emulator: %s: logical sector of %d bytes", p.Serial, p.LogicalSector)
	case p.TCG.SSC != 0 && p.Kind != NVMe && p.Kind != SAS && p.Kind != SASSSD && !p.Kind.ATA():
		return fmt.Errorf("emulator: %s: a TPer behind %s", p.Serial, p.Kind)
	case p.LogicalSector%512 != 0 && !p.Kind.SCSI():
		return fmt.Errorf("emulator: %s: sectors of %d bytes are for SCSI", p.Serial, p.LogicalSector)
	case p.HPASectors > 0 && p.AMACSectors > 0:
		return fmt.Errorf("emulator: %s: HPA and AMAC never come together", p.Serial)
	case p.Kind == EMMC && p.BootSectors%256 != 0:
		return fmt.Errorf("emulator: %s: boot partitions are multiples of 128 KiB", p.Serial)
	case p.Kind == EMMC && (len(p.GPSectors) > 4 || slices.ContainsFunc(p.GPSectors, func(n uint64) bool { return n == 0 || n%1024 != 0 })):
		return fmt.Errorf("emulator: %s: at most 4 general purpose partitions, in multiples of 512 KiB", p.Serial)
	case len(p.Serial) > 20 || len(p.Model) > 40 || len(p.Firmware) > 8:
		return fmt.Errorf("emulator: %s: serial, model or firmware is too long for IDENTIFY", p.Serial)
	case !p.Kind.ATA() && p.HPASectors+p.DCOSectors+p.AMACSectors > 0:
		return fmt.Errorf("emulator: %s: only ATA drives hide sectors in HPA, DCO or AMAC", p.Serial)
	}
	return nil
}

// native is the number of sectors that the medium has.
func (p Params) native() uint64 {
	n := p.Sectors + p.HPASectors + p.AMACSectors + p.DCOSectors
	switch p.Kind {
	case NVMe:
		n += p.UnallocatedSectors
		for _, ns := range p.Namespaces {
			n += ns.Sectors
		}
	case EMMC:
		n += 2 * p.BootSectors
		for _, gp := range p.GPSectors {
			n += gp
		}
	}
	return n
}

// deriveWWN is an NAA 5 name in an OUI that no maker has, from the serial.
func deriveWWN(serial string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(serial)) // never fails
	return 0x5<<60 | 0x02E305<<36 | h.Sum64()&(1<<36-1)
}

type kindDefaults struct {
	model string
	rpm   uint16
	wwn   bool
	ata   ATAFeatures
	scsi  SCSIFeatures
	nvme  NVMeFeatures
}

var defaults = map[Kind]kindDefaults{
	HDD: {model: "EMU DISK 7200", rpm: 7200, wwn: true, ata: ATAFeatures{
		Security: true, Enhanced: true, EraseTime: 60 * time.Minute, EnhancedEraseTime: 60 * time.Minute,
		SanitizeOverwrite: true, HPA: true, DCO: true, SMART: true}},
	SSD: {model: "EMU SATA SSD", rpm: 1, wwn: true, ata: ATAFeatures{
		Security: true, Enhanced: true, EraseTime: 2 * time.Minute, EnhancedEraseTime: 2 * time.Minute,
		SanitizeBlock: true, SanitizeCrypto: true, SMART: true, Trim: true}},
	SSHD: {model: "EMU HYBRID DISK", rpm: 5400, wwn: true, ata: ATAFeatures{
		Security: true, Enhanced: true, EraseTime: 90 * time.Minute, EnhancedEraseTime: 90 * time.Minute,
		SanitizeOverwrite: true, HPA: true, SMART: true}},
	SAS: {model: "EMU SAS DISK", rpm: 10000, wwn: true, scsi: SCSIFeatures{
		SanitizeOverwrite: true, FormatUnit: true, SupportedCodes: true}},
	SASSSD: {model: "EMU SAS SSD", rpm: 1, wwn: true, scsi: SCSIFeatures{
		SanitizeBlock: true, SanitizeCrypto: true, FormatUnit: true, SupportedCodes: true}},
	NVMe: {model: "EMU NVMe SSD", rpm: 1, wwn: true, nvme: NVMeFeatures{
		SanitizeBlock: true, SanitizeCrypto: true, Format: true, FormatCrypto: true}},
	USBFlash: {model: "EMU USB FLASH"},
	SD:       {model: "EMUSD"},
	EMMC:     {model: "EMUMMC"},
}
