package certs

import (
	"fmt"
	"strconv"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// limitsPart is why it is this and not more, and what is not claimed.
func limitsPart(s *Statement, _ *rules.Pack) []page.Block {
	return []page.Block{
		page.Heading{Text: "主張しない事項"},
		list(append(notes(s.Derivation.NotClaimed), notes(s.NotClaimed)...), "なし"),
		page.Heading{Text: "判定の理由"},
		list(notes(s.Derivation.Reasons), "なし"),
	}
}

func casePart(s *Statement, pack *rules.Pack) []page.Block {
	c, k := s.Case, s.Clock
	return []page.Block{
		page.Heading{Text: "案件・ルールパック・方針・時計"},
		page.Fields{Rows: [][]page.Field{
			row("案件番号", c.ID, "案件の署名", signedWord(c.Signed)),
			row("案件のSHA-256", or(c.Hash, "案件なし")),
			row("ナンス", or(c.Nonce, "案件なし"), "名簿", roster(s.Asset)),
			row("分類の注記", joined(s.Classification.Notes)),
			row("ルールパック", s.RulePack.ID+"（"+s.RulePack.Edition+"）", "出典", s.RulePack.Source),
			row("パックのSHA-256", s.RulePack.Hash),
			row("団体の方針", policy(s.Policy), "方針の署名", signedWord(s.PolicySigned)),
			row("時計の確認", clockWord(k), "補正", fmt.Sprintf("%d 秒", k.CorrectionSeconds)),
			row("RTCをUTCと読む", clock(k.RTCAsUTC), "RTCをJSTと読む", clock(k.RTCAsJST)),
			row("発行時刻", moment(s.Issued)+"（本書の時刻はすべて日本時間）"),
		}},
		page.Para{Text: pack.Table711.Conflict.Ja},
	}
}

func signedWord(b bool) string {
	if b {
		return "団体の署名あり（検証は添付の案件による）"
	}
	return "署名なし"
}

func roster(a Asset) string {
	if !a.InRoster {
		return "名簿外"
	}
	return fmt.Sprintf("%d 番目、予定媒体数 %d", a.RosterIndex+1, a.ExpectedMedia)
}

func clockWord(k Clock) string {
	chosen := map[string]string{"utc": "RTCはUTC", "jst": "RTCはJST", "typed": "手入力"}[k.Chosen]
	if !k.Confirmed {
		return join("・", "未確認", chosen)
	}
	return join("・", "確認済み", chosen, k.ConfirmedBy)
}

func joined(items []string) string {
	if len(items) == 0 {
		return "なし"
	}
	return join("\n", items...)
}

// policy lists what the 団体 asks beyond the table.
func policy(p rules.Policy) string {
	var out []string
	add := func(ok bool, s string) {
		if ok {
			out = append(out, s)
		}
	}
	add(p.ID != "", p.ID)
	add(p.MinimumRow != 0, "最低でも"+p.MinimumRow.Label().Ja)
	add(p.MinRandomPasses > 0, fmt.Sprintf("乱数%d回以上", p.MinRandomPasses))
	add(p.RequireFullVerify, "全域検証")
	add(p.RequireHostVerified, "装置の自己申告のみは不可")
	add(p.RequireSecondPerson, "二人での確認")
	add(p.RefuseCryptoErase, "暗号化消去は不可")
	add(p.MinCanaries > 0, fmt.Sprintf("目印%d個以上", p.MinCanaries))
	add(p.SoleOverwriteForRow2, "HDDの上書きを(2)③と認める")
	add(p.RetentionYears > 0, fmt.Sprintf("保存期間%d年", p.RetentionYears))
	add(p.DestructionDays > 0, fmt.Sprintf("破壊の証明書は%d日以内", p.DestructionDays))
	add(p.WitnessAndCertificate, "立会いと証明書の両方")
	if len(out) == 0 {
		return "なし"
	}
	return join("、", out...)
}

func planPart(s *Statement, _ *rules.Pack) []page.Block {
	g := page.Grid{
		Head:   []string{"#", "技法", "回数", "検証", "理由", "根拠"},
		Widths: []float64{4, 28, 7, 14, 29, 18},
	}
	for i, p := range s.Plan.Steps {
		g.Rows = append(g.Rows, []string{strconv.Itoa(i + 1), p.Technique.Label().Ja, strconv.Itoa(p.Passes),
			rules.VerifyKind(p.Verify).Label().Ja, or(p.Reason, "－"), or(p.Citation, "－")})
	}
	blocks := []page.Block{page.Heading{Text: "計画"}}
	if len(g.Rows) > 0 {
		blocks = append(blocks, g)
	}
	return append(blocks, page.Fields{Rows: [][]page.Field{
		row("計画のSHA-256", or(s.Plan.Hash, "計画なし")),
		row("水準の選択", or(s.Plan.Chosen, "人による水準の引下げなし")),
		row("残る事項", joined(s.Plan.Undoing)),
	}})
}

func machinesPart(s *Statement, _ *rules.Pack) []page.Block {
	h, w := s.Host, s.Station
	b := s.Boot
	pcrs := page.Grid{Head: []string{"PCR", "値 (SHA-256)"}, Widths: []float64{17, 83}}
	for _, p := range b.PCRs {
		pcrs.Rows = append(pcrs.Rows, []string{strconv.Itoa(p.Index), p.Value})
	}
	if len(b.PCRs) == 0 {
		pcrs.Rows = append(pcrs.Rows, []string{"記録なし", "－"})
	}
	return []page.Block{
		page.Heading{Text: "取り外し元機器と作業機"},
		page.Grid{Head: []string{"", "取り外し元機器", "作業機"}, Widths: []float64{18, 41, 41}, Rows: [][]string{
			{"製造者", orUnknown(h.Maker), orUnknown(w.Maker)},
			{"型番", orUnknown(h.Model), orUnknown(w.Model)},
			{"製造番号", serialWord(h), serialWord(w)},
			{"UUID", orUnknown(h.UUID), orUnknown(w.UUID)},
			{"筐体・基板", join("・", h.Chassis, h.Board), join("・", w.Chassis, w.Board)},
			{"BIOS", orUnknown(h.BIOS), orUnknown(w.BIOS)},
			{"CPU・メモリ", join("・", h.CPU, memory(h)), join("・", w.CPU, memory(w))},
			{"出所", source(h.Source), source(w.Source)},
		}},
		page.Heading{Text: "作業機の起動"},
		page.Fields{Rows: [][]page.Field{
			row("カーネル", b.Kernel, "Secure Boot", yesNo(b.SecureBoot)),
			row("コマンドライン", b.KernelCmdline),
			row("TPM", yesNo(b.TPM)+"　"+or(b.TPMNote, "TPMの真正性は未確認"), "シェルの使用", yesNo(b.ShellUsed)),
			row("イベントログ", or(b.EventLogDigest, "記録なし")),
		}},
		pcrs,
	}
}

func serialWord(m Machine) string {
	if m.SerialPlaceholder {
		return orUnknown(m.Serial) + "（製造者の仮の値）"
	}
	return orUnknown(m.Serial)
}

func memory(m Machine) string {
	if m.MemoryBytes == 0 {
		return ""
	}
	return fmt.Sprintf("%d MiB", m.MemoryBytes>>20)
}

func source(s string) string {
	return map[string]string{"dmi": "ファームウェア (DMI)", "roster": "名簿", "operator": "作業者の申告", "": unknown}[s]
}
