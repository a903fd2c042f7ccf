package stick

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/massho/massho/bootimage/fat"
	"github.com/massho/massho/bootimage/gpt"
)

// ErrIdentity says that an identity is not complete.
var ErrIdentity = errors.New("stick identity is not complete")

// NewIdentity draws an identity from random, 72 bytes of it: crypto/rand for a
// stick, a hash of the contents for an image that must be reproducible.
func NewIdentity(random io.Reader) (Identity, error) {
	var id Identity
	for _, ptr := range []*fat.ID{&id.ESP, &id.Evidence} {
		var b [4]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return Identity{}, fmt.Errorf("draw stick identity: %w", err)
		}
		*ptr = fat.ID(binary.LittleEndian.Uint32(b[:]))
	}
	for _, ptr := range []*[16]byte{&id.Disk, &id.Partitions[0], &id.Partitions[1], &id.Partitions[2]} {
		var b [16]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return Identity{}, fmt.Errorf("draw stick identity: %w", err)
		}
		*ptr = gpt.Version4(b)
	}
	return id, id.check()
}

// check refuses parts that are zero or equal to another.
func (id Identity) check() error {
	guids := map[[16]byte]bool{{}: true}
	for _, g := range append([][16]byte{id.Disk}, id.Partitions[:]...) {
		if guids[g] {
			return fmt.Errorf("GUID %s is zero or twice: %w", gpt.GUID(g), ErrIdentity)
		}
		guids[g] = true
	}
	if id.ESP == 0 || id.Evidence == 0 || id.ESP == id.Evidence {
		return fmt.Errorf("volume IDs %s and %s: zero or equal: %w", id.ESP, id.Evidence, ErrIdentity)
	}
	return nil
}
