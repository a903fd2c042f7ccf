package overwrite

import (
	"context"
	"sync"
)

// Names of the operations, for errors.
const (
	opWrite  = "write"
	opVerify = "verify"
	opScan   = "scan"
)

// Write writes a pass from o.Start to o.End and flushes. See the package
// comment for what a nil error means; the report is true in any case.
//
// Requests are begun in the order of their offsets, at most o.Depth at a time,
// so that a rotating drive with a short queue sees a sequential stream.
func Write(ctx context.Context, t Target, p Pass, o Options) (Report, error) {
	l, err := settle(t, &o)
	if err != nil {
		return Report{}, err
	}
	src, err := newSource(p, l.unit)
	if err != nil {
		return Report{}, err
	}
	w := writer{engine: newEngine(ctx, opWrite, t, o, l, []span{{l.start, l.end}}), src: src}
	if l.start == l.end {
		w.extents = nil
	}
	if src.alike(int(l.sector)) {
		w.bufs = newBuffers(1, int(l.chunk))
		src.shared = w.bufs.slot(0)
		src.fill(src.shared, 0)
	} else {
		w.bufs = newBuffers(o.Depth, int(l.chunk))
	}
	w.run(w.work)
	return w.close()
}

// writer makes data and writes it. One goroutine at a time takes a chunk and
// makes its data, so that the keystream goes on without a jump and requests
// begin in order, while the others wait for the drive.
type writer struct {
	*engine
	making sync.Mutex
	src    *source
}

func (w *writer) work(worker int) {
	h := hand{e: w.engine, do: w.t.WriteAt}
	var buf []byte
	if w.src.shared == nil {
		buf = w.bufs.slot(worker)
	}
	for {
		c, data, ok := w.make(worker, buf)
		if !ok {
			return
		}
		w.finish(worker, h.all(data, c.off))
	}
}

// make takes the next chunk and makes its data.
func (w *writer) make(worker int, buf []byte) (chunk, []byte, bool) {
	w.making.Lock()
	defer w.making.Unlock()
	c, ok := w.take(worker)
	if !ok {
		return c, nil, false
	}
	return c, w.src.data(buf, c.off, c.n), true
}
