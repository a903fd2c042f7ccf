package emulator

import (
	"context"
	"fmt"
	"sync"

	"github.com/massho/massho/devices"
)

// System is a machine of emulated drives.
type System struct {
	mu     sync.Mutex
	drives []*Drive
	host   devices.Host
}

var _ devices.System = (*System)(nil)

// NewSystem puts drives into a training machine, in that order.
func NewSystem(drives ...*Drive) *System {
	return &System{drives: drives, host: devices.Host{
		Vendor: "massho", Product: "Training PC (emulated)", Serial: "TRAINING-0001",
		ChassisType: "Desktop", BIOSVendor: "massho", BIOSVersion: "emulated",
		MemoryBytes: 4 << 30, CPU: "emulated",
	}}
}

// SetHost replaces what Host answers.
func (s *System) SetHost(h devices.Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host = h
}

// Host says which machine this is.
func (s *System) Host(ctx context.Context) (devices.Host, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.host, ctx.Err()
}

// Plug puts d into the machine, in place of the drive at slot where there is
// one: an exchange behind the same name and path.
func (s *System) Plug(slot int, d *Drive) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slot < len(s.drives) {
		s.drives[slot] = d
		return
	}
	s.drives = append(s.drives, d)
}

// PowerCut takes the power of all drives; PowerOn gives it back.
func (s *System) PowerCut() {
	for _, d := range s.list() {
		d.PowerCut()
	}
}

// PowerOn is the machine's next start.
func (s *System) PowerOn() {
	for _, d := range s.list() {
		d.PowerOn()
	}
}

func (s *System) list() []*Drive {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Drive(nil), s.drives...)
}

// Detect lists every drive that has power.
func (s *System) Detect(ctx context.Context, _ devices.DetectOptions) ([]devices.Device, error) {
	var out []devices.Device
	for slot, d := range s.list() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, d.describe(ctx, slot)...)
	}
	return out, nil
}

// Open takes the exclusive descriptor on dev.
func (s *System) Open(ctx context.Context, dev devices.Device) (devices.Conn, error) {
	for slot, d := range s.list() {
		for _, n := range d.names(slot) {
			if n.name == dev.Name {
				return d.open(ctx, dev, n.unit)
			}
		}
	}
	return nil, devices.Refuse(devices.CodeVanished, dev)
}

// names are the block devices that d shows in a slot.
func (d *Drive) names(slot int) []named {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.powered || d.gone {
		return nil
	}
	var out []named
	for i, u := range d.units {
		if i > 0 && d.p.Kind == EMMC {
			break // areas are no devices of their own, as on Linux
		}
		if !u.detached {
			out = append(out, named{fmt.Sprintf("emu%d%s", slot, u.name), u})
		}
	}
	return out
}

type named struct {
	name string
	unit *unit
}
