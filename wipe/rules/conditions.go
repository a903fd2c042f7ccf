package rules

import "slices"

// DefaultCanaries is how many planted marks a device's own erase needs at
// least: 1,000 find a missed 0.5 % with 99.3 %.
const DefaultCanaries = 1000

// evidence is one completed step seen in its run.
type evidence struct {
	f    Facts
	pol  Policy
	step Step
	at   int // index of the step
}

// conditions says for each condition whether it was shown and, if not, why.
var conditions map[Condition]func(evidence) (bool, Note)

func init() { // not a literal: Claim.validate refers to the map
	conditions = map[Condition]func(evidence) (bool, Note){
		NeedOverwriteVerified: needOverwriteVerified,
		NeedRandom1:           func(e evidence) (bool, Note) { return needRandom(e, 1) },
		NeedRandom2:           func(e evidence) (bool, Note) { return needRandom(e, 2) },
		NeedHiddenReached:     needHiddenReached,
		NeedNoReallocated:     needNoReallocated,
		NeedDeviceEvidence:    needDeviceEvidence,
		NeedCanariesGone:      needCanariesGone,
		NeedFullReadBack:      needFullReadBack,
		NeedKeyConditions:     needKeyConditions,
		NeedPolicyCrypto:      needPolicyCrypto,
		NeedPolicySole:        needPolicySole,
	}
}

// needOverwriteVerified: every byte that the host can address was written, by
// as many random passes as the policy asks, and read back.
func needOverwriteVerified(e evidence) (bool, Note) {
	switch {
	case e.step.RandomPasses+e.step.ConstantPasses < 1:
		return false, note("no-pass", "上書きの記録がない。", "No pass of the overwrite is recorded.")
	case e.f.OtherParts > 0:
		return false, note("other-parts", "同じ媒体の他の部分 (名前空間・ブート領域) には上書きが及んでいない。",
			"The overwrite did not reach other parts of the medium (namespaces, boot areas).")
	case e.step.RandomPasses < e.pol.MinRandomPasses:
		return false, note("policy-passes", "団体の方針が求める乱数上書きの回数に足りない。",
			"Fewer random passes than the policy asks for.")
	case verifiedFull(e.f, e.step), verifiedSampled(e.f, e.step) && sampleSuffices(e.f, e.pol):
		return true, Note{}
	case verifiedSampled(e.f, e.step):
		return false, note("full-verification-needed",
			"団体の方針、または作業の中断・再開のため全域の読み戻しが要るが、標本の読み戻ししかない。",
			"The policy or an interrupted, resumed or unrecorded part asks for a full read-back; only samples were read.")
	}
	return false, note("overwrite-unverified", "上書き後の読み戻しによる検証がない、または全域に及んでいない。",
		"The overwrite was not verified by reading back all that the host can address.")
}

func needRandom(e evidence, n int) (bool, Note) {
	return e.step.RandomPasses >= n, note("random-passes",
		"乱数による上書きの回数が足りない。", "Too few random passes.")
}

// needHiddenReached: HPA, DCO and Accessible Max Address opened or shown absent.
func needHiddenReached(e evidence) (bool, Note) {
	return e.f.Hidden.Reached(), note("hidden-not-reached",
		"OS等からアクセスできない領域 (HPA・DCO・AMAC) が開放済みまたは不存在と示されていない。",
		"HPA, DCO and Accessible Max Address were not all opened or shown absent.")
}

func needNoReallocated(e evidence) (bool, Note) {
	ok := e.f.Reallocated != nil && *e.f.Reallocated == 0 && e.f.Pending != nil && *e.f.Pending == 0
	return ok, note("reallocated", "代替処理済み・保留中のセクタが0であると示されていない。",
		"Reallocated and pending sectors were not shown to be 0.")
}

// needDeviceEvidence: the planted marks are gone; where none could be planted,
// or too few, a second verified technique stands in for them.
func needDeviceEvidence(e evidence) (bool, Note) {
	if e.step.Status != StepCompleted {
		return false, noteStep("step-not-completed", e.step, "完了を示せなかった。", "its completion was not shown.")
	}
	second := verifiedFull(e.f, e.step) || overwrittenAndReadBack(e.f)
	if e.f.JournalGap && !second {
		return false, note("journal-gap-device",
			"作業記録に欠落があり、装置による消去を裏付ける全域の読み戻しがない。",
			"Part of the run has no journal and no full read-back stands behind the device's erase.")
	}
	if canariesGone(e) {
		return true, Note{}
	}
	// An idle drive also reports success (ACS-4 SANITIZE STATUS EXT): without
	// marks, the command must have been seen at work.
	if second && (e.step.SeenInProgress || !e.step.Technique.polled()) {
		return true, Note{}
	}
	return false, note("device-evidence",
		"埋め込んだ目印の消失も、それに代わる別の検証済みの手法も示されていない。",
		"Neither were enough planted canaries seen gone, nor does a second verified technique stand in for them.")
}

func needCanariesGone(e evidence) (bool, Note) {
	ok := e.step.Status == StepCompleted && canariesGone(e)
	return ok, note("canaries-not-shown-gone",
		"埋め込んだ目印がすべて消えたことが示されていない。", "Enough planted canaries were not shown to be gone.")
}

func needFullReadBack(e evidence) (bool, Note) {
	return verifiedFull(e.f, e.step), note("full-read-back",
		"全域の読み戻しがない。", "There is no full read-back.")
}

// needKeyConditions: SP 800-88's three conditions, each answered yes.
func needKeyConditions(e evidence) (bool, Note) {
	k := e.f.Keys
	ok := k.EncryptedFromFirstWrite == AnswerYes && k.AllCopiesErasable == AnswerYes && k.CommandIdentified == AnswerYes
	return ok, note("key-conditions",
		"暗号化消去の条件 (最初の書込みからの暗号化、鍵の全ての写しの消去、コマンドの特定) に「はい」でないものがあり、単独では認めない。",
		"A condition for crypto erase (encrypted from the first write, all key copies erasable, command identified) is not answered yes: not accepted alone.")
}

func needPolicyCrypto(e evidence) (bool, Note) {
	return !e.pol.RefuseCryptoErase, note("policy-crypto",
		"団体の方針により⑤暗号化消去を認めない。", "The policy does not accept ⑤ crypto erase.")
}

func needPolicySole(e evidence) (bool, Note) {
	return e.pol.SoleOverwriteForRow2 && e.pol.Signed, note("policy-sole-overwrite",
		"上書きのみで(2)③とするには、署名された団体の方針が要る。",
		"(2)③ by overwriting alone needs the authority's signed policy.")
}

// Reached reports whether every hidden area was opened or shown absent.
func (h Hidden) Reached() bool {
	for _, s := range []HiddenState{h.HPA, h.DCO, h.AMAC} {
		if s != HiddenAbsent && s != HiddenOpened {
			return false
		}
	}
	return true
}

// canariesGone: enough were planted for this very step, all were read after it,
// none is left.
func canariesGone(e evidence) bool {
	c := e.step.Canaries
	if c == nil {
		return false
	}
	planted := c.Planted
	if planted == 0 && !changedBefore(e) {
		planted = e.f.Canaries.Planted
	}
	return planted >= uint64(max(DefaultCanaries, e.pol.MinCanaries)) &&
		c.Read >= planted && c.Survivors == 0 && c.Unreadable == 0
}

// changedBefore: another technique may have taken the first marks away already,
// so that their absence says nothing about this step.
func changedBefore(e evidence) bool {
	return slices.ContainsFunc(e.f.Steps[:e.at], func(s Step) bool {
		return s.Status != StepRefused && s.Technique != e.step.Technique
	})
}

// verifiedFull: every byte that the host can address was read and compared.
func verifiedFull(f Facts, s Step) bool {
	v := s.Verification
	return clean(f, s) && v.Kind == VerifyFull && v.Bytes == v.Of
}

// verifiedSampled: the figures of SP 800-88 Rev.1 §4.7, with a recorded seed.
func verifiedSampled(f Facts, s Step) bool {
	v := s.Verification
	return clean(f, s) && v.Kind == VerifySampled && v.Seed != "" && v.Bytes >= v.Of/10+min(v.Of%10, 1)
}

// clean: read back, over the whole size, and nothing else was found.
func clean(f Facts, s Step) bool {
	v := s.Verification
	return s.Status == StepCompleted && v != nil && v.Of != 0 && v.Of == f.UserBytes &&
		v.Mismatches == 0 && v.Unreadable == 0
}

// sampleSuffices decides when sampling represents the medium: never after an
// interruption, since the seam would most likely fall between two samples.
func sampleSuffices(f Facts, pol Policy) bool {
	return !pol.RequireFullVerify && !f.Interrupted && f.Resumed == 0 && !f.JournalGap &&
		!slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Status == StepInterrupted })
}

// overwrittenAndReadBack: the host overwrote everything and read all of it back.
func overwrittenAndReadBack(f Facts) bool {
	return f.OtherParts == 0 && slices.ContainsFunc(f.Steps, func(s Step) bool {
		return s.Technique == TechOverwrite && s.RandomPasses+s.ConstantPasses > 0 && verifiedFull(f, s)
	})
}
