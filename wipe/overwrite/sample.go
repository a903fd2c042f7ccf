package overwrite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
)

// The figures of SP 800-88 Rev. 1 §4.7: at least 1,000 equal subsections, at
// least two samples in each that do not overlap, at least a tenth of the medium.
const (
	subsections    = 1000
	samplesInEach  = 2
	sampleShare    = 20 // one sample is a 20th of its subsection, two are a tenth
	leastToSample  = subsections * sampleShare
	sampleLabel    = "massho sample plan v1"
	spotLabel      = "massho spot plan v1"
	draws          = 4 // numbers of 64 bits in one SHA-256
	bytesInOneDraw = 8
)

// SamplePlan says which sectors a sampled verification reads: two pseudorandom
// samples in each of 1,000 equal subsections, together at least a tenth of the
// medium, and the first and the last LBA. Ranges are sorted and do not overlap.
// A medium of fewer than 20,000 sectors is read in full: one range.
//
// The plan is a function of its arguments. The numbers are SHA-256(label, seed,
// counter), 64 bits at a time, big endian, those past the largest multiple of
// the wanted bound left out; each subsection draws x and y of [0, L-2s], and its
// samples begin at the smaller one and at the larger one plus s.
func SamplePlan(size int64, sector int, seed [32]byte) []Range {
	n := size / int64(sector)
	if n < leastToSample {
		return whole(n)
	}
	d := drawer{label: sampleLabel, seed: seed}
	plan := make([]Range, 0, subsections*samplesInEach+2)
	for i := range int64(subsections) {
		begin, end := i*n/subsections, (i+1)*n/subsections
		length := (end - begin + sampleShare - 1) / sampleShare
		room := end - begin - samplesInEach*length + 1
		x, y := d.below(room), d.below(room)
		plan = append(plan, Range{begin + min(x, y), length}, Range{begin + max(x, y) + length, length})
	}
	return withEnds(plan, n)
}

// Spots says where to look before and after a device's own erase: one short
// place of count sectors in each of n equal subsections, and the first and the
// last LBA. A medium too small for that is one range. Numbers are drawn as in
// SamplePlan, under another label.
func Spots(size int64, sector int, seed [32]byte, n int, count int64) []Range {
	total := size / int64(sector)
	if n <= 0 || count <= 0 || total/int64(n) < count {
		return whole(total)
	}
	d := drawer{label: spotLabel, seed: seed}
	plan := make([]Range, 0, n+2)
	for i := range int64(n) {
		// Divide first: i*total could overflow for a caller's n.
		section := total / int64(n)
		plan = append(plan, Range{i*section + d.below(section-count+1), count})
	}
	return withEnds(plan, total)
}

func whole(n int64) []Range {
	if n <= 0 {
		return nil
	}
	return []Range{{0, n}}
}

// withEnds adds the first and the last LBA where a plan leaves them out.
func withEnds(plan []Range, n int64) []Range {
	if plan[0].LBA > 0 {
		plan = append([]Range{{0, 1}}, plan...)
	}
	if plan[len(plan)-1].End() < n {
		plan = append(plan, Range{n - 1, 1})
	}
	return plan
}

// drawer draws pseudorandom numbers.
type drawer struct {
	label string
	seed  [32]byte
	count uint64
	block [sha256.Size]byte
}

func (d *drawer) next() uint64 {
	at := d.count % draws
	if at == 0 {
		in := append([]byte(d.label), d.seed[:]...)
		d.block = sha256.Sum256(binary.BigEndian.AppendUint64(in, d.count/draws))
	}
	d.count++
	return binary.BigEndian.Uint64(d.block[at*bytesInOneDraw:])
}

// below draws evenly from [0, n).
func (d *drawer) below(n int64) int64 {
	bound := -uint64(n) % uint64(n) // 2⁶⁴ mod n: as many of the largest are left out
	for {
		if v := d.next(); v <= ^uint64(0)-bound {
			return int64(v % uint64(n))
		}
	}
}

// VerifySampled verifies the places of SamplePlan. Report.Sampled is false when
// the medium is so small that all of it was read.
func VerifySampled(ctx context.Context, t Target, p Pass, seed [32]byte, o Options) (Report, error) {
	o.Start, o.End = 0, 0
	l, err := settle(t, &o)
	if err != nil {
		return Report{}, err
	}
	plan := SamplePlan(l.end, int(l.sector), seed)
	rep, err := verify(ctx, t, p, o, l, l.extents(plan))
	rep.Sampled = len(plan) > 1
	rep.Seed = hex.EncodeToString(seed[:])
	return rep, err
}

// extents turns sectors into bytes.
func (l layout) extents(plan []Range) []span {
	all := make([]span, 0, len(plan))
	for _, r := range plan {
		all = append(all, span{r.LBA * l.sector, r.End() * l.sector})
	}
	return all
}
