package scsi

// Operation codes (SPC-5 annex F.3).
const (
	OpTestUnitReady       byte = 0x00
	OpRequestSense        byte = 0x03
	OpFormatUnit          byte = 0x04
	OpInquiry             byte = 0x12
	OpModeSelect6         byte = 0x15
	OpModeSense6          byte = 0x1A
	OpStartStopUnit       byte = 0x1B
	OpReadCapacity10      byte = 0x25
	OpRead10              byte = 0x28
	OpWrite10             byte = 0x2A
	OpSynchronizeCache10  byte = 0x35
	OpReadDefectData10    byte = 0x37
	OpSanitize            byte = 0x48
	OpLogSense            byte = 0x4D
	OpModeSelect10        byte = 0x55
	OpModeSense10         byte = 0x5A
	OpATAPassThrough16    byte = 0x85
	OpRead16              byte = 0x88
	OpWrite16             byte = 0x8A
	OpServiceActionIn16   byte = 0x9E // 10h READ CAPACITY(16)
	OpReportLUNs          byte = 0xA0
	OpATAPassThrough12    byte = 0xA1
	OpSecurityProtocolIn  byte = 0xA2
	OpMaintenanceIn       byte = 0xA3 // 0Ch REPORT SUPPORTED OPERATION CODES
	OpSecurityProtocolOut byte = 0xB5
	OpReadDefectData12    byte = 0xB7
)
