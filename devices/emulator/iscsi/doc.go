// Package iscsi serves emulated drives to a virtual machine: a small iSCSI
// target (RFC 7143), one target name a drive, LUN 0, no authentication, no
// digests. It is for loopback and for tests.
//
//	s := iscsi.NewServer(map[string]scsi.Transport{"iqn.2026-04.invalid.massho:disk0": d.SCSI()})
//	go s.Serve(ctx, listener)
//
// QEMU then takes any CDB to the drive, pass-through included:
//
//	-drive file=iscsi://127.0.0.1:PORT/iqn.2026-04.invalid.massho:disk0/0,format=raw,if=none,id=d0
//	-device virtio-scsi-pci,id=s0 -device scsi-block,drive=d0,bus=s0.0
//
// QEMU turns descriptor sense into fixed and drops the ATA registers: give an
// ATA drive emulator.Road{Layout: emulator.LayoutAppended}. Give a drive that
// is served a wall clock, or a blocking erase is over at once.
//
// Commands of one session run one after the other; pings and aborts are
// answered meanwhile, because an initiator that gets no answer to a ping for
// some seconds drops the session in the middle of a long erase.
package iscsi
