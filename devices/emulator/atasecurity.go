package emulator

import (
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/emulator/media"
)

// security is the Security feature set (ACS-4 clause 4.18): SEC1 disabled,
// SEC2 disabled and frozen, SEC4 locked, SEC5 unlocked, SEC6 unlocked, frozen.
type security struct {
	user, master [32]byte
	masterID     uint16 // 0: FFFEh, the maker's
	enabled      bool
	locked       bool
	frozen       bool
	maximum      bool
	attempts     int // left before the count expires
	prepared     bool
	late         *regs // the end of a blocking erase
}

func (s *security) powerOn() {
	s.locked, s.frozen, s.prepared, s.attempts = s.enabled, false, false, 5
}

func (s *security) expired() bool { return s.attempts == 0 }

// block is the 512 bytes that come with a SECURITY command.
type block struct {
	master   bool
	control  byte // byte 0
	maximum  bool
	password [32]byte
	id       uint16 // master password identifier
}

func (a *ataDevice) block(c ata.Command) (b block, ok bool) {
	if !a.d.p.ATA.Security || len(c.Data) < 512 {
		return b, false
	}
	b.control, b.master, b.maximum = c.Data[0], c.Data[0]&1 != 0, c.Data[1]&1 != 0
	copy(b.password[:], c.Data[2:34])
	b.id = uint16(c.Data[34]) | uint16(c.Data[35])<<8
	return b, true
}

// setPassword is SECURITY SET PASSWORD (clause 7.44).
func (a *ataDevice) setPassword(c ata.Command) regs {
	b, ok := a.block(c)
	s := &a.sec
	if !ok || s.frozen || s.locked {
		return abort()
	}
	if b.master {
		s.master = b.password
		if b.id != 0 && b.id != 0xFFFF {
			s.masterID = b.id
		}
		return done()
	}
	s.user, s.maximum, s.enabled = b.password, b.maximum, true
	return done()
}

// admits compares a password for unlock and disable: the master's counts only
// at capability "high".
func (s *security) admits(b block) bool {
	if b.master {
		return !s.maximum && b.password == s.master
	}
	return b.password == s.user
}

// unlock is SECURITY UNLOCK (clause 7.45).
func (a *ataDevice) unlock(c ata.Command) regs {
	b, ok := a.block(c)
	s := &a.sec
	switch {
	case !ok || s.frozen || s.expired():
		return abort()
	case !s.enabled:
		return done()
	case !s.admits(b):
		if s.locked {
			s.attempts--
		}
		return abort()
	}
	s.locked = false
	return done()
}

// disablePassword is SECURITY DISABLE PASSWORD (clause 7.39).
func (a *ataDevice) disablePassword(c ata.Command) regs {
	b, ok := a.block(c)
	s := &a.sec
	switch {
	case !ok || s.frozen || s.locked:
		return abort()
	case s.enabled && !s.admits(b):
		return abort()
	}
	s.enabled, s.maximum = false, false
	return done()
}

// freezeLock is SECURITY FREEZE LOCK (clause 7.42).
func (a *ataDevice) freezeLock(ata.Command) regs {
	if !a.d.p.ATA.Security || a.sec.locked {
		return abort()
	}
	a.sec.frozen = true
	return done()
}

// erasePrepare is SECURITY ERASE PREPARE (clause 7.40): it holds for the very
// next command only.
func (a *ataDevice) erasePrepare(ata.Command) regs {
	if !a.d.p.ATA.Security || a.sec.frozen {
		return abort()
	}
	a.sec.prepared = true
	return done()
}

// eraseUnit is SECURITY ERASE UNIT (clause 7.41). The normal mode writes zeros
// to what the host can address; the enhanced mode also reaches hidden areas
// and sectors out of use. It blocks until it is done; a power cut in it leaves
// the drive locked.
func (a *ataDevice) eraseUnit(c ata.Command) regs {
	b, ok := a.block(c)
	s, f := &a.sec, a.d.p.ATA
	enhanced := b.control&2 != 0
	match := b.password == s.user && s.enabled
	if b.master {
		match = b.password == s.master
	}
	if !ok || s.frozen || !s.prepared || !match || enhanced && !f.Enhanced {
		return abort()
	}
	r, fill, takes := reachUser, media.Zeros, f.EraseTime
	if enhanced {
		r, fill, takes = reachNative, media.Pattern(0x55AA55AA), f.EnhancedEraseTime
	}
	if a.d.p.EraseTakes > 0 {
		takes = a.d.p.EraseTakes
	} else if takes == 0 {
		takes = time.Minute
	}
	end := func(r regs) { s.late = &r }
	a.d.begin(&operation{
		name: ata.Name(c), blocks: true,
		finish: func() {
			a.d.erase(r, fill)
			s.enabled, s.locked, s.maximum = false, false, false
			end(done())
		},
		fails: func() {
			a.d.eraseHalf(fill)
			end(abort())
		},
		cut: func(part float64) {
			a.d.eraseRange(r, 0, uint64(part*float64(a.d.med.Sectors())), fill)
		},
	}, takes)
	return done()
}
