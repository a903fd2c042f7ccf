//go:build linux

package vm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/vmtest"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/emulator"
)

// guest is a virtual PC that runs Debian's tools on our drives.
type guest struct {
	t  *testing.T
	vm *vmtest.VM
}

// tools boots package guest with the named programs and what they link to.
func tools(t *testing.T, r *rig, programs ...string) guest {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	payload := filepath.Join(dir, "guest")
	build := exec.Command("go", "build", "-trimpath", "-o", payload, "./guest")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cache := os.Getenv("MASSHO_CACHE")
	if cache == "" {
		cache = filepath.Join(root, ".cache")
	}
	in, err := bootimage.FetchInputs(t.Context(), filepath.Join(cache, "debian"), bootimage.Packages{})
	if err != nil {
		t.Fatal(err)
	}
	o := office{dir: dir}
	if _, err := bootimage.Build(t.Context(), bootimage.Options{
		Inputs: in, Massho: payload, ModuleDir: root, CacheDir: filepath.Join(cache, "uroot"), EvidenceSize: 48 << 20,
		ExtraCPIO: [][]byte{archive(t, programs)}, Out: o.image(),
	}); err != nil {
		t.Fatal(err)
	}
	g := guest{t, o.boot(t, r, "tools.log")}
	g.expect(`GUEST ready`, 9*time.Minute)
	return g
}

// in is g inside a subtest.
func (g guest) in(t *testing.T) guest { return guest{t, g.vm} }

func (g guest) expect(pattern string, within time.Duration) []string {
	g.t.Helper()
	m, err := g.vm.Expect(regexp.MustCompile(pattern), within)
	if err != nil {
		g.t.Fatalf("%v\n%s", err, g.vm.Log())
	}
	return m
}

// do sends one line and returns what was said and the exit code.
func (g guest) do(line string) (said string, rc int) {
	g.t.Helper()
	before := len(g.vm.Log())
	if err := g.vm.Send(line + "\r"); err != nil {
		g.t.Fatal(err)
	}
	m := g.expect(`GUEST rc (\d+)`, 3*time.Minute)
	rc, err := strconv.Atoi(m[1])
	if err != nil {
		g.t.Fatal(err)
	}
	return strings.ReplaceAll(string(g.vm.Log()[before:]), "\r", ""), rc
}

// run is do for a tool that must end well.
func (g guest) run(words ...string) string {
	g.t.Helper()
	said, rc := g.do("run " + strings.Join(words, " "))
	if rc != 0 {
		g.t.Errorf("%q ended with %d:\n%s", words, rc, said)
	}
	return said
}

var driveLine = regexp.MustCompile(`GUEST drive (\{.*\})`)

// look is what devices/linux makes of the drives, by serial.
func (g guest) look() map[string]devices.Device {
	g.t.Helper()
	said, rc := g.do("look")
	if rc != 0 {
		g.t.Fatalf("look ended with %d:\n%s", rc, said)
	}
	out := map[string]devices.Device{}
	for _, m := range driveLine.FindAllStringSubmatch(said, -1) {
		var d devices.Device
		if err := json.Unmarshal([]byte(m[1]), &d); err != nil {
			g.t.Fatal(err)
		}
		out[d.Identity.Serial] = d
	}
	return out
}

// archive packs programs and the libraries that ldd names, in cpio's newc format.
func archive(t *testing.T, programs []string) []byte {
	t.Helper()
	files := map[string]bool{}
	for _, p := range programs {
		path, err := exec.LookPath(p)
		if err != nil {
			t.Fatalf("%v: apt-get install hdparm sg3-utils smartmontools", err)
		}
		files[path] = true
		out, err := exec.Command("ldd", path).Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(/\S+) \(0x`).FindAllSubmatch(out, -1) {
			files[string(m[1])] = true
		}
	}
	var b bytes.Buffer
	seen := map[string]bool{".": true, "/": true}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		for _, dir := range parents(path) {
			if !seen[dir] {
				seen[dir] = true
				entry(&b, dir, 0o040755, nil)
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		entry(&b, path, 0o100755, data)
	}
	entry(&b, "TRAILER!!!", 0, nil)
	return b.Bytes()
}

func parents(path string) (dirs []string) {
	for d := filepath.Dir(path); d != "/"; d = filepath.Dir(d) {
		dirs = append([]string{d}, dirs...)
	}
	return dirs
}

// entry appends one file of a newc archive (cpio(5)).
func entry(b *bytes.Buffer, path string, mode int, data []byte) {
	name := strings.TrimPrefix(path, "/")
	fmt.Fprintf(b, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name)+1, 0)
	b.WriteString(name + "\x00")
	b.Write(make([]byte, -b.Len()&3))
	b.Write(data)
	b.Write(make([]byte, -b.Len()&3))
}

// TestTools lets hdparm, smartctl, sg_sanitize and sg_format read and erase our
// drives in a guest, and holds what they say against what our code says there.
//
// Left out, because QEMU turns descriptor sense into fixed and these tools want the
// descriptor: what comes back in registers only (hdparm -N, --sanitize-status,
// smartctl's overall health).
func TestTools(t *testing.T) {
	vmtest.Need(t, vmtest.All)
	r := serve(t,
		&disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.HDD, Serial: "EMUATA11", ATA: enhancedOnly, EraseTakes: takes, Reallocated: []uint64{100, 5000}}},
		&disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.SASSSD, Serial: "EMUSAS12", EraseTakes: takes}},
		&disk{bus: virtioSCSI, params: emulator.Params{Kind: emulator.SAS, Serial: "EMUSAS13", EraseTakes: takes}},
	)
	g := tools(t, r, "hdparm", "smartctl", "sg_sanitize", "sg_format")
	ours := g.look()
	node := func(serial string) string {
		d, ok := ours[serial]
		if !ok {
			t.Fatalf("devices/linux does not see %s in %v", serial, ours)
		}
		return d.Path
	}
	t.Run("hdparm reads", func(t *testing.T) { hdparmReads(t, g.in(t), ours["EMUATA11"]) })
	t.Run("smartctl reads", func(t *testing.T) { smartctlReads(t, g.in(t), ours["EMUATA11"]) })
	t.Run("hdparm erases", func(t *testing.T) {
		g := g.in(t)
		g.run("hdparm", "--user-master", "u", "--security-set-pass", "massho", node("EMUATA11"))
		if c := g.look()["EMUATA11"].Caps.ATA; !c.SecurityEnabled.IsYes() || c.SecurityLocked.IsYes() {
			t.Errorf("after the password: enabled %s, locked %s", c.SecurityEnabled, c.SecurityLocked)
		}
		g.run("hdparm", "--user-master", "u", "--security-erase-enhanced", "massho", node("EMUATA11"))
		r.erased(t, "EMUATA11")
		if c := g.look()["EMUATA11"].Caps.ATA; !c.SecurityEnabled.IsNo() {
			t.Errorf("after the erase: enabled %s", c.SecurityEnabled)
		}
	})
	t.Run("sg_sanitize erases", func(t *testing.T) {
		g := g.in(t)
		g.run("sg_sanitize", "--block", "--quick", "--wait", node("EMUSAS12"))
		r.erased(t, "EMUSAS12")
	})
	t.Run("sg_format formats", func(t *testing.T) {
		g := g.in(t)
		g.run("sg_format", "--format", "--quick", "--wait", node("EMUSAS13"))
		d, err := r.disk("EMUSAS13")
		if err != nil {
			t.Fatal(err)
		}
		if left := d.Contains(d.Marker()); len(left) > 0 {
			t.Errorf("data is left in %v", left)
		}
	})
	if err := g.vm.Send("off\r"); err != nil {
		t.Fatal(err)
	}
	if err := g.vm.Wait(time.Minute); err != nil {
		t.Error(err)
	}
}

// erased: no data is left anywhere on the drive.
func (r *rig) erased(t *testing.T, serial string) {
	t.Helper()
	d, err := r.disk(serial)
	if err != nil {
		t.Fatal(err)
	}
	if left := d.Remnants(); len(left) > 0 {
		t.Errorf("%s: data is left in %v", serial, left)
	}
}

// hdparmReads holds hdparm -I against our Identity and Capabilities.
func hdparmReads(t *testing.T, g guest, d devices.Device) {
	said := g.run("hdparm", "-I", d.Path)
	c := d.Caps.ATA
	for _, want := range []string{
		"Model Number:       " + d.Identity.Model, "Serial Number:      " + d.Identity.Serial, "Firmware Revision:  " + d.Identity.Firmware,
		fmt.Sprintf("LBA48  user addressable sectors: %11d", d.Identity.Sectors),
		fmt.Sprintf("Nominal Media Rotation Rate: %d", d.Caps.RotationRPM),
		fmt.Sprintf("%dmin for SECURITY ERASE UNIT. %dmin for ENHANCED SECURITY ERASE UNIT.", int(c.EraseTime.Minutes()), int(c.EnhancedEraseTime.Minutes())),
	} {
		if !strings.Contains(said, want) {
			t.Errorf("hdparm -I does not say %q", want)
		}
	}
	for _, f := range []struct {
		word string
		ours bool
	}{
		{"enabled", c.SecurityEnabled.IsYes()}, {"locked", c.SecurityLocked.IsYes()}, {"frozen", c.SecurityFrozen.IsYes()},
		{"expired: security count", c.SecurityExpired.IsYes()}, {"supported: enhanced erase", c.SecurityEnhanced.IsYes()},
	} {
		not := regexp.MustCompile(`(?m)^\s+not\s+` + regexp.QuoteMeta(f.word) + `$`).MatchString(said)
		yes := regexp.MustCompile(`(?m)^\s+` + regexp.QuoteMeta(f.word) + `$`).MatchString(said)
		if not == yes || yes != f.ours {
			t.Errorf("%s: hdparm says %t (not: %t), our code %t", f.word, yes, not, f.ours)
		}
	}
	if t.Failed() {
		t.Log(said)
	}
}

// smartctlReads holds smartctl -A against our Health.
func smartctlReads(t *testing.T, g guest, d devices.Device) {
	said, _ := g.do("run smartctl -d sat,16 -i -A " + d.Path) // its exit code tells of registers, too
	for _, a := range []struct {
		id   int
		ours *uint64
	}{{5, d.Health.Reallocated}, {9, d.Health.PowerOnHours}, {197, d.Health.Pending}, {198, d.Health.Uncorrectable}} {
		m := regexp.MustCompile(fmt.Sprintf(`(?m)^\s*%d \S.*\s(\d+)$`, a.id)).FindStringSubmatch(said)
		if m == nil || a.ours == nil || m[1] != strconv.FormatUint(*a.ours, 10) {
			t.Errorf("attribute %d: smartctl says %v, our code %v", a.id, m, a.ours)
		}
	}
	if d.Health.Reallocated == nil || *d.Health.Reallocated != 2 {
		t.Errorf("reallocated %v, want 2", d.Health.Reallocated)
	}
	if t.Failed() {
		t.Log(said)
	}
}
