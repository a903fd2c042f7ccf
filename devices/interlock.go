package devices

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/massho/massho/devices/support"
)

// Environment is what Refusals needs to know beyond the device itself.
type Environment struct {
	// Present are all devices of the last Detect, d among them. Without it
	// duplicate serials and other parts of the same medium cannot be seen.
	Present []Device
	// Boot are the filesystem UUIDs of the stick this program was booted from;
	// empty when it was not booted from a stick.
	Boot []string
	// Evidence are the places that records go to: each a directory, a device
	// name or path, or a filesystem UUID.
	Evidence []string
	// WholeMedium says that the plan reaches every part of the medium (an NVMe
	// Sanitize does). Without it, a medium with several namespaces is refused:
	// its serial on a paper would speak for what was never erased.
	WholeMedium bool
}

// Refusals says why d may not be written to, all reasons in a fixed order;
// none means that no interlock speaks against it. It is a pure function of
// the snapshot: devices/linux and devices/emulator ask again at Open.
//
// What holds any part of a medium holds the whole medium.
func Refusals(d Device, env Environment) []Refusal {
	var out []Refusal
	for _, check := range []func(Device, Environment) []Refusal{
		stackRefusals, bootRefusals, evidenceRefusals, classRefusals, identityRefusals, partRefusals, duplicateRefusals,
	} {
		out = append(out, check(d, env)...)
	}
	return out
}

// InUse is the part of Refusals that one look at the stack alone can show:
// mounted, swap, held, read-only. Open asks it again on the open descriptor.
func InUse(d Device) []Refusal { return stackRefusals(d, Environment{}) }

// parts are d and the other devices present that lie on the same medium.
func parts(d Device, env Environment) []Device {
	out := []Device{d}
	for _, o := range env.Present {
		if o.Name != d.Name && SameMedium(o, d) {
			out = append(out, o)
		}
	}
	return out
}

func stackRefusals(d Device, env Environment) []Refusal {
	var out []Refusal
	for _, p := range parts(d, env) {
		for _, m := range p.Stack.Mounts {
			out = append(out, refuse(CodeMounted, d, m.Source, m.Target))
		}
		for _, s := range p.Stack.Swaps {
			out = append(out, refuse(CodeSwap, d, s))
		}
		for _, h := range p.Stack.Holders {
			code := CodeHeld
			if slices.Contains(p.Stack.Multipath, h) {
				code = CodeMultipath
			}
			out = append(out, refuse(code, d, h))
		}
		if p.ReadOnly && p.Class != ClassOptical { // the class says enough
			out = append(out, refuse(CodeReadOnly, d, p.Name))
		}
	}
	return out
}

// bootRefusals keeps the stick. With several matches any of them may be the
// one; with none, nothing whose filesystems could not be read may be touched
// if it could be a stick.
func bootRefusals(d Device, env Environment) []Refusal {
	if len(env.Boot) == 0 {
		return nil
	}
	var matches []Device
	for _, p := range withSelf(d, env) {
		if carriesAny(p, env.Boot) && !sameMediumAsAny(p, matches) {
			matches = append(matches, p)
		}
	}
	isMatch := sameMediumAsAny(d, matches)
	switch {
	case isMatch && len(matches) == 1:
		return []Refusal{refuse(CodeBootStick, d)}
	case isMatch:
		return []Refusal{refuse(CodeBootStickAmbiguous, d, listNames(matches))}
	case len(matches) == 0 && d.Stack.Unread && couldBeStick(d):
		return []Refusal{refuse(CodeBootStickUnknown, d)}
	}
	return nil
}

func evidenceRefusals(d Device, env Environment) []Refusal {
	for _, e := range env.Evidence {
		for _, p := range parts(d, env) {
			names := slices.Concat([]string{p.Name, p.Path}, p.Parts, p.Stack.Partitions)
			if slices.Contains(names, strings.TrimPrefix(e, "/dev/")) ||
				e == p.Path || carriesAny(p, []string{e}) || holdsDirectory(p, e, env) {
				return []Refusal{refuse(CodeEvidence, d, e)}
			}
		}
	}
	return nil
}

// holdsDirectory reports whether the mount of p is the innermost one above dir.
func holdsDirectory(p Device, dir string, env Environment) bool {
	if !strings.HasPrefix(dir, "/") {
		return false
	}
	best, here := -1, false
	for _, o := range withSelf(p, env) {
		for _, m := range o.Stack.Mounts {
			if n := len(path.Clean(m.Target)); under(dir, m.Target) && n > best {
				best, here = n, o.Name == p.Name
			}
		}
	}
	return here
}

func under(dir, target string) bool {
	dir, target = path.Clean(dir), path.Clean(target)
	return dir == target || strings.HasPrefix(dir, strings.TrimSuffix(target, "/")+"/")
}

func classRefusals(d Device, _ Environment) []Refusal {
	code, ok := classCodes[d.Class]
	switch {
	case code == CodeController:
		return []Refusal{refuseProblem(code, d)}
	case ok:
		return []Refusal{refuse(code, d)}
	case d.Class == ClassVirtual && !d.Transport.TestOnly():
		return []Refusal{refuse(CodeVirtual, d)}
	case d.Caps.Zoned == support.Yes:
		return []Refusal{refuse(CodeZoned, d)}
	}
	return nil
}

var classCodes = map[Class]Code{
	ClassOptical:    CodeOptical,
	ClassFloppy:     CodeFloppy,
	ClassTape:       CodeTape,
	ClassLogical:    CodeLogical,
	ClassPmem:       CodePmem,
	ClassUFS:        CodeUFS,
	ClassZoned:      CodeZoned,
	ClassController: CodeController,
}

// identityRefusals keeps what cannot say who it is. Where the class alone is a
// refusal, there is nothing to add.
func identityRefusals(d Device, _ Environment) []Refusal {
	_, spoken := classCodes[d.Class]
	switch {
	case spoken || d.Class == ClassVirtual && !d.Transport.TestOnly():
		return nil
	case d.Unreadable:
		return []Refusal{refuseProblem(CodeUnreadable, d)}
	case d.IdentityProblem != "":
		return []Refusal{refuseProblem(CodeNoIdentity, d)}
	case d.Unready != "":
		return []Refusal{refuse(CodeErasing, d, d.Unready)}
	case oddSector(d.Identity.LogicalSector) && !d.Caps.SCSI.FormatUnit.IsYes():
		return []Refusal{refuse(CodeSectorFormat, d, strconv.Itoa(int(d.Identity.LogicalSector)))}
	case d.Identity.Sectors == 0:
		return []Refusal{refuse(CodeNoMedium, d)}
	case SerialKey(d.Identity.Serial) == "":
		return []Refusal{refuse(CodeSerialMissing, d)}
	case PlaceholderSerial(d.Identity.Serial):
		return []Refusal{refuse(CodeSerialPlaceholder, d, d.Identity.Serial)}
	}
	return nil
}

func partRefusals(d Device, env Environment) []Refusal {
	if others := parts(d, env)[1:]; len(others) > 0 && !env.WholeMedium {
		return []Refusal{refuse(CodeOtherParts, d, listNames(others))}
	}
	return nil
}

// OddSector reports whether the host cannot address d as it is formatted: FORMAT
// UNIT with another block length comes first.
func OddSector(d Device) bool { return oddSector(d.Identity.LogicalSector) }

// oddSector: 520 and 528 bytes are real, in drives from storage arrays.
func oddSector(n uint32) bool { return n != 0 && (n < 512 || n&(n-1) != 0) }

func duplicateRefusals(d Device, env Environment) []Refusal {
	key := SerialKey(d.Identity.Serial)
	if key == "" {
		return nil
	}
	for _, o := range env.Present {
		if SameMedium(o, d) || SerialKey(o.Identity.Serial) != key {
			continue
		}
		if d.Identity.WWN != "" && d.Identity.WWN == o.Identity.WWN {
			return []Refusal{refuse(CodeMultipath, d, label(o))}
		}
		return []Refusal{refuse(CodeSerialDuplicate, d, label(o))}
	}
	return nil
}

func withSelf(d Device, env Environment) []Device {
	for _, o := range env.Present {
		if o.Name == d.Name {
			return env.Present
		}
	}
	return append([]Device{d}, env.Present...)
}

func carriesAny(d Device, uuids []string) bool {
	for _, u := range uuids {
		for _, have := range d.Stack.FSUUIDs {
			if u != "" && strings.EqualFold(u, have) {
				return true
			}
		}
	}
	return false
}

// couldBeStick: a firmware boots from USB, from an SD card, and from what
// hides its road.
func couldBeStick(d Device) bool {
	return d.Removable || d.Transport == TransportUSB || d.Transport == TransportMMC || d.Transport == TransportUnknown
}

func listNames(devs []Device) string {
	var out []string
	for _, d := range devs {
		out = append(out, label(d))
	}
	return strings.Join(out, ", ")
}
