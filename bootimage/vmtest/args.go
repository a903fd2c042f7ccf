//go:build linux

package vmtest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Bus is how a drive is attached.
type Bus string

// The buses.
const (
	AHCI   Bus = "ahci"   // SATA behind ICH9, at most 6
	NVMe   Bus = "nvme"   // a controller with one namespace
	USB    Bus = "usb"    // mass storage, bulk only, behind xHCI
	UAS    Bus = "uas"    // USB attached SCSI
	Virtio Bus = "virtio" // virtio-blk
	SCSI   Bus = "scsi"   // virtio-scsi
	SD     Bus = "sd"     // a card in an SDHCI reader, at most 1
	CDROM  Bus = "cdrom"  // a SATA optical drive
)

// Drive is one drive of the machine.
type Drive struct {
	// Bus is how it is attached.
	Bus Bus
	// File is a raw image on the host.
	File string
	// ID names it for Unplug; empty means drive0, drive1, …
	ID string
	// Serial is what the drive reports. Model: AHCI only, at most 40 bytes.
	Serial, Model string
	// RotationRate is 1 for an SSD, rpm for a disk, 0 for unsaid. AHCI, SCSI
	// and UAS only.
	RotationRate int
	// ReadOnly makes the drive refuse writes. Not on AHCI.
	ReadOnly bool
	// Snapshot leaves the file untouched.
	Snapshot bool
	// Boot makes the firmware start from this drive.
	Boot bool
	// Faults is a blkdebug configuration (QEMU docs/devel/blkdebug.txt): which
	// sectors cannot be read or written, as BadSectors writes it. The guest's
	// real driver sees the errors.
	Faults string
	// Options are appended to the device, as QEMU's documentation names them:
	// "logical_block_size=4096", "removable=on".
	Options []string
}

// arguments builds QEMU's command line.
func (vm *VM) arguments(cfg Config) ([]string, error) {
	machine := "q35"
	if cfg.Firmware == SecureBoot || cfg.Firmware == UEFI32 {
		machine += ",smm=on"
	}
	args := []string{
		"-no-user-config", "-nodefaults", "-accel", "tcg", "-cpu", "max", "-machine", machine,
		"-m", strconv.Itoa(cfg.Memory), "-smp", strconv.Itoa(cfg.CPUs),
		"-vga", "std", "-display", "none", "-nic", "none", "-no-reboot",
		"-device", "qemu-xhci,id=xhci,p2=8,p3=8", "-device", "usb-kbd,bus=xhci.0",
	}
	if !cfg.NoSerial {
		args = append(args, "-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial")
	}
	flash, err := vm.flash(cfg)
	if err != nil {
		return nil, err
	}
	args = append(args, flash...)
	sata := 0
	for i, d := range cfg.Drives {
		if d.ID == "" {
			d.ID = "drive" + strconv.Itoa(i)
		}
		more, err := d.arguments(i, &sata)
		if err != nil {
			return nil, err
		}
		vm.drives[d.ID] = d
		args = append(args, more...)
	}
	return args, nil
}

// flash returns the arguments of the firmware. The variables are a copy.
func (vm *VM) flash(cfg Config) ([]string, error) {
	files, ok := map[Firmware][2]string{
		UEFI:       {"OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"},
		SecureBoot: {"OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd"},
		UEFI32:     {"OVMF32_CODE_4M.secboot.fd", "OVMF32_VARS_4M.fd"},
	}[cfg.Firmware]
	if !ok {
		return nil, nil // SeaBIOS is built in
	}
	vars, err := os.ReadFile(filepath.Join(cfg.FirmwareDir, files[1]))
	if err == nil {
		err = os.WriteFile(vm.path("vars.fd"), vars, 0o600)
	}
	code := filepath.Join(cfg.FirmwareDir, files[0])
	if err == nil {
		_, err = os.Stat(code)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v firmware: apt-get install ovmf ovmf-ia32: %w", ErrHost, cfg.Firmware, err)
	}
	args := []string{
		"-drive", "if=pflash,format=raw,unit=0,readonly=on,file=" + escape(code),
		"-drive", "if=pflash,format=raw,unit=1,file=" + escape(vm.path("vars.fd")),
	}
	if cfg.Firmware != UEFI {
		args = append(args, "-global", "driver=cfi.pflash01,property=secure,value=on")
	}
	return args, nil
}

// arguments returns the back end and the device of drive number n.
func (d Drive) arguments(n int, sata *int) ([]string, error) {
	if _, err := os.Stat(d.File); err != nil {
		return nil, fmt.Errorf("%w: drive %s: %w", ErrHost, d.ID, err)
	}
	file := d.File
	if d.Faults != "" {
		file = "blkdebug:" + d.Faults + ":" + d.File
	}
	back := "if=none,format=raw,cache=unsafe,id=" + d.ID + "-file,file=" + escape(file)
	if d.ReadOnly {
		back += ",readonly=on"
	}
	if d.Snapshot {
		back += ",snapshot=on"
	}
	args := []string{"-drive", back}
	num := strconv.Itoa(n)
	port := func() { // a slot of its own, so that the device can be unplugged
		args = append(args, "-device", "pcie-root-port,id=port"+num+",chassis="+num+",slot="+num)
	}
	var dev []string
	switch d.Bus {
	case AHCI, CDROM:
		kind := map[Bus]string{AHCI: "ide-hd", CDROM: "ide-cd"}[d.Bus]
		dev = []string{kind, "bus=ide." + strconv.Itoa(*sata)}
		*sata++
	case NVMe:
		port()
		dev = []string{"nvme", "bus=port" + num}
	case Virtio:
		port()
		dev = []string{"virtio-blk-pci", "bus=port" + num}
	case USB:
		dev = []string{"usb-storage", "bus=xhci.0"}
	case UAS:
		args = append(args, "-device", "usb-uas,bus=xhci.0,id=uas"+num)
		dev = []string{"scsi-hd", "bus=uas" + num + ".0"}
	case SCSI:
		args = append(args, "-device", "virtio-scsi-pci,id=hba"+num)
		dev = []string{"scsi-hd", "bus=hba" + num + ".0"}
	case SD:
		args = append(args, "-device", "sdhci-pci")
		dev = []string{"sd-card"}
	default:
		return nil, fmt.Errorf("%w: drive %s: bus %q is not one of ours", ErrHost, d.ID, d.Bus)
	}
	dev = append(dev, "drive="+d.ID+"-file")
	return append(args, "-device", strings.Join(append(dev, d.properties()...), ",")), nil
}

// BadSectors is the text of Drive.Faults for 512-byte sectors that always fail:
// unwritable ones on writing, unreadable ones on reading.
func BadSectors(unwritable, unreadable []int64) string {
	var b strings.Builder
	for event, list := range map[string][]int64{"write_aio": unwritable, "read_aio": unreadable} {
		for _, sector := range list {
			fmt.Fprintf(&b, "[inject-error]\nevent = %q\nerrno = \"5\"\nsector = \"%d\"\nonce = \"off\"\n", event, sector)
		}
	}
	return b.String()
}

// properties are the device options that several buses share.
func (d Drive) properties() []string {
	p := []string{"id=" + d.ID}
	if d.Serial != "" && d.Bus != SD {
		p = append(p, "serial="+escape(d.Serial))
	}
	if d.Model != "" {
		p = append(p, "model="+escape(d.Model))
	}
	if d.RotationRate != 0 {
		p = append(p, "rotation_rate="+strconv.Itoa(d.RotationRate))
	}
	if d.Boot {
		p = append(p, "bootindex=0")
	}
	return append(p, d.Options...)
}

// escape doubles commas, which QEMU's option parser takes for separators.
func escape(s string) string { return strings.ReplaceAll(s, ",", ",,") }

// startTPM runs swtpm on a socket that already listens, so that nobody waits.
func (vm *VM) startTPM(ctx context.Context, limit time.Duration) ([]string, error) {
	sock := vm.path("tpm")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: sock, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("TPM: %w", err)
	}
	l.SetUnlinkOnClose(false)
	defer l.Close()
	f, err := l.File()
	if err != nil {
		return nil, fmt.Errorf("TPM: %w", err)
	}
	defer f.Close()
	cmd, err := limited(ctx, limit, "swtpm", "socket", "--tpm2", "--tpmstate", "dir="+vm.dir, "--ctrl", "type=unixio,fd=3", "--terminate")
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{f}
	cmd.Stderr = vm.errText
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w: swtpm: %w", ErrHost, err)
	}
	vm.tpm = cmd
	return []string{"-chardev", "socket,id=tpm,path=" + sock, "-tpmdev", "emulator,id=tpm0,chardev=tpm", "-device", "tpm-tis,tpmdev=tpm0"}, nil
}
