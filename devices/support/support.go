// Package support says whether something is so: yes, no, or not known.
//
// The zero value is Unknown, and Unknown never means Yes: a field that nobody
// filled, a register that a bridge did not pass, and a word that a standard
// calls invalid all end here.
package support

import "fmt"

// State is yes, no or unknown. The zero value is Unknown.
type State uint8

// The three states.
const (
	Unknown State = iota
	No
	Yes
)

// Of turns a bit that is known to be valid into Yes or No.
func Of(b bool) State {
	if b {
		return Yes
	}
	return No
}

// IsYes reports whether s is known to be so.
func (s State) IsYes() bool { return s == Yes }

// IsNo reports whether s is known not to be so.
func (s State) IsNo() bool { return s == No }

// String is "yes", "no" or "unknown".
func (s State) String() string {
	switch s {
	case Yes:
		return "yes"
	case No:
		return "no"
	default:
		return "unknown"
	}
}

// MarshalText writes the word of String.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word of String. Any other word is an error: it must
// not silently become Unknown.
func (s *State) UnmarshalText(b []byte) error {
	switch string(b) {
	case "yes":
		*s = Yes
	case "no":
		*s = No
	case "unknown":
		*s = Unknown
	default:
		return fmt.Errorf("support: %q is not yes, no or unknown", b)
	}
	return nil
}
