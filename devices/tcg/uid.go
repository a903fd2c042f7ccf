package tcg

import "encoding/hex"

// UID names an object, a table or a method (Core clause 6.3).
type UID [8]byte

// String is the UID in hex.
func (u UID) String() string { return hex.EncodeToString(u[:]) }

func uid(hi, lo uint32) UID {
	return UID{byte(hi >> 24), byte(hi >> 16), byte(hi >> 8), byte(hi), byte(lo >> 24), byte(lo >> 16), byte(lo >> 8), byte(lo)}
}

// The objects and methods that are used here (Core clause 6.3, table 241;
// Opal SSC 2.01 clause 4.2; feature set PSID).
var (
	SessionManager = uid(0, 0xFF)
	ThisSP         = uid(0, 1)
	AdminSP        = uid(0x205, 1)
	LockingSP      = uid(0x205, 2)

	AuthorityAnybody = uid(9, 1)
	AuthoritySID     = uid(9, 6)
	AuthorityPSID    = uid(9, 0x1FF01)

	PINofMSID = uid(0xB, 0x8402)
	PINofSID  = uid(0xB, 1)
	PINofPSID = uid(0xB, 0x1FF01)

	MethodProperties   = uid(0, 0xFF01)
	MethodStartSession = uid(0, 0xFF02)
	MethodSyncSession  = uid(0, 0xFF03)
	MethodCloseSession = uid(0, 0xFF06)
	MethodGet          = uid(6, 0x16)
	MethodAuthenticate = uid(6, 0x1C)
	MethodRevert       = uid(6, 0x202)
)

// columnPIN is the PIN column of the C_PIN table (Core clause 5.3.2).
const columnPIN = 3
