//go:build linux

package early

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/fat"
	"golang.org/x/sys/unix"
)

// guest writes a tree of files: a guest as this package sees one.
func guest(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestParseCmdline(t *testing.T) {
	c := ParseCmdline(`BOOT_IMAGE=/massho/vmlinuz console=ttyS0,115200n8 console=tty0 quiet libata.allow_tpm=1 x="a b" usb-storage.quirks=1:2:u massho.bootfs=1A2B-3C4D libata.noacpi=1` + "\n")
	if strings.HasSuffix(c.Raw, "\n") || c.Params["x"] != "a b" || c.Params["massho.bootfs"] != "1A2B-3C4D" {
		t.Errorf("params are %v", c.Params)
	}
	if _, ok := c.Params["quiet"]; !ok || !slices.Equal(c.Consoles, []string{"ttyS0", "tty0"}) {
		t.Errorf("consoles are %v", c.Consoles)
	}
	for module, want := range map[string]string{"libata": "allow_tpm=1 noacpi=1", "usb_storage": "quirks=1:2:u", "ahci": ""} {
		if got := c.moduleParams(module); got != want {
			t.Errorf("parameters of %s are %q", module, got)
		}
	}
}

func FuzzParseCmdline(f *testing.F) {
	f.Add(`a="b c" d.e=f`)
	f.Fuzz(func(_ *testing.T, s string) { ParseCmdline(s).moduleParams("d") })
}

func TestParseEvent(t *testing.T) {
	add := "add@/devices/pci0000:00/0000:00:04.0/usb1/1-1/1-1:1.0\x00ACTION=add\x00DEVPATH=/devices/x\x00SUBSYSTEM=usb\x00MODALIAS=usb:v46F4p0001\x00SEQNUM=1\x00"
	tests := []struct {
		name, in string
		want     Event
		ok       bool
	}{
		{"usb", add, Event{Action: "add", DevPath: "/devices/pci0000:00/0000:00:04.0/usb1/1-1/1-1:1.0", Subsystem: "usb", Modalias: "usb:v46F4p0001"}, true},
		{"block", "remove@/devices/b\x00SUBSYSTEM=block\x00DEVNAME=sda\x00", Event{Action: "remove", DevPath: "/devices/b", Subsystem: "block", DevName: "sda"}, true},
		{"udev's", "libudev\x00\xfe\xed\xca\xfe", Event{}, false},
		{"empty", "", Event{}, false},
		{"no path", "add@\x00", Event{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, ok := parseEvent([]byte(tt.in)); got != tt.want || ok != tt.ok {
				t.Errorf("got %+v, %v", got, ok)
			}
		})
	}
}

func FuzzParseEvent(f *testing.F) {
	f.Add([]byte("add@/devices/b\x00SUBSYSTEM=block\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if ev, ok := parseEvent(b); ok && (ev.Action == "" || ev.DevPath == "") {
			t.Errorf("event without action or path: %+v", ev)
		}
	})
}

// TestLoader plugs a PCI AHCI controller whose disk shows up only after its
// driver is there.
func TestLoader(t *testing.T) {
	root := guest(t, map[string]string{
		"proc/sys/kernel/osrelease": "6.1.0-test\n",
		"lib/modules/6.1.0-test/modules.dep": "kernel/ahci.ko: kernel/libahci.ko kernel/libata.ko kernel/scsi-mod.ko\n" +
			"kernel/libahci.ko: kernel/libata.ko kernel/scsi-mod.ko\nkernel/libata.ko: kernel/scsi-mod.ko\n" +
			"kernel/scsi-mod.ko:\nkernel/sd_mod.ko: kernel/scsi-mod.ko\nkernel/broken.ko:\nkernel/absent.ko:\nkernel/libcrc32c.ko:\nkernel/crc32c_generic.ko:\n",
		"lib/modules/6.1.0-test/modules.alias":   "alias pci:v*d*sv*sd*bc01sc06i01* ahci\nalias scsi:t-0x00* sd_mod\nalias pci:bad broken\nalias pci:none absent\nalias crc32c crc32c_generic\n",
		"lib/modules/6.1.0-test/modules.softdep": "softdep libcrc32c pre: crc32c\n",
		"sys/devices/pci0/modalias":              "pci:v00008086d00002922sv0sd0bc01sc06i01\n",
		"sys/devices/pci1/modalias":              "pci:bad\n",
		"sys/devices/pci2/modalias":              "pci:none\n",
		"sys/devices/empty/modalias":             "\n",
	})
	l, err := newLoader(root, ParseCmdline("libata.allow_tpm=1"))
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var order []string
	l.insert = func(path, params string) error {
		mu.Lock()
		defer mu.Unlock()
		name := moduleName(path)
		order = append(order, strings.TrimSpace(name+" "+params))
		switch name {
		case "broken":
			return unix.ENOEXEC
		case "absent":
			return unix.ENODEV
		case "ahci":
			return os.WriteFile(filepath.Join(root, "sys/devices/pci0/disk/modalias"), []byte("scsi:t-0x00\n"), 0o600)
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Join(root, "sys/devices/pci0/disk"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := l.coldPlug(root); err != nil {
		t.Fatal(err)
	}
	l.loadAll([]string{"libcrc32c", "ahci", "nowhere"})
	loaded, failed := l.report()
	before := func(a, b string) bool { return slices.Index(order, a) < slices.Index(order, b) }
	if !before("scsi_mod", "libata allow_tpm=1") || !before("libata allow_tpm=1", "libahci") || !before("libahci", "ahci") ||
		!before("ahci", "sd_mod") || !before("crc32c_generic", "libcrc32c") || len(order) != 9 {
		t.Errorf("order is %v", order)
	}
	if slices.Contains(loaded, "broken") || slices.Contains(loaded, "absent") || len(loaded) != 7 {
		t.Errorf("loaded are %v", loaded)
	}
	if len(failed) != 1 || !errors.Is(failed[0], unix.ENOEXEC) || !strings.Contains(failed[0].Error(), "broken") {
		t.Errorf("failed are %v", failed)
	}
}

func TestLoaderOfOtherKernel(t *testing.T) {
	root := guest(t, map[string]string{"proc/sys/kernel/osrelease": "6.2\n", "lib/modules/6.1/modules.dep": ""})
	if _, err := newLoader(root, Cmdline{}); err == nil || !strings.Contains(err.Error(), "another kernel") {
		t.Errorf("newLoader says %v", err)
	}
}

func TestChoose(t *testing.T) {
	esp := volume{device: "/dev/sda2", disk: "sda", id: 1}
	data := volume{device: "/dev/sda3", disk: "sda", id: 2}
	twinData := volume{device: "/dev/sdb3", disk: "sdb", id: 2}
	twinESP := volume{device: "/dev/sdb2", disk: "sdb", id: 1}
	protected := data
	protected.readOnly = true
	tests := []struct {
		name     string
		found    []volume
		evidence string
		device   string
		err      error
	}{
		{"partition", []volume{esp, data}, "0000-0002", "/dev/sda3", nil},
		{"folder", []volume{esp}, "", "/dev/sda2", nil},
		{"nothing yet", nil, "0000-0002", "", ErrNoEvidence},
		{"boot volume alone", []volume{esp}, "0000-0002", "", ErrNoEvidence},
		{"evidence alone", []volume{data}, "0000-0002", "", ErrNoEvidence},
		{"a clone", []volume{esp, data, twinESP, twinData}, "0000-0002", "", ErrManyEvidence},
		{"a clone of the evidence", []volume{esp, data, twinData}, "0000-0002", "", ErrManyEvidence},
		{"a clone of the folder", []volume{esp, twinESP}, "", "", ErrManyEvidence},
		{"on another medium", []volume{esp, twinData}, "0000-0002", "", ErrOtherMedium},
		{"write-protected", []volume{esp, protected}, "0000-0002", "/dev/sda3", ErrReadOnlyEvidence},
		{"damaged parameter", []volume{esp, data}, "x", "", ErrNoEvidence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := choose(tt.found, 1, tt.evidence)
			if !errors.Is(err, tt.err) || p.Device != tt.device {
				t.Errorf("choose = %+v, %v", p, err)
			}
			if tt.err == nil && (p.Disk != "sda" || (p.Folder == "") != (tt.evidence != "")) {
				t.Errorf("place is %+v", p)
			}
		})
	}
}

// fatSector is the first sector of a FAT32 file system with that ID.
func fatSector(t *testing.T, id fat.ID) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := (fat.Volume{ID: id, Label: "X", Size: 34 << 20}).Write(f, 0); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 512)
	if _, err := f.ReadAt(b, 0); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFindEvidence(t *testing.T) {
	root := guest(t, map[string]string{
		"sys/devices/usb/block/sda/size":           "1000",
		"sys/devices/usb/block/sda/ro":             "0",
		"sys/devices/usb/block/sda/sda2/size":      "500",
		"sys/devices/usb/block/sda/sda2/partition": "2",
		"sys/devices/usb/block/sda/sda2/ro":        "0",
		"sys/devices/usb/block/sda/sda3/size":      "500",
		"sys/devices/usb/block/sda/sda3/partition": "3",
		"sys/devices/usb/block/sda/sda3/ro":        "0",
		"sys/devices/virtual/block/loop0/size":     "500",
		"sys/devices/empty/block/sdc/size":         "0",
		"dev/sda":                                  strings.Repeat("\x00", 512),
		"dev/sda2":                                 fatSector(t, 0x11112222),
		"dev/sda3":                                 fatSector(t, 0x33334444),
		"dev/loop0":                                fatSector(t, 0x33334444),
		"dev/sdc":                                  fatSector(t, 0x33334444),
	})
	class := filepath.Join(root, "sys/class/block")
	if err := os.MkdirAll(class, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"usb/block/sda", "usb/block/sda/sda2", "usb/block/sda/sda3", "virtual/block/loop0", "empty/block/sdc"} {
		if err := os.Symlink("../../devices/"+dir, filepath.Join(class, filepath.Base(dir))); err != nil {
			t.Fatal(err)
		}
	}
	p, err := FindEvidence(root, ParseCmdline("massho.bootfs=1111-2222 massho.evidence=3333-4444"))
	want := Place{Device: filepath.Join(root, "dev/sda3"), Disk: "sda", UUID: 0x33334444}
	if err != nil || p != want {
		t.Errorf("found %+v, %v", p, err)
	}
	if _, err := FindEvidence(root, ParseCmdline("massho.evidence=3333-4444 massho.bootfs=")); !errors.Is(err, ErrNoBootUUID) {
		t.Errorf("without the boot volume: %v", err)
	}
}

func TestClock(t *testing.T) {
	root := guest(t, map[string]string{"sys/class/rtc/rtc0/date": "2025-03-04\n", "sys/class/rtc/rtc0/time": "15:16:17\n"})
	now := time.Date(2025, 3, 4, 15, 16, 18, 0, time.UTC)
	c := readClock(root, func() time.Time { return now })
	if c.RTCErr != nil || !c.RTC.Equal(now.Add(-time.Second)) || !c.System.Equal(now) {
		t.Errorf("clock is %+v", c)
	}
	if c := readClock(t.TempDir(), nil); c.RTCErr == nil {
		t.Error("no RTC, and no error")
	}
}

func TestMeasured(t *testing.T) {
	uefi := map[string]string{
		"sys/kernel/security/lockdown":                      "none [integrity] confidentiality\n",
		"sys/class/tpm/tpm0/tpm_version_major":              "2\n",
		"sys/class/tpm/tpm0/pcr-sha256/0":                   "AB\n",
		"sys/class/tpm/tpm0/pcr-sha256/9":                   "CD\n",
		"sys/kernel/security/tpm0/binary_bios_measurements": "log",
		secureBootVar: "\x06\x00\x00\x00\x01",
	}
	m := ReadMeasured(guest(t, uefi))
	if m.SecureBoot != "enabled" || m.Lockdown != "integrity" || m.TPM != 2 || m.PCRBank != "sha256" ||
		!reflect.DeepEqual(m.PCRs, map[int]string{0: "ab", 9: "cd"}) || string(m.EventLog) != "log" || !strings.HasPrefix(m.EventLogSHA256, "836ff184") {
		t.Errorf("measured %+v", m)
	}
	m = ReadMeasured(guest(t, map[string]string{secureBootVar: "\x06\x00\x00\x00\x00"}))
	if m.SecureBoot != "disabled" || m.EventLogErr == nil || m.TPM != 0 || m.PCRs != nil {
		t.Errorf("measured %+v", m)
	}
	if m = ReadMeasured(guest(t, map[string]string{secureBootVar: "\x06"})); m.SecureBootErr == nil {
		t.Error("a short variable is taken for an answer")
	}
	if m = ReadMeasured(t.TempDir()); m.SecureBoot != "" || m.SecureBootErr != nil {
		t.Errorf("a BIOS: %+v", m)
	}
}

func TestPower(t *testing.T) {
	supply := func(name string, attrs ...string) map[string]string {
		files := map[string]string{}
		for i := 0; i < len(attrs); i += 2 {
			files["sys/class/power_supply/"+name+"/"+attrs[i]] = attrs[i+1] + "\n"
		}
		return files
	}
	battery := func(status string) map[string]string {
		return supply("BAT0", "type", "Battery", "present", "1", "status", status, "capacity", "73")
	}
	tests := []struct {
		name     string
		supplies []map[string]string
		on       bool
		percent  int
	}{
		{"desktop", nil, false, -1},
		{"laptop on mains", []map[string]string{battery("Full"), supply("AC", "type", "Mains", "online", "1")}, false, 73},
		{"laptop on battery", []map[string]string{battery("Discharging"), supply("AC", "type", "Mains", "online", "0")}, true, 73},
		{"status unknown, unplugged", []map[string]string{battery("Unknown"), supply("AC", "type", "Mains", "online", "0")}, true, 73},
		{"no mains supply named", []map[string]string{battery("Unknown")}, true, 73},
		{"a mouse", []map[string]string{supply("hidpp", "type", "Battery", "scope", "Device", "status", "Discharging")}, false, -1},
		{"empty bay", []map[string]string{supply("BAT1", "type", "Battery", "present", "0")}, false, -1},
		{"USB-C", []map[string]string{battery("Charging"), supply("ucsi", "type", "USB", "online", "1")}, false, 73},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			for _, s := range tt.supplies {
				for k, v := range s {
					files[k] = v
				}
			}
			p, err := ReadPower(guest(t, files))
			if err != nil || p.OnBattery != tt.on || p.Percent != tt.percent {
				t.Errorf("ReadPower = %+v, %v", p, err)
			}
		})
	}
}

func TestWritable(t *testing.T) {
	tests := []struct{ mounts, want string }{
		{"proc /proc proc rw 0 0\ntmpfs /run tmpfs rw 0 0\n", ""},
		{"/dev/sda3 /run/massho/evidence vfat rw,noatime 0 0\n", "/dev/sda3"},
		{"/dev/sda3 /run/massho/evidence vfat ro,noatime 0 0\n", ""},
		{"/dev/sda3 /run/massho/evidence vfat ro 0 0\n", ""},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.want, len(tt.mounts)), func(t *testing.T) {
			if got := writable(tt.mounts); got != tt.want {
				t.Errorf("got %q", got)
			}
		})
	}
}
