package ata

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/massho/massho/devices/recordings"
	"github.com/massho/massho/devices/scsi"
)

// Each recorded sense buffer gives what its header says.
func TestRecordedSense(t *testing.T) {
	n := 0
	for _, f := range recordings.Files(t, "sense") {
		if strings.Contains(f.Name, ".note.") {
			continue // prose without bytes
		}
		n++
		t.Run(f.Name, func(t *testing.T) {
			raw := f.Field("sense")
			s, err := scsi.ParseSense(raw)
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("response=%02x valid=%d key=%x asc/ascq=%02x/%02x taskfile: %s",
				s.ResponseCode, raw[0]>>7, byte(s.Key), s.ASC, s.ASCQ, taskfile(t, raw))
			want := f.Expected()
			for _, note := range []string{" (shifted by 5 bytes: old libata)", " usable: bytes 9-10 are aa 55 junk"} {
				want = strings.Replace(want, note, "", 1)
			}
			// The shifted layout's header lists fewer fields.
			if got != want && !(want != f.Expected() && strings.HasPrefix(got, want+" lba=")) {
				t.Errorf("\n got %s\nwant %s", got, want)
			}
		})
	}
	if n == 0 {
		t.Fatal("no sense recordings")
	}
}

// taskfile prints what SATResult makes of the sense, as the headers do.
func taskfile(t *testing.T, raw []byte) string {
	res, err := SATResult(Command{Command: 0xE5}, scsi.Command{}, scsi.Result{Status: scsi.StatusCheckCondition, Sense: raw})
	var ce *CommandError
	regs := res.Registers
	switch {
	case errors.As(err, &ce):
		regs = &ce.Registers
	case err != nil:
		if !NoPassThrough(err) {
			t.Errorf("%v", err)
		}
		return "none"
	}
	ext, nonzero := 0, map[High]int{HighNonZero: 1}
	if regs.CountHigh != HighUnknown {
		ext = 1
	}
	return fmt.Sprintf("err=%02x status=%02x device=%02x count=%02x lba=%06x ext=%d count-upper-nonzero=%d lba-upper-nonzero=%d",
		regs.Error, regs.Status, regs.Device, regs.Count, regs.LBA, ext, nonzero[regs.CountHigh], nonzero[regs.LBAHigh])
}

// Page 89h carries IDENTIFY data, perhaps stale and with a bad checksum.
func TestRecordedVPD89(t *testing.T) {
	for _, f := range recordings.Files(t, "vpd89") {
		a, err := scsi.ParseVPD89(f.Bytes(t))
		if err != nil {
			t.Fatal(f.Name, err)
		}
		id, err := ParseIdentify(a.Identify)
		if err != nil {
			t.Fatal(f.Name, err)
		}
		sum := map[Checksum]string{ChecksumOK: "ok", ChecksumBad: "BAD"}[id.Checksum]
		got := fmt.Sprintf("length=%d page=89 sat_vendor='%s' sat_product='%s' sat_rev='%s' signature=% x command=%02x model='%s' checksum=%s",
			len(f.Bytes(t)), a.Vendor, a.Product, a.Revision, a.Signature, a.Command, id.Model, sum)
		if want := f.Header["decoded"][0]; got != want {
			t.Errorf("%s\n got %s\nwant %s", f.Name, got, want)
		}
	}
}
