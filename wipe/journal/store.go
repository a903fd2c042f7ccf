package journal

import "fmt"

// Store is where a journal's bytes lie: a preallocated file of fixed size.
// WriteAt may buffer; after Sync returns nil everything written before it is on
// stable storage.
type Store interface {
	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	Sync() error
	Size() (int64, error)
	Close() error
}

// Named is a store and what people call it ("EVIDENCE", "mirror").
type Named struct {
	Name  string
	Store Store
}

// StoreError tells which store failed, in what.
type StoreError struct {
	Store string // its name
	Op    string // "write", "sync", "read", "size", "close"
	Err   error
}

// Error names store, operation and cause.
func (e *StoreError) Error() string {
	return fmt.Sprintf("journal: %s: %s: %v", e.Store, e.Op, e.Err)
}

// Unwrap gives the cause to errors.Is.
func (e *StoreError) Unwrap() error { return e.Err }

// StoreState tells how one store stands.
type StoreState struct {
	Name     string
	Attached bool   // false: it failed and is no longer written to
	Records  uint64 // how many records are durable on it
	Err      error  // why it was detached
}
