package overwrite

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
)

// Print is what Scan found at one place. It does not tell the content, but for
// a single repeated byte: the MAC is keyed.
type Print struct {
	Range    Range  `json:"range"`
	Readable bool   `json:"readable"` // false: at least one sector could not be read; nothing below counts
	Constant bool   `json:"constant"` // every byte is Value
	Value    byte   `json:"value"`
	MAC      string `json:"mac"` // HMAC-SHA-256 of first LBA (64 bits, big endian) and content, hexadecimal
}

// Scan reads the given places, sorted and not overlapping, and says of each
// whether it holds one byte over and over, and its keyed hash. Short places
// (Spots) find what is left over better than long ones: a place counts as
// changed when any of its bytes is.
func Scan(ctx context.Context, t Target, places []Range, key [32]byte, o Options) ([]Print, Report, error) {
	o.Start, o.End = 0, 0
	l, err := settle(t, &o)
	if err != nil {
		return nil, Report{}, err
	}
	for i, r := range places {
		if r.Count <= 0 || r.LBA < 0 || r.End() > l.end/l.sector || i > 0 && r.LBA < places[i-1].End() {
			return nil, Report{}, refuse("place %d (LBA %d, %d sectors) is outside, empty, or out of order", i, r.LBA, r.Count)
		}
	}
	s := scanner{engine: newEngine(ctx, opScan, t, o, l, l.extents(places)), left: places, mac: hmac.New(sha256.New, key[:])}
	s.prints = make([]Print, 0, len(places))
	s.read(s.look)
	rep, err := s.close()
	return s.prints, rep, err
}

// scanner takes the chunks in order; no chunk spans two places.
type scanner struct {
	*engine
	left   []Range // the place at hand and those behind it
	mac    hash.Hash
	now    Print
	seen   int64 // bytes of the place at hand
	prints []Print
}

func (s *scanner) look(data []byte, off int64, holes spans) {
	// Chunks are missing only where the budget was spent or the call ends: the
	// places they belong to are not printed.
	for len(s.left) > 0 && off >= s.left[0].End()*s.l.sector {
		s.left, s.seen = s.left[1:], 0
	}
	place := s.left[0]
	if begin := place.LBA * s.l.sector; off == begin {
		s.now = Print{Range: place, Readable: true, Constant: true, Value: data[0]}
		s.seen = 0
		s.mac.Reset()
		s.mac.Write(binary.BigEndian.AppendUint64(nil, uint64(place.LBA))) // hash.Hash never fails
	} else if off != begin+s.seen {
		return // a part before this one was passed over
	}
	s.seen += int64(len(data))
	s.now.Readable = s.now.Readable && len(holes) == 0
	s.now.Constant = s.now.Constant && data[0] == s.now.Value && constant(data)
	s.mac.Write(data)
	if s.seen < place.Count*s.l.sector {
		return
	}
	if s.now.Readable {
		s.now.MAC = hex.EncodeToString(s.mac.Sum(nil))
	}
	if s.now.Constant = s.now.Constant && s.now.Readable; !s.now.Constant {
		s.now.Value = 0 // it is content
	}
	s.prints = append(s.prints, s.now)
}

// constant says whether b holds one byte over and over: then it equals itself
// moved by one.
func constant(b []byte) bool { return bytes.Equal(b[1:], b[:len(b)-1]) }

// Change is what became of one place between two scans.
type Change uint8

// Changes. Only Changed speaks for an erase; Remnant refutes it.
const (
	NotSeen   Change = iota // not readable, or not in both scans
	Changed                 // another content than before
	Remnant                 // the same content as before, and not one repeated byte
	NoWitness               // the same repeated byte before and after: it shows nothing
)

// String returns the change's name.
func (c Change) String() string {
	return [...]string{"not seen", "changed", "remnant", "no witness"}[c]
}

// Changes tells for each place of before what the scan after found there. Both
// scans must have used the same key.
func Changes(before, after []Print) []Change {
	found := make(map[Range]Print, len(after))
	for _, p := range after {
		found[p.Range] = p
	}
	out := make([]Change, len(before))
	for i, b := range before {
		a, ok := found[b.Range]
		switch {
		case !ok || !a.Readable || !b.Readable:
			out[i] = NotSeen
		case a.MAC != b.MAC:
			out[i] = Changed
		case b.Constant:
			out[i] = NoWitness
		default:
			out[i] = Remnant
		}
	}
	return out
}
