package devices

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
)

// ATAAnswers are the answers of an ATA drive. A nil answer was not given: not
// asked, refused, or lost on the way, and then what it would say is unknown.
type ATAAnswers struct {
	Identify  *ata.Identify
	NativeMax *uint64  // last LBA of READ NATIVE MAX ADDRESS (EXT)
	DCO       *ata.DCO // DEVICE CONFIGURATION IDENTIFY
	AMAC      *uint64  // last LBA of GET NATIVE MAX ADDRESS EXT
	SMART     ata.SMARTValues
	Predicted support.State // SMART RETURN STATUS
	Raw       []Raw
}

// FromATA is what the answers of an ATA drive say. It never fails: what is
// missing is unknown.
func FromATA(a ATAAnswers) Facts {
	f := Facts{Identity: Identity{Raw: a.Raw}}
	id := a.Identify
	if id == nil {
		f.IdentityProblem = ProblemNoAnswer
		return f
	}
	f.Identity = Identity{
		Model: id.Model, Serial: id.Serial, Firmware: id.Firmware, WWN: id.WWN, Source: "ATA IDENTIFY DEVICE",
		LogicalSector: id.LogicalSector, PhysicalSector: max(id.PhysicalSector, id.LogicalSector),
		Sectors: id.Sectors, Raw: a.Raw,
	}
	if id.Sparse {
		f.IdentityProblem = ProblemSynthetic
		return f
	}
	f.Caps = Capabilities{Rotational: id.Rotational, RotationRPM: id.RPM, Trim: id.Trim, ATA: ataCaps(id)}
	switch id.Zoned {
	case ata.ZonedHostAware:
		f.Caps.Zoned = support.Yes
	case ata.ZonedDeviceManaged:
		f.Caps.Zoned = support.No // the host sees no zones
	}
	f.Trusted = id.TrustedComputing
	if id.TrustedComputing.IsNo() {
		f.Caps.TCG.Present = support.No // a Yes proves no TPer: Level 0 Discovery does
	}
	f.Hidden = ataHidden(a)
	f.Health = ataHealth(a)
	return f
}

func ataCaps(id *ata.Identify) ATACaps {
	s, z := id.Security, id.Sanitize
	only := func(technique support.State) support.State { // no b12, no SANITIZE
		if !z.Supported.IsYes() {
			return z.Supported
		}
		return technique
	}
	return ATACaps{
		Present:  support.Yes,
		Security: s.Supported, SecurityEnabled: s.Enabled, SecurityLocked: s.Locked,
		SecurityFrozen: s.Frozen, SecurityExpired: s.Expired, SecurityEnhanced: s.Enhanced,
		EraseTime:         time.Duration(s.EraseTime.Minutes) * time.Minute,
		EnhancedEraseTime: time.Duration(s.EnhancedEraseTime.Minutes) * time.Minute,
		SanitizeOverwrite: only(z.Overwrite), SanitizeBlock: only(z.Block), SanitizeCrypto: only(z.Crypto),
		HPA: id.HPA, DCO: id.DCO, AMAC: id.AMAC, LBA48: id.LBA48,
	}
}

// ataHidden compares each native maximum with what the host can address.
// "absent" needs the drive's own answer, or its word that it does not have the
// feature set; a Device Configuration Overlay may hide exactly that word.
func ataHidden(a ATAAnswers) HiddenAreas {
	id := a.Identify
	h := HiddenAreas{
		HPA:  hiddenState(id.HPA, a.NativeMax, id.Sectors),
		AMAC: hiddenState(id.AMAC, a.AMAC, id.Sectors),
		DCO:  HiddenUnknown,
	}
	reach := id.Sectors // what is reached once the HPA is opened
	if a.NativeMax != nil {
		reach = max(reach, *a.NativeMax+1)
	}
	switch {
	case a.DCO != nil && a.DCO.Checksum != ata.ChecksumBad:
		last := a.DCO.MaxLBA
		h.DCO = hiddenState(support.Yes, &last, reach)
	case id.DCO.IsNo():
		h.DCO = HiddenAbsent
	}
	h.NativeSectors = reach
	for _, last := range []*uint64{a.AMAC, dcoLast(a.DCO)} {
		if last != nil {
			h.NativeSectors = max(h.NativeSectors, *last+1)
		}
	}
	if a.NativeMax == nil && a.AMAC == nil && a.DCO == nil && (h.HPA == HiddenUnknown || h.AMAC == HiddenUnknown) {
		h.NativeSectors = 0
	}
	return h
}

func dcoLast(d *ata.DCO) *uint64 {
	if d == nil || d.Checksum == ata.ChecksumBad {
		return nil
	}
	return &d.MaxLBA
}

func hiddenState(feature support.State, last *uint64, sectors uint64) HiddenState {
	if last == nil {
		if feature.IsNo() {
			return HiddenAbsent
		}
		return HiddenUnknown
	}
	switch yes, _ := ata.Hides(*last, sectors); yes {
	case support.Yes:
		return HiddenPresent
	case support.No:
		return HiddenAbsent
	}
	return HiddenUnknown
}

func ataHealth(a ATAAnswers) Health {
	s := a.SMART
	return Health{Reallocated: s.Reallocated, Pending: s.Pending, Uncorrectable: s.Uncorrectable,
		PowerOnHours: s.PowerOnHours, TemperatureC: s.TemperatureC, FailPredicted: a.Predicted}
}

// LookATA asks a drive behind t for everything that FromATA knows to read. It
// sends read-only commands. The error is that of IDENTIFY DEVICE; what the
// drive refuses beyond it is unknown, and named in Notes; what concerns hidden areas stands
// in Hidden.Note too.
func LookATA(ctx context.Context, t ata.Transport) (Facts, error) {
	a, err := identifyATA(ctx, t)
	if err != nil {
		return Facts{Identity: Identity{Raw: a.Raw}, IdentityProblem: ataProblem(err)}, err
	}
	if a.Identify.Sparse {
		return FromATA(a), nil
	}
	refused := askHidden(ctx, t, &a)
	note := append(slices.Clone(a.Identify.Warnings), refused...)
	if a.Identify.SMART.IsYes() {
		note = append(note, askSMART(ctx, t, &a)...)
	}
	f := FromATA(a)
	f.Notes, f.Hidden.Note = note, strings.Join(refused, "; ")
	return f, nil
}

// LookIdentityATA asks for IDENTIFY DEVICE only: the check at a checkpoint.
func LookIdentityATA(ctx context.Context, t ata.Transport) (Identity, error) {
	a, err := identifyATA(ctx, t)
	if err != nil {
		return Identity{Raw: a.Raw}, err
	}
	return FromATA(a).Identity, nil
}

// identifyATA reads again, once, when the checksum is wrong: that was seen on
// live data.
func identifyATA(ctx context.Context, t ata.Transport) (ATAAnswers, error) {
	id, raw, err := ata.IdentifyDevice(ctx, t)
	if scsi.UnitAttention(err) { // of the road (a bridge, an adapter): reported once
		id, raw, err = ata.IdentifyDevice(ctx, t)
	}
	if err == nil && id.Checksum == ata.ChecksumBad {
		if id2, raw2, err2 := ata.IdentifyDevice(ctx, t); err2 == nil {
			id, raw = id2, raw2
		}
	}
	a := ATAAnswers{Identify: id}
	if raw != nil {
		a.Raw = []Raw{{Name: "ATA IDENTIFY DEVICE", Bytes: raw}}
	}
	return a, err
}

func ataProblem(err error) string {
	var ie *ata.IdentifyError
	if errors.As(err, &ie) {
		return ProblemNonsense + ": " + ie.Error()
	}
	return ProblemNoAnswer + ": " + err.Error()
}

func askHidden(ctx context.Context, t ata.Transport, a *ATAAnswers) (refused []string) {
	id := a.Identify
	note := func(err error) { refused = append(refused, err.Error()) }
	if !id.HPA.IsNo() {
		if last, err := ata.ReadNativeMax(ctx, t, id.LBA48.IsYes()); err != nil {
			note(err)
		} else {
			a.NativeMax = &last
		}
	}
	if id.DCO.IsYes() {
		d, raw, err := ata.DCOIdentify(ctx, t)
		if err != nil {
			note(err)
		} else {
			a.DCO = &d
			a.Raw = append(a.Raw, Raw{Name: "ATA DEVICE CONFIGURATION IDENTIFY", Bytes: raw})
		}
	}
	if id.AMAC.IsYes() {
		if last, err := ata.GetNativeMaxAddress(ctx, t); err != nil {
			note(err)
		} else {
			a.AMAC = &last
		}
	}
	return refused
}

func askSMART(ctx context.Context, t ata.Transport, a *ATAAnswers) (refused []string) {
	as, raw, err := ata.SMARTData(ctx, t)
	if err != nil {
		refused = append(refused, err.Error())
	} else {
		a.SMART = ata.ReadValues(as)
		a.Raw = append(a.Raw, Raw{Name: "ATA SMART READ DATA", Bytes: raw})
	}
	s, err := ata.SMARTStatus(ctx, t)
	if err != nil {
		refused = append(refused, err.Error())
	}
	a.Predicted = s
	return refused
}
