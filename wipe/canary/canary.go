// Package canary plants keyed marks on a medium and says which of them an
// erasure left behind.
//
// A drive's own "success" is not proof (Wei et al., FAST'11). So before the
// first step a mark goes to the first and the last LBA and to one place in each
// of many equal strata between them. All are planted, then flushed, then all are
// read: never one by one, because a drive of false capacity wraps around and
// would show each mark right after it was written. After the technique they are
// read again, and one survivor is enough for Failed.
//
// A mark is HMAC-SHA256(key, LBA ‖ block) for each 32 bytes of its sector, so it
// cannot be mistaken for data, compressed away or guessed by the drive, and even
// a torn half of it is recognised. The key is drawn for one run, independent of
// every pass key, and published in the Statement.
package canary

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
)

// Default is how many marks are planted unless a policy asks for more: 1,000
// find a missed 0.5 % of the medium with 99.3 %.
const Default = 1000

const blockSize = sha256.Size

// Key makes the marks of one run.
type Key [32]byte

// Mark fills p, one sector at lba, with the mark that belongs there.
// len(p) is a multiple of 32.
func (k Key) Mark(p []byte, lba uint64) {
	mac := hmac.New(sha256.New, k[:])
	var msg [16]byte
	binary.BigEndian.PutUint64(msg[:8], lba)
	for i := 0; i < len(p); i += blockSize {
		binary.BigEndian.PutUint64(msg[8:], uint64(i/blockSize))
		mac.Reset()
		mac.Write(msg[:])
		mac.Sum(p[i:i])
	}
}

// Survives reports whether any 32-byte block of the mark for lba is still in p.
func (k Key) Survives(p []byte, lba uint64) bool {
	mark := make([]byte, len(p))
	k.Mark(mark, lba)
	for i := 0; i < len(p); i += blockSize {
		if bytes.Equal(p[i:i+blockSize], mark[i:i+blockSize]) {
			return true
		}
	}
	return false
}

// Positions are the LBAs of n marks on a medium of so many sectors, ascending
// and distinct: the first, the last, and one drawn by the key in each of n−2
// equal strata. A medium of n sectors or fewer is marked everywhere.
func (k Key) Positions(n int, sectors uint64) []uint64 {
	if sectors == 0 || n <= 0 {
		return nil
	}
	if sectors <= uint64(n) {
		all := make([]uint64, sectors)
		for i := range all {
			all[i] = uint64(i)
		}
		return all
	}
	if n == 1 {
		return []uint64{0}
	}
	out := append(make([]uint64, 0, n), 0)
	inner, strata := sectors-2, uint64(n-2)
	for i := uint64(0); i < strata; i++ {
		lo, hi := 1+mulDiv(inner, i, strata), 1+mulDiv(inner, i+1, strata)
		out = append(out, lo+k.draw(i)%(hi-lo))
	}
	return append(out, sectors-1)
}

// draw is a 64-bit value that only the key and i decide.
func (k Key) draw(i uint64) uint64 {
	mac := hmac.New(sha256.New, k[:])
	mac.Write([]byte("massho canary position"))
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], i)
	mac.Write(b[:])
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

// mulDiv is a*b/c for b ≤ c, without the overflow of a*b.
func mulDiv(a, b, c uint64) uint64 { return a/c*b + a%c*b/c }

// DetectionProbability is the chance that n marks show an erasure that missed
// the fraction f of the medium: 1−(1−f)^n.
func DetectionProbability(f float64, n int) float64 {
	return 1 - math.Pow(1-f, float64(n))
}

// MissedFraction is the smallest missed fraction that n marks show with
// probability p.
func MissedFraction(p float64, n int) float64 {
	if n <= 0 {
		return 1
	}
	return 1 - math.Pow(1-p, 1/float64(n))
}

// Medium is what canaries need of a drive.
type Medium interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	Flush(ctx context.Context) error
	SectorSize() int
}

// Set is the marks of one run on one medium.
type Set struct {
	Key  Key
	LBAs []uint64 // where a mark was written and read back
}

// PlantReport says what planting met.
type PlantReport struct {
	Planted    uint64   // marks written and read back as written
	Unwritable []uint64 // LBAs that refused the write
	Unreadable []uint64 // LBAs that could not be read back
	Wrong      []uint64 // LBAs that read back as something else: false capacity
}

// Plant writes all n marks, flushes, then reads all of them. buf is one sector,
// aligned as the medium asks. An error means that the medium could not be used
// at all (the flush failed, or ctx ended); single bad places are in the report.
func Plant(ctx context.Context, m Medium, k Key, n int, sectors uint64, buf []byte) (Set, PlantReport, error) {
	var rep PlantReport
	written := make([]uint64, 0, n)
	for _, lba := range k.Positions(n, sectors) {
		if err := ctx.Err(); err != nil {
			return Set{}, rep, err
		}
		k.Mark(buf, lba)
		if _, err := m.WriteAt(buf, int64(lba)*int64(len(buf))); err != nil {
			rep.Unwritable = append(rep.Unwritable, lba)
			continue
		}
		written = append(written, lba)
	}
	if err := m.Flush(ctx); err != nil {
		return Set{}, rep, fmt.Errorf("canary: flush after planting: %w", err)
	}
	set := Set{Key: k}
	mark := make([]byte, len(buf))
	for _, lba := range written {
		if err := ctx.Err(); err != nil {
			return Set{}, rep, err
		}
		k.Mark(mark, lba)
		_, err := m.ReadAt(buf, int64(lba)*int64(len(buf)))
		switch {
		case err != nil:
			rep.Unreadable = append(rep.Unreadable, lba)
		case !bytes.Equal(buf, mark):
			rep.Wrong = append(rep.Wrong, lba)
		default:
			set.LBAs = append(set.LBAs, lba)
		}
	}
	rep.Planted = uint64(len(set.LBAs))
	return set, rep, nil
}

// CheckReport says what a reading of the marks found.
type CheckReport struct {
	Read       uint64   // places read
	Survivors  []uint64 // LBAs where a mark or a part of it still stands
	Unreadable []uint64 // LBAs that could not be read even after being rewritten
	Rewritten  []uint64 // LBAs that were unreadable, were rewritten and then read
}

// Check reads every mark of the set again. rewrite says whether a place that
// cannot be read may be rewritten and then judged: after a crypto or block erase
// an unreadable sector is a legal answer (ACS-4 §7.36) that a write clears.
func Check(ctx context.Context, m Medium, s Set, rewrite bool, buf []byte) (CheckReport, error) {
	var rep CheckReport
	for _, lba := range s.LBAs {
		if err := ctx.Err(); err != nil {
			return rep, err
		}
		off := int64(lba) * int64(len(buf))
		_, err := m.ReadAt(buf, off)
		if err != nil && rewrite && rewriteAndRead(ctx, m, buf, off) {
			rep.Rewritten = append(rep.Rewritten, lba)
			err = nil
		}
		switch {
		case err != nil:
			rep.Unreadable = append(rep.Unreadable, lba)
		case s.Key.Survives(buf, lba):
			rep.Survivors = append(rep.Survivors, lba)
			rep.Read++
		default:
			rep.Read++
		}
	}
	return rep, nil
}

// rewriteAndRead writes zeros over an unreadable sector and reads it again
// into buf. What comes back is judged like any other reading: a drive that
// answers with the old mark after all is a survivor.
func rewriteAndRead(ctx context.Context, m Medium, buf []byte, off int64) bool {
	clear(buf)
	if _, err := m.WriteAt(buf, off); err != nil {
		return false
	}
	if err := m.Flush(ctx); err != nil {
		return false
	}
	_, err := m.ReadAt(buf, off)
	return err == nil
}
