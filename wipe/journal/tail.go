package journal

import "fmt"

// maxTorn is the most that one unfinished write can leave behind: the longest
// record, and the rest of the 4096-byte physical sectors at both its ends.
const maxTorn = (MaxPayload/frameRoom+1)*FrameSize + 2*4096

// tail judges what lies from frame k on, where the chain stopped: unwritten
// zeros, a write that was cut (reported), or damage in front of later records
// (an error). A cut write was never acknowledged, and the writer acknowledges
// one record before it begins the next; so a good frame of a later record
// behind the stop proves that something durable was lost.
func (p *parser) tail(k int) error {
	begin := k
	if p.partial {
		begin = int(p.rec.Offset / FrameSize)
	}
	last := begin - 1 // last frame that belongs to the tail
	if k > begin {
		last = k - 1
	}
	for m := k; m*FrameSize < len(p.data); m++ {
		b := p.data[m*FrameSize : min((m+1)*FrameSize, len(p.data))]
		if allZero(b) {
			continue
		}
		last = m
		if len(b) < FrameSize {
			continue
		}
		if f, state := decode(b); state == frameGood {
			if err := p.behind(k, m, &f); err != nil {
				return err
			}
		}
	}
	if torn := (last + 1 - begin) * FrameSize; torn > 0 {
		p.log.Report.TornOffset = int64(begin) * FrameSize
		p.log.Report.TornBytes = int64(min(torn, len(p.data)-begin*FrameSize))
		if torn > maxTorn {
			return p.fail(ErrAltered, begin, fmt.Sprintf("%d bytes damaged, more than one write can leave", torn))
		}
	}
	if len(p.log.Records) == 0 {
		return &Error{Kind: ErrEmpty, Next: "nothing was recorded here; begin a new run"}
	}
	return nil
}

// behind judges the good frame f at place m behind the stop at k.
func (p *parser) behind(k, m int, f *frame) error {
	next := p.nextSeq()
	switch {
	case (len(p.log.Records) > 0 || p.partial) && f.run != p.run0:
		return p.fail(ErrForeign, m, fmt.Sprintf("run %v, expected %v", f.run, p.run0))
	case f.seq < next:
		return p.fail(ErrRewound, m, fmt.Sprintf("record %d behind record %d", f.seq, next-1))
	case f.seq > next && allZero(p.data[k*FrameSize:(k+1)*FrameSize]):
		return p.fail(ErrGap, k, fmt.Sprintf("record %d is missing, record %d is there", next, f.seq))
	case f.seq > next:
		return p.fail(ErrAltered, k, fmt.Sprintf("record %d is damaged, record %d behind it is whole", next, f.seq))
	case f.index != uint64(m):
		return p.fail(ErrAltered, m, fmt.Sprintf("frame %d in place %d", f.index, m))
	}
	return nil
}

// checkSize compares the file with the size it was made with.
func (p *parser) checkSize() error {
	size, made := p.log.Report.Size, p.log.Header.Capacity
	switch {
	case size < made:
		return &Error{Kind: ErrTruncated, Offset: size, Detail: fmt.Sprintf("%d bytes, made with %d", size, made),
			Next: nextCopy}
	case size > made:
		return &Error{Kind: ErrAltered, Offset: made, Detail: fmt.Sprintf("%d bytes, made with %d", size, made),
			Next: nextCopy}
	}
	return nil
}
