package devices

import (
	"fmt"
	"strings"
)

// MinSuffix is the shortest end of a serial number that names a drive.
const MinSuffix = 4

// SerialKey folds a serial number to what is compared: full-width letters and
// digits become half-width, small letters capital, and spaces and hyphens
// (also those that a Japanese keyboard types for one) are dropped. Labels and
// IDENTIFY data differ in exactly these.
func SerialKey(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 0xFF01 && r <= 0xFF5E { // FULLWIDTH forms of U+0021..U+007E
			r -= 0xFEE0
		}
		switch {
		case r <= ' ' || r == 0x7F, r == 0x3000, r == 0xA0: // control, space, ideographic and no-break space
		case r == '-', r >= 0x2010 && r <= 0x2015, r == 0x2212, r == 0x30FC, r == 0xFF70:
		case r >= 'a' && r <= 'z':
			b.WriteRune(r - 'a' + 'A')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// MatchSerial finds the one drive among devs whose serial number is, or ends
// with, what was typed. Every error is a [*Refusal]: CodeSerialUnknown names
// the drives present, CodeSerialShort, CodeSerialAmbiguous and
// CodeSerialDuplicate say why the words typed do not name one medium.
//
// A serial names a medium. Where it has several namespaces the first by order
// of devs is returned; the others are in its Siblings.
func MatchSerial(devs []Device, typed string) (Device, error) {
	key := SerialKey(typed)
	var found []Device
	for _, d := range devs {
		k := SerialKey(d.Identity.Serial)
		if key != "" && k != "" && strings.HasSuffix(k, key) && !sameMediumAsAny(d, found) {
			found = append(found, d)
		}
	}
	whole := len(found) > 0 && SerialKey(found[0].Identity.Serial) == key
	switch {
	case len(found) == 0:
		return Device{}, refuseSerial(CodeSerialUnknown, typed, listSerials(devs))
	case len(found) > 1 && equalKeys(found):
		return Device{}, refuseSerial(CodeSerialDuplicate, typed, listSerials(found))
	case len(found) > 1:
		return Device{}, refuseSerial(CodeSerialAmbiguous, typed, listSerials(found))
	case len([]rune(key)) < MinSuffix && !whole:
		return Device{}, refuseSerial(CodeSerialShort, typed, fmt.Sprint(MinSuffix))
	}
	return found[0], nil
}

// SameMedium reports whether a and b are parts of one physical medium:
// namespaces of one NVMe subsystem, the areas of one eMMC, or the same device.
// A shared hub, bay or controller is not a shared medium.
func SameMedium(a, b Device) bool {
	if a.Parent != "" || b.Parent != "" {
		return a.Parent == b.Parent
	}
	return a.Name != "" && a.Name == b.Name
}

func sameMediumAsAny(d Device, others []Device) bool {
	for _, o := range others {
		if SameMedium(d, o) {
			return true
		}
	}
	return false
}

func equalKeys(devs []Device) bool {
	for _, d := range devs[1:] {
		if SerialKey(d.Identity.Serial) != SerialKey(devs[0].Identity.Serial) {
			return false
		}
	}
	return true
}

func listSerials(devs []Device) string {
	var out []string
	for _, d := range devs {
		if SerialKey(d.Identity.Serial) != "" {
			out = append(out, label(d))
		}
	}
	if len(out) == 0 {
		return "—"
	}
	return strings.Join(out, ", ")
}

// label is how a refusal names a device: kernel name, model and serial.
func label(d Device) string {
	s := d.Name
	if d.Identity.Model != "" {
		s += " " + d.Identity.Model
	}
	if d.Identity.Serial != "" {
		s += " S/N " + d.Identity.Serial
	}
	return s
}
