package rules

import (
	"slices"
	"testing"
)

// spoilers break exactly one condition of a run that met them all.
var spoilers = map[Condition]func(*Facts, *Policy){
	NeedOverwriteVerified: func(f *Facts, _ *Policy) { f.Steps[0].Verification = nil },
	NeedRandom1:           func(f *Facts, _ *Policy) { f.Steps[0].RandomPasses, f.Steps[0].ConstantPasses = 0, 2 },
	NeedRandom2:           func(f *Facts, _ *Policy) { f.Steps[0].RandomPasses, f.Steps[0].ConstantPasses = 1, 1 },
	NeedHiddenReached:     func(f *Facts, _ *Policy) { f.Hidden.HPA = HiddenUnknown },
	NeedNoReallocated:     func(f *Facts, _ *Policy) { f.Reallocated = nil },
	NeedDeviceEvidence:    func(f *Facts, _ *Policy) { f.Steps[0].Canaries, f.Steps[0].Verification = nil, nil },
	NeedCanariesGone:      func(f *Facts, _ *Policy) { f.Steps[0].Canaries = nil },
	NeedFullReadBack:      func(f *Facts, _ *Policy) { f.Steps[0].Verification = sampled() },
	NeedKeyConditions:     func(f *Facts, _ *Policy) { f.Keys.CommandIdentified = AnswerUnknown },
	NeedPolicyCrypto:      func(_ *Facts, p *Policy) { p.RefuseCryptoErase = true },
	NeedPolicySole:        func(_ *Facts, p *Policy) { p.Signed = false },
}

// idealFor is a run in which claim c holds, on medium m by technique tech.
func idealFor(tech Technique, m MediumKind) (Facts, Policy) {
	s := Step{Technique: tech, Status: StepCompleted, Verification: fullRead(), Canaries: gone(), SeenInProgress: true}
	if tech == TechOverwrite {
		s.RandomPasses = 2
	}
	return base(m, s), Policy{SoleOverwriteForRow2: true, Signed: true}
}

// only is the pack with nothing but one claim in its table.
func only(c Claim) *Pack {
	p := Default()
	p.Claims = []Claim{c}
	return p
}

// Every condition of every claim carries weight: with it broken the claim is
// gone, and a table that forgot it would claim all the same.
func TestEveryConditionOfEveryClaimMatters(t *testing.T) {
	for _, c := range Default().Claims {
		for _, tech := range c.Techniques {
			for _, m := range c.Media {
				for _, need := range c.Needs {
					t.Run(c.ID+"/"+string(tech)+"/"+string(m)+"/"+string(need), func(t *testing.T) {
						f, pol := idealFor(tech, m)
						claims := func(c Claim) bool { return only(c).Derive(Row2, f, pol).NIST == c.NIST }
						if !claims(c) {
							t.Fatal("does not hold in an ideal run")
						}
						spoil, ok := spoilers[need]
						if !ok {
							t.Fatalf("no spoiler for %s", need)
						}
						spoil(&f, &pol)
						if claims(c) {
							t.Error("holds with the condition broken")
						}
						mutant := c
						mutant.Needs = slices.DeleteFunc(slices.Clone(c.Needs), func(n Condition) bool { return n == need })
						if !claims(mutant) {
							t.Error("a table without the condition claims nothing either: the condition carries no weight")
						}
					})
				}
			}
		}
	}
}

// The same for the code behind the conditions: each of these mutants of
// needDeviceEvidence and its kin must be told apart from the real one.
func TestMutantsOfConditionsAreCaught(t *testing.T) {
	block := func() Facts { return base(MediumSSD, device(TechATASanitizeBlock, gone())) }
	for _, c := range []struct {
		name   string
		need   Condition
		mutant func(evidence) (bool, Note)
		f      Facts
	}{
		{"dropped status", NeedDeviceEvidence,
			func(e evidence) (bool, Note) { return canariesGone(e), Note{} },
			with(block(), func(f *Facts) { f.Steps[0].Status = StepUnconfirmed })},
		{"canaries counted, not compared", NeedDeviceEvidence,
			func(e evidence) (bool, Note) { return e.step.Canaries != nil, Note{} },
			with(block(), func(f *Facts) { f.Steps[0].Canaries = &CanaryCheck{Read: 10} })},
		{"idle taken for done", NeedDeviceEvidence,
			func(e evidence) (bool, Note) { return overwrittenAndReadBack(e.f), Note{} },
			with(base(MediumSSD, device(TechATASanitizeBlock, nil), overwrite(2, fullRead())), unplanted)},
		{"unknown taken for absent", NeedHiddenReached,
			func(e evidence) (bool, Note) { return e.f.Hidden.HPA != HiddenPresent, Note{} },
			with(base(MediumHDD, device(TechATASanitizeOver, gone())), hiddenUnknown)},
		{"unsigned policy believed", NeedPolicySole,
			func(e evidence) (bool, Note) { return e.pol.SoleOverwriteForRow2, Note{} },
			base(MediumHDD, overwrite(1, fullRead()))},
	} {
		t.Run(c.name, func(t *testing.T) {
			pol := Policy{SoleOverwriteForRow2: true}
			honest := Default().Derive(Row2, c.f, pol)
			real := conditions[c.need]
			conditions[c.need] = c.mutant
			defer func() { conditions[c.need] = real }()
			if mutated := Default().Derive(Row2, c.f, pol); !mutated.Reached.stricterThan(honest.Reached) {
				t.Errorf("the mutant reaches (%d), the real condition (%d): not told apart", mutated.Reached, honest.Reached)
			}
		})
	}
}
