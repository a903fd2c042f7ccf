// Package media is the material of an emulated drive: what really lies on the
// platters or in the cells, whether or not an address still leads there.
//
// A [Medium] keeps pages of eight sectors (one sector of 4096 bytes), sparsely.
// It knows four places: the mapped pages; what the volatile write cache has
// replaced but not yet made durable; the copies that a flash translation layer
// still keeps of replaced pages; and cells that were taken out of service with
// their data. Sectors written by [Medium.MarkOriginal]'s time are tagged, and
// [Medium.Survivors] lists every place where one of them is left.
//
// Nothing here is safe for use by two callers at once: the drive's lock guards
// it. The same seed and the same calls give the same content.
package media

import (
	"math/rand/v2"
	"slices"
)

// Config is the shape of a medium. Sectors and SectorSize are needed.
type Config struct {
	SectorSize int    // bytes: 512, 520, 528, 4096
	Sectors    uint64 // native sectors
	CachePages int    // pages the volatile write cache holds; 0: write-through
	SparePages int    // replaced pages that flash keeps; 0: magnetic
	Exist      uint64 // sectors that are really there; addresses wrap; 0: all
	Seed       uint64
}

// Medium is the material of one drive.
type Medium struct {
	cfg   Config
	per   int // sectors a page
	size  int // bytes a page
	pages map[uint64]*page
	base  []span // what a page that was never written reads as, newest last
	rng   *rand.Rand

	undo    []entry // replaced and not yet durable, oldest first
	stale   []entry // replaced flash pages, still in their cells
	pinned  []entry // the same, in blocks that are never collected
	retired []entry // cells taken out of service

	free []*page
	slab []byte
}

// page is the content of one page. Its data are never changed once it is in
// the map: a write makes a new page, and the old one may live on elsewhere.
type page struct {
	data   []byte // nil: generated from fill
	fill   Fill
	orig   uint8 // one bit a sector: still what MarkOriginal saw
	shared bool  // data belong to a Fill or to another holder
}

// entry is a page with the address it was written to.
type entry struct {
	index uint64
	page  *page // nil: the base of that time (nothing to keep)
}

// New makes an empty medium: every sector reads as zeros.
func New(cfg Config) *Medium {
	per := 8
	if cfg.SectorSize >= 4096 {
		per = 1
	}
	if cfg.Exist == 0 || cfg.Exist > cfg.Sectors {
		cfg.Exist = cfg.Sectors
	}
	return &Medium{
		cfg: cfg, per: per, size: per * cfg.SectorSize,
		pages: map[uint64]*page{},
		rng:   rand.New(rand.NewPCG(cfg.Seed, 0x6D656469)),
	}
}

// SectorSize is the size of one sector in bytes.
func (m *Medium) SectorSize() int { return m.cfg.SectorSize }

// Sectors is the number of native sectors.
func (m *Medium) Sectors() uint64 { return m.cfg.Sectors }

// PageSectors is the number of sectors that one page holds.
func (m *Medium) PageSectors() int { return m.per }

// piece walks the pages under [lba, lba+len/sector).
func (m *Medium) piece(n int, lba uint64, do func(index uint64, at, from, to int)) {
	for from := 0; from < n; {
		real := lba % m.cfg.Exist
		index := real / uint64(m.per)
		at := int(real%uint64(m.per)) * m.cfg.SectorSize
		to := min(n, from+m.size-at, from+int(min(m.cfg.Exist-real, 1<<20))*m.cfg.SectorSize)
		do(index, at, from, to)
		lba += uint64((to - from) / m.cfg.SectorSize)
		from = to
	}
}

// Read fills p, whole sectors, from lba.
func (m *Medium) Read(p []byte, lba uint64) {
	m.piece(len(p), lba, func(index uint64, at, from, to int) {
		pg, ok := m.pages[index]
		if !ok {
			m.baseFill(index).bytes(p[from:to], index, at)
			return
		}
		pg.read(p[from:to], index, at)
	})
}

func (pg *page) read(p []byte, index uint64, at int) {
	if pg.data == nil {
		pg.fill.bytes(p, index, at)
		return
	}
	copy(p, pg.data[at:])
}

// Write stores p, whole sectors, at lba. Until Flush it may be undone by Cut.
func (m *Medium) Write(p []byte, lba uint64) {
	m.piece(len(p), lba, func(index uint64, at, from, to int) {
		pg := m.newPage()
		old := m.pages[index]
		if to-from < m.size {
			if old != nil {
				old.read(pg.data, index, 0)
				pg.orig = old.orig
			} else {
				m.baseFill(index).bytes(pg.data, index, 0)
			}
			pg.orig &^= m.mask(at, to-from)
		}
		copy(pg.data[at:], p[from:to])
		m.replace(index, pg)
	})
}

// mask is the bits of the sectors at [at, at+n) of a page.
func (m *Medium) mask(at, n int) uint8 {
	first, count := at/m.cfg.SectorSize, n/m.cfg.SectorSize
	return uint8((1<<count - 1) << first)
}

// Discard unmaps whole pages under [lba, lba+n): they read as zeros, and flash
// keeps their cells. Parts of pages stay as they are, as real drives do.
func (m *Medium) Discard(lba, n uint64) {
	per := uint64(m.per)
	first, end := (lba+per-1)/per, min(lba+n, m.cfg.Exist)/per
	for _, index := range m.sorted(first, end) {
		if !m.pages[index].blank() {
			m.replace(index, &page{shared: true})
		}
	}
	m.setBase(first, end, Zeros)
}

// sorted is the pages of [first, end) that exist, in order: the order of a map
// would make two runs of one seed differ.
func (m *Medium) sorted(first, end uint64) []uint64 {
	var list []uint64
	for index := range m.pages {
		if index >= first && index < end {
			list = append(list, index)
		}
	}
	slices.Sort(list)
	return list
}

func (pg *page) blank() bool { return pg.data == nil && pg.fill == Zeros }

// replace puts pg where index leads, and the page before it where it goes.
func (m *Medium) replace(index uint64, pg *page) {
	old := m.pages[index]
	m.pages[index] = pg
	if m.cfg.CachePages == 0 {
		m.settle(entry{index, old})
		return
	}
	m.undo = append(m.undo, entry{index, old})
	if len(m.undo) > m.cfg.CachePages {
		m.settle(m.undo[0])
		m.undo = m.undo[1:]
	}
}

// newPage is a page of unknown bytes with no original sector.
func (m *Medium) newPage() *page {
	if n := len(m.free); n > 0 {
		pg := m.free[n-1]
		m.free = m.free[:n-1]
		pg.orig = 0
		return pg
	}
	if len(m.slab) < m.size {
		m.slab = make([]byte, 64*m.size)
	}
	pg := &page{data: m.slab[:m.size:m.size]}
	m.slab = m.slab[m.size:]
	return pg
}

// drop forgets a page that lies nowhere any more.
func (m *Medium) drop(pg *page) {
	if pg != nil && !pg.shared && pg.data != nil && len(m.free) < 1024 {
		m.free = append(m.free, pg)
	}
}
