package rules

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// rank orders what a derivation claims; a larger number claims more.
func rank(d Derivation) [5]int {
	return [5]int{
		slices.Index([]Row{RowNone, Row3, Row2}, d.Reached),
		slices.Index([]Method{MethodNone, MethodClear, MethodPurge}, d.NIST),
		map[bool]int{true: 1}[d.Table711],
		map[bool]int{true: 1}[d.Outcome == OutcomeVerified],
		map[Paper]int{PaperIncomplete: 0, PaperStageA: 1, PaperErasedRow3: 2, PaperErasedRow2: 2}[d.Paper],
	}
}

func pickOne[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// randomFacts makes a run without anything wrong in it, so that every change
// of worsenings can only take something away.
func randomFacts(r *rand.Rand) Facts {
	if r.IntN(3) == 0 { // a run in which one claim of the table holds
		c := pickOne(r, Default().Claims...)
		f, _ := idealFor(pickOne(r, c.Techniques...), pickOne(r, c.Media...))
		return f
	}
	f := base(pickOne(r, Media()...))
	state := func() HiddenState {
		return pickOne(r, HiddenAbsent, HiddenAbsent, HiddenOpened, HiddenUnknown, HiddenPresent)
	}
	answer := func() Answer { return pickOne(r, AnswerYes, AnswerYes, AnswerYes, AnswerNo, AnswerUnknown) }
	f.Hidden = Hidden{state(), state(), state()}
	f.Keys = KeyConditions{answer(), answer(), answer()}
	f.Reallocated = pickOne(r, u64(0), u64(0), u64(3), nil)
	f.Pending = pickOne(r, u64(0), u64(0), nil)
	f.Resumed = pickOne[uint64](r, 0, 0, 0, 1)
	if r.IntN(4) == 0 {
		unplanted(&f)
	}
	for range 1 + r.IntN(3) {
		f.Steps = append(f.Steps, randomStep(r, f))
	}
	return f
}

func randomStep(r *rand.Rand, f Facts) Step {
	s := Step{
		Technique:      pickOne(r, append(Techniques(), TechOverwrite, TechOverwrite, TechATASanitizeOver)...),
		Status:         pickOne(r, StepCompleted, StepCompleted, StepCompleted, StepCompleted, StepUnconfirmed, StepRefused),
		SeenInProgress: r.IntN(2) == 0,
		Verification:   pickOne(r, fullRead(), fullRead(), sampled(), nil),
	}
	if s.Technique == TechOverwrite {
		s.RandomPasses, s.ConstantPasses = r.IntN(4), r.IntN(2)
	}
	if f.Canaries.Planted > 0 && r.IntN(4) > 0 {
		s.Canaries = gone()
		s.Canaries.Planted = pickOne[uint64](r, 0, 0, 1000)
	}
	return s
}

func randomPolicy(r *rand.Rand) Policy {
	return Policy{
		MinimumRow: pickOne(r, RowNone, RowNone, Row3, Row2, Row1), MinRandomPasses: pickOne(r, 0, 0, 0, 1, 2),
		RequireFullVerify: r.IntN(3) == 0, RequireHostVerified: r.IntN(6) == 0, RefuseCryptoErase: r.IntN(3) == 0,
		MinCanaries: pickOne(r, 0, 0, 500, 2000), SoleOverwriteForRow2: r.IntN(2) == 0, Signed: r.IntN(2) == 0,
	}
}

// worsenings take something away from a run or add something bad to it.
var worsenings = map[string]func(*rand.Rand, *Facts){
	"an error":         func(_ *rand.Rand, f *Facts) { f.Errors = append(f.Errors, "x") },
	"unwritten":        func(_ *rand.Rand, f *Facts) { f.Unwritten++ },
	"unreadable":       func(_ *rand.Rand, f *Facts) { f.Unreadable++ },
	"identity lost":    func(_ *rand.Rand, f *Facts) { f.IdentityHeld = false },
	"identity not own": func(_ *rand.Rand, f *Facts) { f.IdentityOwn = false },
	"interrupted":      func(_ *rand.Rand, f *Facts) { f.Interrupted = true },
	"resumed":          func(_ *rand.Rand, f *Facts) { f.Resumed++ },
	"journal gap":      func(_ *rand.Rand, f *Facts) { f.JournalGap = true },
	"step not completed": func(r *rand.Rand, f *Facts) {
		anyStep(r, f).Status = pickOne(r, StepUnconfirmed, StepFailed, StepInterrupted)
	},
	// Only of the last one: were an earlier one refused, the marks of the
	// beginning would speak for the next, and rightly so.
	"last step refused":     func(_ *rand.Rand, f *Facts) { f.Steps[len(f.Steps)-1].Status = StepRefused },
	"last step forgotten":   func(_ *rand.Rand, f *Facts) { f.Steps = f.Steps[:len(f.Steps)-1] },
	"marks not replanted":   func(r *rand.Rand, f *Facts) { anyCanaries(r, f).Planted = 0 },
	"too few replanted":     func(r *rand.Rand, f *Facts) { c := anyCanaries(r, f); c.Planted = min(c.Planted, 10) },
	"other parts":           func(_ *rand.Rand, f *Facts) { f.OtherParts++ },
	"verification removed":  func(r *rand.Rand, f *Facts) { anyStep(r, f).Verification = nil },
	"canary check removed":  func(r *rand.Rand, f *Facts) { anyStep(r, f).Canaries = nil },
	"canaries not all read": func(r *rand.Rand, f *Facts) { anyCanaries(r, f).Read-- },
	"canary survives":       func(r *rand.Rand, f *Facts) { anyCanaries(r, f).Survivors++ },
	"canary unreadable":     func(r *rand.Rand, f *Facts) { anyCanaries(r, f).Unreadable++ },
	"mismatch":              func(r *rand.Rand, f *Facts) { anyVerification(r, f).Mismatches++ },
	"verify unreadable":     func(r *rand.Rand, f *Facts) { anyVerification(r, f).Unreadable++ },
	"less read back":        func(r *rand.Rand, f *Facts) { anyVerification(r, f).Bytes /= 2 },
	"full to sampled":       func(r *rand.Rand, f *Facts) { *anyVerification(r, f) = *sampled() },
	"not seen at work":      func(r *rand.Rand, f *Facts) { anyStep(r, f).SeenInProgress = false },
	"pass less":             func(r *rand.Rand, f *Facts) { s := anyStep(r, f); s.RandomPasses = max(0, s.RandomPasses-1) },
	"capacity grew":         func(_ *rand.Rand, f *Facts) { f.UserBytes += 512 },
	"hidden unknown":        func(_ *rand.Rand, f *Facts) { f.Hidden.DCO = HiddenUnknown },
	"hidden empty":          func(_ *rand.Rand, f *Facts) { f.Hidden.AMAC = "" },
	"hidden present":        func(_ *rand.Rand, f *Facts) { f.Hidden.HPA = HiddenPresent },
	"key unknown":           func(_ *rand.Rand, f *Facts) { f.Keys.AllCopiesErasable = AnswerUnknown },
	"key no":                func(_ *rand.Rand, f *Facts) { f.Keys.EncryptedFromFirstWrite = AnswerNo },
	"key empty":             func(_ *rand.Rand, f *Facts) { f.Keys.CommandIdentified = "" },
	"reallocated unknown":   func(_ *rand.Rand, f *Facts) { f.Reallocated = nil },
	"reallocated":           func(_ *rand.Rand, f *Facts) { f.Reallocated = u64(1) },
	"pending unknown":       func(_ *rand.Rand, f *Facts) { f.Pending = nil },
	"canaries never planted": func(_ *rand.Rand, f *Facts) {
		unplanted(f)
		for i := range f.Steps {
			f.Steps[i].Canaries = nil
		}
	},
	"medium unknown": func(_ *rand.Rand, f *Facts) {
		if f.Medium == MediumHDD || f.Medium == MediumSSD {
			f.Medium = MediumUnknown
		}
	},
	"medium hybrid": func(_ *rand.Rand, f *Facts) {
		if f.Medium == MediumHDD || f.Medium == MediumSSD {
			f.Medium = MediumSSHD
		}
	},
	"medium nonsense": func(_ *rand.Rand, f *Facts) { f.Medium = "gramophone" },
}

func anyStep(r *rand.Rand, f *Facts) *Step { return &f.Steps[r.IntN(len(f.Steps))] }

func anyCanaries(r *rand.Rand, f *Facts) *CanaryCheck {
	if c := anyStep(r, f).Canaries; c != nil && c.Read > 0 {
		return c
	}
	return gone() // not part of f: the change has no effect
}

func anyVerification(r *rand.Rand, f *Facts) *Verification {
	if v := anyStep(r, f).Verification; v != nil {
		return v
	}
	return fullRead()
}

// stricter makes a policy ask for more.
var stricter = map[string]func(*Policy){
	"row 1":              func(p *Policy) { p.MinimumRow = Row1 },
	"row 2":              func(p *Policy) { p.MinimumRow = Row(min(max(p.MinimumRow, 1), 2)) },
	"one pass more":      func(p *Policy) { p.MinRandomPasses++ },
	"full verification":  func(p *Policy) { p.RequireFullVerify = true },
	"host-verified only": func(p *Policy) { p.RequireHostVerified = true },
	"no crypto erase":    func(p *Policy) { p.RefuseCryptoErase = true },
	"more canaries":      func(p *Policy) { p.MinCanaries += 600 },
	"no sole overwrite":  func(p *Policy) { p.SoleOverwriteForRow2 = false },
	"unsigned":           func(p *Policy) { p.Signed = false },
}

func clone(t *testing.T, f Facts) Facts {
	t.Helper()
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	var g Facts
	if err := json.Unmarshal(b, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// Nothing bad that is added, nothing good that is taken away, and no stricter
// policy ever raises a claim.
func TestDeriveMonotone(t *testing.T) {
	p := Default()
	r := rand.New(rand.NewPCG(41, 711))
	lowered := map[string]int{}
	for range 2000 {
		f, pol, row := randomFacts(r), randomPolicy(r), Row(1+r.IntN(3))
		if err := f.Validate(); err != nil {
			t.Fatal(err)
		}
		before := p.Derive(row, f, pol)
		check := func(name string, f Facts, pol Policy) {
			after := p.Derive(row, f, pol)
			a, b := rank(before), rank(after)
			for i := range a {
				if b[i] > a[i] {
					t.Fatalf("%s raised the claim from %+v to %+v\nfacts %+v\npolicy %+v", name, before, after, f, pol)
				}
			}
			if a != b {
				lowered[name]++
			}
		}
		for name, worsen := range worsenings {
			g := clone(t, f)
			worsen(r, &g)
			check(name, g, pol)
		}
		for name, ask := range stricter {
			q := pol
			ask(&q)
			check(name, f, q)
		}
	}
	for name := range worsenings {
		if lowered[name] == 0 {
			t.Errorf("%s never lowered a claim: the test does not reach it", name)
		}
	}
	for name := range stricter {
		if lowered[name] == 0 {
			t.Errorf("policy %s never lowered a claim: the test does not reach it", name)
		}
	}
}

// What holds for every derivation, whatever it was derived from.
func TestDeriveInvariants(t *testing.T) {
	p := Default()
	r := rand.New(rand.NewPCG(88, 2))
	names := slices.Sorted(mapKeys(worsenings))
	for range 4000 {
		f, pol := randomFacts(r), randomPolicy(r)
		for range r.IntN(3) {
			if len(f.Steps) > 0 {
				worsenings[pickOne(r, names...)](r, &f)
			}
		}
		d := p.Derive(Row(1+r.IntN(3)), f, pol)
		checkInvariants(t, f, pol, d)
		var back Derivation
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, d) {
			t.Fatalf("JSON round trip: %v\n%+v\n%+v", err, d, back)
		}
	}
}

func mapKeys[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func checkInvariants(t *testing.T, f Facts, pol Policy, d Derivation) {
	t.Helper()
	fail := func(what string) { t.Fatalf("%s\nfacts %+v\npolicy %+v\n%+v", what, f, pol, d) }
	switch {
	case d.Reached == Row1 || d.NIST == MethodDestroy:
		fail("software claims row (1)")
	case (d.Outcome == OutcomeVerified) != (d.Reached != RowNone):
		fail("Verified without a level, or a level without Verified")
	case (d.Basis == BasisNone) != (d.Reached == RowNone), (len(d.Items) == 0) != (d.Reached == RowNone):
		fail("level, basis and items disagree")
	case d.NIST == MethodPurge && d.Reached != Row2:
		fail("Purge below (2)")
	case d.Row == Row1 && d.Paper != PaperStageA && d.Paper != PaperIncomplete:
		fail("a completion for row (1)")
	case d.Paper == PaperErasedRow2 && d.Reached != Row2:
		fail("抹消 without reaching it")
	case pol.RequireHostVerified && d.Basis == BasisDeviceAttested:
		fail("device-attested against the policy")
	case len(d.NotClaimed) == 0:
		fail("nothing is left unclaimed")
	case d.Outcome != OutcomeVerified && len(d.Reasons) == 0:
		fail("no reason")
	}
	for _, n := range append(slices.Clone(d.Reasons), d.NotClaimed...) {
		if n.Code == "" || n.Ja == "" || n.En == "" {
			fail("a note without code or language")
		}
	}
}
