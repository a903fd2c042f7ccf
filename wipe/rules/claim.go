package rules

import (
	"errors"
	"fmt"
	"slices"
)

// Condition is one thing that must be shown before a claim holds.
type Condition string

// The conditions. What each asks for is in conditions.go.
const (
	NeedOverwriteVerified Condition = "overwrite-verified"
	NeedRandom1           Condition = "random-1"
	NeedRandom2           Condition = "random-2"
	NeedHiddenReached     Condition = "hidden-reached"
	NeedNoReallocated     Condition = "no-reallocated"
	NeedDeviceEvidence    Condition = "device-evidence"
	NeedCanariesGone      Condition = "canaries-gone"
	NeedFullReadBack      Condition = "full-read-back"
	NeedKeyConditions     Condition = "key-conditions"
	NeedPolicyCrypto      Condition = "policy-crypto"
	NeedPolicySole        Condition = "policy-sole-overwrite"
)

// Claim is one line of the claims table: a technique that ran on a medium of
// this kind, and for which everything in Needs was shown, may claim the rest.
type Claim struct {
	ID         string       `json:"id"`
	Mark       string       `json:"mark"`
	Techniques []Technique  `json:"techniques"`
	Media      []MediumKind `json:"media"`
	Needs      []Condition  `json:"needs"`
	Row        Row          `json:"row"`  // Row2, Row3, or RowNone: a label only
	Item       string       `json:"item"` // "③", "④", "⑤", ItemAllOverwrite or empty
	NIST       Method       `json:"nist"`
	Table711   bool         `json:"table711,omitempty"`
	Basis      Basis        `json:"basis"`
	Why        *Note        `json:"why,omitempty"`
}

// ItemAllOverwrite is the item of row (3) that is none of ①–⑤.
const ItemAllOverwrite = "全領域上書き"

// ClaimsFor lists the claims that a technique may make on a kind of medium, in
// the table's order. A hybrid or unknown medium has none of its own: see Media.
func (p *Pack) ClaimsFor(t Technique, m MediumKind) []Claim {
	var out []Claim
	for _, c := range p.Claims {
		if slices.Contains(c.Techniques, t) && slices.Contains(c.Media, m) {
			out = append(out, c)
		}
	}
	return out
}

// MethodAllowed says whether a method ①–⑤ may be used on a kind of medium,
// and why not. An item that is not in the table is not allowed.
func (p *Pack) MethodAllowed(item string, m MediumKind) (bool, Note) {
	t, ok := p.Method(item)
	if !ok || !m.valid() {
		return false, note("method-unknown", "図表41にない方法、または不明な媒体の種類である。",
			"Not a method of 図表41, or not a known kind of medium.")
	}
	if slices.Contains(t.RefusedOn, m) {
		return false, *t.Why
	}
	return true, Note{}
}

// validate refuses a pack that the functions of this package could misread.
func (p *Pack) validate() error {
	if p.Schema != packSchema {
		return fmt.Errorf("schema %q, want %q", p.Schema, packSchema)
	}
	if p.ID == "" || p.Edition == "" || p.Source == "" || p.NewerEdition.Ja == "" || p.NewerEdition.En == "" {
		return errors.New("id, edition, source and newerEdition are needed")
	}
	for _, r := range []Row{Row1, Row2, Row3} {
		if t, ok := p.Row(r); !ok || t.Verb == "" || t.Class == "" || t.Disposal == "" || t.Assurance == "" {
			return fmt.Errorf("row (%d) of %s is missing or empty", r, p.Table41.Number)
		}
	}
	for _, item := range []string{"①", "②", "③", "④", "⑤"} {
		m, ok := p.Method(item)
		if !ok || m.Text == "" || len(m.RefusedOn) > 0 && m.Why == nil {
			return fmt.Errorf("method %s is missing, empty or refused without a reason", item)
		}
	}
	if err := p.validateMedia(); err != nil {
		return err
	}
	for i, c := range p.Claims {
		if err := c.validate(); err != nil {
			return fmt.Errorf("claim %d (%s): %w", i, c.ID, err)
		}
	}
	return nil
}

// validateMedia checks that every kind resolves to kinds with claims of their own.
func (p *Pack) validateMedia() error {
	for k, of := range p.Media {
		if !k.valid() || len(of) == 0 {
			return fmt.Errorf("medium %q is unknown or stands for nothing", k)
		}
		for _, m := range of {
			if base := p.Media[m]; len(base) != 1 || base[0] != m {
				return fmt.Errorf("medium %q stands for %q, which does not stand for itself", k, m)
			}
		}
	}
	return nil
}

func (c Claim) validate() error {
	if c.ID == "" || len(c.Techniques) == 0 || len(c.Media) == 0 || len(c.Needs) == 0 {
		return errors.New("id, techniques, media and needs are needed")
	}
	for _, t := range c.Techniques {
		if !t.valid() {
			return fmt.Errorf("technique %q is unknown", t)
		}
		// Only what the host wrote and read back itself is the host's word.
		if (t == TechOverwrite) != (c.Basis == BasisHostVerified) {
			return fmt.Errorf("basis %q for %s", c.Basis, t)
		}
	}
	for _, m := range c.Media {
		if !m.valid() {
			return fmt.Errorf("medium %q is unknown", m)
		}
	}
	for _, n := range c.Needs {
		if _, ok := conditions[n]; !ok {
			return fmt.Errorf("condition %q is unknown", n)
		}
	}
	return c.validateLevel()
}

// validateLevel keeps software from ever claiming row (1), ① or ②.
func (c Claim) validateLevel() error {
	switch {
	case c.NIST != MethodClear && c.NIST != MethodPurge:
		return fmt.Errorf("NIST method %q", c.NIST)
	case c.Basis != BasisHostVerified && c.Basis != BasisDeviceAttested:
		return fmt.Errorf("basis %q", c.Basis)
	case c.Row == Row2 && slices.Contains([]string{"③", "④", "⑤"}, c.Item):
		return nil
	case c.Row == Row3 && c.Item == ItemAllOverwrite:
		return nil
	case c.Row == RowNone && c.Item == "" && c.Why != nil:
		return nil
	}
	return fmt.Errorf("row (%d) with item %q", c.Row, c.Item)
}
