package devices

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/devices/tcg"
)

// SCSIAnswers are the answers of a SCSI or SAS drive, or of a USB stick. What
// was not answered is the zero value, and unknown.
type SCSIAnswers struct {
	Inquiry  scsi.InquiryData
	Serial   string            // VPD 80h
	Names    []scsi.Designator // VPD 83h
	Block    scsi.Characteristics
	Capacity scsi.Capacity
	Commands SCSICaps      // of REPORT SUPPORTED OPERATION CODES
	Security support.State // SECURITY PROTOCOL IN is there: a kernel asks no other
	Health   Health
	Unready  string // why READ CAPACITY is not answered for now
	Pages    []byte // VPD pages that the device has, by page 00h; nil: not answered
	Raw      []Raw
}

// FromSCSI is what the answers of a SCSI drive say.
func FromSCSI(a SCSIAnswers) Facts {
	f := Facts{Identity: Identity{
		Model:    modelName(a.Inquiry.Vendor, a.Inquiry.Product),
		Serial:   a.Serial,
		Firmware: a.Inquiry.Revision,
		Source:   "SCSI INQUIRY",
		Raw:      a.Raw,

		LogicalSector:  a.Capacity.BlockLength,
		PhysicalSector: uint32(a.Capacity.PhysicalLength()),
		Sectors:        a.Capacity.Blocks,
	}}
	if a.Serial != "" {
		f.Identity.Source = "SCSI INQUIRY, VPD 80h"
	}
	if n, ok := scsi.LogicalUnitName(a.Names); ok && ownName(n.Type) {
		f.Identity.WWN = n.String()
	}
	f.Caps = Capabilities{
		Rotational: a.Block.Rotational, RotationRPM: a.Block.RPM, Trim: a.Capacity.Provisioned,
		SCSI: a.Commands, Zoned: zoned(a),
	}
	f.Caps.SCSI.Present = support.Yes
	f.Unready = a.Unready
	f.Trusted = a.Security
	if a.Security.IsNo() {
		f.Caps.TCG.Present = support.No
	}
	f.Health = a.Health
	f.Hidden = scsiHidden(a)
	if a.Inquiry.Qualifier != 0 {
		f.IdentityProblem = ProblemNoAnswer + ": no logical unit is connected"
	}
	return f
}

// scsiHidden: HPA, DCO and Accessible Max Address are feature sets of ATA. A
// device that lists its VPD pages without the ATA Information page (SAT-5 §12.4.2),
// and does not call itself ATA, shows that no ATA drive is behind it.
func scsiHidden(a SCSIAnswers) HiddenAreas {
	if a.Pages == nil || slices.Contains(a.Pages, scsi.PageATAInformation) || strings.EqualFold(a.Inquiry.Vendor, "ATA") {
		return HiddenAreas{HPA: HiddenUnknown, DCO: HiddenUnknown, AMAC: HiddenUnknown}
	}
	return HiddenAreas{HPA: HiddenAbsent, DCO: HiddenAbsent, AMAC: HiddenAbsent, Note: "not an ATA device: it has no VPD page 89h"}
}

// modelName puts the vendor before the product, unless it begins with it.
func modelName(vendor, product string) string {
	if strings.HasPrefix(strings.ToUpper(product), strings.ToUpper(vendor)) {
		return product
	}
	return vendor + " " + product
}

// ownName: T10 and name strings repeat vendor and serial; only these are
// unique in the world.
func ownName(t scsi.DesignatorType) bool {
	return t == scsi.DesignatorNAA || t == scsi.DesignatorEUI64 || t == scsi.DesignatorUUID
}

func zoned(a SCSIAnswers) support.State {
	switch {
	case a.Inquiry.Type == scsi.TypeHostManaged, a.Block.Zoned == scsi.ZonedHostAware:
		return support.Yes
	case a.Block.Zoned == scsi.ZonedDeviceManaged:
		return support.No // the host sees no zones
	}
	return support.Unknown
}

// LookSCSI asks a SCSI drive behind t. careful leaves out all that USB
// mass-storage bridges are known to hang on: vital product data, service
// actions, log pages. The error is that of INQUIRY or READ CAPACITY.
func LookSCSI(ctx context.Context, t scsi.Transport, careful bool) (Facts, error) {
	a, notes, err := identifySCSI(ctx, t, careful)
	if err != nil {
		return Facts{Identity: Identity{Raw: a.Raw}, IdentityProblem: ProblemNoAnswer + ": " + err.Error()}, err
	}
	if !careful {
		notes = append(notes, askSCSI(ctx, t, &a)...)
	}
	f := FromSCSI(a)
	f.Notes = notes
	return LookTCG(ctx, f, tcg.OverSCSI(t)), nil
}

// LookIdentitySCSI asks for the identity only: the check at a checkpoint.
func LookIdentitySCSI(ctx context.Context, t scsi.Transport, careful bool) (Identity, error) {
	a, _, err := identifySCSI(ctx, t, careful)
	if err != nil {
		return Identity{Raw: a.Raw}, err
	}
	return FromSCSI(a).Identity, nil
}

func identifySCSI(ctx context.Context, t scsi.Transport, careful bool) (a SCSIAnswers, notes []string, err error) {
	err = attentive(func() error {
		inq, raw, err := scsi.Inquiry(ctx, t)
		a.Inquiry = inq
		a.keep("SCSI INQUIRY", raw)
		return err
	})
	if err != nil {
		return a, nil, err
	}
	if !careful {
		if notes, err = a.askNames(ctx, t); err != nil {
			return a, notes, err
		}
	}
	err = attentive(func() (err error) {
		if careful {
			a.Capacity, err = scsi.ReadCapacity(ctx, t)
		} else {
			a.Capacity, err = readCapacity16(ctx, t)
		}
		return err
	})
	if e, ok := scsi.AsSense(err); ok && e.Sense.ErasingItself() {
		a.Capacity, a.Unready = scsi.Capacity{}, err.Error()
		return a, append(notes, err.Error()), nil
	}
	return a, notes, err
}

// attentive asks once more after a UNIT ATTENTION, which is reported once and
// then cleared. What is asked here is the identity itself.
func attentive(ask func() error) error {
	err := ask()
	if scsi.UnitAttention(err) {
		return ask()
	}
	return err
}

// readCapacity16 falls back where (16) is not known.
func readCapacity16(ctx context.Context, t scsi.Transport) (scsi.Capacity, error) {
	c, err := scsi.ReadCapacity16(ctx, t)
	if scsi.Unsupported(err) {
		return scsi.ReadCapacity(ctx, t)
	}
	return c, err
}

func (a *SCSIAnswers) keep(name string, raw []byte) {
	if len(raw) > 0 {
		a.Raw = append(a.Raw, Raw{Name: name, Bytes: raw})
	}
}

// askNames: a page that the device does not have is a note. Any other failure
// is an error: a name lost on the way would look like another drive.
func (a *SCSIAnswers) askNames(ctx context.Context, t scsi.Transport) (notes []string, err error) {
	for _, ask := range []func() error{
		func() error {
			serial, raw, err := scsi.UnitSerial(ctx, t)
			if err == nil {
				a.Serial = serial
				a.keep("SCSI VPD 80h", raw)
			}
			return err
		},
		func() error {
			names, raw, err := scsi.DeviceIdentification(ctx, t)
			if err == nil {
				a.Names = names
				a.keep("SCSI VPD 83h", raw)
			}
			return err
		},
	} {
		err := attentive(ask)
		var wrong *scsi.ParseError
		switch {
		case err == nil:
		case scsi.Unsupported(err), errors.As(err, &wrong):
			notes = append(notes, err.Error())
		default:
			return notes, err
		}
	}
	return notes, nil
}

// askSCSI asks for medium, commands and health.
func askSCSI(ctx context.Context, t scsi.Transport, a *SCSIAnswers) (notes []string) {
	note := func(err error) bool {
		if err != nil && !slices.Contains(notes, err.Error()) {
			notes = append(notes, err.Error())
		}
		return err == nil
	}
	if pages, err := scsi.SupportedPages(ctx, t); note(err) && len(pages) > 0 {
		a.Pages = pages
	}
	block, raw, err := scsi.BlockCharacteristics(ctx, t)
	if note(err) {
		a.Block = block
		a.keep("SCSI VPD B1h", raw)
	}
	for _, q := range []struct {
		to     *support.State
		opcode byte
		action int
	}{
		{&a.Commands.SanitizeOverwrite, scsi.OpSanitize, int(scsi.SanitizeOverwrite)},
		{&a.Commands.SanitizeBlock, scsi.OpSanitize, int(scsi.SanitizeBlockErase)},
		{&a.Commands.SanitizeCrypto, scsi.OpSanitize, int(scsi.SanitizeCrypto)},
		{&a.Commands.FormatUnit, scsi.OpFormatUnit, scsi.NoAction},
		{&a.Security, scsi.OpSecurityProtocolIn, scsi.NoAction},
	} {
		s, err := scsi.Supported(ctx, t, q.opcode, q.action)
		note(err)
		*q.to = s
	}
	a.Health, err = healthSCSI(ctx, t, note)
	note(err)
	return notes
}

func healthSCSI(ctx context.Context, t scsi.Transport, note func(error) bool) (Health, error) {
	var h Health
	if ps, err := scsi.LogSense(ctx, t, scsi.LogTemperature); note(err) {
		if c, ok := scsi.Temperature(ps); ok {
			h.TemperatureC = new(int64(c))
		}
	}
	if ps, err := scsi.LogSense(ctx, t, scsi.LogBackgroundScan); note(err) {
		if m, ok := scsi.PowerOnMinutes(ps); ok {
			h.PowerOnHours = new(uint64(m) / 60)
		}
	}
	if ps, err := scsi.LogSense(ctx, t, scsi.LogSolidState); note(err) {
		if p, ok := scsi.PercentageUsed(ps); ok {
			h.PercentUsed = new(uint64(p))
		}
	}
	if ps, err := scsi.LogSense(ctx, t, scsi.LogInformational); note(err) {
		h.FailPredicted = scsi.FailurePredicted(ps)
	}
	n, err := scsi.GrownDefects(ctx, t)
	if err == nil {
		h.GrownDefects = &n
	}
	return h, err
}
