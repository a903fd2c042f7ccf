//go:build linux

package vmtest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// file makes an empty image.
func file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a,b.img")
	if err := os.WriteFile(path, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestDriveArguments(t *testing.T) {
	path := file(t)
	tests := []struct {
		name  string
		drive Drive
		want  []string // each must be among the arguments
	}{
		{"disk", Drive{Bus: AHCI, Serial: "S,1", Model: "M", RotationRate: 7200, Boot: true},
			[]string{"ide-hd,bus=ide.0,drive=d-file,id=d,serial=S,,1,model=M,rotation_rate=7200,bootindex=0"}},
		{"nvme", Drive{Bus: NVMe, Serial: "N"}, []string{"pcie-root-port,id=port3,chassis=3,slot=3", "nvme,bus=port3,drive=d-file,id=d,serial=N"}},
		{"usb", Drive{Bus: USB, Options: []string{"removable=on"}}, []string{"usb-storage,bus=xhci.0,drive=d-file,id=d,removable=on"}},
		{"uas", Drive{Bus: UAS, RotationRate: 1}, []string{"usb-uas,bus=xhci.0,id=uas3", "scsi-hd,bus=uas3.0,drive=d-file,id=d,rotation_rate=1"}},
		{"card", Drive{Bus: SD, Serial: "ignored"}, []string{"sdhci-pci", "sd-card,drive=d-file,id=d"}},
		{"read-only", Drive{Bus: Virtio, ReadOnly: true, Snapshot: true},
			[]string{"if=none,format=raw,cache=unsafe,id=d-file,file=" + strings.ReplaceAll(path, ",", ",,") + ",readonly=on,snapshot=on"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sata := 0
			tt.drive.ID, tt.drive.File = "d", path
			got, err := tt.drive.arguments(3, &sata)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !slices.Contains(got, want) {
					t.Errorf("%q is not among %q", want, got)
				}
			}
		})
	}
}

func TestHostErrors(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no such file":     {Drives: []Drive{{Bus: AHCI, File: "nowhere"}}},
		"no such bus":      {Drives: []Drive{{Bus: "floppy", File: file(t)}}},
		"no such firmware": {Firmware: UEFI, FirmwareDir: t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			ownTemp(t)
			if _, err := Start(context.Background(), cfg); !errors.Is(err, ErrHost) {
				t.Errorf("Start says %v", err)
			}
			if after := folders(t); len(after) != 0 {
				t.Errorf("folders left behind: %v", after)
			}
		})
	}
}

// ownTemp keeps the folders of machines of other tests out of sight.
func ownTemp(t *testing.T) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
}

// folders lists the temporary folders of machines.
func folders(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.TempDir(), "vmt-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// talk is a machine without QEMU: what is written to the pipe is its serial
// port.
func talk(t *testing.T) (*VM, io.WriteCloser, *bytes.Buffer) {
	t.Helper()
	r, w := io.Pipe()
	typed := &bytes.Buffer{}
	s, err := newSerial(nopCloser{typed}, filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	go s.listen(r)
	return &VM{serial: s}, w, typed
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

func TestExpect(t *testing.T) {
	vm, port, typed := talk(t)
	say := func(s string) {
		if _, err := io.WriteString(port, s); err != nil {
			t.Error(err)
		}
	}
	say("one two one")
	for i, want := range []string{"one", "one"} {
		if got, err := vm.Expect(regexp.MustCompile(`(o)ne`), time.Minute); err != nil || got[0] != want || got[1] != "o" {
			t.Errorf("match %d: %q, %v", i, got, err)
		}
	}
	if _, err := vm.Expect(regexp.MustCompile(`one`), time.Millisecond); !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "one two one") {
		t.Errorf("what was matched before is matched again: %v", err)
	}
	go func() { say(" thr"); say("ee") }()
	if got, err := vm.Expect(regexp.MustCompile(`three(x)?`), time.Minute); err != nil || got[1] != "" {
		t.Errorf("match in two pieces: %q, %v", got, err)
	}
	if err := vm.Send("yes\r"); err != nil || typed.String() != "yes\r" {
		t.Errorf("typed %q, %v", typed, err)
	}
	if err := port.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := vm.Expect(regexp.MustCompile(`never`), time.Minute); !errors.Is(err, ErrEnded) {
		t.Errorf("after the end: %v", err)
	}
	if got := string(vm.Log()); got != "one two one three" {
		t.Errorf("log is %q", got)
	}
}

// TestMachine starts a machine that has nothing to boot: it has a screen, and
// nothing of it is left when it was closed.
func TestMachine(t *testing.T) {
	Need(t, Few)
	ctx := context.Background()
	ownTemp(t)
	vm, err := Start(ctx, Config{Memory: 64, Timeout: time.Minute, TPM: true})
	if err != nil {
		t.Fatal(err)
	}
	img, err := vm.Screen()
	if err != nil || img.Bounds().Dx() < 320 {
		t.Errorf("screen: %v", err)
	}
	if err := vm.Press("shift-a", "ret"); err != nil {
		t.Error(err)
	}
	if err := vm.Press("nosuchkey"); err == nil {
		t.Error("a key that is not there was pressed")
	}
	if err := vm.Plug(Drive{Bus: USB, File: file(t), ID: "late"}); err != nil {
		t.Error(err)
	}
	if err := vm.Unplug("late", time.Minute); err != nil {
		t.Error(err)
	}
	if err := vm.Wait(time.Millisecond); !errors.Is(err, ErrTimeout) {
		t.Errorf("Wait says %v", err)
	}
	pid := vm.cmd.Process.Pid
	if err := vm.Close(); err != nil {
		t.Error(err)
	}
	if err := syscall.Kill(-pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("processes are left: %v", err)
	}
	if after := folders(t); len(after) != 0 {
		t.Errorf("folders left behind: %v", after)
	}
	if err := vm.Close(); err != nil {
		t.Errorf("closing twice: %v", err)
	}
}

// TestLimit lets the time limit of a machine end it.
func TestLimit(t *testing.T) {
	Need(t, Few)
	ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
	defer stop()
	vm, err := Start(ctx, Config{Memory: 64})
	if err != nil {
		t.Fatal(err)
	}
	if err := vm.Wait(time.Minute); err == nil || errors.Is(err, ErrTimeout) {
		t.Errorf("Wait says %v", err)
	}
	if err := vm.Close(); err != nil {
		t.Error(err)
	}
}
