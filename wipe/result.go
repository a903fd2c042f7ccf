package wipe

import (
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/canary"
	"github.com/massho/massho/wipe/overwrite"
	"github.com/massho/massho/wipe/rules"
)

// Result is everything that one run saw and did. It is complete also when the
// run failed: a failed wipe gets a paper too.
type Result struct {
	Plan    Plan
	Started time.Time
	Ended   time.Time

	Before   devices.Facts // before the first write
	After    devices.Facts // after the last step; zero when the drive no longer answered
	Rechecks uint64        // times the identity was read again and held

	Opened   []PreparationKind // hidden areas that this run opened
	Prepared []Command         // what was sent for it
	Notes    []string          // what a reader should know and no claim rests on

	CanaryKey    canary.Key
	CanaryReport canary.PlantReport
	Steps        []StepResult
	Errors       []string
	PowerCycle   bool // not over: power the drive off and on, then resume (ErrPowerCycle)

	Facts      rules.Facts
	Derivation rules.Derivation
	Prompt     *DestructionPrompt // set whenever the medium must be destroyed after all
}

// StepResult is one executed step: the facts a claim may rest on, and what is
// printed beside them.
type StepResult struct {
	rules.Step
	Index     int // of the planned step
	Commands  []Command
	RawStatus string // the device's own word at the end
	Started   time.Time
	Ended     time.Time
	Bytes     uint64 // written by the host, all passes
	Passes    []PassResult
	Verify    *overwrite.Report
	VerifyAt  time.Time // when reading back began
	VerifyEnd time.Time
	Notes     []string
}

// PassResult is one overwrite pass with what is needed to write it again.
type PassResult struct {
	Pass   overwrite.Pass
	Report overwrite.Report
}

// Command is one command as it went over the wire and what came back.
type Command struct {
	Name   string `json:"name"`
	Bytes  string `json:"bytes"`  // hex of CDB, taskfile or submission entry
	Status string `json:"status"` // what came back, hex and words
	Times  int    `json:"times"`  // how often in a row; Bytes and Status are the last one's
}
