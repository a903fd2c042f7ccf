package devices

import (
	"context"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
	"github.com/massho/massho/devices/support"
)

// System is a machine with drives: the real one (devices/linux) or one in
// process (devices/emulator).
type System interface {
	// Detect lists every medium and everything that looks like one. A device
	// that cannot be read is listed with its IdentityProblem, never hidden.
	Detect(ctx context.Context, opt DetectOptions) ([]Device, error)
	// Open takes the one exclusive descriptor on d. It looks at the stack and
	// the identity again and refuses with a *Refusal when either has changed.
	Open(ctx context.Context, d Device) (Conn, error)
	// Host says which machine this is.
	Host(ctx context.Context) (Host, error)
}

// DetectOptions names what Detect would otherwise leave out.
type DetectOptions struct {
	Loop []string // loop devices to list, by path; never listed unless named
}

// Facts is what one look at an open drive shows.
type Facts struct {
	Identity Identity
	Caps     Capabilities
	Health   Health
	Hidden   HiddenAreas
	// IdentityProblem is as in Device: the answer is not the medium's own.
	IdentityProblem string
	// Unready is as in Device: the capacity is not known for now.
	Unready string
	// Notes are questions that the drive refused or answered with nonsense.
	Notes []string
	// Trusted says whether the drive takes security protocol commands, by its own
	// word: only then is it asked for its TPer.
	Trusted support.State `json:"-"`
}

// Conn is one exclusively open drive, from interlock to outcome. Only
// wipe's runner writes through it. ReadAt and WriteAt take offsets and lengths
// in multiples of the logical sector, and 4096-aligned buffers.
type Conn interface {
	// Look reads identity, capabilities, health and hidden areas afresh from
	// the drive. It changes nothing on it.
	Look(ctx context.Context) (Facts, error)
	// LookIdentity reads the identity only: the quick check at every checkpoint.
	LookIdentity(ctx context.Context) (Identity, error)

	ReadAt(p []byte, off int64) (int, error)
	WriteAt(p []byte, off int64) (int, error)
	// Flush empties the drive's volatile cache; only after it is a write durable.
	Flush(ctx context.Context) error
	Size() int64 // bytes that can be addressed now
	SectorSize() int

	// The wires that this road has; nil where it has none.
	ATA() ata.Transport
	SCSI() scsi.Transport
	NVMe() nvme.Transport
	NSID() uint32 // NVMe namespace, 0 elsewhere

	// Rescan makes the host read the capacity again after it changed.
	Rescan(ctx context.Context) error
	// Reset resets the drive where the road allows one; ErrNoReset otherwise.
	Reset(ctx context.Context) error
	Close() error
}
