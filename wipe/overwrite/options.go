package overwrite

import (
	"fmt"
	"time"
)

// Medium is what kind of drive it is, as far as order and depth of requests and
// the course of its speed go.
type Medium uint8

// Kinds of media.
const (
	Unknown    Medium = iota // treated as the slower and more fragile
	Rotating                 // sequential, short queue; slower towards the inner tracks
	SolidState               // deep queue
	USB                      // bridges and sticks: short queue
)

// Bounds of what one call may use.
const (
	maxBuffers   = 16 << 20 // bytes of all buffers together
	defaultChunk = 1 << 20
	defaultDepth = 4
)

// OptionsFor gives good options for a kind of medium; the caller adds Gone and
// the callbacks. The budget lets a drive with some bad places be finished and
// keeps a dying one from holding a day.
func OptionsFor(m Medium, now func() time.Time) Options {
	o := Options{
		Chunk: defaultChunk, Depth: 2, Retries: 2, Now: now,
		Budget:        Budget{Errors: 4096, Time: time.Hour, Mismatches: 4096},
		ProgressEvery: time.Second, CheckpointEvery: 10 * time.Second,
	}
	if m == SolidState {
		o.Depth = defaultDepth
	}
	return o
}

// layout is what options and target come to.
type layout struct {
	sector int64
	start  int64
	end    int64
	chunk  int64
	unit   int // the comparer's step: whole sectors, about a piece
}

// settle fills in what the options leave open and refuses what cannot be done.
func settle(t Target, o *Options) (layout, error) {
	sector, size := int64(t.SectorSize()), t.Size()
	if sector <= 0 || size < sector {
		return layout{}, refuse("target of %d bytes with sectors of %d: identify the drive again", size, sector)
	}
	if o.Now == nil {
		return layout{}, refuse("no clock: set Now")
	}
	if o.Depth == 0 {
		o.Depth = defaultDepth
	}
	if o.Chunk == 0 {
		o.Chunk = int(max(sector, defaultChunk-defaultChunk%sector))
	}
	if o.Checkpoint != nil && o.CheckpointEvery <= 0 {
		o.CheckpointEvery = 10 * time.Second
	}
	l := layout{sector: sector, start: o.Start, end: o.End, chunk: int64(o.Chunk), unit: int(max(sector, piece-piece%sector))}
	if l.end == 0 {
		l.end = size - size%sector
	}
	switch {
	case l.chunk < sector || l.chunk%sector != 0:
		return l, refuse("chunk of %d bytes: want whole sectors of %d", l.chunk, sector)
	case o.Depth < 0 || o.Depth*o.Chunk > maxBuffers:
		return l, refuse("depth %d with chunks of %d: at most %d bytes in all", o.Depth, o.Chunk, maxBuffers)
	case o.Retries < 0:
		return l, refuse("%d retries", o.Retries)
	case l.start < 0 || l.start > l.end || l.end > size || l.start%sector != 0 || l.end%sector != 0:
		return l, refuse("from %d to %d of %d bytes: want whole sectors of %d within the medium", l.start, l.end, size, sector)
	}
	return l, nil
}

func refuse(format string, args ...any) error {
	return fmt.Errorf("overwrite: %w: %s", ErrOptions, fmt.Sprintf(format, args...))
}
