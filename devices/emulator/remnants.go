package emulator

import (
	"slices"

	"github.com/massho/massho/devices/emulator/media"
)

// AreaKind is where on a drive something lies.
type AreaKind string

// The kinds of areas.
const (
	AreaUser        AreaKind = "user"        // the host can address it now
	AreaHPA         AreaKind = "hpa"         // host protected area
	AreaDCO         AreaKind = "dco"         // device configuration overlay
	AreaAMAC        AreaKind = "amac"        // above the accessible max address
	AreaUnflushed   AreaKind = "unflushed"   // under the volatile cache: a power cut brings it back
	AreaSpare       AreaKind = "spare"       // a replaced flash cell
	AreaReallocated AreaKind = "reallocated" // a sector or block out of service
	AreaUnallocated AreaKind = "unallocated" // NVMe capacity or namespace that is not attached
	AreaBoot        AreaKind = "boot"        // eMMC boot or general purpose partition
)

// HostReachable reports whether some command of the host gets at the data in
// such an area.
func (k AreaKind) HostReachable() bool { return k != AreaSpare && k != AreaReallocated }

// Area is a stretch of sectors, under the native addresses they have or had.
type Area struct {
	Kind    AreaKind
	LBA     uint64
	Sectors uint64
}

// Remnant is original data that is left.
type Remnant struct {
	Area          Area
	HostReachable bool // some command of the host could get at it
	Bytes         uint64
}

// Remnants says what survives of the data that Prefill or MarkOriginal marked,
// in order of place and address. None is what a row (2) erasure leaves; a plain
// overwrite leaves those that the host could not reach.
func (d *Drive) Remnants() []Remnant {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Remnant
	for _, m := range d.material() {
		for _, a := range d.areas(m.Survivors()) {
			out = append(out, Remnant{a, a.Kind.HostReachable(), a.Sectors * uint64(m.SectorSize())})
		}
	}
	return out
}

// Contains lists every area in which a sector holds marker.
func (d *Drive) Contains(marker []byte) []Area {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []Area
	for _, m := range d.material() {
		out = append(out, d.areas(m.Find(marker))...)
	}
	return out
}

// material is the medium, and before it what was out of use under an earlier
// sector length. What time has brought about has happened.
func (d *Drive) material() []*media.Medium {
	d.tick()
	return append(slices.Clone(d.past), d.med)
}

// areas names runs by what leads to them now, cutting them at the borders.
func (d *Drive) areas(runs []media.Run) []Area {
	var out []Area
	for _, r := range runs {
		switch r.Place {
		case media.Behind:
			out = append(out, Area{AreaUnflushed, r.LBA, r.Sectors})
		case media.Stale:
			out = append(out, Area{AreaSpare, r.LBA, r.Sectors})
		case media.Retired:
			out = append(out, Area{AreaReallocated, r.LBA, r.Sectors})
		default:
			out = append(out, d.mapped(r)...)
		}
	}
	return out
}

// mapped cuts a run of mapped sectors at the borders of what hides them.
func (d *Drive) mapped(r media.Run) []Area {
	var out []Area
	for r.Sectors > 0 {
		kind, end := d.areaAt(r.LBA)
		n := min(r.Sectors, end-r.LBA)
		out = append(out, Area{kind, r.LBA, n})
		r.LBA += n
		r.Sectors -= n
	}
	return out
}

// areaAt is the kind of area at a native address, and where it ends.
func (d *Drive) areaAt(lba uint64) (AreaKind, uint64) {
	for _, u := range d.units {
		n := d.addressable(u)
		if lba >= u.first && lba < u.first+n && !u.detached {
			if u != d.units[0] && d.p.Kind == EMMC {
				return AreaBoot, u.first + n
			}
			return AreaUser, u.first + n
		}
	}
	if d.p.Kind == NVMe {
		return AreaUnallocated, d.nextUnit(lba)
	}
	hpa := d.p.Sectors + d.p.HPASectors
	switch {
	case lba < hpa:
		return AreaHPA, hpa
	case lba < hpa+d.p.AMACSectors:
		return AreaAMAC, hpa + d.p.AMACSectors
	}
	return AreaDCO, d.med.Sectors()
}

// nextUnit is where the next unit after lba begins.
func (d *Drive) nextUnit(lba uint64) uint64 {
	end := d.med.Sectors()
	for _, u := range d.units {
		if u.first > lba {
			end = min(end, u.first)
		} else if lba < u.first+u.sectors {
			end = min(end, u.first+u.sectors)
		}
	}
	return end
}
