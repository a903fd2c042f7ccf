package tcg

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// PIN is a credential. It prints as its length only.
type PIN []byte

// String tells the length, never the PIN.
func (p PIN) String() string { return fmt.Sprintf("[%d characters]", len(p)) }

// Lengths that a PSID may have: a C_PIN's is at most 32 bytes, and every label
// known has all of them; a short one is half typed.
const (
	leastPSID = 16
	mostPSID  = 32
)

// ParsePSID reads what was typed or scanned from the drive's label: spaces and
// hyphens are left out, and letters become capitals, as labels print them.
func ParsePSID(typed string) (PIN, error) {
	var out PIN
	for _, r := range typed {
		switch {
		case unicode.IsSpace(r) || r == '-':
		case r >= '0' && r <= '9', r >= 'A' && r <= 'Z':
			out = append(out, byte(r))
		case r >= 'a' && r <= 'z':
			out = append(out, byte(r-'a'+'A'))
		default:
			return nil, fmt.Errorf("PSID: %q is neither a letter nor a digit: type what the label shows behind PSID", r)
		}
	}
	if len(out) < leastPSID || len(out) > mostPSID {
		return nil, fmt.Errorf("PSID: %d characters, not %d: type all that the label shows behind PSID", len(out), mostPSID)
	}
	return out, nil
}

// MSID reads the drive's default PIN, which any host may read (Opal SSC clause
// 4.2). On a drive that nobody took, it is the SID's.
func (p *TPer) MSID(ctx context.Context) (PIN, error) {
	s, err := p.Start(ctx, AdminSP, nil)
	if err != nil {
		return nil, err
	}
	v, err := s.get(ctx, PINofMSID, columnPIN)
	if end := s.End(ctx); err == nil {
		err = end
	}
	if err != nil {
		return nil, err
	}
	pin, ok := v.Octets()
	if !ok || len(pin) == 0 {
		return nil, &ParseError{"TCG C_PIN_MSID", "no PIN"}
	}
	return PIN(strings.Clone(string(pin))), nil
}

// RevertTPer returns the whole TPer to its factory state by the Admin SP's
// Revert (Opal SSC clause 5.1; feature set PSID): locking ends, and
// every media key is replaced, so that with MediaEncryption nothing that was
// written can be read any more. authority is AuthorityPSID with the label's
// PSID, or AuthoritySID with the MSID on a drive that nobody took.
//
// No error means that the TPer reported SUCCESS. A *StatusError means that it
// refused and changed nothing; after any other error the state is unknown, and
// only Level 0 Discovery and what the medium reads as can tell.
func (p *TPer) RevertTPer(ctx context.Context, authority UID, pin PIN) error {
	s, err := p.Start(ctx, AdminSP, &Credential{authority, pin})
	if err != nil {
		return err
	}
	c := newCall(AdminSP, MethodRevert)
	_, err = p.ask(ctx, "Revert", s.packet(c.done()), revertWithin)
	var refused *StatusError
	if errors.As(err, &refused) {
		// The session lives on only where the revert was refused.
		if end := s.End(ctx); end != nil && ctx.Err() != nil {
			return errors.Join(err, end)
		}
	}
	return err
}
