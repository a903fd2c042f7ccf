package overwrite

import (
	"cmp"
	"slices"
)

// span is a run of bytes.
type span struct{ off, end int64 }

// spans is a list that grows at its end and joins what touches there.
type spans []span

func (s *spans) add(off, end int64) {
	if end <= off {
		return
	}
	if n := len(*s); n > 0 && (*s)[n-1].end == off {
		(*s)[n-1].end = end
		return
	}
	*s = append(*s, span{off, end})
}

// holds says whether off lies in one of the spans.
func (s spans) holds(off int64) bool {
	return slices.ContainsFunc(s, func(x span) bool { return x.off <= off && off < x.end })
}

// ranges gives the spans as runs of sectors: sorted, joined.
func (s spans) ranges(sector int64) []Range {
	if len(s) == 0 {
		return nil
	}
	all := make([]Range, 0, len(s))
	for _, x := range s {
		all = append(all, Range{x.off / sector, (x.end - x.off + sector - 1) / sector})
	}
	return Join(all)
}

// Join sorts ranges and joins those that touch or overlap.
func Join(all []Range) []Range {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Range) int { return cmp.Compare(a.LBA, b.LBA) })
	var out []Range
	for _, r := range all {
		if n := len(out); n > 0 && r.LBA <= out[n-1].End() {
			out[n-1].Count = max(out[n-1].End(), r.End()) - out[n-1].LBA
			continue
		}
		out = append(out, r)
	}
	return out
}

// Sectors is how many sectors the ranges hold, counted one by one: join them
// first when they may overlap.
func Sectors(all []Range) int64 {
	var n int64
	for _, r := range all {
		n += r.Count
	}
	return n
}
