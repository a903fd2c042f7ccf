package emulator

import (
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator/media"
)

// sanitize is the Sanitize Device feature set (ACS-4 clause 4.17): SD0 idle
// (SD4 is idle after a success), SD1 frozen, SD2 in progress, SD3 failed.
type sanitize struct {
	state        sanitizeState
	frozen       bool
	antifreeze   bool
	completed    bool // the bit that an idle drive shows too
	unrestricted bool // the failed state may be left without a success
	resume       *operation
	left         time.Duration
}

type sanitizeState uint8

const (
	sanitizeIdle sanitizeState = iota
	sanitizeRunning
	sanitizeFailed
)

// Reasons in LBA 7:0 of an aborted SANITIZE DEVICE command.
const (
	reasonFailed      = 1
	reasonUnsupported = 2
	reasonFrozen      = 3
	reasonAntifreeze  = 4
)

func (a *ataDevice) sanitizeSupported() bool {
	f := a.d.p.ATA
	return !a.d.tcg.owned() && (f.SanitizeOverwrite || f.SanitizeBlock || f.SanitizeCrypto)
}

func sanitizeAbort(reason uint64) regs {
	r := abort()
	r.lba = reason
	return r
}

// sanitizeDevice is SANITIZE DEVICE (ACS-4 clause 7.36).
func (a *ataDevice) sanitizeDevice(c ata.Command) regs {
	if !a.sanitizeSupported() || !c.Extended {
		return abort()
	}
	switch c.Feature {
	case 0x0000:
		return a.sanitizeStatus(c)
	case 0x0020:
		return a.sanitizeFreeze(c)
	case 0x0040:
		return a.sanitizeAntifreeze(c)
	}
	erase, takes, ok := a.technique(c)
	s := &a.san
	switch {
	case !ok:
		return sanitizeAbort(reasonUnsupported)
	case s.frozen:
		return sanitizeAbort(reasonFrozen)
	case s.state == sanitizeRunning:
		return abort()
	}
	s.unrestricted = c.Count&0x10 != 0
	s.state, s.completed = sanitizeRunning, false
	a.startSanitize(erase, takes)
	return a.sanitizeRegs()
}

// technique is what a feature asks for; not ok where it is not supported or
// its key is wrong.
func (a *ataDevice) technique(c ata.Command) (erase func(), takes time.Duration, ok bool) {
	f, d := a.d.p.ATA, a.d
	switch {
	case c.Feature == 0x0011 && f.SanitizeCrypto && c.LBA == 0x43727970:
		return func() { d.erase(reachNative, d.noise()) }, d.lasts(0, 2*time.Second), true
	case c.Feature == 0x0012 && f.SanitizeBlock && c.LBA == 0x426B4572:
		return func() { d.erase(reachNative, media.Zeros) }, d.lasts(0, 30*time.Second), true
	case c.Feature == 0x0014 && f.SanitizeOverwrite && c.LBA>>32 == 0x4F57:
		passes := int(c.Count & 0x0F)
		if passes == 0 {
			passes = 16
		}
		pattern := uint32(c.LBA)
		if c.Count&0x80 != 0 && passes%2 == 0 {
			pattern = ^pattern // inverted between passes: this is the last one
		}
		return func() { d.erase(reachNative, media.Pattern(pattern)) }, d.lasts(passes, time.Minute), true
	}
	return nil, 0, false
}

func (a *ataDevice) startSanitize(erase func(), takes time.Duration) {
	s := &a.san
	op := &operation{name: "SANITIZE DEVICE"}
	op.finish = func() {
		erase()
		s.state, s.completed = sanitizeIdle, true
	}
	op.fails = func() {
		a.d.eraseHalf(media.Zeros)
		s.state, s.completed = sanitizeFailed, false
	}
	op.cut = func(part float64) {
		s.resume, s.left = op, time.Duration((1-part)*float64(takes))
	}
	a.d.begin(op, takes)
}

// powerOn goes on with what a power cut interrupted (clause 4.17.4).
func (s *sanitize) powerOn(a *ataDevice) {
	s.frozen, s.antifreeze = false, false
	if op := s.resume; op != nil {
		s.resume = nil
		a.d.begin(op, s.left)
	}
}

// sanitizeStatus is SANITIZE STATUS EXT. Asking takes time while one runs.
func (a *ataDevice) sanitizeStatus(c ata.Command) regs {
	a.d.poll()
	s := &a.san
	if s.state == sanitizeFailed {
		if c.Count&1 == 0 || !s.unrestricted {
			return sanitizeAbort(reasonFailed)
		}
		s.state = sanitizeIdle
	}
	return a.sanitizeRegs()
}

func (a *ataDevice) sanitizeRegs() regs {
	r, s := done(), &a.san
	r.lba = 0xFFFF
	for bit, on := range map[int]bool{15: s.completed, 14: s.state == sanitizeRunning, 13: s.frozen, 12: s.antifreeze} {
		if on {
			r.count |= 1 << bit
		}
	}
	if s.state == sanitizeRunning && a.d.op != nil {
		r.lba = uint64(a.d.op.progress(a.d.p.Clock.Now()))
	}
	return r
}

func (a *ataDevice) sanitizeFreeze(c ata.Command) regs {
	switch {
	case c.LBA != 0x46724C6B:
		return sanitizeAbort(reasonUnsupported)
	case a.san.antifreeze:
		return sanitizeAbort(reasonAntifreeze)
	case a.san.state != sanitizeIdle:
		return abort()
	}
	a.san.frozen = true
	return a.sanitizeRegs()
}

func (a *ataDevice) sanitizeAntifreeze(c ata.Command) regs {
	switch {
	case c.LBA != 0x416E7469:
		return sanitizeAbort(reasonUnsupported)
	case a.san.frozen:
		return sanitizeAbort(reasonFrozen)
	}
	a.san.antifreeze = true
	return a.sanitizeRegs()
}
