package emulator_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/scsi"
)

func TestPresence(t *testing.T) {
	buf := make([]byte, 64<<10)
	fillUp := func(c devices.Conn) (int64, error) {
		for off := int64(0); off < c.Size(); off += int64(len(buf)) {
			if n, err := c.WriteAt(buf, off); err != nil {
				return off + int64(n), err
			}
		}
		return c.Size(), nil
	}
	tests := []struct {
		name string
		f    emulator.Faults
		want error
		at   int64
	}{
		{"vanishes", emulator.Faults{VanishAfter: mib}, devices.ErrGone, mib},
		{"power cut", emulator.Faults{PowerCutAfter: mib}, emulator.ErrNoPower, mib},
		{"hangs until a virtual timeout", emulator.Faults{HangAfter: mib}, emulator.ErrTimeout, mib},
		{"write errors", emulator.Faults{WriteErrors: []emulator.Range{{First: 2048, Count: 1}}}, emulator.ErrMedium, mib},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDrive(t, emulator.Params{Faults: tt.f})
			before := d.Clock().Now()
			at, err := fillUp(open(t, d))
			if !errors.Is(err, tt.want) || at != tt.at {
				t.Errorf("stopped at %d: %v", at, err)
			}
			if tt.f.HangAfter > 0 && d.Clock().Now().Sub(before) < 30*time.Second {
				t.Error("no virtual time passed")
			}
		})
	}
}

func TestHangBlocksUntilSomethingEndsIt(t *testing.T) {
	hung := func() (*emulator.Drive, devices.Conn) {
		d := newDrive(t, emulator.Params{Faults: emulator.Faults{HangOn: "IDENTIFY", HangBlocks: true}})
		c := open(t, newDrive(t, emulator.Params{}))
		return d, c
	}
	t.Run("the context", func(t *testing.T) {
		d, _ := hung()
		c, cancel := context.WithCancel(ctx)
		done := make(chan error)
		go func() { _, _, err := ata.IdentifyDevice(c, d.ATA()); done <- err }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	t.Run("close", func(t *testing.T) {
		d := newDrive(t, emulator.Params{})
		c := open(t, d)
		d.Fault(emulator.Faults{HangOn: "read", HangBlocks: true})
		done := make(chan error)
		go func() { _, err := c.ReadAt(make([]byte, 512), 0); done <- err }()
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, emulator.ErrClosed) {
			t.Error(err)
		}
	})
	t.Run("a power cut", func(t *testing.T) {
		d := newDrive(t, emulator.Params{})
		c := open(t, d)
		d.Fault(emulator.Faults{HangOn: "read", HangBlocks: true})
		done := make(chan error)
		go func() { _, err := c.ReadAt(make([]byte, 512), 0); done <- err }()
		d.PowerCut()
		if err := <-done; err == nil {
			t.Error("a read without power")
		}
	})
}

func TestResetIsSeenOnceAndAnotherDriveAnswers(t *testing.T) {
	d := newDrive(t, emulator.Params{Serial: "FIRST", Faults: emulator.Faults{ResetAfter: 4096, SerialAfterReset: "SECOND"}})
	c := open(t, d)
	if _, err := c.ReadAt(make([]byte, 4096), 0); err != nil {
		t.Fatal(err)
	}
	if err := scsi.TestUnitReady(ctx, c.SCSI()); !scsi.UnitAttention(err) {
		t.Errorf("after the reset: %v", err)
	}
	if err := scsi.TestUnitReady(ctx, c.SCSI()); err != nil {
		t.Errorf("the second time: %v", err)
	}
	id, err := c.LookIdentity(ctx)
	if err != nil || id.Serial != "SECOND" {
		t.Errorf("%q, %v", id.Serial, err)
	}
}

func TestEraseUnitCutInTheMiddle(t *testing.T) {
	d := newDrive(t, emulator.Params{Faults: emulator.Faults{CutErase: 0.5}})
	d.Prefill()
	c := open(t, d)
	if err := ata.SecuritySetPassword(ctx, c.ATA(), own); err != nil {
		t.Fatal(err)
	}
	err := ata.SecurityEraseUnit(ctx, c.ATA(), ata.SecurityErase{Password: own, Enhanced: true})
	if !errors.Is(err, devices.ErrGone) {
		t.Fatalf("cut: %v", err)
	}
	left := uint64(0)
	for _, r := range d.Remnants() {
		left += r.Bytes
	}
	if total := uint64(4 * mib); left < total/3 || left > total*2/3 {
		t.Errorf("%d bytes of %d are left", left, total)
	}
	d.PowerOn()
	f, err := open(t, d).Look(ctx)
	if err != nil || !f.Caps.ATA.SecurityLocked.IsYes() {
		t.Fatalf("after the cut: %+v, %v", f.Caps.ATA, err)
	}
	if err := ata.SecurityEraseUnit(ctx, d.ATA(), ata.SecurityErase{Password: own, Enhanced: true}); err != nil {
		t.Fatal(err)
	}
	if r := d.Remnants(); len(r) > 0 {
		t.Errorf("left: %+v", r)
	}
}

func TestEraseUnitOutlastsItsTimeout(t *testing.T) {
	d := newDrive(t, emulator.Params{EraseTakes: time.Hour})
	d.Prefill()
	if err := ata.SecuritySetPassword(ctx, d.ATA(), own); err != nil {
		t.Fatal(err)
	}
	err := ata.SecurityEraseUnit(ctx, d.ATA(), ata.SecurityErase{Password: own, Timeout: time.Minute})
	if !errors.Is(err, emulator.ErrTimeout) {
		t.Fatal(err)
	}
	c := ata.IdentifyCommand()
	if _, err := d.ATA().Exec(ctx, c); !errors.Is(err, emulator.ErrTimeout) {
		t.Errorf("a busy drive answers: %v", err)
	}
	d.Clock().Advance(2 * time.Hour)
	if len(d.Remnants()) != 0 {
		t.Error("it did not go on by itself")
	}
}

func TestRefusals(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SSD, Faults: emulator.Faults{
		Refuse: []emulator.Refuse{{Command: "BLOCK ERASE EXT", Times: 2, Status: 0x71, Error: 0x04}}}})
	for i := range 3 {
		_, err := d.ATA().Exec(ctx, ata.SanitizeBlockCommand(false))
		var ce *ata.CommandError
		if refused := errors.As(err, &ce) && ce.Registers.Status == 0x71; refused != (i < 2) {
			t.Errorf("try %d: %v", i, err)
		}
	}
}

func TestPartialEraseIsScatteredAsComputed(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SSD, Sectors: 64 * mib / 512, Seed: 3,
		Faults: emulator.Faults{KeepFraction: 0.05, Instant: true}})
	d.Prefill()
	if _, err := d.ATA().Exec(ctx, ata.SanitizeBlockCommand(false)); err != nil {
		t.Fatal(err)
	}
	var left uint64
	for _, r := range d.Remnants() {
		if r.Area.Kind == emulator.AreaUser {
			left += r.Bytes
		}
	}
	if share := float64(left) / (64 * mib); share < 0.04 || share > 0.06 {
		t.Errorf("%.3f is left, want 0.05", share)
	}
}

// TestParallelUse is for the race detector: writers, pollers, surveys and
// power cycles at once.
func TestParallelUse(t *testing.T) {
	d := newDrive(t, emulator.Params{Kind: emulator.SSD})
	d.Prefill()
	c := open(t, d)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			buf := make([]byte, 32<<10)
			for off := int64(w) * mib; off < int64(w+1)*mib; off += int64(len(buf)) {
				if _, err := c.WriteAt(buf, off); err != nil && !devices.Gone(err) {
					t.Error(err)
				}
				if _, err := c.LookIdentity(ctx); err != nil && !devices.Gone(err) {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 10 {
			_ = d.Remnants()
		}
		d.PowerCycle()
	})
	all.Wait()
}

func TestOpenIsExclusiveAndLooksAgain(t *testing.T) {
	d := newDrive(t, emulator.Params{Serial: "A1"})
	s := emulator.NewSystem(d)
	list, err := s.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	code := func(dev devices.Device) devices.Code {
		c, err := s.Open(ctx, dev)
		var r *devices.Refusal
		if errors.As(err, &r) {
			return r.Code
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		return ""
	}
	if got := code(list[0]); got != "" {
		t.Errorf("refused: %s", got)
	}
	c, err := s.Open(ctx, list[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := code(list[0]); got != devices.CodeBusy {
		t.Errorf("the second descriptor: %q", got)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	d.SetStack(devices.Stack{Mounts: []devices.Mount{{Source: "/dev/emu0p1", Target: "/mnt"}}})
	if got := code(list[0]); got != devices.CodeMounted {
		t.Errorf("mounted meanwhile: %q", got)
	}
	s.Plug(0, newDrive(t, emulator.Params{Serial: "B2"}))
	if got := code(list[0]); got != devices.CodeIdentityChanged {
		t.Errorf("exchanged: %q", got)
	}
	other := newDrive(t, emulator.Params{})
	s.Plug(0, other)
	other.PowerCut()
	if got := code(list[0]); got != devices.CodeVanished {
		t.Errorf("without power: %q", got)
	}
}
