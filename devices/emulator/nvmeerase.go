package emulator

import (
	"time"

	"github.com/massho/massho/devices/emulator/media"
	"github.com/massho/massho/devices/nvme"
)

// sanitize is Sanitize (NVMe Base 2.0 clauses 5.24 and 8.21): it acts on the
// whole subsystem, runs in the background and goes on after a power cut.
func (v *nvmeDevice) sanitize(c nvme.AdminCommand) uint16 {
	action := nvme.SanitizeAction(c.CDW10 & 7)
	if v.state == nvme.SanitizeInProgress {
		return statusSanitizing
	}
	if action == nvme.ExitFailureMode {
		if v.state == nvme.SanitizeFailed && !v.exitable {
			return statusSanitizeFail | doNotRetry
		}
		if v.state == nvme.SanitizeFailed {
			v.state = nvme.NeverSanitized
		}
		return 0
	}
	keep := c.CDW10&(1<<9) != 0 // NODAS
	erase, takes, ok := v.technique(action, c, keep && !v.d.p.NVMe.NoDeallocInhibit)
	switch {
	case v.d.faults.ReadOnly:
		return statusReadOnly | doNotRetry
	case !ok:
		return statusField | doNotRetry
	case v.d.tcg.holds():
		return statusAccessDenied | doNotRetry
	case v.state == nvme.SanitizeFailed && !v.exitable && c.CDW10&(1<<3) != 0:
		return statusSanitizeFail | doNotRetry // restricted needs restricted to get out
	}
	v.exitable = c.CDW10&(1<<3) != 0
	v.state, v.dword10, v.erased = nvme.SanitizeInProgress, c.CDW10, false
	v.passes = 0
	end := nvme.SanitizeCompleted
	if keep && v.d.p.NVMe.NoDeallocInhibit {
		end = nvme.SanitizeCompletedNDA
	}
	v.start(erase, end, c, takes)
	return 0
}

func (v *nvmeDevice) start(erase func(), end nvme.SanitizeState, c nvme.AdminCommand, takes time.Duration) {
	op := &operation{name: nvme.Name(c)}
	op.finish = func() {
		erase()
		v.state, v.erased = end, true
		if nvme.SanitizeAction(c.CDW10&7) == nvme.Overwrite {
			v.passes = uint16(overwritePasses(c))
		}
	}
	op.fails = func() {
		v.d.eraseHalf(media.Zeros)
		v.state = nvme.SanitizeFailed
	}
	op.cut = func(part float64) { v.resume, v.left = op, time.Duration((1-part)*float64(takes)) }
	v.d.begin(op, takes)
}

func overwritePasses(c nvme.AdminCommand) int {
	if n := int(c.CDW10 >> 4 & 0xF); n != 0 {
		return n
	}
	return 16
}

// technique is what an action does. Without deallocation the medium shows what
// the erase left; otherwise it reads as zeros.
func (v *nvmeDevice) technique(a nvme.SanitizeAction, c nvme.AdminCommand, keep bool) (func(), time.Duration, bool) {
	d, f := v.d, v.d.p.NVMe
	run := func(fill func() media.Fill) func() {
		return func() {
			if !keep {
				fill = func() media.Fill { return media.Zeros }
			}
			d.erase(reachNative, fill())
		}
	}
	switch {
	case a == nvme.BlockErase && f.SanitizeBlock:
		return run(func() media.Fill { return media.Zeros }), d.lasts(0, 30*time.Second), true
	case a == nvme.CryptoErase && f.SanitizeCrypto:
		return run(d.noise), d.lasts(0, 2*time.Second), true
	case a == nvme.Overwrite && f.SanitizeOverwrite:
		passes, pattern := overwritePasses(c), c.CDW11
		if c.CDW10&(1<<8) != 0 && passes%2 == 0 {
			pattern = ^pattern
		}
		return run(func() media.Fill { return media.Pattern(pattern) }), d.lasts(passes, time.Minute), true
	}
	return nil, 0, false
}

// format is Format NVM (NVMe Base 2.0 clause 5.14). SES 0 only deallocates;
// SES 1 erases what is mapped; SES 2 changes the key.
func (v *nvmeDevice) format(c nvme.AdminCommand) uint16 {
	d, f := v.d, v.d.p.NVMe
	ses := c.CDW10 >> 9 & 7
	blocked := v.mediaBlocked()
	switch {
	case !f.Format:
		return statusOpcode | doNotRetry
	case blocked != 0:
		return blocked
	case d.faults.ReadOnly:
		return statusReadOnly | doNotRetry
	case d.tcg.holds():
		return statusAccessDenied | doNotRetry
	case c.CDW10&0xF != uint32(v.formatIndex()) || c.CDW10>>12&3 != 0:
		return statusFormat | doNotRetry
	case ses > 2 || ses == 2 && !f.FormatCrypto:
		return statusField | doNotRetry
	}
	all := c.NSID == nvme.AllNamespaces || f.FormatAll && ses == 0 || f.EraseAll && ses != 0
	if !all && v.unitOf(c.NSID) == nil {
		return statusNamespace | doNotRetry
	}
	var list []*unit
	for i, u := range d.units {
		if !u.detached && (all || uint32(i+1) == c.NSID) {
			list = append(list, u)
		}
	}
	d.begin(&operation{
		name: nvme.Name(c), blocks: true,
		finish: func() { v.formatUnits(list, ses) },
		fails:  func() { v.late = 0x006 },
		cut:    func(float64) {},
	}, d.lasts(0, 10*time.Second))
	return 0
}

func (v *nvmeDevice) formatUnits(list []*unit, ses uint32) {
	d := v.d
	for _, u := range list {
		s := media.Scope{First: u.first, End: u.first + u.sectors, UnmapOnly: ses == 0, Spares: ses == 2}
		d.eraseScope(s)
	}
}

// formatIndex is the LBA format in use: 0 is 512 bytes, 1 is 4096.
func (v *nvmeDevice) formatIndex() byte {
	if v.d.sector() == 4096 {
		return 1
	}
	return 0
}
