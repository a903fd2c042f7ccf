package rules

import (
	"maps"
	"slices"
)

// techniqueInfo is a technique as its standard names it.
type techniqueInfo struct {
	name     string // the command's name in its standard
	ja       string // empty: the same as name
	standard string // where it is defined
	polled   bool   // runs in the background; its status log also speaks of earlier runs
	kind     techniqueKind
}

// techniqueKind groups the commands of all interfaces by what they do.
type techniqueKind string

const (
	kindHost      techniqueKind = "host-overwrite"
	kindEraseUnit techniqueKind = "erase-unit"
	kindOverwrite techniqueKind = "device-overwrite"
	kindBlock     techniqueKind = "block"
	kindCrypto    techniqueKind = "crypto"
	kindFormat    techniqueKind = "format"
)

var techniques = map[Technique]techniqueInfo{
	TechOverwrite:           {"host overwrite of all addressable sectors", "ホストによる全領域上書き", "NIST SP 800-88 Clear", false, kindHost},
	TechATAErase:            {"ATA SECURITY ERASE UNIT (normal)", "", "ACS-4 SECURITY ERASE UNIT (F4h)", false, kindEraseUnit},
	TechATAEraseEnhanced:    {"ATA SECURITY ERASE UNIT (enhanced)", "", "ACS-4 SECURITY ERASE UNIT (F4h), enhanced", false, kindEraseUnit},
	TechATASanitizeOver:     {"ATA SANITIZE DEVICE: OVERWRITE EXT", "", "ACS-4 SANITIZE DEVICE (B4h/0014h)", true, kindOverwrite},
	TechATASanitizeBlock:    {"ATA SANITIZE DEVICE: BLOCK ERASE EXT", "", "ACS-4 SANITIZE DEVICE (B4h/0012h)", true, kindBlock},
	TechATASanitizeCrypto:   {"ATA SANITIZE DEVICE: CRYPTO SCRAMBLE EXT", "", "ACS-4 SANITIZE DEVICE (B4h/0011h)", true, kindCrypto},
	TechSCSISanitizeOver:    {"SCSI SANITIZE: OVERWRITE", "", "SBC-4 SANITIZE (48h/01h)", true, kindOverwrite},
	TechSCSISanitizeBlock:   {"SCSI SANITIZE: BLOCK ERASE", "", "SBC-4 SANITIZE (48h/02h)", true, kindBlock},
	TechSCSISanitizeCrypto:  {"SCSI SANITIZE: CRYPTOGRAPHIC ERASE", "", "SBC-4 SANITIZE (48h/03h)", true, kindCrypto},
	TechSCSIFormat:          {"SCSI FORMAT UNIT", "", "SBC-4 FORMAT UNIT (04h)", false, kindFormat},
	TechNVMeSanitizeOver:    {"NVMe Sanitize: Overwrite", "", "NVMe Base 2.0 Sanitize (84h), SANACT 3", true, kindOverwrite},
	TechNVMeSanitizeBlock:   {"NVMe Sanitize: Block Erase", "", "NVMe Base 2.0 Sanitize (84h), SANACT 2", true, kindBlock},
	TechNVMeSanitizeCrypto:  {"NVMe Sanitize: Crypto Erase", "", "NVMe Base 2.0 Sanitize (84h), SANACT 4", true, kindCrypto},
	TechNVMeFormatUserData:  {"NVMe Format NVM: User Data Erase (SES 1)", "", "NVMe Base 2.0 Format NVM (80h), SES 1", false, kindFormat},
	TechNVMeFormatCrypto:    {"NVMe Format NVM: Cryptographic Erase (SES 2)", "", "NVMe Base 2.0 Format NVM (80h), SES 2", false, kindFormat},
	TechTCGRevert:           {"TCG RevertTPer", "", "TCG Opal SSC, Admin SP Revert", false, kindCrypto},
	TechMMCEraseAndSanitize: {"eMMC ERASE + SANITIZE", "", "JESD84-B51 ERASE (CMD38), SANITIZE_START (EXT_CSD 165)", false, kindBlock},
}

// Techniques lists every technique by name, sorted.
func Techniques() []Technique { return slices.Sorted(maps.Keys(techniques)) }

// Media lists every kind of medium by name, sorted.
func Media() []MediumKind { return slices.Sorted(maps.Keys(mediumLabels)) }

// Label is the command's name in its standard.
func (t Technique) Label() Label {
	info, ok := techniques[t]
	if !ok {
		return Label{string(t), string(t)}
	}
	if info.ja == "" {
		return Label{info.name, info.name}
	}
	return Label{info.ja, info.name}
}

// Standard is the standard and command that define the technique.
func (t Technique) Standard() string { return techniques[t].standard }

// OnHost reports whether the host itself writes the data.
func (t Technique) OnHost() bool { return techniques[t].kind == kindHost }

// IsBlock reports a block erase of whichever interface.
func (t Technique) IsBlock() bool { return techniques[t].kind == kindBlock }

// IsCrypto reports a crypto erase of whichever interface.
func (t Technique) IsCrypto() bool { return techniques[t].kind == kindCrypto }

// IsDeviceOverwrite reports an overwrite carried out inside the device.
func (t Technique) IsDeviceOverwrite() bool { return techniques[t].kind == kindOverwrite }

// polled: the command returns at once and a status that outlives it is polled.
func (t Technique) polled() bool { return techniques[t].polled }
