package devices_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/devices/tcg"
)

// Every class on every interface, as Detect lists it.
func TestDetectTCG(t *testing.T) {
	owned := func(f tcg.Feature) emulator.TCGFeatures {
		return emulator.TCGFeatures{SSC: f, SID: "an owner's", Locked: true}
	}
	opal := devices.TCGCaps{Present: support.Yes, SSC: "Opal 2.0", Locked: support.No, MediaEncryption: support.Yes,
		BlockSID: support.No, Activated: support.No, Owned: support.No, MBRShadow: support.No}
	locked := opal
	locked.Locked, locked.Activated, locked.Owned = support.Yes, support.Yes, support.Yes
	blocked := opal
	blocked.BlockSID = support.Yes
	named := func(ssc string, encrypts support.State) devices.TCGCaps {
		c := locked
		c.SSC, c.MediaEncryption = ssc, encrypts
		return c
	}
	none := devices.TCGCaps{Present: support.No}
	for _, tc := range []struct {
		name string
		kind emulator.Kind
		tcg  emulator.TCGFeatures
		want devices.TCGCaps
	}{
		{"NVMe without", emulator.NVMe, emulator.TCGFeatures{}, none},
		{"SATA without", emulator.SSD, emulator.TCGFeatures{}, none},
		{"SAS without", emulator.SASSSD, emulator.TCGFeatures{}, none},
		{"NVMe, nobody's", emulator.NVMe, emulator.TCGFeatures{SSC: tcg.FeatureOpal2}, opal},
		{"NVMe, locked", emulator.NVMe, owned(tcg.FeatureOpal2), locked},
		{"NVMe, Block SID", emulator.NVMe, emulator.TCGFeatures{SSC: tcg.FeatureOpal2, BlockSID: true}, blocked},
		{"NVMe, Block SID does nothing to an owner", emulator.NVMe, emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "x", Locked: true, BlockSID: true}, locked},
		{"SATA disk, locked", emulator.HDD, owned(tcg.FeatureOpal1), named("Opal 1.0", support.Yes)},
		{"SATA, locked", emulator.SSD, owned(tcg.FeatureOpal2), locked},
		{"SATA, Opalite", emulator.SSD, owned(tcg.FeatureOpalite), named("Opalite 1.0", support.Yes)},
		{"NVMe, Pyrite 1", emulator.NVMe, owned(tcg.FeaturePyrite1), named("Pyrite 1.0", support.No)},
		{"NVMe, Pyrite 2", emulator.NVMe, owned(tcg.FeaturePyrite2), named("Pyrite 2.0", support.No)},
		{"NVMe, Ruby", emulator.NVMe, owned(tcg.FeatureRuby), named("Ruby 1.0", support.Yes)},
		{"SAS, Enterprise", emulator.SAS, owned(tcg.FeatureEnterprise), named("Enterprise 1.0", support.Yes)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d, err := emulator.New(emulator.Params{Kind: tc.kind, Sectors: 8192, TCG: tc.tcg})
			if err != nil {
				t.Fatal(err)
			}
			list, err := emulator.NewSystem(d).Detect(t.Context(), devices.DetectOptions{})
			if err != nil || len(list) != 1 {
				t.Fatalf("%d devices, %v", len(list), err)
			}
			if got := list[0].Caps.TCG; got != tc.want || strings.Contains(strings.Join(list[0].Notes, ""), "TCG") {
				t.Errorf("%+v\nwant %+v\nnotes %q", got, tc.want, list[0].Notes)
			}
		})
	}
}

// What does not come through is unknown, never absent.
func TestLookTCGOverRoads(t *testing.T) {
	refused := errors.New("filtered by libata")
	d, err := emulator.New(emulator.Params{Kind: emulator.NVMe, Sectors: 8192, TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2}})
	if err != nil {
		t.Fatal(err)
	}
	good := tcg.OverNVMe(d.Admin())
	shut := roadFunc(func(tcg.Command) error { return refused })
	zeros := roadFunc(func(c tcg.Command) error { clear(c.Data); return nil })
	other := roadFunc(func(c tcg.Command) error { // knows ATA security only
		if c.Protocol != 0 {
			return refused
		}
		copy(c.Data, []byte{0, 0, 0, 0, 0, 0, 0, 2, 0x00, 0xEF})
		return nil
	})
	for _, tc := range []struct {
		name  string
		roads []tcg.Transport
		want  support.State
		notes int
	}{
		{"no road", nil, support.Unknown, 0},
		{"the first is filtered", []tcg.Transport{shut, good}, support.Yes, 1},
		{"all are filtered", []tcg.Transport{shut, shut}, support.Unknown, 2},
		{"zeros", []tcg.Transport{zeros}, support.Unknown, 1},
		{"the drive has other protocols", []tcg.Transport{other}, support.No, 0},
	} {
		f := devices.LookTCG(t.Context(), devices.Facts{Trusted: support.Yes}, tc.roads...)
		if f.Caps.TCG.Present != tc.want || len(f.Notes) != tc.notes {
			t.Errorf("%s: %s, notes %q", tc.name, f.Caps.TCG.Present, f.Notes)
		}
	}
}

// A drive that does not say that it takes such commands is sent none.
func TestLookTCGDoesNotAsk(t *testing.T) {
	asked := roadFunc(func(tcg.Command) error { t.Error("it was asked"); return nil })
	for _, trusted := range []support.State{support.No, support.Unknown} {
		if f := devices.LookTCG(t.Context(), devices.Facts{Trusted: trusted}, asked); f.Caps.TCG.Present != support.Unknown {
			t.Errorf("%s: %s", trusted, f.Caps.TCG.Present)
		}
	}
}

type roadFunc func(tcg.Command) error

func (f roadFunc) Exec(_ context.Context, c tcg.Command) error { return f(c) }
