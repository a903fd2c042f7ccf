package wipe

import (
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
)

// mustChoose reports whether a person has to decide before anything runs: the
// row is in reach of this drive, but not as it stands. Nothing is lowered
// silently; a recorded acceptance lets the plan go on with what remains.
func (p *Plan) mustChoose(b builder, best rules.Derivation) bool {
	if reaches(best, b.target()) || !frozenOnly(b) {
		return false
	}
	if a := b.in.Accept; a != nil {
		p.Accepted = a
		return false
	}
	p.Best = b.derive(nil)
	p.Preparation = nil
	p.Disposition = DispositionUndecided
	p.Choice = &Choice{Why: choiceFrozen, Remains: best.Reached, Options: []rules.Note{optionSuspend, optionReplug}}
	if best.Reached != rules.RowNone {
		p.Choice.Options = append(p.Choice.Options, optionAccept)
	}
	p.Undone = append([]rules.Note{choiceFrozen}, p.Best.NotClaimed...)
	return true
}

// frozenOnly reports whether the same drive, not frozen, would reach the row.
func frozenOnly(b builder) bool {
	if !b.in.Device.Caps.ATA.SecurityFrozen.IsYes() {
		return false
	}
	free := b.in
	free.Device.Caps.ATA.SecurityFrozen = support.No
	_, best := newBuilder(free, b.row, b.medium, b.hidden).steps()
	return reaches(best, b.target())
}

var (
	choiceFrozen = rules.Note{Code: "frozen-choice",
		Ja: "この分類に達する手法はあるが、ファームウェアがATAセキュリティを凍結しているため今は使えない。次のいずれかを選ぶ。",
		En: "A technique that reaches the row exists, but the firmware froze ATA security. Choose one of the following."}
	optionSuspend = rules.Note{Code: "unfreeze-suspend",
		Ja: "一度スリープ (サスペンド) して復帰させ、凍結を解いてから計画し直す。",
		En: "Suspend to RAM and resume, which lifts the freeze, then plan again."}
	optionReplug = rules.Note{Code: "unfreeze-replug",
		Ja: "電源を入れたままドライブの電源コネクタ (SATA) を抜き差しし、凍結を解いてから計画し直す。",
		En: "Re-plug the SATA power of the drive while the machine runs, which lifts the freeze, then plan again."}
	optionAccept = rules.Note{Code: "accept-level-3",
		Ja: "図表41(3)の消去までとし、その後に物理的な破壊を行うことを、担当者の判断として記録する。",
		En: "Record a person's decision to erase to level (3) only and to destroy the medium afterwards."}
)
