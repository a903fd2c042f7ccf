package rules

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Bounds of what a run can hold; a certificate beyond them is not one of ours.
const (
	maxSteps  = 256
	maxPasses = 100
	maxErrors = 1 << 16
	maxText   = 1 << 16 // bytes of one text

	maxCanaries = 1 << 20
	maxYears    = 1000
	maxDays     = 3660
)

// ErrFacts says that facts or a policy hold what no run of ours writes.
var ErrFacts = errors.New("rules: not acceptable: unknown or contradictory content, check where the file comes from")

// ParseFacts reads facts from JSON that nobody vouches for yet.
func ParseFacts(b []byte) (Facts, error) {
	var f Facts
	if err := decodeStrict(b, &f); err != nil {
		return Facts{}, fmt.Errorf("rules: parse facts: %w", err)
	}
	if err := f.Validate(); err != nil {
		return Facts{}, err
	}
	return f, nil
}

// ParsePolicy reads a policy. Signed stays false: only whoever checked the
// authority's signature sets it.
func ParsePolicy(b []byte) (Policy, error) {
	var p Policy
	if err := decodeStrict(b, &p); err != nil {
		return Policy{}, fmt.Errorf("rules: parse policy: %w", err)
	}
	if err := p.Validate(); err != nil {
		return Policy{}, err
	}
	return p, nil
}

// Validate refuses unknown words and contradictions. Derive claims nothing for
// facts that do not validate.
func (f Facts) Validate() error {
	switch {
	case !f.Medium.valid():
		return badWord("medium", f.Medium)
	case !f.Hidden.HPA.valid() || !f.Hidden.DCO.valid() || !f.Hidden.AMAC.valid():
		return badWord("hidden", f.Hidden)
	case !f.Keys.EncryptedFromFirstWrite.valid() || !f.Keys.AllCopiesErasable.valid() || !f.Keys.CommandIdentified.valid():
		return badWord("keys", f.Keys)
	case f.UserBytes > math.MaxInt64:
		return fmt.Errorf("%w: userBytes %d", ErrFacts, f.UserBytes)
	case len(f.Steps) > maxSteps:
		return fmt.Errorf("%w: %d steps", ErrFacts, len(f.Steps))
	case len(f.Errors) > maxErrors:
		return fmt.Errorf("%w: %d errors", ErrFacts, len(f.Errors))
	case f.Canaries.Planted == 0 && f.Canaries.Reason == "" && len(f.Steps) > 0:
		return fmt.Errorf("%w: no canaries planted and no reason given", ErrFacts)
	}
	for _, t := range append(slices.Clone(f.Errors), f.Canaries.Reason, f.Canaries.Seed) {
		if len(t) > maxText {
			return fmt.Errorf("%w: a text of %d bytes", ErrFacts, len(t))
		}
	}
	for i, s := range f.Steps {
		if err := s.validate(f.Canaries.Planted); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func (s Step) validate(planted uint64) error {
	switch {
	case !s.Technique.valid():
		return badWord("technique", s.Technique)
	case !s.Status.valid():
		return badWord("status", s.Status)
	case s.RandomPasses < 0 || s.RandomPasses > maxPasses || s.ConstantPasses < 0 || s.ConstantPasses > maxPasses:
		return fmt.Errorf("%w: %d random and %d constant passes", ErrFacts, s.RandomPasses, s.ConstantPasses)
	}
	if v := s.Verification; v != nil {
		if !v.Kind.valid() {
			return badWord("verification", v.Kind)
		}
		if v.Bytes > v.Of || v.Of > math.MaxInt64 || len(v.Seed) > maxText {
			return fmt.Errorf("%w: %d of %d bytes read back", ErrFacts, v.Bytes, v.Of)
		}
		if v.Kind == VerifyNone && v.Bytes != 0 {
			return fmt.Errorf("%w: %d bytes read back by no verification", ErrFacts, v.Bytes)
		}
	}
	if c := s.Canaries; c != nil {
		if planted == 0 && c.Planted == 0 && c.Read+c.Survivors > 0 {
			return fmt.Errorf("%w: %d canaries read, none planted", ErrFacts, c.Read)
		}
		if c.Survivors > c.Read {
			return fmt.Errorf("%w: %d canaries survive of %d read", ErrFacts, c.Survivors, c.Read)
		}
	}
	return nil
}

// Validate refuses what no policy can mean.
func (p Policy) Validate() error {
	if p.MinimumRow < RowNone || p.MinimumRow > Row3 {
		return fmt.Errorf("%w: policy: minimumRow %d", ErrFacts, p.MinimumRow)
	}
	for _, f := range []struct {
		name   string
		n, max int
	}{
		{"minRandomPasses", p.MinRandomPasses, maxPasses},
		{"minCanaries", p.MinCanaries, maxCanaries},
		{"retentionYears", p.RetentionYears, maxYears},
		{"destructionDays", p.DestructionDays, maxDays},
	} {
		if f.n < 0 || f.n > f.max {
			return fmt.Errorf("%w: policy: %s %d, want 0 to %d", ErrFacts, f.name, f.n, f.max)
		}
	}
	return nil
}

func badWord(what string, got any) error {
	return fmt.Errorf("%w: %s %q", ErrFacts, what, got)
}
