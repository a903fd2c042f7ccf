//go:build linux

package vm

import (
	"context"
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

	"github.com/massho/massho/bootimage/stick"
	"github.com/massho/massho/bootimage/vmtest"
)

const hostSerial = "EMUVMPC0001"

// office is one case with its stick, made by the clerk's own program.
type office struct {
	bin, dir string
}

// prepare makes authority, case and boot image. Every drive is of row (2).
func prepare(t *testing.T, serials []string) office {
	t.Helper()
	o := office{bin: os.Getenv("MASSHO_BIN"), dir: t.TempDir()}
	if o.bin == "" {
		t.Fatal("MASSHO_BIN does not name the folder of massho's programs; run make test or make test-vm")
	}
	pass := o.path("passphrase")
	o.write(t, pass, []byte("emulated drives\n"))
	draft, err := json.MarshalIndent(draft(serials), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	o.write(t, o.path("case.json"), draft)
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"massho-office", "keys", "init", "--office", o.path("office"), "--name", "見本市", "--passphrase-file", pass},
		{"massho-office", "prepare", "--office", o.path("office"), "--case", o.path("case.json"), "--stick", "U1", "--out", o.path("stick"), "--passphrase-file", pass},
		{"massho", "image", "-o", o.image(), "--stick", o.path("stick"), "--source", root, "--cmdline", "massho.lang=ja"},
	} {
		if out, err := o.tool(t.Context(), args...); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return o
}

type object = map[string]any

func draft(serials []string) object {
	row2 := object{"system": "lgwan", "confidentiality": "2", "residentInfo": "no"}
	var media []object
	for _, s := range serials {
		media = append(media, object{"serial": s})
	}
	return object{
		"schemaVersion": 1, "id": "EMUVM-001", "title": "記憶媒体の抹消業務（訓練用の架空の案件）", "contractNo": "令和8年度-第99号",
		"municipality": "見本市", "addressee": "見本市長 様", "department": "総務部情報政策課",
		"contractor": object{"name": "見本株式会社", "address": "見本県見本市中央1-2-3", "representative": "代表取締役 見本 一郎"},
		"policy":     object{"id": "emuvm", "destructionDays": 30},
		"roster": []object{{"number": "PC-0001", "hostMaker": "MASSHO", "hostModel": "EMUVM", "hostSerial": hostSerial,
			"expectedMedia": len(serials), "section": "市民課", "category": row2, "media": media}},
		"people":     []object{{"id": "op1", "role": "operator", "name": "見本 作業者", "title": "技術員", "organisation": "見本株式会社", "contact": "000-000-0000"}},
		"unattended": true, "afterwards": "poweroff",
	}
}

func (o office) path(elem ...string) string {
	return filepath.Join(append([]string{o.dir}, elem...)...)
}
func (o office) image() string { return o.path("stick.img") }

func (o office) write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// tool runs one of massho's programs and returns what it said.
func (o office) tool(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(o.bin, args[0]), args[1:]...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return string(out), fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return string(out), nil
}

// boot starts the virtual PC from the stick with the rig's drives.
func (o office) boot(t *testing.T, r *rig, log string) *vmtest.VM {
	t.Helper()
	vm, err := vmtest.Start(t.Context(), vmtest.Config{
		Firmware: vmtest.UEFI, Timeout: 10 * time.Minute, Log: o.path(log),
		Args:   append([]string{"-smbios", "type=1,manufacturer=MASSHO,product=EMUVM,serial=" + hostSerial}, r.args()...),
		Drives: []vmtest.Drive{{Bus: vmtest.USB, File: o.image(), Serial: "EMUVMSTICK", Boot: true, Options: []string{"removable=on"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := vm.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", log, strings.ReplaceAll(string(vm.Log()), "\r", ""))
		}
	})
	return vm
}

var exitLine = regexp.MustCompile(`massho: exit (\d+)`)

// ends waits for the stick's program to end and the PC to switch itself off.
func ends(t *testing.T, vm *vmtest.VM, want string) {
	t.Helper()
	m, err := vm.Expect(exitLine, 9*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if m[1] != want {
		t.Errorf("massho ended with %s, want %s", m[1], want)
	}
	if err := vm.Wait(time.Minute); err != nil {
		t.Error(err)
	}
}

// paper is what massho-verify --json and the paper's statement say of one drive.
type paper struct {
	Statement struct {
		Medium struct {
			Serial    string `json:"serial"`
			Transport string `json:"transport"`
			Class     string `json:"class"`
		} `json:"medium"`
		Training bool `json:"training"`
		Steps    []struct {
			Technique string `json:"technique"`
			Status    string `json:"status"`
			Commands  []struct {
				Name string `json:"name"`
			} `json:"commands"`
			Notes []string `json:"notes"`
		} `json:"steps"`
		Facts struct {
			Hidden struct {
				HPA string `json:"hpa"`
			} `json:"hidden"`
			Resumed int `json:"resumed"`
		} `json:"facts"`
		Derivation struct {
			Reached int      `json:"reached"`
			Items   []string `json:"items"`
			NIST    string   `json:"nist"`
			Outcome string   `json:"outcome"`
		} `json:"derivation"`
	}
}

// papers copies the evidence out of the stick, verifies every paper on this host,
// and returns their statements by serial.
func (o office) papers(t *testing.T) map[string]paper {
	t.Helper()
	f, err := os.Open(o.image())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	im, err := stick.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]paper{}
	for name, data := range im.Evidence {
		if filepath.Dir(name) != "records" || filepath.Ext(name) != ".pdf" {
			continue
		}
		path := o.path("records", filepath.Base(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, data, 0o600)); err != nil {
			t.Fatal(err)
		}
		said, err := o.tool(t.Context(), "massho-verify", path, "--trust", o.path("office", "root.pem"))
		if err != nil {
			t.Errorf("%v\n%s", err, said)
		}
		p := statement(t, path)
		out[p.Statement.Medium.Serial] = p
	}
	return out
}

// statement takes the attached DSSE envelope out of a paper with qpdf, which is not
// ours, and reads the predicate.
func statement(t *testing.T, path string) (p paper) {
	t.Helper()
	raw, err := exec.Command("qpdf", path, "--show-attachment=statement.dsse.json").Output()
	if err != nil {
		t.Fatalf("qpdf: %v", err)
	}
	var envelope struct{ Payload []byte }
	if err := json.Unmarshal(raw, &envelope); err != nil {
		t.Fatal(err)
	}
	var toto struct {
		Predicate json.RawMessage `json:"predicate"`
	}
	if err := errors.Join(json.Unmarshal(envelope.Payload, &toto)); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(toto.Predicate, &p.Statement); err != nil {
		t.Fatal(err)
	}
	return p
}
