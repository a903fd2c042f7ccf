// Package vmtest boots images in QEMU: expect and type on the serial port,
// take screendumps, plug and unplug drives, cut the power. Each machine has a
// time limit and takes its processes and files with it.
package vmtest

import (
	"context"
	"errors"
	"image"
	"regexp"
	"time"
)

// Firmware is what the machine starts with.
type Firmware int

// The firmwares.
const (
	BIOS       Firmware = iota // SeaBIOS
	UEFI                       // OVMF, Secure Boot off
	SecureBoot                 // OVMF with Microsoft's keys, Secure Boot enforced
	UEFI32                     // 32-bit OVMF
)

// Bus is how a drive is attached.
type Bus string

// The buses.
const (
	AHCI   Bus = "ahci"
	NVMe   Bus = "nvme"
	USB    Bus = "usb"
	Virtio Bus = "virtio"
	SCSI   Bus = "scsi"
	SD     Bus = "sd"
)

// Drive is one drive of the machine.
type Drive struct {
	// Bus is how it is attached.
	Bus Bus
	// File is a raw image on the host.
	File string
	// ID is the QEMU device ID, for Unplug; empty means driveN.
	ID string
	// Serial and Model are what the drive reports; Model only on AHCI.
	Serial, Model string
	// RotationRate is 1 for an SSD, rpm for a disk, 0 for unsaid. AHCI, SCSI.
	RotationRate int
	// ReadOnly makes the drive refuse writes.
	ReadOnly bool
	// Snapshot leaves the file untouched.
	Snapshot bool
	// Boot makes the firmware start from this drive.
	Boot bool
}

// Config describes a machine.
type Config struct {
	Firmware Firmware
	// Memory is in MiB, 0 means 1024. CPUs 0 means 2.
	Memory, CPUs int
	Drives       []Drive
	// TPM starts swtpm and gives the machine a TPM 2.0.
	TPM bool
	// NoSerial leaves the machine without a serial port.
	NoSerial bool
	// ExtraArgs are appended to QEMU's command line.
	ExtraArgs []string
	// Timeout ends the machine whatever happens; 0 means 5 minutes.
	Timeout time.Duration
	// Dir keeps the serial log; empty means a temporary folder removed on Close.
	Dir string
}

// VM is a running machine.
type VM struct{}

var errUnwritten = errors.New("vmtest: not written yet")

// Start runs a machine. The caller must Close it.
func Start(ctx context.Context, cfg Config) (*VM, error) { return nil, errUnwritten }

// Expect waits until the serial port has said what re matches, counted from
// the end of the last match, and returns the match and its groups.
func (vm *VM) Expect(re *regexp.Regexp, within time.Duration) ([]string, error) {
	return nil, errUnwritten
}

// Send types text on the serial port; a line ends with "\r".
func (vm *VM) Send(text string) error { return errUnwritten }

// Screen takes a screendump.
func (vm *VM) Screen() (image.Image, error) { return nil, errUnwritten }

// Unplug removes the drive with the given ID as a person would pull it.
func (vm *VM) Unplug(id string) error { return errUnwritten }

// Kill cuts the power.
func (vm *VM) Kill() error { return errUnwritten }

// Wait waits until the machine has switched itself off.
func (vm *VM) Wait(within time.Duration) error { return errUnwritten }

// Log returns everything the serial port has said.
func (vm *VM) Log() []byte { return nil }

// LogFile is the path of the serial log.
func (vm *VM) LogFile() string { return "" }

// Close ends the machine and removes its files.
func (vm *VM) Close() error { return errUnwritten }
