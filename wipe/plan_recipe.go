package wipe

import (
	"slices"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// builder makes the steps of one plan. It is a value over one state of the
// drive; a frozen drive is planned once more as if it were not.
type builder struct {
	in       Input
	d        devices.Device
	medium   rules.MediumKind
	row      rules.Row
	hidden   rules.Hidden // after the preparations
	canaries int          // to plant before the first step
	prefix   []PlannedStep
}

// target is the level that the steps must reach: for row (1) software does the
// 庁舎内 消去 at level (3), the rest is destruction.
func (b builder) target() rules.Row {
	if b.row == rules.Row2 {
		return rules.Row2
	}
	return rules.Row3
}

// can: the drive takes it now, this program can run it, and the rules give it
// some claim on this medium.
func (b builder) can(t rules.Technique) bool {
	return b.in.Runnable[t] && offers(b.in, b.d, t).state.IsYes() && b.counts(t)
}

// usable: and the policy accepts it.
func (b builder) usable(t rules.Technique) bool {
	return b.can(t) && !(t.IsCrypto() && b.in.Policy.RefuseCryptoErase)
}

// counts reports whether the rules know a claim for t on this medium.
func (b builder) counts(t rules.Technique) bool {
	kinds := b.in.Pack.Media[b.medium]
	return len(kinds) > 0 && !slices.ContainsFunc(kinds, func(m rules.MediumKind) bool {
		return len(b.in.Pack.ClaimsFor(t, m)) == 0
	})
}

// first gives the first usable technique of a kind, as a recipe of one step or
// of none.
func (b builder) first(is func(rules.Technique) bool) []PlannedStep {
	for _, t := range rules.Techniques() {
		if is(t) && b.usable(t) {
			return []PlannedStep{b.device(t)}
		}
	}
	return nil
}

// steps gives the steps to run and what they could claim at best: the first
// recipe that reaches the target, or else the one that claims most.
func (b builder) steps() ([]PlannedStep, rules.Derivation) {
	var best []PlannedStep
	claim := b.derive(nil)
	for _, r := range b.recipes() {
		r = b.finish(r)
		d := b.derive(r)
		if reaches(d, b.target()) {
			return r, d
		}
		// Where nothing counts, as much as can be erased is erased all the same.
		if best == nil && len(r) > 0 || claimsMore(d, claim) {
			best, claim = r, d
		}
	}
	return best, claim
}

// recipes lists what may be done, fewest passes first among what reaches the
// same. Where a crypto or block erase is offered it goes first: it is quick, and
// the overwrite behind it speaks for what the host can see.
func (b builder) recipes() [][]PlannedStep {
	overwrite := b.overwrite(b.passes())
	var out [][]PlannedStep
	if b.target() == rules.Row3 || b.in.Policy.SoleOverwriteForRow2 || len(b.prefix) > 0 {
		out = append(out, overwrite)
	}
	crypto := b.first(rules.Technique.IsCrypto)
	inside := b.first(rules.Technique.IsDeviceOverwrite)
	if b.medium == rules.MediumSSD || b.medium == rules.MediumEMMC {
		for _, erase := range [][]PlannedStep{b.first(rules.Technique.IsBlock), inside} {
			if len(erase) > 0 {
				out = append(out, joinSteps(crypto, erase, b.overwrite(b.atLeast(1))), joinSteps(crypto, erase, overwrite))
			}
		}
	} else {
		enhanced := b.first(func(t rules.Technique) bool { return t == rules.TechATAEraseEnhanced })
		for _, erase := range [][]PlannedStep{inside, enhanced} {
			if len(erase) > 0 {
				out = append(out, joinSteps(erase, b.afterDisk()))
			}
		}
	}
	return append(out, joinSteps(crypto, overwrite), overwrite)
}

// afterDisk is what follows a disk's own erase: nothing, unless the drive
// refuses it or a person wants passes on top.
func (b builder) afterDisk() []PlannedStep {
	if b.in.ExtraRandomPasses > 0 {
		return b.overwrite(b.atLeast(0))
	}
	fallback := b.overwrite(b.passes())
	for i := range fallback {
		fallback[i].Fallback = true
	}
	return fallback
}

// passes is how many random passes 表7-1-1 and the policy ask of this medium.
func (b builder) passes() int {
	if b.medium == rules.MediumHDD {
		return b.atLeast(1)
	}
	return b.atLeast(2)
}

func (b builder) atLeast(n int) int {
	return max(n, b.in.Policy.MinRandomPasses) + b.in.ExtraRandomPasses
}

func (b builder) overwrite(passes int) []PlannedStep {
	if !b.usable(rules.TechOverwrite) || passes < 1 {
		return nil
	}
	s := PlannedStep{Technique: rules.TechOverwrite, Verify: rules.VerifyFull, Canaries: true}
	// Behind a step without canaries only a full reading back speaks for it.
	if b.in.Sampled && !b.in.Policy.RequireFullVerify && len(b.prefix) == 0 {
		s.Verify = rules.VerifySampled
	}
	for range passes {
		s.Passes = append(s.Passes, PassRandom)
	}
	return []PlannedStep{s}
}

func (b builder) device(t rules.Technique) PlannedStep {
	return PlannedStep{Technique: t, Verify: rules.VerifyCanaries, Canaries: true}
}

// finish puts the prefix before a recipe and settles where canaries are read
// and where they must be planted again: the marks of the beginning say nothing
// after another technique that removes them.
func (b builder) finish(r []PlannedStep) []PlannedStep {
	r = joinSteps(b.prefix, r)
	planted := b.canaries > 0
	for i := range r {
		s := &r[i]
		switch {
		case i < len(b.prefix):
			s.Canaries, s.Verify, s.Required = false, rules.VerifyNone, true
		case i > 0 && !s.Technique.OnHost():
			s.Replant = true
		default:
			s.Canaries = planted
		}
	}
	return r
}

// derive asks the rules what a clean run of these steps could claim.
func (b builder) derive(steps []PlannedStep) rules.Derivation {
	return b.in.Pack.Derive(b.row, b.ideal(steps), b.in.Policy)
}

func joinSteps(parts ...[]PlannedStep) []PlannedStep {
	var out []PlannedStep
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

// reaches reports whether d reaches at least that level.
func reaches(d rules.Derivation, level rules.Row) bool {
	return d.Reached != rules.RowNone && d.Reached <= level
}

// claimsMore orders derivations: level, then NIST method, then 表7-1-1.
func claimsMore(a, b rules.Derivation) bool {
	rank := func(d rules.Derivation) int {
		n := map[rules.Row]int{rules.Row2: 8, rules.Row3: 4}[d.Reached]
		n += map[rules.Method]int{rules.MethodPurge: 2, rules.MethodClear: 1}[d.NIST] * 2
		if d.Table711 {
			n++
		}
		return n
	}
	return rank(a) > rank(b)
}
