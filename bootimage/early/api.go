//go:build linux

package early

import (
	"context"
	"errors"
	"time"
)

var errUnwritten = errors.New("early: not written yet")

// Options says how the guest is brought up.
type Options struct {
	// Root is "/" on the stick; a test gives a folder. Empty means "/".
	Root string
	// EvidenceDir is where the evidence place is mounted; empty means
	// "/run/massho/evidence".
	EvidenceDir string
	// EvidenceWait bounds the wait for the boot medium; 0 means 60 s.
	EvidenceWait time.Duration
	// Observe is told about each step in English; nil means nobody.
	Observe func(text string)
}

// State is what Up found and did.
type State struct {
	// Cmdline is the kernel command line, split.
	Cmdline Cmdline
	// Modules names the kernel modules that were loaded, in order.
	Modules []string
	// ModuleErrors holds one error for each module that could not be loaded.
	ModuleErrors []error
	// Evidence is the mounted evidence place, or nil with EvidenceErr set.
	Evidence *Mounted
	// EvidenceErr is nil, or wraps ErrNoEvidence, ErrManyEvidence,
	// ErrReadOnlyEvidence, or ErrNoBootUUID.
	EvidenceErr error
	// Clock, Measured and Power are readings; each says what it could not read.
	Clock    Clock
	Measured Measured
	Power    Power
}

// Cmdline is the kernel command line as massho reads it.
type Cmdline struct {
	// Raw is /proc/cmdline without its line end.
	Raw string
	// Params maps names to values; a bare word has the value "".
	Params map[string]string
}

// Mounted is an evidence place that is mounted.
type Mounted struct {
	Place
	// Dir is the folder to write records to.
	Dir string
}

// Unmount flushes the evidence place and unmounts it.
func (m *Mounted) Unmount() error { return errUnwritten }

// Clock holds both clocks as they were read at one moment.
type Clock struct {
	// RTC is the hardware clock's reading taken as UTC. Windows keeps local
	// time there, so the reading may be Japanese time: the caller asks.
	RTC time.Time
	// RTCErr says why RTC could not be read.
	RTCErr error
	// System is the system clock at the same moment.
	System time.Time
}

// Measured holds what a TPM says of this boot. Its authenticity is not checked.
type Measured struct {
	// SecureBoot is "enabled", "disabled", or "" with SecureBootErr set.
	SecureBoot    string
	SecureBootErr error
	// Lockdown is the kernel's lockdown mode: none, integrity, confidentiality.
	Lockdown string
	// TPM is the major TPM version, 0 when there is none.
	TPM int
	// PCRs maps the register number to the hex digest of the bank PCRBank.
	PCRs    map[int]string
	PCRBank string
	// EventLogSHA256 is the hex SHA-256 of the binary event log, EventLog its
	// bytes; EventLogErr says why it is missing.
	EventLogSHA256 string
	EventLog       []byte
	EventLogErr    error
}

// Power holds what the power supplies say.
type Power struct {
	// Batteries and Mains name the supplies found.
	Batteries, Mains []string
	// OnBattery says that a battery is discharging, or that one is present
	// and every mains supply is offline.
	OnBattery bool
	// Percent is the charge of the first battery, -1 when unknown.
	Percent int
}

// Up mounts, loads modules, finds and mounts the evidence place and reads the
// clocks, the TPM and the power supplies. A part that fails leaves its error
// in State; the error result is for what nothing can go on without.
func Up(ctx context.Context, opts Options) (State, error) { return State{}, errUnwritten }

// ReadMeasured reads the TPM's registers and event log.
func ReadMeasured(root string) Measured { return Measured{} }

// ReadPower reads /sys/class/power_supply.
func ReadPower(root string) (Power, error) { return Power{}, errUnwritten }

// PowerOff flushes everything, unmounts what can be unmounted and switches off.
func PowerOff() error { return errUnwritten }

// Reboot is PowerOff, and starts again.
func Reboot() error { return errUnwritten }
