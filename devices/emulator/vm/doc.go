// Package vm holds the tests in which a virtual PC boots the real stick and erases
// drives of package emulator, which it reaches through its own kernel's drivers:
//
//	drive (emulator) ← iSCSI (emulator/iscsi) ← QEMU scsi-block ← virtio-scsi, mptsas, usb-bot or usb-uas ← guest
//
// The guest sends real CDBs, ATA PASS-THROUGH among them, and the test asks the
// drive afterwards what of its data survived. The papers are verified on the host
// with massho-verify.
//
// What such a PC is not: its sense data pass through QEMU, which turns descriptor
// format into fixed format, so that the drives answer with the descriptor appended
// (emulator.LayoutAppended) and usb-bot cuts it to 18 bytes. A power cut takes the
// drive's power by the emulator and the machine's by killing QEMU; what the
// host's memory keeps of the stick's image is not lost by that. Firmware that
// freezes drives, and a sleep that thaws them, are the emulator's word: QEMU's own
// SATA drives have no SECURITY feature set.
package vm
