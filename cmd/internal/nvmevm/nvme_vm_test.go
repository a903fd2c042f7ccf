//go:build linux

package nvmevm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage/vmtest"
	"github.com/massho/massho/devices/emulator"
	"github.com/massho/massho/devices/tcg"
)

var everything = emulator.NVMeFeatures{Bare: true, SanitizeBlock: true, SanitizeCrypto: true, SanitizeOverwrite: true, Format: true, FormatCrypto: true, Management: true}

// TestNVMeOverTCP boots once with four controllers behind the kernel's nvme-tcp
// driver and one of QEMU's own, and erases all of them.
func TestNVMeOverTCP(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	r := serve(t,
		emulator.Params{Serial: "EMUNVM01", NVMe: everything, EraseTakes: 25 * time.Second,
			Namespaces: []emulator.Namespace{{Sectors: 8192}, {Sectors: 4096, Detached: true}}, UnallocatedSectors: 2048},
		emulator.Params{Serial: "EMUOPAL02", NVMe: emulator.NVMeFeatures{Bare: true, SanitizeBlock: true}, EraseTakes: 3 * time.Second,
			TCG: emulator.TCGFeatures{SSC: tcg.FeatureOpal2, SID: "an owner's", Locked: true}},
		emulator.Params{Serial: "EMUFMT03", NVMe: emulator.NVMeFeatures{Bare: true, Format: true}},
		emulator.Params{Serial: "EMUSES04", NVMe: emulator.NVMeFeatures{Bare: true, Format: true, SanitizeBlock: true}, Faults: emulator.Faults{UnmapOnly: true}},
	)
	o := prepare(t)
	g := o.boot(t, r, o.image(t), "serial.log", vmtest.Drive{Bus: vmtest.NVMe, File: o.disk(t, "qemu.img", 16<<20), Serial: "QEMUNVM05"})
	seen := g.detect()
	t.Run("nvme-cli and massho see the same", func(t *testing.T) { g.sameView(t, r, seen) })
	t.Run("Format SES 0 leaves the data, and nobody claims it", func(t *testing.T) { g.formatSES0(t, r.drives[3], seen["EMUSES04"]) })
	t.Run("Sanitize of all namespaces, with progress", func(t *testing.T) { g.sanitizeAll(t, r.drives[0]) })
	t.Run("PSID revert of a locked drive", func(t *testing.T) { g.revert(t, r.drives[1], seen["EMUOPAL02"]) })
	t.Run("Format alone never reaches the row", func(t *testing.T) { g.formatOnly(t, r.drives[2]) })
	t.Run("QEMU's own NVMe has no Sanitize", func(t *testing.T) { g.qemuNVMe(t, seen["QEMUNVM05"]) })
	g.off()
}

// sameView holds nvme-cli's words against ours, drive by drive.
func (g *guest) sameView(t *testing.T, r *rig, seen map[string]found) {
	g.t = t
	var list struct {
		Devices []struct{ DevicePath, SerialNumber, ModelNumber, Firmware string }
	}
	g.nvme(&list, "list", "-o", "json")
	if len(list.Devices) != 6 { // the first controller has two namespaces, and QEMU one
		t.Errorf("nvme list shows %d namespaces: %+v", len(list.Devices), list.Devices)
	}
	for _, d := range list.Devices {
		f := seen[d.SerialNumber]
		if f.Device.Identity.Model != d.ModelNumber || f.Device.Identity.Firmware != d.Firmware {
			t.Errorf("%s: nvme list says %+v, massho %+v", d.SerialNumber, d, f.Device.Identity)
		}
		var id struct {
			Sanicap, Fna, Oacs uint64
			Tnvmcap, Unvmcap   json.Number
			Subnqn             string
		}
		controller := d.DevicePath[:strings.LastIndex(d.DevicePath, "n")]
		g.nvme(&id, "id-ctrl", controller, "-o", "json")
		c := f.Device.Caps.NVMe
		for name, want := range map[string]uint64{"sanitizeCrypto": id.Sanicap & 1, "sanitizeBlock": id.Sanicap & 2, "sanitizeOverwrite": id.Sanicap & 4, "format": id.Oacs & 2} {
			if (c[name] == "yes") != (want != 0) {
				t.Errorf("%s: %s is %v, nvme-cli says SANICAP %X OACS %X", d.SerialNumber, name, c[name], id.Sanicap, id.Oacs)
			}
		}
		if un, have := fmt.Sprint(id.Unvmcap), c["unallocated"]; id.Tnvmcap != "0" && have != un {
			t.Errorf("%s: unallocated %v, nvme-cli says %s", d.SerialNumber, have, un)
		}
		if (f.Device.Caps.TCG["present"] == "no") != (id.Oacs&1 == 0) {
			t.Errorf("%s: TCG %v, nvme-cli says OACS %X", d.SerialNumber, f.Device.Caps.TCG, id.Oacs)
		}
	}
	whole := seen["EMUNVM01"].Device
	if len(whole.Parts) != 2 || whole.Identity.Sectors != sectors+8192 || whole.Transport != "nvme-tcp" {
		t.Errorf("two namespaces are %+v", whole)
	}
	if c := seen["EMUOPAL02"].Device.Caps.TCG; c["ssc"] != "Opal 2.0" || c["locked"] != "yes" || c["mediaEncryption"] != "yes" {
		t.Errorf("Level 0 Discovery shows %v", c)
	}
	for _, d := range r.drives {
		if len(seen[d.emu.Params().Serial].Refusals) > 0 {
			t.Errorf("%s: refused %+v", d.nqn, seen[d.emu.Params().Serial].Refusals)
		}
	}
}

// formatSES0: nvme format without --ses reports success, and the cells keep
// everything. massho never sends it, and gives nothing for it.
func (g *guest) formatSES0(t *testing.T, d *drive, f found) {
	g.t = t
	g.must("run", "/opt/nvme", "format", "/dev/"+f.Name, "--ses=0", "--force")
	if n := d.count("Format NVM SES 0"); n != 1 {
		t.Fatalf("the drive saw %d of them", n)
	}
	if len(d.emu.Remnants()) == 0 {
		t.Error("Format SES 0 erased the cells: the emulator lies")
	}
	w := g.wipe("training", "wipe", "--category", "lgwan:2", "EMUSES04")
	if w.outcome.Derived.Reached == 2 && !slices.Contains(w.techs, "nvme-sanitize-block-erase") {
		t.Errorf("row 2 by %v", w.techs)
	}
	if d.count("Format NVM SES 0") != 1 {
		t.Error("massho sent a Format SES 0")
	}
}

// sanitizeAll erases a medium of several namespaces: every one, the detached one
// and the capacity of none, and the screen sees the controller's progress.
func (g *guest) sanitizeAll(t *testing.T, d *drive) {
	g.t = t
	w := g.wipe("training", "wipe", "--category", "lgwan:2", "EMUNVM01")
	if w.err != nil || w.outcome.Derived.Reached != 2 || w.outcome.Derived.Outcome != "Verified" || w.outcome.File == "" {
		t.Fatalf("%v: %+v\n%s", w.err, w.outcome, w.said)
	}
	if !slices.Contains(w.techs, "nvme-sanitize-block-erase") || !slices.Contains(w.techs, "nvme-sanitize-crypto-erase") {
		t.Errorf("techniques %v", w.techs)
	}
	if len(w.progress) < 2 || slices.Max(w.progress) == 0 {
		t.Errorf("progress %v", w.progress)
	}
	if left := d.emu.Remnants(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	var log map[string]struct {
		Sstat struct{ Status string }
		Cdw10 uint32 `json:"cdw10_info"`
	}
	part := g.detect()["EMUNVM01"].Device.Parts[0]
	g.nvme(&log, "sanitize-log", "/dev/"+part, "-o", "json")
	if l := log[part]; l.Cdw10 != 2 || !strings.HasPrefix(l.Sstat.Status, "(1)") {
		t.Errorf("nvme sanitize-log says %+v", log)
	}
}

// revert opens a locked Opal drive with the PSID from its label, then erases it.
func (g *guest) revert(t *testing.T, d *drive, f found) {
	g.t = t
	if said, err := g.do(stepLimit, "run", "/opt/nvme", "read", "/dev/"+f.Name, "-s", "0", "-c", "0", "-z", "512"); err == nil {
		t.Errorf("a locked drive reads: %s", said)
	}
	if w := g.wipe("training", "wipe", "--category", "lgwan:2", "EMUOPAL02"); w.err == nil || d.count("Sanitize") > 0 {
		t.Errorf("without a PSID: %+v", w.outcome)
	}
	w := g.wipe("training", "wipe", "--category", "lgwan:2", "--psid", "OPAL02="+d.emu.PSID(), "EMUOPAL02")
	if w.err != nil || w.outcome.Derived.Reached != 2 || w.techs[0] != "tcg-revert-tper" {
		t.Fatalf("%v: %v %+v\n%s", w.err, w.techs, w.outcome, w.said)
	}
	if left := d.emu.Remnants(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if after := g.detect()["EMUOPAL02"].Device.Caps.TCG; after["locked"] != "no" || after["activated"] != "no" || after["owned"] != "no" {
		t.Errorf("left as %v", after)
	}
}

// formatOnly: a controller with Format and no Sanitize reaches (3) by overwriting,
// and its paper says that it is not (2).
func (g *guest) formatOnly(t *testing.T, d *drive) {
	g.t = t
	w := g.wipe("training", "wipe", "--category", "lgwan:2", "EMUFMT03")
	if w.outcome.Derived.Reached != 3 || w.outcome.Derived.Paper != "stage-a" || w.outcome.File == "" {
		t.Errorf("%v: %+v %v", w.err, w.outcome, w.techs)
	}
	if d.count("Sanitize") > 0 {
		t.Error("a Sanitize was sent to a controller without one")
	}
	for _, left := range d.emu.Remnants() {
		if left.HostReachable {
			t.Errorf("left %+v", left)
		}
	}
}

// qemuNVMe is a controller that no emulator of ours stands behind.
func (g *guest) qemuNVMe(t *testing.T, f found) {
	g.t = t
	for _, name := range []string{"sanitizeBlock", "sanitizeCrypto", "sanitizeOverwrite"} {
		if f.Device.Caps.NVMe[name] != "no" {
			t.Errorf("%s is %v", name, f.Device.Caps.NVMe[name])
		}
	}
	w := g.wipe("real", "wipe", "--category", "internet:1", "QEMUNVM05")
	if w.err != nil || w.outcome.Derived.Reached != 3 || w.outcome.Derived.Outcome != "Verified" || slices.ContainsFunc(w.techs, func(s string) bool { return strings.Contains(s, "sanitize") }) {
		t.Errorf("%v: %v %+v\n%s", w.err, w.techs, w.outcome, w.said)
	}
}

// TestCutDuringSanitize takes the power of PC and drive in the middle of a
// Sanitize. The drive goes on when it has power again; the next start finds it at
// work, waits for it, and sends nothing a second time.
func TestCutDuringSanitize(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	r := serve(t, emulator.Params{Serial: "EMUCUT06", NVMe: emulator.NVMeFeatures{Bare: true, SanitizeBlock: true}, EraseTakes: 3 * time.Minute})
	d := r.drives[0]
	o := prepare(t)
	image := o.image(t)
	first := o.boot(t, r, image, "first.log")
	begun := d.when("Sanitize block erase")
	if err := first.vm.Send("run /opt/massho wipe --category lgwan:2 EMUCUT06 --stick /opt/stick-training --evidence /run/massho/evidence --json\r"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-begun:
	case <-time.After(wipeLimit):
		t.Fatalf("no Sanitize came\n%s", first.vm.Log())
	}
	if err := sleep(t.Context(), 10*time.Second); err != nil { // its acceptance is on the stick by then
		t.Fatal(err)
	}
	d.emu.PowerCut()
	if err := first.vm.Kill(); err != nil {
		t.Fatal(err)
	}
	if len(d.emu.Remnants()) == 0 {
		t.Fatal("nothing is left: the cut came too late")
	}
	d.emu.PowerOn()
	second := o.boot(t, r, image, "second.log")
	w := second.wipe("training", "resume")
	if w.err != nil || w.outcome.Derived.Reached != 2 || w.outcome.Derived.Outcome != "Verified" || w.outcome.File == "" {
		t.Errorf("%v: %+v\n%s", w.err, w.outcome, w.said)
	}
	if n := d.count("Sanitize"); n != 1 {
		t.Errorf("%d Sanitize commands", n)
	}
	if left := d.emu.Remnants(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	second.off()
}
