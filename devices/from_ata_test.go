package devices

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/devices/support"
)

// Every recorded drive: what the index says of it is what a plan will see.
func TestFromATARecordings(t *testing.T) {
	index := recordings.Index(t)
	for _, file := range recordings.Files(t, "ata") {
		t.Run(file.Name, func(t *testing.T) {
			row := index[file.Name]
			id, err := ata.ParseIdentify(file.Words(t))
			if err != nil {
				t.Fatal(err)
			}
			f := FromATA(ATAAnswers{Identify: id})
			if f.Identity.Model != row["model"] || f.Identity.Firmware != row["fw"] || f.IdentityProblem != "" {
				t.Errorf("%q %q %q, want %q %q", f.Identity.Model, f.Identity.Firmware, f.IdentityProblem, row["model"], row["fw"])
			}
			if n, err := strconv.ParseUint(row["sectors(w100-103)"], 10, 64); err == nil && n != 0 && f.Identity.Sectors != n {
				t.Errorf("%d sectors, want %d", f.Identity.Sectors, n)
			}
			expected := file.Expected()
			c := f.Caps.ATA
			for what, x := range map[string]struct{ got, want bool }{
				"security":           {c.Security.IsYes(), strings.Contains(expected, "security=supported")},
				"frozen":             {c.SecurityFrozen.IsYes(), strings.Contains(expected, "+frozen")},
				"enhanced":           {c.SecurityEnhanced.IsYes(), strings.Contains(expected, "+enhanced")},
				"sanitize crypto":    {c.SanitizeCrypto.IsYes(), strings.Contains(sanitizeWords(expected), "crypto")},
				"sanitize block":     {c.SanitizeBlock.IsYes(), strings.Contains(sanitizeWords(expected), "block")},
				"sanitize overwrite": {c.SanitizeOverwrite.IsYes(), strings.Contains(sanitizeWords(expected), "overwrite")},
				"SSD":                {f.Caps.Rotational.IsNo(), strings.Contains(expected, "; SSD")},
				"HDD":                {f.Caps.Rotational.IsYes(), strings.Contains(expected, "; HDD")},
			} {
				if x.got != x.want {
					t.Errorf("%s is %v, want %v by %q", what, x.got, x.want, expected)
				}
			}
			if f.Hidden.HPA == HiddenAbsent && !c.HPA.IsNo() || f.Hidden.HPA == HiddenPresent {
				t.Errorf("HPA %q from IDENTIFY alone, feature %v", f.Hidden.HPA, c.HPA)
			}
		})
	}
}

// sanitizeWords is the item of the index that speaks of SANITIZE; "none (but
// …)" is none.
func sanitizeWords(expected string) string {
	_, rest, _ := strings.Cut(expected, "sanitize=")
	item, _, _ := strings.Cut(rest, ";")
	if strings.HasPrefix(item, "none") {
		return ""
	}
	return item
}

func TestFromATAHidden(t *testing.T) {
	at := func(last uint64) *uint64 { return &last }
	dco := func(last uint64, sum ata.Checksum) *ata.DCO {
		return &ata.DCO{Revision: 2, MaxLBA: last, Checksum: sum}
	}
	for name, c := range map[string]struct {
		hpa, dco, amac  support.State
		native          *uint64
		overlay         *ata.DCO
		accessible      *uint64
		wantHPA         HiddenState
		wantDCO         HiddenState
		wantAMAC        HiddenState
		nativeSectors   uint64
		identifySectors uint64
	}{
		"nothing asked, features there":       {hpa: support.Yes, dco: support.Yes, amac: support.Yes, wantHPA: HiddenUnknown, wantDCO: HiddenUnknown, wantAMAC: HiddenUnknown},
		"nothing known":                       {wantHPA: HiddenUnknown, wantDCO: HiddenUnknown, wantAMAC: HiddenUnknown},
		"no such features":                    {hpa: support.No, dco: support.No, amac: support.No, wantHPA: HiddenAbsent, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1000},
		"native is what the host sees":        {hpa: support.Yes, dco: support.No, amac: support.No, native: at(999), wantHPA: HiddenAbsent, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1000},
		"HPA":                                 {hpa: support.Yes, dco: support.No, amac: support.No, native: at(1199), wantHPA: HiddenPresent, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1200},
		"HPA although the feature is denied":  {hpa: support.No, dco: support.No, amac: support.No, native: at(1199), wantHPA: HiddenPresent, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1200},
		"native below the capacity: nonsense": {hpa: support.Yes, dco: support.No, amac: support.No, native: at(499), wantHPA: HiddenUnknown, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1000},
		"native of zero: nonsense":            {hpa: support.Yes, dco: support.No, amac: support.No, native: at(0), wantHPA: HiddenUnknown, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1000},
		"DCO beyond the HPA":                  {hpa: support.Yes, dco: support.Yes, amac: support.No, native: at(1199), overlay: dco(1999, ata.ChecksumOK), wantHPA: HiddenPresent, wantDCO: HiddenPresent, wantAMAC: HiddenAbsent, nativeSectors: 2000},
		"DCO ends where the HPA ends":         {hpa: support.Yes, dco: support.Yes, amac: support.No, native: at(1199), overlay: dco(1199, ata.ChecksumOK), wantHPA: HiddenPresent, wantDCO: HiddenAbsent, wantAMAC: HiddenAbsent, nativeSectors: 1200},
		"DCO with a wrong checksum":           {hpa: support.Yes, dco: support.Yes, amac: support.No, native: at(999), overlay: dco(1999, ata.ChecksumBad), wantHPA: HiddenAbsent, wantDCO: HiddenUnknown, wantAMAC: HiddenAbsent, nativeSectors: 1000},
		"AMAC":                                {hpa: support.No, dco: support.No, amac: support.Yes, accessible: at(1499), wantHPA: HiddenAbsent, wantDCO: HiddenAbsent, wantAMAC: HiddenPresent, nativeSectors: 1500},
	} {
		t.Run(name, func(t *testing.T) {
			id := &ata.Identify{Model: "M", Serial: "S", Sectors: 1000, LogicalSector: 512, HPA: c.hpa, DCO: c.dco, AMAC: c.amac}
			h := FromATA(ATAAnswers{Identify: id, NativeMax: c.native, DCO: c.overlay, AMAC: c.accessible}).Hidden
			if h.HPA != c.wantHPA || h.DCO != c.wantDCO || h.AMAC != c.wantAMAC || h.NativeSectors != c.nativeSectors {
				t.Errorf("%+v", h)
			}
		})
	}
}

func TestFromATAProblems(t *testing.T) {
	if f := FromATA(ATAAnswers{}); f.IdentityProblem != ProblemNoAnswer {
		t.Errorf("no answer: %+v", f)
	}
	f := FromATA(ATAAnswers{Identify: &ata.Identify{Model: "LSI", Serial: "1", Sparse: true}})
	if f.IdentityProblem != ProblemSynthetic || f.Caps != (Capabilities{}) {
		t.Errorf("made up by a driver: %+v", f)
	}
}

// ataDrive answers by opcode; a missing opcode is aborted.
type ataDrive map[byte]func(c ata.Command) (ata.Result, error)

func (d ataDrive) Exec(_ context.Context, c ata.Command) (ata.Result, error) {
	if f := d[c.Command]; f != nil {
		return f(c)
	}
	return ata.Result{}, &ata.CommandError{Command: c, Registers: ata.Registers{Status: 0x51, Error: 0x04}}
}

// identifyBytes has HPA, DCO and SMART, 48-bit addressing and 1000 sectors.
func identifyBytes(bad bool) []byte {
	b := make([]byte, 512)
	put := func(word int, v uint16) { binary.LittleEndian.PutUint16(b[2*word:], v) }
	put(0, 0x0040)
	for i, s := range []string{"IR", "LA", "3 "} { // words 10 to 12
		put(10+i, uint16(s[0])<<8|uint16(s[1]))
	}
	put(27, 'D'<<8|'K')
	put(82, 1|1<<10)
	put(83, 1<<14|1<<10|1<<11)
	put(84, 1<<14)
	put(86, 1<<10)
	put(87, 1<<14)
	put(100, 1000)
	put(255, 0xA5)
	var sum byte
	for _, c := range b {
		sum += c
	}
	b[511] = -sum
	if bad {
		b[511]++
	}
	return b
}

func identifies(raw []byte) func(ata.Command) (ata.Result, error) {
	return func(c ata.Command) (ata.Result, error) {
		copy(c.Data, raw)
		return ata.Result{}, nil
	}
}

func TestLookATA(t *testing.T) {
	native := func(c ata.Command) (ata.Result, error) {
		return ata.Result{Registers: &ata.Registers{Status: 0x50, LBA: 1199, LBAHigh: ata.HighKnown}}, nil
	}
	f, err := LookATA(context.Background(), ataDrive{ata.CmdIdentify: identifies(identifyBytes(false)), ata.CmdReadNativeMaxExt: native})
	if err != nil {
		t.Fatal(err)
	}
	if f.Identity.Model != "DK" || f.Identity.Serial != "IRLA3" || len(f.Identity.Raw) != 1 || len(f.Identity.Raw[0].Bytes) != 512 {
		t.Errorf("%+v", f.Identity)
	}
	if f.Hidden.HPA != HiddenPresent || f.Hidden.DCO != HiddenUnknown || !strings.Contains(f.Hidden.Note, "DEVICE CONFIGURATION IDENTIFY") {
		t.Errorf("%+v", f.Hidden)
	}
	// refused: DCO, SMART READ DATA, SMART RETURN STATUS; none is lost
	if len(f.Notes) != 3 || f.Health.FailPredicted != support.Unknown || f.Health.Reallocated != nil {
		t.Errorf("notes %q health %+v", f.Notes, f.Health)
	}
}

// Registers that a bridge did not bring back leave the HPA unknown.
func TestLookATAWithoutRegisters(t *testing.T) {
	lost := func(ata.Command) (ata.Result, error) { return ata.Result{}, nil }
	f, err := LookATA(context.Background(), ataDrive{ata.CmdIdentify: identifies(identifyBytes(false)), ata.CmdReadNativeMaxExt: lost})
	if err != nil || f.Hidden.HPA != HiddenUnknown {
		t.Errorf("%+v, %v", f.Hidden, err)
	}
}

func TestLookATAReadsABadChecksumTwice(t *testing.T) {
	asked := 0
	d := ataDrive{ata.CmdIdentify: func(c ata.Command) (ata.Result, error) {
		asked++
		copy(c.Data, identifyBytes(asked == 1))
		return ata.Result{}, nil
	}}
	id, err := LookIdentityATA(context.Background(), d)
	if err != nil || asked != 2 || id.Serial != "IRLA3" {
		t.Errorf("asked %d times: %+v, %v", asked, id, err)
	}
}

func TestLookATAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		drive   ataDrive
		problem string
	}{
		"aborted":  {ataDrive{}, ProblemNoAnswer},
		"nonsense": {ataDrive{ata.CmdIdentify: identifies(make([]byte, 512))}, ProblemNonsense},
	} {
		f, err := LookATA(context.Background(), c.drive)
		if err == nil || !strings.HasPrefix(f.IdentityProblem, c.problem) || f.Identity.Serial != "" {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
		if _, err := LookIdentityATA(context.Background(), c.drive); err == nil {
			t.Errorf("%s: identity without an error", name)
		}
	}
	var ce *ata.CommandError
	if _, err := LookATA(context.Background(), ataDrive{}); !errors.As(err, &ce) {
		t.Errorf("the drive's own error was lost: %v", err)
	}
}
