package console

import (
	"fmt"
	"path"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// resultsPage shows how each drive ended, what it may claim and why not more,
// and the paper that was stored and read back.
type resultsPage struct{ list }

func (p *resultsPage) title(m *Model) string {
	return m.t("8 結果と記録", "8 Results and records")
}

func (p *resultsPage) enter(*Model) tea.Cmd { return nil }

// outcomeWord is the outcome with a sign of its own: colour is never the only
// one.
func (m *Model) outcomeWord(d progress) string {
	o := d.outcome
	if !o.Begun {
		return bad.on("Ｘ " + m.t("開始していません", "not begun"))
	}
	word := o.Result.Derivation.Outcome.Label().In(m.lang)
	switch o.Result.Derivation.Outcome {
	case rules.OutcomeVerified:
		if o.Result.Derivation.Paper == rules.PaperIncomplete {
			return warn.on("！ " + word)
		}
		return good.on("〇 " + word)
	case rules.OutcomeCompletedUnverified, rules.OutcomeInterrupted:
		return warn.on("！ " + word)
	}
	return bad.on("Ｘ " + word)
}

// paperText is the paper's title and number, and whether it is stored.
func (m *Model) paperText(d progress) string {
	o := d.outcome
	if !o.Begun {
		return ""
	}
	if o.File == "" || o.Err != nil {
		return bad.on("Ｘ "+m.t("記録を保存できていません", "the record is not stored")) + "  " + o.Number
	}
	return good.on("〇 "+m.t("保存確認済", "stored")) + "  " + o.Number + "  " + o.Result.Derivation.Paper.Label().In(m.lang)
}

func (p *resultsPage) body(m *Model, w, h int) []string {
	var all []progress
	drives, _ := m.feed.snapshot()
	for _, d := range drives {
		if d.outcome != nil {
			all = append(all, d)
		}
	}
	if len(all) == 0 {
		out := []string{"", m.t("  終わった媒体はありません。", "  No drive has ended.")}
		if m.runErr != nil {
			out = append(out, wrap("  Ｘ "+m.world.Explain(m.runErr, m.lang), w)...)
		}
		return out
	}
	detail := max(6, h/2)
	from, to := p.window(len(all), max(1, (h-detail-1)/2))
	out := []string{m.tally(all)}
	for i := from; i < to; i++ {
		mark := " "
		if i == p.list.at {
			mark = "→"
		}
		out = append(out, cut(mark+bold.on(fit(cutLeft(all[i].last.Drive, 20), 21))+m.outcomeWord(all[i]), w), cut("   "+m.paperText(all[i]), w))
	}
	if to-from < len(all) {
		out[0] += fmt.Sprintf(m.t("　%d–%d台目（↑↓）", "  %d–%d (↑↓)"), from+1, to)
	}
	for len(out) < h-detail {
		out = append(out, "")
	}
	return append(out, m.outcomeDetail(*all[p.list.at].outcome, w, detail)...)
}

// tally counts the outcomes.
func (m *Model) tally(all []progress) string {
	verified := 0
	for _, d := range all {
		if d.outcome.Begun && d.outcome.Result.Derivation.Outcome == rules.OutcomeVerified && d.outcome.Result.Derivation.Paper != rules.PaperIncomplete {
			verified++
		}
	}
	return fmt.Sprintf(m.t("終了 %d台  検証済み %d台  それ以外 %d台", "%d ended, %d verified, %d not"), len(all), verified, len(all)-verified)
}

// outcomeDetail is what one drive may claim, on which basis, and why not more.
func (m *Model) outcomeDetail(o session.Outcome, w, h int) []string {
	d := o.Result.Derivation
	out := []string{strings.Repeat("─", w)}
	add := func(s string) { out = append(out, wrap(s, w)...) }
	if o.Begun {
		add(bold.on(o.Work.Plan.Target.Serial) + "  " + d.Row.Label().In(m.lang) + m.t(" に対し: ", ": reached ") + d.Reached.Label().In(m.lang) +
			" " + strings.Join(d.Items, "") + "  NIST " + d.NIST.Label().In(m.lang))
		add(m.t("根拠: ", "basis: ") + d.Basis.Label().In(m.lang))
	}
	if o.Err != nil {
		add(bad.on("Ｘ ") + m.world.Explain(o.Err, m.lang))
	}
	for _, e := range o.Result.Errors {
		add(bad.on("Ｘ ") + e)
	}
	for _, n := range d.Reasons {
		add("・" + m.note(n))
	}
	for _, n := range d.NotClaimed {
		add("－ " + m.note(n))
	}
	if o.File != "" {
		add(m.t("記録: ", "record: ") + path.Base(o.File))
	}
	if len(out) > h {
		out = append(out[:h-1], faint.on(m.t("（全文は証明書にあります）", "(the certificate has it all)")))
	}
	return out
}

func (p *resultsPage) hints(m *Model) []hint {
	out := []hint{{"Enter", "次へ", "next"}, {"↑↓", "媒体を選ぶ", "choose"}, {"D", "ほかの媒体", "more drives"}}
	if m.running > 0 {
		out = append(out, hint{"P", "進捗へ", "progress"})
	}
	return out
}

func (p *resultsPage) help() rules.Label {
	return rules.Label{
		Ja: "〇検証済みは、求められた手順が終わり、読み戻しなどで確かめられたことを示します。！とＸは、検証済みではありません。下に理由が出ます。失敗した媒体にも報告書が残ります。" +
			"「根拠: 装置の自己申告」は、装置の中までは外から見えないという意味です。「保存確認済」は、証明書をUSBに書き、読み直して同じだったことを示します。",
		En: "〇 Verified: everything that was asked ran and was checked by reading back or otherwise. ！ and Ｘ are not verified; the reasons are below. A failed drive gets a report too. " +
			"A basis of the device's own word means that its inside cannot be seen from outside. \"stored\": the certificate was written to the stick, read again, and was the same.",
	}
}

func (p *resultsPage) key(m *Model, k keyPress) tea.Cmd {
	switch {
	case p.list.move(k, len(m.outcomes()), 4):
	case strings.EqualFold(k.text, "d"):
		return m.goTo(&drivesPage{})
	case strings.EqualFold(k.text, "p") && len(m.started) > 0:
		return m.goTo(&progressPage{})
	case k.name == "enter" && m.running > 0:
		return m.goTo(&progressPage{})
	case k.name == "enter":
		return m.finish()
	}
	return nil
}

// finish goes on to what the case expects and is not here, then to the
// hand-over.
func (m *Model) finish() tea.Cmd {
	if m.running > 0 {
		m.refuse("実行中の媒体があります。終わるまでお待ちください。", "Drives are running: wait until they have ended.")
		return nil
	}
	if m.facts.Signed {
		return m.goTo(newMissingPage(m))
	}
	return m.goTo(&handoverPage{})
}
