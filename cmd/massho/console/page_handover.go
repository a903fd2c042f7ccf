package console

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// handoverPage says of each drive where it goes now, with what to write on its
// label.
type handoverPage struct{ list }

func (p *handoverPage) title(m *Model) string { return m.t("10 引渡し", "10 Hand-over") }

func (p *handoverPage) enter(*Model) tea.Cmd { return nil }

// nextStep is where a drive goes: one line with a sign, and the style.
func (m *Model) nextStep(o session.Outcome) string {
	prompt := o.Result.Prompt
	switch {
	case !o.Begun:
		return warn.on("！ " + m.t("何もしていない（戻す）", "nothing done: put it back"))
	case prompt != nil && prompt.Inside:
		return bad.on("Ｘ " + m.t("庁舎外へ持ち出さない", "must not leave the 庁舎"))
	case prompt != nil:
		return warn.on("！ " + m.t("破壊待ち", "awaits destruction"))
	case o.Err != nil || o.File == "":
		return bad.on("Ｘ " + m.t("記録なし。持ち出さない", "no record: keep it here"))
	case o.Result.Derivation.Paper == rules.PaperErasedRow2:
		return good.on("〇 " + m.t("抹消済（返却・引渡し可）", "抹消済: may be handed over"))
	case o.Result.Derivation.Paper == rules.PaperErasedRow3:
		return good.on("〇 " + m.t("消去済（返却・引渡し可）", "消去済: may be handed over"))
	}
	return bad.on("Ｘ " + m.t("庁舎外へ持ち出さない", "must not leave the 庁舎"))
}

func (p *handoverPage) body(m *Model, w, h int) []string {
	all := m.outcomes()
	if len(all) == 0 {
		return []string{"", m.t("  この回に処理した媒体はありません。", "  No drive was done in this sitting.")}
	}
	detail := max(8, h/2)
	out := []string{faint.on(cut(" "+fit(m.t("シリアル番号", "serial"), 14)+fit(m.t("ラベル番号", "label"), 17)+m.t("次にすること", "what next"), w))}
	from, to := p.window(len(all), max(1, h-detail-2))
	for i := from; i < to; i++ {
		mark := " "
		if i == p.list.at {
			mark = "→"
		}
		o := all[i]
		out = append(out, cut(mark+fit(cutLeft(o.Work.Plan.Target.Serial, 13), 14)+fit(cutLeft(m.orNone(o.Number), 16), 17)+m.nextStep(o), w))
	}
	if to-from < len(all) {
		out = append(out, faint.on(fmt.Sprintf("   %d–%d / %d  ↑↓ PgUp PgDn", from+1, to, len(all))))
	}
	for len(out) < h-detail {
		out = append(out, "")
	}
	return append(out, m.handoverDetail(all[p.list.at], w, detail)...)
}

// handoverDetail is the label and, where the medium must be destroyed, what,
// why, how, who watches, by when.
func (m *Model) handoverDetail(o session.Outcome, w, h int) []string {
	out := []string{strings.Repeat("─", w)}
	t := o.Work.Plan.Target
	out = append(out, cut(paper.on(m.t(" ラベル ", " LABEL ")+m.orNone(o.Number)+"  S/N "+t.Serial+"  "+m.orNone(t.Asset)+" "), w))
	if o.Result.Prompt != nil {
		out = append(out, m.promptLines(*o.Result.Prompt, w)...)
	} else if o.Begun {
		out = append(out, wrap(m.t("証明書を massho-office で回収・検証し、確認職員が確認するまで保管してください。", "Keep it until massho-office has collected and checked the certificate and a validator has accepted it."), w)...)
	}
	if !o.Begun && o.Err != nil {
		out = append(out, wrap("Ｘ "+m.world.Explain(o.Err, m.lang), w)...)
	}
	return out[:min(len(out), h)]
}

func (p *handoverPage) hints(m *Model) []hint {
	out := []hint{{"Enter", "電源を切る", "power off"}, {"D", "同じPCでほかの媒体", "more drives here"}, {"L", "ラベルのQR", "label QR"}}
	if m.facts.Case.Afterwards == cases.AfterShell || !m.facts.Signed {
		out = append(out, hint{"S", "シェルへ", "shell"})
	}
	return append(out, hint{"↑↓", "媒体を選ぶ", "choose"})
}

func (p *handoverPage) help() rules.Label {
	return rules.Label{
		Ja: "媒体ごとに次にすることです。〇は返却・引渡しができます。！破壊待ちは、庁舎内での消去は済み、物理的な破壊がまだの媒体です。Ｘは庁舎外へ持ち出さず、庁舎内で職員立会いのもと破壊します。" +
			"ラベル番号（証明書の番号）を媒体に貼ってください。L でQRを大きく表示します。次のPCへ移るときは、Enter で電源を切り、USBを抜いて次のPCへ挿します。",
		En: "What to do next with each drive. 〇 may be returned or handed over. ！ was erased inside the 庁舎 and still awaits destruction. Ｘ must not leave: destroy it inside with staff watching. " +
			"Stick the label number (the certificate's) on the drive; L shows its QR code. For the next PC press Enter: this one switches off, and the stick goes into the next.",
	}
}

func (p *handoverPage) key(m *Model, k keyPress) tea.Cmd {
	all := m.outcomes()
	switch letter := strings.ToLower(k.text); {
	case p.list.move(k, len(all), 5):
	case letter == "d":
		return m.goTo(&drivesPage{})
	case letter == "l" && p.list.at < len(all) && all[p.list.at].Number != "":
		m.over = &labelPage{outcome: all[p.list.at]}
	case letter == "s" && (m.facts.Case.Afterwards == cases.AfterShell || !m.facts.Signed):
		m.end = EndShell
	case k.name == "enter":
		m.over = &powerOffPage{}
	}
	return nil
}

// powerOffPage asks once more: after it the screen is dark.
type powerOffPage struct{ quietPage }

func (p *powerOffPage) title(m *Model) string { return m.t("電源を切る", "Power off") }

func (p *powerOffPage) body(m *Model, w, h int) []string {
	return wrap(m.t("電源を切ります。記録用の区画を閉じてから切れます。切れたあとは、USBを抜いて次のPCに使えます。Enter で電源を切ります。",
		"The PC switches itself off after it has closed the evidence place. Then the stick may be pulled and used for the next PC. Enter powers off."), w)
}

func (p *powerOffPage) hints(*Model) []hint {
	return []hint{{"Enter", "電源を切る", "power off"}, {"Esc", "戻る", "back"}}
}

func (p *powerOffPage) key(m *Model, k keyPress) tea.Cmd {
	switch k.name {
	case "enter":
		m.end = EndPowerOff
	case "esc":
		m.over = nil
	}
	return nil
}
