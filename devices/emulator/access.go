package emulator

import (
	"context"
	"fmt"
	"time"
)

// access is one read or write of whole sectors of a unit, as the fast path of
// a kernel does it. It returns the bytes that were moved before an error.
func (d *Drive) access(c *Conn, u *unit, write bool, p []byte, off int64) (int, error) {
	op := "read"
	if write {
		op = "write"
	}
	size := int64(c.SectorSize())
	if off < 0 || off%size != 0 || int64(len(p))%size != 0 {
		return 0, fmt.Errorf("%s: %s: offset %d and length %d are not whole sectors of %d bytes",
			d.p.Serial, op, off, len(p), size)
	}
	lba := uint64(off / size)
	fail := func(n int, err error) (int, error) {
		return n, &IOError{Drive: d.p.Serial, Op: op, LBA: lba + uint64(n)/uint64(size), Err: err}
	}
	if err := d.enter(context.Background(), c.caller(), 0, op); err != nil {
		return fail(0, err)
	}
	defer d.mu.Unlock()
	if d.ata != nil {
		d.ata.sec.prepared = false
	}
	if lba+uint64(len(p))/uint64(size) > d.addressable(u) {
		return fail(0, fmt.Errorf("beyond the %d addressable sectors: %w", d.addressable(u), ErrAbort))
	}
	if err := d.mediaBlocked(); err != nil {
		return fail(0, err)
	}
	n, err := d.move(write, p, u.first+lba)
	if err != nil {
		return fail(n, err)
	}
	return n, nil
}

// move does the transfer up to the first sector that fails or cuts the power.
func (d *Drive) move(write bool, p []byte, lba uint64) (int, error) {
	size := uint64(d.sector())
	count := uint64(len(p)) / size
	ok, err := d.firstBad(write, lba, count)
	if left, cuts := d.untilCut(write); cuts && left/size < ok {
		d.store(p[:left/size*size], lba)
		d.faults.PowerCutAfter = 0 // once
		d.powerCut()
		return 0, ErrNoPower
	}
	done := p[:ok*size]
	if write {
		d.store(done, lba)
	} else {
		d.med.Read(done, lba)
	}
	d.moved += uint64(len(done))
	d.p.Clock.Advance(d.faults.Slow + d.transferTime(len(done)))
	return len(done), err
}

// untilCut is the number of bytes that may still be written before power fails.
func (d *Drive) untilCut(write bool) (uint64, bool) {
	limit := d.faults.PowerCutAfter
	if !write || limit == 0 {
		return 0, false
	}
	return limit - min(limit, d.written), true
}

func (d *Drive) store(p []byte, lba uint64) {
	d.med.Write(p, lba)
	d.written += uint64(len(p))
	if d.nvme != nil && len(p) > 0 {
		d.nvme.erased = false
	}
}

// firstBad is the number of good sectors before the first that fails. A write
// to an unreadable sector reallocates it while there are spares.
func (d *Drive) firstBad(write bool, lba, count uint64) (uint64, error) {
	good := count
	for _, r := range d.tcg.lockedRanges() {
		if r.meets(lba, good) {
			good = max(r.First, lba) - lba
		}
	}
	if good < count {
		return good, ErrLocked
	}
	for _, r := range d.faults.WriteErrors {
		if write && r.meets(lba, good) {
			good = max(r.First, lba) - lba
		}
	}
	var err error
	if good < count {
		err = ErrMedium
	}
	if write {
		d.heal(lba, good)
		return good, err
	}
	for _, r := range d.faults.ReadErrors {
		if r.meets(lba, good) {
			good = max(r.First, lba) - lba
			err = ErrMedium
		}
	}
	return good, err
}

// heal reallocates the unreadable sectors of [lba, lba+n): the old cell goes
// out of service with its data, the address gets a spare.
func (d *Drive) heal(lba, n uint64) {
	var left []Range
	for _, r := range d.faults.ReadErrors {
		if n == 0 || !r.meets(lba, n) {
			left = append(left, r)
			continue
		}
		for s := r.First; s < r.First+r.Count; s++ {
			if s < lba || s >= lba+n || d.spares == 0 {
				left = append(left, Range{s, 1})
				continue
			}
			d.spares--
			d.grown++
			d.med.Retire(s)
		}
	}
	d.faults.ReadErrors = left
}

// transferTime is 200 MB/s for what turns and 500 MB/s for flash.
func (d *Drive) transferTime(n int) time.Duration {
	if d.p.Kind.Flash() {
		return time.Duration(n) * 2
	}
	return time.Duration(n) * 5
}

// addressable is the number of sectors of u that the host can address now.
func (d *Drive) addressable(u *unit) uint64 {
	if u == d.units[0] && d.p.Kind.ATA() {
		return d.max
	}
	return u.sectors
}

// mediaBlocked says why the medium may not be read or written in the drive's
// present state.
func (d *Drive) mediaBlocked() error {
	if d.ata != nil {
		return d.ata.mediaBlocked()
	}
	if d.sas != nil && d.sas.state != sasIdle || d.nvme != nil && d.nvme.mediaBlocked() != 0 {
		return ErrAbort
	}
	return nil
}
