package nvme

import (
	"context"
	"fmt"
	"time"
)

// SES is the Secure Erase Settings field of Format NVM (NVMe Base 2.0 clause
// 5.14).
type SES uint8

// The secure erase settings.
const (
	SESNone   SES = 0 // erases nothing that may be claimed
	SESUser   SES = 1 // user data erase
	SESCrypto SES = 2 // cryptographic erase, only where FNA bit 2 says so
)

// FormatCommand builds Format NVM with the LBA format, the metadata setting
// and the protection information that the namespace has now.
func FormatCommand(nsid uint32, ns Namespace, ses SES, timeout time.Duration) (AdminCommand, error) {
	if ses > SESCrypto {
		return AdminCommand{}, fmt.Errorf("Format NVM: SES %d", ses)
	}
	if int(ns.FormatIndex) >= len(ns.Formats) {
		return AdminCommand{}, fmt.Errorf("Format NVM: the current LBA format is not known")
	}
	d := uint32(ns.FormatIndex)&0x0F | uint32(ns.FormatIndex)>>4&3<<12 |
		uint32(ns.PIType)<<5 | uint32(ses)<<9
	if ns.MetadataInline {
		d |= 1 << 4
	}
	if ns.PIFirst {
		d |= 1 << 8
	}
	return AdminCommand{Opcode: OpFormatNVM, NSID: nsid, CDW10: d, Timeout: timeout}, nil
}

// Format sends Format NVM, which may block until it is done: give the timeout
// room. With FNA bits 0 or 1 it acts on every namespace of the controller.
func Format(ctx context.Context, t Transport, nsid uint32, ns Namespace, ses SES, timeout time.Duration) error {
	c, err := FormatCommand(nsid, ns, ses, timeout)
	if err != nil {
		return err
	}
	_, err = t.Admin(ctx, c)
	return err
}

// SecuritySendCommand builds Security Send (NVMe Base 2.0 clause 5.26):
// protocol and sp as SPC-5 defines them, the length in bytes.
func SecuritySendCommand(protocol byte, sp uint16, data []byte) AdminCommand {
	return AdminCommand{Opcode: OpSecuritySend, CDW10: securityDword(protocol, sp),
		CDW11: uint32(len(data)), Data: data, Out: true}
}

// SecurityReceiveCommand builds Security Receive (NVMe Base 2.0 clause 5.25).
func SecurityReceiveCommand(protocol byte, sp uint16, buf []byte) AdminCommand {
	return AdminCommand{Opcode: OpSecurityReceive, CDW10: securityDword(protocol, sp),
		CDW11: uint32(len(buf)), Data: buf}
}

func securityDword(protocol byte, sp uint16) uint32 {
	return uint32(protocol)<<24 | uint32(sp)<<8
}

// SecuritySend sends data to a security protocol.
func SecuritySend(ctx context.Context, t Transport, protocol byte, sp uint16, data []byte) error {
	_, err := t.Admin(ctx, SecuritySendCommand(protocol, sp, data))
	return err
}

// SecurityReceive fills buf from a security protocol.
func SecurityReceive(ctx context.Context, t Transport, protocol byte, sp uint16, buf []byte) error {
	_, err := t.Admin(ctx, SecurityReceiveCommand(protocol, sp, buf))
	return err
}
