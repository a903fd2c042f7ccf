package journal

import (
	"errors"
	"os"
	"syscall"
)

// O_DSYNC: write(2) returns when the data, and what is needed to read it again,
// is on stable storage; a preallocated file needs no more.
const (
	openDurable   = syscall.O_DSYNC
	durableWrites = true
)

// syncDir makes a directory's entries durable.
func syncDir(path string) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
