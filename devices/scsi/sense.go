package scsi

import "fmt"

// Key is a sense key (SPC-5 clause 4.4.8).
type Key byte

// The sense keys.
const (
	KeyNoSense        Key = 0x0
	KeyRecoveredError Key = 0x1
	KeyNotReady       Key = 0x2
	KeyMediumError    Key = 0x3
	KeyHardwareError  Key = 0x4
	KeyIllegalRequest Key = 0x5
	KeyUnitAttention  Key = 0x6
	KeyDataProtect    Key = 0x7
	KeyBlankCheck     Key = 0x8
	KeyVendor         Key = 0x9
	KeyCopyAborted    Key = 0xA
	KeyAbortedCommand Key = 0xB
	KeyVolumeOverflow Key = 0xD
	KeyMiscompare     Key = 0xE
	KeyCompleted      Key = 0xF
)

// SenseDescriptor is one descriptor of descriptor-format sense data.
type SenseDescriptor struct {
	Type byte
	Data []byte // the bytes after the ADDITIONAL LENGTH field, as many as came
}

// Sense is decoded sense data of either format (SPC-5 clauses 4.4.2, 4.4.3).
type Sense struct {
	ResponseCode byte // 70h to 73h, the VALID bit masked off
	Valid        bool // fixed format: the INFORMATION field is valid
	Key          Key
	ASC, ASCQ    byte
	// CodeKnown is false when the data were cut before ASC and ASCQ.
	CodeKnown bool
	// SKSV and KeySpecific are the SENSE KEY SPECIFIC field.
	SKSV        bool
	KeySpecific [3]byte
	Descriptors []SenseDescriptor // descriptor format only
	Raw         []byte            // all bytes as they came
}

// Fixed reports whether s came in fixed format (70h, 71h).
func (s Sense) Fixed() bool { return s.ResponseCode == 0x70 || s.ResponseCode == 0x71 }

// Deferred reports whether s belongs to an earlier command (71h, 73h).
func (s Sense) Deferred() bool { return s.ResponseCode == 0x71 || s.ResponseCode == 0x73 }

// Is reports whether s has this additional sense code and qualifier.
func (s Sense) Is(asc, ascq byte) bool { return s.CodeKnown && s.ASC == asc && s.ASCQ == ascq }

// ParseSense decodes sense data. It takes the bytes that came for what they
// are: a transport may cut them to 18 or fewer, and the ADDITIONAL SENSE
// LENGTH of fixed-format data is wrong in the field more often than not, so it
// bounds nothing. The error is a *ParseError when there is no response code
// or no sense key.
func ParseSense(b []byte) (Sense, error) {
	if len(b) == 0 {
		return Sense{}, &ParseError{What: "sense data", Why: "empty"}
	}
	s := Sense{ResponseCode: b[0] & 0x7F, Raw: append([]byte(nil), b...)}
	switch s.ResponseCode {
	case 0x70, 0x71:
		return s.fixed(s.Raw)
	case 0x72, 0x73:
		return s.descriptor(s.Raw)
	default:
		return Sense{}, &ParseError{What: "sense data", Why: fmt.Sprintf("response code %02Xh", b[0])}
	}
}

func (s Sense) fixed(b []byte) (Sense, error) {
	if len(b) < 3 {
		return Sense{}, &ParseError{What: "sense data", Why: "cut before the sense key"}
	}
	s.Valid = b[0]&0x80 != 0
	s.Key = Key(b[2] & 0x0F)
	if len(b) >= 14 {
		s.ASC, s.ASCQ, s.CodeKnown = b[12], b[13], true
	}
	if len(b) >= 18 {
		s.SKSV = b[15]&0x80 != 0
		copy(s.KeySpecific[:], b[15:18])
	}
	return s, nil
}

func (s Sense) descriptor(b []byte) (Sense, error) {
	if len(b) < 4 {
		return Sense{}, &ParseError{What: "sense data", Why: "cut before the sense code"}
	}
	s.Key, s.ASC, s.ASCQ, s.CodeKnown = Key(b[1]&0x0F), b[2], b[3], true
	if len(b) < 8 {
		return s, nil
	}
	rest := b[8:]
	if n := int(b[7]); n < len(rest) {
		rest = rest[:n]
	}
	for len(rest) >= 2 {
		n := min(int(rest[1]), len(rest)-2)
		d := SenseDescriptor{Type: rest[0], Data: rest[2 : 2+n]}
		s.Descriptors = append(s.Descriptors, d)
		if d.Type == 0x02 && n >= 5 {
			s.SKSV = d.Data[2]&0x80 != 0
			copy(s.KeySpecific[:], d.Data[2:5])
		}
		rest = rest[2+n:]
	}
	return s, nil
}

// Progress is the progress indication of an operation that runs in the
// background, in 65536ths. It is there in the SENSE KEY SPECIFIC field of NO
// SENSE and NOT READY (SPC-5 clause 4.4.2.4.4) or in a progress indication
// descriptor (type 0Ah).
func (s Sense) Progress() (p uint16, ok bool) {
	if s.SKSV && (s.Key == KeyNoSense || s.Key == KeyNotReady) {
		return uint16(s.KeySpecific[1])<<8 | uint16(s.KeySpecific[2]), true
	}
	for _, d := range s.Descriptors {
		if d.Type == 0x0A && len(d.Data) >= 6 {
			return uint16(d.Data[4])<<8 | uint16(d.Data[5]), true
		}
	}
	return 0, false
}

// String is the sense key, the standard's words and all three codes in hex.
func (s Sense) String() string {
	prefix := ""
	if s.Deferred() {
		prefix = "deferred: "
	}
	if !s.CodeKnown {
		return fmt.Sprintf("%s%s (key %Xh, no additional sense code)", prefix, s.Key, byte(s.Key))
	}
	return fmt.Sprintf("%s%s: %s (key %Xh ASC %02Xh ASCQ %02Xh)",
		prefix, s.Key, codeWords(s.ASC, s.ASCQ), byte(s.Key), s.ASC, s.ASCQ)
}
