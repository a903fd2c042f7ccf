package media

// Unflushed is the number of bytes that a power cut may still take back.
func (m *Medium) Unflushed() int { return len(m.undo) * m.size }

// Flush makes everything written so far durable.
func (m *Medium) Flush() {
	for _, e := range m.undo {
		m.settle(e)
	}
	m.undo = nil
}

// settle decides what becomes of a page that was replaced for good: magnetic
// media overwrite it, flash keeps its cell until it is collected.
func (m *Medium) settle(e entry) {
	if e.page == nil {
		return
	}
	if m.cfg.SparePages == 0 || e.page.blank() {
		m.drop(e.page)
		return
	}
	if len(m.stale) < m.cfg.SparePages {
		m.stale = append(m.stale, e)
		return
	}
	// Garbage collection takes one block or another; by the seed, which.
	i := m.rng.IntN(len(m.stale))
	m.drop(m.stale[i].page)
	m.stale[i] = e
}

// fate is what a power cut does to one write that was not flushed.
type fate uint8

const (
	kept fate = iota
	lost
	torn
)

// Cut is a power cut: each page that was not flushed is kept, lost or torn
// between sectors, by the seed. A later write to the same page decides over an
// earlier one.
func (m *Medium) Cut() {
	decided := map[uint64]bool{}
	for i := len(m.undo) - 1; i >= 0; i-- {
		e := m.undo[i]
		if decided[e.index] {
			m.settle(e)
			continue
		}
		switch m.fate() {
		case kept:
			decided[e.index] = true
			m.settle(e)
		case lost:
			m.drop(m.pages[e.index])
			m.restore(e)
		case torn:
			decided[e.index] = true
			m.tear(e)
		}
	}
	m.undo = nil
}

func (m *Medium) fate() fate {
	switch n := m.rng.IntN(8); {
	case n < 3:
		return kept
	case n < 7:
		return lost
	default:
		return torn
	}
}

func (m *Medium) restore(e entry) {
	if e.page == nil {
		delete(m.pages, e.index)
		return
	}
	m.pages[e.index] = e.page
}

// tear leaves some sectors of the page as they were before the write.
func (m *Medium) tear(e entry) {
	now := m.pages[e.index]
	pg := m.newPage()
	now.read(pg.data, e.index, 0)
	pg.orig = now.orig
	sector := m.cfg.SectorSize
	for s := range m.per {
		if m.rng.IntN(2) == 0 {
			continue
		}
		part := pg.data[s*sector : (s+1)*sector]
		pg.orig &^= 1 << s
		if e.page == nil {
			m.baseFill(e.index).bytes(part, e.index, s*sector)
			continue
		}
		e.page.read(part, e.index, s*sector)
		pg.orig |= e.page.orig & (1 << s)
	}
	m.drop(now)
	m.pages[e.index] = pg
	m.settle(e)
}
