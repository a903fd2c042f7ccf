//go:build linux

package linux

import (
	"context"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// askTimeout bounds every question of a look: a disk that has to spin up first
// takes up to 15 s.
const askTimeout = 20 * time.Second

// The bounded wires put askTimeout where a command says nothing of time.
type (
	boundedSCSI struct{ t scsi.Transport }
	boundedATA  struct{ t ata.Transport }
	boundedNVMe struct{ t nvme.Transport }
)

func (b boundedSCSI) Exec(ctx context.Context, c scsi.Command) (scsi.Result, error) {
	c.Timeout = orAsk(c.Timeout)
	return b.t.Exec(ctx, c)
}

func (b boundedATA) Exec(ctx context.Context, c ata.Command) (ata.Result, error) {
	c.Timeout = orAsk(c.Timeout)
	return b.t.Exec(ctx, c)
}

func (b boundedNVMe) Admin(ctx context.Context, c nvme.AdminCommand) (nvme.Completion, error) {
	c.Timeout = orAsk(c.Timeout)
	return b.t.Admin(ctx, c)
}

func orAsk(d time.Duration) time.Duration {
	if d == 0 {
		return askTimeout
	}
	return d
}
