//go:build linux

package vm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/emulator/iscsi"
	"github.com/massho/massho/devices/scsi"
)

// bus is how QEMU shows a drive to the guest.
type bus string

const (
	virtioSCSI bus = "virtio-scsi"
	mptSAS     bus = "mptsas1068" // a SAS host adapter
	usbBOT     bus = "usb-bot"    // bulk only: sense data are cut to 18 bytes
	usbUAS     bus = "usb-uas"
)

// sectors of each drive: 64 MiB.
const sectors = 64 << 20 / 512

// disk is one emulated drive of the rig.
type disk struct {
	bus    bus
	params emulator.Params
	// wrap puts something between the drive and QEMU; nil: nothing.
	wrap func(scsi.Transport) scsi.Transport

	*emulator.Drive
}

// rig is a set of drives with power, served for as long as the test runs.
type rig struct {
	disks []*disk
	port  int
}

// serve makes the drives, fills them with marked data, and serves them.
func serve(t *testing.T, disks ...*disk) *rig {
	t.Helper()
	targets := map[string]scsi.Transport{}
	for _, d := range disks {
		d.params.Sectors = sectors
		d.params.Road.Layout = emulator.LayoutAppended
		d.params.Clock = emulator.WallClock(time.Now, sleep)
		made, err := emulator.New(d.params)
		if err != nil {
			t.Fatal(err)
		}
		made.Prefill()
		d.Drive = made
		var wire scsi.Transport = made.SCSI()
		if d.wrap != nil {
			wire = d.wrap(wire)
		}
		targets[d.iqn()] = wire
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- iscsi.NewServer(targets).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("iSCSI sessions: %v", err)
		}
	})
	return &rig{disks, l.Addr().(*net.TCPAddr).Port}
}

// sleep lets a wall clock's time pass, or the context end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *disk) iqn() string {
	return "iqn.2026-04.invalid.massho:" + strings.ToLower(d.params.Serial)
}

// args is QEMU's command line for all drives.
func (r *rig) args() []string {
	var out []string
	for i, d := range r.disks {
		id := fmt.Sprintf("emu%d", i)
		host := map[bus]string{virtioSCSI: "virtio-scsi-pci", mptSAS: "mptsas1068", usbBOT: "usb-bot,bus=xhci.0", usbUAS: "usb-uas,bus=xhci.0"}[d.bus]
		out = append(out,
			"-drive", fmt.Sprintf("if=none,format=raw,id=%s,file=iscsi://127.0.0.1:%d/%s/0", id, r.port, d.iqn()),
			"-device", host+",id="+id+"-hba",
			"-device", "scsi-block,drive="+id+",bus="+id+"-hba.0")
	}
	return out
}

// powerCycle takes the power of all drives and gives it back.
func (r *rig) powerCycle() {
	for _, d := range r.disks {
		d.PowerCycle()
	}
}

// serials of the drives, in order.
func (r *rig) serials() (out []string) {
	for _, d := range r.disks {
		out = append(out, d.params.Serial)
	}
	return out
}

// tapped calls see with each command before it reaches the drive.
type tapped struct {
	scsi.Transport
	see func(scsi.Command)
}

func (t tapped) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	t.see(c)
	return t.Transport.Exec(ctx, c)
}

// ataCommand is the ATA command in an ATA PASS-THROUGH(16) or (12) CDB; 0 in others.
func ataCommand(c scsi.Command) byte {
	switch {
	case len(c.CDB) == 16 && c.CDB[0] == scsi.OpATAPassThrough16:
		return c.CDB[14]
	case len(c.CDB) == 12 && c.CDB[0] == scsi.OpATAPassThrough12:
		return c.CDB[9]
	}
	return 0
}

var errNoDrive = errors.New("no such drive in the rig")

func (r *rig) disk(serial string) (*disk, error) {
	for _, d := range r.disks {
		if d.params.Serial == serial {
			return d, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", errNoDrive, serial)
}
