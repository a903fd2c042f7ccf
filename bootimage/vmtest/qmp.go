//go:build linux

package vmtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"strings"
	"sync"
	"time"
)

// qmp is a connection to QEMU's monitor protocol (docs/interop/qmp-spec).
type qmp struct {
	f  *os.File
	mu sync.Mutex // one command at a time

	answers chan answer
	events  chan event
}

type answer struct {
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error"`
}

type event struct {
	Event string `json:"event"`
	Data  struct {
		Device string `json:"device"`
	} `json:"data"`
}

// patience bounds the wait for QEMU's own answers, not the guest's.
const patience = 30 * time.Second

func newQMP(f *os.File) (*qmp, error) {
	q := &qmp{f: f, answers: make(chan answer, 8), events: make(chan event, 256)}
	go q.listen()
	if _, err := q.next("greeting"); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := q.execute("qmp_capabilities", nil); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return q, nil
}

func (q *qmp) close() error { return q.f.Close() }

// listen sorts messages into answers and events. The greeting counts as an
// answer. Events that nobody waits for are dropped when there are too many.
func (q *qmp) listen() {
	defer close(q.answers)
	d := json.NewDecoder(q.f)
	for {
		var m struct {
			answer
			event
		}
		if err := d.Decode(&m); err != nil {
			return
		}
		if m.Event == "" {
			q.answers <- m.answer
			continue
		}
		select {
		case q.events <- m.event:
		default:
		}
	}
}

func (q *qmp) next(what string) (json.RawMessage, error) {
	select {
	case a, ok := <-q.answers:
		switch {
		case !ok:
			return nil, fmt.Errorf("%s: %w", what, ErrEnded)
		case a.Error != nil:
			return nil, fmt.Errorf("%s: %s: %s", what, a.Error.Class, a.Error.Desc)
		}
		return a.Return, nil
	case <-time.After(patience):
		return nil, fmt.Errorf("%s: %w after %v", what, ErrTimeout, patience)
	}
}

func (q *qmp) execute(command string, args any) (json.RawMessage, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	m := map[string]any{"execute": command}
	if args != nil {
		m["arguments"] = args
	}
	b, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	if _, err := q.f.Write(b); err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	return q.next(command)
}

// Execute runs a QMP command and returns its answer.
func (vm *VM) Execute(command string, args map[string]any) (json.RawMessage, error) {
	out, err := vm.qmp.execute(command, args)
	if err != nil {
		return nil, fmt.Errorf("QMP: %w", err)
	}
	return out, nil
}

// Screen takes a screendump.
func (vm *VM) Screen() (image.Image, error) {
	path := vm.path("screen.png")
	if _, err := vm.Execute("screendump", map[string]any{"filename": path, "format": "png"}); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("screendump: %w", err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("screendump: %w", err)
	}
	return img, nil
}

// SaveScreen takes a screendump into a PNG file.
func (vm *VM) SaveScreen(path string) error {
	img, err := vm.Screen()
	if err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("screendump: %w", err)
	}
	return errors.Join(png.Encode(f, img), f.Close())
}

// Press presses keys one after the other, named as QEMU's QKeyCode names them
// ("ret", "esc", "a"); keys joined by "-" are pressed together ("shift-a").
func (vm *VM) Press(keys ...string) error {
	for _, k := range keys {
		var together []map[string]any
		for _, code := range strings.Split(k, "-") {
			together = append(together, map[string]any{"type": "qcode", "data": code})
		}
		if _, err := vm.Execute("send-key", map[string]any{"keys": together}); err != nil {
			return err
		}
	}
	return nil
}

// PowerButton presses the power button.
func (vm *VM) PowerButton() error {
	_, err := vm.Execute("system_powerdown", nil)
	return err
}

// Unplug pulls the drive with the given ID. A USB drive goes at once, as when
// a person pulls it. For NVMe and virtio the guest is asked and has to let go
// (ACPI or PCIe hot unplug): it returns when the guest has. Other buses
// cannot.
func (vm *VM) Unplug(id string, within time.Duration) error {
	if _, err := vm.Execute("device_del", map[string]any{"id": id}); err != nil {
		return err
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	for {
		select {
		case ev := <-vm.qmp.events:
			if ev.Event == "DEVICE_DELETED" && ev.Data.Device == id {
				return nil
			}
		case <-vm.ended:
			return fmt.Errorf("unplug %s: %w", id, ErrEnded)
		case <-timer.C:
			return fmt.Errorf("unplug %s: %w after %v", id, ErrTimeout, within)
		}
	}
}

// Plug plugs in a USB drive while the machine runs. Only File, ID, Serial,
// ReadOnly and Options ("removable=on") are used.
func (vm *VM) Plug(d Drive) error {
	if d.Bus != USB || d.ID == "" {
		return fmt.Errorf("plug %q: only USB drives with an ID", d.ID)
	}
	if _, err := vm.Execute("blockdev-add", map[string]any{
		"driver": "raw", "node-name": d.ID + "-node", "read-only": d.ReadOnly,
		"file": map[string]any{"driver": "file", "filename": d.File},
	}); err != nil {
		return err
	}
	device := map[string]any{"driver": "usb-storage", "id": d.ID, "bus": "xhci.0", "drive": d.ID + "-node"}
	if d.Serial != "" {
		device["serial"] = d.Serial
	}
	for _, o := range d.Options {
		k, v, _ := strings.Cut(o, "=")
		device[k] = v
	}
	_, err := vm.Execute("device_add", device)
	return err
}
