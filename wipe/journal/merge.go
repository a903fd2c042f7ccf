package journal

import (
	"bytes"
	"fmt"
)

// Merge returns the longest of several copies of one run's journal. Each other
// copy must be a prefix of it; else the error's kind is ErrForeign or
// ErrDiverged. Copies come from Parse or ParseExcerpt without error.
func Merge(copies ...*Log) (*Log, error) {
	if len(copies) == 0 {
		return nil, &Error{Kind: ErrEmpty, Detail: "no copy given", Next: "give the journal of the run"}
	}
	best := copies[0]
	for _, l := range copies[1:] {
		if len(l.used) > len(best.used) {
			best = l
		}
	}
	for i, l := range copies {
		if l.Header.Run != best.Header.Run {
			return nil, &Error{Kind: ErrForeign, Detail: fmt.Sprintf("copy %d is of run %v, another of %v",
				i, l.Header.Run, best.Header.Run), Next: nextOther}
		}
		if n := commonFrames(l.used, best.used); n != len(l.used) {
			return nil, &Error{Kind: ErrDiverged, Offset: int64(n), Detail: fmt.Sprintf("copy %d", i),
				Next: "keep both copies as they are; neither may be continued"}
		}
	}
	return best, nil
}

// commonFrames is the length in bytes of the whole frames that a and b share
// from the start.
func commonFrames(a, b []byte) int {
	n := 0
	for n+FrameSize <= len(a) && n+FrameSize <= len(b) && bytes.Equal(a[n:n+FrameSize], b[n:n+FrameSize]) {
		n += FrameSize
	}
	return n
}
