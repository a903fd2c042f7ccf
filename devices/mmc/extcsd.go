package mmc

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/massho/massho/devices/support"
)

// Indexes of EXT_CSD fields (JESD84-B51 clause 7.4).
const (
	idxFlushCache     = 32
	idxGPSizeMult     = 143
	idxPartitionDone  = 155
	idxSanitizeStart  = 165
	idxRPMBSizeMult   = 168
	idxUserWP         = 171
	idxBootWP         = 173
	idxEraseGroupDef  = 175
	idxErasedContent  = 181
	idxRevision       = 192
	idxSectorCount    = 212
	idxWPGroupSize    = 221
	idxEraseTimeout   = 223
	idxEraseGroupSize = 224
	idxBootSizeMult   = 226
	idxSecureFeature  = 231
	idxTrimMult       = 232
	idxFirmware       = 254
	idxPreEOL         = 267
	idxLifeTimeA      = 268
	idxLifeTimeB      = 269
)

// ExtCSD is the part of EXT_CSD that matters here.
type ExtCSD struct {
	Revision byte   // EXT_CSD_REV: 6 is 4.5, 7 is 5.0, 8 is 5.1
	Sectors  uint32 // SEC_COUNT: 512-byte sectors of the user area
	Firmware string

	// SEC_FEATURE_SUPPORT. Unknown where the revision is older than the bit.
	Sanitize    support.State // b6, from revision 6
	SecureErase support.State // b0, from revision 2; obsolete since 4.5
	Trim        support.State // b4 (SEC_GB_CL_EN), from revision 4

	BootBytes  uint64    // each of boot0 and boot1
	RPMBBytes  uint64    // never erased: authenticated writes only
	GPBytes    [4]uint64 // general purpose partitions
	Configured bool      // PARTITION_SETTING_COMPLETED
	BootWP     byte      // BOOT_WP: b0 power-on, b2 permanent
	UserWP     byte      // USER_WP

	HighCapacityErase bool   // ERASE_GROUP_DEF: the size below is the one in use
	EraseGroupBytes   uint64 // of the high-capacity definition; 0 not given
	// EraseTimeout and TrimTimeout are for one erase group; 0 not given.
	EraseTimeout time.Duration
	TrimTimeout  time.Duration
	ErasedOnes   bool // ERASED_MEM_CONT: erased memory reads as ones

	// LifeTimeA and LifeTimeB: 1 to 10 is tenths of the life used, 0Bh is
	// exceeded, 0 is not defined. PreEOL: 1 normal, 2 warning, 3 urgent.
	LifeTimeA, LifeTimeB byte
	PreEOL               byte
}

// ParseExtCSD decodes the 512 bytes of EXT_CSD.
func ParseExtCSD(b []byte) (ExtCSD, error) {
	if len(b) != 512 {
		return ExtCSD{}, &ParseError{"EXT_CSD", fmt.Sprintf("%d bytes", len(b))}
	}
	if uniform(b) {
		return ExtCSD{}, &ParseError{"EXT_CSD", fmt.Sprintf("all bytes are %02Xh", b[0])}
	}
	const kib = 1 << 10
	e := ExtCSD{
		Revision:          b[idxRevision],
		Sectors:           binary.LittleEndian.Uint32(b[idxSectorCount:]),
		BootBytes:         uint64(b[idxBootSizeMult]) * 128 * kib,
		RPMBBytes:         uint64(b[idxRPMBSizeMult]) * 128 * kib,
		Configured:        b[idxPartitionDone]&1 != 0,
		BootWP:            b[idxBootWP],
		UserWP:            b[idxUserWP],
		HighCapacityErase: b[idxEraseGroupDef]&1 != 0,
		EraseGroupBytes:   uint64(b[idxEraseGroupSize]) * 512 * kib,
		EraseTimeout:      time.Duration(b[idxEraseTimeout]) * 300 * time.Millisecond,
		TrimTimeout:       time.Duration(b[idxTrimMult]) * 300 * time.Millisecond,
		ErasedOnes:        b[idxErasedContent]&1 != 0,
	}
	e.features(b[idxSecureFeature])
	e.partitions(b)
	if e.Revision >= 7 {
		e.Firmware = text(b[idxFirmware : idxFirmware+8])
		e.PreEOL, e.LifeTimeA, e.LifeTimeB = b[idxPreEOL], b[idxLifeTimeA], b[idxLifeTimeB]
	}
	return e, nil
}

func (e *ExtCSD) features(v byte) {
	since := func(revision byte, bit int) support.State {
		if e.Revision < revision {
			return support.Unknown
		}
		return support.Of(v>>bit&1 != 0)
	}
	e.SecureErase, e.Trim, e.Sanitize = since(2, 0), since(4, 4), since(6, 6)
}

// partitions reads GP_SIZE_MULT: in write protect groups of
// HC_WP_GRP_SIZE erase groups.
func (e *ExtCSD) partitions(b []byte) {
	group := e.EraseGroupBytes * uint64(b[idxWPGroupSize])
	for i := range e.GPBytes {
		m := b[idxGPSizeMult+3*i:]
		e.GPBytes[i] = (uint64(m[0]) | uint64(m[1])<<8 | uint64(m[2])<<16) * group
	}
}
