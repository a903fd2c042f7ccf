package nvme

import (
	"context"
	"time"
)

// AdminCommand is one command of the admin queue (NVMe Base 2.0 clause 3.3.3).
type AdminCommand struct {
	Opcode  byte
	NSID    uint32
	CDW10   uint32
	CDW11   uint32
	CDW12   uint32
	CDW13   uint32
	CDW14   uint32
	CDW15   uint32
	Data    []byte        // Out: what is sent; else the buffer that is filled
	Out     bool          // Data go to the controller
	Timeout time.Duration // 0: the transport's own default
}

// Completion is what a successful command returned.
type Completion struct {
	Result uint32 // dword 0 of the completion queue entry
}

// Transport carries an admin command to a controller and its answer back.
//
// A non-zero status is always a [*StatusError], never a Completion: Linux
// returns the status as a positive number from the ioctl with errno 0, and a
// caller that keeps only errno reports a refused Sanitize as done. Any other
// error means that nothing is known about what the controller did.
type Transport interface {
	Admin(ctx context.Context, cmd AdminCommand) (Completion, error)
}
