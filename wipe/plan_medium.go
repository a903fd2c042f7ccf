package wipe

import (
	"regexp"
	"strings"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// hybridModel matches drives that join a disk with flash behind one interface.
// IDENTIFY has no word for it, so the model name is all there is. A match leads
// to the stricter rules, so one too many does no harm.
var hybridModel = regexp.MustCompile(`(?i)\bSSHD\b|HYBRID|MOMENTUS XT|^ST\d+[LD]X\d|^ST(1000LM014|500LM000)|\bMQ0\dAB[DF]\d+H`)

// MediumOf says as what kind of medium the rules see d. What does not report
// its rotation stays unknown and is held to the rules of disk and flash both:
// TRIM proves nothing (SMR disks have it), and neither does a model name.
func MediumOf(d devices.Device) rules.MediumKind {
	switch d.Class {
	case devices.ClassUSBFlash:
		return rules.MediumUSBFlash
	case devices.ClassSD:
		return rules.MediumSD
	case devices.ClassEMMC:
		return rules.MediumEMMC
	case devices.ClassOptical:
		return rules.MediumOptical
	case devices.ClassFloppy:
		return rules.MediumFloppy
	case devices.ClassTape:
		return rules.MediumTape
	}
	switch {
	case d.Caps.Rotational.IsNo():
		return rules.MediumSSD
	case d.Caps.Rotational.IsYes() && hybrid(d.Identity.Model):
		return rules.MediumSSHD
	case d.Caps.Rotational.IsYes():
		return rules.MediumHDD
	}
	return rules.MediumUnknown
}

func hybrid(model string) bool { return hybridModel.MatchString(strings.TrimSpace(model)) }

// OtherParts counts what else the same medium shows to the host beside d: other
// namespaces, boot areas. An overwrite of d does not reach them.
func OtherParts(d devices.Device) uint64 {
	n := uint64(len(d.Siblings))
	if ns := d.Caps.NVMe.Namespaces; ns > 1 {
		n = max(n, uint64(ns-1))
	}
	return n
}
