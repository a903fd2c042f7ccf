package certs

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// mediumPart is what the drive said of itself before and after.
func mediumPart(s *Statement, _ *rules.Pack) []page.Block {
	m := s.Medium
	b, a := m.HealthBefore, m.HealthAfter
	smart := page.Grid{Head: []string{"自己診断 (SMART など)", "実施前", "実施後"}, Widths: []float64{40, 30, 30}, Rows: [][]string{
		{"代替処理済みセクタ", reported(b.Reallocated), reported(a.Reallocated)},
		{"代替処理待ちセクタ", reported(b.Pending), reported(a.Pending)},
		{"回復不能セクタ", reported(b.Uncorrectable), reported(a.Uncorrectable)},
		{"増加欠陥", reported(b.GrownDefects), reported(a.GrownDefects)},
		{"通電時間 (時間)", reported(b.PowerOnHours), reported(a.PowerOnHours)},
		{"温度 (℃)", reportedInt(b.TemperatureC), reportedInt(a.TemperatureC)},
		{"消耗率 (%)", reported(b.PercentUsed), reported(a.PercentUsed)},
		{"故障予測", yesNo(b.FailPredicted), yesNo(a.FailPredicted)},
	}}
	h, k := m.HiddenBefore, m.HiddenAfter
	hidden := page.Grid{Head: []string{"隠し領域", "実施前", "実施後"}, Widths: []float64{40, 30, 30}, Rows: [][]string{
		{"HPA (Host Protected Area)", h.HPA.Label().Ja, k.HPA.Label().Ja},
		{"DCO (Device Configuration Overlay)", h.DCO.Label().Ja, k.DCO.Label().Ja},
		{"AMAC (Accessible Max Address)", h.AMAC.Label().Ja, k.AMAC.Label().Ja},
		{"本来のセクタ数", sectors(h.NativeSectors), sectors(k.NativeSectors)},
		{"注記", or(h.Note, "なし"), or(k.Note, "なし")},
	}}
	return []page.Block{
		page.Heading{Text: "記憶媒体"},
		page.Fields{Rows: [][]page.Field{
			row("ファームウェア", m.Firmware, "識別の出所", m.IdentitySource),
			row("セクタ数", sectors(m.Sectors), "セクタ長", sectorSizes(m)),
			row("回転数", rotation(m.RotationRPM), "機器の区分", m.Class),
			row("識別の再確認", count(m.IdentityRechecks)+" 回", "識別の一致", held(s.Facts)),
			row("自己暗号化", yesNo(m.Encryption.SelfEncrypting)+"　"+m.Encryption.SSC, "ATAセキュリティ", or(m.Encryption.ATASecurity, "該当なし・不明")),
			row("暗号化の注記", or(m.Encryption.Note, "なし")),
			row("未割当 (NVMe)", or(m.UnallocatedBytes, "報告なし"), "未接続の名前空間", or(m.UnattachedNamespaces, "報告なし")),
			row("同じ媒体の他の装置", joined(m.OtherDevicesOfMedium)),
		}},
		hidden, smart, raw(m),
	}
}

func sectors(n uint64) string {
	if n == 0 {
		return unknown
	}
	return count(n)
}

func sectorSizes(m Medium) string {
	if m.LogicalSector == 0 {
		return unknown
	}
	physical := unknown
	if m.PhysicalSector != 0 {
		physical = strconv.Itoa(int(m.PhysicalSector))
	}
	return "論理 " + strconv.Itoa(int(m.LogicalSector)) + "・物理 " + physical + " バイト"
}

func rotation(rpm uint16) string {
	switch rpm {
	case 0:
		return "報告なし"
	case 1:
		return "回転なし"
	}
	return strconv.Itoa(int(rpm)) + " rpm"
}

func held(f rules.Facts) string {
	switch {
	case !f.IdentityOwn:
		return "媒体自身の識別ではない"
	case !f.IdentityHeld:
		return "終了までの一致を確認できず"
	}
	return "開始から終了まで一致"
}

// raw lists the drive's answers by digest; the attached record holds the bytes.
func raw(m Medium) page.Block {
	g := page.Grid{Head: []string{"装置の応答", "長さ", "SHA-256（応答そのものは添付の記録にある）"}, Widths: []float64{22, 8, 70}}
	for _, r := range m.Raw {
		sum := sha256.Sum256(r.Bytes)
		g.Rows = append(g.Rows, []string{r.Name, strconv.Itoa(len(r.Bytes)), hex.EncodeToString(sum[:])})
	}
	if len(g.Rows) == 0 {
		g.Rows = append(g.Rows, []string{"記録なし", "－", "－"})
	}
	return g
}

func recordPart(s *Statement, _ *rules.Pack) []page.Block {
	j, t := s.Journal, s.Tool
	return []page.Block{
		page.Heading{Text: "記録とプログラム"},
		page.Fields{Rows: [][]page.Field{
			row("実行番号", or(j.RunID, "記録なし"), "記録の数", count(j.Records)),
			row("記録の最新ハッシュ", or(j.HeadHash, "記録なし")),
			row("画面に示した符号", or(j.Code, "記録なし"), "添付", or(j.AttachedName, "添付なし")),
			row("プログラム", join(" ", t.Name, t.Version)),
			row("実行ファイル", or(t.BuildHash, unknown)),
			row("起動イメージ", or(t.ImageHash, unknown)),
		}},
	}
}

// checkPart tells a reader how to check this paper without us.
func checkPart(s *Statement, payloadHash string) []page.Block {
	rows := [][]page.Field{
		row("記録のSHA-256", payloadHash),
		row("書式", "Statement "+strconv.Itoa(s.SchemaVersion)+"・紙面 "+strconv.Itoa(s.Layout.Version)+"・"+s.Layout.Lang),
	}
	for _, f := range s.Layout.Fonts {
		rows = append(rows, row("書体", f.Name+"　"+f.SHA256))
	}
	return []page.Block{
		page.Heading{Text: "この書面の検査"},
		page.Fields{Rows: rows},
		page.Para{Text: "検査: massho-verify この書面.pdf --trust 団体のroot.pem（ネットワーク不要）。" +
			"添付 " + AttachedStatement + " がこの書面のもとの記録であり、紙面はそこから描き直して比べられる。" +
			"署名が示すのは、誰がこの記録を作り、その後に変えられていないことである。記録の真実性は、署名された案件、記録（ジャーナル）、撮影された画面の符号、立会いによって裏付ける。"},
	}
}
