package ata

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/massho/massho/devices/support"
)

// Identify is decoded IDENTIFY DEVICE data (ACS-4 clause 7.13.6). A fact that
// the words do not hold is unknown or zero; the raw bytes stay with the caller.
type Identify struct {
	Model    string // words 27 to 46
	Serial   string // words 10 to 19
	Firmware string // words 23 to 26
	WWN      string // "naa.…" of words 108 to 111, "" if not reported

	Sectors        uint64 // logical sectors the host can address now
	Sectors28      uint32 // words 60 and 61
	LogicalSector  uint32 // bytes
	PhysicalSector uint32 // bytes; 0 not reported

	Rotational       support.State // unknown when word 217 does not tell
	RPM              uint16        // 0 when not rotating or not known
	FormFactor       FormFactor
	Removable        bool
	SATA             support.State // word 76; No: parallel or not told
	LBA48            support.State
	SMART            support.State
	HPA              support.State // Host Protected Area feature set
	DCO              support.State // Device Configuration Overlay feature set
	AMAC             support.State // Accessible Max Address Configuration
	GPL              support.State // General Purpose Logging
	Trim             support.State // DATA SET MANAGEMENT TRIM
	TrimZeroes       support.State // trimmed sectors read as zeroes (RZAT)
	TrustedComputing support.State // TCG over TRUSTED SEND/RECEIVE
	EncryptsAll      support.State // the device encrypts all user data
	Zoned            Zoning

	Security Security
	Sanitize SanitizeSupport

	Checksum Checksum
	// Sparse: the data hold names and nothing else. A RAID driver made them
	// up; they speak of no medium and every capability is unknown.
	Sparse bool
	// Incomplete: the device says that it must spin up before the data are
	// whole (word 0 bit 2).
	Incomplete bool
	Warnings   []string // what does not agree with itself, in English

	words words
}

// Security is words 82, 85, 89, 90, 92 and 128 (ACS-4 clause 4.18).
type Security struct {
	Supported support.State
	Enabled   support.State // a user password is set
	Locked    support.State
	Frozen    support.State
	Expired   support.State // too many wrong passwords
	Enhanced  support.State // ENHANCED SECURITY ERASE UNIT
	Maximum   support.State // master password capability is "maximum", not "high"

	EraseTime         EraseTime
	EnhancedEraseTime EraseTime
	MasterIdentifier  uint16 // word 92; 0000h and FFFFh: not supported
}

// SanitizeSupport is word 59 (ACS-4 clause 7.13.6.20). The techniques count
// only with the feature set bit: a drive under TCG control may show them alone.
type SanitizeSupport struct {
	Supported  support.State // b12
	Crypto     support.State // b13 CRYPTO SCRAMBLE EXT
	Overwrite  support.State // b14 OVERWRITE EXT
	Block      support.State // b15 BLOCK ERASE EXT
	Antifreeze support.State // b10 SANITIZE ANTIFREEZE LOCK EXT
	ACS3       support.State // b11: commands as ACS-3 and later specify them
}

// EraseTime is the estimate of words 89 and 90.
type EraseTime struct {
	Minutes  int  // 0: not reported
	MoreThan bool // the time is longer than Minutes
}

// String is "2 min", "more than 508 min" or "not reported".
func (e EraseTime) String() string {
	switch {
	case e.Minutes == 0:
		return "not reported"
	case e.MoreThan:
		return fmt.Sprintf("more than %d min", e.Minutes)
	default:
		return fmt.Sprintf("%d min", e.Minutes)
	}
}

// Checksum says how word 255 looks.
type Checksum uint8

// The states of the integrity word.
const (
	ChecksumAbsent Checksum = iota // no A5h signature, or the word is cut off
	ChecksumOK
	ChecksumBad // signature there, sum wrong: read again and warn
)

// String is "absent", "ok" or "bad".
func (c Checksum) String() string { return [...]string{"absent", "ok", "bad", "checksum?"}[min(c, 3)] }

// Reason says why IDENTIFY data were refused.
type Reason uint8

// The reasons.
const (
	ReasonLength  Reason = iota + 1 // not 512 bytes
	ReasonEmpty                     // word 0 is 0000h or FFFFh
	ReasonATAPI                     // a packet device: optical, tape
	ReasonGarbage                   // not IDENTIFY data: a leftover buffer
)

// IdentifyError refuses IDENTIFY data. The caller keeps the bytes.
type IdentifyError struct {
	Reason Reason
	Detail string
}

// Error says what is wrong with the data.
func (e *IdentifyError) Error() string {
	return "IDENTIFY DEVICE data: " + e.Detail
}

// ParseIdentify decodes the 512 bytes of IDENTIFY DEVICE. It refuses, with an
// *IdentifyError, what is not a disk's answer. A bad checksum is no refusal:
// it was seen on live data through a bridge (Checksum and Warnings tell).
func ParseIdentify(b []byte) (*Identify, error) {
	if len(b) != 512 {
		return nil, &IdentifyError{ReasonLength, fmt.Sprintf("%d bytes instead of 512", len(b))}
	}
	return ParseIdentifyPart(b)
}

// ParseIdentifyPart decodes the first 128 to 512 bytes of IDENTIFY DEVICE, as
// some RAID tools pass them on. What lies in the missing words is unknown.
func ParseIdentifyPart(b []byte) (*Identify, error) {
	if len(b) < 128 || len(b) > 512 || len(b)%2 != 0 {
		return nil, &IdentifyError{ReasonLength, fmt.Sprintf("%d bytes", len(b))}
	}
	w := make(words, len(b)/2)
	for i := range w {
		w[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	id := &Identify{words: w, Checksum: w.checksum()}
	if err := w.reject(id.Checksum); err != nil {
		return nil, err
	}
	id.decode()
	return id, nil
}

// Word returns word i, and false if the data do not reach it.
func (id *Identify) Word(i int) (uint16, bool) {
	if i < 0 || i >= len(id.words) {
		return 0, false
	}
	return id.words[i], true
}

// IdentifyDevice sends IDENTIFY DEVICE and returns the data and their bytes;
// the bytes come back with an error too, as evidence of what was answered.
func IdentifyDevice(ctx context.Context, t Transport) (*Identify, []byte, error) {
	c := IdentifyCommand()
	r, err := t.Exec(ctx, c)
	if err != nil {
		// A buffer after an error holds leftovers, not an answer.
		return nil, nil, err
	}
	if r.Resid <= 0 || r.Resid > len(c.Data) {
		id, err := ParseIdentify(c.Data)
		return id, c.Data, err
	}
	// Some bridges report a residual although all data came: the checksum
	// over a buffer that was zero before shows that they did.
	if id, err := ParseIdentify(c.Data); err == nil && id.Checksum == ChecksumOK {
		id.warn("the road reports %d bytes as not transferred, the checksum says otherwise", r.Resid)
		return id, c.Data, nil
	}
	b := c.Data[:len(c.Data)-r.Resid]
	id, err := ParseIdentify(b)
	return id, b, err
}

// IdentifyCommand builds IDENTIFY DEVICE.
func IdentifyCommand() Command {
	return Command{Command: CmdIdentify, Count: 1, Protocol: PIOIn, Data: make([]byte, 512)}
}
