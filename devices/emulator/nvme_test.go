package emulator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/nvme"
)

type nvmeStep struct {
	name string
	do   func(d *emulator.Drive, tr nvme.Transport) error
	want error // nil: it succeeds
}

func runNVMe(t *testing.T, d *emulator.Drive, steps []nvmeStep) {
	t.Helper()
	for _, s := range steps {
		if err := s.do(d, d.Admin()); !errors.Is(err, s.want) || (err == nil) != (s.want == nil) {
			t.Fatalf("%s: %v, want %v", s.name, err, s.want)
		}
	}
}

func sanitize(s nvme.Sanitize) func(*emulator.Drive, nvme.Transport) error {
	return func(_ *emulator.Drive, tr nvme.Transport) error { return s.Run(ctx, tr) }
}

func TestNVMeSanitizeStates(t *testing.T) {
	block := sanitize(nvme.Sanitize{Action: nvme.BlockErase})
	exit := sanitize(nvme.Sanitize{Action: nvme.ExitFailureMode})
	log := func(state nvme.SanitizeState, gde bool) func(*emulator.Drive, nvme.Transport) error {
		return func(_ *emulator.Drive, tr nvme.Transport) error {
			l, _, err := nvme.SanitizeStatus(ctx, tr)
			if err == nil && (l.State != state || l.GlobalErased != gde) {
				t.Errorf("%s, GDE %v; want %s, %v", l.State, l.GlobalErased, state, gde)
			}
			return err
		}
	}
	end := func(d *emulator.Drive, _ nvme.Transport) error { d.Clock().Advance(time.Hour); return nil }
	cycle := func(d *emulator.Drive, _ nvme.Transport) error { d.PowerCycle(); return nil }
	format := func(_ *emulator.Drive, tr nvme.Transport) error {
		n, _, err := nvme.IdentifyNamespace(ctx, tr, 1)
		if err != nil {
			return err
		}
		return nvme.Format(ctx, tr, 1, n, nvme.SESUser, 0)
	}
	p := emulator.Params{Kind: emulator.NVMe, EraseTakes: time.Minute}
	failing := faulty(p, emulator.Faults{EraseFails: true})
	tests := []struct {
		name  string
		p     emulator.Params
		steps []nvmeStep
	}{
		{"never", p, []nvmeStep{{"log", log(nvme.NeverSanitized, false), nil}, {"exit", exit, nil}}},
		{"in progress, then done", p, []nvmeStep{
			{"block", block, nil}, {"log", log(nvme.SanitizeInProgress, false), nil},
			{"another", block, nvme.ErrSanitizeInProgress}, {"format", format, nvme.ErrSanitizeInProgress},
			{"time", end, nil}, {"log", log(nvme.SanitizeCompleted, true), nil}, {"format", format, nil},
		}},
		{"goes on after a power cut", p, []nvmeStep{
			{"block", block, nil}, {"log", log(nvme.SanitizeInProgress, false), nil},
			{"power cycle", cycle, nil}, {"log", log(nvme.SanitizeInProgress, false), nil},
			{"time", end, nil}, {"log", log(nvme.SanitizeCompleted, true), nil},
		}},
		{"a write clears GDE", p, []nvmeStep{
			{"block", block, nil}, {"time", end, nil}, {"log", log(nvme.SanitizeCompleted, true), nil},
			{"write", func(d *emulator.Drive, _ nvme.Transport) error {
				_, err := open(t, d).WriteAt(make([]byte, 4096), 0)
				return err
			}, nil},
			{"log", log(nvme.SanitizeCompleted, false), nil},
		}},
		{"not supported", p, []nvmeStep{
			{"overwrite", sanitize(nvme.Sanitize{Action: nvme.Overwrite, Passes: 1}), nvme.ErrInvalidField},
		}},
		{"failed, restricted", failing, []nvmeStep{
			{"block", block, nil}, {"time", end, nil}, {"log", log(nvme.SanitizeFailed, false), nil},
			{"exit", exit, nvme.ErrSanitizeFailed}, {"format", format, nvme.ErrSanitizeFailed},
			{"repaired", func(d *emulator.Drive, _ nvme.Transport) error { d.Fault(emulator.Faults{}); return nil }, nil},
			{"unrestricted", sanitize(nvme.Sanitize{Action: nvme.BlockErase, Unrestricted: true}), nvme.ErrSanitizeFailed},
			{"restricted", block, nil}, {"time", end, nil}, {"log", log(nvme.SanitizeCompleted, true), nil},
		}},
		{"failed, unrestricted", failing, []nvmeStep{
			{"block", sanitize(nvme.Sanitize{Action: nvme.BlockErase, Unrestricted: true}), nil}, {"time", end, nil},
			{"exit", exit, nil}, {"format", func(d *emulator.Drive, tr nvme.Transport) error {
				d.Fault(emulator.Faults{})
				return format(d, tr)
			}, nil},
		}},
		{"a stale log", faulty(p, emulator.Faults{StaleLog: true}), []nvmeStep{
			{"crypto", sanitize(nvme.Sanitize{Action: nvme.CryptoErase}), nil},
			{"log", func(_ *emulator.Drive, tr nvme.Transport) error {
				l, _, err := nvme.SanitizeStatus(ctx, tr)
				c, cerr := nvme.Sanitize{Action: nvme.CryptoErase}.Command()
				if cerr != nil || l.Tells(c) || !l.Completed() {
					t.Errorf("%+v tells of ours", l)
				}
				return err
			}, nil},
		}},
		{"read only", faulty(p, emulator.Faults{ReadOnly: true}), []nvmeStep{{"block", block, nvme.ErrWriteProtected}}},
		{"refused", faulty(p, emulator.Faults{Refuse: []emulator.Refuse{{Command: "Sanitize", Times: 1, SCT: 0, SC: 0x15}}}), []nvmeStep{
			{"block", block, &nvme.StatusError{SCT: 0, SC: 0x15}}, {"again", block, nil},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { runNVMe(t, newDrive(t, tt.p), tt.steps) })
	}
}

func TestNVMeErasesReach(t *testing.T) {
	user, spare, hidden := emulator.AreaUser, emulator.AreaSpare, emulator.AreaUnallocated
	format := func(ses nvme.SES) func(*emulator.Drive, nvme.Transport) error {
		return func(_ *emulator.Drive, tr nvme.Transport) error {
			n, _, err := nvme.IdentifyNamespace(ctx, tr, 1)
			if err != nil {
				return err
			}
			return nvme.Format(ctx, tr, 1, n, ses, 0)
		}
	}
	finish := func(s nvme.Sanitize) func(*emulator.Drive, nvme.Transport) error {
		return func(d *emulator.Drive, tr nvme.Transport) error {
			err := s.Run(ctx, tr)
			d.Clock().Advance(time.Hour)
			return err
		}
	}
	two := emulator.Params{Kind: emulator.NVMe, Namespaces: []emulator.Namespace{{Sectors: 2048}}}
	all := two
	all.NVMe = emulator.NVMeFeatures{Bare: true, Format: true, EraseAll: true}
	dark := emulator.Params{Kind: emulator.NVMe, Namespaces: []emulator.Namespace{{Sectors: 2048, Detached: true}}}
	one := emulator.Params{Kind: emulator.NVMe}
	tests := []struct {
		name string
		p    emulator.Params
		do   func(*emulator.Drive, nvme.Transport) error
		want map[emulator.AreaKind]bool
	}{
		{"Sanitize block erase: every namespace", two, finish(nvme.Sanitize{Action: nvme.BlockErase}), nil},
		{"Sanitize crypto erase: detached ones too", dark, finish(nvme.Sanitize{Action: nvme.CryptoErase}), nil},
		{"Format SES 0: the cells stay", one, format(nvme.SESNone), map[emulator.AreaKind]bool{spare: true}},
		{"Format SES 1: replaced cells stay", one, format(nvme.SESUser), map[emulator.AreaKind]bool{spare: true}},
		{"Format SES 2", one, format(nvme.SESCrypto), nil},
		{"Format SES 2 of one of two", two, format(nvme.SESCrypto), map[emulator.AreaKind]bool{user: true, spare: true}},
		{"Format SES 1 with FNA bit 1", all, format(nvme.SESUser), map[emulator.AreaKind]bool{spare: true}},
		{"host overwrite", dark, func(d *emulator.Drive, _ nvme.Transport) error { overwrite(t, open(t, d), 1); return nil },
			map[emulator.AreaKind]bool{spare: true, hidden: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, tt.p)
			d.Prefill()
			if err := tt.do(d, d.Admin()); err != nil {
				t.Fatal(err)
			}
			got := map[emulator.AreaKind]bool{}
			for _, r := range d.Remnants() {
				got[r.Area.Kind] = true
			}
			for _, k := range []emulator.AreaKind{user, spare, hidden} {
				if got[k] != tt.want[k] {
					t.Errorf("remnants in %s: %v, want %v", k, got[k], tt.want[k])
				}
			}
		})
	}
}

func TestNVMeLook(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.NVMe, Serial: "NV1", LogicalSector: 4096, Sectors: 1024, UnallocatedSectors: 512,
		NVMe:       emulator.NVMeFeatures{Bare: true, SanitizeBlock: true, Format: true, Management: true},
		Namespaces: []emulator.Namespace{{Sectors: 256}, {Sectors: 256, Detached: true}}})
	list, err := emulator.NewSystem(d).Detect(context.Background(), devices.DetectOptions{})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d devices, %v", len(list), err)
	}
	for i, want := range []uint64{1024, 256} {
		dev := list[i]
		if dev.Identity.Serial != "NV1" || dev.Identity.Sectors != want || dev.Identity.LogicalSector != 4096 || dev.IdentityProblem != "" {
			t.Errorf("%s: %+v %s", dev.Name, dev.Identity, dev.IdentityProblem)
		}
		if c := dev.Caps.NVMe; !c.SanitizeBlock.IsYes() || !c.SanitizeCrypto.IsNo() || c.Unallocated != "2097152" {
			t.Errorf("%s: %+v", dev.Name, c)
		}
		if len(dev.Siblings) != 1 || len(dev.Notes) != 0 {
			t.Errorf("%s: siblings %v, notes %v", dev.Name, dev.Siblings, dev.Notes)
		}
	}
	if list[0].Identity.WWN == list[1].Identity.WWN {
		t.Error("two namespaces with one name")
	}
}
