package overwrite

import (
	"bytes"
	"context"
	"fmt"
)

// Verify reads everything from o.Start to o.End, makes the pass's data again
// and compares. It lists every sector that differs or cannot be read and goes
// on; only o.Budget ends it before.
func Verify(ctx context.Context, t Target, p Pass, o Options) (Report, error) {
	l, err := settle(t, &o)
	if err != nil {
		return Report{}, err
	}
	extents := []span{{l.start, l.end}}
	if l.start == l.end {
		extents = nil
	}
	return verify(ctx, t, p, o, l, extents)
}

func verify(ctx context.Context, t Target, p Pass, o Options, l layout, extents []span) (Report, error) {
	src, err := newSource(p, l.unit)
	if err != nil {
		return Report{}, err
	}
	c := comparer{engine: newEngine(ctx, opVerify, t, o, l, extents), src: src}
	c.read(c.compare)
	rep, err := c.close()
	rep.Mismatched = c.differ.ranges(l.sector)
	return rep, err
}

// read reads chunk after chunk, several at a time, and shows them to visit in
// the order of their offsets, one at a time.
func (e *engine) read(visit func(data []byte, off int64, holes spans)) {
	e.bufs = newBuffers(e.o.Depth, int(e.l.chunk))
	e.run(func(worker int) {
		h := hand{e: e, do: e.t.ReadAt}
		buf := e.bufs.slot(worker)
		for {
			c, ok := e.take(worker)
			if !ok {
				return
			}
			n := h.all(buf[:c.n], c.off)
			e.awaitTurn(c)
			visit(buf[:c.n], c.off, h.holes)
			e.passTurn()
			e.finish(worker, n)
		}
	})
}

// comparer compares what was read with what was written. The expected data is
// made a few KiB at a time and compared while it is in the first-level cache.
type comparer struct {
	*engine
	src    *source
	differ spans // used by one worker at a time
}

func (c *comparer) compare(data []byte, off int64, holes spans) {
	for len(data) > 0 {
		n := min(c.l.unit, len(data))
		if want := c.src.expect(off, n); len(holes) > 0 || !bytes.Equal(data[:n], want) {
			c.locate(data[:n], want, off, holes)
		}
		data, off = data[n:], off+int64(n)
	}
	if b := c.o.Budget.Mismatches; b > 0 && len(c.differ) > b {
		c.fail(fmt.Errorf("overwrite: verify: %w: more than %d ranges differ: overwrite the drive again", ErrBudget, b))
	}
}

// locate compares sector by sector and leaves out those that were not read.
func (c *comparer) locate(data, want []byte, off int64, holes spans) {
	for i := 0; i < len(data); i += int(c.l.sector) {
		at, end := off+int64(i), i+int(c.l.sector)
		if !bytes.Equal(data[i:end], want[i:end]) && !holes.holds(at) {
			c.differ.add(at, at+c.l.sector)
		}
	}
}
