package verify

import (
	"crypto/x509"
	"fmt"
	"slices"

	"github.com/massho/massho/certs/deed"
	"github.com/massho/massho/certs/notice"
	"github.com/massho/massho/certs/serials"
	"github.com/massho/massho/wipe/rules"
)

// relate puts what papers say of one another into their reports. Only papers of
// one authority can say anything of each other.
func (s *set) relate() {
	for _, n := range s.notices {
		if r := &s.reports[n.at]; !slices.ContainsFunc(s.live(n.root), func(g notice.Given) bool { return g.Hash == n.Hash }) {
			r.find(Superseded, Consistency, "この通知は取り消された", nil)
		}
	}
	for _, rec := range s.records {
		s.standing(&s.reports[rec.at], rec.root)
	}
	for _, c := range s.certificates {
		if r := &s.reports[c.at]; r.Hash != "" {
			s.said(r, c)
			s.destroyed(r, c)
		}
	}
	for _, sum := range s.summaries {
		s.summary(sum)
	}
}

// live are the notices of an authority that were not withdrawn.
func (s *set) live(root *x509.Certificate) []notice.Given {
	var all []notice.Given
	for _, n := range s.notices {
		if n.root == root {
			all = append(all, n.Given)
		}
	}
	return notice.Live(all)
}

var ends = map[notice.Type]string{
	notice.Reject: "却下された", notice.Withdraw: "取り消された", notice.Reissue: "再発行された",
}

// standing marks a paper that was rejected, withdrawn or issued again.
func (s *set) standing(r *Report, root *x509.Certificate) {
	for _, n := range s.live(root) {
		if word := ends[n.Type]; word != "" && n.Target.Payload == r.Hash {
			r.find(Superseded, Consistency, fmt.Sprintf("この書面は %s により%s: %s", n.Number, word, n.Reason), nil)
		}
	}
	for _, n := range s.doubtful {
		if n.root == root && n.Target.Payload == r.Hash {
			r.find(NeedsConfirmation, Corroboration, "この書面について、要確認の通知 "+n.Number+"（"+n.Title()+"）がある", nil)
		}
	}
}

// said is what notices say of a certificate.
func (s *set) said(r *Report, c certificate) {
	s.standing(r, c.Stick.Root)
	changes := notice.Corrections(r.Hash, s.live(c.Stick.Root))
	if _, err := notice.Apply(c.Statement, changes); err != nil {
		r.find(RelationDiffers, Consistency, "訂正が、この書面の記載と合わない", err)
		return
	}
	for _, ch := range changes {
		r.Remarks = append(r.Remarks, fmt.Sprintf("訂正: %s 「%s」→「%s」", notice.Label(ch.Field), ch.Before, ch.After))
	}
}

// destroyed looks for the record of the destruction of a certificate's medium,
// and says what is not complete without it.
func (s *set) destroyed(r *Report, c certificate) {
	found := false
	for _, rec := range s.records {
		if rec.root != c.Stick.Root || rec.StageA == nil || rec.StageA.Payload != r.Hash {
			continue
		}
		record := &s.reports[rec.at]
		if rec.StageA.Number != r.Number || !serials.Same(rec.Medium.Serial, c.Statement.Medium.Serial) {
			record.find(RelationDiffers, Consistency, "庁舎内消去記録 "+r.Number+" の媒体とは別の媒体の破壊である", nil)
			continue
		}
		if record.Code == Valid {
			found = true
			r.ok(Corroboration, "破壊の完了証明書 "+record.Number+" がある")
			record.ok(Corroboration, "庁舎内消去記録 "+r.Number+" の媒体である（製造番号 "+or(r.Serial)+"）")
		}
	}
	done := r.Paper == rules.PaperErasedRow2 || r.Paper == rules.PaperErasedRow3
	if s.opt.Complete && !done && !found {
		r.find(Incomplete, Consistency, "この書面は完了を証明しない: "+r.Title, nil)
	}
}

// summary compares the lines of a summary with the papers at hand.
func (s *set) summary(sum summaryAt) {
	r := &s.reports[sum.at]
	here := 0
	for _, l := range sum.Lines {
		for _, c := range s.certificates {
			if c.Number != l.Number {
				continue
			}
			here++
			if err := l.Agrees(c.Statement, c.Hash); err != nil {
				r.find(RelationDiffers, Consistency, "総括表の "+l.Number+" の行が、その書面と異なる", err)
			} else if code := s.reports[c.at].Code; code != Valid && l.Trouble == "" {
				r.Remarks = append(r.Remarks, fmt.Sprintf("%s: %s（%d）", l.Number, words[code], code))
			}
		}
		for _, rec := range s.records {
			if d := ref(l.Destroyed); d.Number == rec.Number && d.Payload != rec.hash {
				r.find(RelationDiffers, Consistency, "総括表の "+l.Number+" の行が、破壊の完了証明書 "+rec.Number+" と異なる", nil)
			}
		}
	}
	if here > 0 {
		r.ok(Corroboration, fmt.Sprintf("総括表の %d 行のうち %d 行を、手元の書面と比べた", len(sum.Lines), here))
	}
}

func ref(r *deed.Ref) deed.Ref {
	if r == nil {
		return deed.Ref{}
	}
	return *r
}
