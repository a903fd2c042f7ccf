package emulator

import (
	"context"
	"time"

	"github.com/massho/massho/devices/nvme"
)

// Namespace is one more namespace of an NVMe drive.
type Namespace struct {
	Sectors  uint64
	Detached bool // allocated, but no controller shows it
}

// NVMeFeatures is what an NVMe controller supports, as ATAFeatures.
type NVMeFeatures struct {
	Bare bool // take the fields below as they are

	SanitizeOverwrite bool
	SanitizeBlock     bool
	SanitizeCrypto    bool
	NoDeallocInhibit  bool // SANICAP NDI: it deallocates even when asked not to
	Format            bool
	FormatCrypto      bool   // FNA bit 2
	FormatAll         bool   // FNA bit 0
	EraseAll          bool   // FNA bit 1
	Management        bool   // namespaces can be listed and attached
	SanitizedBefore   uint32 // dword 10 of a sanitize of years ago, as log 81h still tells; 0: none
}

// nvmeDevice is the controller of an NVMe drive. The drive's lock guards it.
type nvmeDevice struct {
	d *Drive

	state    nvme.SanitizeState
	dword10  uint32
	passes   uint16 // of the last overwrite
	erased   bool   // GDE: nothing was written since
	exitable bool   // the failed state may be left (AUSE)
	resume   *operation
	left     time.Duration

	late uint16 // the status of a blocking command
}

func newNVMe(d *Drive) *nvmeDevice {
	v := &nvmeDevice{d: d}
	if dw := d.p.NVMe.SanitizedBefore; dw != 0 {
		v.state, v.dword10 = nvme.SanitizeCompleted, dw
	}
	return v
}

// Statuses, as they stand in a completion: SCT in 10:8, SC in 7:0.
const (
	statusOpcode       uint16 = 0x001
	statusField        uint16 = 0x002
	statusNamespace    uint16 = 0x00B
	statusSanitizeFail uint16 = 0x01C
	statusSanitizing   uint16 = 0x01D
	statusReadOnly     uint16 = 0x020
	statusAccessDenied uint16 = 0x286
	statusLogPage      uint16 = 0x109
	statusFormat       uint16 = 0x10A
	doNotRetry         uint16 = 1 << 14
)

type adminHandler func(v *nvmeDevice, c nvme.AdminCommand) uint16

var adminCommands = map[byte]adminHandler{
	nvme.OpGetLogPage:   (*nvmeDevice).getLogPage,
	nvme.OpIdentify:     (*nvmeDevice).identify,
	nvme.OpGetFeatures:  (*nvmeDevice).getFeatures,
	nvme.OpFormatNVM:    (*nvmeDevice).format,
	nvme.OpSanitize:     (*nvmeDevice).sanitize,
	0x15:                (*nvmeDevice).attach,
	nvme.OpSecuritySend: (*nvmeDevice).security, nvme.OpSecurityReceive: (*nvmeDevice).security,
}

// admin is the wire of a controller's admin queue.
type admin struct {
	d   *Drive
	who caller
}

// Admin does one command.
func (t *admin) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	if err := t.d.enter(ctx, t.who, c.Timeout, nvme.Name(c)); err != nil {
		return nvme.Completion{}, err
	}
	defer t.d.mu.Unlock()
	v := t.d.nvme
	status := v.run(c)
	t.d.p.Clock.Advance(t.d.faults.Slow)
	if err := t.d.sit(ctx, t.who, c.Timeout); err != nil {
		return nvme.Completion{}, err
	}
	if v.late != 0 {
		status, v.late = v.late, 0
	}
	t.d.tick()
	if err := t.d.present(t.who.life); err != nil {
		return nvme.Completion{}, err
	}
	return nvme.Completion{}, nvme.NewStatusError(c, status)
}

func (v *nvmeDevice) run(c nvme.AdminCommand) uint16 {
	if f := v.d.refuses(nvme.Name(c)); f != nil {
		if f.SCT == 0 && f.SC == 0 {
			return statusField | doNotRetry
		}
		return uint16(f.SCT)<<8 | uint16(f.SC) | doNotRetry
	}
	h, ok := adminCommands[c.Opcode]
	if !ok {
		return statusOpcode | doNotRetry
	}
	return h(v, c)
}

// mediaBlocked is the status of the data path while a sanitize runs, and after
// one failed (NVMe Base 2.0 clause 8.21).
func (v *nvmeDevice) mediaBlocked() uint16 {
	switch v.state {
	case nvme.SanitizeInProgress:
		return statusSanitizing
	case nvme.SanitizeFailed:
		return statusSanitizeFail
	}
	return 0
}

func (v *nvmeDevice) powerOn() {
	if op := v.resume; op != nil {
		v.resume = nil
		v.d.begin(op, v.left)
	}
}

// unitOf is the namespace of an NSID, nil where none is attached.
func (v *nvmeDevice) unitOf(nsid uint32) *unit {
	if nsid == 0 || uint64(nsid) > uint64(len(v.d.units)) || v.d.units[nsid-1].detached {
		return nil
	}
	return v.d.units[nsid-1]
}

// getFeatures knows the volatile write cache and no more.
func (v *nvmeDevice) getFeatures(c nvme.AdminCommand) uint16 {
	if byte(c.CDW10) != 0x06 {
		return statusField | doNotRetry
	}
	return 0
}

// attach is Namespace Attachment for the only controller there is (NVMe Base
// 2.0 clause 5.19).
func (v *nvmeDevice) attach(c nvme.AdminCommand) uint16 {
	if !v.d.p.NVMe.Management {
		return statusOpcode | doNotRetry
	}
	if c.NSID == 0 || uint64(c.NSID) > uint64(len(v.d.units)) || c.CDW10&0xF > 1 {
		return statusField | doNotRetry
	}
	v.d.units[c.NSID-1].detached = c.CDW10&0xF == 1
	return 0
}
