//go:build linux

package bootimage_test

import (
	"context"
	"crypto/sha256"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/debian"
	"github.com/massho/massho/bootimage/fat"
	"github.com/massho/massho/bootimage/stick"
	"github.com/massho/massho/bootimage/vmtest"
)

// firmwareDir is where the firmware lies; the 32-bit one is fetched.
func firmwareDir(t *testing.T, f vmtest.Firmware) string {
	t.Helper()
	if f != vmtest.UEFI32 {
		return ""
	}
	set, err := debian.Fetch(context.Background(), debian.Config{Dir: filepath.Join(cacheDir(t), "debian")}, "ovmf-ia32")
	if err != nil {
		t.Fatal(err)
	}
	return set["ovmf-ia32"].Path("usr/share/OVMF")
}

// disk makes an empty drive.
func disk(t *testing.T, size int64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "disk")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestBoot boots the image from a USB stick under every firmware, with a drive
// of each bus, and switches off.
func TestBoot(t *testing.T) {
	tests := []struct {
		firmware vmtest.Firmware
		level    vmtest.Level
		secure   string
		lockdown string
	}{
		{vmtest.BIOS, vmtest.Few, "", "none"},
		{vmtest.UEFI, vmtest.All, "disabled", "none"},
		{vmtest.SecureBoot, vmtest.Few, "enabled", "integrity"},
		{vmtest.UEFI32, vmtest.All, "disabled", "none"},
	}
	for _, tt := range tests {
		t.Run(tt.firmware.String(), func(t *testing.T) {
			vmtest.Need(t, tt.level)
			image := build(t, options(t))
			boot := partitions(t, image)
			vm := start(t, vmtest.Config{
				Firmware: tt.firmware, FirmwareDir: firmwareDir(t, tt.firmware),
				Drives: []vmtest.Drive{
					{Bus: vmtest.USB, File: image, Serial: "STICK", Boot: true},
					{Bus: vmtest.AHCI, File: disk(t, 64<<20), Serial: "HDD1", Model: "TEST HDD", RotationRate: 7200},
					{Bus: vmtest.AHCI, File: disk(t, 32<<20), Serial: "SSD1", RotationRate: 1},
					{Bus: vmtest.NVMe, File: disk(t, 128<<20), Serial: "NVME1"},
					{Bus: vmtest.USB, File: disk(t, 16<<20), Serial: "USB1"},
					{Bus: vmtest.SD, File: disk(t, 64<<20)},
				},
			})
			g := report(t, vm)
			checkGuest(t, g)
			if g.measured.SecureBoot != tt.secure || g.measured.Lockdown != tt.lockdown {
				t.Errorf("measured %+v", g.measured)
			}
			ev := g.evidence
			if ev.Error != "" || ev.Mounted == nil || ev.Mounted.Folder != "" || !slices.Contains(ev.Files, "/案件/case.json") {
				t.Errorf("evidence %+v", ev)
			}
			for _, name := range []string{"nvme0n1", "mmcblk0", "sdd"} {
				if g.drives[name] == "" {
					t.Errorf("no %s among %v", name, g.drives)
				}
			}
			if !strings.Contains(g.cmdline, "libata.allow_tpm=1") {
				t.Errorf("command line is %s", g.cmdline)
			}
			screen(t, vm)
			powerOff(t, vm)
			checkStick(t, image, boot)
		})
	}
}

// checkGuest looks at what every boot must have.
func checkGuest(t *testing.T, g guest) {
	t.Helper()
	if len(g.errors) != 0 {
		t.Errorf("errors in the guest: %q", g.errors)
	}
	for _, m := range []string{"vfat", "sd_mod", "sg", "usb_storage", "evdev"} {
		if !slices.Contains(g.modules, m) {
			t.Errorf("module %s is not among %v", m, g.modules)
		}
	}
	if !g.framebuffer {
		t.Error("no /dev/fb0")
	}
	if d := time.Until(g.clock.RTC).Abs(); g.clock.Error != "" || d > time.Hour {
		t.Errorf("clock %+v", g.clock)
	}
}

// powerOff tells the payload to leave its record and switch off.
func powerOff(t *testing.T, vm *vmtest.VM) {
	t.Helper()
	expect(t, vm, `PAYLOAD ready`, stepLimit)
	if err := vm.Send("off\r"); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD off`, stepLimit)
	if err := vm.Wait(stepLimit); err != nil {
		t.Fatal(err)
	}
}

// screen keeps a screendump beside the serial log for a person to look at.
func screen(t *testing.T, vm *vmtest.VM) {
	t.Helper()
	path := filepath.Join("..", "out", "vm", strings.ReplaceAll(t.Name(), "/", "-")+".png")
	if err := vm.SaveScreen(path); err != nil {
		t.Error(err)
	}
}

// partitions hashes everything before EVIDENCE.
func partitions(t *testing.T, image string) [32]byte {
	t.Helper()
	f, err := os.Open(image)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.CopyN(h, f, evidenceStart); err != nil {
		t.Fatal(err)
	}
	return [32]byte(h.Sum(nil))
}

// evidenceStart is where EVIDENCE begins, in bytes.
const evidenceStart = 66 << 20

// checkStick looks at the stick after a run: its boot partitions are as they
// were, EVIDENCE is sound and holds the record.
func checkStick(t *testing.T, image string, boot [32]byte) {
	t.Helper()
	checkRecord(t, image, boot)
	if out, err := fsckEvidence(t, image); err != nil {
		t.Errorf("fsck.fat on EVIDENCE: %v\n%s", err, out)
	}
}

// checkRecord is checkStick without the judgement on the file system.
func checkRecord(t *testing.T, image string, boot [32]byte) {
	t.Helper()
	if partitions(t, image) != boot {
		t.Error("the boot partitions of the stick were changed")
	}
	im := readImage(t, image)
	if got := string(im.Evidence["payload.txt"]); got != "written by payload: payload.txt" {
		t.Errorf("EVIDENCE holds %q in %d files", got, len(im.Evidence))
	}
}

func fsckEvidence(t *testing.T, image string) (string, error) {
	t.Helper()
	part := filepath.Join(t.TempDir(), "evidence")
	if out, err := exec.Command("dd", "if="+image, "of="+part, "bs=1M", "skip=66").CombinedOutput(); err != nil {
		t.Fatalf("dd: %v\n%s", err, out)
	}
	out, err := exec.Command("fsck.fat", "-n", part).CombinedOutput()
	return string(out), err
}

func readImage(t *testing.T, path string) stick.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	im, err := stick.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// TestBootFiles boots the Explorer form: a FAT32 stick without partitions, or
// with one, that holds the copied folder.
func TestBootFiles(t *testing.T) {
	for _, tt := range []struct {
		firmware vmtest.Firmware
		level    vmtest.Level
	}{{vmtest.UEFI, vmtest.All}, {vmtest.SecureBoot, vmtest.Few}} {
		t.Run(tt.firmware.String(), func(t *testing.T) {
			vmtest.Need(t, tt.level)
			path := copiedStick(t, options(t))
			vm := start(t, vmtest.Config{Firmware: tt.firmware, Drives: []vmtest.Drive{
				{Bus: vmtest.AHCI, File: disk(t, 32<<20), Serial: "SSD1", RotationRate: 1},
				{Bus: vmtest.USB, File: path, Serial: "STICK", Boot: true},
			}})
			g := report(t, vm)
			checkGuest(t, g)
			ev := g.evidence
			if ev.Error != "" || ev.Mounted == nil || ev.Mounted.Folder != "EVIDENCE" || !slices.Contains(ev.Files, "/案件/case.json") {
				t.Errorf("evidence %+v", ev)
			}
			if strings.Contains(g.cmdline, "massho.evidence") {
				t.Errorf("command line is %s", g.cmdline)
			}
			powerOff(t, vm)
			v := readFAT(t, path, partStart)
			if string(v.Files["EVIDENCE/payload.txt"]) == "" {
				t.Error("the record is not on the stick")
			}
		})
	}
}

// partStart is where the one partition of a factory-formatted stick begins.
const partStart = 1 << 20

// copiedStick builds the folder and copies it onto a stick as it is sold: one
// FAT32 partition in an MBR, formatted by another program than ours.
func copiedStick(t *testing.T, opts bootimage.Options) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	if _, err := bootimage.BuildFiles(context.Background(), dir, opts); err != nil {
		t.Fatal(err)
	}
	path := disk(t, 129<<20)
	host := func(name string, args ...string) {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "MTOOLS_SKIP_CHECK=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	mbr(t, path, 128<<20)
	host("mkfs.fat", "-F", "32", "-s", "1", "-n", "USB DISK", "--offset=2048", path, "131072")
	entries, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	host("mcopy", append(append([]string{"-s", "-i", path + "@@1M"}, entries...), "::")...)
	return path
}

// mbr writes a partition table with one FAT32 partition (type 0Ch).
func mbr(t *testing.T, path string, size uint32) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 66)
	sectors := size / 512
	copy(b, []byte{0x80, 0xFE, 0xFF, 0xFF, 0x0C, 0xFE, 0xFF, 0xFF, 0, 8, 0, 0,
		byte(sectors), byte(sectors >> 8), byte(sectors >> 16), byte(sectors >> 24)})
	b[64], b[65] = 0x55, 0xAA
	if _, err := f.WriteAt(b, 446); err != nil {
		t.Fatal(err)
	}
}

func readFAT(t *testing.T, path string, off int64) fat.Volume {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	v, err := fat.Read(f, off)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
