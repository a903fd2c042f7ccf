package nvme

import "fmt"

// Admin opcodes (NVMe Base 2.0 clause 5).
const (
	OpGetLogPage      byte = 0x02
	OpIdentify        byte = 0x06
	OpGetFeatures     byte = 0x0A
	OpFormatNVM       byte = 0x80
	OpSecuritySend    byte = 0x81
	OpSecurityReceive byte = 0x82
	OpSanitize        byte = 0x84
)

// Name is the standard's name of c, or its opcode in hex.
func Name(c AdminCommand) string {
	switch c.Opcode {
	case OpGetLogPage:
		return fmt.Sprintf("Get Log Page %02Xh", byte(c.CDW10))
	case OpIdentify:
		return fmt.Sprintf("Identify CNS %02Xh", byte(c.CDW10))
	case OpGetFeatures:
		return fmt.Sprintf("Get Features %02Xh", byte(c.CDW10))
	case OpFormatNVM:
		return fmt.Sprintf("Format NVM SES %d", c.CDW10>>9&7)
	case OpSecuritySend:
		return "Security Send"
	case OpSecurityReceive:
		return "Security Receive"
	case OpSanitize:
		return "Sanitize " + SanitizeAction(c.CDW10&7).String()
	default:
		return fmt.Sprintf("NVMe admin command %02Xh", c.Opcode)
	}
}

// SanitizeAction is the SANACT field of Sanitize (NVMe Base 2.0 clause 5.24).
type SanitizeAction uint8

// The sanitize actions.
const (
	ExitFailureMode SanitizeAction = 1
	BlockErase      SanitizeAction = 2
	Overwrite       SanitizeAction = 3
	CryptoErase     SanitizeAction = 4
)

// String is the standard's name in lower case.
func (a SanitizeAction) String() string {
	switch a {
	case ExitFailureMode:
		return "exit failure mode"
	case BlockErase:
		return "block erase"
	case Overwrite:
		return "overwrite"
	case CryptoErase:
		return "crypto erase"
	default:
		return fmt.Sprintf("action %d", uint8(a))
	}
}
