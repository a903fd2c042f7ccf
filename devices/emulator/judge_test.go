package emulator_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/scsi"
)

// tool is an outside judge: Debian's hdparm and sg3-utils decode what the
// emulator answers.
func tool(t *testing.T, name string) string {
	t.Helper()
	for _, dir := range []string{"", "/usr/sbin/", "/sbin/"} {
		if p, err := exec.LookPath(dir + name); err == nil {
			return p
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed (apt-get install hdparm sg3-utils)", name)
	}
	t.Skipf("%s is not installed (hdparm, sg3-utils)", name)
	return ""
}

func judge(t *testing.T, in, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(tool(t, name), args...)
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestHdparmReadsIDENTIFYAsWeMeantIt(t *testing.T) {
	tests := []struct {
		name    string
		p       emulator.Params
		do      func(d *emulator.Drive)
		want    []string
		without []string
	}{
		{"disk", emulator.Params{Kind: emulator.HDD, Model: "EMU DISK", Serial: "SN 1", Firmware: "F1", PhysicalSector: 4096, WWN: 0x5002E30512345678}, nil,
			[]string{"Model Number: EMU DISK", "Serial Number: SN 1", "Firmware Revision: F1", "Logical Sector size: 512 bytes", "Physical Sector size: 4096 bytes",
				"LBA48 user addressable sectors: 8192", "Nominal Media Rotation Rate: 7200", "Host Protected Area feature set", "Device Configuration Overlay feature set",
				"SANITIZE feature set", "OVERWRITE_EXT command", "60min for SECURITY ERASE UNIT. 60min for ENHANCED", "supported: enhanced erase",
				"not enabled not locked not frozen not expired", "Logical Unit WWN Device Identifier: 5002e30512345678", "Checksum: correct"},
			[]string{"BLOCK_ERASE_EXT", "CRYPTO_SCRAMBLE_EXT"}},
		{"ssd", emulator.Params{Kind: emulator.SSD, LogicalSector: 4096, Sectors: 1024}, nil,
			[]string{"Logical Sector size: 4096 bytes", "LBA48 user addressable sectors: 1024", "Solid State Device", "Data Set Management TRIM supported", "Deterministic read ZEROs after TRIM",
				"BLOCK_ERASE_EXT command", "CRYPTO_SCRAMBLE_EXT command", "Checksum: correct"}, []string{"OVERWRITE_EXT"}},
		{"frozen", emulator.Params{Kind: emulator.SSD, Faults: emulator.Faults{Frozen: true}}, nil,
			[]string{"not enabled not locked frozen"}, nil},
		{"locked", emulator.Params{Kind: emulator.SSD, UserPassword: "x", MaxSecurity: true}, nil,
			[]string{"supported enabled locked not frozen", "Security level maximum"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, raw, err := ata.IdentifyDevice(ctx, newDrive(t, tt.p).ATA())
			if err != nil {
				t.Fatal(err)
			}
			var in bytes.Buffer
			for i := range 256 {
				fmt.Fprintf(&in, "%04x ", binary.LittleEndian.Uint16(raw[2*i:]))
			}
			out := judge(t, in.String(), "hdparm", "--Istdin")
			for _, w := range tt.want {
				if !strings.Contains(strings.ReplaceAll(out, "* ", ""), w) {
					t.Errorf("hdparm does not say %q", w)
				}
			}
			for _, w := range tt.without {
				if strings.Contains(out, w) {
					t.Errorf("hdparm says %q", w)
				}
			}
			if t.Failed() {
				t.Log(out)
			}
		})
	}
}

func TestSg3utilsReadSenseAndPages(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SSD, Serial: "SG1", WWN: 0x5002E30512345678})
	get := func(cdb []byte, n int) string {
		c := scsi.Command{CDB: cdb, Dir: scsi.In, Data: make([]byte, n)}
		r, err := d.SCSI().Exec(ctx, c)
		if err != nil || r.Status != 0 {
			t.Fatalf("% X: %+v, %v", cdb, r, err)
		}
		return spaced(c.Data[:n-r.Resid])
	}
	vpd := func(page byte) []byte { return []byte{0x12, 1, page, 2, 0x40, 0} }
	tests := []struct {
		name string
		in   string
		tool string
		args []string
		want []string
	}{
		{"INQUIRY", get([]byte{0x12, 0, 0, 0, 96, 0}, 96), "sg_inq", []string{"--inhex=-"}, []string{"Vendor identification: ATA", "Product identification: EMU SATA SSD"}},
		{"VPD 80h", get(vpd(0x80), 576), "sg_vpd", []string{"--inhex=-"}, []string{"Unit serial number: SG1"}},
		{"VPD 83h", get(vpd(0x83), 576), "sg_vpd", []string{"--inhex=-"}, []string{"0x5002e30512345678", "vendor id: ATA"}},
		{"VPD 89h", get(vpd(0x89), 576), "sg_vpd", []string{"--inhex=-"}, []string{"SAT Vendor identification: massho", "Command code: 0xec"}},
		{"VPD B1h", get(vpd(0xB1), 576), "sg_vpd", []string{"--inhex=-"}, []string{"Non-rotating medium"}},
		{"VPD B2h", get(vpd(0xB2), 576), "sg_vpd", []string{"--inhex=-"}, []string{"Unmap command supported (LBPU): 1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out := judge(t, tt.in, tt.tool, tt.args...)
			for _, w := range tt.want {
				if !strings.Contains(out, w) {
					t.Errorf("%s does not say %q:\n%s", tt.tool, w, out)
				}
			}
		})
	}
	for layout, want := range map[emulator.Layout][]string{
		emulator.LayoutDescriptor: {"ATA Status Return", "status=0x50", "count=0x8000"},
		emulator.LayoutAppended:   {"ATA pass through information available"},
	} {
		d := newDrive(t, emulator.Params{Kind: emulator.SSD, Road: emulator.Road{Layout: layout}})
		cdb, err := ata.SATCDB16(ata.SanitizeStatusCommand(false))
		if err != nil {
			t.Fatal(err)
		}
		r, err := d.SCSI().Exec(ctx, scsi.Command{CDB: cdb})
		if err != nil || r.Status != scsi.StatusCheckCondition {
			t.Fatalf("%+v, %v", r, err)
		}
		out := judge(t, spaced(r.Sense), "sg_decode_sense", "--file=-")
		for _, w := range want {
			if !strings.Contains(out, w) {
				t.Errorf("layout %d: sg_decode_sense does not say %q:\n%s", layout, w, out)
			}
		}
	}
}

func spaced(b []byte) string {
	h := hex.EncodeToString(b)
	var out []string
	for i := 0; i < len(h); i += 2 {
		out = append(out, h[i:i+2])
	}
	return strings.Join(out, " ")
}
