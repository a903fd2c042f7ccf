package rules

// MediumKind is what the claims table tells apart.
type MediumKind string

// The kinds of media.
const (
	MediumHDD      MediumKind = "hdd"
	MediumSSD      MediumKind = "ssd"     // flash behind ATA, SCSI or NVMe
	MediumSSHD     MediumKind = "sshd"    // hybrid: stricter of disk and flash
	MediumUnknown  MediumKind = "unknown" // rotation not reported: stricter of disk and flash
	MediumUSBFlash MediumKind = "usb-flash"
	MediumSD       MediumKind = "sd"
	MediumEMMC     MediumKind = "emmc"
	MediumOptical  MediumKind = "optical"
	MediumFloppy   MediumKind = "floppy"
	MediumTape     MediumKind = "tape"
)

// Technique is the interface's own command, or the host's overwrite.
type Technique string

// The techniques. Those that erase nothing by themselves are not here.
const (
	TechOverwrite           Technique = "overwrite"
	TechATAErase            Technique = "ata-security-erase-unit"
	TechATAEraseEnhanced    Technique = "ata-security-erase-unit-enhanced"
	TechATASanitizeOver     Technique = "ata-sanitize-overwrite-ext"
	TechATASanitizeBlock    Technique = "ata-sanitize-block-erase-ext"
	TechATASanitizeCrypto   Technique = "ata-sanitize-crypto-scramble-ext"
	TechSCSISanitizeOver    Technique = "scsi-sanitize-overwrite"
	TechSCSISanitizeBlock   Technique = "scsi-sanitize-block-erase"
	TechSCSISanitizeCrypto  Technique = "scsi-sanitize-cryptographic-erase"
	TechSCSIFormat          Technique = "scsi-format-unit"
	TechNVMeSanitizeOver    Technique = "nvme-sanitize-overwrite"
	TechNVMeSanitizeBlock   Technique = "nvme-sanitize-block-erase"
	TechNVMeSanitizeCrypto  Technique = "nvme-sanitize-crypto-erase"
	TechNVMeFormatUserData  Technique = "nvme-format-ses1"
	TechNVMeFormatCrypto    Technique = "nvme-format-ses2"
	TechTCGRevert           Technique = "tcg-revert-tper"
	TechMMCEraseAndSanitize Technique = "mmc-erase-sanitize"
)

// StepStatus is how one step ended.
type StepStatus string

// The ends of a step. Only StepCompleted can carry a claim.
const (
	StepCompleted   StepStatus = "completed"   // command result good and, for a device erase, the device's own status agrees
	StepUnconfirmed StepStatus = "unconfirmed" // accepted, but its completion could not be shown
	StepFailed      StepStatus = "failed"
	StepInterrupted StepStatus = "interrupted"
	StepRefused     StepStatus = "refused" // the device rejected the command; nothing was changed
)

// VerifyKind is how a step's result was read back.
type VerifyKind string

// The ways of reading back.
const (
	VerifyNone     VerifyKind = "none"
	VerifySampled  VerifyKind = "sampled"  // ≥1,000 subsections × 2, ≥10 %, first and last LBA
	VerifyFull     VerifyKind = "full"     // every LBA
	VerifyCanaries VerifyKind = "canaries" // planted marks only
)

// Verification is one reading back after a step.
type Verification struct {
	Kind       VerifyKind `json:"kind"`
	Bytes      uint64     `json:"bytes"`      // bytes read and compared
	Of         uint64     `json:"of"`         // bytes that the host can address
	Mismatches uint64     `json:"mismatches"` // sectors that held something else
	Unreadable uint64     `json:"unreadable"` // sectors that could not be read
	Seed       string     `json:"seed,omitempty"`
}

// CanaryCheck is one reading of the planted marks.
type CanaryCheck struct {
	Read       uint64 `json:"read"`
	Survivors  uint64 `json:"survivors"`
	Unreadable uint64 `json:"unreadable"` // neither gone nor surviving until rewritten and read
	AfterReset bool   `json:"afterReset"`
	// Planted is how many marks were planted again right before this step, and
	// all read back. 0: these are the marks planted before the first step, which
	// speak for the first technique that changed the medium and for no later one.
	Planted uint64 `json:"planted,omitempty"`
}

// Step is one executed technique with what was seen of it.
type Step struct {
	Technique      Technique     `json:"technique"`
	RandomPasses   int           `json:"randomPasses,omitempty"`
	ConstantPasses int           `json:"constantPasses,omitempty"`
	Status         StepStatus    `json:"status"`
	Verification   *Verification `json:"verification,omitempty"`
	Canaries       *CanaryCheck  `json:"canaries,omitempty"` // nil: none were read after this step
	SeenInProgress bool          `json:"seenInProgress,omitempty"`
}

// HiddenState is what is known of HPA, DCO or Accessible Max Address.
type HiddenState string

// The states of a hidden area. The empty string is unknown.
const (
	HiddenUnknown HiddenState = "unknown"
	HiddenAbsent  HiddenState = "absent" // shown absent by the drive
	HiddenOpened  HiddenState = "opened"
	HiddenPresent HiddenState = "present" // still there
)

// Hidden is the state after the run.
type Hidden struct {
	HPA  HiddenState `json:"hpa"`
	DCO  HiddenState `json:"dco"`
	AMAC HiddenState `json:"amac"`
}

// Canaries says what was planted before the first step.
type Canaries struct {
	Planted uint64 `json:"planted"`
	Seed    string `json:"seed,omitempty"`   // hex; independent of every pass key
	Reason  string `json:"reason,omitempty"` // why none were planted
}

// KeyConditions are the three conditions for a crypto erase (SP 800-88).
type KeyConditions struct {
	EncryptedFromFirstWrite Answer `json:"encryptedFromFirstWrite"`
	AllCopiesErasable       Answer `json:"allCopiesErasable"`
	CommandIdentified       Answer `json:"commandIdentified"`
}

// Facts is everything a claim may rest on. Derive is a pure function of it;
// the Statement carries it, so that a checker derives the same.
type Facts struct {
	Medium       MediumKind    `json:"medium"`
	IdentityOwn  bool          `json:"identityOwn"`  // identity read from the medium itself
	IdentityHeld bool          `json:"identityHeld"` // the same at every check until the end
	Hidden       Hidden        `json:"hidden"`
	UserBytes    uint64        `json:"userBytes"`            // what the host could address at the end
	OtherParts   uint64        `json:"otherParts,omitempty"` // other namespaces or boot areas of the medium that no overwrite of this run reached
	Steps        []Step        `json:"steps"`
	Canaries     Canaries      `json:"canaries"`
	Keys         KeyConditions `json:"keys"`
	Reallocated  *uint64       `json:"reallocated"` // sectors after the run; null: not reported
	Pending      *uint64       `json:"pending"`     // sectors after the run; null: not reported
	Unwritten    uint64        `json:"unwritten"`   // sectors that could not be written
	Unreadable   uint64        `json:"unreadable"`  // sectors that could not be read back
	Interrupted  bool          `json:"interrupted"` // ended before its plan did
	Resumed      uint64        `json:"resumed"`     // times the run was resumed
	JournalGap   bool          `json:"journalGap"`  // part of the run has no journal
	Errors       []string      `json:"errors"`      // every other error, in the program's words
}
