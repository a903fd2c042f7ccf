//go:build linux

// Package early is what massho calls between u-root's init and its own work.
package early

import "github.com/massho/massho/bootimage/fat"

// Place is where the evidence of this stick lives.
type Place struct {
	// Device is the block device's node, for instance /dev/sdb3.
	Device string
	// Disk is the kernel name of the whole medium, for instance sdb: the boot
	// stick, which must never be a target.
	Disk string
	// UUID is the file system's volume ID.
	UUID fat.ID
	// Folder is "" when the file system is the evidence place itself, and
	// "EVIDENCE" when it is a folder of the boot volume (the Explorer form).
	Folder string
	// ReadOnly says that the medium refuses writes.
	ReadOnly bool
}
