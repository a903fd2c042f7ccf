// Package journal is the crash-safe, hash-chained record of one run: what was
// intended before it was done, and what came of it afterwards.
//
// A run has one file (or two, mirrored), preallocated with zeros and filled
// from the front with frames of 512 bytes; FORMAT.md gives every offset. One
// Record is one event; it takes one frame or, with a long payload, several.
// Each frame carries the run's id, its place, the SHA-256 of the frame before
// it, its own SHA-256 and a CRC-32C, so that nothing can be changed, removed
// from the middle, or put in another order without Parse saying so. Records cut
// off at the end cannot be seen from the file alone: for that the head's hash
// stands in the certificate, its Code on the film, and the second copy on the
// other store.
//
// Reading is pure and runs on every system:
//
//	log, err := journal.Parse(data)   // a file as it lies on the medium
//	log, err := journal.ParseExcerpt(data) // exactly the used frames, as attached to a certificate
//	log.Head(); log.Code(); log.Contains("7ZK3-…"); log.Report.Torn
//
// Parse returns what could be verified even when it also returns an error, so
// that a damaged journal can be shown; nobody may append to it then. The only
// damage that is not an error is a torn tail: the last write, never
// acknowledged, cut by a power loss. It is dropped and reported, and the writer
// says so in its next record.
//
// Writing:
//
//	w, err := journal.Create(header, opts, journal.Named{Name: "EVIDENCE", Store: file})
//	rec, err := w.Append(journal.TypeIntent, payload)
//
// Append returns nil only when every store has the record on stable storage:
// an intent without error is durable before the act. When a store fails, the
// error is a *StoreError and the record is kept in memory; errors.Is(err,
// ErrDetached) then means "in the chain, not durable everywhere". Work that is
// running may go on with such records; no new step may start. Reattach brings a
// store back, after it has proved to hold a prefix of this very chain and at
// least all that was acknowledged; Attach gives the chain to another, empty
// store. Resume goes on after a power cut.
//
// Only file.go touches an operating system. The package imports nothing of
// ours, reads no clock (Options.Now, Options.Monotonic), and keeps no secret.
package journal
