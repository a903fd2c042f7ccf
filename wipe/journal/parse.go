package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Log is a journal that was read and verified.
type Log struct {
	Header  Header
	Records []Record // the header's record first
	Report  Report

	used []byte // the verified frames
}

// Report tells what Parse saw besides the records.
type Report struct {
	Size       int64 `json:"size"`        // bytes that were given
	Used       int64 `json:"used"`        // bytes of verified records
	TornOffset int64 `json:"torn_offset"` // where a dropped tail began
	TornBytes  int64 `json:"torn_bytes"`  // its length; 0 for a clean end
	Closed     bool  `json:"closed"`      // the run came to its end
}

// Head is the hash of the last verified record.
func (l *Log) Head() Hash {
	if len(l.Records) == 0 {
		return Hash{}
	}
	return l.Records[len(l.Records)-1].Hash
}

// Bytes returns the verified frames: what is attached to a certificate and read
// again by ParseExcerpt.
func (l *Log) Bytes() []byte { return bytes.Clone(l.used) }

// Parse reads a whole journal file. The Log holds what was verified, also with
// an error, and is never nil. A torn tail is no error; it stands in the Report.
func Parse(data []byte) (*Log, error) {
	p := parser{data: data, log: &Log{Report: Report{Size: int64(len(data))}}}
	err := p.run()
	if err == nil {
		err = p.checkSize()
	}
	return p.log, err
}

// ParseExcerpt reads exactly the used frames of a journal, as Log.Bytes gives
// them: nothing torn, nothing after the last record.
func ParseExcerpt(data []byte) (*Log, error) {
	p := parser{data: data, log: &Log{Report: Report{Size: int64(len(data))}}}
	if err := p.run(); err != nil {
		return p.log, err
	}
	if r := p.log.Report; r.Used != r.Size {
		return p.log, &Error{Kind: ErrTruncated, Offset: r.Used,
			Detail: fmt.Sprintf("%d bytes after the last whole record", r.Size-r.Used),
			Next:   "get the excerpt again from the journal it was taken from"}
	}
	return p.log, nil
}

// parser walks over the frames.
type parser struct {
	data []byte
	log  *Log

	run0    RunID
	prev    Hash
	rec     Record // the record under way
	total   int    // its payload's length
	payload []byte // so far
	partial bool   // rec has begun and is not complete
}

// Next steps named by findings.
const (
	nextCopy  = "keep this file as it is, look for the other copy of this run's journal, and start the drives over if there is none"
	nextOther = "this is not the journal that was expected; insert the stick of this run"
)

func (p *parser) run() error {
	for i := 0; ; i++ {
		off := i * FrameSize
		if off+FrameSize > len(p.data) {
			return p.tail(i)
		}
		if i == 0 {
			if err := p.checkStart(); err != nil {
				return err
			}
		}
		f, state := decode(p.data[off : off+FrameSize])
		switch state {
		case frameZero, frameBad:
			return p.tail(i)
		case frameMalformed:
			return p.fail(ErrAltered, i, "checksums hold, fields do not")
		case frameGood:
			if err := p.link(i, &f); err != nil {
				return err
			}
			if err := p.take(i, &f); err != nil {
				return err
			}
		}
	}
}

// checkStart tells a foreign file and a foreign version from a damaged journal.
func (p *parser) checkStart() error {
	b := p.data[:FrameSize]
	switch v := binary.LittleEndian.Uint16(b[offVersion:]); {
	case bytes.Equal(b, zeroFrame):
		return nil
	case !bytes.Equal(b[offMagic:offVersion], magic):
		return &Error{Kind: ErrNotOurs, Next: nextOther}
	case v != Version:
		return &Error{Kind: ErrVersion, Detail: fmt.Sprintf("version %d, this program reads %d", v, Version),
			Next: "use the program's version that made it"}
	}
	return nil
}

// link checks that frame i is the one that must follow.
func (p *parser) link(i int, f *frame) error {
	if len(p.log.Records) == 0 && !p.partial && i == 0 {
		p.run0 = f.run
	}
	want := p.rec.Seq
	if !p.partial {
		want = p.nextSeq()
	}
	switch {
	case f.run != p.run0:
		return p.fail(ErrForeign, i, fmt.Sprintf("run %v, expected %v", f.run, p.run0))
	case f.index < uint64(i) || f.seq < want:
		return p.fail(ErrRewound, i, fmt.Sprintf("record %d, expected %d", f.seq, want))
	case f.index > uint64(i) || f.seq > want:
		return p.fail(ErrGap, i, fmt.Sprintf("record %d, expected %d", f.seq, want))
	case f.prev != p.prev:
		return p.fail(ErrAltered, i, "does not follow the frame before it")
	case f.continuation() != p.partial:
		return p.fail(ErrAltered, i, "continuation where none belongs, or none where one belongs")
	case p.partial && (f.typ != p.rec.Type || f.wall != p.rec.Wall.UnixNano() ||
		f.mono != int64(p.rec.Mono) || f.total != p.total):
		return p.fail(ErrAltered, i, "continuation of another record")
	case (f.typ == TypeHeader) != (f.seq == 0):
		return p.fail(ErrAltered, i, "header in a wrong place")
	case p.log.Report.Closed:
		return p.fail(ErrAltered, i, "a record after the closing one")
	}
	return nil
}

// take adds a linked frame to the record under way and completes it.
func (p *parser) take(i int, f *frame) error {
	if !p.partial {
		p.rec = Record{Seq: f.seq, Type: f.typ, Wall: time.Unix(0, f.wall).UTC(), Mono: time.Duration(f.mono),
			InMemory: f.flags&flagInMemory != 0, Offset: int64(i) * FrameSize}
		p.total, p.payload, p.partial = f.total, nil, true
	}
	if len(f.payload) != min(frameRoom, p.total-len(p.payload)) {
		return p.fail(ErrAltered, i, "payload is cut in a wrong place")
	}
	p.payload = append(p.payload, f.payload...)
	p.rec.Frames++
	p.prev = f.hash
	if len(p.payload) < p.total {
		return nil
	}
	if !json.Valid(p.payload) {
		return p.fail(ErrAltered, i, "payload is not JSON")
	}
	p.rec.Payload, p.rec.Hash, p.partial = p.payload, f.hash, false
	if p.rec.Seq == 0 {
		if err := p.takeHeader(i); err != nil {
			return err
		}
	}
	p.log.Records = append(p.log.Records, p.rec)
	p.log.Report.Used = int64(i+1) * FrameSize
	p.log.Report.Closed = p.rec.Type == TypeClosed
	p.log.used = p.data[:p.log.Report.Used]
	return nil
}

func (p *parser) takeHeader(i int) error {
	if err := json.Unmarshal(p.payload, &p.log.Header); err != nil {
		return p.fail(ErrAltered, i, "header: "+err.Error())
	}
	if h := p.log.Header; h.Run != p.run0 {
		return p.fail(ErrForeign, i, fmt.Sprintf("header names run %v, frames %v", h.Run, p.run0))
	}
	return nil
}

func (p *parser) nextSeq() uint64 { return uint64(len(p.log.Records)) }

func (p *parser) fail(kind error, i int, detail string) error {
	next := nextCopy
	if errors.Is(kind, ErrForeign) {
		next = nextOther
	}
	return &Error{Kind: kind, Offset: int64(i) * FrameSize, Detail: detail, Next: next}
}
