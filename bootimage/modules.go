//go:build unix

package bootimage

// moduleSelection names the kernel modules of the image; what they depend on
// comes with them. A name that ends in a slash is a folder of the kernel tree.
//
// The choice: every controller that a PC or server of a municipality may have,
// every driver that a keyboard needs, the stick's own file system, and nothing
// that could touch a target by itself (no md, no dm, no file system of a
// target, no network).
var moduleSelection = []string{
	// SATA and PATA: controllers of all makers, old notebooks included.
	"drivers/ata/",
	// NVMe, also behind Intel VMD (RST); the volumes of VMD are only listed.
	"nvme", "vmd",
	// SCSI disks, optical drives, tapes, enclosures, and the way to send
	// commands to them.
	"sd_mod", "sr_mod", "sg", "st", "ses",
	// SAS and RAID host adapters.
	"megaraid_sas", "megaraid_mbox", "mpt3sas", "mpi3mr", "mptsas", "mptspi", "hpsa", "smartpqi", "aacraid",
	"arcmsr", "isci", "mvsas", "mvumi", "pm80xx", "aic7xxx", "aic79xx", "aic94xx", "sym53c8xx",
	"3w-9xxx", "3w-sas", "3w-xxxx", "hptiop", "esas2r", "ips", "ipr", "stex",
	// USB: hosts, storage, bridges with a protocol of their own.
	"xhci_pci", "ehci_pci", "ohci_pci", "uhci_hcd", "usb_storage", "uas", "drivers/usb/storage/",
	// SD and eMMC readers, UFS.
	"mmc_block", "sdhci_pci", "sdhci_acpi", "rtsx_pci_sdmmc", "rtsx_usb_sdmmc", "rtsx_pci", "rtsx_usb",
	"via_sdmmc", "tifm_sd", "tifm_7xx1", "ufshcd_pci",
	// Virtual machines.
	"virtio_pci", "virtio_blk", "virtio_scsi", "vmw_pvscsi", "hv_storvsc", "hyperv_keyboard",
	// Keyboards: USB, and those of notebooks that hang on I2C. The PS/2
	// driver is part of the kernel.
	"evdev", "usbhid", "hid_generic", "hid_apple", "hid_cherry", "hid_chicony", "hid_holtek_kbd", "hid_ite",
	"hid_keytouch", "hid_lenovo", "hid_logitech", "hid_logitech_dj", "hid_microsoft", "i2c_hid_acpi",
	"intel_lpss_pci", "intel_lpss_acpi", "i2c_designware_platform", "i2c_designware_pci",
	// The stick's file system, with the tables its names need.
	"vfat", "exfat", "nls_cp437", "nls_ascii", "nls_utf8", "nls_iso8859_1", "nls_cp932",
	// Checksums that file systems and T10 PI look up by name.
	"crc32c_generic", "crc32c_intel", "crct10dif_generic", "crct10dif_pclmul", "crc64_rocksoft_generic",
	// Power, temperature and firmware variables. Without fan and thermal a
	// notebook that writes for hours gets hot.
	"ac", "battery", "button", "fan", "efivarfs",
	// Clock scaling that UFS asks for softly.
	"governor_simpleondemand",
	// DMA of the I2C host above.
	"idma64",
}
