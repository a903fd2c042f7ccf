package certs

import (
	"fmt"
	"strconv"

	"github.com/massho/massho/certs/page"
)

func (p *paper) machinesPart() []page.Block {
	h, w := p.Host, p.Station
	return []page.Block{
		page.Heading{Text: p.t("取り外し元機器と作業機", "Source machine and station")},
		page.Grid{Head: []string{"", p.t("取り外し元機器", "Taken from"), p.t("作業機", "Station")}, Widths: []float64{18, 41, 41}, Rows: [][]string{
			{p.t("製造者", "Maker"), p.orUnknown(h.Maker), p.orUnknown(w.Maker)},
			{p.t("型番", "Model"), p.orUnknown(h.Model), p.orUnknown(w.Model)},
			{p.t("製造番号", "Serial number"), p.serialWord(h), p.serialWord(w)},
			{"UUID", p.orUnknown(h.UUID), p.orUnknown(w.UUID)},
			{p.t("筐体・基板", "Chassis, board"), p.dots(h.Chassis, h.Board), p.dots(w.Chassis, w.Board)},
			{"BIOS", p.orUnknown(h.BIOS), p.orUnknown(w.BIOS)},
			{p.t("CPU・メモリ", "CPU, memory"), p.dots(h.CPU, memory(h)), p.dots(w.CPU, memory(w))},
			{p.t("出所", "Known from"), p.source(h.Source), p.source(w.Source)},
		}},
		page.Heading{Text: p.t("作業機の起動", "Start of the station")}, p.bootTable(), p.pcrs(),
	}
}

func (p *paper) bootTable() page.Block {
	b := p.Boot
	return page.Fields{Rows: [][]page.Field{
		p.row(p.t("カーネル", "Kernel"), b.Kernel, "Secure Boot", p.yesNo(b.SecureBoot)),
		p.row(p.t("コマンドライン", "Command line"), b.KernelCmdline),
		p.row("TPM", p.yesNo(b.TPM)+"　"+or(b.TPMNote, p.t("TPMの真正性は未確認", "whether the TPM is genuine was not checked (TPMの真正性は未確認)")),
			p.t("シェルの使用", "Shell used"), p.yesNo(b.ShellUsed)),
		p.row(p.t("イベントログ", "Event log"), or(b.EventLogDigest, p.t("記録なし", "not recorded"))),
	}}
}

func (p *paper) pcrs() page.Block {
	g := page.Grid{Head: []string{"PCR", p.t("値 (SHA-256)", "value (SHA-256)")}, Widths: []float64{17, 83}}
	for _, r := range p.Boot.PCRs {
		g.Rows = append(g.Rows, []string{strconv.Itoa(r.Index), r.Value})
	}
	if len(p.Boot.PCRs) == 0 {
		g.Rows = append(g.Rows, []string{p.t("記録なし", "none recorded"), "－"})
	}
	return g
}

func (g tongue) serialWord(m Machine) string {
	if m.SerialPlaceholder {
		return g.orUnknown(m.Serial) + g.t("（製造者の仮の値）", " (the maker's placeholder)")
	}
	return g.orUnknown(m.Serial)
}

func memory(m Machine) string {
	if m.MemoryBytes == 0 {
		return ""
	}
	return fmt.Sprintf("%d MiB", m.MemoryBytes>>20)
}

func (g tongue) source(s string) string {
	return map[string]string{"dmi": g.t("ファームウェア (DMI)", "firmware (DMI)"), "roster": g.t("名簿", "roster"),
		"operator": g.t("作業者の申告", "the operator's word"), "": g.unknown()}[s]
}

func (p *paper) recordPart() []page.Block {
	j, t := p.Journal, p.Tool
	none := p.t("記録なし", "not recorded")
	return []page.Block{
		page.Heading{Text: p.t("記録とプログラム", "Record and program")},
		page.Fields{Rows: [][]page.Field{
			p.row(p.t("実行番号", "Run"), or(j.RunID, none), p.t("記録の数", "Records"), count(j.Records)),
			p.row(p.t("記録の最新ハッシュ", "Head of the journal"), or(j.HeadHash, none)),
			p.row(p.t("画面に示した符号", "Code on the screen"), or(j.Code, none), p.t("添付", "Attached"), or(j.AttachedName, p.t("添付なし", "not attached"))),
			p.row(p.t("プログラム", "Program"), p.join(" ", t.Name, t.Version)),
			p.row(p.t("実行ファイル", "Executable"), or(t.BuildHash, p.unknown())),
			p.row(p.t("起動イメージ", "Boot image"), or(t.ImageHash, p.unknown())),
		}},
	}
}

// checkPart tells a reader how to check this paper without us.
func (p *paper) checkPart() []page.Block {
	rows := [][]page.Field{
		p.row(p.t("記録のSHA-256", "SHA-256 of record"), p.hash),
		p.row(p.t("書式", "Format"), "Statement "+strconv.Itoa(p.SchemaVersion)+p.t("・紙面 ", ", layout ")+
			strconv.Itoa(p.Layout.Version)+p.t("・", ", ")+p.Layout.Lang),
	}
	for _, f := range p.Layout.Fonts {
		rows = append(rows, p.row(p.t("書体", "Font"), f.Name+"　"+f.SHA256))
	}
	return []page.Block{
		page.Heading{Text: p.t("この書面の検査", "How to check this paper")},
		page.Fields{Rows: rows},
		page.Para{Text: p.t("検査: massho-verify この書面.pdf --trust 団体のroot.pem（ネットワーク不要）。"+
			"添付 "+AttachedStatement+" がこの書面のもとの記録であり、紙面はそこから描き直して比べられる。"+
			"署名が示すのは、誰がこの記録を作り、その後に変えられていないことである。記録の真実性は、署名された案件、記録（ジャーナル）、撮影された画面の符号、立会いによって裏付ける。",
			"Check with: massho-verify this.pdf --trust root.pem of the municipality (no network needed). "+
				"The attached "+AttachedStatement+" is the record that this page was drawn from; the page is drawn again from it and compared. "+
				"A signature shows who made the record and that nothing was changed since. That the record is true is corroborated by the signed case, the journal, the codes that were filmed, and the witness.")},
	}
}
