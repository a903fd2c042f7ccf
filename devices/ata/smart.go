package ata

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// smartLBA carries the signature C24Fh that every SMART command needs.
const smartLBA uint64 = 0xC24F00

// SMART attribute IDs. They are vendor specific in the standard and the same
// on all drives in the field.
const (
	AttrReallocated   byte = 5
	AttrPowerOnHours  byte = 9
	AttrAirflowTemp   byte = 190
	AttrTemperature   byte = 194
	AttrPending       byte = 197
	AttrUncorrectable byte = 198
)

// Attribute is one entry of SMART READ DATA, with its threshold if known.
type Attribute struct {
	ID        byte
	Flags     uint16
	Value     byte
	Worst     byte
	Raw       uint64 // 48 bits
	Threshold byte   // 0: none known
}

// ParseSMART decodes the attribute table of SMART READ DATA. A wrong checksum
// is an error: numbers that carry a claim about a drive's health are not taken
// from damaged data.
func ParseSMART(b []byte) ([]Attribute, error) {
	if err := smartSum("SMART READ DATA", b); err != nil {
		return nil, err
	}
	var as []Attribute
	for off := 2; off+12 <= 362; off += 12 {
		e := b[off : off+12]
		if e[0] == 0 {
			continue
		}
		as = append(as, Attribute{
			ID: e[0], Flags: binary.LittleEndian.Uint16(e[1:]), Value: e[3], Worst: e[4],
			Raw: uint64(binary.LittleEndian.Uint32(e[5:])) | uint64(binary.LittleEndian.Uint16(e[9:]))<<32,
		})
	}
	return as, nil
}

// ParseSMARTThresholds decodes SMART READ ATTRIBUTE THRESHOLDS: threshold by ID.
func ParseSMARTThresholds(b []byte) (map[byte]byte, error) {
	if err := smartSum("SMART READ ATTRIBUTE THRESHOLDS", b); err != nil {
		return nil, err
	}
	th := map[byte]byte{}
	for off := 2; off+12 <= 362; off += 12 {
		if b[off] != 0 {
			th[b[off]] = b[off+1]
		}
	}
	return th, nil
}

func smartSum(what string, b []byte) error {
	if len(b) != 512 {
		return fmt.Errorf("%s: %d bytes", what, len(b))
	}
	if sum := byteSum(b); sum != 0 {
		return fmt.Errorf("%s: checksum wrong by %02Xh", what, sum)
	}
	return nil
}

// SMARTValues are the attributes that say something about an erasure. nil: not
// reported.
type SMARTValues struct {
	Reallocated   *uint64
	PowerOnHours  *uint64
	Pending       *uint64
	Uncorrectable *uint64
	TemperatureC  *int64
}

// ReadValues picks the known attributes. Vendors pack other things into the
// upper raw bytes: hours are the low 24 bits, a temperature the low byte, as
// smartmontools reads them. The sector counts keep 32 bits or more: too high
// a count costs a warning, too low a one hides a bad drive.
func ReadValues(as []Attribute) SMARTValues {
	var v SMARTValues
	for _, a := range as {
		raw := a.Raw
		switch a.ID {
		case AttrReallocated:
			raw &= 1<<32 - 1
			v.Reallocated = &raw
		case AttrPowerOnHours:
			raw &= 1<<24 - 1
			v.PowerOnHours = &raw
		case AttrPending:
			v.Pending = &raw
		case AttrUncorrectable:
			v.Uncorrectable = &raw
		case AttrTemperature:
			t := int64(int8(raw))
			v.TemperatureC = &t
		}
	}
	if v.TemperatureC == nil {
		for _, a := range as {
			if a.ID == AttrAirflowTemp {
				t := int64(int8(a.Raw))
				v.TemperatureC = &t
			}
		}
	}
	return v
}

// SMARTReadDataCommand builds SMART READ DATA.
func SMARTReadDataCommand() Command { return smartIn(smartReadData) }

// SMARTReadThresholdsCommand builds SMART READ ATTRIBUTE THRESHOLDS.
func SMARTReadThresholdsCommand() Command { return smartIn(smartReadThresholds) }

func smartIn(feature uint16) Command {
	return Command{Command: CmdSMART, Feature: feature, Count: 1, LBA: smartLBA,
		Protocol: PIOIn, Data: make([]byte, 512)}
}

// SMARTReturnStatusCommand builds SMART RETURN STATUS.
func SMARTReturnStatusCommand() Command {
	return Command{Command: CmdSMART, Feature: smartReturnStatus, LBA: smartLBA}
}

// SMARTEnableCommand builds SMART ENABLE OPERATIONS.
func SMARTEnableCommand() Command {
	return Command{Command: CmdSMART, Feature: smartEnable, LBA: smartLBA}
}

// ParseSMARTStatus reads SMART RETURN STATUS: yes, the drive predicts its
// failure (2CF4h), no (C24Fh came back), or unknown.
func ParseSMARTStatus(r *Registers) support.State {
	if r == nil {
		return support.Unknown
	}
	switch uint16(r.LBA >> 8) {
	case 0xC24F:
		return support.No
	case 0x2CF4:
		return support.Yes
	default:
		return support.Unknown
	}
}

// SMARTStatus sends SMART RETURN STATUS: does the drive predict its failure?
func SMARTStatus(ctx context.Context, t Transport) (support.State, error) {
	r, err := t.Exec(ctx, SMARTReturnStatusCommand())
	if err != nil {
		return support.Unknown, err
	}
	return ParseSMARTStatus(r.Registers), nil
}

// SMARTData sends SMART READ DATA and returns the attributes and the bytes.
func SMARTData(ctx context.Context, t Transport) ([]Attribute, []byte, error) {
	c := SMARTReadDataCommand()
	if err := exec(ctx, t, c); err != nil {
		return nil, nil, err
	}
	as, err := ParseSMART(c.Data)
	return as, c.Data, err
}

// SMARTThresholds sends SMART READ ATTRIBUTE THRESHOLDS.
func SMARTThresholds(ctx context.Context, t Transport) (map[byte]byte, error) {
	c := SMARTReadThresholdsCommand()
	if err := exec(ctx, t, c); err != nil {
		return nil, err
	}
	return ParseSMARTThresholds(c.Data)
}
