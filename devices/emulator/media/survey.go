package media

import "bytes"

// Place is where on the medium something lies.
type Place uint8

// The places. Only Mapped is where an address leads.
const (
	Mapped  Place = iota
	Behind        // replaced in the volatile cache only: a power cut brings it back
	Stale         // a flash cell that was replaced and not yet erased
	Retired       // a cell or sector out of service with its data
)

// Run is a stretch of sectors at one place, under the addresses they had.
type Run struct {
	Place   Place
	LBA     uint64
	Sectors uint64
}

// MarkOriginal tags every sector that holds something other than zeros, in
// every place, as original.
func (m *Medium) MarkOriginal() {
	m.Flush()
	tag := func(e entry) {
		e.page.orig = 0
		for s := range m.per {
			if !e.page.zeroAt(e.index, s*m.cfg.SectorSize, m.cfg.SectorSize) {
				e.page.orig |= 1 << s
			}
		}
	}
	m.each(func(_ Place, e entry) { tag(e) })
}

func (pg *page) zeroAt(index uint64, at, n int) bool {
	b := pg.data
	if b == nil {
		b = make([]byte, at+n)
		pg.fill.bytes(b, index, 0)
	}
	for _, c := range b[at : at+n] {
		if c != 0 {
			return false
		}
	}
	return true
}

// each visits every page that exists, mapped ones in order of address.
func (m *Medium) each(do func(Place, entry)) {
	for _, i := range m.sorted(0, ^uint64(0)) {
		do(Mapped, entry{i, m.pages[i]})
	}
	for _, l := range []struct {
		place Place
		list  []entry
	}{{Behind, m.undo}, {Stale, m.stale}, {Stale, m.pinned}, {Retired, m.retired}} {
		for _, e := range l.list {
			if e.page != nil {
				do(l.place, e)
			}
		}
	}
}

// Survivors lists every stretch of original sectors that is left anywhere.
func (m *Medium) Survivors() []Run {
	return m.runs(func(e entry) uint8 { return e.page.orig })
}

// Find lists every sector that contains marker.
func (m *Medium) Find(marker []byte) []Run {
	buf := make([]byte, m.size)
	return m.runs(func(e entry) uint8 {
		data := e.page.data
		if data == nil {
			e.page.fill.bytes(buf, e.index, 0)
			data = buf
		}
		var found uint8
		for s := range m.per {
			if bytes.Contains(data[s*m.cfg.SectorSize:(s+1)*m.cfg.SectorSize], marker) {
				found |= 1 << s
			}
		}
		return found
	})
}

// runs joins neighbouring sectors whose bit in mask is set.
func (m *Medium) runs(mask func(entry) uint8) []Run {
	var out []Run
	m.each(func(p Place, e entry) {
		bits := mask(e)
		for s := range m.per {
			if bits>>s&1 == 0 {
				continue
			}
			lba := e.index*uint64(m.per) + uint64(s)
			if n := len(out); n > 0 && out[n-1].Place == p && out[n-1].LBA+out[n-1].Sectors == lba {
				out[n-1].Sectors++
				continue
			}
			out = append(out, Run{p, lba, 1})
		}
	})
	return out
}
