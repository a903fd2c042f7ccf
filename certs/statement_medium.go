package certs

import (
	"time"

	"github.com/massho/massho/wipe/rules"
)

// Medium is the drive as it identified itself.
type Medium struct {
	Maker                string           `json:"maker"`
	MakerFrom            string           `json:"makerFrom,omitempty"` // where Maker was read: MakerFromWWN, MakerFromModel, or empty
	Model                string           `json:"model"`
	Serial               string           `json:"serial"`
	Firmware             string           `json:"firmware"`
	WWN                  string           `json:"wwn"`
	Kind                 rules.MediumKind `json:"kind"`
	Class                string           `json:"class"`     // devices.Class
	Transport            string           `json:"transport"` // devices.Transport
	Location             string           `json:"location"`  // bay or port path
	IdentitySource       string           `json:"identitySource"`
	CapacityBefore       uint64           `json:"capacityBefore"` // bytes the host could address
	CapacityAfter        uint64           `json:"capacityAfter"`  // 0: not known
	Sectors              uint64           `json:"sectors"`
	LogicalSector        uint32           `json:"logicalSector"`
	PhysicalSector       uint32           `json:"physicalSector"`
	RotationRPM          uint16           `json:"rotationRPM"` // 0: none or not reported
	HiddenBefore         HiddenAreas      `json:"hiddenBefore"`
	HiddenAfter          HiddenAreas      `json:"hiddenAfter"`
	HealthBefore         Health           `json:"healthBefore"`
	HealthAfter          Health           `json:"healthAfter"`
	Encryption           Encryption       `json:"encryption"`                // before the first write
	EncryptionAfter      *Encryption      `json:"encryptionAfter,omitempty"` // nil: not asked again
	Raw                  []RawAnswer      `json:"raw"`
	UnallocatedBytes     string           `json:"unallocatedBytes"`     // NVMe UNVMCAP, decimal; empty: not reported
	UnattachedNamespaces string           `json:"unattachedNamespaces"` // what is known of them; empty: not known
	OtherDevicesOfMedium []string         `json:"otherDevicesOfMedium"` // boot0/boot1, other namespaces
	IdentityRechecks     uint64           `json:"identityRechecks"`     // times the identity was read again and held
}

// HiddenAreas is what HPA, DCO and AMAC hid.
type HiddenAreas struct {
	rules.Hidden
	NativeSectors uint64 `json:"nativeSectors"` // 0: not known
	Note          string `json:"note"`
}

// Health is SMART or its kin. A nil field was not reported.
type Health struct {
	Reallocated   *uint64 `json:"reallocated"`
	Pending       *uint64 `json:"pending"`
	Uncorrectable *uint64 `json:"uncorrectable"`
	PowerOnHours  *uint64 `json:"powerOnHours"`
	TemperatureC  *int64  `json:"temperatureC"`
	GrownDefects  *uint64 `json:"grownDefects"`
	PercentUsed   *uint64 `json:"percentUsed"`
	FailPredicted string  `json:"failPredicted"` // "yes", "no", "unknown"
}

// Encryption is what the drive said of its own encryption and lock.
type Encryption struct {
	SelfEncrypting string `json:"selfEncrypting"`   // "yes", "no", "unknown"
	SSC            string `json:"ssc"`              // "Opal 2.0", …
	ATASecurity    string `json:"ataSecurity"`      // e.g. "enabled, frozen"
	Locked         string `json:"locked,omitempty"` // by TCG: "yes", "no", "unknown"
	Note           string `json:"note"`
}

// RawAnswer is one answer of the drive as it came over the wire.
type RawAnswer struct {
	Name  string `json:"name"`
	Bytes []byte `json:"bytes"`
}

// Plan names what was to be done.
type Plan struct {
	Hash    string     `json:"hash"` // SHA-256 of the plan, hex
	Steps   []PlanStep `json:"steps"`
	Chosen  string     `json:"chosen"`  // who chose a lower level, and why; empty: nobody did
	Undoing []string   `json:"undoing"` // what stays undone, in words
}

// PlanStep is one planned technique.
type PlanStep struct {
	Technique rules.Technique `json:"technique"`
	Passes    int             `json:"passes"`
	Verify    string          `json:"verify"` // rules.VerifyKind
	Reason    string          `json:"reason"`
	Citation  string          `json:"citation"`
}

// StepRecord is one executed technique as it ran.
type StepRecord struct {
	Index     int              `json:"index"` // of the step in the plan, from 0; the journal calls it "step-"+(Index+1)
	Technique rules.Technique  `json:"technique"`
	Commands  []Command        `json:"commands"`
	Passes    int              `json:"passes"`
	Pattern   string           `json:"pattern"` // "random", or the constant in hex
	Status    rules.StepStatus `json:"status"`
	RawStatus string           `json:"rawStatus"` // the device's own word, hex
	Started   time.Time        `json:"started,omitzero"`
	Ended     time.Time        `json:"ended,omitzero"`
	Bytes     uint64           `json:"bytes"` // written, all passes
	BadRanges []Range          `json:"badRanges"`
	BadTotal  uint64           `json:"badTotal"` // sectors in all; may exceed what BadRanges lists
	Samples   []Sample         `json:"samples"`  // for the throughput graph
	Verify    *VerifyRecord    `json:"verify"`   // nil: nothing was read back
	Notes     []string         `json:"notes"`
}

// Command is one command as it was sent.
type Command struct {
	Name   string `json:"name"`   // the standard's name
	Bytes  string `json:"bytes"`  // hex of CDB, taskfile or submission entry
	Status string `json:"status"` // hex of what came back
}

// Range is a run of logical sectors.
type Range struct {
	First uint64 `json:"first"`
	Count uint64 `json:"count"`
	Kind  string `json:"kind"` // "write", "read", "mismatch"
}

// Sample is one point of the throughput graph: bytes done Millis after start.
type Sample struct {
	Millis int64  `json:"millis"`
	Bytes  uint64 `json:"bytes"`
}

// VerifyRecord is when a step was read back; its figures are in
// rules.Step.Verification and rules.Step.Canaries.
type VerifyRecord struct {
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`
	Samples []Sample  `json:"samples"`
}
