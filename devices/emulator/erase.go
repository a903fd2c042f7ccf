package emulator

import "github.com/massho/massho/devices/emulator/media"

// reach is how far an erase of the drive's own goes, by its standard.
type reach uint8

const (
	reachUser   reach = iota // what the host can address now
	reachNative              // also what is hidden, replaced or out of service
)

// erase does what the firmware does, or what a faulty one does in its stead:
// Faults.KeepFraction, KeepContiguous and UnmapOnly.
func (d *Drive) erase(r reach, fill media.Fill) { d.eraseRange(r, 0, d.med.Sectors(), fill) }

// eraseRange is erase from native sector first to end.
func (d *Drive) eraseRange(r reach, first, end uint64, fill media.Fill) {
	if d.faults.KeepFraction >= 1 {
		return
	}
	s := media.Scope{First: first, End: end, Fill: fill, Spares: r == reachNative}
	if r == reachUser {
		s.End = min(end, d.addressable(d.units[0]))
		// A normal erase on flash drops the map and leaves replaced cells.
		s.UnmapOnly = d.p.Kind.Flash()
	}
	d.eraseScope(s)
	if r == reachNative {
		for _, m := range d.past {
			s.First, s.End = 0, m.Sectors()
			m.Erase(s)
		}
	}
}

// eraseScope does s, or what a faulty firmware makes of it.
func (d *Drive) eraseScope(s media.Scope) {
	f := d.faults.KeepFraction
	if f >= 1 {
		return
	}
	s.UnmapOnly = s.UnmapOnly || d.faults.UnmapOnly
	if f > 0 {
		if d.faults.KeepContiguous {
			s.Keep = media.Contiguous(f, d.med.Sectors()/uint64(d.med.PageSectors()), d.p.Seed)
		} else {
			s.Keep = media.Scattered(f, d.p.Seed^d.erases)
		}
	}
	d.erases++
	d.med.Erase(s)
}

// eraseHalf is what an erase leaves that ended in failure: half of it is done.
func (d *Drive) eraseHalf(fill media.Fill) {
	d.eraseRange(reachNative, 0, d.med.Sectors()/2, fill)
}

// noise is the fill that a change of the media key leaves.
func (d *Drive) noise() media.Fill {
	d.erases++
	return media.Noise(d.p.Seed*0x9E3779B97F4A7C15 + d.erases)
}
