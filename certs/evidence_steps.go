package certs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/massho/massho/certs/page"
	"github.com/massho/massho/wipe/rules"
)

// stepsPart shows each executed step with what was seen of it.
func stepsPart(s *Statement, _ *rules.Pack) []page.Block {
	blocks := []page.Block{page.Heading{Text: "実行した工程"}}
	if len(s.Steps) == 0 {
		blocks = append(blocks, list(nil, "実行した工程はない。"))
	}
	for i, st := range s.Steps {
		var f rules.Step
		if i < len(s.Facts.Steps) {
			f = s.Facts.Steps[i]
		}
		blocks = append(blocks, stepBlocks(i, st, f)...)
	}
	return append(blocks, canaryBlocks(s)...)
}

func stepBlocks(i int, st StepRecord, f rules.Step) []page.Block {
	blocks := []page.Block{
		page.Para{Bold: true, Text: fmt.Sprintf("工程 %d　%s", i+1, st.Technique.Label().Ja)},
		page.Fields{Rows: [][]page.Field{
			row("規格", st.Technique.Standard(), "結果", st.Status.Label().Ja),
			row("装置の応答", or(st.RawStatus, "ホストによる書込みのため、なし")),
			row("回数・内容", passes(st), "書込み量", count(st.Bytes)+" バイト"),
			row("開始", clock(st.Started), "終了", clock(st.Ended)),
			row("所要時間", duration(st.Started, st.Ended), "平均速度", speed(st.Bytes, st.Started, st.Ended)),
			row("読み戻し", readBack(f.Verification), "目印の確認", canaryCheck(f.Canaries)),
			row("読み戻しの時刻", verifyTimes(st.Verify), "不良セクタ", count(st.BadTotal)+" セクタ"),
			row("注記", joined(st.Notes)),
		}},
	}
	if len(st.Commands) > 0 {
		g := page.Grid{Head: []string{"コマンド", "送った内容 (16進)", "返った状態"}, Widths: []float64{28, 44, 28}}
		for _, c := range st.Commands {
			g.Rows = append(g.Rows, []string{orUnknown(c.Name), or(c.Bytes, "－"), orUnknown(c.Status)})
		}
		blocks = append(blocks, g)
	}
	if st.BadTotal > 0 || len(st.BadRanges) > 0 {
		blocks = append(blocks, badRanges(st))
	}
	return append(blocks, graph(i, st)...)
}

func passes(st StepRecord) string {
	switch {
	case st.Passes == 0:
		return "装置のコマンド"
	case st.Pattern == "random":
		return fmt.Sprintf("%d回・乱数 (AES-128-CTR)", st.Passes)
	}
	return fmt.Sprintf("%d回・%s", st.Passes, orUnknown(st.Pattern))
}

func readBack(v *rules.Verification) string {
	if v == nil {
		return "なし"
	}
	s := fmt.Sprintf("%s %s / %s バイト、不一致 %s、読取不能 %s", v.Kind.Label().Ja, count(v.Bytes), count(v.Of), count(v.Mismatches), count(v.Unreadable))
	if v.Seed != "" {
		s += "、種 " + v.Seed
	}
	return s
}

func canaryCheck(c *rules.CanaryCheck) string {
	if c == nil {
		return "なし"
	}
	s := fmt.Sprintf("%s 個中 残存 %s、読取不能 %s", count(c.Read), count(c.Survivors), count(c.Unreadable))
	if c.AfterReset {
		s += "（リセット後）"
	}
	return s
}

func verifyTimes(v *VerifyRecord) string {
	if v == nil {
		return "なし"
	}
	return clock(v.Started) + " 〜 " + clock(v.Ended)
}

// maxPrinted bounds a table on the paper; the attached record holds them all.
const maxPrinted = 200

func badRanges(st StepRecord) page.Block {
	g := page.Grid{Head: []string{"不良セクタの先頭 (LBA)", "数", "種別"}, Widths: []float64{40, 30, 30}}
	kinds := map[string]string{"write": "書込み不能", "read": "読取不能", "mismatch": "不一致"}
	for i, r := range st.BadRanges {
		if i == maxPrinted {
			g.Rows = append(g.Rows, []string{fmt.Sprintf("ほか %d 区間", len(st.BadRanges)-maxPrinted), "－", "添付の記録を参照"})
			break
		}
		g.Rows = append(g.Rows, []string{count(r.First), count(r.Count), or(kinds[r.Kind], r.Kind)})
	}
	return g
}

// graph shows the rate between the samples of writing and of reading back.
func graph(i int, st StepRecord) []page.Block {
	g := page.Graph{
		Title: fmt.Sprintf("工程 %d の速度　太線: 書込み、細線: 読み戻し", i+1),
		XUnit: "分", YUnit: "MB/s",
		Curves: []page.Curve{{Name: "write", Points: rates(st.Samples)}},
	}
	if st.Verify != nil {
		g.Curves = append(g.Curves, page.Curve{Name: "verify", Points: rates(st.Verify.Samples)})
	}
	if len(st.Samples) == 0 && (st.Verify == nil || len(st.Verify.Samples) == 0) {
		return nil
	}
	return []page.Block{g}
}

// rates turns bytes done at moments into MB/s between them.
func rates(samples []Sample) []page.Point {
	var out []page.Point
	last := Sample{}
	for _, s := range samples {
		if s.Millis > last.Millis && s.Bytes >= last.Bytes {
			mbs := float64(s.Bytes-last.Bytes) / 1e3 / float64(s.Millis-last.Millis)
			if len(out) == 0 {
				out = append(out, page.Point{X: float64(last.Millis) / 60000, Y: mbs})
			}
			out = append(out, page.Point{X: float64(s.Millis) / 60000, Y: mbs})
		}
		last = s
	}
	return out
}

func canaryBlocks(s *Statement) []page.Block {
	c, k := s.Facts.Canaries, s.Facts.Keys
	planted := count(c.Planted) + " 個"
	if c.Planted == 0 {
		planted = "植付けなし（" + or(c.Reason, "理由の記録なし") + "）"
	}
	blocks := []page.Block{
		page.Heading{Text: "目印（カナリア）と鍵"},
		page.Fields{Rows: [][]page.Field{
			row("植付け", planted),
			row("種", or(c.Seed, "なし")),
			row("初回書込みから暗号化", k.EncryptedFromFirstWrite.Label().Ja, "鍵の全写しを消去可", k.AllCopiesErasable.Label().Ja),
			row("コマンドの特定", k.CommandIdentified.Label().Ja, "中断・再開", fmt.Sprintf("中断 %s、再開 %s 回、記録の欠落 %s",
				yes(s.Facts.Interrupted), count(s.Facts.Resumed), yes(s.Facts.JournalGap))),
			row("書込み不能", count(s.Facts.Unwritten)+" セクタ", "読取不能", count(s.Facts.Unreadable)+" セクタ"),
			row("その他の誤り", or(strings.Join(s.Facts.Errors, "\n"), "なし")),
		}},
	}
	if len(s.PassKeys) == 0 {
		return blocks
	}
	g := page.Grid{Head: []string{"工程", "回", "方式", "鍵または内容 (再検査のため公開)"}, Widths: []float64{8, 8, 22, 62}}
	for _, k := range s.PassKeys {
		g.Rows = append(g.Rows, []string{strconv.Itoa(k.Step + 1), strconv.Itoa(k.Pass), k.Algorithm, or(k.Key, "－")})
	}
	return append(blocks, g)
}
