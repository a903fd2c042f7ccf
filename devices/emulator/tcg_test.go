package emulator_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/devices/tcg"
)

// tcgRoads is every road to a TPer, with a drive that has it.
var tcgRoads = []struct {
	name string
	kind emulator.Kind
	road func(*emulator.Drive) tcg.Transport
}{
	{"Security Send and Receive", emulator.NVMe, func(d *emulator.Drive) tcg.Transport { return tcg.OverNVMe(d.Admin()) }},
	{"SECURITY PROTOCOL through libata", emulator.SSD, func(d *emulator.Drive) tcg.Transport { return tcg.OverSCSI(d.SCSI()) }},
	{"TRUSTED SEND and RECEIVE", emulator.HDD, func(d *emulator.Drive) tcg.Transport { return tcg.OverATA(d.ATA()) }},
	{"SECURITY PROTOCOL on SAS", emulator.SASSSD, func(d *emulator.Drive) tcg.Transport { return tcg.OverSCSI(d.SCSI()) }},
}

// clocked waits on the drive's clock.
func clocked(d *emulator.Drive) tcg.Pause {
	return func(ctx context.Context, n time.Duration) error {
		d.Clock().Advance(n)
		return ctx.Err()
	}
}

func openTPer(t *testing.T, d *emulator.Drive, road tcg.Transport) *tcg.TPer {
	t.Helper()
	found, _, err := tcg.Discover(ctx, road)
	if err != nil {
		t.Fatal(err)
	}
	p, err := tcg.Open(ctx, road, found, clocked(d))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPSIDRevert(t *testing.T) {
	for _, r := range tcgRoads {
		t.Run(r.name, func(t *testing.T) {
			d := newDrive(t, emulator.Params{Kind: r.kind, TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "somebody's", Locked: true}})
			d.Prefill()
			road := r.road(d)
			before, raw, err := tcg.Discover(ctx, road)
			if err != nil || len(raw) < 100 || before.Locking.Locked != support.Yes || before.Locking.MediaEncryption != support.Yes || before.BlockSID.Owned != support.Yes {
				t.Fatalf("%+v, %d bytes, %v", before, len(raw), err)
			}
			c := open(t, d)
			buf := make([]byte, 4096)
			if _, err := c.ReadAt(buf, 0); !errors.Is(err, emulator.ErrLocked) {
				t.Errorf("a locked drive reads: %v", err)
			}
			if _, err := c.WriteAt(buf, 0); !errors.Is(err, emulator.ErrLocked) {
				t.Errorf("a locked drive writes: %v", err)
			}
			if err := openTPer(t, d, road).RevertTPer(ctx, tcg.AuthorityPSID, tcg.PIN(d.PSID())); err != nil {
				t.Fatal(err)
			}
			after, _, err := tcg.Discover(ctx, road)
			if err != nil || after.Locking.Locked != support.No || after.Locking.Enabled != support.No || after.BlockSID.Owned != support.No {
				t.Errorf("%+v, %v", after, err)
			}
			if _, err := c.ReadAt(buf, 0); err != nil {
				t.Error(err)
			}
			if left := d.Remnants(); len(left) > 0 {
				t.Errorf("remnants %+v", left)
			}
			d.PowerCycle()
			if again, _, err := tcg.Discover(ctx, road); err != nil || again.Locking.Locked != support.No {
				t.Errorf("after a power cycle: %+v, %v", again.Locking, err)
			}
		})
	}
}

func TestTPerRefusals(t *testing.T) {
	opal := emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "somebody's", Locked: true}
	fresh := emulator.TCGFeatures{SSC: tcg.FeatureOpal2}
	blocked, hard := fresh, fresh
	blocked.BlockSID = true
	hard.BlockSID, hard.BlocksPSID = true, true
	psid := func(d *emulator.Drive, p *tcg.TPer) error {
		return p.RevertTPer(ctx, tcg.AuthorityPSID, tcg.PIN(d.PSID()))
	}
	msid := func(_ *emulator.Drive, p *tcg.TPer) error {
		pin, err := p.MSID(ctx)
		if err != nil {
			return err
		}
		return p.RevertTPer(ctx, tcg.AuthoritySID, pin)
	}
	wrong := func(_ *emulator.Drive, p *tcg.TPer) error {
		return p.RevertTPer(ctx, tcg.AuthorityPSID, tcg.PIN("0123456789ABCDEF0123456789ABCDEF"))
	}
	for _, tc := range []struct {
		name   string
		tcg    emulator.TCGFeatures
		faults emulator.Faults
		do     []func(*emulator.Drive, *tcg.TPer) error
		want   error // of the last
		clean  bool  // nothing of the data is left
	}{
		{name: "MSID on a drive nobody took", tcg: fresh, do: []func(*emulator.Drive, *tcg.TPer) error{msid}, clean: true},
		{name: "MSID on an owned drive", tcg: opal, do: []func(*emulator.Drive, *tcg.TPer) error{msid}, want: tcg.ErrNotAuthorized},
		{name: "wrong PSID", tcg: opal, do: []func(*emulator.Drive, *tcg.TPer) error{wrong}, want: tcg.ErrNotAuthorized},
		{name: "locked out", tcg: opal, do: []func(*emulator.Drive, *tcg.TPer) error{wrong, wrong, wrong, wrong, wrong, psid}, want: tcg.ErrLockedOut},
		{name: "a try too few for it", tcg: opal, do: []func(*emulator.Drive, *tcg.TPer) error{wrong, wrong, wrong, wrong, psid}, clean: true},
		{name: "Block SID, MSID", tcg: blocked, do: []func(*emulator.Drive, *tcg.TPer) error{msid}, want: tcg.ErrNotAuthorized},
		{name: "Block SID, PSID", tcg: blocked, do: []func(*emulator.Drive, *tcg.TPer) error{psid}, clean: true},
		{name: "Block SID on a drive that blocks the PSID too", tcg: hard, do: []func(*emulator.Drive, *tcg.TPer) error{psid}, want: tcg.ErrNotAuthorized},
		{name: "Block SID, lifted by suspend", tcg: hard, do: []func(*emulator.Drive, *tcg.TPer) error{
			func(d *emulator.Drive, _ *tcg.TPer) error { d.Suspend(); return nil }, psid}, clean: true},
		{name: "StartSession refused", tcg: opal, faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "TCG StartSession", TCG: tcg.StatusSPBusy}}},
			do: []func(*emulator.Drive, *tcg.TPer) error{psid}, want: tcg.ErrSPBusy},
		{name: "Revert refused", tcg: opal, faults: emulator.Faults{Refuse: []emulator.Refuse{{Command: "TCG Revert"}}},
			do: []func(*emulator.Drive, *tcg.TPer) error{psid}, want: &tcg.StatusError{Status: tcg.StatusFail}},
		{name: "Revert fails", tcg: opal, faults: emulator.Faults{EraseFails: true},
			do: []func(*emulator.Drive, *tcg.TPer) error{psid}, want: &tcg.StatusError{Status: tcg.StatusFail}},
		{name: "success without erasure", tcg: opal, faults: emulator.Faults{KeepFraction: 1}, do: []func(*emulator.Drive, *tcg.TPer) error{psid}},
		{name: "Pyrite 1 encrypts nothing", tcg: emulator.TCGFeatures{SSC: tcg.FeaturePyrite1, SID: "x", Locked: true}, do: []func(*emulator.Drive, *tcg.TPer) error{psid}},
		{name: "Pyrite 2 erases blocks", tcg: emulator.TCGFeatures{SSC: tcg.FeaturePyrite2, SID: "x", Locked: true}, do: []func(*emulator.Drive, *tcg.TPer) error{psid}, clean: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDrive(t, faulty(emulator.Params{Kind: emulator.NVMe, TCG: tc.tcg, EraseTakes: time.Minute}, tc.faults))
			d.Prefill()
			p := openTPer(t, d, tcg.OverNVMe(d.Admin()))
			var err error
			for _, do := range tc.do {
				err = do(d, p)
			}
			if !errors.Is(err, tc.want) || (err == nil) != (tc.want == nil) {
				t.Errorf("%v, want %v", err, tc.want)
			}
			if left := d.Remnants(); (len(left) == 0) != tc.clean {
				t.Errorf("%d remnants", len(left))
			}
		})
	}
}

// A session that an earlier program left open is cleared by the stack reset;
// a wrong PIN in a session is a false result, and the session lives on.
func TestTPerSessions(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.NVMe, TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2}})
	road := tcg.OverNVMe(d.Admin())
	first := openTPer(t, d, road)
	if _, err := first.Start(ctx, tcg.AdminSP, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Start(ctx, tcg.AdminSP, nil); !errors.Is(err, tcg.ErrNoSessions) {
		t.Errorf("a second session: %v", err)
	}
	second := openTPer(t, d, road)
	msid, err := second.MSID(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := second.Start(ctx, tcg.AdminSP, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Authenticate(ctx, tcg.Credential{Authority: tcg.AuthoritySID, PIN: tcg.PIN("not it")}); !errors.Is(err, tcg.ErrNotAuthorized) {
		t.Errorf("a wrong PIN: %v", err)
	}
	if err := s.Authenticate(ctx, tcg.Credential{Authority: tcg.AuthoritySID, PIN: msid}); err != nil {
		t.Error(err)
	}
	if err := s.End(ctx); err != nil {
		t.Error(err)
	}
}

// Ranges of their own are locked, and nothing else; the drive's own erases are
// refused meanwhile, and ATA shows neither security nor SANITIZE.
func TestLockedRange(t *testing.T) {
	feature := emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "x", Locked: true, Ranges: []emulator.Range{{First: 1024, Count: 512}}}
	d := newDrive(t, emulator.Params{Kind: emulator.SSD, TCG: feature})
	c := open(t, d)
	buf := make([]byte, 2048*512)
	if n, err := c.ReadAt(buf, 0); n != 1024*512 || !errors.Is(err, emulator.ErrLocked) {
		t.Errorf("%d bytes, %v", n, err)
	}
	if _, err := c.WriteAt(buf[:512*512], 1536*512); err != nil {
		t.Error(err)
	}
	f, err := c.Look(ctx)
	if err != nil || f.Caps.ATA.Security != support.No || f.Caps.ATA.SanitizeBlock != support.No {
		t.Errorf("%+v, %v", f.Caps.ATA, err)
	}
	n := newDrive(t, emulator.Params{Kind: emulator.NVMe, TCG: feature})
	if err := (nvme.Sanitize{Action: nvme.BlockErase}).Run(ctx, n.Admin()); !errors.Is(err, &nvme.StatusError{SCT: 2, SC: 0x86}) {
		t.Errorf("Sanitize of a locked drive: %v", err)
	}
}

// A power cut in a revert leaves the drive as it was, locked again.
func TestCutInARevert(t *testing.T) {
	d := newDrive(t, faulty(emulator.Params{Kind: emulator.NVMe, EraseTakes: time.Minute,
		TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "x", Locked: true}}, emulator.Faults{CutErase: 0.5}))
	d.Prefill()
	p := openTPer(t, d, tcg.OverNVMe(d.Admin()))
	if err := p.RevertTPer(ctx, tcg.AuthorityPSID, tcg.PIN(d.PSID())); !errors.Is(err, devices.ErrGone) {
		t.Errorf("%v", err)
	}
	d.PowerOn()
	if f, _, err := tcg.Discover(ctx, tcg.OverNVMe(d.Admin())); err != nil || f.Locking.Locked != support.Yes {
		t.Errorf("%+v, %v", f.Locking, err)
	}
}

func FuzzTPer(f *testing.F) {
	good := tcg.Packet{ComID: 0x07FE, Payload: []byte("\xF8\xA8\x00\x00\x00\x00\x00\x00\x00\xFF\xA8\x00\x00\x00\x00\x00\x00\xFF\x01\xF0\xF1\xF9\xF0\x00\x00\x00\xF1")}
	f.Add(byte(1), uint16(0x07FE), good.Encode(), true)
	f.Add(byte(1), uint16(1), make([]byte, 512), false)
	f.Add(byte(2), uint16(0x07FE), []byte{7, 0xFE, 0, 0, 0, 0, 0, 2}, true)
	f.Fuzz(func(t *testing.T, protocol byte, comID uint16, data []byte, send bool) {
		d := newDrive(t, emulator.Params{Kind: emulator.NVMe, Sectors: 64, TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2}})
		road := tcg.OverNVMe(d.Admin())
		var status *nvme.StatusError
		if err := road.Exec(t.Context(), tcg.Command{Send: send, Protocol: protocol, ComID: comID, Data: data}); err != nil && !errors.As(err, &status) {
			t.Fatal(err)
		}
		answer := make([]byte, 2048)
		if err := road.Exec(t.Context(), tcg.Command{Protocol: 1, ComID: 0x07FE, Data: answer}); err != nil {
			t.Fatal(err)
		}
		if _, err := tcg.ParsePacket(answer); err != nil {
			t.Fatal(err)
		}
	})
}
