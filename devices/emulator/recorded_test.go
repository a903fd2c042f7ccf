package emulator_test

import (
	"bytes"
	"testing"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/recordings"
)

// TestRecordingsAsDrives makes an emulated drive of every recording and looks
// at it over the wire: it must show what the recording shows.
func TestRecordingsAsDrives(t *testing.T) {
	made := 0
	for _, f := range recordings.Files(t, "ata") {
		t.Run(f.Name, func(t *testing.T) {
			raw := f.Words(t)
			id, err := ata.ParseIdentify(raw)
			if err != nil {
				t.Skip("not a drive: ", err) // counted below
			}
			p, err := emulator.FromIdentify(raw)
			if err != nil {
				t.Skip(err)
			}
			d, err := emulator.New(p)
			if err != nil {
				t.Fatal(err)
			}
			made++
			facts, err := open(t, d).Look(ctx)
			if err != nil {
				t.Fatal(err)
			}
			want := devices.FromATA(devices.ATAAnswers{Identify: id})
			if got := facts.Identity.Raw; len(got) == 0 || !bytes.Equal(got[0].Bytes, raw) {
				t.Error("IDENTIFY DEVICE is not the recording, word for word")
			}
			if facts.Caps != want.Caps {
				t.Errorf("%+v\nwant %+v", facts.Caps, want.Caps)
			}
			if facts.Hidden.HPA == devices.HiddenPresent || facts.Hidden.DCO == devices.HiddenPresent {
				t.Errorf("%+v", facts.Hidden)
			}
			if id.Security.Supported.IsYes() && id.Security.Enabled.IsNo() && id.Security.Frozen.IsNo() {
				if err := ata.SecuritySetPassword(ctx, d.ATA(), own); err != nil {
					t.Fatal(err)
				}
				after, _, err := ata.IdentifyDevice(ctx, d.ATA())
				if err != nil || !after.Security.Enabled.IsYes() || after.Checksum != ata.ChecksumOK || after.Model != id.Model {
					t.Errorf("after SET PASSWORD: %+v, %v", after, err)
				}
			}
		})
	}
	if made < 50 {
		t.Errorf("only %d recordings became drives", made)
	}
}
