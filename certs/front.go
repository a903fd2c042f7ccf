package certs

import (
	"fmt"
	"strings"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// front is the first page: what a clerk needs.
func (p *paper) front() []page.Block {
	blocks := []page.Block{p.letterhead(),
		page.Title{Text: p.label(p.Derivation.Paper.Label()), Sub: p.subtitle()},
		p.verdict(),
	}
	if p.Destruction != nil {
		blocks = append(blocks, p.destruction(p.Destruction))
	}
	return append(blocks, p.mediumTable(), p.measureTable(), p.people(), p.frontNotes())
}

func (p *paper) letterhead() page.Letterhead {
	c := p.Case
	return page.Letterhead{
		QR:    QRText(p.Number, p.hash),
		Stamp: p.t("収受", "収受 (received)"),
		Lines: [][2]string{
			{p.t("証明書番号", "Number"), p.Number},
			{p.t("発行日", "Issued"), p.date(p.Issued)},
			{p.t("件名", "Subject"), p.orUnknown(c.Title)},
			{p.t("契約番号", "Contract"), p.orUnknown(c.ContractNo)},
			{p.t("団体・部署", "Authority"), p.join(" ", c.Municipality, c.Department)},
		},
		Addressee: or(c.Addressee, p.t("宛名 不明", "Addressee unknown")),
		Sender: [][2]string{
			{p.t("受託者", "From"), p.t("", "contractor (受託者)")},
			{p.t("所在地", "Address"), p.orUnknown(c.Contractor.Address)},
			{p.t("商号", "Name"), p.orUnknown(c.Contractor.Name)},
			{p.t("代表者", "Head"), p.orUnknown(c.Contractor.Representative)},
		},
	}
}

func (p *paper) subtitle() string {
	t := p.pack.Table41
	sub := fmt.Sprintf(p.t("%s「%s」（%s）による", "by %s 「%s」 (%s)"), t.Number, t.Title, p.pack.Edition)
	if p.Training {
		return p.t("訓練のための書面であり、効力を持たない　", "for training only, without any force — ") + sub
	}
	return sub
}

// verdict says in the table's own words what was reached and on whose word.
func (p *paper) verdict() page.Block {
	d := p.Derivation
	b := page.Box{Heavy: true, Lead: p.lead()}
	if d.Row == rules.Row1 {
		b.Lines = append(b.Lines, p.t(rules.StatementRow1+"。",
			"「"+rules.StatementRow1+"」 This record does not prove the physical destruction that row (1) asks for."))
	}
	if r, ok := p.pack.Row(d.Row); ok {
		b.Lines = append(b.Lines, p.t("対象: ", "Covers: ")+p.pack.Table41.Number+r.Label+" "+r.Class)
	}
	b.Lines = append(b.Lines, p.t("結果: ", "Outcome: ")+p.label(d.Outcome.Label())+p.t("　　根拠: ", "    Basis: ")+p.label(d.Basis.Label()))
	if !p.Classification.Signed {
		b.Lines = append(b.Lines, p.t("分類は作業者の申告による（署名された案件によらない）。",
			"The classification is the operator's word (分類は作業者の申告), not that of a signed case."))
	}
	if d.Paper == rules.PaperIncomplete || d.Outcome != rules.OutcomeVerified {
		for i, r := range p.notes(d.Reasons) {
			if i == 3 {
				b.Lines = append(b.Lines, fmt.Sprintf(p.t("ほか %d 件の理由は次頁以降。", "%d more reasons on the next pages."), len(d.Reasons)-3))
				break
			}
			b.Lines = append(b.Lines, p.t("理由: ", "Reason: ")+r)
		}
	}
	return b
}

func (p *paper) lead() string {
	items := p.items()
	switch p.Derivation.Paper {
	case rules.PaperErasedRow2:
		return p.t("下記の記憶媒体を、"+items+"により、抹消した。",
			"The medium below was sanitized (抹消) by "+items+".")
	case rules.PaperErasedRow3:
		return p.t("下記の記憶媒体を、一般的に入手可能な復元ツールの利用によっても復元が困難な状態に消去した（"+items+"）。",
			"The medium below was erased (消去) so that recovery is difficult even with commonly available recovery tools ("+items+").")
	case rules.PaperStageA:
		n := p.pack.Table41.Number
		return p.t("下記の記憶媒体を、庁舎内において、"+n+"(3)の「情報の復元が困難な状態」までデータの消去を行った（"+items+"）。物理的な破壊を待つ。",
			"The data on the medium below was erased on the premises (庁舎内) to 「情報の復元が困難な状態」 of "+n+"(3) ("+items+"). It awaits physical destruction.")
	}
	return p.t("下記の記憶媒体の消去・抹消は、完了していない。", "The erasure or sanitization of the medium below is NOT complete (完了していない).")
}

// items names the methods of 図表41 that were reached, letter by letter.
func (p *paper) items() string {
	d := p.Derivation
	var out []string
	for _, it := range d.Items {
		if m, ok := p.pack.Method(it); ok {
			out = append(out, it+"「"+m.Text+"」")
			continue
		}
		out = append(out, "「"+it+"」")
	}
	if len(out) == 0 {
		return p.t("該当する方法なし", "no method of the table")
	}
	r, _ := p.pack.Row(d.Reached)
	return p.pack.Table41.Number + r.Label + strings.Join(out, "、")
}

// destruction is the prompt for what must follow.
func (p *paper) destruction(d *DestructionPrompt) page.Block {
	b := page.Box{Heavy: true, Lead: p.t("物理的な破壊が必要である", "Physical destruction is required (物理的な破壊が必要である)"), Lines: []string{
		p.t("製造番号: ", "Serial number: ") + p.orUnknown(d.Serial) + p.t("　　管理番号: ", "    Asset number: ") + p.orUnknown(d.AssetNumber),
		p.t("認められる方法: ", "Accepted: ") + p.orUnknown(strings.Join(d.Ways, "・")) +
			p.t("（穴開けのみは、これに当たらない）", " (a drilled hole alone is not enough)"),
		p.t("立会い: ", "Witness: ") + p.orUnknown(d.Witness),
		p.deadline(d.Deadline),
	}}
	if d.InsideOnly {
		b.Lines = append(b.Lines, p.t("庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊すること。",
			"It must not leave the premises (庁舎外へ持ち出さない): destroy it inside, with staff present."))
	}
	return b
}

// deadline is labelled unless it says itself what it is the deadline of.
func (p *paper) deadline(s string) string {
	if strings.Contains(s, "提出期限") {
		return s
	}
	return p.t("破壊の完了証明書の提出期限: ", "Certificate of destruction due (提出期限): ") + p.orUnknown(s)
}
