package tcg

import (
	"context"
	"fmt"
	"time"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// The least that a TPer may take for one interface command is not limited by
// the Core; drives that erase blocks at a revert answer late.
const roadTimeout = 2 * time.Minute

// OverNVMe is Security Send and Security Receive (NVMe Base 2.0 clauses 5.25,
// 5.26).
func OverNVMe(t nvme.Transport) Transport { return overNVMe{t} }

type overNVMe struct{ t nvme.Transport }

func (o overNVMe) Exec(ctx context.Context, c Command) error {
	cmd := nvme.SecurityReceiveCommand(c.Protocol, c.ComID, c.Data)
	if c.Send {
		cmd = nvme.SecuritySendCommand(c.Protocol, c.ComID, c.Data)
	}
	cmd.Timeout = roadTimeout
	_, err := o.t.Admin(ctx, cmd)
	return err
}

// OverSCSI is SECURITY PROTOCOL IN and OUT (SPC-5 clauses 6.40, 6.41). For a
// SATA drive libata translates them to TRUSTED RECEIVE and TRUSTED SEND, also
// where it lets no TRUSTED command through ATA PASS-THROUGH.
func OverSCSI(t scsi.Transport) Transport { return overSCSI{t} }

type overSCSI struct{ t scsi.Transport }

func (o overSCSI) Exec(ctx context.Context, c Command) error {
	if c.Send {
		return scsi.SecurityOut(ctx, o.t, c.Protocol, c.ComID, c.Data)
	}
	b, err := scsi.SecurityIn(ctx, o.t, c.Protocol, c.ComID, c.Data)
	if err != nil {
		return err
	}
	clear(c.Data[len(b):]) // what was not transferred is nobody's answer
	return nil
}

// OverATA is TRUSTED RECEIVE and TRUSTED SEND (ACS-4 clauses 7.56, 7.58) by PIO.
// On Linux libata filters them unless libata.allow_tpm=1.
func OverATA(t ata.Transport) Transport { return overATA{t} }

type overATA struct{ t ata.Transport }

func (o overATA) Exec(ctx context.Context, c Command) error {
	build := ata.TrustedReceiveCommand
	if c.Send {
		build = ata.TrustedSendCommand
	}
	cmd, err := build(c.Protocol, c.ComID, c.Data, false)
	if err != nil {
		return fmt.Errorf("%s: %w", c, err)
	}
	cmd.Timeout = roadTimeout
	_, err = o.t.Exec(ctx, cmd)
	return err
}
