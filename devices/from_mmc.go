package devices

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/support"
)

// MMCAnswers are the registers of an SD card or an e.MMC.
type MMCAnswers struct {
	Kind   mmc.Kind
	CID    mmc.CID
	CSD    *mmc.CSD
	ExtCSD *mmc.ExtCSD // e.MMC only; nil: could not be read
	Raw    []Raw
}

// FromMMC is what the registers of a card say. Sizes are the host's to fill in
// (Facts.AsHostSees): an e.MMC above 2 GB tells them in EXT_CSD only.
func FromMMC(a MMCAnswers) Facts {
	f := Facts{
		Identity: Identity{
			Model:  fmt.Sprintf("%s %02Xh", a.CID.Product, a.CID.Manufacturer),
			Serial: a.CID.SerialText(), Firmware: fmt.Sprintf("%d.%d", a.CID.Revision>>4, a.CID.Revision&0xF),
			Source: a.Kind.String() + " CID", LogicalSector: 512, PhysicalSector: 512, Raw: a.Raw,
		},
		Caps:   Capabilities{Rotational: support.No, Zoned: support.No, MMC: MMCCaps{Present: support.Yes}},
		Hidden: HiddenAreas{HPA: HiddenUnknown, DCO: HiddenUnknown, AMAC: HiddenUnknown},
	}
	if a.CSD != nil {
		f.Identity.Sectors = a.CSD.Bytes / 512
	}
	if a.Kind == mmc.KindSD {
		f.Caps.MMC.Sanitize = support.No // SD has no SANITIZE
	}
	if e := a.ExtCSD; e != nil {
		f.Caps.MMC.Sanitize, f.Caps.MMC.Trim, f.Caps.Trim = e.Sanitize, e.Trim, e.Trim
		f.Identity.Sectors = max(f.Identity.Sectors, uint64(e.Sectors))
		if e.Firmware != "" {
			f.Identity.Firmware = e.Firmware
		}
		f.Hidden.Note, f.Hidden.HPA = mmcAreas(*e)
		f.Health = mmcHealth(*e)
	}
	if a.CID.CRC == mmc.CRCBad {
		f.Notes = append(f.Notes, "CID: the CRC7 is wrong")
	}
	return f
}

// mmcAreas: boot0, boot1 and general purpose partitions are other devices of
// the same card; RPMB takes authenticated writes only.
func mmcAreas(e mmc.ExtCSD) (string, HiddenState) {
	total := 2*e.BootBytes + e.RPMBBytes
	for _, g := range e.GPBytes {
		total += g
	}
	if total == 0 {
		return "", HiddenUnknown
	}
	return fmt.Sprintf("beside the user area: boot0 and boot1 of %d bytes each, RPMB %d bytes, general purpose %v bytes",
		e.BootBytes, e.RPMBBytes, e.GPBytes), HiddenPresent
}

// mmcHealth: life time is in tenths of the life; 0Bh is beyond it.
func mmcHealth(e mmc.ExtCSD) Health {
	var h Health
	if l := max(e.LifeTimeA, e.LifeTimeB); l >= 1 && l <= 11 {
		h.PercentUsed = new(uint64(l) * 10)
	}
	switch e.PreEOL {
	case 1:
		h.FailPredicted = support.No
	case 2, 3:
		h.FailPredicted = support.Yes
	}
	return h
}

// LookMMC decodes the registers that the kernel keeps (hex text of the sysfs
// files cid and csd) and asks an e.MMC for EXT_CSD over t; t may be nil.
func LookMMC(ctx context.Context, kind mmc.Kind, cid, csd string, t mmc.Transport) (Facts, error) {
	c, err := mmc.ParseCIDText(cid, kind)
	a := MMCAnswers{Kind: kind, CID: c, Raw: []Raw{{Name: kind.String() + " CID", Bytes: []byte(cid)}}}
	if err != nil {
		return Facts{Identity: Identity{Raw: a.Raw}, IdentityProblem: ProblemNonsense + ": " + err.Error()}, err
	}
	var notes []string
	if v, err := mmc.ParseCSDText(csd, kind); err != nil {
		notes = append(notes, err.Error())
	} else {
		a.CSD = &v
		a.Raw = append(a.Raw, Raw{Name: kind.String() + " CSD", Bytes: []byte(csd)})
	}
	if kind == mmc.KindMMC && t != nil {
		e, raw, err := mmc.ReadExtCSD(ctx, t)
		if err != nil {
			notes = append(notes, err.Error())
		} else {
			a.ExtCSD = &e
			a.Raw = append(a.Raw, Raw{Name: "MMC EXT_CSD", Bytes: raw})
		}
	}
	f := FromMMC(a)
	f.Notes = append(notes, f.Notes...)
	return f, nil
}
