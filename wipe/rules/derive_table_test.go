package rules

import (
	"slices"
	"testing"
)

const userBytes = 1 << 30

func u64(n uint64) *uint64 { return &n }

// fullRead and sampled are readings back that found nothing else.
func fullRead() *Verification {
	return &Verification{Kind: VerifyFull, Bytes: userBytes, Of: userBytes}
}

func sampled() *Verification {
	return &Verification{Kind: VerifySampled, Bytes: userBytes / 8, Of: userBytes, Seed: "5eed"}
}

func gone() *CanaryCheck { return &CanaryCheck{Read: 1000, AfterReset: true} }

// again is a check of marks that were planted once more before this step.
func again() *CanaryCheck { return &CanaryCheck{Read: 1000, AfterReset: true, Planted: 1000} }

func overwrite(random int, v *Verification) Step {
	return Step{Technique: TechOverwrite, RandomPasses: random, Status: StepCompleted, Verification: v}
}

func device(t Technique, c *CanaryCheck) Step {
	return Step{Technique: t, Status: StepCompleted, Canaries: c}
}

// base is a run on a good drive: everything known, nothing wrong, no steps yet.
func base(m MediumKind, steps ...Step) Facts {
	return Facts{
		Medium: m, IdentityOwn: true, IdentityHeld: true, UserBytes: userBytes, Steps: steps,
		Hidden:      Hidden{HiddenAbsent, HiddenOpened, HiddenAbsent},
		Canaries:    Canaries{Planted: 1000, Seed: "0123"},
		Keys:        KeyConditions{AnswerYes, AnswerYes, AnswerYes},
		Reallocated: u64(0), Pending: u64(0),
	}
}

func with(f Facts, change ...func(*Facts)) Facts {
	for _, c := range change {
		c(&f)
	}
	return f
}

func hiddenUnknown(f *Facts) { f.Hidden = Hidden{} }
func unplanted(f *Facts)     { f.Canaries = Canaries{Reason: "locked"} }
func keysUnknown(f *Facts)   { f.Keys.AllCopiesErasable = AnswerUnknown }

// The claims table of facts/disposal-rules.md §4, written by hand: this is the
// specification, and the goldens beside it are only the whole of its area.
func TestDeriveClaimsTable(t *testing.T) {
	sole := Policy{SoleOverwriteForRow2: true, Signed: true}
	type want struct {
		reached Row
		item    string
		nist    Method
		t711    bool
		basis   Basis
	}
	none := want{RowNone, "", MethodNone, false, BasisNone}
	host3 := want{Row3, ItemAllOverwrite, MethodClear, true, BasisHostVerified}
	host3no711 := want{Row3, ItemAllOverwrite, MethodClear, false, BasisHostVerified}
	dev3 := want{Row3, ItemAllOverwrite, MethodClear, false, BasisDeviceAttested}
	purge := func(item string) want { return want{Row2, item, MethodPurge, false, BasisDeviceAttested} }
	purge711 := func(item string) want { return want{Row2, item, MethodPurge, true, BasisDeviceAttested} }
	label := func(t711 bool) want { return want{RowNone, "", MethodClear, t711, BasisNone} }

	for _, c := range []struct {
		name string
		f    Facts
		pol  Policy
		want want
	}{
		{"hdd overwrite, hidden unknown", with(base(MediumHDD, overwrite(1, fullRead())), hiddenUnknown), Policy{}, host3},
		{"hdd overwrite, hidden unknown, sole policy", with(base(MediumHDD, overwrite(1, fullRead())), hiddenUnknown), sole, host3},
		{"hdd overwrite, hidden reached", base(MediumHDD, overwrite(1, fullRead())), Policy{}, host3},
		{"hdd overwrite, hidden reached, signed sole policy", base(MediumHDD, overwrite(1, fullRead())), sole, want{Row2, "③", MethodClear, true, BasisHostVerified}},
		{"hdd overwrite, unsigned sole policy", base(MediumHDD, overwrite(1, fullRead())), Policy{SoleOverwriteForRow2: true}, host3},
		{"hdd overwrite, sole policy, reallocated 1", with(base(MediumHDD, overwrite(1, fullRead())), func(f *Facts) { f.Reallocated = u64(1) }), sole, host3},
		{"hdd overwrite, sole policy, reallocated not reported", with(base(MediumHDD, overwrite(1, fullRead())), func(f *Facts) { f.Reallocated = nil }), sole, host3},
		{"hdd overwrite, sole policy, pending 1", with(base(MediumHDD, overwrite(1, fullRead())), func(f *Facts) { f.Pending = u64(1) }), sole, host3},
		{"hdd overwrite, sole policy, pending not reported", with(base(MediumHDD, overwrite(1, fullRead())), func(f *Facts) { f.Pending = nil }), sole, host3},
		{"hdd overwrite, sole policy, constant pass", base(MediumHDD, Step{Technique: TechOverwrite, ConstantPasses: 1, Status: StepCompleted, Verification: fullRead()}), sole, host3no711},
		{"hdd overwrite sampled", base(MediumHDD, overwrite(1, sampled())), Policy{}, host3},
		{"hdd overwrite unverified", base(MediumHDD, overwrite(1, nil)), Policy{}, none},
		{"ssd overwrite once", base(MediumSSD, overwrite(1, fullRead())), Policy{}, host3no711},
		{"ssd overwrite twice", base(MediumSSD, overwrite(2, fullRead())), Policy{}, host3},
		{"ssd overwrite twice, sole policy", base(MediumSSD, overwrite(2, fullRead())), sole, host3},
		{"usb overwrite once", base(MediumUSBFlash, overwrite(1, fullRead())), Policy{}, none},
		{"usb overwrite twice", base(MediumUSBFlash, overwrite(2, fullRead())), Policy{}, host3},
		{"sd overwrite twice", base(MediumSD, overwrite(2, fullRead())), Policy{}, host3},
		{"unknown overwrite once", base(MediumUnknown, overwrite(1, fullRead())), Policy{}, host3no711},
		{"unknown overwrite twice", base(MediumUnknown, overwrite(2, fullRead())), Policy{}, host3},
		{"sshd overwrite, sole policy", base(MediumSSHD, overwrite(2, fullRead())), sole, host3},

		{"hdd normal erase unit, full read-back", base(MediumHDD, Step{Technique: TechATAErase, Status: StepCompleted, Verification: fullRead(), Canaries: gone()}), Policy{}, dev3},
		{"hdd normal erase unit, canaries only", base(MediumHDD, device(TechATAErase, gone())), Policy{}, none},
		{"hdd normal erase unit, hidden unknown", with(base(MediumHDD, Step{Technique: TechATAErase, Status: StepCompleted, Verification: fullRead()}), hiddenUnknown), Policy{}, none},
		{"hdd enhanced erase unit", base(MediumHDD, device(TechATAEraseEnhanced, gone())), Policy{}, purge("③")},
		{"hdd enhanced erase unit, hidden unknown", with(base(MediumHDD, device(TechATAEraseEnhanced, gone())), hiddenUnknown), Policy{}, dev3},
		{"hdd sanitize overwrite", base(MediumHDD, device(TechATASanitizeOver, gone())), Policy{}, purge("③")},
		{"hdd scsi sanitize overwrite", base(MediumHDD, device(TechSCSISanitizeOver, gone())), Policy{}, purge("③")},
		{"hdd sanitize block erase", base(MediumHDD, device(TechATASanitizeBlock, gone())), Policy{}, none},
		{"ssd sanitize overwrite", base(MediumSSD, device(TechATASanitizeOver, gone())), Policy{}, purge("③")},
		{"nvme sanitize overwrite", base(MediumSSD, device(TechNVMeSanitizeOver, gone())), Policy{}, purge("③")},
		{"ssd sanitize block erase", base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{}, purge("④")},
		{"ssd sanitize block erase, hidden unknown", with(base(MediumSSD, device(TechATASanitizeBlock, gone())), hiddenUnknown), Policy{}, purge("④")},
		{"emmc erase and sanitize", base(MediumEMMC, device(TechMMCEraseAndSanitize, gone())), Policy{}, purge("④")},
		{"ssd crypto, all conditions", base(MediumSSD, device(TechNVMeSanitizeCrypto, gone())), Policy{}, purge("⑤")},
		{"hdd tcg revert, all conditions", base(MediumHDD, device(TechTCGRevert, gone())), Policy{}, purge("⑤")},
		{"ssd crypto, a condition unknown", with(base(MediumSSD, device(TechNVMeSanitizeCrypto, gone())), keysUnknown), Policy{}, none},
		{"ssd crypto unknown, block as well, marks planted again", with(base(MediumSSD, device(TechNVMeSanitizeCrypto, gone()), device(TechNVMeSanitizeBlock, again())), keysUnknown), Policy{}, purge("④")},
		{"ssd crypto unknown, block as well, marks of the beginning", with(base(MediumSSD, device(TechNVMeSanitizeCrypto, gone()), device(TechNVMeSanitizeBlock, gone())), keysUnknown), Policy{}, none},
		{"ssd crypto unknown, block seen at work, overwritten", with(base(MediumSSD, device(TechNVMeSanitizeCrypto, gone()), Step{Technique: TechNVMeSanitizeBlock, Status: StepCompleted, SeenInProgress: true}, overwrite(1, fullRead())), keysUnknown), Policy{}, purge("④")},
		{"block after an overwrite, marks of the beginning", base(MediumSSD, overwrite(1, sampled()), device(TechATASanitizeBlock, gone())), Policy{}, host3no711},
		{"block after a refused step", base(MediumSSD, Step{Technique: TechATASanitizeCrypto, Status: StepRefused}, device(TechATASanitizeBlock, gone())), Policy{}, purge("④")},
		{"overwrite of one of two namespaces", with(base(MediumSSD, overwrite(2, fullRead())), func(f *Facts) { f.OtherParts = 1 }), Policy{}, none},
		{"sanitize block with two namespaces", with(base(MediumSSD, device(TechNVMeSanitizeBlock, gone())), func(f *Facts) { f.OtherParts = 1 }), Policy{}, purge("④")},
		{"ssd crypto unknown, overwrite as well", with(base(MediumSSD, device(TechNVMeSanitizeCrypto, gone()), overwrite(2, fullRead())), keysUnknown), Policy{}, host3},
		{"ssd crypto, policy refuses", base(MediumSSD, device(TechNVMeSanitizeCrypto, gone())), Policy{RefuseCryptoErase: true}, none},
		{"ssd crypto, no canaries, overwritten", with(base(MediumSSD, Step{Technique: TechNVMeSanitizeCrypto, Status: StepCompleted, SeenInProgress: true}, overwrite(2, fullRead())), unplanted), Policy{}, host3},
		{"ssd erase unit", base(MediumSSD, device(TechATAErase, gone())), Policy{}, label(true)},
		{"ssd enhanced erase unit", base(MediumSSD, device(TechATAEraseEnhanced, gone())), Policy{}, label(true)},
		{"ssd erase unit and overwrite", base(MediumSSD, device(TechATAErase, gone()), overwrite(1, fullRead())), Policy{}, host3},
		{"unknown erase unit", base(MediumUnknown, device(TechATAErase, gone())), Policy{}, none},
		{"unknown enhanced erase unit", base(MediumUnknown, device(TechATAEraseEnhanced, gone())), Policy{}, label(false)},
		{"unknown sanitize overwrite", base(MediumUnknown, device(TechATASanitizeOver, gone())), Policy{}, purge("③")},
		{"unknown sanitize block erase", base(MediumUnknown, device(TechATASanitizeBlock, gone())), Policy{}, none},
		{"nvme format ses 1", base(MediumSSD, device(TechNVMeFormatUserData, gone())), Policy{}, label(false)},
		{"nvme format ses 2", base(MediumSSD, device(TechNVMeFormatCrypto, gone())), Policy{}, label(false)},
		{"nvme format and overwrite", base(MediumSSD, device(TechNVMeFormatUserData, gone()), overwrite(1, fullRead())), Policy{}, host3no711},
		{"scsi format unit", base(MediumHDD, device(TechSCSIFormat, gone())), Policy{}, label(false)},
		{"usb sanitize block erase", base(MediumUSBFlash, device(TechSCSISanitizeBlock, gone())), Policy{}, none},

		{"block, no canaries", with(base(MediumSSD, device(TechATASanitizeBlock, nil)), unplanted), Policy{}, none},
		{"block, no canaries, overwritten, never seen at work", with(base(MediumSSD, device(TechATASanitizeBlock, nil), overwrite(2, fullRead())), unplanted), Policy{}, host3},
		{"block, no canaries, overwritten, seen at work", with(base(MediumSSD, Step{Technique: TechATASanitizeBlock, Status: StepCompleted, SeenInProgress: true}, overwrite(1, fullRead())), unplanted), Policy{}, purge("④")},
		{"block, no canaries, overwritten and sampled only", with(base(MediumSSD, Step{Technique: TechATASanitizeBlock, Status: StepCompleted, SeenInProgress: true}, overwrite(1, sampled())), unplanted), Policy{}, host3no711},
		{"block, too few canaries", with(base(MediumSSD, device(TechATASanitizeBlock, &CanaryCheck{Read: 999})), func(f *Facts) { f.Canaries.Planted = 999 }), Policy{}, none},
		{"block, too few canaries for the policy", base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{MinCanaries: 3000}, none},
		{"block, not all canaries read", base(MediumSSD, device(TechATASanitizeBlock, &CanaryCheck{Read: 999})), Policy{}, none},
		{"block, canaries not read", base(MediumSSD, device(TechATASanitizeBlock, nil)), Policy{}, none},
		{"block, host-verified only", base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{RequireHostVerified: true}, none},
		{"block and overwrite, host-verified only", base(MediumSSD, device(TechATASanitizeBlock, gone()), overwrite(1, fullRead())), Policy{RequireHostVerified: true}, host3no711},
		{"overwrite, full verification asked", base(MediumHDD, overwrite(1, sampled())), Policy{RequireFullVerify: true}, none},
		{"overwrite, three passes asked, two made", base(MediumHDD, overwrite(2, fullRead())), Policy{MinRandomPasses: 3}, none},
		{"overwrite resumed, sampled", with(base(MediumHDD, overwrite(1, sampled())), func(f *Facts) { f.Resumed = 1 }), Policy{}, none},
		{"overwrite resumed, full", with(base(MediumHDD, overwrite(1, fullRead())), func(f *Facts) { f.Resumed = 1 }), Policy{}, host3},
		{"overwrite, journal gap, sampled", with(base(MediumHDD, overwrite(1, sampled())), func(f *Facts) { f.JournalGap = true }), Policy{}, none},
		{"block, journal gap", with(base(MediumSSD, device(TechATASanitizeBlock, gone())), func(f *Facts) { f.JournalGap = true }), Policy{}, none},
		{"sampled below a tenth", base(MediumHDD, overwrite(1, &Verification{Kind: VerifySampled, Bytes: userBytes / 11, Of: userBytes, Seed: "1"})), Policy{}, none},
		{"sampled without a seed", base(MediumHDD, overwrite(1, &Verification{Kind: VerifySampled, Bytes: userBytes / 2, Of: userBytes})), Policy{}, none},
		{"full read of another size", base(MediumHDD, overwrite(1, &Verification{Kind: VerifyFull, Bytes: userBytes / 2, Of: userBytes / 2})), Policy{}, none},
		{"full read that is not full", base(MediumHDD, overwrite(1, &Verification{Kind: VerifyFull, Bytes: userBytes - 512, Of: userBytes})), Policy{}, none},
		{"canaries are no verification of an overwrite", base(MediumHDD, overwrite(1, &Verification{Kind: VerifyCanaries, Bytes: userBytes, Of: userBytes})), Policy{}, none},
		{"unconfirmed block, overwritten", base(MediumSSD, Step{Technique: TechATASanitizeBlock, Status: StepUnconfirmed}, overwrite(2, fullRead())), Policy{}, host3},
		{"enhanced erase unit and a sole overwrite: Purge is the device's word", base(MediumHDD, device(TechATAEraseEnhanced, gone()), overwrite(1, fullRead())), sole, purge711("③")},
		{"refused block, overwritten", base(MediumSSD, Step{Technique: TechATASanitizeBlock, Status: StepRefused, Canaries: &CanaryCheck{Read: 1000, Survivors: 1000}}, overwrite(2, fullRead())), Policy{}, host3},
		{"interrupted erase run again", base(MediumHDD, Step{Technique: TechATAEraseEnhanced, Status: StepInterrupted}, device(TechATAEraseEnhanced, gone())), Policy{}, purge("③")},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.f.Validate(); err != nil {
				t.Fatal(err)
			}
			d := Default().Derive(Row2, c.f, c.pol)
			got := want{d.Reached, "", d.NIST, d.Table711, d.Basis}
			if len(d.Items) > 0 {
				got.item = d.Items[0]
			}
			if got != c.want || len(d.Items) > 1 {
				t.Errorf("got %+v %v, want %+v\nreasons %v", got, d.Items, c.want, d.Reasons)
			}
			if wantVerified := c.want.reached != RowNone; (d.Outcome == OutcomeVerified) != wantVerified {
				t.Errorf("outcome %s for reached (%d)", d.Outcome, d.Reached)
			}
		})
	}
}

// Whatever goes wrong, nothing is claimed, and the outcome has its own name.
func TestDeriveObstacles(t *testing.T) {
	for _, c := range []struct {
		name   string
		spoil  func(*Facts)
		want   Outcome
		reason string
	}{
		{"an error", func(f *Facts) { f.Errors = []string{"x"} }, OutcomeFailed, "errors"},
		{"unwritten sector", func(f *Facts) { f.Unwritten = 1 }, OutcomeFailed, "unwritten"},
		{"unreadable sector", func(f *Facts) { f.Unreadable = 1 }, OutcomeFailed, "unreadable"},
		{"surviving canary", func(f *Facts) { f.Steps[0].Canaries.Survivors = 1 }, OutcomeFailed, "canary-survived"},
		{"unreadable canary", func(f *Facts) { f.Steps[0].Canaries.Unreadable = 1 }, OutcomeFailed, "canary-unreadable"},
		{"surviving canary of an unconfirmed step", func(f *Facts) { f.Steps[0].Status = StepUnconfirmed; f.Steps[0].Canaries.Survivors = 1 }, OutcomeFailed, "canary-survived"},
		{"mismatch", func(f *Facts) { f.Steps[1].Verification.Mismatches = 1 }, OutcomeFailed, "mismatch"},
		{"unreadable in verification", func(f *Facts) { f.Steps[1].Verification.Unreadable = 1 }, OutcomeFailed, "verify-unreadable"},
		{"failed step", func(f *Facts) { f.Steps[0].Status = StepFailed }, OutcomeFailed, "step-failed"},
		{"identity lost", func(f *Facts) { f.IdentityHeld = false }, OutcomeFailed, "identity-lost"},
		{"identity not its own", func(f *Facts) { f.IdentityOwn = false }, OutcomeNotSanitizable, "identity-not-own"},
		{"optical", func(f *Facts) { f.Medium = MediumOptical }, OutcomeNotSanitizable, "medium-destroy-only"},
		{"interrupted", func(f *Facts) { f.Interrupted = true }, OutcomeInterrupted, "interrupted"},
		{"interrupted step", func(f *Facts) { f.Steps[0].Status = StepInterrupted }, OutcomeInterrupted, "step-interrupted"},
		{"interrupted overwrite, never again", func(f *Facts) { f.Steps[1].Status = StepInterrupted }, OutcomeInterrupted, "step-interrupted"},
		{"nothing run", func(f *Facts) { f.Steps = nil }, OutcomeNotSanitizable, "nothing-run"},
		{"all refused", func(f *Facts) { f.Steps = []Step{{Technique: TechOverwrite, Status: StepRefused}} }, OutcomeNotSanitizable, "all-refused"},
		{"a word unknown", func(f *Facts) { f.Steps[0].Status = "done" }, OutcomeFailed, "facts-invalid"},
		{"interrupted and an error", func(f *Facts) { f.Interrupted = true; f.Errors = []string{"x"} }, OutcomeFailed, "interrupted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := base(MediumSSD, device(TechATASanitizeBlock, gone()), overwrite(2, fullRead()))
			if d := Default().Derive(Row2, f, Policy{}); d.Outcome != OutcomeVerified || d.Reached != Row2 {
				t.Fatalf("the good run: %+v", d)
			}
			c.spoil(&f)
			d := Default().Derive(Row2, f, Policy{})
			if d.Outcome != c.want {
				t.Errorf("outcome %s, want %s", d.Outcome, c.want)
			}
			if d.Reached != RowNone || d.NIST != MethodNone || d.Table711 || d.Basis != BasisNone || len(d.Items) != 0 || d.Paper != PaperIncomplete {
				t.Errorf("claims something: %+v", d)
			}
			if !slices.ContainsFunc(d.Reasons, func(n Note) bool { return n.Code == c.reason }) {
				t.Errorf("reasons %v, want %s", d.Reasons, c.reason)
			}
		})
	}
}

func TestDerivePaper(t *testing.T) {
	for _, c := range []struct {
		name string
		row  Row
		f    Facts
		pol  Policy
		is   Row
		want Paper
	}{
		{"row 1, reached (2)", Row1, base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{}, Row1, PaperStageA},
		{"row 1, reached (3)", Row1, base(MediumHDD, overwrite(1, fullRead())), Policy{}, Row1, PaperStageA},
		{"row 1, reached none", Row1, base(MediumHDD, overwrite(1, nil)), Policy{}, Row1, PaperIncomplete},
		{"row 2, reached (2)", Row2, base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{}, Row2, PaperErasedRow2},
		{"row 2, reached (3)", Row2, base(MediumHDD, overwrite(1, fullRead())), Policy{}, Row2, PaperStageA},
		{"row 2, reached none", Row2, base(MediumHDD, overwrite(1, nil)), Policy{}, Row2, PaperIncomplete},
		{"row 3, reached (2)", Row3, base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{}, Row3, PaperErasedRow3},
		{"row 3, reached (3)", Row3, base(MediumHDD, overwrite(1, fullRead())), Policy{}, Row3, PaperErasedRow3},
		{"row 3, policy makes it 2", Row3, base(MediumHDD, overwrite(1, fullRead())), Policy{MinimumRow: Row2}, Row2, PaperStageA},
		{"row 2, policy makes it 1", Row2, base(MediumSSD, device(TechATASanitizeBlock, gone())), Policy{MinimumRow: Row1}, Row1, PaperStageA},
		{"row 1, policy says 3", Row1, base(MediumHDD, overwrite(1, fullRead())), Policy{MinimumRow: Row3}, Row1, PaperStageA},
		{"no row", RowNone, base(MediumHDD, overwrite(1, fullRead())), Policy{}, Row1, PaperStageA},
		{"row 9", 9, base(MediumHDD, overwrite(1, fullRead())), Policy{}, Row1, PaperStageA},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Default().Derive(c.row, c.f, c.pol)
			if d.Row != c.is || d.Paper != c.want {
				t.Errorf("row (%d) paper %s, want (%d) %s", d.Row, d.Paper, c.is, c.want)
			}
			says := slices.ContainsFunc(d.NotClaimed, func(n Note) bool { return n.Ja == StatementRow1 })
			if says != (d.Row == Row1) {
				t.Errorf("row (%d) and the sentence about row (1): %v", d.Row, says)
			}
		})
	}
}
