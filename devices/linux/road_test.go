//go:build linux

package linux

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
)

// wire is a drive behind SG_IO, made of the answers that a test gives it.
type wire struct {
	identify []byte // IDENTIFY DEVICE; nil: no ATA PASS-THROUGH is known
	only12   bool   // the bridge knows A1h and not 85h
	hang     bool   // ATA PASS-THROUGH times out
	vendor   string
	product  string
	serial80 string
	sectors  uint32 // of the SCSI face
	size     uint64 // BLKGETSIZE64
	logical  int32  // BLKSSZGET
	opcodes  []byte // as asked
}

func (w *wire) ioctl(_, req uintptr, arg unsafe.Pointer) (uintptr, syscall.Errno) {
	switch req {
	case unix.BLKSSZGET:
		*(*int32)(arg) = w.logical
	case unix.BLKPBSZGET:
		*(*uint32)(arg) = uint32(w.logical)
	case unix.BLKGETSIZE64:
		*(*uint64)(arg) = w.size
	case sgIO:
		w.scsi((*sgIOHdr)(arg))
	default:
		return 0, syscall.ENOTTY
	}
	return 0, 0
}

func (w *wire) scsi(h *sgIOHdr) {
	cdb := unsafe.Slice((*byte)(h.cmdp), h.cmdLen)
	var data []byte
	if h.dxferLen > 0 {
		data = unsafe.Slice((*byte)(h.dxferp), h.dxferLen)
	}
	w.opcodes = append(w.opcodes, cdb[0])
	answer := func(b []byte) { h.resid = int32(len(data) - copy(data, b)) }
	unknown := func() {
		sense := []byte{0x70, 0, 5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0}
		h.status, h.driverStatus, h.resid = 2, 8, int32(len(data))
		h.sbLenWr = uint8(copy(unsafe.Slice((*byte)(h.sbp), h.mxSbLen), sense))
	}
	switch {
	case cdb[0] == 0x12 && cdb[1] == 0:
		b := make([]byte, 36)
		b[2], b[4] = 6, 31
		copy(b[8:36], strings.Repeat(" ", 28))
		copy(b[8:], w.vendor)
		copy(b[16:], w.product)
		answer(b)
	case cdb[0] == 0x12 && cdb[2] == 0x80 && w.serial80 != "":
		answer(append([]byte{0, 0x80, 0, byte(len(w.serial80))}, w.serial80...))
	case cdb[0] == 0x25:
		b := make([]byte, 8)
		binary.BigEndian.PutUint32(b, w.sectors-1)
		binary.BigEndian.PutUint32(b[4:], 512)
		answer(b)
	case (cdb[0] == 0x85 || cdb[0] == 0xA1) && w.hang:
		h.hostStatus = 3
	case cdb[0] == 0x85 && w.identify != nil && !w.only12 && cdb[14] == 0xEC,
		cdb[0] == 0xA1 && w.identify != nil && cdb[9] == 0xEC:
		answer(w.identify)
	default:
		unknown()
	}
}

// identifyData is IDENTIFY DEVICE by ACS-4 with names, capacity and checksum.
func identifyData(model, serial string, sectors uint64, rate uint16) []byte {
	w := make([]uint16, 256)
	text := func(at, n int, s string) {
		s += strings.Repeat(" ", 2*n-len(s))
		for i := range n {
			w[at+i] = uint16(s[2*i])<<8 | uint16(s[2*i+1])
		}
	}
	w[0] = 0x0040
	text(10, 10, serial)
	text(27, 20, model)
	w[53], w[80], w[83], w[86], w[87] = 6, 0x03F0, 0x4400, 0x0400, 0x4000
	w[60] = 0xFFFF
	for i := range 4 {
		w[100+i] = uint16(sectors >> (16 * i))
	}
	w[106], w[217] = 0x4000, rate
	b := make([]byte, 512)
	var sum byte
	w[255] = 0xA5
	for i, v := range w {
		binary.LittleEndian.PutUint16(b[2*i:], v)
	}
	for _, c := range b {
		sum += c
	}
	b[511] = -sum
	return b
}

const usbTree = `-- sys/devices/usb1/1-1/serial --
4C530001230612109183
-- sys/devices/usb1/1-1/1-1:1.0/driver -> ../../../../bus/usb/drivers/DRIVER --
-- sys/devices/usb1/1-1/1-1:1.0/host5/target5:0:0/5:0:0:0/type --
0
-- sys/devices/usb1/1-1/1-1:1.0/host5/target5:0:0/5:0:0:0/block/sdb/removable --
REMOVABLE
-- sys/devices/usb1/1-1/1-1:1.0/host5/target5:0:0/5:0:0:0/block/sdb/device -> ../../../5:0:0:0 --
`

func usbRoad(t *testing.T, w *wire, driver, removable string) (*road, devices.Device) {
	t.Helper()
	tr := unpack(t, []byte(strings.NewReplacer("DRIVER", driver, "REMOVABLE", removable).Replace(usbTree)))
	n := node(tr.sys + "/devices/usb1/1-1/1-1:1.0/host5/target5:0:0/5:0:0:0/block/sdb")
	k := classify(n)
	d := devices.Device{Name: "sdb", Transport: k.transport, Class: k.class, Removable: removable == "1"}
	return newRoad(n, k, fakeHandle(t, w.ioctl)), d
}

func TestUSB(t *testing.T) {
	const mib = 1 << 20
	disk := identifyData("WDC WD10JPVX", "WD-WX11A1234567", 2048*100, 5400)
	for name, c := range map[string]struct {
		wire      wire
		driver    string
		removable string
		model     string
		serial    string
		class     devices.Class
		problem   string
		ata       bool
		hidden    devices.HiddenState
	}{
		"bridge that lets ATA through": {
			wire{identify: disk, vendor: "ASMT", product: "2115", size: 100 * mib}, "uas", "0",
			"WDC WD10JPVX", "WD-WX11A1234567", devices.ClassDisk, "", true, devices.HiddenAbsent},
		"bridge that knows only the 12-byte form": {
			wire{identify: disk, only12: true, vendor: "JMicron", product: "Tech", size: 100 * mib}, "usb-storage", "0",
			"WDC WD10JPVX", "WD-WX11A1234567", devices.ClassDisk, "", true, devices.HiddenAbsent},
		"bridge that keeps sectors for itself": {
			wire{identify: disk, vendor: "WD", product: "My Passport", size: 99 * mib}, "usb-storage", "0",
			"WDC WD10JPVX", "WD-WX11A1234567", devices.ClassDisk, "", true, devices.HiddenPresent},
		"bridge that answers for a drive it hides": {
			wire{vendor: "ASMT", product: "2115", serial80: "00000000000000000001", sectors: 2048 * 100, size: 100 * mib}, "uas", "0",
			"ASMT 2115", "00000000000000000001", devices.ClassDisk, devices.ProblemBridge, false, devices.HiddenUnknown},
		"stick": {
			wire{vendor: "SanDisk", product: "Cruzer Blade", sectors: 2048 * 100, size: 100 * mib}, "usb-storage", "1",
			"SanDisk Cruzer Blade", "4C530001230612109183", devices.ClassUSBFlash, "", false, devices.HiddenUnknown},
		"stick that hangs on ATA": {
			wire{hang: true, vendor: "SanDisk", product: "Cruzer Blade", sectors: 2048 * 100, size: 100 * mib}, "usb-storage", "1",
			"SanDisk Cruzer Blade", "4C530001230612109183", devices.ClassUSBFlash, "", false, devices.HiddenUnknown},
		"card reader": {
			wire{vendor: "Generic-", product: "SD/MMC", sectors: 2048 * 100, size: 100 * mib}, "usb-storage", "1",
			"Generic- SD/MMC", "", devices.ClassUSBFlash, devices.ProblemCardReader, false, devices.HiddenUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := c.wire
			w.logical = 512
			r, d := usbRoad(t, &w, c.driver, c.removable)
			if w.opcodes != nil {
				t.Error("a drive was asked before anybody looked")
			}
			f, err := r.look(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			d = merge(d, f)
			if d.Identity.Model != c.model || d.Identity.Serial != c.serial || d.Class != c.class || d.IdentityProblem != c.problem {
				t.Errorf("%q %q %s %q", d.Identity.Model, d.Identity.Serial, d.Class, d.IdentityProblem)
			}
			if d.Caps.ATA.Present.IsYes() != c.ata || d.Hidden.HPA != c.hidden || d.Identity.CapacityBytes() != w.size {
				t.Errorf("ATA %v HPA %v capacity %d", d.Caps.ATA.Present, d.Hidden.HPA, d.Identity.CapacityBytes())
			}
			id, err := r.identity(context.Background())
			if same, field := d.Identity.Same(id); err != nil || !same {
				t.Errorf("identity again: %v %s", err, field)
			}
		})
	}
}

// usb-storage bridges are spared what the kernel spares them too.
func TestUSBStickIsAskedLittle(t *testing.T) {
	w := wire{vendor: "SanDisk", product: "Cruzer Blade", sectors: 1000, size: 512000, logical: 512}
	r, _ := usbRoad(t, &w, "usb-storage", "1")
	if _, err := r.look(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := string(w.opcodes); got != "\x85\x12\x25" {
		t.Errorf("asked % X, want 85 12 25", w.opcodes)
	}
}

// A bridge that once let IDENTIFY through is never again taken for a medium of
// its own: that would be another identity.
func TestUSBNoFallbackAfterATA(t *testing.T) {
	w := wire{identify: identifyData("WDC WD10JPVX", "WD-WX11A1234567", 2048, 5400), vendor: "ASMT", product: "2115",
		sectors: 2048, size: 1 << 20, logical: 512}
	r, _ := usbRoad(t, &w, "uas", "0")
	if _, err := r.look(context.Background()); err != nil {
		t.Fatal(err)
	}
	w.hang = true
	id, err := r.identity(context.Background())
	var se *SGError
	if !errors.As(err, &se) || !se.Timeout() || id.Serial != "" {
		t.Errorf("%+v, %v", id, err)
	}
}

const sasTree = `-- sys/devices/pci0000:00/0000:00:01.0/host9/port-9:0/end_device-9:0/target9:0:0/9:0:0:0/vendor --
VENDOR
-- sys/devices/pci0000:00/0000:00:01.0/host9/port-9:0/end_device-9:0/target9:0:0/9:0:0:0/type --
0
-- sys/devices/pci0000:00/0000:00:01.0/host9/port-9:0/end_device-9:0/target9:0:0/9:0:0:0/block/sdc/removable --
0
-- sys/devices/pci0000:00/0000:00:01.0/host9/port-9:0/end_device-9:0/target9:0:0/9:0:0:0/block/sdc/device -> ../../../9:0:0:0 --
`

// A SATA drive behind a SAS adapter is asked as an ATA drive, a SAS drive is
// never sent ATA PASS-THROUGH.
func TestSAS(t *testing.T) {
	for name, c := range map[string]struct {
		vendor string
		ata    support.State
		serial string
		first  byte
	}{
		"SATA": {"ATA", support.Yes, "WD-1234", 0x85},
		"SAS":  {"SEAGATE", support.Unknown, "S0M1ABCD", 0x12},
	} {
		t.Run(name, func(t *testing.T) {
			tr := unpack(t, []byte(strings.ReplaceAll(sasTree, "VENDOR", c.vendor)))
			n := node(tr.sys + "/devices/pci0000:00/0000:00:01.0/host9/port-9:0/end_device-9:0/target9:0:0/9:0:0:0/block/sdc")
			w := wire{identify: identifyData("WDC", "WD-1234", 2048, 7200), vendor: c.vendor, product: "ST600MM0006",
				serial80: "S0M1ABCD", sectors: 2048, size: 1 << 20, logical: 512}
			f, err := newRoad(n, classify(n), fakeHandle(t, w.ioctl)).look(context.Background())
			if err != nil || f.Caps.ATA.Present != c.ata || f.Identity.Serial != c.serial || w.opcodes[0] != c.first {
				t.Errorf("%v %+v % X", err, f.Identity, w.opcodes)
			}
		})
	}
}
