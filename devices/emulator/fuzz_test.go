package emulator_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/mmc"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// FuzzCDB sends any CDB with any data to every kind of SCSI face: it must
// answer, within the buffer it was given, and never with a broken sense.
func FuzzCDB(f *testing.F) {
	for _, s := range []string{
		"12000000ff00", "1201890240 00", "25000000000000000000", "9e10000000000000000000000020 0000",
		"28000000000000000100", "88000000000000000000000000010000", "850820000000000000000000000040ec00",
		"850920000000120000004542 6b72 0000 40b400", "a1080e0000000000 00ec0000", "4802000000000000 0000", "a30c0148000000000040 0000",
		"04100000 0000", "5500000000000000 1000", "42000000000000001800", "0300000012 00", "37000d00000000000 0400",
	} {
		b, _ := hex.DecodeString(removeSpaces(s))
		f.Add(b, []byte("\x00\x16\x00\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\x00\x00\x00\x08\x00\x00\x00\x00"), true)
		f.Add(b, make([]byte, 512), false)
	}
	kinds := []emulator.Kind{emulator.HDD, emulator.SSD, emulator.SAS, emulator.SASSSD, emulator.USBFlash}
	f.Fuzz(func(t *testing.T, cdb, data []byte, out bool) {
		for i, k := range kinds {
			d := newDrive(t, emulator.Params{Kind: k, Sectors: 64, Road: emulator.Road{Layout: emulator.Layout(i % 4)}})
			c := scsi.Command{CDB: cdb, Data: append([]byte(nil), data...), Dir: scsi.In}
			if out {
				c.Dir = scsi.Out
			}
			for range 2 { // the second meets what the first left
				r, err := d.SCSI().Exec(t.Context(), c)
				if err != nil {
					t.Fatalf("%s: % X: %v", k, cdb, err)
				}
				if r.Resid < 0 || r.Resid > len(data) {
					t.Fatalf("%s: % X: residual %d of %d", k, cdb, r.Resid, len(data))
				}
				if r.Status == scsi.StatusCheckCondition {
					if _, err := scsi.ParseSense(r.Sense); err != nil {
						t.Fatalf("%s: % X: sense % X: %v", k, cdb, r.Sense, err)
					}
				}
			}
			_ = d.Remnants()
		}
	})
}

func removeSpaces(s string) string {
	var out []byte
	for i := range len(s) {
		if s[i] != ' ' {
			out = append(out, s[i])
		}
	}
	return string(out)
}

// FuzzAdmin sends any admin command to an NVMe controller.
func FuzzAdmin(f *testing.F) {
	f.Add(byte(0x06), uint32(1), uint32(0), uint32(0), 4096)
	f.Add(byte(0x02), uint32(0xFFFFFFFF), uint32(0x7F0081), uint32(0), 512)
	f.Add(byte(0x80), uint32(1), uint32(1<<9), uint32(0), 0)
	f.Add(byte(0x84), uint32(0), uint32(2), uint32(0), 0)
	f.Fuzz(func(t *testing.T, op byte, nsid, dw10, dw11 uint32, n int) {
		d := newDrive(t, emulator.Params{Kind: emulator.NVMe, Sectors: 64,
			Namespaces: []emulator.Namespace{{Sectors: 64}, {Sectors: 64, Detached: true}}})
		for range 2 {
			_, err := d.Admin().Admin(t.Context(), nvme.AdminCommand{
				Opcode: op, NSID: nsid, CDW10: dw10, CDW11: dw11, Data: make([]byte, max(0, n%8192))})
			var se *nvme.StatusError
			if err != nil && !errors.As(err, &se) {
				t.Fatal(err)
			}
		}
		_ = d.Remnants()
	})
}

// FuzzMMC sends any command to an e.MMC.
func FuzzMMC(f *testing.F) {
	f.Add(uint32(6), uint32(3<<24|165<<16|1<<8), uint32(38), uint32(0))
	f.Add(uint32(35), uint32(0), uint32(36), uint32(9))
	f.Fuzz(func(t *testing.T, i, arg, i2, arg2 uint32) {
		d := newDrive(t, emulator.Params{Kind: emulator.EMMC, Sectors: 64, BootSectors: 256})
		bus := open(t, d).(card).MMC()
		for _, c := range []mmc.Command{{Index: i, Arg: arg, Data: make([]byte, 512)}, {Index: i2, Arg: arg2}, {Index: 38}} {
			if _, err := bus.Exec(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		_ = d.Remnants()
	})
}
