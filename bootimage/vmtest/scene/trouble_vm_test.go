//go:build linux

package scene

import (
	"context"
	"math/rand/v2"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/vmtest"
)

// progressLine is one drive's line of progress within a pass.
var progressLine = regexp.MustCompile(`(SCENE\w+)\s+(?:上書き|読み戻し検証)\D`)

// TestPowerCuts cuts the power five times at random moments of an overwrite; each
// time the next start goes on, and the last one ends with everything verified.
func TestPowerCuts(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := play(t)
	p.Cut = true
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 5 {
		vm, err := vmtest.Start(t.Context(), p.Config(vmtest.UEFI))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := vm.Expect(progressLine, 3*time.Minute); err != nil {
			t.Fatalf("cut %d: %v\n%s", i+1, err, vm.Log())
		}
		time.Sleep(time.Duration(random.Int64N(int64(4 * time.Second)))) // the moment of the cut is the experiment
		if err := vm.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := vm.Close(); err != nil {
			t.Fatal(err)
		}
	}
	code, err := p.Run(t.Context(), p.Config(vmtest.UEFI))
	log, _ := p.Transcript()
	if err != nil || code != "0" {
		t.Fatalf("after the cuts: exit %q, %v\n%s", code, err, log)
	}
	p.checkWiped(t)
	p.checkEvidence(t)
}

// TestBadSectors makes sectors of the disk fail at the hardware, as the guest's
// real driver sees it: they are located exactly, and nothing is claimed.
func TestBadSectors(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := play(t)
	faults := p.path("faults.conf")
	if err := os.WriteFile(faults, []byte(vmtest.BadSectors([]int64{70001, 90000}, []int64{100007})), 0o644); err != nil {
		t.Fatal(err)
	}
	cfg := p.Config(vmtest.UEFI)
	cfg.Drives[0].Faults = faults
	code, err := p.Run(t.Context(), cfg)
	log, _ := p.Transcript()
	if err != nil || code != "60" {
		t.Fatalf("exit %q, %v; want 60\n%s", code, err, log)
	}
	if _, err := p.Collect(); err != nil {
		t.Fatal(err)
	}
	paper := p.paperOf(t, SerialHDD)
	for _, want := range []string{"消去・抹消 未完了報告書", "70,001", "90,000", "100,007"} {
		if !strings.Contains(paper, want) {
			t.Errorf("the disk's paper does not say %s:\n%s", want, paper)
		}
	}
	for _, near := range []string{"70,000", "70,002", "89,999", "90,001", "100,006", "100,008"} {
		if strings.Contains(paper, near) {
			t.Errorf("the disk's paper names %s, which is sound", near)
		}
	}
	if text := p.paperOf(t, SerialNVMe); !strings.Contains(text, "消去作業完了確認書") {
		t.Errorf("the NVMe drive suffered from the disk's sectors:\n%s", text)
	}
}

// TestTargetUnplugged pulls the NVMe drive in mid-wipe: it fails, and says so; the
// others are verified.
func TestTargetUnplugged(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := play(t)
	code, log := p.runWith(t, func(vm *vmtest.VM) {
		if _, err := vm.Expect(regexp.MustCompile(SerialNVMe+`\s+上書き`), 3*time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := vm.Unplug("drive2", time.Minute); err != nil {
			t.Error(err)
		}
	})
	if code != "60" {
		t.Fatalf("exit %s, want 60\n%s", code, log)
	}
	if _, err := p.Collect(); err != nil {
		t.Fatal(err)
	}
	if text := p.paperOf(t, SerialNVMe); !strings.Contains(text, "消去・抹消 未完了報告書") {
		t.Errorf("the paper of the pulled drive:\n%s", text)
	}
	for _, serial := range []string{SerialHDD, SerialSSD, SerialUSB} {
		if text := p.paperOf(t, serial); strings.Contains(text, "未完了報告書") {
			t.Errorf("%s suffered from the pulled drive:\n%s", serial, text)
		}
	}
}

// TestEvidenceUnplugged pulls the stick in mid-wipe and puts it back: what runs goes
// on, the screen is loud, and the papers are stored when the stick is back.
func TestEvidenceUnplugged(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	p := play(t)
	cfg := p.Config(vmtest.UEFI)
	stick := cfg.Drives[len(cfg.Drives)-1]
	stick.ID, stick.Boot = "again", false
	code, log := p.runWith(t, func(vm *vmtest.VM) {
		if _, err := vm.Expect(regexp.MustCompile(`上書き 1/`), 3*time.Minute); err != nil {
			t.Fatal(err)
		}
		if err := vm.Unplug("drive5", time.Minute); err != nil {
			t.Error(err)
		}
		if _, err := vm.Expect(regexp.MustCompile(`記録用USBを待機`), 3*time.Minute); err != nil {
			t.Errorf("the screen does not ask for the stick: %v", err)
		}
		if err := vm.Plug(stick); err != nil {
			t.Error(err)
		}
	})
	if code != "0" {
		t.Fatalf("exit %s, want 0\n%s", code, log)
	}
	p.checkWiped(t)
	if _, err := p.Collect(); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Verify(t.Context()); err != nil {
		t.Errorf("massho-verify: %v", err)
	}
}

// runWith boots the stick, lets meddle do its worst, and waits for the end.
func (p Play) runWith(t *testing.T, meddle func(*vmtest.VM)) (code, log string) {
	t.Helper()
	cfg := p.Config(vmtest.UEFI)
	vm, err := vmtest.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer vm.Close()
	meddle(vm)
	m, err := vm.Expect(exitLine, cfg.Timeout)
	if err != nil {
		t.Fatalf("%v\n%s", err, vm.Log())
	}
	if err := vm.Wait(time.Minute); err != nil {
		t.Error(err)
	}
	return m[1], string(vm.Log())
}

// checkWiped looks for what was planted on the drives that the case names.
func (p Play) checkWiped(t *testing.T) {
	t.Helper()
	for _, d := range p.Disks()[:Named] {
		if held, err := d.Holds(); err != nil || held {
			t.Errorf("%s: planted contents found: %t, %v", d.File, held, err)
		}
	}
}

// paperOf is the text of the last paper that tells of a serial.
func (p Play) paperOf(t *testing.T, serial string) string {
	t.Helper()
	records, err := p.Records()
	if err != nil {
		t.Fatal(err)
	}
	found := ""
	for _, r := range records {
		text, err := output(context.WithoutCancel(t.Context()), "pdftotext", "-layout", r, "-")
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(text, serial) {
			found = text
		}
	}
	if found == "" {
		t.Errorf("no paper tells of %s", serial)
	}
	return found
}
