package devices

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/devices/support"
)

func oneNamespace() *nvme.Namespace {
	return &nvme.Namespace{Size: 1000, Formats: []nvme.LBAFormat{{DataSize: 512}}, EUI64: "0025385b71b0a1c2"}
}

func TestFromNVMeRecordings(t *testing.T) {
	for _, file := range recordings.Files(t, "nvme") {
		t.Run(file.Name, func(t *testing.T) {
			c, err := nvme.ParseController(file.Bytes(t))
			if err != nil {
				t.Fatal(err)
			}
			f := FromNVMe(NVMeAnswers{Controller: &c, Namespace: oneNamespace(), NSID: 1, Active: []uint32{1}})
			if f.Identity.Model != c.Model || f.Identity.Serial != c.Serial || f.Identity.WWN != "eui.0025385b71b0a1c2" || f.IdentityProblem != "" {
				t.Errorf("%+v", f.Identity)
			}
			n := f.Caps.NVMe
			if n.SanitizeBlock != c.Sanitize.Block || n.SanitizeCrypto != c.Sanitize.Crypto || n.Format != c.Format || n.Present != support.Yes {
				t.Errorf("%+v", n)
			}
			if (n.TotalCapacity == "") != c.Total.IsZero() || (f.Hidden.HPA == HiddenAbsent) != !c.Total.IsZero() {
				t.Errorf("TNVMCAP %q HPA %q", n.TotalCapacity, f.Hidden.HPA)
			}
		})
	}
}

func TestFromNVMeHidden(t *testing.T) {
	total := nvme.Uint128{Lo: 512000}
	for name, c := range map[string]struct {
		total, unallocated nvme.Uint128
		active, allocated  []uint32
		want               HiddenState
		note               bool
	}{
		"one namespace, all allocated": {total, nvme.Uint128{}, []uint32{1}, []uint32{1}, HiddenAbsent, false},
		"capacities not reported":      {nvme.Uint128{}, nvme.Uint128{}, []uint32{1}, nil, HiddenUnknown, false},
		"unallocated capacity":         {total, nvme.Uint128{Lo: 4096}, []uint32{1}, nil, HiddenPresent, true},
		"a namespace not attached":     {total, nvme.Uint128{}, []uint32{1}, []uint32{1, 2}, HiddenPresent, true},
		"a second namespace":           {total, nvme.Uint128{}, []uint32{1, 2}, []uint32{1, 2}, HiddenUnknown, true},
		"list not known":               {total, nvme.Uint128{}, nil, nil, HiddenUnknown, false},
		"only another namespace":       {total, nvme.Uint128{}, []uint32{7}, nil, HiddenUnknown, false},
	} {
		t.Run(name, func(t *testing.T) {
			h := FromNVMe(NVMeAnswers{NSID: 1, Namespace: oneNamespace(), Active: c.active, Allocated: c.allocated,
				Controller: &nvme.Controller{Model: "M", Total: c.total, Unallocated: c.unallocated}}).Hidden
			if h.HPA != c.want || (h.Note != "") != c.note || (h.AMAC == HiddenAbsent) != (c.want == HiddenAbsent) {
				t.Errorf("%+v", h)
			}
		})
	}
}

func TestFromNVMe(t *testing.T) {
	if f := FromNVMe(NVMeAnswers{Controller: &nvme.Controller{Model: "M"}}); f.IdentityProblem != ProblemNoAnswer || f.Identity.Model != "" {
		t.Errorf("without a namespace: %+v", f)
	}
	f := FromNVMe(NVMeAnswers{
		Controller: &nvme.Controller{Model: "M", MDTS: 5, CriticalTemp: 358, FormatNVM: nvme.FormatSupport{Crypto: support.Yes}, Format: support.No, Security: support.No},
		Namespace:  oneNamespace(), IDs: nvme.NamespaceIDs{NGUID: "aa", CSI: 2, CSIKnown: true},
		SMART: &nvme.SMART{CriticalWarning: 8, TemperatureK: 300, MediaErrors: nvme.Uint128{Hi: 1}, PercentageUsed: 120},
	})
	c := f.Caps
	if c.MaxTransfer != 128<<10 || c.CriticalTemp != 85 || c.NVMe.FormatCrypto != support.No || c.TCG.Present != support.No || c.Zoned != support.Yes {
		t.Errorf("%+v", c)
	}
	h := f.Health
	if f.Identity.WWN != "nguid.aa" || *h.TemperatureC != 27 || *h.Uncorrectable != 1<<64-1 || *h.PercentUsed != 120 || h.FailPredicted != support.Yes || len(f.Notes) != 1 {
		t.Errorf("%+v %+v %q", f.Identity, h, f.Notes)
	}
}

// nvmeDrive answers Identify by CNS and Get Log Page by page.
type nvmeDrive struct {
	identify map[byte][]byte
	logs     map[byte][]byte
	asked    []uint32
}

func (d *nvmeDrive) Admin(_ context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	answers := d.identify
	if c.Opcode == nvme.OpGetLogPage {
		answers = d.logs
	}
	d.asked = append(d.asked, uint32(c.Opcode)<<8|c.CDW10&0xFF)
	b, ok := answers[byte(c.CDW10)]
	if !ok {
		return nvme.Completion{}, nvme.NewStatusError(c, 0x4002)
	}
	copy(c.Data, b)
	return nvme.Completion{}, nil
}

func controllerBytes(version uint32) []byte {
	b := make([]byte, 4096)
	copy(b[4:], "S123                ")
	copy(b[24:], "MODEL X                                 ")
	copy(b[64:], "FW1     ")
	binary.LittleEndian.PutUint32(b[80:], version)
	return b
}

func namespaceBytes() []byte {
	b := make([]byte, 4096)
	binary.LittleEndian.PutUint64(b, 1000)
	b[130] = 9
	copy(b[120:], []byte{0, 0x25, 0x38, 1, 2, 3, 4, 5})
	return b
}

func TestLookNVMe(t *testing.T) {
	d := &nvmeDrive{identify: map[byte][]byte{nvme.CNSController: controllerBytes(0x10200), nvme.CNSNamespace: namespaceBytes()}}
	f, err := LookNVMe(context.Background(), d, 1)
	if err != nil || f.Identity.Serial != "S123" || f.Identity.WWN != "eui.0025380102030405" || f.Identity.Sectors != 1000 {
		t.Fatalf("%+v, %v", f.Identity, err)
	}
	if len(f.Notes) != 2 || f.Health.PercentUsed != nil || f.Health.FailPredicted != support.Unknown {
		t.Errorf("refused questions must be named and unknown: %q %+v", f.Notes, f.Health)
	}
	if slices.Contains(d.asked, uint32(nvme.OpIdentify)<<8|uint32(nvme.CNSDescriptors)) {
		t.Error("a controller of 1.2 was asked for descriptors")
	}
	delete(d.identify, nvme.CNSNamespace)
	f, err = LookNVMe(context.Background(), d, 1)
	if !errors.Is(err, nvme.ErrInvalidField) || f.IdentityProblem == "" || len(f.Identity.Raw) != 1 {
		t.Errorf("%+v, %v", f, err)
	}
}
