// Package overwrite is the data path: it writes a pass over a whole medium,
// reads it back and compares, as fast as the medium takes it, with bounded
// memory and without allocation in the steady loop.
//
//	rep, err := overwrite.Write(ctx, target, pass, opts)    // from opts.Start to the end, flushed
//	rep, err  = overwrite.Verify(ctx, target, pass, opts)   // every byte regenerated and compared
//	rep, err  = overwrite.VerifySampled(ctx, target, pass, seed, opts)
//	prints, rep, err := overwrite.Scan(ctx, target, ranges, key, opts) // after a device's own erase
//
// A pass is random or constant. Random data is the AES-128-CTR keystream of the
// pass's single-use key; the counter block is the byte offset on the medium
// divided by 16, big endian, so that any place can be regenerated for
// verification and resume (SP 800-38A §6.5).
//
// A nil error means that the call came to its end: nothing more. Whether the
// medium is overwritten or verified is Report.Clean. An I/O error is tried
// again a bounded number of times without waiting, narrowed down to the logical
// sector, listed, and the work goes on around it. Only these end the call:
// a drive that is gone (ErrGone), a flush that failed (ErrFlush), a caller's
// checkpoint that refused, a cancelled context, and a spent budget of errors
// (ErrBudget). After ErrBudget of Write, all that could be reached with growing
// strides has been written, and the rest stands in Report.NotDone.
//
// The package imports nothing of ours, keeps no secret beyond the call, and
// reads no clock but Options.Now. No lock is shared between two calls: drives
// do not wait for each other.
package overwrite
