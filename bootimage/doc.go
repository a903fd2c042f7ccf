// Package bootimage builds the USB stick: Debian's signed kernel and modules,
// u-root, massho's own program, and the boot loaders for BIOS, UEFI, UEFI with
// Secure Boot, and 32-bit UEFI on a 64-bit CPU.
//
//	in, err := bootimage.FetchInputs(ctx, cacheDir, bootimage.Packages{})
//	m, err := bootimage.Build(ctx, bootimage.Options{
//		Inputs: in, Massho: "out/bin/massho", CacheDir: cacheDir, Out: "massho.img"})
//
// Build needs no root, mounts nothing and is reproducible: the same Options
// and inputs give the same bytes. BuildFiles makes the same stick as a folder
// that a clerk copies with Explorer onto a FAT32 stick (UEFI only).
// stick.Personalise gives a built image fresh UUIDs and the files of one stick;
// it is a package of its own because it also runs on Windows and macOS.
//
// What runs inside the guest is package early. Package vmtest boots images.
//
// What Secure Boot proves here, and what not: firmware checks shim, shim
// checks GRUB and the kernel, the kernel checks its modules. GRUB does not
// check the initramfs, so our program is not covered; measured boot (PCR 9 and
// the event log) is what names it, see early.ReadMeasured.
package bootimage
