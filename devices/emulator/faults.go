package emulator

import (
	"slices"
	"strings"
	"time"

	"github.com/massho/massho/devices/tcg"
)

// Range is a stretch of sectors.
type Range struct{ First, Count uint64 }

func (r Range) meets(lba, n uint64) bool { return lba < r.First+r.Count && r.First < lba+n }

// Faults is what is wrong with a drive. The zero value is a sound one. Fields
// that count bytes count what the host moved since the drive was made, and 0
// means never.
type Faults struct {
	// The data path.
	ReadErrors  []Range       // cannot be read; a write reallocates while spares last
	WriteErrors []Range       // cannot be written
	Slow        time.Duration // virtual time that each command takes on top

	// Presence and power.
	PowerCutAfter    uint64 // bytes written
	VanishAfter      uint64 // bytes read or written, then nothing answers for good
	HangAfter        uint64 // bytes read or written, then commands hang
	ResetAfter       uint64 // bytes read or written, then the drive resets once: UNIT ATTENTION
	SerialAfterReset string // what another drive behind the same path says
	// HangBlocks makes a hang a real one: until the context ends, the Conn is
	// closed, or Release is called. Otherwise the clock moves on by the
	// command's timeout and the command fails with ErrTimeout.
	HangBlocks bool
	// HangOn hangs every command whose standard's name begins so.
	HangOn string

	// Erases by the drive itself.
	KeepFraction   float64 // part of the pages that such an erase leaves as it was; 1: it does nothing
	KeepContiguous bool    // that part is one stretch, not scattered
	UnmapOnly      bool    // addresses read as erased, the cells keep everything
	EraseFails     bool    // it runs, and ends in failure half done
	CutErase       float64 // power fails at this part of the next one's time, once
	Instant        bool    // a background one is over before the first poll
	SkipArea       string  // e.MMC: ERASE leaves this area as it is, and no error bit says so
	HollowRevert   bool    // TCG Revert reports SUCCESS and does nothing, not even unlock

	// Firmware and locks.
	Frozen         bool // the machine's firmware sends SECURITY FREEZE LOCK at every start
	SanitizeFrozen bool // and SANITIZE FREEZE LOCK EXT
	SetMaxFrozen   bool // and SET MAX FREEZE LOCK
	DCOFrozen      bool // and DEVICE CONFIGURATION FREEZE LOCK
	SetMaxSpent    bool // this power cycle's one lasting change of the capacity is used up

	// Refuse ends commands with an error of the drive's own.
	Refuse []Refuse
	// StaleLog makes log page 81h tell of an earlier sanitize for good.
	StaleLog bool
	// ReadOnly: the controller has stopped to write, and refuses erases.
	ReadOnly bool
	// Predict makes SMART predict a failure.
	Predict bool
}

// Refuse ends a command with an error. Where no code is given, it is the usual
// one: ABRT, ILLEGAL REQUEST, Invalid Field in Command.
type Refuse struct {
	Command string // the standard's name, or its beginning
	Times   int    // how often; 0: always

	Status, Error  byte       // ATA registers
	Key, ASC, ASCQ byte       // SCSI sense
	SCT, SC        byte       // NVMe status
	TCG            tcg.Status // of a method; its Command is "TCG Revert" and so on
}

// matches reports whether a command's name begins with what a fault names.
func matches(name, prefix string) bool {
	return len(name) >= len(prefix) && strings.EqualFold(name[:len(prefix)], prefix)
}

// refuses is the fault that ends the command of this name, if there is one.
func (d *Drive) refuses(name string) *Refuse {
	for i := range d.faults.Refuse {
		r := &d.faults.Refuse[i]
		if !matches(name, r.Command) || r.Times < 0 {
			continue
		}
		if r.Times == 1 {
			r.Times = -1 // the last time
		} else if r.Times > 1 {
			r.Times--
		}
		return r
	}
	return nil
}

// Fault replaces the drive's faults from now on.
func (d *Drive) Fault(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f.clone()
}

// Release ends every hang that blocks, and clears HangAfter.
func (d *Drive) Release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.HangAfter = 0
	close(d.released)
	d.released = make(chan struct{})
}

// clone keeps the drive's own copy of the lists that it changes.
func (f Faults) clone() Faults {
	f.ReadErrors = slices.Clone(f.ReadErrors)
	f.WriteErrors = slices.Clone(f.WriteErrors)
	f.Refuse = slices.Clone(f.Refuse)
	return f
}
