package overwrite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Target is one drive (or file, or emulated drive) from the side of its data.
// WriteAt and ReadAt get offsets and lengths that are multiples of SectorSize,
// and buffers that start on a 4096-byte boundary; only while an error is
// narrowed down they start at a multiple of SectorSize from such a boundary.
// They may be called by several goroutines at once, bypass caches of the host,
// must not write to p in WriteAt nor keep it. They must return in bounded time:
// a call that hangs holds its own worker, and the end of the whole pass.
type Target interface {
	WriteAt(p []byte, off int64) (int, error)
	ReadAt(p []byte, off int64) (int, error)
	// Flush puts on the medium everything that WriteAt acknowledged before
	// (FLUSH CACHE EXT, SYNCHRONIZE CACHE, NVMe Flush).
	Flush(ctx context.Context) error
	// Size is in bytes; what lies beyond the last whole sector is not touched.
	Size() int64
	// SectorSize is the logical sector's size in bytes.
	SectorSize() int
}

// Kind is what a pass writes.
type Kind uint8

// Kinds of passes.
const (
	Random   Kind = iota + 1 // AES-128-CTR keystream of Pass.Key
	Constant                 // Pass.Pattern over and over, from offset 0
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case Random:
		return "random"
	case Constant:
		return "constant"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Pass is one pass over the medium.
type Pass struct {
	Kind    Kind
	Key     [16]byte // Random: fresh for every pass, never all zero
	Pattern []byte   // Constant: 1 to 4096 bytes
}

// Fill is a constant pass of one byte.
func Fill(b byte) Pass { return Pass{Kind: Constant, Pattern: []byte{b}} }

// Range is a run of logical sectors.
type Range struct {
	LBA   int64 `json:"lba"`
	Count int64 `json:"count"`
}

// End is the first LBA after the range.
func (r Range) End() int64 { return r.LBA + r.Count }

// Sample is one point of the throughput graph: so many bytes were done in all
// when so much time had passed.
type Sample struct {
	At    time.Duration `json:"at"`
	Bytes int64         `json:"bytes"`
}

// Budget bounds what errors may cost. A zero field sets no bound.
type Budget struct {
	Errors     int           // bad sectors found one by one
	Time       time.Duration // spent on retries and bisection, summed over all workers
	Mismatches int           // Verify: mismatching ranges, then it stops
}

// Progress is told while the work goes on.
type Progress struct {
	Done    int64         // every byte before this offset was written (or compared), or is listed as bad
	Flushed int64         // every byte before this offset is on the medium, or is listed as bad; Verify: equal to Done
	Total   int64         // where the work ends; offsets and total are bytes from the start of the medium
	Elapsed time.Duration // since the call began
	Bad     []Range       // sectors that failed so far, Start of this call onwards
	NotDone []Range       // sectors before Done that were passed over, ErrBudget's
}

// Options say how. OptionsFor gives good ones for a kind of medium.
type Options struct {
	Start   int64 // byte offset to begin at (resume): a multiple of the sector size
	End     int64 // byte offset to end at; 0 is the end of the medium
	Chunk   int   // bytes of one request; 0 is 1 MiB
	Depth   int   // requests in flight; 0 is 4. With 1, checkpoints too wait for the request and it for them
	Retries int   // further attempts after an error, at the chunk and again at the sector
	Budget  Budget

	// Now is the clock for Elapsed, samples, intervals and Budget.Time. Needed.
	Now func() time.Time
	// Gone tells an error that means the drive is no longer there. Nil: none does.
	Gone func(error) bool

	// Progress is called at most once every ProgressEvery, from one goroutine
	// at a time, never from one that does I/O.
	Progress      func(Progress)
	ProgressEvery time.Duration
	// Checkpoint is called after a Flush, at most once every CheckpointEvery
	// and once at the end, also after a cancellation. Its error ends the call.
	Checkpoint      func(Progress) error
	CheckpointEvery time.Duration
}

// Report is what came of a call. It is complete and true with an error, too.
type Report struct {
	Start      int64         `json:"start"`      // bytes: where the work began
	End        int64         `json:"end"`        // bytes: where it was to end
	Done       int64         `json:"done"`       // every byte before was handled: done, or listed below
	Flushed    int64         `json:"flushed"`    // Write: all before is on the medium, but for the ranges below
	Bytes      int64         `json:"bytes"`      // really written, or really compared
	Elapsed    time.Duration `json:"elapsed_ns"` //
	BadRanges  []Range       `json:"bad"`        // sectors that cannot be written, or read
	Mismatched []Range       `json:"mismatched"` // Verify: sectors that hold something else
	NotDone    []Range       `json:"not_done"`   // sectors passed over; after an early end also all from Done to End
	Retried    int           `json:"retried"`    // requests that succeeded only when tried again
	Flushes    int           `json:"flushes"`    //
	Sampled    bool          `json:"sampled"`    // VerifySampled read samples only, not everything
	Seed       string        `json:"seed,omitempty"`
	Samples    []Sample      `json:"samples"` // at most 512, evenly thinned
}

// Clean says that everything from Start to End was done: nothing bad, nothing
// different, nothing left out.
func (r Report) Clean() bool {
	return r.Done == r.End && len(r.BadRanges) == 0 && len(r.Mismatched) == 0 && len(r.NotDone) == 0
}

// What ends a call early. Errors wrap one of them and the cause.
var (
	ErrOptions    = errors.New("options")
	ErrGone       = errors.New("drive is gone")
	ErrFlush      = errors.New("flush failed: what was written since the last flush is uncertain")
	ErrBudget     = errors.New("budget for errors is spent")
	ErrCheckpoint = errors.New("checkpoint refused")
)
