package rules

// rowReasons says what the row still asks after the level that was reached.
func rowReasons(d Derivation) []Note {
	var why notes
	switch {
	case d.Reached == RowNone && d.Outcome == OutcomeCompletedUnverified:
		why.add(note("no-level", "実行した手法では、図表41のどの分類にも達していない。",
			"What was run reaches no row of 図表41."))
	case d.Row == Row2 && d.Reached == Row3:
		why.add(note("row2-not-reached", "図表41(2)の抹消には達していない。物理的な破壊による。",
			"Row (2) of 図表41 (抹消) was not reached: physical destruction must follow."))
	}
	return why
}

// notClaimed says what could not be observed or was not looked at. It stands on
// every paper, also on that of a verified run.
func (p *Pack) notClaimed(d Derivation, f Facts) []Note {
	var not notes
	if d.Row == Row1 {
		not.add(note("row1-not-destruction", StatementRow1, "This record does not prove the physical destruction that row (1) of 図表41 asks for."))
	}
	if d.Reached == RowNone {
		not.add(note("no-claim", "図表41の消去・抹消のいずれも主張しない。", "Neither 消去 nor 抹消 of 図表41 is claimed."))
	}
	if d.Basis == BasisDeviceAttested {
		not.add(Note{"device-attested", BasisDeviceAttested.Label().Ja, BasisDeviceAttested.Label().En})
	}
	if d.Reached != RowNone && !d.Table711 {
		not.add(note("table711", "表7-1-1に該当するとは主張しない。", "表7-1-1 is not claimed to be met."))
	}
	not.add(unobserved(f)...)
	not.add(unverified(f)...)
	return not
}

// unobserved: what no host can see of this kind of medium.
func unobserved(f Facts) []Note {
	var not notes
	if f.Medium != MediumHDD && f.Medium != MediumFloppy && f.Medium != MediumTape && f.Medium != MediumOptical {
		not.add(note("over-provisioned", "予備領域及び使用停止となったブロック (フラッシュメモリ) は外部から観測できず、確認していない。",
			"Over-provisioned and retired blocks of flash memory cannot be observed from outside and were not checked."))
	}
	if f.Medium == MediumHDD || f.Medium == MediumSSHD || f.Medium == MediumUnknown {
		not.add(reallocated(f))
	}
	if f.Medium == MediumUSBFlash || f.Medium == MediumSD || f.Medium == MediumEMMC {
		not.add(note("outside-user-area", "利用者領域の外にある領域は確認していない。", "What lies outside the user area was not checked."))
	} else if len(not) > 0 {
		not.add(hiddenLeft(f.Hidden)...)
	}
	return not
}

// hiddenLeft: what may be left where LBAs do not reach.
func hiddenLeft(h Hidden) []Note {
	var not notes
	for _, s := range []HiddenState{h.HPA, h.DCO, h.AMAC} {
		switch s {
		case HiddenAbsent, HiddenOpened:
		case HiddenPresent:
			not.add(note("hidden-present", "OS等からアクセスできない領域 (HPA・DCO・AMAC、未割当の領域等) が残っている。",
				"An area that the host cannot address (HPA, DCO, AMAC, unallocated capacity) is still there."))
		default:
			not.add(note("hidden-unknown", "OS等からアクセスできない領域 (HPA・DCO・AMAC、未割当の領域等) の有無は不明である。",
				"Whether areas exist that the host cannot address (HPA, DCO, AMAC, unallocated capacity) is unknown."))
		}
	}
	return not
}

func reallocated(f Facts) Note {
	if f.Reallocated == nil {
		return note("reallocated-unknown", "代替処理済みセクタの有無は不明で、その元の領域は確認していない。",
			"Whether sectors were reallocated is unknown; what they replaced was not checked.")
	}
	return notef("reallocated-sectors", "代替処理済みセクタ%d個の元の領域は外部から観測できず、確認していない。",
		"What the %d reallocated sectors replaced cannot be observed from outside and was not checked.", *f.Reallocated)
}

// unverified: what the host could have looked at and did not.
func unverified(f Facts) []Note {
	var not notes
	for _, s := range f.Steps {
		if s.Status != StepCompleted {
			continue
		}
		v := s.Verification
		switch {
		case v == nil || v.Kind == VerifyNone || v.Kind == VerifyCanaries:
			not.add(noteStep("not-read-back", s, "全域の読み戻しは行っていない。", "not read back in full."))
		case v.Kind == VerifySampled:
			not.add(notef("sampled", "読み戻しは標本による。%dバイト中%dバイトは読み戻していない。",
				"Read back by samples: of %d bytes %d were not read.", v.Of, v.Of-v.Bytes))
		}
		if c := s.Canaries; c != nil && !c.AfterReset {
			not.add(noteStep("canaries-before-reset", s, "目印は、リセットや電源の再投入を経ずに確認した。", "the canaries were read without a reset or power cycle."))
		}
	}
	if f.OtherParts > 0 {
		not.add(notef("other-parts", "同じ媒体の他の部分 (名前空間・ブート領域) %d個には上書きが及んでいない。",
			"The overwrite did not reach %d other parts of the medium (namespaces, boot areas).", f.OtherParts))
	}
	if f.Canaries.Planted == 0 {
		not.add(note("no-canaries", "目印は埋め込んでいない。", "No canaries were planted."))
	}
	if f.JournalGap {
		not.add(note("journal-gap", "作業記録に欠落がある。", "Part of the run has no journal."))
	}
	if f.Resumed > 0 {
		not.add(notef("resumed", "作業は%d回再開された。", "The run was resumed %d times.", f.Resumed))
	}
	return not
}
