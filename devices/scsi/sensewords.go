package scsi

import "fmt"

var keyWords = [16]string{
	"no sense", "recovered error", "not ready", "medium error",
	"hardware error", "illegal request", "unit attention", "data protect",
	"blank check", "vendor specific", "copy aborted", "aborted command",
	"reserved", "volume overflow", "miscompare", "completed",
}

// String is the standard's name in lower case.
func (k Key) String() string { return keyWords[k&0x0F] }

// codeWords is the text of SPC-5 annex F.2 for the codes that a drive being
// erased returns. Others print as hex.
func codeWords(asc, ascq byte) string {
	if w, ok := senseCodes[uint16(asc)<<8|uint16(ascq)]; ok {
		return w
	}
	if w, ok := senseCodes[uint16(asc)<<8]; ok && ascq != 0 {
		return fmt.Sprintf("%s, qualifier %02Xh", w, ascq)
	}
	return "unlisted sense code"
}

var senseCodes = map[uint16]string{
	0x0000: "no additional sense information",
	0x0016: "operation in progress",
	0x001D: "ATA pass-through information available",
	0x0300: "peripheral device write fault",
	0x0400: "logical unit not ready, cause not reportable",
	0x0401: "logical unit is in process of becoming ready",
	0x0402: "logical unit not ready, initializing command required",
	0x0403: "logical unit not ready, manual intervention required",
	0x0404: "logical unit not ready, format in progress",
	0x0407: "logical unit not ready, operation in progress",
	0x0409: "logical unit not ready, self-test in progress",
	0x0411: "logical unit not ready, notify (enable spinup) required",
	0x041B: "logical unit not ready, sanitize in progress",
	0x041C: "logical unit not ready, additional power use not yet granted",
	0x0422: "logical unit not ready, power cycle required",
	0x0423: "logical unit not ready, affiliation required",
	0x0424: "depopulation in progress",
	0x0425: "depopulation restoration in progress",
	0x0500: "logical unit does not respond to selection",
	0x0800: "logical unit communication failure",
	0x0801: "logical unit communication time-out",
	0x0B00: "warning",
	0x0B01: "warning - specified temperature exceeded",
	0x0C00: "write error",
	0x1000: "ID CRC or ECC error",
	0x1100: "unrecovered read error",
	0x1104: "unrecovered read error - auto reallocate failed",
	0x1114: "read error - LBA marked bad by application client",
	0x1400: "recorded entity not found",
	0x1401: "record not found",
	0x1800: "recovered data with error correction applied",
	0x1900: "defect list error",
	0x1C00: "defect list not found",
	0x1C01: "primary defect list not found",
	0x1C02: "grown defect list not found",
	0x1F00: "partial defect list transfer",
	0x2000: "invalid command operation code",
	0x2002: "access denied - no access rights",
	0x2100: "logical block address out of range",
	0x2104: "unaligned write command",
	0x2400: "invalid field in CDB",
	0x2401: "CDB decryption error",
	0x2406: "invalid XCDB",
	0x2500: "logical unit not supported",
	0x2600: "invalid field in parameter list",
	0x2601: "parameter not supported",
	0x2602: "parameter value invalid",
	0x2700: "write protected",
	0x2701: "hardware write protected",
	0x2702: "logical unit software write protected",
	0x2708: "space allocation failed write protect",
	0x2800: "not ready to ready change, medium may have changed",
	0x2900: "power on, reset, or bus device reset occurred",
	0x2901: "power on occurred",
	0x2902: "SCSI bus reset occurred",
	0x2903: "bus device reset function occurred",
	0x2904: "device internal reset",
	0x2907: "I_T nexus loss occurred",
	0x2A01: "mode parameters changed",
	0x2A09: "capacity data has changed",
	0x2C00: "command sequence error",
	0x2C0E: "orwrite generation does not match",
	0x2F00: "commands cleared by another initiator",
	0x3000: "incompatible medium installed",
	0x3100: "medium format corrupted",
	0x3101: "format command failed",
	0x3103: "sanitize command failed",
	0x3200: "no defect spare location available",
	0x3501: "unsupported enclosure function",
	0x3900: "saving parameters not supported",
	0x3A00: "medium not present",
	0x3E00: "logical unit has not self-configured yet",
	0x3E01: "logical unit failure",
	0x3E03: "logical unit failed self-test",
	0x3F00: "target operating conditions have changed",
	0x3F01: "microcode has been changed",
	0x3F03: "inquiry data has changed",
	0x3F0E: "reported LUNs data has changed",
	0x4300: "message error",
	0x4400: "internal target failure",
	0x4471: "ATA device failed set features",
	0x4700: "SCSI parity error",
	0x4703: "information unit iuCRC error detected",
	0x4B00: "data phase error",
	0x5300: "media load or eject failed",
	0x5500: "system resource failure",
	0x5504: "insufficient registration resources",
	0x5D00: "failure prediction threshold exceeded",
	0x5E00: "low power condition on",
	0x6500: "voltage fault",
	0x6700: "configuration failure",
	0x670B: "ATA device feature not enabled",
	0x7400: "security error",
	0x7408: "invalid field in security parameter",
	0x7471: "logical unit access not authorized",
	0x7479: "security conflict in translated device",
}
