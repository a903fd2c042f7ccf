package emulator_test

import (
	"errors"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/scsi"
)

type card interface{ MMC() mmc.Transport }

func TestEMMCNeedsEraseAndSanitize(t *testing.T) {
	eraseAll := func(t *testing.T, c card, n uint32) {
		cmds, err := mmc.EraseCommands(mmc.KindMMC, 0, n-1, mmc.EraseGroups, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for _, cmd := range cmds {
			if err := mmc.Run(ctx, c.MMC(), cmd); err != nil {
				t.Fatal(err)
			}
		}
	}
	clean := func(t *testing.T, c card) {
		if err := mmc.Run(ctx, c.MMC(), mmc.SanitizeCommand(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	const n = 8192
	tests := []struct {
		name string
		do   func(*testing.T, card)
		want map[emulator.AreaKind]bool
	}{
		{"erase alone", func(t *testing.T, c card) { eraseAll(t, c, n) }, map[emulator.AreaKind]bool{emulator.AreaSpare: true, emulator.AreaBoot: true}},
		{"sanitize alone", clean, map[emulator.AreaKind]bool{emulator.AreaUser: true, emulator.AreaBoot: true}},
		{"erase, then sanitize", func(t *testing.T, c card) { eraseAll(t, c, n); clean(t, c) }, map[emulator.AreaKind]bool{emulator.AreaBoot: true}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, emulator.Params{Kind: emulator.EMMC, Sectors: n, BootSectors: 256})
			d.Prefill()
			conn := open(t, d)
			f, err := conn.Look(ctx)
			if err != nil || !f.Caps.MMC.Sanitize.IsYes() || f.Identity.Sectors != n || f.Identity.Serial != d.Params().Serial {
				t.Fatalf("%+v, %v", f, err)
			}
			tt.do(t, conn.(card))
			got, cells := map[emulator.AreaKind]bool{}, uint64(0)
			for _, r := range d.Remnants() {
				got[r.Area.Kind] = true
				if r.Area.Kind == emulator.AreaSpare {
					cells += r.Bytes
				}
			}
			if tt.name == "erase alone" && cells < n*512 {
				t.Errorf("the cells keep %d bytes: an erase only unmaps", cells)
			}
			for _, k := range []emulator.AreaKind{emulator.AreaUser, emulator.AreaSpare, emulator.AreaBoot} {
				if got[k] != tt.want[k] {
					t.Errorf("remnants in %s: %v, want %v", k, got[k], tt.want[k])
				}
			}
		})
	}
}

func TestSDLook(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SD, Seed: 5})
	f, err := open(t, d).Look(ctx)
	if err != nil || f.Identity.Serial != "e0000005" || f.Identity.Sectors != 8192 || !f.Caps.MMC.Sanitize.IsNo() || len(f.Notes) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestSCSIErases(t *testing.T) {
	poll := func(t *testing.T, d *emulator.Drive) {
		seen := false
		for range 100 {
			b, _, err := scsi.PollBackground(ctx, d.SCSI())
			if err != nil {
				t.Fatal(err)
			}
			if b.Idle() {
				if !seen {
					t.Error("never seen in progress")
				}
				return
			}
			if !b.HasProgress {
				t.Error("no progress indication")
			}
			seen = true
		}
		t.Fatal("it never ends")
	}
	over := &scsi.OverwritePattern{Passes: 2, Invert: true, Pattern: []byte{0x5A}}
	tests := []struct {
		name  string
		p     emulator.Params
		do    func(*testing.T, *emulator.Drive)
		spare bool // remnants that no address reaches
	}{
		{"SANITIZE OVERWRITE", emulator.Params{Kind: emulator.SAS, Reallocated: []uint64{9}}, func(t *testing.T, d *emulator.Drive) {
			if err := (scsi.Sanitize{Action: scsi.SanitizeOverwrite, Immediate: true, Overwrite: over}).Run(ctx, d.SCSI()); err != nil {
				t.Fatal(err)
			}
			poll(t, d)
			buf := make([]byte, 4096)
			if _, err := open(t, d).ReadAt(buf, 0); err != nil || buf[0] != 0xA5 {
				t.Errorf("reads %02X, %v", buf[0], err)
			}
		}, false},
		{"SANITIZE BLOCK ERASE, not immediate", emulator.Params{Kind: emulator.SASSSD}, func(t *testing.T, d *emulator.Drive) {
			if err := (scsi.Sanitize{Action: scsi.SanitizeBlockErase}).Run(ctx, d.SCSI()); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"SANITIZE CRYPTOGRAPHIC ERASE over a power cut", emulator.Params{Kind: emulator.SASSSD, EraseTakes: time.Minute}, func(t *testing.T, d *emulator.Drive) {
			if err := (scsi.Sanitize{Action: scsi.SanitizeCrypto, Immediate: true}).Run(ctx, d.SCSI()); err != nil {
				t.Fatal(err)
			}
			d.PowerCycle()
			poll(t, d)
		}, false},
		{"FORMAT UNIT", emulator.Params{Kind: emulator.SAS, Reallocated: []uint64{9}}, func(t *testing.T, d *emulator.Drive) {
			if err := (scsi.Format{Immediate: true}).Run(ctx, d.SCSI()); err != nil {
				t.Fatal(err)
			}
			poll(t, d)
		}, true},
		{"FORMAT UNIT from 520 to 512 bytes", emulator.Params{Kind: emulator.SAS, LogicalSector: 520, Reallocated: []uint64{9}}, func(t *testing.T, d *emulator.Drive) {
			if err := scsi.SetBlockLength(ctx, d.SCSI(), 512); err != nil {
				t.Fatal(err)
			}
			if err := (scsi.Format{}).Run(ctx, d.SCSI()); err != nil {
				t.Fatal(err)
			}
			c, err := scsi.ReadCapacity16(ctx, d.SCSI())
			if err != nil || c.BlockLength != 512 || c.Blocks != 8192*520/512 {
				t.Errorf("%+v, %v", c, err)
			}
			overwrite(t, open(t, d), 3)
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, tt.p)
			d.Prefill()
			tt.do(t, d)
			spare := false
			for _, r := range d.Remnants() {
				if r.HostReachable {
					t.Errorf("%+v is left", r)
				}
				spare = true
			}
			if spare != tt.spare {
				t.Errorf("remnants out of reach: %v, want %v", spare, tt.spare)
			}
		})
	}
}

func TestSCSIStates(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SAS, Faults: emulator.Faults{EraseFails: true}})
	over := scsi.Sanitize{Action: scsi.SanitizeOverwrite, Overwrite: &scsi.OverwritePattern{Passes: 1, Pattern: []byte{0}}}
	if err := over.Run(ctx, d.SCSI()); err == nil {
		t.Error("a sanitize that fails reports success")
	}
	b, _, err := scsi.PollBackground(ctx, d.SCSI())
	if err != nil || !b.SanitizeFailed.IsYes() {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := d.SCSI().Exec(ctx, scsi.Command{CDB: []byte{0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0}, Dir: scsi.In, Data: make([]byte, 512)}); err != nil {
		t.Fatal(err)
	}
	if err := (scsi.Sanitize{Action: scsi.SanitizeExitFailure}).Run(ctx, d.SCSI()); err == nil {
		t.Error("restricted completion is left by EXIT FAILURE MODE")
	}
	d.Fault(emulator.Faults{})
	if err := over.Run(ctx, d.SCSI()); err != nil {
		t.Errorf("the second one: %v", err)
	}
}

func TestAFormatThatWasCutLeavesTheMediumUnusable(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SAS, EraseTakes: time.Minute})
	if err := (scsi.Format{Immediate: true}).Run(ctx, d.SCSI()); err != nil {
		t.Fatal(err)
	}
	d.PowerCycle()
	b, _, err := scsi.PollBackground(ctx, d.SCSI())
	if err != nil || !b.FormatFailed.IsYes() {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := open(t, d).ReadAt(make([]byte, 512), 0); !errors.Is(err, emulator.ErrAbort) {
		t.Errorf("a read: %v", err)
	}
	if err := (scsi.Format{}).Run(ctx, d.SCSI()); err != nil {
		t.Errorf("the second one: %v", err)
	}
}

func TestSASLook(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SAS, Serial: "SAS1", Reallocated: []uint64{1, 100, 200}})
	d.Prefill()
	f, err := open(t, d).Look(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if f.Identity.Serial != "SAS1" || f.Identity.WWN == "" || f.Caps.RotationRPM != 10000 {
		t.Errorf("%+v", f.Identity)
	}
	if c := f.Caps.SCSI; !c.SanitizeOverwrite.IsYes() || !c.SanitizeBlock.IsNo() || !c.FormatUnit.IsYes() {
		t.Errorf("%+v", c)
	}
	if f.Health.GrownDefects == nil || *f.Health.GrownDefects != 3 {
		t.Errorf("%+v", f.Health)
	}
	if len(f.Notes) != 1 { // log page 11h: a disk has no endurance
		t.Errorf("notes %q", f.Notes)
	}
}

func TestUSBFlashLook(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.USBFlash, Serial: "USB1"})
	f, err := open(t, d).Look(ctx)
	if err != nil || f.Identity.Serial != "USB1" || f.Identity.Sectors != 8192 || f.Caps.Rotational.IsYes() {
		t.Errorf("%+v, %v", f, err)
	}
}
