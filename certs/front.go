package certs

import (
	"fmt"
	"strings"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// front is the first page: what a clerk needs.
func front(s *Statement, pack *rules.Pack, payloadHash string) []page.Block {
	c := s.Case
	blocks := []page.Block{
		page.Letterhead{
			QR:    QRText(s.Number, payloadHash),
			Stamp: "収受",
			Lines: [][2]string{
				{"証明書番号", s.Number},
				{"発行日", date(s.Issued)},
				{"件名", orUnknown(c.Title)},
				{"契約番号", orUnknown(c.ContractNo)},
				{"団体・部署", join(" ", c.Municipality, c.Department)},
			},
			Addressee: or(c.Addressee, "宛名 不明"),
			Sender: [][2]string{
				{"受託者", ""},
				{"所在地", orUnknown(c.Contractor.Address)},
				{"商号", orUnknown(c.Contractor.Name)},
				{"代表者", orUnknown(c.Contractor.Representative)},
			},
		},
		page.Title{Text: s.Derivation.Paper.Label().Ja, Sub: subtitle(s, pack)},
		verdict(s, pack),
	}
	if s.Destruction != nil {
		blocks = append(blocks, destruction(s.Destruction))
	}
	return append(blocks, mediumTable(s), measureTable(s, pack), people(s), frontNotes(s, pack))
}

func subtitle(s *Statement, pack *rules.Pack) string {
	sub := fmt.Sprintf("%s「%s」（%s）による", pack.Table41.Number, pack.Table41.Title, pack.Edition)
	if s.Training {
		return "訓練のための書面であり、効力を持たない　" + sub
	}
	return sub
}

// verdict says in the table's own words what was reached and on whose word.
func verdict(s *Statement, pack *rules.Pack) page.Block {
	d := s.Derivation
	b := page.Box{Heavy: true, Lead: lead(d, pack)}
	if d.Row == rules.Row1 {
		b.Lines = append(b.Lines, rules.StatementRow1+"。")
	}
	if r, ok := pack.Row(d.Row); ok {
		b.Lines = append(b.Lines, "対象: "+pack.Table41.Number+r.Label+" "+r.Class)
	}
	b.Lines = append(b.Lines, "結果: "+d.Outcome.Label().Ja+"　　根拠: "+d.Basis.Label().Ja)
	if !s.Classification.Signed {
		b.Lines = append(b.Lines, "分類は作業者の申告による（署名された案件によらない）。")
	}
	if d.Paper == rules.PaperIncomplete || d.Outcome != rules.OutcomeVerified {
		for i, r := range notes(d.Reasons) {
			if i == 3 {
				b.Lines = append(b.Lines, fmt.Sprintf("ほか %d 件の理由は次頁以降。", len(d.Reasons)-3))
				break
			}
			b.Lines = append(b.Lines, "理由: "+r)
		}
	}
	return b
}

func lead(d rules.Derivation, pack *rules.Pack) string {
	switch d.Paper {
	case rules.PaperErasedRow2:
		return "下記の記憶媒体を、" + items(d, pack) + "により、抹消した。"
	case rules.PaperErasedRow3:
		return "下記の記憶媒体を、一般的に入手可能な復元ツールの利用によっても復元が困難な状態に消去した（" + items(d, pack) + "）。"
	case rules.PaperStageA:
		return "下記の記憶媒体を、庁舎内において、" + pack.Table41.Number + "(3)の「情報の復元が困難な状態」までデータの消去を行った（" +
			items(d, pack) + "）。物理的な破壊を待つ。"
	}
	return "下記の記憶媒体の消去・抹消は、完了していない。"
}

// items names the methods of 図表41 that were reached, letter by letter.
func items(d rules.Derivation, pack *rules.Pack) string {
	var out []string
	for _, it := range d.Items {
		if m, ok := pack.Method(it); ok {
			out = append(out, it+"「"+m.Text+"」")
			continue
		}
		out = append(out, "「"+it+"」")
	}
	if len(out) == 0 {
		return "該当する方法なし"
	}
	r, _ := pack.Row(d.Reached)
	return pack.Table41.Number + r.Label + strings.Join(out, "、")
}

// destruction is the prompt for what must follow.
func destruction(p *DestructionPrompt) page.Block {
	b := page.Box{Heavy: true, Lead: "物理的な破壊が必要である", Lines: []string{
		"製造番号: " + orUnknown(p.Serial) + "　　管理番号: " + orUnknown(p.AssetNumber),
		"認められる方法: " + orUnknown(strings.Join(p.Ways, "・")) + "（穴開けのみは、これに当たらない）",
		"立会い: " + orUnknown(p.Witness),
		deadline(p.Deadline),
	}}
	if p.InsideOnly {
		b.Lines = append(b.Lines, "庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊すること。")
	}
	return b
}

// deadline is labelled unless it says itself what it is the deadline of.
func deadline(s string) string {
	if strings.Contains(s, "提出期限") {
		return s
	}
	return "破壊の完了証明書の提出期限: " + orUnknown(s)
}

func mediumTable(s *Statement) page.Block {
	m := s.Medium
	return page.Fields{Rows: [][]page.Field{
		row("型番", join(" ", m.Maker, m.Model), "製造番号", m.Serial),
		row("種別・接続", join("・", m.Kind.Label().Ja, m.Transport, m.Location), "WWN", m.WWN),
		row("容量", size(m.CapacityBefore)+after(m.CapacityBefore, m.CapacityAfter)),
		row("管理番号", s.Asset.Number, "区分・所属", join("・", s.Asset.Lease, s.Asset.Section)),
		row("取り外し元機器", machineLine(s.Host)),
	}}
}

// after tells a capacity that changed while hidden areas were opened.
func after(before, now uint64) string {
	switch now {
	case 0:
		return "　実施後 不明"
	case before:
		return "　実施後も同じ"
	}
	return "　実施後 " + size(now)
}

func machineLine(m Machine) string {
	serial := m.Serial
	if m.SerialPlaceholder {
		serial = "（製造番号は製造者の仮の値）"
	}
	return join(" ", m.Maker, m.Model, serial)
}
