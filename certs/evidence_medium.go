package certs

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// mediumPart is what the drive said of itself before and after.
func (p *paper) mediumPart() []page.Block {
	blocks := []page.Block{page.Heading{Text: p.t("記憶媒体", "Medium")}, p.identity(), p.hidden()}
	if p.since(2) && len(p.Prepared) > 0 {
		blocks = append(blocks, p.commands(p.Prepared, p.t("準備のコマンド", "Command of preparation")))
	}
	return append(blocks, p.smart(), p.raw())
}

func (p *paper) identity() page.Block {
	m := p.Medium
	none, silent := p.t("なし", "none"), p.t("報告なし", "not reported")
	rows := [][]page.Field{
		p.row(p.t("ファームウェア", "Firmware"), m.Firmware, p.t("識別の出所", "Identity read from"), m.IdentitySource),
		p.row(p.t("セクタ数", "Sectors"), p.sectors(m.Sectors), p.t("セクタ長", "Sector size"), p.sectorSizes()),
		p.row(p.t("回転数", "Rotation"), p.rotation(m.RotationRPM), p.t("機器の区分", "Class"), m.Class),
		p.row(p.t("識別の再確認", "Identity rechecked"), count(m.IdentityRechecks)+p.t(" 回", " times"), p.t("識別の一致", "Identity"), p.held(p.Facts)),
	}
	if p.since(2) {
		rows = append(rows, p.encryption(p.t("暗号化（実施前）", "Encryption before"), m.Encryption))
		if e := m.EncryptionAfter; e != nil {
			rows = append(rows, p.encryption(p.t("暗号化（実施後）", "Encryption after"), *e))
		} else {
			rows = append(rows, p.row(p.t("暗号化（実施後）", "Encryption after"), ""))
		}
	} else {
		rows = append(rows,
			p.row("自己暗号化", p.yesNo(m.Encryption.SelfEncrypting)+"　"+m.Encryption.SSC, "ATAセキュリティ", or(m.Encryption.ATASecurity, "該当なし・不明")),
			p.row("暗号化の注記", or(m.Encryption.Note, none)))
	}
	return page.Fields{Rows: append(rows,
		p.row(p.t("未割当 (NVMe)", "Unallocated (NVMe)"), or(m.UnallocatedBytes, silent), p.t("未接続の名前空間", "Unattached namespaces"), or(m.UnattachedNamespaces, silent)),
		p.row(p.t("同じ媒体の他の装置", "Same medium"), p.joined(m.OtherDevicesOfMedium)),
	)}
}

// encryption is what the drive says of its own encryption and its locks.
func (p *paper) encryption(label string, e Encryption) []page.Field {
	own := p.t("自己暗号化 ", "self-encrypting: ") + p.yesNo(e.SelfEncrypting)
	if e.SSC != "" {
		own += " (" + e.SSC + ")"
	}
	lock := p.t("TCGのロック ", "locked by TCG: ") + p.yesNo(e.Locked)
	ata := p.t("ATAセキュリティ ", "ATA security: ") + or(e.ATASecurity, p.t("該当なし・不明", "does not apply, or unknown"))
	return p.row(label, p.join(p.t("、", "; "), own, lock, ata, e.Note))
}

func (p *paper) hidden() page.Block {
	h, k := p.Medium.HiddenBefore, p.Medium.HiddenAfter
	none := p.t("なし", "none")
	return page.Grid{Head: []string{p.t("隠し領域", "Hidden area"), p.t("実施前", "before"), p.t("実施後", "after")}, Widths: []float64{40, 30, 30}, Rows: [][]string{
		{"HPA (Host Protected Area)", p.label(h.HPA.Label()), p.label(k.HPA.Label())},
		{"DCO (Device Configuration Overlay)", p.label(h.DCO.Label()), p.label(k.DCO.Label())},
		{"AMAC (Accessible Max Address)", p.label(h.AMAC.Label()), p.label(k.AMAC.Label())},
		{p.t("本来のセクタ数", "Native sectors"), p.sectors(h.NativeSectors), p.sectors(k.NativeSectors)},
		{p.t("注記", "Note"), or(h.Note, none), or(k.Note, none)},
	}}
}

func (p *paper) smart() page.Block {
	b, a := p.Medium.HealthBefore, p.Medium.HealthAfter
	return page.Grid{Head: []string{p.t("自己診断 (SMART など)", "Health (SMART and its kin)"), p.t("実施前", "before"), p.t("実施後", "after")},
		Widths: []float64{40, 30, 30}, Rows: [][]string{
			{p.t("代替処理済みセクタ", "Reallocated sectors"), p.reported(b.Reallocated), p.reported(a.Reallocated)},
			{p.t("代替処理待ちセクタ", "Pending sectors"), p.reported(b.Pending), p.reported(a.Pending)},
			{p.t("回復不能セクタ", "Uncorrectable sectors"), p.reported(b.Uncorrectable), p.reported(a.Uncorrectable)},
			{p.t("増加欠陥", "Grown defects"), p.reported(b.GrownDefects), p.reported(a.GrownDefects)},
			{p.t("通電時間 (時間)", "Power-on hours"), p.reported(b.PowerOnHours), p.reported(a.PowerOnHours)},
			{p.t("温度 (℃)", "Temperature (℃)"), p.reportedInt(b.TemperatureC), p.reportedInt(a.TemperatureC)},
			{p.t("消耗率 (%)", "Percentage used"), p.reported(b.PercentUsed), p.reported(a.PercentUsed)},
			{p.t("故障予測", "Failure predicted"), p.yesNo(b.FailPredicted), p.yesNo(a.FailPredicted)},
		}}
}

func (g tongue) sectors(n uint64) string {
	if n == 0 {
		return g.unknown()
	}
	return count(n)
}

func (p *paper) sectorSizes() string {
	m := p.Medium
	if m.LogicalSector == 0 {
		return p.unknown()
	}
	physical := p.unknown()
	if m.PhysicalSector != 0 {
		physical = strconv.Itoa(int(m.PhysicalSector))
	}
	return p.t("論理 ", "logical ") + strconv.Itoa(int(m.LogicalSector)) + p.t("・物理 ", ", physical ") + physical + p.t(" バイト", " bytes")
}

func (g tongue) rotation(rpm uint16) string {
	switch rpm {
	case 0:
		return g.t("報告なし", "not reported")
	case 1:
		return g.t("回転なし", "none")
	}
	return strconv.Itoa(int(rpm)) + " rpm"
}

func (g tongue) held(f rules.Facts) string {
	switch {
	case !f.IdentityOwn:
		return g.t("媒体自身の識別ではない", "not the medium's own")
	case !f.IdentityHeld:
		return g.t("終了までの一致を確認できず", "not seen to hold until the end")
	}
	return g.t("開始から終了まで一致", "the same from beginning to end")
}

// raw lists the drive's answers by digest; the attached record holds the bytes.
func (p *paper) raw() page.Block {
	g := page.Grid{Head: []string{p.t("装置の応答", "Answer of the device"), p.t("長さ", "Bytes"),
		p.t("SHA-256（応答そのものは添付の記録にある）", "SHA-256 (the answer itself is in the attached record)")}, Widths: []float64{22, 8, 70}}
	for _, r := range p.Medium.Raw {
		sum := sha256.Sum256(r.Bytes)
		g.Rows = append(g.Rows, []string{r.Name, strconv.Itoa(len(r.Bytes)), hex.EncodeToString(sum[:])})
	}
	if len(g.Rows) == 0 {
		g.Rows = append(g.Rows, []string{p.t("記録なし", "none recorded"), "－", "－"})
	}
	return g
}
