package wipe

import (
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// Plan is what would be done to one drive and what that could claim at best.
// It is a pure value: making one touches nothing, and nothing is run that it
// does not list. Its JSON form holds everything but Device, so a journal can
// carry it and ID can be computed again from what was read back.
type Plan struct {
	// Device is the snapshot that was planned for; set it again from Detect
	// after a plan was read from JSON.
	Device devices.Device `json:"-"`

	Target      Target              `json:"target"`
	RulePack    PackRef             `json:"rulePack"`
	PolicyID    string              `json:"policyId,omitempty"`
	Category    *rules.Category     `json:"category,omitempty"` // nil: the row was given
	Row         rules.Row           `json:"row"`
	RowReasons  []rules.Note        `json:"rowReasons,omitempty"`
	Medium      rules.MediumKind    `json:"medium"`
	Preparation []Preparation       `json:"preparation,omitempty"` // before the canaries, in order
	Steps       []PlannedStep       `json:"steps"`                 // in order
	Canaries    int                 `json:"canaries"`              // to plant before the first step; 0: none
	Verify      rules.VerifyKind    `json:"verify"`                // the strongest reading back among the steps
	Keys        rules.KeyConditions `json:"keys"`
	Best        rules.Derivation    `json:"best"`             // what a clean run could claim, never more
	Scope       []rules.Note        `json:"scope,omitempty"`  // what else of the medium the steps reach
	Undone      []rules.Note        `json:"undone,omitempty"` // what stays undone even so
	Rejected    []Rejected          `json:"rejected,omitempty"`
	Accepted    *Acceptance         `json:"accepted,omitempty"` // a person's recorded choice that this plan rests on
	Estimate    time.Duration       `json:"estimate"`           // nanoseconds; all steps with their reading back
	Disposition Disposition         `json:"disposition"`
	Prompt      *DestructionPrompt  `json:"prompt,omitempty"`  // set whenever the medium must be destroyed
	Refusal     *devices.Refusal    `json:"refusal,omitempty"` // this thing is not planned at all
	Choice      *Choice             `json:"choice,omitempty"`  // a person must choose before anything runs
}

// Target is the medium that the plan is for: what stays the same from one
// boot to the next. Kernel names and paths are not part of it.
type Target struct {
	Model     string            `json:"model"`
	Serial    string            `json:"serial"`
	WWN       string            `json:"wwn,omitempty"`
	Firmware  string            `json:"firmware,omitempty"`
	Class     devices.Class     `json:"class"`
	Transport devices.Transport `json:"transport"`
	Sectors   uint64            `json:"sectors"`
	Sector    uint32            `json:"sector"` // bytes
	Asset     string            `json:"asset,omitempty"`
}

// PackRef names the rule pack that the plan was made with.
type PackRef struct {
	ID   string `json:"id"`
	Hash string `json:"hash"` // SHA-256 of the pack's bytes, hex
}

// PassKind is what one pass of an overwrite writes.
type PassKind string

// The kinds of passes.
const (
	PassRandom   PassKind = "random"   // the pass's own keystream
	PassConstant PassKind = "constant" // one byte pattern
)

// PlannedStep is one technique to run.
type PlannedStep struct {
	Technique rules.Technique  `json:"technique"`
	Passes    []PassKind       `json:"passes,omitempty"` // overwrites only
	Verify    rules.VerifyKind `json:"verify"`           // reading back after this step
	Canaries  bool             `json:"canaries"`         // read the planted marks after this step
	// Replant: plant as many canaries again, and read them all back, right
	// before this step: the step before may have removed the first ones. Their
	// number goes to rules.CanaryCheck.Planted.
	Replant bool `json:"replant,omitempty"`
	// Required: the run ends here when the drive refuses this step, because the
	// later ones cannot work without it (a locked drive).
	Required bool `json:"required,omitempty"`
	// Fallback: not run unless an earlier step was refused by the drive
	// (rules.StepRefused: nothing was changed).
	Fallback bool          `json:"fallback,omitempty"`
	Reason   rules.Note    `json:"reason"`
	Citation string        `json:"citation"`
	Estimate time.Duration `json:"estimate"` // nanoseconds
}

// PreparationKind is one act that changes what the host can reach.
type PreparationKind string

// The preparations.
const (
	PrepareOpenHPA  PreparationKind = "open-hpa"  // SET MAX ADDRESS EXT to the native maximum
	PrepareOpenDCO  PreparationKind = "open-dco"  // DEVICE CONFIGURATION RESTORE
	PrepareOpenAMAC PreparationKind = "open-amac" // SET ACCESSIBLE MAX ADDRESS EXT

	// PrepareSectorSize is MODE SELECT and FORMAT UNIT: from 520 or 528 bytes, as
	// storage arrays use them, to the 512 that the host can address.
	PrepareSectorSize PreparationKind = "sector-size"
)

// Preparation is one planned act before the canaries.
type Preparation struct {
	Kind     PreparationKind `json:"kind"`
	Reason   rules.Note      `json:"reason"`
	Citation string          `json:"citation"`
	Estimate time.Duration   `json:"estimate,omitempty"` // nanoseconds; 0: no time to speak of
}

// Rejected is a technique that the plan does not use, and why.
type Rejected struct {
	Technique rules.Technique `json:"technique"`
	Reason    rules.Note      `json:"reason"`
}

// Disposition is where the medium goes when the plan ran clean.
type Disposition string

// The dispositions.
const (
	DispositionRelease          Disposition = "release"           // 再利用・返却・引渡しができる
	DispositionAwaitDestruction Disposition = "await-destruction" // 庁舎内消去のうえ、物理的な破壊へ
	DispositionKeepInside       Disposition = "keep-inside"       // 庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊
	DispositionReachMedia       Disposition = "reach-media"       // not a medium: get at the media behind it first
	DispositionUndecided        Disposition = "undecided"         // a person must choose first
)

// DestructionPrompt is what the person who hands the medium over must know.
type DestructionPrompt struct {
	Serial   string       `json:"serial"`
	Asset    string       `json:"asset,omitempty"` // 管理番号
	Row      rules.Row    `json:"row"`
	Ways     []string     `json:"ways"` // 分解・粉砕・溶解・焼却・細断
	Inside   bool         `json:"inside"`
	Witness  rules.Note   `json:"witness"`
	Deadline rules.Note   `json:"deadline"`
	Days     int          `json:"days,omitempty"` // after hand-over; 0: the policy names none
	Evidence rules.Note   `json:"evidence"`
	Warnings []rules.Note `json:"warnings,omitempty"`
}

// Acceptance is a person's recorded choice of a lower level than the row asks.
type Acceptance struct {
	Level  rules.Row `json:"level"` // rules.Row3
	By     string    `json:"by"`    // who chose, as recorded
	Reason string    `json:"reason,omitempty"`
}

// Choice is what a person must decide before anything runs.
type Choice struct {
	Why     rules.Note   `json:"why"`
	Options []rules.Note `json:"options"` // guidance, best first
	Remains rules.Row    `json:"remains"` // the level that can be reached without it; RowNone: none
}

// Input is everything a plan is made of.
type Input struct {
	Pack     *rules.Pack
	Policy   rules.Policy
	Category *rules.Category // classified here; or
	Row      rules.Row       // the row, when it was decided elsewhere
	Device   devices.Device
	Asset    string // 管理番号

	Runnable   map[rules.Technique]bool // what this program can run today
	Preparable map[PreparationKind]bool // what this program can open today
	Keys       rules.KeyConditions      // the recorded answers for a crypto erase
	PSID       bool                     // the operator has the PSID from the drive's label
	Accept     *Acceptance              // nil: nobody chose a lower level

	ExtraRandomPasses int    // on top of what the row needs
	Sampled           bool   // sampled reading back where the rules let it do; else everything is read back
	BytesPerSecond    uint64 // measured; 0: the medium's usual rate
}
