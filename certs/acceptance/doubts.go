package acceptance

import (
	"crypto/x509"
	"fmt"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/destroy"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/verify"
	"github.com/massho/massho/wipe/journal"
	"github.com/massho/massho/wipe/rules"
)

func roots(s deed.Signer) []*x509.Certificate { return []*x509.Certificate{s.Root} }

// acceptable are findings of a check that a person may overrule: they say that
// something rests on somebody's word, or was not to be checked here.
var acceptable = map[verify.Code]bool{verify.Valid: true, verify.ClassificationUnsigned: true, verify.NeedsConfirmation: true}

// Sound reports whether a certificate passed its check, but for what a person
// may overrule.
func Sound(r verify.Report) bool {
	for _, f := range r.Findings {
		if !acceptable[f.Code] {
			return false
		}
	}
	return acceptable[r.Code]
}

// notes collects doubts.
type notes []rules.Note

func (n *notes) add(when bool, code, ja, en string) {
	if when {
		*n = append(*n, rules.Note{Code: code, Ja: ja, En: en})
	}
}

// Doubts lists what the 確認職員 must have seen before accepting a certificate.
// err says that it cannot be accepted at all.
func Doubts(o verify.Opened) ([]rules.Note, error) {
	s := o.Statement
	switch {
	case !Sound(o.Report):
		return nil, fmt.Errorf("%w: %s: %s (%d)", ErrUnsound, o.File, o.Verdict(), o.Code)
	case s.Derivation.Paper == rules.PaperIncomplete:
		return nil, fmt.Errorf("%w: %s reports that the erasure is not complete: erase again, or destroy the medium", ErrUnsound, s.Number)
	}
	var n notes
	for _, f := range o.Findings {
		n.add(true, fmt.Sprintf("verify-%d", f.Code), f.Ja, f.Ja)
	}
	n.rule(s)
	n.medium(s)
	n.people(s)
	n.run(s, o.Journal)
	return n, nil
}

// rule is what was derived, and on whose word.
func (n *notes) rule(s certs.Statement) {
	d := s.Derivation
	n.add(d.Outcome != rules.OutcomeVerified, "outcome", "結果は「"+d.Outcome.Label().Ja+"」である。", "The outcome is "+d.Outcome.Label().En+".")
	n.add(d.Basis == rules.BasisDeviceAttested, "basis", "装置の自己申告に依拠。媒体内部は未確認。", "It rests on the device's own word.")
	n.add(d.Paper == rules.PaperStageA, "destruction", rules.StatementRow1+"。破壊の完了証明書が別に要る。", "It waits for the physical destruction.")
	n.add(!s.Classification.Signed, "classification", "分類は作業者の申告による。台帳と照らして確かめること。", "The classification is the operator's word.")
	n.add(!s.PolicySigned, "policy", "署名された方針によらない。", "No signed policy was applied.")
	n.add(d.NIST == rules.MethodClear && d.Row == rules.Row2, "clear", "NIST の区分は Clear である。", "NIST's method is Clear.")
	for _, st := range s.Facts.Steps {
		if v := st.Verification; v != nil && v.Kind == rules.VerifySampled {
			n.add(true, "sampled", "検証は標本の読み戻しによる。", "It was verified by samples.")
			break
		}
	}
}

// medium is what is wrong with the medium itself.
func (n *notes) medium(s certs.Statement) {
	var bad uint64
	for _, st := range s.Steps {
		bad += st.BadTotal
	}
	n.add(bad > 0 || s.Facts.Unwritten > 0 || s.Facts.Unreadable > 0, "bad-sectors",
		fmt.Sprintf("不良セクタがある（工程の合計 %d、書込不能 %d、読取不能 %d）。", bad, s.Facts.Unwritten, s.Facts.Unreadable), "There are bad sectors.")
	n.add(known(s.Facts.Reallocated) > 0 || known(s.Facts.Pending) > 0, "reallocated",
		fmt.Sprintf("代替処理済み・保留中のセクタがある（%d、%d）。上書きは届かない。", known(s.Facts.Reallocated), known(s.Facts.Pending)), "There are reallocated or pending sectors.")
	n.add(s.Facts.Reallocated == nil, "no-smart", "代替処理済みセクタの数は報告されていない。", "The drive reports no reallocated sectors.")
	n.add(!s.Facts.Hidden.Reached() && mayHide(s.Medium), "hidden", "隠し領域（HPA・DCO・AMAC）の有無を確かめられていない。", "Hidden areas were not shown absent or opened.")
	n.add(s.Facts.OtherParts > 0, "other-parts", "同じ媒体の別の領域に、上書きが届いていないものがある。", "Other parts of the medium were not reached.")
	n.add(!s.Asset.InRoster, "off-roster", "名簿にない機器の媒体である。", "The PC is not in the roster.")
}

// mayHide reports whether a medium can have HPA, DCO or AMAC: they are ATA's
// (ACS-5 §4.11 and its elders). A bridge may hide an ATA drive.
func mayHide(m certs.Medium) bool {
	switch m.Transport {
	case "nvme", "nvme-tcp", "sas", "mmc":
		return false
	}
	return m.Kind != rules.MediumEMMC && m.Kind != rules.MediumSD && m.Kind != rules.MediumOptical && m.Kind != rules.MediumTape
}

func known(p *uint64) uint64 {
	if p == nil {
		return 0
	}
	return *p
}

// people is who took part, and the clock.
func (n *notes) people(s certs.Statement) {
	c := s.Clock
	n.add(!c.Confirmed, "clock", "時計は確認されていない。時刻は作業機の申告による。", "Nobody confirmed the clock.")
	n.add(c.Confirmed && (c.Chosen == "typed" || c.CorrectionSeconds != 0), "clock-corrected",
		fmt.Sprintf("時計は作業者が直した（%+d 秒）。", c.CorrectionSeconds), "The operator corrected the clock.")
	witness := false
	for _, p := range s.Persons {
		witness = witness || p.Role == certs.RoleWitness
		n.add(p.OffRoster, "off-roster-person", "名簿外の者: "+p.Name, "Not named by the case: "+p.Name)
	}
	n.add(!witness, "no-witness", "立会職員の記録がない。", "No witness is recorded.")
}

// run is how the run went.
func (n *notes) run(s certs.Statement, attached []byte) {
	n.add(s.Facts.Resumed > 0, "resumed", fmt.Sprintf("電源断などの後に、%d 回再開した。", s.Facts.Resumed), "The run was resumed.")
	n.add(s.Facts.JournalGap, "journal-gap", "実行の一部にジャーナルがない。", "Part of the run has no journal.")
	n.add(s.Boot.ShellUsed == "yes", "shell", "作業機でシェルが使われた。", "A shell was used on the station.")
	n.add(s.Plan.Chosen != "", "lower", "低い水準を選んだ者がいる: "+s.Plan.Chosen, "Somebody chose a lower level: "+s.Plan.Chosen)
	log, err := journal.ParseExcerpt(attached)
	if err != nil {
		return // a finding of the check, which is named above
	}
	memory := 0
	for _, r := range log.Records {
		if r.InMemory {
			memory++
		}
	}
	n.add(memory > 0, "in-memory", fmt.Sprintf("USBが抜かれている間に記憶され、後で書かれた記録が %d 件ある。", memory), "Part of the record was kept in memory while the stick was out.")
}

// DestructionDoubts lists what must have been seen before accepting Stage B.
// stageA is the standing of the paper it refers to; sound whether that is here
// and passed its check.
func DestructionDoubts(r *destroy.Record, stageA notice.Standing, sound bool) ([]rules.Note, error) {
	n := notes(r.Deviations())
	if r.StageA == nil {
		return n, nil
	}
	if !sound {
		return nil, fmt.Errorf("%w: %s refers to %s, which is not here or does not pass its check", ErrUnsound, r.Number, r.StageA.Number)
	}
	if stageA == notice.Rejected || stageA == notice.Withdrawn {
		return nil, fmt.Errorf("%w: %s refers to %s (%s)", ErrUnsound, r.Number, r.StageA.Number, stageA.Ja())
	}
	n.add(stageA == notice.Unseen && r.StageA.Paper != rules.PaperIncomplete, "stage-a-unseen", "庁舎内消去記録 "+r.StageA.Number+" は、まだ受理されていない。", "Stage A is not accepted yet.")
	return n, nil
}
