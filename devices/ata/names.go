package ata

import "fmt"

// Command codes (ACS-4 clause 7).
const (
	CmdReadLogExt          byte = 0x2F
	CmdReadNativeMaxExt    byte = 0x27
	CmdSetMaxExt           byte = 0x37
	CmdTrustedNonData      byte = 0x5B
	CmdTrustedReceive      byte = 0x5C
	CmdTrustedReceiveDMA   byte = 0x5D
	CmdTrustedSend         byte = 0x5E
	CmdTrustedSendDMA      byte = 0x5F
	CmdAccessibleMax       byte = 0x78
	CmdIdentifyPacket      byte = 0xA1
	CmdSMART               byte = 0xB0
	CmdDeviceConfiguration byte = 0xB1
	CmdSanitize            byte = 0xB4
	CmdCheckPowerMode      byte = 0xE5
	CmdFlushCache          byte = 0xE7
	CmdFlushCacheExt       byte = 0xEA
	CmdIdentify            byte = 0xEC
	CmdSecuritySetPassword byte = 0xF1
	CmdSecurityUnlock      byte = 0xF2
	CmdSecurityPrepare     byte = 0xF3
	CmdSecurityEraseUnit   byte = 0xF4
	CmdSecurityFreezeLock  byte = 0xF5
	CmdSecurityDisable     byte = 0xF6
	CmdReadNativeMax       byte = 0xF8
	CmdSetMax              byte = 0xF9
)

var commandNames = map[byte]string{
	CmdReadLogExt:          "READ LOG EXT",
	CmdReadNativeMaxExt:    "READ NATIVE MAX ADDRESS EXT",
	CmdSetMaxExt:           "SET MAX ADDRESS EXT",
	CmdTrustedNonData:      "TRUSTED NON-DATA",
	CmdTrustedReceive:      "TRUSTED RECEIVE",
	CmdTrustedReceiveDMA:   "TRUSTED RECEIVE DMA",
	CmdTrustedSend:         "TRUSTED SEND",
	CmdTrustedSendDMA:      "TRUSTED SEND DMA",
	CmdIdentifyPacket:      "IDENTIFY PACKET DEVICE",
	CmdCheckPowerMode:      "CHECK POWER MODE",
	CmdFlushCache:          "FLUSH CACHE",
	CmdFlushCacheExt:       "FLUSH CACHE EXT",
	CmdIdentify:            "IDENTIFY DEVICE",
	CmdSecuritySetPassword: "SECURITY SET PASSWORD",
	CmdSecurityUnlock:      "SECURITY UNLOCK",
	CmdSecurityPrepare:     "SECURITY ERASE PREPARE",
	CmdSecurityEraseUnit:   "SECURITY ERASE UNIT",
	CmdSecurityFreezeLock:  "SECURITY FREEZE LOCK",
	CmdSecurityDisable:     "SECURITY DISABLE PASSWORD",
	CmdReadNativeMax:       "READ NATIVE MAX ADDRESS",
	CmdSetMax:              "SET MAX ADDRESS",
}

// commands whose meaning lies in the feature register.
var featureNames = map[byte]struct {
	family string
	names  map[uint16]string
}{
	CmdSanitize: {"SANITIZE DEVICE", map[uint16]string{
		sanitizeStatus: "SANITIZE STATUS EXT", sanitizeCrypto: "CRYPTO SCRAMBLE EXT",
		sanitizeBlock: "BLOCK ERASE EXT", sanitizeOverwrite: "OVERWRITE EXT",
		sanitizeFreeze: "SANITIZE FREEZE LOCK EXT", sanitizeAntifreeze: "SANITIZE ANTIFREEZE LOCK EXT",
	}},
	CmdSMART: {"SMART", map[uint16]string{
		smartReadData: "SMART READ DATA", smartReadThresholds: "SMART READ ATTRIBUTE THRESHOLDS",
		smartReturnStatus: "SMART RETURN STATUS", smartEnable: "SMART ENABLE OPERATIONS",
	}},
	CmdDeviceConfiguration: {"DEVICE CONFIGURATION", map[uint16]string{
		dcoRestore: "DEVICE CONFIGURATION RESTORE", dcoFreeze: "DEVICE CONFIGURATION FREEZE LOCK",
		dcoIdentify: "DEVICE CONFIGURATION IDENTIFY", dcoSet: "DEVICE CONFIGURATION SET",
	}},
	CmdAccessibleMax: {"ACCESSIBLE MAX ADDRESS CONFIGURATION", map[uint16]string{
		amacGetNative: "GET NATIVE MAX ADDRESS EXT", amacSet: "SET ACCESSIBLE MAX ADDRESS EXT",
		amacFreeze: "FREEZE ACCESSIBLE MAX ADDRESS EXT",
	}},
}

// Feature register values of the commands that share one opcode.
const (
	sanitizeStatus     uint16 = 0x0000 // ACS-4 clause 7.36
	sanitizeCrypto     uint16 = 0x0011
	sanitizeBlock      uint16 = 0x0012
	sanitizeOverwrite  uint16 = 0x0014
	sanitizeFreeze     uint16 = 0x0020
	sanitizeAntifreeze uint16 = 0x0040

	smartReadData       uint16 = 0xD0 // ACS-4 clause 7.46; thresholds: ATA/ATAPI-3
	smartReadThresholds uint16 = 0xD1
	smartEnable         uint16 = 0xD8
	smartReturnStatus   uint16 = 0xDA

	dcoRestore  uint16 = 0xC0 // ATA8-ACS clause 7.9
	dcoFreeze   uint16 = 0xC1
	dcoIdentify uint16 = 0xC2
	dcoSet      uint16 = 0xC3

	amacGetNative uint16 = 0x0000 // ACS-4 clause 7.1
	amacSet       uint16 = 0x0001
	amacFreeze    uint16 = 0x0002
)

// Name is the standard's name of c, or its opcode in hex.
func Name(c Command) string {
	if f, ok := featureNames[c.Command]; ok {
		if n, ok := f.names[c.Feature]; ok {
			return n
		}
		return fmt.Sprintf("%s (feature %04Xh)", f.family, c.Feature)
	}
	if n, ok := commandNames[c.Command]; ok {
		return n
	}
	return fmt.Sprintf("ATA command %02Xh", c.Command)
}
