package emulator

import (
	"context"

	"github.com/massho/massho/devices/ata"
	"github.com/massho/massho/devices/nvme"
	"github.com/massho/massho/devices/scsi"
)

// The roads to the TPer: each interface's own commands.

// security is Security Send and Security Receive (NVMe Base 2.0 clauses 5.25,
// 5.26).
func (v *nvmeDevice) security(c nvme.AdminCommand) uint16 {
	switch {
	case v.d.tcg == nil:
		return statusOpcode | doNotRetry
	case uint64(c.CDW11) > uint64(len(c.Data)):
		return statusField | doNotRetry
	}
	if !v.d.tcg.exec(c.Opcode == nvme.OpSecuritySend, byte(c.CDW10>>24), uint16(c.CDW10>>8), c.Data[:c.CDW11]) {
		return statusField | doNotRetry
	}
	return 0
}

// trusted is TRUSTED SEND and TRUSTED RECEIVE, by PIO and DMA (ACS-4 clauses
// 7.56 to 7.59).
func (a *ataDevice) trusted(c ata.Command) regs {
	n := int(uint64(c.Count&0xFF)|c.LBA&0xFF<<8) * 512 // the length's upper half is LBA 7:0
	send := c.Command == ata.CmdTrustedSend || c.Command == ata.CmdTrustedSendDMA
	if a.d.tcg == nil || n == 0 || n > len(c.Data) || c.Protocol.Out() != send {
		return abort()
	}
	if !a.d.tcg.exec(send, byte(c.Feature), uint16(c.LBA>>8), c.Data[:n]) {
		return abort()
	}
	return done()
}

// securityProtocol is SECURITY PROTOCOL IN and OUT (SPC-5 clauses 6.40, 6.41),
// and what libata makes of it for an ATA drive: TRUSTED commands of whole
// blocks, and never protocol EFh.
func (t *target) securityProtocol(ctx context.Context, c *command) (answer, error) {
	road, send := t.d.p.Road, c.cdb[0] == scsi.OpSecurityProtocolOut
	n, invalid := int(c.u32(6)), road.check(0x05, 0x24, 0x00)
	if c.cdb[4]&0x80 != 0 || n > len(c.data) || c.out != send {
		return invalid, nil
	}
	if t.d.ata == nil {
		if !t.d.tcg.exec(send, c.cdb[1], c.u16(2), c.data[:n]) {
			return invalid, nil
		}
		return t.fetched(c, n, send), nil
	}
	if c.cdb[1] == 0xEF || n%512 != 0 {
		return invalid, nil
	}
	build := ata.TrustedReceiveCommand
	if send {
		build = ata.TrustedSendCommand
	}
	ac, err := build(c.cdb[1], c.u16(2), c.data[:n], true)
	if err != nil {
		return invalid, nil
	}
	ac.Timeout = c.Timeout
	g, err := t.d.ata.exec(ctx, t.who, ac)
	if err != nil || g.refused() {
		return road.registers(g, true), err
	}
	return t.fetched(c, n, send), nil
}

// fetched is the end of a command that went well.
func (t *target) fetched(c *command, n int, send bool) answer {
	if send {
		return good(nil)
	}
	return good(c.data[:n])
}
