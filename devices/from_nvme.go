package devices

import (
	"context"
	"fmt"
	"math"

	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/devices/tcg"
)

// NVMeAnswers are the answers of an NVMe controller about itself and one
// namespace. A nil answer was not given.
type NVMeAnswers struct {
	Controller *nvme.Controller
	Namespace  *nvme.Namespace
	IDs        nvme.NamespaceIDs // Namespace Identification Descriptors, from NVMe 1.3 on
	NSID       uint32
	Active     []uint32 // namespaces attached to this controller; nil: not known
	Allocated  []uint32 // namespaces that exist; nil: not known
	SMART      *nvme.SMART
	Raw        []Raw
}

// FromNVMe is what the answers of an NVMe controller say.
func FromNVMe(a NVMeAnswers) Facts {
	f := Facts{Identity: Identity{Raw: a.Raw}, Hidden: HiddenAreas{HPA: HiddenUnknown, DCO: HiddenUnknown, AMAC: HiddenUnknown}}
	c, n := a.Controller, a.Namespace
	if c == nil || n == nil {
		f.IdentityProblem = ProblemNoAnswer
		return f
	}
	size := n.Current().DataSize
	f.Identity = Identity{
		Model: c.Model, Serial: c.Serial, Firmware: c.Firmware, WWN: nvmeName(a),
		Source:        "NVMe Identify Controller and Namespace",
		LogicalSector: size, PhysicalSector: size, Sectors: n.Size, Raw: a.Raw,
	}
	f.Caps = Capabilities{Rotational: support.No, NVMe: nvmeCaps(a)}
	f.Caps.Zoned = support.No
	if a.IDs.CSIKnown && a.IDs.CSI == 2 {
		f.Caps.Zoned = support.Yes
	}
	f.Trusted = c.Security
	if c.Security.IsNo() {
		f.Caps.TCG.Present = support.No
	}
	if c.MDTS > 0 && c.MDTS < 20 {
		f.Caps.MaxTransfer = 4096 << c.MDTS // of the least page size there is
	}
	if c.CriticalTemp > 273 {
		f.Caps.CriticalTemp = int(c.CriticalTemp) - 273
	}
	f.Hidden = nvmeHidden(a)
	f.Health = nvmeHealth(a.SMART)
	if a.SMART != nil && a.SMART.ReadOnly() {
		f.Notes = append(f.Notes, "the controller reports that its media are read-only: it advertises erase commands and will refuse them")
	}
	return f
}

func nvmeName(a NVMeAnswers) string {
	if name := a.IDs.Name(); name != "" {
		return name
	}
	return nvme.NamespaceIDs{EUI64: a.Namespace.EUI64, NGUID: a.Namespace.NGUID}.Name()
}

func nvmeCaps(a NVMeAnswers) NVMeCaps {
	c := a.Controller
	caps := NVMeCaps{
		Present:           support.Yes,
		SanitizeOverwrite: c.Sanitize.Overwrite, SanitizeBlock: c.Sanitize.Block, SanitizeCrypto: c.Sanitize.Crypto,
		NoDeallocInhibit: c.Sanitize.NoDeallocInhibited,
		Format:           c.Format, FormatCrypto: c.FormatNVM.Crypto,
		FormatAll: c.FormatNVM.FormatAll, EraseAll: c.FormatNVM.EraseAll,
		Namespaces: uint32(len(a.Active)), Subsystem: c.Subsystem,
	}
	if !c.Format.IsYes() {
		caps.FormatCrypto = c.Format // FNA speaks of a command that is not there
	}
	if !c.Total.IsZero() {
		caps.TotalCapacity, caps.Unallocated = c.Total.String(), c.Unallocated.String()
	}
	return caps
}

// nvmeHidden: NVMe has no HPA, DCO or AMAC. What LBAs of this namespace do not
// reach are other namespaces and capacity that no namespace has. The three
// fields say "absent" together only where the controller shows that there is
// neither; the first says "present" where there is any.
func nvmeHidden(a NVMeAnswers) HiddenAreas {
	h := HiddenAreas{HPA: HiddenUnknown, DCO: HiddenUnknown, AMAC: HiddenUnknown}
	c := a.Controller
	unattached := missing(a.Allocated, a.Active)
	alone := len(a.Active) == 1 && a.Active[0] == a.NSID
	switch {
	case len(unattached) > 0:
		h.HPA, h.Note = HiddenPresent, fmt.Sprintf("namespaces %v exist and are not attached", unattached)
	case !c.Unallocated.IsZero():
		h.HPA, h.Note = HiddenPresent, c.Unallocated.String()+" bytes belong to no namespace"
	case !c.Total.IsZero() && alone:
		h = HiddenAreas{HPA: HiddenAbsent, DCO: HiddenAbsent, AMAC: HiddenAbsent, NativeSectors: a.Namespace.Size}
	case len(a.Active) > 1:
		h.Note = fmt.Sprintf("the medium has %d namespaces", len(a.Active))
	}
	return h
}

func missing(all, have []uint32) (out []uint32) {
	seen := map[uint32]bool{}
	for _, id := range have {
		seen[id] = true
	}
	for _, id := range all {
		if !seen[id] {
			out = append(out, id)
		}
	}
	return out
}

// nvmeHealth reads the SMART log. A counter beyond 64 bits counts as full.
func nvmeHealth(s *nvme.SMART) Health {
	if s == nil {
		return Health{}
	}
	low := func(u nvme.Uint128) *uint64 {
		v, ok := u.Uint64()
		if !ok {
			v = math.MaxUint64
		}
		return &v
	}
	h := Health{PowerOnHours: low(s.PowerOnHours), Uncorrectable: low(s.MediaErrors),
		PercentUsed: new(uint64(s.PercentageUsed)), FailPredicted: support.Of(s.CriticalWarning&0b1101 != 0)}
	if t, ok := s.TemperatureC(); ok {
		h.TemperatureC = new(int64(t))
	}
	return h
}

// LookNVMe asks a controller about itself and namespace nsid, with read-only
// commands. The error is that of the two Identify commands; other refusals are
// named in Notes.
func LookNVMe(ctx context.Context, t nvme.Transport, nsid uint32) (Facts, error) {
	a, notes, err := identifyNVMe(ctx, t, nsid)
	if err != nil {
		return Facts{Identity: Identity{Raw: a.Raw}, IdentityProblem: ProblemNoAnswer + ": " + err.Error()}, err
	}
	note := func(err error) bool {
		if err != nil {
			notes = append(notes, err.Error())
		}
		return err == nil
	}
	a.Active, err = nvme.ActiveNamespaces(ctx, t)
	note(err)
	if a.Controller.NSManagement.IsYes() {
		a.Allocated, err = nvme.AllocatedNamespaces(ctx, t)
		note(err)
	}
	if s, raw, err := nvme.SMARTLog(ctx, t); note(err) {
		a.SMART = &s
		a.Raw = append(a.Raw, Raw{Name: "NVMe SMART / Health Information", Bytes: raw})
	}
	f := FromNVMe(a)
	f.Notes = append(notes, f.Notes...)
	return LookTCG(ctx, f, tcg.OverNVMe(t)), nil
}

// LookIdentityNVMe asks for the identity only: the check at a checkpoint.
func LookIdentityNVMe(ctx context.Context, t nvme.Transport, nsid uint32) (Identity, error) {
	a, _, err := identifyNVMe(ctx, t, nsid)
	if err != nil {
		return Identity{Raw: a.Raw}, err
	}
	return FromNVMe(a).Identity, nil
}

const nvme13 = 0x10300 // VER from which on the descriptor list must exist

func identifyNVMe(ctx context.Context, t nvme.Transport, nsid uint32) (a NVMeAnswers, notes []string, err error) {
	a.NSID = nsid
	keep := func(name string, raw []byte) {
		if raw != nil {
			a.Raw = append(a.Raw, Raw{Name: name, Bytes: raw})
		}
	}
	c, raw, err := nvme.IdentifyController(ctx, t)
	keep("NVMe Identify Controller", raw)
	if err != nil {
		return a, nil, err
	}
	n, raw, err := nvme.IdentifyNamespace(ctx, t, nsid)
	keep("NVMe Identify Namespace", raw)
	if err != nil {
		return a, nil, err
	}
	a.Controller, a.Namespace = &c, &n
	if c.Version < nvme13 {
		return a, nil, nil
	}
	a.IDs, raw, err = nvme.IdentifyDescriptors(ctx, t, nsid)
	if err != nil {
		return a, []string{err.Error()}, nil
	}
	keep("NVMe Namespace Identification Descriptors", raw)
	return a, nil, nil
}
