package iscsi

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/scsi"
)

const iqn = "iqn.2026-04.invalid.massho:disk0"

// serve starts a portal for d and returns its address.
func serve(t *testing.T, d *emulator.Drive) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s, done := NewServer(map[string]scsi.Transport{iqn: d.SCSI()}), make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, errLogin) {
			t.Errorf("sessions: %v", err)
		}
	})
	return l.Addr().String()
}

func drive(t *testing.T, p emulator.Params) *emulator.Drive {
	t.Helper()
	p.Sectors = 8192
	p.Road.Layout = emulator.LayoutAppended
	d, err := emulator.New(p)
	if err != nil {
		t.Fatal(err)
	}
	d.Prefill()
	return d
}

func TestReadWriteAndLook(t *testing.T) {
	ctx := t.Context()
	d := drive(t, emulator.Params{Kind: emulator.SSD, Serial: "OVERISCSI"})
	i, err := dial(t, serve(t, d), iqn)
	if err != nil {
		t.Fatal(err)
	}
	out := bytes.Repeat([]byte("0123456789abcdef"), 64*1024/16)
	w := scsi.Command{CDB: []byte{0x2A, 0, 0, 0, 1, 0, 0, 0, 128, 0}, Dir: scsi.Out, Data: out}
	if r, err := i.Exec(ctx, w); err != nil || r.Status != 0 || r.Resid != 0 {
		t.Fatalf("write: %+v, %v", r, err)
	}
	in := make([]byte, len(out))
	if r, err := i.Exec(ctx, scsi.Command{CDB: []byte{0x28, 0, 0, 0, 1, 0, 0, 0, 128, 0}, Dir: scsi.In, Data: in}); err != nil || r.Status != 0 {
		t.Fatalf("read: %+v, %v", r, err)
	}
	if !bytes.Equal(in, out) {
		t.Error("what was read is not what was written")
	}
	f, err := devices.LookATA(ctx, ata.NewSAT(i))
	if err != nil || f.Identity.Serial != "OVERISCSI" || !f.Caps.ATA.SanitizeBlock.IsYes() {
		t.Errorf("%+v, %v", f.Identity, err)
	}
	g, err := devices.LookSCSI(ctx, i, false)
	if err != nil || g.Identity.Sectors != 8192 {
		t.Errorf("%+v, %v", g.Identity, err)
	}
}

func TestPassThroughErase(t *testing.T) {
	ctx := t.Context()
	d := drive(t, emulator.Params{Kind: emulator.HDD})
	i, err := dial(t, serve(t, d), iqn)
	if err != nil {
		t.Fatal(err)
	}
	i.pings = 2
	tr := ata.NewSAT(i)
	pw := ata.Password{'x'}
	if err := ata.SecuritySetPassword(ctx, tr, pw); err != nil {
		t.Fatal(err)
	}
	if err := ata.SecurityEraseUnit(ctx, tr, ata.SecurityErase{Password: pw, Enhanced: true}); err != nil {
		t.Fatal(err)
	}
	if r := d.Remnants(); len(r) != 0 {
		t.Errorf("left: %+v", r)
	}
	if _, err := tr.Exec(ctx, ata.SanitizeBlockCommand(false)); err == nil {
		t.Error("a disk accepts BLOCK ERASE EXT")
	} else {
		var ce *ata.CommandError
		if !errors.As(err, &ce) || !ce.Aborted() {
			t.Errorf("%v", err)
		}
	}
	// Two pings go before each of four responses; those of the last one may still
	// be under way when it is read: none, one, or both.
	if i.pingBack < 6 || i.pingBack > 8 {
		t.Errorf("%d pings came back", i.pingBack)
	}
}

// TestPingsDuringABlockingErase holds the drive busy by a clock that the test
// moves, and pings meanwhile.
func TestPingsDuringABlockingErase(t *testing.T) {
	ctx := t.Context()
	gate, entered := make(chan struct{}), make(chan struct{}, 1)
	now := emulator.Epoch
	clock := emulator.WallClock(func() time.Time { return now }, func(ctx context.Context, d time.Duration) error {
		select {
		case entered <- struct{}{}:
		default:
		}
		select {
		case <-gate:
			now = now.Add(time.Hour) // only the waiting goroutine looks at it
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	d := drive(t, emulator.Params{Kind: emulator.HDD, Clock: clock, EraseTakes: time.Hour})
	addr := serve(t, d)
	i, err := dial(t, addr, iqn)
	if err != nil {
		t.Fatal(err)
	}
	tr, pw := ata.NewSAT(i), ata.Password{'x'}
	if err := ata.SecuritySetPassword(ctx, tr, pw); err != nil {
		t.Fatal(err)
	}
	i.pings = 3
	done := make(chan error, 1)
	go func() { done <- ata.SecurityEraseUnit(ctx, tr, ata.SecurityErase{Password: pw}) }()
	<-entered
	other, err := dial(t, addr, iqn) // a second session logs in meanwhile
	if err != nil || other == nil {
		t.Error(err)
	}
	close(gate)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNoSuchTarget(t *testing.T) {
	d := drive(t, emulator.Params{Kind: emulator.SAS})
	if _, err := dial(t, serve(t, d), "iqn.other"); err == nil || !strings.Contains(err.Error(), "0203") {
		t.Errorf("%v", err)
	}
}

func TestPowerCutFailsTheTarget(t *testing.T) {
	d := drive(t, emulator.Params{Kind: emulator.SAS})
	i, err := dial(t, serve(t, d), iqn)
	if err != nil {
		t.Fatal(err)
	}
	d.PowerCut()
	if err := scsi.TestUnitReady(t.Context(), i); err == nil {
		t.Error("a drive without power is ready")
	}
	d.PowerOn()
	if err := scsi.TestUnitReady(t.Context(), i); err != nil {
		t.Error(err)
	}
}

// TestQEMU lets a stranger's initiator (libiscsi in qemu-io) write and read.
func TestQEMU(t *testing.T) {
	tool, err := exec.LookPath("qemu-io")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("qemu-io is not installed (apt-get install qemu-utils qemu-block-extra)")
		}
		t.Skip("qemu-io is not installed (qemu-utils, qemu-block-extra)")
	}
	for _, k := range []emulator.Kind{emulator.SSD, emulator.SAS} {
		d := drive(t, emulator.Params{Kind: k})
		url := "iscsi://" + serve(t, d) + "/" + iqn + "/0"
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, tool, "-f", "raw", "-c", "write -P 0x5a 1M 2M", "-c", "flush",
			"-c", "read -P 0x5a 1M 2M", "-c", "read 0 4M", url).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("verification failed")) || !bytes.Contains(out, []byte("read 4194304/4194304")) {
			t.Errorf("%s: %v\n%s", k, err, out)
		}
		for _, r := range d.Remnants() {
			if r.Area.Kind == emulator.AreaUser && r.Area.LBA < 6144 && r.Area.LBA+r.Area.Sectors > 2048 {
				t.Errorf("%s: %+v was not overwritten", k, r)
			}
		}
		if d.Unflushed() != 0 {
			t.Errorf("%s: %d bytes not flushed", k, d.Unflushed())
		}
	}
}

// FuzzSession feeds anything to a target after login: it must end, and never
// panic.
func FuzzSession(f *testing.F) {
	p := &pdu{data: []byte("SessionType=Discovery\x00")}
	p.h[0], p.h[1] = opLogin|flagImmed, 0x87
	var b bytes.Buffer
	if err := write(&b, p); err != nil {
		f.Fatal(err)
	}
	c := &pdu{}
	c.h[0], c.h[1], c.h[32], c.h[36] = opCommand, 0xC0, 0x12, 36
	c.set(20, 36)
	f.Add(append([]byte(nil), b.Bytes()...))
	if err := write(&b, c); err != nil {
		f.Fatal(err)
	}
	f.Add(append([]byte(nil), b.Bytes()...))
	d, err := emulator.New(emulator.Params{Kind: emulator.SSD, Sectors: 64})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		s := NewServer(map[string]scsi.Transport{iqn: d.SCSI()})
		near, far := net.Pipe()
		go func() {
			_, _ = far.Write(in)
			_ = far.Close()
		}()
		go func() { _, _ = bytes.NewBuffer(nil).ReadFrom(far) }()
		_ = s.session(context.Background(), near)
	})
}
