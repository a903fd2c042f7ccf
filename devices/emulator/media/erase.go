package media

import "math/rand/v2"

// Scope is how far an erase reaches.
type Scope struct {
	First, End uint64 // native sectors; whole pages inside are erased
	SparesOnly bool   // mapped pages stay as they are
	Spares     bool   // also replaced, retired and unflushed cells
	Fill       Fill   // what erased sectors read as afterwards
	UnmapOnly  bool   // addresses read as Fill, but flash keeps the cells
	// Keep, if not nil, says which pages the erase leaves as they were.
	Keep func(index uint64) bool
}

// Erase does what the drive's firmware does with s, past the write cache.
// What the cache held before is settled first.
func (m *Medium) Erase(s Scope) {
	m.Flush()
	if s.SparesOnly {
		m.eraseSpares(s, 0, m.cfg.Sectors)
		return
	}
	per := uint64(m.per)
	first, end := s.First/per, (min(s.End, m.cfg.Exist)+per-1)/per
	for _, index := range m.sorted(first, end) {
		pg := m.pages[index]
		if s.keeps(index) {
			continue
		}
		if s.UnmapOnly && !pg.blank() {
			m.pinned = append(m.pinned, entry{index, pg})
		} else {
			m.drop(pg)
		}
		delete(m.pages, index)
	}
	m.setBase(first, end, s.Fill)
	m.eraseSpares(s, first, end)
}

func (m *Medium) eraseSpares(s Scope, first, end uint64) {
	if !s.Spares || s.UnmapOnly {
		return
	}
	for _, list := range []*[]entry{&m.stale, &m.pinned, &m.retired} {
		*list = s.filter(*list, first, end)
	}
}

func (s Scope) keeps(index uint64) bool { return s.Keep != nil && s.Keep(index) }

// filter keeps the cells that s does not erase: those it was told to keep, and
// those whose address lies elsewhere.
func (s Scope) filter(list []entry, first, end uint64) []entry {
	out := list[:0]
	for _, e := range list {
		if s.keeps(e.index) || e.index < first || e.index >= end {
			out = append(out, e)
		}
	}
	clear(list[len(out):])
	return out
}

// Scattered keeps a fraction of the pages, spread by the seed: the same pages
// each time it is asked.
func Scattered(fraction float64, seed uint64) func(uint64) bool {
	if fraction >= 1 {
		return func(uint64) bool { return true }
	}
	limit := uint64(fraction * (1 << 53))
	return func(index uint64) bool {
		r := rand.NewPCG(seed, index)
		return r.Uint64()>>11 < limit
	}
}

// Contiguous keeps one run of pages that is the given fraction of total, at a
// place that the seed decides.
func Contiguous(fraction float64, total, seed uint64) func(uint64) bool {
	n := uint64(fraction * float64(total))
	if n >= total {
		return func(uint64) bool { return true }
	}
	start := rand.New(rand.NewPCG(seed, total)).Uint64N(total - n)
	return func(index uint64) bool { return index >= start && index < start+n }
}
