package tcg

import (
	"bytes"
	"context"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// Level 0 Discovery (Core clause 3.3.6).
const (
	discoveryComID  = 0x0001
	discoveryHeader = 48
	discoveryBytes  = 2048
)

// Feature is the code of a feature descriptor.
type Feature uint16

// The features (Core clause 3.3.6; the SSC and feature set of each name).
const (
	FeatureTPer         Feature = 0x0001
	FeatureLocking      Feature = 0x0002
	FeatureGeometry     Feature = 0x0003
	FeatureSecureMsg    Feature = 0x0004
	FeatureEnterprise   Feature = 0x0100
	FeatureOpal1        Feature = 0x0200
	FeatureSingleUser   Feature = 0x0201
	FeatureDataStore    Feature = 0x0202
	FeatureOpal2        Feature = 0x0203
	FeatureOpalite      Feature = 0x0301
	FeaturePyrite1      Feature = 0x0302
	FeaturePyrite2      Feature = 0x0303
	FeatureRuby         Feature = 0x0304
	FeatureKeyPerIO     Feature = 0x0305
	FeatureBlockSID     Feature = 0x0402
	FeatureDataRemoval  Feature = 0x0404
	featureVendorUnique Feature = 0xC000
)

// sscNames names the Security Subsystem Classes, the one to be used first.
var sscNames = []struct {
	code Feature
	name string
}{
	{FeatureOpal2, "Opal 2.0"}, {FeatureOpal1, "Opal 1.0"}, {FeatureOpalite, "Opalite 1.0"},
	{FeaturePyrite2, "Pyrite 2.0"}, {FeaturePyrite1, "Pyrite 1.0"},
	{FeatureEnterprise, "Enterprise 1.0"}, {FeatureRuby, "Ruby 1.0"}, {FeatureKeyPerIO, "Key Per I/O 1.0"},
}

// Discovery is decoded Level 0 Discovery data. A descriptor that is not there
// leaves its fields unknown.
type Discovery struct {
	Features []Feature // all codes, in the drive's order
	SSC      Feature   // the class that is spoken; 0: none known
	BaseComID,
	ComIDs uint16 // static ComIDs of that class
	// PINAtRevert is what C_PIN_SID becomes at a revert: 00h the MSID, FFh a
	// value of the vendor's own; other classes than Opal 1 report it.
	PINAtRevert byte

	TPer     TPerFeature
	Locking  Locking
	Geometry Geometry
	BlockSID BlockSID
	Removal  DataRemoval
}

// TPerFeature is the TPer feature (0001h).
type TPerFeature struct {
	Sync, Async, AckNak, BufferManagement, Streaming, ComIDManagement support.State
}

// Locking is the Locking feature (0002h).
type Locking struct {
	Supported       support.State
	Enabled         support.State // the Locking SP is in use
	Locked          support.State // a range is locked now
	MediaEncryption support.State // everything that is written is encrypted
	MBREnabled      support.State // MBR shadowing: what is read at LBA 0 may not be the medium
	MBRDone         support.State
}

// Geometry is the Geometry feature (0003h).
type Geometry struct {
	Present     bool
	Align       bool
	BlockSize   uint32 // bytes
	Granularity uint64 // logical blocks
	LowestLBA   uint64
}

// BlockSID is the Block SID Authentication feature (0402h; feature set 1.01).
type BlockSID struct {
	Supported support.State
	// Owned: the SID's PIN is no longer the MSID: somebody has set one.
	Owned   support.State
	Blocked support.State // the firmware blocks the SID until the next reset
	// HardwareReset: a hardware reset lifts the block too.
	HardwareReset support.State
}

// DataRemoval is the Supported Data Removal Mechanism feature (0404h; Opal SSC
// 2.02, Pyrite SSC 2.00): how a revert removes the data.
type DataRemoval struct {
	Supported                       support.State
	Processing                      support.State // a removal is still going on
	Interrupted                     support.State // the last one did not end
	Overwrite, Block, Crypto, Unmap bool
}

// SSCName is the class's name with its version, "" if none is known.
func (d Discovery) SSCName() string {
	for _, s := range sscNames {
		if s.code == d.SSC {
			return s.name
		}
	}
	return ""
}

// Revertable reports whether this package knows how to revert the drive: the
// Opal family does it by the Admin SP's Revert; Enterprise and Ruby differ.
func (d Discovery) Revertable() bool {
	switch d.SSC {
	case FeatureOpal1, FeatureOpal2, FeatureOpalite, FeaturePyrite1, FeaturePyrite2:
		return d.BaseComID != 0 && !d.TPer.Sync.IsNo()
	}
	return false
}

// ParseDiscovery decodes Level 0 Discovery data. All zeros is what a drive
// without a TPer answers.
func ParseDiscovery(b []byte) (Discovery, error) {
	const what = "TCG Level 0 Discovery"
	if len(b) < discoveryHeader {
		return Discovery{}, &ParseError{what, fmt.Sprintf("%d bytes", len(b))}
	}
	// The length leaves its own four bytes out.
	end := uint64(be.Uint32(b)) + 4
	switch {
	case end < discoveryHeader:
		return Discovery{}, &ParseError{what, fmt.Sprintf("a length of %d", end-4)}
	case end > uint64(len(b)):
		return Discovery{}, &ParseError{what, fmt.Sprintf("%d bytes of %d", len(b), end)}
	}
	var d Discovery
	for b = b[discoveryHeader:end]; len(b) >= 4; {
		code, n := Feature(be.Uint16(b)), int(b[3])
		if 4+n > len(b) {
			return d, &ParseError{what, fmt.Sprintf("feature %04Xh is cut short", uint16(code))}
		}
		d.take(code, b[4:4+n])
		b = b[4+n:]
	}
	return d, nil
}

// take reads one descriptor. A short one says nothing of what it lacks.
func (d *Discovery) take(code Feature, v []byte) {
	d.Features = append(d.Features, code)
	long := make([]byte, 40) // no field used here lies further
	known := copy(long, v)
	bit := func(at, b int) support.State {
		if at >= known {
			return support.Unknown
		}
		return support.Of(long[at]>>b&1 != 0)
	}
	switch code {
	case FeatureTPer:
		d.TPer = TPerFeature{Sync: bit(0, 0), Async: bit(0, 1), AckNak: bit(0, 2), BufferManagement: bit(0, 3),
			Streaming: bit(0, 4), ComIDManagement: bit(0, 6)}
	case FeatureLocking:
		d.Locking = Locking{Supported: bit(0, 0), Enabled: bit(0, 1), Locked: bit(0, 2),
			MediaEncryption: bit(0, 3), MBREnabled: bit(0, 4), MBRDone: bit(0, 5)}
	case FeatureGeometry:
		d.Geometry = Geometry{Present: known >= 28, Align: long[0]&1 != 0, BlockSize: be.Uint32(long[8:]),
			Granularity: be.Uint64(long[12:]), LowestLBA: be.Uint64(long[20:])}
	case FeatureBlockSID:
		d.BlockSID = BlockSID{Supported: support.Yes, Owned: bit(0, 0), Blocked: bit(0, 1), HardwareReset: bit(1, 0)}
	case FeatureDataRemoval:
		m := long[2]
		d.Removal = DataRemoval{Supported: support.Yes, Processing: bit(1, 0), Interrupted: bit(1, 1),
			Overwrite: m&1 != 0, Block: m&2 != 0, Crypto: m&4 != 0, Unmap: m&8 != 0}
	default:
		d.takeSSC(code, long, known)
	}
}

// takeSSC keeps the class that stands first in sscNames: drives show Opal 1
// beside Opal 2 for old hosts.
func (d *Discovery) takeSSC(code Feature, long []byte, known int) {
	for _, s := range sscNames {
		if d.SSC == s.code {
			return
		}
		if s.code != code {
			continue
		}
		d.SSC, d.PINAtRevert = code, long[10]
		d.BaseComID, d.ComIDs = 0, 0
		if known >= 4 {
			d.BaseComID, d.ComIDs = be.Uint16(long), be.Uint16(long[2:])
		}
		return
	}
}

// Discover asks for Level 0 Discovery, which changes nothing on the drive, and
// returns it with its bytes.
func Discover(ctx context.Context, t Transport) (Discovery, []byte, error) {
	buf := make([]byte, discoveryBytes)
	err := t.Exec(ctx, Command{Protocol: ProtocolTCG, ComID: discoveryComID, Data: buf})
	if err != nil {
		return Discovery{}, nil, err
	}
	d, err := ParseDiscovery(buf)
	return d, buf[:min(len(buf), int(be.Uint32(buf))+4)], err
}

// HasProtocol asks for the list of security protocols (SPC-5 clause 7.7,
// protocol 00h) and says whether p is in it.
func HasProtocol(ctx context.Context, t Transport, p byte) (support.State, error) {
	buf := make([]byte, block)
	if err := t.Exec(ctx, Command{Protocol: ProtocolInformation, Data: buf}); err != nil {
		return support.Unknown, err
	}
	return parseProtocols(buf, p)
}

func parseProtocols(b []byte, p byte) (support.State, error) {
	const what = "list of security protocols"
	if len(b) < 8 {
		return support.Unknown, &ParseError{what, fmt.Sprintf("%d bytes", len(b))}
	}
	n := int(be.Uint16(b[6:]))
	// A list without 00h itself is no list: bridges answer zeros.
	if n == 0 || 8+n > len(b) || b[8] != ProtocolInformation {
		return support.Unknown, &ParseError{what, fmt.Sprintf("a length of %d", n)}
	}
	return support.Of(bytes.IndexByte(b[8:8+n], p) >= 0), nil
}
