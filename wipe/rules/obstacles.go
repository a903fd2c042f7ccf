package rules

import "slices"

// obstacle is whatever keeps a run from claiming anything: the outcome that it
// forces, and every reason for that outcome. The empty outcome is none.
func (p *Pack) obstacle(f Facts, pol Policy) (Outcome, []Note) {
	if err := f.Validate(); err != nil {
		return OutcomeFailed, []Note{notef("facts-invalid", "記録の内容が不正である: %v", "The facts are not acceptable: %v", err)}
	}
	if err := pol.Validate(); err != nil {
		return OutcomeFailed, []Note{notef("policy-invalid", "方針の内容が不正である: %v", "The policy is not acceptable: %v", err)}
	}
	var outcome Outcome
	var all []Note
	for _, found := range []struct {
		outcome Outcome
		why     []Note
	}{ // the first one names the outcome, but every reason is told
		{OutcomeNotSanitizable, p.notAMedium(f)},
		{OutcomeFailed, failures(f)},
		{OutcomeInterrupted, interruptions(f, pol)},
		{OutcomeNotSanitizable, nothingDone(f)},
	} {
		if len(found.why) > 0 && outcome == "" {
			outcome = found.outcome
		}
		all = append(all, found.why...)
	}
	return outcome, all
}

// notAMedium: nothing done to this thing would be a claim about a medium.
func (p *Pack) notAMedium(f Facts) []Note {
	var why notes
	if !f.IdentityOwn {
		why.add(note("identity-not-own", "識別情報が媒体自身のものではない (論理ボリューム等)。",
			"The identity is not the medium's own (a logical volume, a bridge)."))
	}
	if len(p.Media[f.Medium]) == 0 {
		l := f.Medium.Label()
		why.add(note("medium-destroy-only", l.Ja+"には、認められるソフトウェアの手法がない。物理的に破壊する。",
			"No technique of software counts on this kind of medium ("+l.En+"): destroy it."))
	}
	return why
}

// failures lists everything of which one instance is enough: §4, any error,
// any unreadable LBA, any surviving canary.
func failures(f Facts) []Note {
	var why notes
	if !f.IdentityHeld {
		why.add(note("identity-lost", "作業の途中で媒体の同一性を確認できなくなった。",
			"The medium was not shown to be the same one until the end."))
	}
	if f.Unwritten > 0 {
		why.add(notef("unwritten", "書き込めないセクタが%d個ある。", "%d sectors could not be written.", f.Unwritten))
	}
	if f.Unreadable > 0 {
		why.add(notef("unreadable", "読み戻せないセクタが%d個ある。", "%d sectors could not be read back.", f.Unreadable))
	}
	for _, s := range f.Steps {
		why.add(stepFailures(s)...)
	}
	if len(f.Errors) > 0 {
		why.add(notef("errors", "作業中にエラーが%d件あった。", "There were %d errors during the run.", len(f.Errors)))
	}
	return why
}

func stepFailures(s Step) []Note {
	var why notes
	if s.Status == StepFailed {
		why.add(noteStep("step-failed", s, "失敗した。", "failed."))
	}
	if v := s.Verification; v != nil && v.Mismatches > 0 {
		why.add(noteStep("mismatch", s, "読み戻しで、書いたはずのない内容が見つかった。", "reading back found something else than expected."))
	}
	if v := s.Verification; v != nil && v.Unreadable > 0 {
		why.add(noteStep("verify-unreadable", s, "検証で読めないセクタがあった。", "sectors could not be read in verification."))
	}
	// After a refused or interrupted command the marks are expected to be there.
	if c := s.Canaries; c != nil && (s.Status == StepCompleted || s.Status == StepUnconfirmed) {
		if c.Survivors > 0 {
			why.add(noteStep("canary-survived", s, "完了後も、埋め込んだ目印が残っていた。", "planted canaries survived it."))
		}
		if c.Unreadable > 0 {
			why.add(noteStep("canary-unreadable", s, "埋め込んだ目印を読めず、消えたか判定できない。", "planted canaries could not be read, so not judged."))
		}
	}
	return why
}

// interruptions: the run, or a step that was not run again in full, was cut off.
func interruptions(f Facts, pol Policy) []Note {
	var why notes
	if f.Interrupted {
		why.add(note("interrupted", "予定した手順の途中で終わった。", "The run ended before its plan did."))
	}
	for i, s := range f.Steps {
		if s.Status == StepInterrupted && !runAgain(f, pol, i) {
			why.add(noteStep("step-interrupted", s, "中断し、最初からやり直されていない。", "was interrupted and not run again in full."))
		}
	}
	return why
}

// runAgain reports whether the step at i was later run again from its start,
// with evidence of its own: then the first attempt takes nothing away.
func runAgain(f Facts, pol Policy, i int) bool {
	for at := i + 1; at < len(f.Steps); at++ {
		s := f.Steps[at]
		if s.Technique != f.Steps[i].Technique || s.Status != StepCompleted {
			continue
		}
		if verifiedFull(f, s) || !s.Technique.OnHost() && canariesGone(evidence{f, pol, s, at}) {
			return true
		}
	}
	return false
}

// nothingDone: no technique changed the medium.
func nothingDone(f Facts) []Note {
	if slices.ContainsFunc(f.Steps, func(s Step) bool { return s.Status != StepRefused }) {
		return nil
	}
	if len(f.Steps) == 0 {
		return []Note{note("nothing-run", "消去・抹消の手法は何も実行されていない。", "No technique was run.")}
	}
	return []Note{note("all-refused", "装置がすべての手法を拒否した (変更なし)。", "The drive refused every technique; nothing was changed.")}
}
