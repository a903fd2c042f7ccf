//go:build linux

package linux

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/massho/massho/devices"
)

// volumeRule says which devices of a RAID controller's driver are volumes.
type volumeRule func(n node) bool

// raidDrivers are the drivers (proc_name of the SCSI host) whose disks may be
// volumes. Each rule is read from the driver's source. What the rule does not
// call a physical drive is a volume: the doubt goes against certifying.
var raidDrivers = map[string]volumeRule{
	// megaraid_sas: channels 0 and 1 are physical drives (MEGASAS_MAX_PD_CHANNELS).
	"megaraid_sas": func(n node) bool { return channel(n) >= 2 },
	// hpsa, smartpqi: raid_level is "N/A" for a drive that is handed through.
	"hpsa":     func(n node) bool { return n.child("device").attr("raid_level") != "N/A" },
	"smartpqi": func(n node) bool { return n.child("device").attr("raid_level") != "N/A" },
	// aacraid: containers are on channel 0 (CONTAINER_CHANNEL).
	"aacraid": func(n node) bool { return channel(n) <= 0 },
	// mptsas, mpt2sas, mpt3sas, mptspi: integrated RAID volumes carry no SAS
	// end device; a physical drive always does.
	"mptsas":  noEndDevice,
	"mpt2sas": noEndDevice,
	"mpt3sas": noEndDevice,
	"pm80xx":  noEndDevice,
	"isci":    noEndDevice,
	"mvsas":   noEndDevice,

	"megaraid": always, "megaraid_legacy": always, "arcmsr": always, "3w-9xxx": always, "3w-sas": always,
	"3w-xxxx": always, "ips": always, "cciss": always, "stex": always, "gdth": always, "dpt_i2o": always,
	"hptiop": always, "pmcraid": always, "ipr": always, "mpi3mr": noEndDevice, "mvumi": always, "dac960": always,
	"myrb": always, "myrs": always, "esas2r": noEndDevice, "vmw_pvscsi": always, "storvsc": always,
}

// sasDrivers put physical drives on the SAS road even where sysfs shows no SAS
// transport class.
var sasDrivers = map[string]bool{
	"mptsas": true, "mpt2sas": true, "mpt3sas": true, "mpi3mr": true, "pm80xx": true, "isci": true, "mvsas": true,
	"megaraid_sas": true, "hpsa": true, "smartpqi": true, "aacraid": true, "esas2r": true,
}

func always(node) bool        { return true }
func noEndDevice(n node) bool { return n.up(reEndDev) == "" }

// raidVolume reports whether a SCSI disk is a controller's volume, by driver
// and by the INQUIRY words that sysfs repeats.
func raidVolume(n node) (bool, string) {
	driver := scsiHost(n).attr("proc_name")
	if rule, ok := raidDrivers[driver]; ok && n.up(reUSBHub) == "" && rule(n) {
		return true, devices.ProblemVolume + ": " + driver
	}
	dev := n.child("device")
	if n.up(reATA) == "" && volumeWords(dev.attr("vendor"), dev.attr("model")) {
		return true, devices.ProblemVolume + ": " + strings.TrimSpace(dev.attr("vendor")+" "+dev.attr("model"))
	}
	return false, ""
}

// Words in INQUIRY that only volumes carry: SAS and USB RAID boxes, and the
// controllers of servers under another driver than their own.
var reVolume = regexp.MustCompile(`(?i)\b(LOGICAL VOLUME|VIRTUAL DISK|VIRTUAL DRIVE|MEGARAID|MR\d{4}|PERC|SERVERAID|RAID\s?\d*|SMART ARRAY|H/W RAID\d*)\b`)

func volumeWords(vendor, product string) bool {
	return reVolume.MatchString(vendor + " " + product)
}

// scsiHost is the scsi_host class directory of the adapter that n hangs on.
func scsiHost(n node) node {
	h := n.up(reHost)
	if h == "" {
		return ""
	}
	return h.child("scsi_host").child(h.name())
}

// channel is the C of H:C:T:L; -1 where n has no SCSI address.
func channel(n node) int {
	a := n.up(reSCSI)
	if a == "" {
		return -1
	}
	c, err := strconv.Atoi(strings.Split(a.name(), ":")[1])
	if err != nil {
		return -1
	}
	return c
}
