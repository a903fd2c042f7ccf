package wipe

import (
	"regexp"
	"slices"
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
// namespaces, boot areas. An overwrite of d does not reach them. Namespaces that
// devices.WholeMedia joined are d itself.
func OtherParts(d devices.Device) uint64 {
	n := uint64(len(d.Siblings))
	here := uint64(max(1, len(d.Parts)))
	if ns := uint64(d.Caps.NVMe.Namespaces); ns > here {
		n = max(n, ns-here)
	}
	return n
}

// otherNames are the other devices of the same medium, for the record: those
// beside d, and the further namespaces that d joins.
func otherNames(d devices.Device) []string {
	if len(d.Parts) < 2 {
		return d.Siblings
	}
	return append(slices.Clone(d.Parts[1:]), d.Siblings...)
}
