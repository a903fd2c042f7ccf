package certs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// stepsPart shows each executed step with what was seen of it.
func (p *paper) stepsPart() []page.Block {
	blocks := []page.Block{page.Heading{Text: p.t("実行した工程", "Steps as they ran")}}
	if p.since(2) {
		blocks = append(blocks, page.Fields{Rows: [][]page.Field{
			p.row(p.t("実行の開始", "Run began"), p.clock(p.Run.Started), p.t("実行の終了", "Run ended"), p.clock(p.Run.Ended)),
		}})
	}
	if len(p.Steps) == 0 {
		blocks = append(blocks, list(nil, p.t("実行した工程はない。", "No step was run.")))
	}
	for i, st := range p.Steps {
		var f rules.Step
		if i < len(p.Facts.Steps) {
			f = p.Facts.Steps[i]
		}
		blocks = append(blocks, p.stepBlocks(i, st, f)...)
	}
	return append(blocks, p.canaryBlocks()...)
}

func (p *paper) stepBlocks(i int, st StepRecord, f rules.Step) []page.Block {
	blocks := []page.Block{
		page.Para{Bold: true, Text: fmt.Sprintf(p.t("工程 %d　%s", "Step %d　%s"), i+1, p.label(st.Technique.Label()))},
		page.Fields{Rows: [][]page.Field{
			p.row(p.t("規格", "Standard"), st.Technique.Standard(), p.t("結果", "Result"), p.label(st.Status.Label())),
			p.row(p.t("装置の応答", "Device's answer"), or(st.RawStatus, p.t("ホストによる書込みのため、なし", "none: the host wrote"))),
			p.row(p.t("回数・内容", "Passes, content"), p.passes(st), p.t("書込み量", "Written"), count(st.Bytes)+p.t(" バイト", " bytes")),
			p.row(p.t("開始", "Began"), p.clock(st.Started), p.t("終了", "Ended"), p.clock(st.Ended)),
			p.row(p.t("所要時間", "Took"), p.duration(st.Started, st.Ended), p.t("平均速度", "Mean rate"), p.speed(st.Bytes, st.Started, st.Ended)),
			p.row(p.t("読み戻し", "Read back"), p.readBack(f.Verification), p.t("目印の確認", "Canaries"), p.canaryCheck(f.Canaries)),
			p.row(p.t("読み戻しの時刻", "Read back at"), p.verifyTimes(st.Verify), p.t("不良セクタ", "Bad sectors"), count(st.BadTotal)+p.t(" セクタ", " sectors")),
			p.row(p.t("注記", "Notes"), p.joined(st.Notes)),
		}},
	}
	if len(st.Commands) > 0 {
		blocks = append(blocks, p.commands(st.Commands, p.t("コマンド", "Command")))
	}
	if st.BadTotal > 0 || len(st.BadRanges) > 0 {
		blocks = append(blocks, p.badRanges(st))
	}
	return append(blocks, p.graph(i, st)...)
}

func (p *paper) commands(list []Command, head string) page.Block {
	g := page.Grid{Head: []string{head, p.t("送った内容 (16進)", "as sent (hex)"), p.t("返った状態", "status returned")}, Widths: []float64{28, 44, 28}}
	for _, c := range list {
		g.Rows = append(g.Rows, []string{p.orUnknown(c.Name), or(c.Bytes, "－"), p.orUnknown(c.Status)})
	}
	return g
}

func (p *paper) passes(st StepRecord) string {
	switch {
	case st.Passes == 0:
		return p.t("装置のコマンド", "the device's command")
	case st.Pattern == "random":
		return fmt.Sprintf(p.t("%d回・乱数 (AES-128-CTR)", "%d, random (AES-128-CTR)"), st.Passes)
	}
	return fmt.Sprintf(p.t("%d回・%s", "%d, %s"), st.Passes, p.orUnknown(st.Pattern))
}

func (p *paper) readBack(v *rules.Verification) string {
	if v == nil {
		return p.t("なし", "none")
	}
	s := p.figures(v)
	if v.Seed != "" {
		s += p.t("、種 ", ", seed ") + v.Seed
	}
	return s
}

func (p *paper) canaryCheck(c *rules.CanaryCheck) string {
	if c == nil {
		return p.t("なし", "none")
	}
	s := fmt.Sprintf(p.t("%s 個中 残存 %s、読取不能 %s", "of %s, %s survived, %s unreadable"), count(c.Read), count(c.Survivors), count(c.Unreadable))
	if c.AfterReset {
		s += p.t("（リセット後）", " (after a reset)")
	}
	return s
}

func (p *paper) verifyTimes(v *VerifyRecord) string {
	if v == nil {
		return p.t("なし", "none")
	}
	return p.clock(v.Started) + p.t(" 〜 ", " to ") + p.clock(v.Ended)
}

// maxPrinted bounds a table on the paper; the attached record holds them all.
const maxPrinted = 200

func (p *paper) badRanges(st StepRecord) page.Block {
	g := page.Grid{Head: []string{p.t("不良セクタの先頭 (LBA)", "First bad sector (LBA)"), p.t("数", "Count"), p.t("種別", "Kind")}, Widths: []float64{40, 30, 30}}
	kinds := map[string]string{"write": p.t("書込み不能", "cannot be written"), "read": p.t("読取不能", "cannot be read"), "mismatch": p.t("不一致", "mismatch")}
	for i, r := range st.BadRanges {
		if i == maxPrinted {
			g.Rows = append(g.Rows, []string{fmt.Sprintf(p.t("ほか %d 区間", "%d more ranges"), len(st.BadRanges)-maxPrinted), "－", p.t("添付の記録を参照", "see the attached record")})
			break
		}
		g.Rows = append(g.Rows, []string{count(r.First), count(r.Count), or(kinds[r.Kind], r.Kind)})
	}
	return g
}

// graph shows the rate between the samples of writing and of reading back.
func (p *paper) graph(i int, st StepRecord) []page.Block {
	g := page.Graph{
		Title: fmt.Sprintf(p.t("工程 %d の速度　太線: 書込み、細線: 読み戻し", "Rate of step %d — thick: written, thin: read back"), i+1),
		XUnit: p.t("分", "min"), YUnit: "MB/s",
	}
	perUnit := 60000.0 // milliseconds
	if p.since(2) && short(st) {
		g.XUnit, perUnit = p.t("秒", "s"), 1000
	}
	g.Curves = []page.Curve{{Name: "write", Points: rates(st.Samples, perUnit)}}
	if p.tongue == en {
		g.None = "no measurement"
	}
	if st.Verify != nil {
		g.Curves = append(g.Curves, page.Curve{Name: "verify", Points: rates(st.Verify.Samples, perUnit)})
	}
	if len(st.Samples) == 0 && (st.Verify == nil || len(st.Verify.Samples) == 0) {
		return nil
	}
	return []page.Block{g}
}

// short: all of a step's samples lie within two minutes.
func short(st StepRecord) bool {
	all := st.Samples
	if st.Verify != nil {
		all = append(append([]Sample{}, all...), st.Verify.Samples...)
	}
	for _, s := range all {
		if s.Millis >= 120_000 {
			return false
		}
	}
	return true
}

// rates turns bytes done at moments into MB/s between them, over a time in units
// of so many milliseconds.
func rates(samples []Sample, perUnit float64) []page.Point {
	var out []page.Point
	last := Sample{}
	for _, s := range samples {
		if s.Millis > last.Millis && s.Bytes >= last.Bytes {
			mbs := float64(s.Bytes-last.Bytes) / 1e3 / float64(s.Millis-last.Millis)
			if len(out) == 0 {
				out = append(out, page.Point{X: float64(last.Millis) / perUnit, Y: mbs})
			}
			out = append(out, page.Point{X: float64(s.Millis) / perUnit, Y: mbs})
		}
		last = s
	}
	return out
}

func (p *paper) canaryBlocks() []page.Block {
	c, k, f := p.Facts.Canaries, p.Facts.Keys, p.Facts
	none := p.t("なし", "none")
	planted := count(c.Planted) + p.t(" 個", "")
	if c.Planted == 0 {
		planted = p.t("植付けなし（", "none planted (") + or(c.Reason, p.t("理由の記録なし", "no reason recorded")) + p.t("）", ")")
	}
	blocks := []page.Block{
		page.Heading{Text: p.t("目印（カナリア）と鍵", "Canaries and keys")},
		page.Fields{Rows: [][]page.Field{
			p.row(p.t("植付け", "Planted"), planted),
			p.row(p.t("種", "Seed"), or(c.Seed, none)),
			p.row(p.t("初回書込みから暗号化", "Encrypted from first write"), p.label(k.EncryptedFromFirstWrite.Label()),
				p.t("鍵の全写しを消去可", "All copies of key erasable"), p.label(k.AllCopiesErasable.Label())),
			p.row(p.t("コマンドの特定", "Command identified"), p.label(k.CommandIdentified.Label()), p.t("中断・再開", "Interrupted, resumed"),
				fmt.Sprintf(p.t("中断 %s、再開 %s 回、記録の欠落 %s", "interrupted: %s, resumed: %s times, gap in the journal: %s"),
					p.yes(f.Interrupted), count(f.Resumed), p.yes(f.JournalGap))),
			p.row(p.t("書込み不能", "Not writable"), count(f.Unwritten)+p.t(" セクタ", " sectors"), p.t("読取不能", "Not readable"), count(f.Unreadable)+p.t(" セクタ", " sectors")),
			p.row(p.t("その他の誤り", "Other errors"), or(strings.Join(f.Errors, "\n"), none)),
		}},
	}
	if len(p.PassKeys) == 0 {
		return blocks
	}
	g := page.Grid{Head: []string{p.t("工程", "Step"), p.t("回", "Pass"), p.t("方式", "Algorithm"),
		p.t("鍵または内容 (再検査のため公開)", "key or content (published, to be checked again)")}, Widths: []float64{8, 8, 22, 62}}
	for _, k := range p.PassKeys {
		g.Rows = append(g.Rows, []string{numbered(k.Step), strconv.Itoa(k.Pass), k.Algorithm, or(k.Key, "－")})
	}
	return append(blocks, g)
}
