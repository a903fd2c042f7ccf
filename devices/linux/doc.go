// Package linux is the machine itself: sysfs, SG_IO, the NVMe and MMC ioctls,
// O_DIRECT. It is the only package with unsafe, and it implements
// devices.System:
//
//	sys := linux.NewSystem()
//	devs, err := sys.Detect(ctx, devices.DetectOptions{})
//	d, err := devices.MatchSerial(devs, typed)
//	conn, err := sys.Open(ctx, d) // a *devices.Refusal says why not
//
// # What it does
//
// The road to a drive is chosen by its place in sysfs, never by trying: an
// NVMe ioctl at a USB bridge can break the bridge. Over that road the drive
// itself is asked who it is; /run/udev is never read, because the boot image
// has no udev. Sizes are the block layer's, and what a bridge keeps for itself
// shows as a hidden area. All drives are asked at once, each within its time;
// one that hangs is listed as unreadable.
//
// Open takes one descriptor with O_EXCL and O_DIRECT, then asks stack and
// identity again on it. From then on the kernel refuses mounts, swap, dm and
// md on the disk and its partitions.
//
// # What it refuses
//
// Volumes of RAID controllers, SAN volumes, virtio disks, UFS, persistent
// memory, zoned drives, optical media, tapes and floppies are listed and never
// opened. Storage controllers that hide drives (no driver, Intel RST remapping)
// are listed by their PCI address. Loop devices are listed only when named in
// DetectOptions.Loop; they can be wiped, on the training root only.
//
// # Time
//
// An ioctl cannot be called back. A context is looked at before a command is
// sent; from then on the command's own timeout ends it, whether the caller
// still waits or not. A timeout of 0 is the default of the road, not "for
// ever".
//
// A drive that this System has open is not asked by its Detect.
//
// # Tests that may skip
//
// These need root and a free loop device, and skip without them: TestLoop…,
// TestBtrfsMemberIsHeld, TestOpenNodeNoticesAnotherDevice. Some also need a
// program or the kernel's help, and name what is missing: mkfs.ext4, mkfs.vfat,
// mkfs.btrfs, mkswap, dmsetup with the device mapper. All others run
// everywhere: on trees in testdata, and on ioctls answered by the test.
package linux
