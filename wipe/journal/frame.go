package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// Sizes of the format; see FORMAT.md.
const (
	FrameSize  = 512
	Version    = 1
	MaxPayload = 1 << 20 // bytes of one record's payload

	frameRoom = 364 // payload bytes in one frame
)

// Offsets within a frame.
const (
	offMagic   = 0   // 4 bytes
	offVersion = 4   // 2 bytes
	offFlags   = 6   // 1 byte, then 1 reserved
	offRun     = 8   // 16 bytes
	offIndex   = 24  // 8 bytes
	offSeq     = 32  // 8 bytes
	offType    = 40  // 16 bytes
	offWall    = 56  // 8 bytes
	offMono    = 64  // 8 bytes
	offTotal   = 72  // 4 bytes
	offHere    = 76  // 2 bytes, then 2 reserved
	offPrev    = 80  // 32 bytes
	offPayload = 112 // 364 bytes
	offHash    = 476 // 32 bytes, over all before
	offCRC     = 508 // 4 bytes, over all before
)

// Flags of a frame.
const (
	flagContinuation = 1 << 0 // not the first frame of its record
	flagInMemory     = 1 << 1 // made while a store was detached
	flagsKnown       = flagContinuation | flagInMemory
)

var (
	magic      = []byte("MSHJ")
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	zeroFrame  = make([]byte, FrameSize)
)

// frame is one decoded frame. Payload and typ point into the bytes given.
type frame struct {
	flags   byte
	run     RunID
	index   uint64
	seq     uint64
	typ     Type
	wall    int64
	mono    int64
	total   int
	payload []byte
	prev    Hash
	hash    Hash
}

func (f *frame) continuation() bool { return f.flags&flagContinuation != 0 }

// encode writes the frame into b, which must have FrameSize bytes of zero, and
// sets f.hash.
func (f *frame) encode(b []byte) {
	le := binary.LittleEndian
	copy(b[offMagic:], magic)
	le.PutUint16(b[offVersion:], Version)
	b[offFlags] = f.flags
	copy(b[offRun:], f.run[:])
	le.PutUint64(b[offIndex:], f.index)
	le.PutUint64(b[offSeq:], f.seq)
	copy(b[offType:offWall], f.typ)
	le.PutUint64(b[offWall:], uint64(f.wall))
	le.PutUint64(b[offMono:], uint64(f.mono))
	le.PutUint32(b[offTotal:], uint32(f.total))
	le.PutUint16(b[offHere:], uint16(len(f.payload)))
	copy(b[offPrev:], f.prev[:])
	copy(b[offPayload:offHash], f.payload)
	f.hash = sha256.Sum256(b[:offHash])
	copy(b[offHash:], f.hash[:])
	le.PutUint32(b[offCRC:], crc32.Checksum(b[:offCRC], castagnoli))
}

// frameState is what 512 bytes turned out to be.
type frameState int

const (
	frameZero      frameState = iota // never written
	frameBad                         // something else, or not completely written
	frameMalformed                   // checksums hold, but no writer makes such fields
	frameGood
)

// decode reads the frame in b.
func decode(b []byte) (frame, frameState) {
	if bytes.Equal(b, zeroFrame) {
		return frame{}, frameZero
	}
	le := binary.LittleEndian
	if !bytes.Equal(b[offMagic:offVersion], magic) || le.Uint16(b[offVersion:]) != Version ||
		le.Uint32(b[offCRC:]) != crc32.Checksum(b[:offCRC], castagnoli) {
		return frame{}, frameBad
	}
	f := frame{
		flags: b[offFlags],
		run:   RunID(b[offRun:offIndex]),
		index: le.Uint64(b[offIndex:]),
		seq:   le.Uint64(b[offSeq:]),
		typ:   Type(strings.TrimRight(string(b[offType:offWall]), "\x00")),
		wall:  int64(le.Uint64(b[offWall:])),
		mono:  int64(le.Uint64(b[offMono:])),
		total: int(le.Uint32(b[offTotal:])),
		prev:  Hash(b[offPrev:offPayload]),
		hash:  sha256.Sum256(b[:offHash]),
	}
	if !bytes.Equal(f.hash[:], b[offHash:offCRC]) {
		return frame{}, frameBad
	}
	here := int(le.Uint16(b[offHere:]))
	if here > frameRoom || f.total > MaxPayload || f.flags&^flagsKnown != 0 || !f.typ.valid() || b[7] != 0 ||
		le.Uint16(b[offHere+2:]) != 0 || !allZero(b[offPayload+here:offHash]) {
		return f, frameMalformed
	}
	f.payload = b[offPayload : offPayload+here]
	return f, frameGood
}

// valid says whether t can stand in a frame.
func (t Type) valid() bool {
	if t == "" || len(t) > offWall-offType {
		return false
	}
	for _, c := range []byte(t) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// allZero says whether b holds nothing but zeros.
func allZero(b []byte) bool {
	for len(b) > FrameSize {
		if !bytes.Equal(b[:FrameSize], zeroFrame) {
			return false
		}
		b = b[FrameSize:]
	}
	return bytes.Equal(b, zeroFrame[:len(b)])
}

// framesFor is how many frames a payload of n bytes takes.
func framesFor(n int) int { return max(1, (n+frameRoom-1)/frameRoom) }

// encodeRecord appends the frames of one record to dst and returns the new
// slice and the record's hash. The first frame gets the given index and
// follows prev.
func encodeRecord(dst []byte, first frame, payload []byte) ([]byte, Hash) {
	f := first
	f.total = len(payload)
	for i := range framesFor(len(payload)) {
		if i > 0 {
			f.flags |= flagContinuation
			f.index++
			f.prev = f.hash
		}
		f.payload = payload[:min(frameRoom, len(payload))]
		payload = payload[len(f.payload):]
		dst = append(dst, zeroFrame...)
		f.encode(dst[len(dst)-FrameSize:])
	}
	return dst, f.hash
}
