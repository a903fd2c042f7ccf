package devices

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
)

// scsiDrive answers CDBs by opcode and page; what is missing is an ILLEGAL
// REQUEST. sense, once, comes before all else.
type scsiDrive struct {
	answers map[string][]byte
	once    map[string]string // sense, hex-free bytes, given one time
	asked   []string
}

func (d *scsiDrive) Exec(_ context.Context, c scsi.Command) (scsi.Result, error) {
	key := cdbKey(c.CDB)
	d.asked = append(d.asked, key)
	sense := "\x70\x00\x05\x00\x00\x00\x00\x0a\x00\x00\x00\x00\x20\x00\x00\x00\x00\x00"
	if s, ok := d.once[key]; ok {
		delete(d.once, key)
		return scsi.Result{Status: 2, Sense: []byte(s), Resid: len(c.Data)}, nil
	}
	b, ok := d.answers[key]
	if !ok {
		return scsi.Result{Status: 2, Sense: []byte(sense), Resid: len(c.Data)}, nil
	}
	return scsi.Result{Resid: len(c.Data) - copy(c.Data, b)}, nil
}

func cdbKey(cdb []byte) string {
	switch {
	case cdb[0] == scsi.OpInquiry && cdb[1]&1 == 1:
		return "vpd" + string("0123456789ABCDEF"[cdb[2]>>4]) + string("0123456789ABCDEF"[cdb[2]&15])
	case cdb[0] == scsi.OpInquiry:
		return "inquiry"
	case cdb[0] == scsi.OpServiceActionIn16:
		return "capacity16"
	case cdb[0] == scsi.OpReadCapacity10:
		return "capacity10"
	case cdb[0] == scsi.OpMaintenanceIn && cdb[3] == scsi.OpSanitize:
		return "sanitize" + string('0'+cdb[5])
	case cdb[0] == scsi.OpMaintenanceIn:
		return "format"
	case cdb[0] == scsi.OpLogSense:
		return "log"
	}
	return "other"
}

func inquiryData(typ byte, vendor, product string) []byte {
	b := make([]byte, 36)
	b[0], b[2], b[4] = typ, 6, 31
	copy(b[8:], vendor+strings.Repeat(" ", 28))
	copy(b[16:], product+strings.Repeat(" ", 20))
	copy(b[32:], "0003")
	return b
}

func sasDrive() *scsiDrive {
	capacity := make([]byte, 32)
	binary.BigEndian.PutUint64(capacity, 999)
	binary.BigEndian.PutUint32(capacity[8:], 512)
	capacity[13], capacity[14] = 3, 0x80 // 4096 physical, LBPME
	return &scsiDrive{answers: map[string][]byte{
		"inquiry":    inquiryData(0, "SEAGATE ", "ST600MM0006"),
		"vpd80":      append([]byte{0, 0x80, 0, 8}, "S0M1ABCD"...),
		"vpd83":      {0, 0x83, 0, 12, 1, 3, 0, 8, 0x50, 0, 0xC5, 0, 1, 2, 3, 4},
		"vpdB1":      {0, 0xB1, 0, 60, 0x27, 0x10, 0, 3, 0},
		"capacity16": capacity,
		"sanitize1":  {0, 3, 0, 0}, "sanitize2": {0, 1, 0, 0}, "format": {0, 3, 0, 0},
	}}
}

func TestLookSCSI(t *testing.T) {
	f, err := LookSCSI(context.Background(), sasDrive(), false)
	if err != nil {
		t.Fatal(err)
	}
	id := f.Identity
	if id.Model != "SEAGATE ST600MM0006" || id.Serial != "S0M1ABCD" || id.WWN != "naa.5000c50001020304" || id.Firmware != "0003" ||
		id.Sectors != 1000 || id.LogicalSector != 512 || id.PhysicalSector != 4096 {
		t.Errorf("%+v", id)
	}
	c := f.Caps
	if c.Rotational != support.Yes || c.RotationRPM != 10000 || c.Trim != support.Yes || c.SCSI.SanitizeOverwrite != support.Yes ||
		c.SCSI.SanitizeBlock != support.No || c.SCSI.SanitizeCrypto != support.Unknown || c.SCSI.FormatUnit != support.Yes ||
		c.ATA.Present != support.Unknown {
		t.Errorf("%+v", c)
	}
	if f.Hidden.HPA != HiddenUnknown || f.Health.FailPredicted != support.Unknown || len(f.Notes) == 0 {
		t.Errorf("%+v %+v %q", f.Hidden, f.Health, f.Notes)
	}
	if len(id.Raw) != 4 {
		t.Errorf("raw answers: %d", len(id.Raw))
	}
}

func TestLookSCSICareful(t *testing.T) {
	d := &scsiDrive{answers: map[string][]byte{"inquiry": inquiryData(0, "Kanguru", "Stick"), "capacity10": {0, 0, 3, 0xE7, 0, 0, 2, 0}}}
	f, err := LookSCSI(context.Background(), d, true)
	if err != nil || f.Identity.Sectors != 1000 || f.Identity.Serial != "" {
		t.Errorf("%+v, %v", f.Identity, err)
	}
	if !slices.Equal(d.asked, []string{"inquiry", "capacity10"}) {
		t.Errorf("asked %q", d.asked)
	}
}

// A UNIT ATTENTION is reported once; then the identity is there.
func TestSCSIUnitAttention(t *testing.T) {
	const attention = "\x70\x00\x06\x00\x00\x00\x00\x0a\x00\x00\x00\x00\x29\x00\x00\x00\x00\x00"
	for _, at := range []string{"inquiry", "vpd80", "vpd83", "capacity16"} {
		d := sasDrive()
		d.once = map[string]string{at: attention}
		id, err := LookIdentitySCSI(context.Background(), d, false)
		if err != nil || id.Serial != "S0M1ABCD" || id.WWN == "" || id.Sectors != 1000 {
			t.Errorf("%s: %+v, %v", at, id, err)
		}
	}
}

// A name that is lost on the way is an error, never another identity.
func TestSCSILostNameIsAnError(t *testing.T) {
	const hardware = "\x70\x00\x04\x00\x00\x00\x00\x0a\x00\x00\x00\x00\x44\x00\x00\x00\x00\x00"
	for _, at := range []string{"inquiry", "vpd80", "vpd83", "capacity16"} {
		d := sasDrive()
		d.once = map[string]string{at: hardware}
		if id, err := LookIdentitySCSI(context.Background(), d, false); err == nil {
			t.Errorf("%s: %+v without an error", at, id)
		}
	}
}

func TestFromSCSI(t *testing.T) {
	for name, c := range map[string]struct {
		a       SCSIAnswers
		model   string
		wwn     string
		zoned   support.State
		problem string
	}{
		"vendor in the product":  {SCSIAnswers{Inquiry: scsi.InquiryData{Vendor: "QEMU", Product: "QEMU HARDDISK"}}, "QEMU HARDDISK", "", support.Unknown, ""},
		"no vendor":              {SCSIAnswers{Inquiry: scsi.InquiryData{Product: "STICK"}}, "STICK", "", support.Unknown, ""},
		"T10 names are no WWN":   {SCSIAnswers{Names: []scsi.Designator{{Type: scsi.DesignatorT10, CodeSet: 2, Value: []byte("QEMU 1")}}}, "", "", support.Unknown, ""},
		"EUI-64":                 {SCSIAnswers{Names: []scsi.Designator{{Type: scsi.DesignatorEUI64, Value: []byte{1, 2, 3, 4, 5, 6, 7, 8}}}}, "", "eui.0102030405060708", support.Unknown, ""},
		"host managed":           {SCSIAnswers{Inquiry: scsi.InquiryData{Type: scsi.TypeHostManaged}}, "", "", support.Yes, ""},
		"host aware":             {SCSIAnswers{Block: scsi.Characteristics{Zoned: scsi.ZonedHostAware}}, "", "", support.Yes, ""},
		"device managed":         {SCSIAnswers{Block: scsi.Characteristics{Zoned: scsi.ZonedDeviceManaged}}, "", "", support.No, ""},
		"no logical unit there":  {SCSIAnswers{Inquiry: scsi.InquiryData{Qualifier: 1}}, "", "", support.Unknown, ProblemNoAnswer},
		"reserved zoning is not": {SCSIAnswers{Block: scsi.Characteristics{Zoned: scsi.ZonedReserved}}, "", "", support.Unknown, ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := FromSCSI(c.a)
			if f.Identity.Model != c.model || f.Identity.WWN != c.wwn || f.Caps.Zoned != c.zoned || !strings.HasPrefix(f.IdentityProblem, c.problem) ||
				(c.problem == "") != (f.IdentityProblem == "") {
				t.Errorf("%+v %v %q", f.Identity, f.Caps.Zoned, f.IdentityProblem)
			}
		})
	}
}
