package certs

import (
	"fmt"
	"strings"
	"time"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// measureTable is what was done and what it counts as.
func measureTable(s *Statement, pack *rules.Pack) page.Block {
	d := s.Derivation
	from, to := span(s)
	t711 := "満たさない・該当しない"
	if d.Table711 {
		t711 = "満たす"
	}
	return page.Fields{Rows: [][]page.Field{
		row("分類", category(s.Classification.Category), "分類した者", classifiedBy(s.Classification)),
		row(pack.Table41.Number+"の行", d.Row.Label().Ja, "到達した水準", or(reached(d), "なし")),
		row(pack.Table41.Number+"の方法", items(d, pack)),
		row("NIST SP 800-88", d.NIST.Label().Ja, pack.Table711.Number, t711),
		row("技法", techniques(s)),
		row("検証", verification(s)),
		row("実施", period(from, to)),
	}}
}

func reached(d rules.Derivation) string {
	if d.Reached == rules.RowNone {
		return ""
	}
	return d.Reached.Label().Ja
}

func category(c rules.Category) string {
	parts := []string{"系: " + c.System.Label().Ja, c.Confidentiality.Label().Ja}
	if c.Confidentiality == rules.ConfUnknown || c.Confidentiality == "" {
		parts[1] = "自治体機密性: " + unknown
	}
	if c.System == rules.SystemMyNumber {
		parts = append(parts, "住民情報: "+c.ResidentInfo.Label().Ja)
	}
	return join("・", parts...)
}

func classifiedBy(c Classification) string {
	switch {
	case c.By == ByCase && c.Signed:
		return "団体（署名された案件）"
	case c.By == ByOperator:
		return "作業者の申告"
	}
	return "案件（署名なし）"
}

func techniques(s *Statement) string {
	var out []string
	for _, st := range s.Facts.Steps {
		t := st.Technique.Label().Ja
		if n := st.RandomPasses; n > 0 {
			t += fmt.Sprintf(" 乱数%d回", n)
		}
		if n := st.ConstantPasses; n > 0 {
			t += fmt.Sprintf(" 固定値%d回", n)
		}
		out = append(out, t+"（"+st.Status.Label().Ja+"）")
	}
	return or(strings.Join(out, "、"), "実行した技法なし")
}

// verification is how each step was read back, in one cell.
func verification(s *Statement) string {
	var out []string
	for _, st := range s.Facts.Steps {
		if v := st.Verification; v != nil {
			out = append(out, fmt.Sprintf("%s %s / %s バイト、不一致 %s、読取不能 %s",
				v.Kind.Label().Ja, count(v.Bytes), count(v.Of), count(v.Mismatches), count(v.Unreadable)))
		}
		if c := st.Canaries; c != nil {
			out = append(out, fmt.Sprintf("目印 %s 個を確認、残存 %s、読取不能 %s", count(c.Read), count(c.Survivors), count(c.Unreadable)))
		}
	}
	return or(strings.Join(out, "。"), "なし")
}

// span is the first beginning and the last end of the steps.
func span(s *Statement) (from, to time.Time) {
	for _, st := range s.Steps {
		ends := []time.Time{st.Ended}
		if st.Verify != nil {
			ends = append(ends, st.Verify.Ended)
		}
		if !st.Started.IsZero() && (from.IsZero() || st.Started.Before(from)) {
			from = st.Started
		}
		for _, e := range ends {
			if e.After(to) {
				to = e
			}
		}
	}
	return from, to
}

func period(from, to time.Time) string {
	if from.IsZero() && to.IsZero() {
		return "実施の記録なし"
	}
	return moment(from) + " から\n" + moment(to) + " まで"
}

// people lists who took part; the last column is for seal or signature on paper.
func people(s *Statement) page.Block {
	g := page.Grid{
		Head:   []string{"役割", "氏名", "所属・職名", "連絡先・場所", "署名・押印"},
		Widths: []float64{13, 22, 27, 22, 16},
	}
	seen := map[string]bool{}
	for _, p := range s.Persons {
		seen[p.Role] = true
		name := orUnknown(p.Name)
		if p.OffRoster {
			name += "（名簿外）"
		}
		g.Rows = append(g.Rows, []string{role(p.Role), name, join("・", p.Organisation, p.Title), join("・", p.Contact, p.Place), ""})
	}
	for _, r := range []string{RoleOperator, RoleWitness, RoleValidator} {
		if seen[r] {
			continue
		}
		word := "記録なし"
		if r == RoleValidator {
			word = "未確認"
		}
		g.Rows = append(g.Rows, []string{role(r), word, "－", "－", ""})
	}
	return g
}

func frontNotes(s *Statement, pack *rules.Pack) page.Block {
	items := []string{
		pack.NewerEdition.Ja,
		fmt.Sprintf("本書が主張しない事項が %d 件ある。次頁以降の「主張しない事項」を確認すること。",
			len(s.Derivation.NotClaimed)+len(s.NotClaimed)),
	}
	if !s.Clock.Confirmed {
		items = append(items, "時計は確認されていない。時刻は作業機の申告による。")
	}
	if s.Derivation.Basis == rules.BasisDeviceAttested {
		items = append(items, "装置の自己申告に依拠する。媒体内部は確認していない。")
	}
	return page.List{Items: items}
}
