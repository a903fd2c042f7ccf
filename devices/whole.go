package devices

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// WholeMedia is sys with every NVMe medium as one device, however many
// namespaces its controller shows: a serial names a medium, an NVMe Sanitize acts
// on all of it, and a paper speaks for all of it. The namespaces lie one after the
// other in the order of their names; Device.Parts names them.
//
// Open takes the exclusive descriptors of all of them, so that an interlock on
// any keeps the whole. Namespaces that cannot be joined (another sector length,
// one that does not answer) stay apart, and Refusals refuses each of them.
func WholeMedia(sys System) System { return wholeMedia{sys} }

type wholeMedia struct{ System }

// Detect lists what the System lists, with namespaces joined.
func (w wholeMedia) Detect(ctx context.Context, opt DetectOptions) ([]Device, error) {
	devs, err := w.System.Detect(ctx, opt)
	if err != nil {
		return nil, err
	}
	var out []Device
	for _, d := range devs {
		switch all := namespaces(d, devs); {
		case len(all) < 2 || !joinable(all):
			out = append(out, d)
		case all[0].Name == d.Name:
			out = append(out, join(all))
		}
	}
	return out, nil
}

// Open takes the descriptor of d, and those of all namespaces that it joins.
func (w wholeMedia) Open(ctx context.Context, d Device) (Conn, error) {
	if len(d.Parts) < 2 {
		return w.System.Open(ctx, d)
	}
	devs, err := w.System.Detect(ctx, DetectOptions{})
	if err != nil {
		return nil, err
	}
	var all []Device
	for _, name := range d.Parts {
		for _, o := range devs {
			if o.Name == name && SameMedium(o, d) {
				all = append(all, o)
			}
		}
	}
	if len(all) != len(d.Parts) || len(namespaces(all[0], devs)) != len(all) || !joinable(all) {
		return nil, Refuse(CodeIdentityChanged, d, "namespaces")
	}
	if same, field := d.Identity.Same(all[0].Identity); !same {
		return nil, Refuse(CodeIdentityChanged, d, field)
	}
	return openAll(ctx, w.System, all)
}

// namespaces are d and the others of its NVMe medium, in the order of devs.
func namespaces(d Device, devs []Device) []Device {
	if !d.Caps.NVMe.Present.IsYes() || d.Parent == "" {
		return nil
	}
	var out []Device
	for _, o := range devs {
		if SameMedium(o, d) && o.Caps.NVMe.Present.IsYes() {
			out = append(out, o)
		}
	}
	return out
}

// joinable: one sector length, and each a medium that answered.
func joinable(all []Device) bool {
	for _, d := range all {
		id := d.Identity
		if d.Unreadable || d.IdentityProblem != "" || id.Sectors == 0 || d.Class != all[0].Class ||
			id.LogicalSector != all[0].Identity.LogicalSector || SerialKey(id.Serial) != SerialKey(all[0].Identity.Serial) {
			return false
		}
	}
	return true
}

// join is one device for all namespaces of a medium.
func join(all []Device) Device {
	out := all[0]
	out.Identity = joinIdentity(facts(all))
	out.Hidden = joinHidden(facts(all))
	out.Siblings, out.Parts, out.Notes = nil, nil, nil
	out.Stack = Stack{}
	for i, d := range all {
		out.Parts = append(out.Parts, d.Name)
		if i > 0 {
			out.Notes = append(out.Notes, "namespace "+d.Name+": "+strconv.FormatUint(d.Identity.CapacityBytes(), 10)+" bytes, "+d.Identity.WWN)
		}
		out.Notes = append(out.Notes, d.Notes...)
		out.ReadOnly = out.ReadOnly || d.ReadOnly
		out.Stack = out.Stack.with(d.Stack)
	}
	out.Name = strings.Join(out.Parts, "+")
	return out
}

func facts(all []Device) []Facts {
	var out []Facts
	for _, d := range all {
		out = append(out, Facts{Identity: d.Identity, Caps: d.Caps, Hidden: d.Hidden})
	}
	return out
}

// with adds what lies on another part.
func (s Stack) with(o Stack) Stack {
	return Stack{
		Partitions: append(s.Partitions, o.Partitions...), Mounts: append(s.Mounts, o.Mounts...),
		Swaps: append(s.Swaps, o.Swaps...), Holders: append(s.Holders, o.Holders...),
		Multipath: append(s.Multipath, o.Multipath...), FSUUIDs: append(s.FSUUIDs, o.FSUUIDs...), Unread: s.Unread || o.Unread,
	}
}

// joinIdentity is the medium's: the first namespace's name, and the capacity and
// the answers of all.
func joinIdentity(all []Facts) Identity {
	id := all[0].Identity
	id.Raw, id.Sectors = nil, 0
	for _, f := range all {
		id.Sectors += f.Identity.Sectors
		id.PhysicalSector = max(id.PhysicalSector, f.Identity.PhysicalSector)
		id.Raw = append(id.Raw, f.Identity.Raw...)
	}
	return id
}

// joinHidden says that nothing of the medium is hidden only where its controller
// shows it: all its namespaces are joined, and no capacity is left over.
func joinHidden(all []Facts) HiddenAreas {
	h, c := all[0].Hidden, all[0].Caps.NVMe
	switch {
	case h.HPA == HiddenPresent:
		return h
	case c.TotalCapacity != "" && c.Unallocated == "0" && int(c.Namespaces) == len(all):
		return HiddenAreas{HPA: HiddenAbsent, DCO: HiddenAbsent, AMAC: HiddenAbsent, NativeSectors: joinIdentity(all).Sectors}
	}
	h.Note = fmt.Sprintf("%d namespaces joined", len(all))
	return h
}
