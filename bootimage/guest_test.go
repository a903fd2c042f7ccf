//go:build linux

package bootimage_test

import (
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/massho/massho/bootimage/stick"
	"github.com/massho/massho/bootimage/vmtest"
)

// TestPersonalised boots a stick that was prepared from the built image, as
// every real stick is.
func TestPersonalised(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	image := build(t, options(t))
	id, err := stick.NewIdentity(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "stick.img")
	err = stick.Personalise(image, out, stick.Personal{Identity: id, Files: map[string][]byte{"鍵/stick.pem": []byte("key")}, Cmdline: []string{"massho.lang=en"}})
	if err != nil {
		t.Fatal(err)
	}
	boot := partitions(t, out)
	vm := start(t, vmtest.Config{Firmware: vmtest.SecureBoot, Drives: []vmtest.Drive{{Bus: vmtest.USB, File: out, Boot: true}}})
	g := report(t, vm)
	checkGuest(t, g)
	for _, want := range []string{"massho.lang=en", "massho.evidence=" + id.Evidence.String(), "massho.bootfs=" + id.ESP.String()} {
		if !strings.Contains(g.cmdline, want) {
			t.Errorf("%s is not on the command line %s", want, g.cmdline)
		}
	}
	if strings.Join(g.evidence.Files, " ") != " /鍵 /鍵/stick.pem" {
		t.Errorf("evidence %+v", g.evidence)
	}
	powerOff(t, vm)
	checkStick(t, out, boot)
}

// TestMeasured boots with a TPM, where the registers name kernel and initramfs.
func TestMeasured(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	vm := start(t, vmtest.Config{Firmware: vmtest.SecureBoot, TPM: true,
		Drives: []vmtest.Drive{{Bus: vmtest.USB, File: build(t, options(t)), Boot: true}}})
	g := report(t, vm)
	checkGuest(t, g)
	m := g.measured
	if m.TPM != 2 || m.Bank != "sha256" || m.Log < 1000 || len(m.PCRs) != 24 {
		t.Fatalf("measured %+v", m)
	}
	for _, n := range []string{"4", "7", "8", "9"} {
		if v := m.PCRs[n]; len(v) != 64 || strings.Trim(v, "0") == "" {
			t.Errorf("PCR %s is %q", n, v)
		}
	}
	powerOff(t, vm)
}

// TestNoSerialPort boots a machine like most notebooks: the kernel is told of
// a serial console that is not there.
func TestNoSerialPort(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	opts := options(t)
	opts.Cmdline = []string{"payload.auto"}
	image := build(t, opts)
	boot := partitions(t, image)
	vm := start(t, vmtest.Config{NoSerial: true, Drives: []vmtest.Drive{{Bus: vmtest.USB, File: image, Boot: true}}})
	if err := vm.Wait(bootLimit); err != nil {
		screen(t, vm)
		t.Fatal(err)
	}
	checkStick(t, image, boot)
}

// TestTwins boots with two sticks of one image: no evidence place until one is
// pulled.
func TestTwins(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	image := build(t, options(t))
	twin := copyOf(t, image)
	vm := start(t, vmtest.Config{Drives: []vmtest.Drive{
		{Bus: vmtest.USB, File: image, Serial: "ONE", Boot: true},
		{Bus: vmtest.USB, File: twin, Serial: "TWO", ID: "twin"},
	}})
	g := report(t, vm)
	checkGuest(t, g)
	if g.evidence.Mounted != nil || !strings.Contains(g.evidence.Error, "unplug all but the one") {
		t.Errorf("evidence %+v", g.evidence)
	}
	expect(t, vm, `PAYLOAD ready`, stepLimit)
	if err := vm.Unplug("twin", stepLimit); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD event remove sd[ab]\r`, stepLimit)
	send(t, vm, "evidence")
	expect(t, vm, `PAYLOAD found \{Device:/dev/sd[ab]3 .* error <nil>`, stepLimit)
	send(t, vm, "off")
	if err := vm.Wait(stepLimit); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cmp", image, twin).CombinedOutput(); err != nil {
		t.Errorf("a refused stick was written to: %s", out)
	}
}

func copyOf(t *testing.T, path string) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "copy.img")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(out, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return out
}

func send(t *testing.T, vm *vmtest.VM, line string) {
	t.Helper()
	if err := vm.Send(line + "\r"); err != nil {
		t.Fatal(err)
	}
}

// TestWriteProtected boots from a stick whose switch is set: its contents can
// be read, and it is said.
func TestWriteProtected(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	vm := start(t, vmtest.Config{Drives: []vmtest.Drive{{Bus: vmtest.USB, File: build(t, options(t)), ReadOnly: true, Boot: true}}})
	g := report(t, vm)
	if ev := g.evidence; ev.Mounted == nil || !ev.Mounted.ReadOnly || !strings.Contains(ev.Error, "write-protected") || len(ev.Files) != 3 {
		t.Errorf("evidence %+v", ev)
	}
	powerOff(t, vm)
}

// TestPlug plugs drives in and out while the guest runs, then ends the program
// and types into the shell that init starts.
func TestPlug(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	vm := start(t, vmtest.Config{Drives: []vmtest.Drive{
		{Bus: vmtest.AHCI, File: build(t, options(t)), Boot: true},
		{Bus: vmtest.NVMe, File: disk(t, 64<<20), Serial: "NVME1", ID: "nv"},
	}})
	g := report(t, vm)
	checkGuest(t, g)
	if g.evidence.Mounted == nil || g.evidence.Mounted.Disk != "sda" || g.drives["nvme0n1"] == "" {
		t.Errorf("evidence %+v, drives %v", g.evidence, g.drives)
	}
	expect(t, vm, `PAYLOAD ready`, stepLimit)
	late := vmtest.Drive{Bus: vmtest.USB, File: disk(t, 40<<20), ID: "late", Serial: "LATE"}
	if err := vm.Plug(late); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD event add sdb\r`, stepLimit)
	if err := vm.Unplug("late", stepLimit); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD event remove sdb\r`, stepLimit)
	if err := vm.Unplug("nv", stepLimit); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD event remove nvme0n1\r`, stepLimit)
	if err := vm.Press("ctrl-alt-delete"); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD signal interrupt`, stepLimit)
	send(t, vm, "exit")
	expect(t, vm, `[#$>] `, stepLimit)
	if err := vm.Press("l", "s", "spc", "slash", "b", "b", "i", "n", "ret"); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `gosh`, stepLimit)
	screen(t, vm)
	if err := vm.Kill(); err != nil {
		t.Error(err)
	}
}

// TestPulled pulls the stick while the guest runs and puts it back.
func TestPulled(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	image := build(t, options(t))
	boot := partitions(t, image)
	vm := start(t, vmtest.Config{Drives: []vmtest.Drive{{Bus: vmtest.USB, File: image, ID: "stick", Serial: "STICK", Boot: true}}})
	g := report(t, vm)
	checkGuest(t, g)
	expect(t, vm, `PAYLOAD ready`, stepLimit)
	if err := vm.Unplug("stick", stepLimit); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD event remove sda\r`, stepLimit)
	send(t, vm, "write lost.txt")
	expect(t, vm, `PAYLOAD wrote .*(input/output error|no such)`, stepLimit)
	send(t, vm, "evidence")
	expect(t, vm, `PAYLOAD found .* plug the stick back in`, stepLimit)
	if err := vm.Plug(vmtest.Drive{Bus: vmtest.USB, File: image, ID: "again", Serial: "STICK"}); err != nil {
		t.Fatal(err)
	}
	expect(t, vm, `PAYLOAD event add sd[ab]3\r`, stepLimit)
	send(t, vm, "remount")
	expect(t, vm, `PAYLOAD remounted <nil>`, stepLimit)
	send(t, vm, "off")
	if err := vm.Wait(stepLimit); err != nil {
		t.Fatal(err)
	}
	checkRecord(t, image, boot)
	// The kernel leaves the mark of a volume that was not unmounted, and that
	// must be all there is to find.
	out, _ := fsckEvidence(t, image)
	for _, line := range strings.Split(strings.TrimSpace(out), "\n") {
		if !harmless.MatchString(line) {
			t.Errorf("fsck.fat finds more than the mark: %s", line)
		}
	}
}

var harmless = regexp.MustCompile(`^(fsck.fat 4|There are differences between|This is mostly harmless|  65:01/00|  Not automatically|Dirty bit|  ?Automatically removing dirty|Leaving filesystem|.*: [0-9]+ files, |$)`)
