package media

// Retire takes the page at lba out of service with its present data: a
// reallocated sector, a worn-out block. The address leads to a fresh cell with
// the same content, as after a successful recovery.
func (m *Medium) Retire(lba uint64) {
	index := lba % m.cfg.Exist / uint64(m.per)
	if pg, ok := m.pages[index]; ok {
		pg.shared = true // two holders: never back to the free list
		m.retired = append(m.retired, entry{index, pg})
	}
}

// RetiredCount is the number of cells out of service.
func (m *Medium) RetiredCount() int { return len(m.retired) }

// Age leaves n copies of mapped pages in cells that no collection ever takes,
// as wear levelling and earlier versions of files do. The seed says which.
func (m *Medium) Age(n int) {
	total := m.cfg.Exist / uint64(m.per)
	for range n {
		index := m.rng.Uint64N(total)
		if pg, ok := m.pages[index]; ok {
			pg.shared = true
			m.pinned = append(m.pinned, entry{index, pg})
		}
	}
}
