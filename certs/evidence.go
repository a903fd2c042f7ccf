package certs

import (
	"fmt"
	"strconv"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// limitsPart is why it is this and not more, and what is not claimed.
func (p *paper) limitsPart() []page.Block {
	none := p.t("なし", "none")
	return []page.Block{
		page.Heading{Text: p.t("主張しない事項", "Not claimed")},
		list(append(p.notes(p.Derivation.NotClaimed), p.notes(p.NotClaimed)...), none),
		page.Heading{Text: p.t("判定の理由", "Reasons of the outcome")},
		list(p.notes(p.Derivation.Reasons), none),
	}
}

func (p *paper) casePart() []page.Block {
	c, k := p.Case, p.Clock
	noCase := p.t("案件なし", "no case")
	return []page.Block{
		page.Heading{Text: p.t("案件・ルールパック・方針・時計", "Case, rule pack, policy, clock")},
		page.Fields{Rows: [][]page.Field{
			p.row(p.t("案件番号", "Case"), c.ID, p.t("案件の署名", "Case signed"), p.signedWord(c.Signed)),
			p.row(p.t("案件のSHA-256", "SHA-256 of case"), or(c.Hash, noCase)),
			p.row(p.t("ナンス", "Nonce"), or(c.Nonce, noCase), p.t("名簿", "Roster"), p.roster()),
			p.row(p.t("分類の注記", "On the category"), p.joined(p.Classification.Notes)),
			p.row(p.t("ルールパック", "Rule pack"), p.RulePack.ID+p.t("（", " (")+p.RulePack.Edition+p.t("）", ")"), p.t("出典", "Source"), p.RulePack.Source),
			p.row(p.t("パックのSHA-256", "SHA-256 of pack"), p.RulePack.Hash),
			p.row(p.t("団体の方針", "Policy"), p.policy(), p.t("方針の署名", "Policy signed"), p.signedWord(p.PolicySigned)),
			p.row(p.t("時計の確認", "Clock"), p.clockWord(), p.t("補正", "Correction"), fmt.Sprintf(p.t("%d 秒", "%d s"), k.CorrectionSeconds)),
			p.row(p.t("RTCをUTCと読む", "RTC read as UTC"), p.clock(k.RTCAsUTC), p.t("RTCをJSTと読む", "RTC read as JST"), p.clock(k.RTCAsJST)),
			p.row(p.t("発行時刻", "Issued"), p.moment(p.Issued)+p.t("（本書の時刻はすべて日本時間）", " (all times are Japan's)")),
		}},
		page.Para{Text: p.pack.Table711.Conflict.In(string(p.tongue))},
	}
}

func (g tongue) signedWord(b bool) string {
	if b {
		return g.t("団体の署名あり（検証は添付の案件による）", "by the municipality (check the attached case)")
	}
	return g.t("署名なし", "not signed")
}

func (p *paper) roster() string {
	a := p.Asset
	if !a.InRoster {
		return p.t("名簿外", "not in the roster")
	}
	return fmt.Sprintf(p.t("%d 番目、予定媒体数 %d", "line %d, %d media expected"), a.RosterIndex+1, a.ExpectedMedia)
}

func (p *paper) clockWord() string {
	k := p.Clock
	chosen := map[string]string{"utc": p.t("RTCはUTC", "RTC is UTC"), "jst": p.t("RTCはJST", "RTC is JST"), "typed": p.t("手入力", "typed")}[k.Chosen]
	if !k.Confirmed {
		return p.dots(p.t("未確認", "not confirmed"), chosen)
	}
	return p.dots(p.t("確認済み", "confirmed"), chosen, k.ConfirmedBy)
}

func (g tongue) joined(items []string) string {
	if len(items) == 0 {
		return g.t("なし", "none")
	}
	return g.join("\n", items...)
}

// policy lists what the 団体 asks beyond the table.
func (p *paper) policy() string {
	pol := p.Policy
	var out []string
	add := func(ok bool, inJa, inEn string) {
		if ok {
			out = append(out, p.t(inJa, inEn))
		}
	}
	number := func(n int, inJa, inEn string) {
		if n > 0 {
			out = append(out, fmt.Sprintf(p.t(inJa, inEn), n))
		}
	}
	add(pol.ID != "", pol.ID, pol.ID)
	add(pol.MinimumRow != 0, "最低でも"+p.label(pol.MinimumRow.Label()), "at least "+p.label(pol.MinimumRow.Label()))
	number(pol.MinRandomPasses, "乱数%d回以上", "random ×%d or more")
	add(pol.RequireFullVerify, "全域検証", "full verification")
	add(pol.RequireHostVerified, "装置の自己申告のみは不可", "the device's own word is not enough")
	add(pol.RequireSecondPerson, "二人での確認", "a second person confirms")
	add(pol.RefuseCryptoErase, "暗号化消去は不可", "no cryptographic erase")
	number(int(pol.MinCanaries), "目印%d個以上", "%d canaries or more")
	add(pol.SoleOverwriteForRow2, "HDDの上書きを(2)③と認める", "overwriting an HDD counts as (2)③")
	number(pol.RetentionYears, "保存期間%d年", "kept for %d years")
	number(pol.DestructionDays, "破壊の証明書は%d日以内", "certificate of destruction within %d days")
	add(pol.WitnessAndCertificate, "立会いと証明書の両方", "both witness and certificate")
	if len(out) == 0 {
		return p.t("なし", "none")
	}
	return p.join(p.t("、", "; "), out...)
}

func (p *paper) planPart() []page.Block {
	g := page.Grid{
		Head:   []string{"#", p.t("技法", "Technique"), p.t("回数", "Passes"), p.t("検証", "Verify"), p.t("理由", "Reason"), p.t("根拠", "Source")},
		Widths: []float64{4, 28, 7, 14, 29, 18},
	}
	if p.since(2) {
		g.Widths = []float64{4, 26, 9, 14, 29, 18}
	}
	for i, s := range p.Plan.Steps {
		g.Rows = append(g.Rows, []string{numbered(i), p.label(s.Technique.Label()), strconv.Itoa(s.Passes),
			p.label(rules.VerifyKind(s.Verify).Label()), or(s.Reason, "－"), or(s.Citation, "－")})
	}
	blocks := []page.Block{page.Heading{Text: p.t("計画", "Plan")}}
	if len(g.Rows) > 0 {
		blocks = append(blocks, g)
	}
	return append(blocks, page.Fields{Rows: [][]page.Field{
		p.row(p.t("計画のSHA-256", "SHA-256 of plan"), or(p.Plan.Hash, p.t("計画なし", "no plan"))),
		p.row(p.t("水準の選択", "Level chosen"), or(p.Plan.Chosen, p.t("人による水準の引下げなし", "nobody lowered the level"))),
		p.row(p.t("残る事項", "Left undone"), p.joined(p.Plan.Undoing)),
	}})
}
