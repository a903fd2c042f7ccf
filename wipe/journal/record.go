package journal

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Type says what kind of event a record tells: at most 16 bytes of lower-case
// ASCII. A reader keeps records of types it does not know.
type Type string

// Types of records. The payload of every record about one drive is a JSON
// object whose key "drive" holds that drive's serial number or other name.
const (
	TypeHeader     Type = "header"     // first record; payload Header
	TypePlan       Type = "plan"       // what the run is going to do
	TypeConfirm    Type = "confirm"    // a person's confirmation
	TypeIdentity   Type = "identity"   // a drive's identity as read just now
	TypeIntent     Type = "intent"     // before an act; payload IntentPayload
	TypeResult     Type = "result"     // after it, with the device's status
	TypeProgress   Type = "progress"   // payload ProgressPayload; flushed on the target before it is written
	TypeCanary     Type = "canary"     // canaries planted or read
	TypeVerify     Type = "verify"     // a verification's findings
	TypeOutcome    Type = "outcome"    // a drive's outcome
	TypeNote       Type = "note"       // anything a person or the program remarks
	TypeChallenge  Type = "challenge"  // a word typed on the supervisor's request
	TypeTick       Type = "tick"       // makes a new head for the camera
	TypeResumed    Type = "resumed"    // first record after a power cut; payload ResumedPayload
	TypeDetached   Type = "detached"   // a store failed; payload StorePayload
	TypeReattached Type = "reattached" // a store came back or was added; payload StorePayload
	TypeClosed     Type = "closed"     // last record of a run that came to its end
)

// RunID tells one run from all others: 128 random bits.
type RunID [16]byte

// String returns the id as 32 hexadecimal digits.
func (r RunID) String() string { return hex.EncodeToString(r[:]) }

// MarshalText gives the id as 32 hexadecimal digits.
func (r RunID) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText accepts what MarshalText gives.
func (r *RunID) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(r) {
		return fmt.Errorf("run id %q: want 32 hexadecimal digits", text)
	}
	copy(r[:], b)
	return nil
}

// Hash is the SHA-256 of a frame; a record's hash is that of its last frame.
type Hash [32]byte

// String returns the hash as 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText gives the hash as 64 hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText accepts what MarshalText gives.
func (h *Hash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return fmt.Errorf("hash %q: want 64 hexadecimal digits", text)
	}
	copy(h[:], b)
	return nil
}

// Header is the payload of the first record.
type Header struct {
	Case     string `json:"case"`               // case number; empty when there is no signed case
	Stick    string `json:"stick"`              // the stick's id
	Run      RunID  `json:"run"`                // must be the id in every frame
	Tool     string `json:"tool"`               // program and version
	Nonce    string `json:"nonce"`              // the case's nonce: the record is not older than it
	Created  string `json:"created"`            // RFC 3339, the stick's claimed time
	Capacity int64  `json:"capacity"`           // bytes of the preallocated file
	Training bool   `json:"training"`           // 訓練: emulated, loop or network drives
	Previous string `json:"previous,omitempty"` // head of a journal that this one continues
}

// Record is one event.
type Record struct {
	Seq      uint64          // 0 for the header, then one by one
	Type     Type            //
	Wall     time.Time       // claimed, UTC, nanoseconds
	Mono     time.Duration   // monotonic; starts anew with every process, orders records within one
	InMemory bool            // made while a store was detached, written to it later
	Payload  json.RawMessage // compact JSON
	Hash     Hash            // of the record's last frame: the head, once this record was the last
	Offset   int64           // byte offset of its first frame
	Frames   int             // how many frames it takes
}

// Drive returns the "drive" of the payload, or "" when it has none.
func (r Record) Drive() string {
	var p struct {
		Drive string `json:"drive"`
	}
	if json.Unmarshal(r.Payload, &p) != nil {
		return "" // a payload that is no object is about no drive
	}
	return p.Drive
}

// IntentPayload is written before an act.
type IntentPayload struct {
	Drive   string          `json:"drive"`
	Step    string          `json:"step"`
	Command string          `json:"command"` // the standard's name of it
	Args    json.RawMessage `json:"args,omitempty"`
}

// ProgressPayload is written only after the target's cache was flushed: all
// bytes before Offset are on the medium, but for those listed.
type ProgressPayload struct {
	Drive  string `json:"drive"`
	Step   string `json:"step"`
	Pass   int    `json:"pass"`   // from 1
	Offset int64  `json:"offset"` // bytes from the start of the medium
	Bytes  int64  `json:"bytes"`  // done in this step by this run

	// Bad and NotDone are runs of sectors before Offset, first LBA and count,
	// that failed or were passed over: a resumed run must not take them for done.
	Bad     [][2]int64 `json:"bad,omitempty"`
	NotDone [][2]int64 `json:"not_done,omitempty"`
}

// ResumedPayload is written first when a run goes on after a power cut.
type ResumedPayload struct {
	Tool       string `json:"tool"`
	Head       Hash   `json:"head"`        // the head that was found
	TornOffset int64  `json:"torn_offset"` // where the dropped tail began
	TornBytes  int64  `json:"torn_bytes"`  // how long it was; 0 for a clean end
	Store      string `json:"store"`       // which store had the longest chain
}

// StorePayload tells that a store failed or came back.
type StorePayload struct {
	Store     string `json:"store"`
	Op        string `json:"op"`         // what failed, or "reattach", "attach"
	Seq       uint64 `json:"seq"`        // detached: the first record that is not on it; reattached: the last it had
	TornBytes int64  `json:"torn_bytes"` // reattached: bytes of an unfinished write that were overwritten
	Reason    string `json:"reason,omitempty"`
}

// What can be wrong with a journal. Parse, Merge, Resume, Reattach and Append
// return them wrapped in an *Error or a *StoreError.
var (
	ErrEmpty     = errors.New("no record: the run never began")
	ErrNotOurs   = errors.New("not a journal")
	ErrVersion   = errors.New("unknown format version")
	ErrAltered   = errors.New("altered: checksum, hash or chain does not hold")
	ErrGap       = errors.New("gap: records are missing")
	ErrRewound   = errors.New("rewound: the sequence starts again or acknowledged records are gone")
	ErrForeign   = errors.New("foreign: a record of another run")
	ErrTruncated = errors.New("truncated: the file is shorter than it was made")
	ErrDiverged  = errors.New("diverged: two copies disagree")
	ErrFull      = errors.New("full")
	ErrDetached  = errors.New("not durable on every store: kept in memory")
	ErrClosed    = errors.New("closed")
	ErrTooLong   = errors.New("payload too long")
	ErrPayload   = errors.New("payload is not JSON")
)

// Error is a finding about a journal's bytes.
type Error struct {
	Kind   error  // one of the Err values above
	Offset int64  // byte offset where it was found
	Detail string // what was expected and found; may be empty
	Next   string // what to do now
}

// Error says what is wrong, where, and what to do.
func (e *Error) Error() string {
	s := fmt.Sprintf("journal: offset %d: %v", e.Offset, e.Kind)
	if e.Detail != "" {
		s += " (" + e.Detail + ")"
	}
	if e.Next != "" {
		s += "; " + e.Next
	}
	return s
}

// Unwrap gives the kind to errors.Is.
func (e *Error) Unwrap() error { return e.Kind }
