package emulator

import "time"

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
}

// Fault replaces the drive's faults from now on.
func (d *Drive) Fault(f Faults) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults = f
}

// Release ends every hang that blocks, and clears HangAfter.
func (d *Drive) Release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.faults.HangAfter = 0
	close(d.released)
	d.released = make(chan struct{})
}
