package tcg

import "context"

// Security protocols (SPC-5 clause 7.7; Core clause 3.3.4).
const (
	ProtocolInformation byte = 0x00
	ProtocolTCG         byte = 0x01 // Level 0 Discovery, ComPackets
	ProtocolComID       byte = 0x02 // ComID management, TPer reset, Block SID
)

// Command is one interface command: IF-SEND or IF-RECV (Core clause 3.3.4).
type Command struct {
	Send     bool
	Protocol byte
	ComID    uint16 // the protocol's specific field
	Data     []byte // whole 512-byte blocks; IF-RECV: the buffer that is filled
}

// String names the command as the Core does.
func (c Command) String() string {
	if c.Send {
		return "TCG IF-SEND"
	}
	return "TCG IF-RECV"
}

// Transport carries one command to a TPer and its answer back. A command that
// the drive or the road refused is an error of the road's own type; then
// nothing is known about what the TPer did.
type Transport interface {
	Exec(ctx context.Context, cmd Command) error
}

const block = 512

// padded is b with zeros up to whole blocks: roads carry nothing else.
func padded(b []byte) []byte {
	n := (len(b) + block - 1) / block * block
	return append(b, make([]byte, n-len(b))...)
}
