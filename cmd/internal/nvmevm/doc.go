// Package nvmevm holds the tests in which a virtual PC erases emulated NVMe drives
// through its kernel's own drivers:
//
//	controller (devices/emulator) ← NVMe/TCP (emulator/nvmetcp) ← QEMU's network ← guest: nvme-tcp, nvme-cli, massho
//
// It lies under cmd because it joins what nothing else may join: the harness of
// bootimage, which imports nothing of ours, and the emulator of devices, which
// imports nothing of bootimage. The image is the stick's with three things added:
// the drivers nvme-tcp and virtio-net, nvme-cli from the host's Debian, and a guest
// program (folder guest) in massho's place that brings the network up and runs what
// the serial port tells it, massho itself among them.
//
// Sanitize, Format NVM and Security Send arrive at the emulator as the guest sent
// them, and the test asks the drive afterwards what of its data survived. A power
// cut takes the drive's power by the emulator and the machine's by killing QEMU.
package nvmevm
