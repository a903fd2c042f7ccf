package scsi

import (
	"context"
	"encoding/hex"
	"fmt"
)

// Association says what a designator names (SPC-5 clause 7.7.6.1).
type Association byte

// The associations.
const (
	AssocLogicalUnit Association = 0
	AssocTargetPort  Association = 1
	AssocTarget      Association = 2
)

// DesignatorType is the DESIGNATOR TYPE field.
type DesignatorType byte

// The designator types that name a logical unit.
const (
	DesignatorVendor DesignatorType = 0x0
	DesignatorT10    DesignatorType = 0x1
	DesignatorEUI64  DesignatorType = 0x2
	DesignatorNAA    DesignatorType = 0x3
	DesignatorMD5    DesignatorType = 0x7
	DesignatorName   DesignatorType = 0x8 // SCSI name string
	DesignatorUUID   DesignatorType = 0xA
)

// Designator is one entry of VPD page 83h.
type Designator struct {
	Association Association
	Type        DesignatorType
	CodeSet     byte // 1 binary, 2 ASCII, 3 UTF-8
	Value       []byte
}

// String is the designator as the kernel writes it: naa.…, eui.…, t10.…, the
// name string itself, or the type and the bytes in hex.
func (d Designator) String() string {
	switch d.Type {
	case DesignatorNAA:
		return "naa." + hex.EncodeToString(d.Value)
	case DesignatorEUI64:
		return "eui." + hex.EncodeToString(d.Value)
	case DesignatorT10:
		return "t10." + text(d.Value)
	case DesignatorName:
		return text(d.Value)
	case DesignatorUUID:
		if len(d.Value) == 18 {
			return "uuid." + hex.EncodeToString(d.Value[2:])
		}
	}
	return fmt.Sprintf("designator-%X.%s", byte(d.Type), hex.EncodeToString(d.Value))
}

// ParseVPD83 decodes the designators. A last one that the page cuts short is
// not returned, and truncated is true.
func ParseVPD83(b []byte) (ds []Designator, truncated bool, err error) {
	body, err := vpdBody(b, PageIdentification)
	if err != nil {
		return nil, false, err
	}
	for len(body) >= 4 {
		n := int(body[3])
		if 4+n > len(body) {
			return ds, true, nil
		}
		ds = append(ds, Designator{
			Association: Association(body[1] >> 4 & 3),
			Type:        DesignatorType(body[1] & 0x0F),
			CodeSet:     body[0] & 0x0F,
			Value:       append([]byte(nil), body[4:4+n]...),
		})
		body = body[4+n:]
	}
	return ds, len(body) != 0, nil
}

// LogicalUnitName picks the world-wide name of the logical unit: NAA before
// EUI-64, UUID, T10 vendor ID, and name string; a longer one before a shorter
// of the same type. Names of the target or of a port are never taken: the
// drives behind one of them share it. An all-zero value names nothing.
func LogicalUnitName(ds []Designator) (Designator, bool) {
	rank := map[DesignatorType]int{
		DesignatorNAA: 5, DesignatorEUI64: 4, DesignatorUUID: 3, DesignatorT10: 2, DesignatorName: 1,
	}
	best, found := Designator{}, false
	for _, d := range ds {
		if d.Association != AssocLogicalUnit || rank[d.Type] == 0 || zero(d.Value) {
			continue
		}
		better := rank[d.Type] > rank[best.Type] ||
			d.Type == best.Type && len(d.Value) > len(best.Value)
		if !found || better {
			best, found = d, true
		}
	}
	return best, found
}

func zero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// DeviceIdentification returns the designators and the page's bytes.
func DeviceIdentification(ctx context.Context, t Transport) ([]Designator, []byte, error) {
	b, err := VPD(ctx, t, PageIdentification)
	if err != nil {
		return nil, b, err
	}
	ds, _, err := ParseVPD83(b)
	return ds, b, err
}
