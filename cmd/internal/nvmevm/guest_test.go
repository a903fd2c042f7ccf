//go:build linux

package nvmevm

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/u-root/mkuimage/cpio"

	"github.com/massho/massho/bootimage"
	"github.com/massho/massho/bootimage/vmtest"
)

// Limits: machines share their cores with others, and TCG is slow.
const (
	bootLimit = 6 * time.Minute
	stepLimit = 2 * time.Minute
	wipeLimit = 8 * time.Minute
)

// office is sticks made by the clerk's own program: one of a training authority,
// for drives on roads for tests, and one of a real one, for all others.
type office struct{ dir, bin string }

func prepare(t *testing.T) office {
	t.Helper()
	o := office{dir: t.TempDir(), bin: os.Getenv("MASSHO_BIN")}
	if o.bin == "" {
		t.Fatal("MASSHO_BIN does not name the folder of massho's programs; run make test-vm")
	}
	pass := filepath.Join(o.dir, "passphrase")
	draft := filepath.Join(o.dir, "case.json")
	for path, text := range map[string]string{
		pass: "emulated drives\n",
		draft: `{"schemaVersion": 1, "id": "NVMEVM-1", "title": "試験", "municipality": "見本市", "addressee": "見本市長 様",
			"contractor": {"name": "", "address": "", "representative": ""}, "roster": [], "people": [], "afterwards": "shell"}`,
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []struct{ name, flag string }{{"training", "--training"}, {"real", ""}} {
		home := filepath.Join(o.dir, kind.name)
		keys := []string{"keys", "init", "--office", home, "--name", "見本市", "--passphrase-file", pass}
		if kind.flag != "" {
			keys = append(keys, kind.flag)
		}
		for _, args := range [][]string{keys, {"prepare", "--office", home, "--case", draft, "--stick", "U1", "--out", filepath.Join(o.dir, "stick-"+kind.name), "--passphrase-file", pass}} {
			if out, err := exec.Command(filepath.Join(o.bin, "massho-office"), args...).CombinedOutput(); err != nil {
				t.Fatalf("massho-office %v: %v\n%s", args, err, out)
			}
		}
	}
	return o
}

// archive is what the image holds beside the stick's own: massho, nvme-cli with
// its libraries, and both sticks' folders.
func (o office) archive(t *testing.T) []byte {
	t.Helper()
	var records []cpio.Record
	add := func(path, name string) {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, cpio.StaticRecord(b, cpio.Info{Name: strings.TrimPrefix(name, "/"), Mode: cpio.S_IFREG | 0o755}))
	}
	add(filepath.Join(o.bin, "massho"), "opt/massho")
	nvme, err := exec.LookPath("nvme")
	if err != nil {
		t.Fatalf("nvme is missing: apt-get install nvme-cli: %v", err)
	}
	add(nvme, "opt/nvme")
	libs, err := exec.Command("ldd", nvme).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, lib := range regexp.MustCompile(`/\S+\.so\S*`).FindAllString(string(libs), -1) {
		add(lib, lib)
	}
	for _, kind := range []string{"training", "real"} {
		dir := filepath.Join(o.dir, "stick-"+kind)
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				add(path, "opt/stick-"+kind+strings.TrimPrefix(path, dir))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := bootimage.Archive(records)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// image builds the stick with the guest program in massho's place.
func (o office) image(t *testing.T) string {
	t.Helper()
	top := filepath.Join("..", "..", "..")
	in, err := bootimage.FetchInputs(t.Context(), filepath.Join(top, "out", ".cache", "debian"), bootimage.Packages{})
	if err != nil {
		t.Fatal(err)
	}
	guest := filepath.Join(o.dir, "guest")
	cmd := exec.Command("go", "build", "-trimpath", "-o", guest, "./guest")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build guest: %v\n%s", err, b)
	}
	opts := bootimage.Options{
		Inputs: in, ModuleDir: top, CacheDir: filepath.Join(top, "out", ".cache", "parts"), Massho: guest,
		ExtraModules: []string{"nvme_tcp", "virtio_net"}, ExtraCPIO: [][]byte{o.archive(t)},
		EvidenceFiles: map[string][]byte{"README": []byte("evidence\n")}, Out: filepath.Join(o.dir, "stick.img"),
	}
	if _, err := bootimage.Build(t.Context(), opts); err != nil {
		t.Fatal(err)
	}
	return opts.Out
}

// guest is a machine that has booted and listens on its serial port.
type guest struct {
	t  *testing.T
	vm *vmtest.VM
}

// boot starts the machine, loads the drivers and connects to every controller.
func (o office) boot(t *testing.T, r *rig, image, log string, more ...vmtest.Drive) *guest {
	t.Helper()
	vm, err := vmtest.Start(t.Context(), vmtest.Config{
		Memory: 2048, Timeout: 30 * time.Minute, Log: filepath.Join(o.dir, log),
		Args:   []string{"-netdev", "user,id=n0", "-device", "virtio-net-pci,netdev=n0"},
		Drives: append([]vmtest.Drive{{Bus: vmtest.USB, File: image, Serial: "NVMEVMSTICK", Boot: true, Options: []string{"removable=on"}}}, more...),
	})
	if err != nil {
		t.Fatal(err)
	}
	g := &guest{t, vm}
	t.Cleanup(func() {
		if err := vm.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", log, strings.ReplaceAll(string(vm.Log()), "\r", ""))
		}
	})
	if _, err := vm.Expect(regexp.MustCompile(`GUEST ready <nil>`), bootLimit); err != nil {
		t.Fatal(err)
	}
	g.must("modprobe", "nvme_tcp")
	g.must("net")
	for _, d := range r.drives {
		g.must("connect", r.portText(), d.nqn)
	}
	return g
}

var answer = regexp.MustCompile(`(?s)GUEST begin\r+\n(.*?)GUEST end ([^\r\n]*)\r+\n`)

// do sends a command and returns what it said, and its error in words.
func (g *guest) do(within time.Duration, words ...string) (said string, err error) {
	g.t.Helper()
	if err := g.vm.Send(strings.Join(words, " ") + "\r"); err != nil {
		g.t.Fatal(err)
	}
	m, err := g.vm.Expect(answer, within)
	if err != nil {
		g.t.Fatal(err)
	}
	said = strings.ReplaceAll(m[1], "\r", "")
	if m[2] != "<nil>" {
		return said, fmt.Errorf("%s: %s", strings.Join(words, " "), m[2])
	}
	return said, nil
}

// must is do of what may not fail.
func (g *guest) must(words ...string) string {
	g.t.Helper()
	said, err := g.do(stepLimit, words...)
	if err != nil {
		g.t.Fatalf("%v\n%s", err, said)
	}
	return said
}

// nvme runs nvme-cli and decodes its JSON.
func (g *guest) nvme(into any, words ...string) {
	g.t.Helper()
	said := g.must(append([]string{"run", "/opt/nvme"}, words...)...)
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(said[max(0, strings.IndexByte(said, '{')):]), into); err != nil {
		g.t.Fatalf("nvme %v: %v\n%s", words, err, said)
	}
}

// found is a device as massho detect --json shows it.
type found struct {
	Name   string `json:"name"`
	Device struct {
		Transport string
		Parts     []string
		Identity  struct {
			Model, Serial, Firmware string
			Sectors                 uint64
		}
		Caps struct {
			NVMe map[string]any `json:"nvme"`
			TCG  map[string]any `json:"tcg"`
		}
	} `json:"device"`
	Refusals []struct{ Code string } `json:"refusals"`
}

// detect runs massho detect, by serial.
func (g *guest) detect() map[string]found {
	g.t.Helper()
	out := map[string]found{}
	for line := range strings.Lines(g.must("run", "/opt/massho", "detect", "--json")) {
		var f found
		if json.Unmarshal([]byte(line), &f) == nil && f.Name != "" {
			out[f.Device.Identity.Serial] = f
		}
	}
	return out
}

// wiped is what massho wipe --json says of a run.
type wiped struct {
	outcome struct {
		Serial  string `json:"serial"`
		File    string `json:"file"`
		Error   string `json:"error"`
		Derived struct {
			Outcome string `json:"outcome"`
			Reached int    `json:"reached"`
			Paper   string `json:"paper"`
		} `json:"derivation"`
	}
	progress []int64 // of the device's own erase
	techs    []string
	said     string
	err      error
}

// wipe runs massho wipe or massho resume.
func (g *guest) wipe(stick string, words ...string) (w wiped) {
	g.t.Helper()
	words = append([]string{"run", "/opt/massho"}, words...)
	words = append(words, "--stick", "/opt/stick-"+stick, "--evidence", "/run/massho/evidence", "--json")
	w.said, w.err = g.do(wipeLimit, words...)
	for line := range strings.Lines(w.said) {
		var kind struct {
			Type  string
			Phase string
			Done  int64
			Total int64
			Plan  struct{ Steps []struct{ Technique string } }
		}
		if json.Unmarshal([]byte(line), &kind) != nil {
			continue
		}
		switch {
		case kind.Type == "plan":
			for _, s := range kind.Plan.Steps {
				w.techs = append(w.techs, s.Technique)
			}
		case kind.Type == "progress" && kind.Phase == "device" && kind.Total > 0:
			w.progress = append(w.progress, kind.Done)
		case kind.Type == "outcome":
			if err := json.Unmarshal([]byte(line), &w.outcome); err != nil {
				g.t.Error(err)
			}
		}
	}
	return w
}

// off powers the machine off and waits for it.
func (g *guest) off() {
	g.t.Helper()
	if err := errors.Join(g.vm.Send("off\r"), g.vm.Wait(stepLimit)); err != nil {
		g.t.Error(err)
	}
}

// disk makes an empty drive of QEMU's.
func (o office) disk(t *testing.T, name string, size int64) string {
	t.Helper()
	path := filepath.Join(o.dir, name)
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(size), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}
