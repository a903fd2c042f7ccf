package nvme

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// AllNamespaces is the broadcast namespace ID.
const AllNamespaces uint32 = 0xFFFFFFFF

// LBAFormat is one LBA format descriptor.
type LBAFormat struct {
	DataSize            uint32 // bytes of a logical block, 0: format not available
	MetadataSize        uint16
	RelativePerformance uint8
}

// Namespace is decoded Identify Namespace data (NVM Command Set 1.0 clause
// 4.1.5.1).
type Namespace struct {
	Size        uint64 // NSZE, logical blocks; 0: not active
	Capacity    uint64 // NCAP
	Utilization uint64 // NUSE
	Formats     []LBAFormat
	FormatIndex uint8 // of the current format
	// MetadataInline (FLBAS bit 4): metadata follow each block in the data.
	MetadataInline bool
	PIType         uint8 // DPS 2:0: protection information, 0 off
	PIFirst        bool  // DPS bit 3: at the start of the metadata
	Shared         bool  // NMIC bit 0: other controllers may have it too
	Bytes          Uint128
	NGUID          string // 32 hex digits, "" if zero
	EUI64          string // 16 hex digits, "" if zero

	// FormatProgress tells whether FPI reports a format in progress, and
	// FormatRemaining its percentage still to do.
	FormatProgress  support.State
	FormatRemaining uint8
}

// Current is the current LBA format.
func (n Namespace) Current() LBAFormat { return n.Formats[n.FormatIndex] }

// ParseNamespace decodes Identify Namespace data. They may end after the LBA
// format that is in use. An inactive namespace (all zero) is an error.
func ParseNamespace(b []byte) (Namespace, error) {
	const what = "Identify Namespace data"
	if len(b) < 132 {
		return Namespace{}, &ParseError{what, fmt.Sprintf("%d bytes", len(b))}
	}
	n := Namespace{
		Size: le64(b), Capacity: le64(b[8:]), Utilization: le64(b[16:]),
		FormatIndex: b[26]&0x0F | b[26]>>5&3<<4, MetadataInline: b[26]&0x10 != 0,
		PIType: b[29] & 7, PIFirst: b[29]&8 != 0, Shared: b[30]&1 != 0,
		Bytes: le128(b[48:]), NGUID: nonzeroHex(b[104:120]), EUI64: nonzeroHex(b[120:128]),
	}
	if n.Size == 0 {
		return n, &ParseError{what, "the namespace is not active"}
	}
	if b[32]&0x80 != 0 {
		n.FormatRemaining = b[32] & 0x7F
		n.FormatProgress = support.Of(n.FormatRemaining != 0)
	}
	for i := 0; i <= int(b[25]) && i < 64 && 132+4*i <= len(b); i++ {
		n.Formats = append(n.Formats, lbaFormat(le32(b[128+4*i:])))
	}
	// Bits 6:5 of FLBAS mean something only with more than 16 formats.
	if len(n.Formats) <= 16 {
		n.FormatIndex &= 0x0F
	}
	if int(n.FormatIndex) >= len(n.Formats) || n.Current().DataSize == 0 {
		return n, &ParseError{what, fmt.Sprintf("the current LBA format %d is not in it", n.FormatIndex)}
	}
	return n, nil
}

// lbaFormat decodes a descriptor; an LBADS below 9 means not available.
func lbaFormat(v uint32) LBAFormat {
	f := LBAFormat{MetadataSize: uint16(v), RelativePerformance: uint8(v >> 24 & 3)}
	if ds := v >> 16 & 0xFF; ds >= 9 && ds < 32 {
		f.DataSize = 1 << ds
	}
	return f
}

func nonzeroHex(b []byte) string {
	for _, c := range b {
		if c != 0 {
			return hex.EncodeToString(b)
		}
	}
	return ""
}

// NamespaceIDs are the identifiers of a namespace.
type NamespaceIDs struct {
	EUI64, NGUID, UUID string // hex digits, "" if absent
	CSI                uint8  // command set: 0 NVM, 2 zoned
	CSIKnown           bool
}

// Name is the world-wide name as the kernel writes it: uuid before nguid
// before eui.
func (n NamespaceIDs) Name() string {
	switch {
	case n.UUID != "":
		return "uuid." + n.UUID
	case n.NGUID != "":
		return "nguid." + n.NGUID
	case n.EUI64 != "":
		return "eui." + n.EUI64
	default:
		return ""
	}
}

// ParseDescriptors decodes a Namespace Identification Descriptor list (NVMe
// Base 2.0 clause 5.17.2.3). Unknown types are skipped; a descriptor of a
// known type with a wrong length is an error.
func ParseDescriptors(b []byte) (NamespaceIDs, error) {
	var ids NamespaceIDs
	for len(b) >= 4 && b[1] != 0 {
		kind, n := b[0], int(b[1])
		if 4+n > len(b) {
			return ids, &ParseError{"namespace descriptor list", "a descriptor is cut short"}
		}
		v := b[4 : 4+n]
		want := map[byte]int{1: 8, 2: 16, 3: 16, 4: 1}[kind]
		if want != 0 && n != want {
			return ids, &ParseError{"namespace descriptor list", fmt.Sprintf("type %d with %d bytes", kind, n)}
		}
		switch kind {
		case 1:
			ids.EUI64 = nonzeroHex(v)
		case 2:
			ids.NGUID = nonzeroHex(v)
		case 3:
			ids.UUID = nonzeroHex(v)
		case 4:
			ids.CSI, ids.CSIKnown = v[0], true
		}
		b = b[4+n:]
	}
	return ids, nil
}

// ParseNamespaceList decodes a list of namespace IDs, which must rise.
func ParseNamespaceList(b []byte) ([]uint32, error) {
	var ids []uint32
	for ; len(b) >= 4; b = b[4:] {
		id := le32(b)
		if id == 0 {
			break
		}
		if n := len(ids); n > 0 && id <= ids[n-1] {
			return ids, &ParseError{"namespace list", fmt.Sprintf("%d after %d", id, ids[n-1])}
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// IdentifyNamespace returns the data of an active namespace and their bytes.
func IdentifyNamespace(ctx context.Context, t Transport, nsid uint32) (Namespace, []byte, error) {
	b, err := identify(ctx, t, CNSNamespace, nsid)
	if err != nil {
		return Namespace{}, nil, err
	}
	n, err := ParseNamespace(b)
	return n, b, err
}

// IdentifyDescriptors returns the identifiers of an active namespace.
func IdentifyDescriptors(ctx context.Context, t Transport, nsid uint32) (NamespaceIDs, []byte, error) {
	b, err := identify(ctx, t, CNSDescriptors, nsid)
	if err != nil {
		return NamespaceIDs{}, nil, err
	}
	ids, err := ParseDescriptors(b)
	return ids, b, err
}

// ActiveNamespaces lists the namespaces attached to this controller.
func ActiveNamespaces(ctx context.Context, t Transport) ([]uint32, error) {
	return namespaceList(ctx, t, CNSActiveList)
}

// AllocatedNamespaces lists all namespaces of the subsystem. One that is here
// and not active is a hidden area. Controllers without namespace management
// refuse the question.
func AllocatedNamespaces(ctx context.Context, t Transport) ([]uint32, error) {
	return namespaceList(ctx, t, CNSAllocated)
}

// namespaceList pages through a list: each answer holds up to 1024 IDs
// greater than the one asked with.
func namespaceList(ctx context.Context, t Transport, cns byte) ([]uint32, error) {
	var all []uint32
	for after := uint32(0); ; after = all[len(all)-1] {
		b, err := identify(ctx, t, cns, after)
		if err != nil {
			return nil, err
		}
		ids, err := ParseNamespaceList(b)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 && ids[0] <= after {
			return nil, &ParseError{"namespace list", fmt.Sprintf("%d where more than %d was asked for", ids[0], after)}
		}
		all = append(all, ids...)
		if len(ids) < identifyBytes/4 || ids[len(ids)-1] >= AllNamespaces-1 {
			return all, nil
		}
	}
}
