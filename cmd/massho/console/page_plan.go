package console

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/certs"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
)

// planPage shows what would be done to the drive in hand, why, how long it
// takes, and what stays undone. Nothing runs that is not shown here.
type planPage struct {
	pager
	h int // of the last body, for the keys
}

func (p *planPage) title(m *Model) string { return m.t("5 計画", "5 The plan") }

func (p *planPage) enter(*Model) tea.Cmd { return nil }

func (p *planPage) body(m *Model, w, h int) []string {
	head := m.inHand(w)
	p.h = h - len(head) - 1
	part, page, pages := p.show(m.planLines(m.round.work.Plan, w), p.h)
	out := append(head, part...)
	if pages > 1 {
		for len(out) < h-1 {
			out = append(out, "")
		}
		out = append(out, inverse.on(fmt.Sprintf(m.t(" %d/%dページ（PgUp PgDn） ", " page %d/%d (PgUp PgDn) "), page, pages)))
	}
	return out
}

// planLines is the whole plan as text.
func (m *Model) planLines(p wipe.Plan, w int) []string {
	if p.Refusal != nil {
		return append([]string{bad.on("Ｘ " + m.t("この媒体は処理できません", "this cannot be erased here"))},
			wrap(m.t(p.Refusal.Why.Ja+"。"+p.Refusal.Next.Ja, p.Refusal.Why.En+". "+p.Refusal.Next.En), w)...)
	}
	out := m.planHead(p, w)
	if p.Choice != nil {
		out = append(out, m.choiceLines(p.Choice, w)...)
	} else {
		out = append(out, m.planSteps(p, w)...)
	}
	section := func(sign, ja, en string, notes []rules.Note) {
		if len(notes) == 0 {
			return
		}
		out = append(out, "", bold.on(sign+" "+m.t(ja, en)))
		for _, n := range notes {
			out = append(out, item("  ・", m.note(n), w)...)
		}
	}
	section("！", "行っても残ること", "what stays undone even so", p.Undone)
	section("〇", "手順が届く範囲", "what else the steps reach", p.Scope)
	if p.Prompt != nil {
		out = append(out, "")
		out = append(out, m.promptLines(*p.Prompt, w)...)
	}
	if len(p.Rejected) > 0 {
		out = append(out, "", bold.on(m.t("使わない手法とその理由", "techniques not used, and why")))
		for _, r := range p.Rejected {
			out = append(out, item("  ・", r.Technique.Label().In(m.lang)+": "+m.note(r.Reason), w)...)
		}
	}
	text, ok := m.facts.Pack.Row(p.Row)
	if ok {
		out = append(out, "", bold.on("図表41"+text.Label+" "+text.Verb))
		out = append(out, wrap(text.Class, w)...)
		out = append(out, wrap("方法: "+text.Disposal, w)...)
		out = append(out, wrap("確認: "+text.Assurance, w)...)
		out = append(out, wrap(m.note(m.facts.Pack.NewerEdition), w)...)
	}
	return out
}

// planHead is the row, on whose word, and what a clean run would come to.
func (m *Model) planHead(p wipe.Plan, w int) []string {
	by := m.t("分類は作業者の申告", "classified on the operator's word")
	if m.round.work.Classification.By == certs.ByCase {
		by = m.t("分類は署名された案件による", "classified by the signed case")
	}
	out := []string{title.on(fit(" "+p.Row.Label().In(m.lang)+"   "+by, w))}
	if c := p.Category; c != nil {
		s := c.System.Label().In(m.lang)
		if c.System == rules.SystemMyNumber {
			s += m.t("・住民情報 ", ", resident information ") + c.ResidentInfo.Label().In(m.lang)
		}
		out = append(out, cut(s+"・"+c.Confidentiality.Label().In(m.lang), w))
	}
	out = append(out, wrap(m.dispositionText(p.Disposition), w)...)
	if m.round.work.Resume != nil {
		out = append(out, warn.on(m.t("前回中断したところから続けます。", "Goes on where the last run was cut off.")))
	}
	if p.Accepted != nil {
		out = append(out, wrap("！ "+m.t("図表41(3)の消去までとすることを承諾: ", "level (3) only, accepted by: ")+p.Accepted.By, w)...)
	}
	return append(out, "")
}

// dispositionText is where the medium goes after a clean run.
func (m *Model) dispositionText(d wipe.Disposition) string {
	switch d {
	case wipe.DispositionRelease:
		return "→ " + m.t("正しく終われば、再利用・返却・引渡しができます。", "If all goes well it may be reused, returned or handed over.")
	case wipe.DispositionAwaitDestruction:
		return "→ " + m.t("庁舎内で消去したうえで、物理的な破壊へ回します。", "Erased inside the 庁舎, then on to physical destruction.")
	case wipe.DispositionKeepInside:
		return "→ " + m.t("庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊します。", "It must not leave the 庁舎: destroy it inside, with staff watching.")
	case wipe.DispositionReachMedia:
		return "→ " + m.t("媒体ではありません。その先の媒体を直接つないでください。", "This is no medium: connect the media behind it directly.")
	case wipe.DispositionUndecided:
		return "→ " + m.t("先に人の判断が要ります。", "A person must decide first.")
	}
	return string(d)
}

func (m *Model) planSteps(p wipe.Plan, w int) []string {
	if len(p.Steps) == 0 {
		return []string{bad.on(m.t("実行できる手順がありません。", "There is nothing that could be run."))}
	}
	out := []string{bold.on(m.t("行うこと  全体で", "What is done, in all ") + about(p.Estimate, m.lang))}
	for _, x := range p.Preparation {
		out = append(out, item("  - ", string(x.Kind)+": "+m.note(x.Reason)+" ["+x.Citation+"]", w)...)
	}
	if p.Canaries > 0 {
		out = append(out, fmt.Sprintf(m.t("  - 目印を%d個埋め込み、読み戻す", "  - %d canaries are planted and read back"), p.Canaries))
	}
	for i, s := range p.Steps {
		name := s.Technique.Label().In(m.lang)
		if len(s.Passes) > 0 {
			name += fmt.Sprintf(m.t("、%d回", ", passes: %d"), len(s.Passes))
		}
		if s.Fallback {
			name += m.t("（前の手順が拒否されたときだけ）", " (only if a step before is refused)")
		}
		line := fmt.Sprintf("%s  %s", name, about(s.Estimate, m.lang))
		if s.Verify != rules.VerifyNone {
			line += m.t("  検証: ", "  verified by: ") + s.Verify.Label().In(m.lang)
		}
		out = append(out, item(fmt.Sprintf("  %d. ", i+1), line, w)...)
		out = append(out, item("     ", m.note(s.Reason)+" ["+s.Citation+"]", w)...)
	}
	return out
}

// choiceLines is what a person must decide before anything runs.
func (m *Model) choiceLines(c *wipe.Choice, w int) []string {
	out := append([]string{}, wrap(caution.on(m.t(" 判断が必要です ", " a decision is needed "))+" "+m.note(c.Why), w)...)
	for _, o := range c.Options {
		out = append(out, item("  ・", m.note(o), w)...)
	}
	return out
}

// promptLines asks for the physical destruction that must follow.
func (m *Model) promptLines(p wipe.DestructionPrompt, w int) []string {
	out := []string{alarm.on(fit(m.t(" ！ 物理的な破壊が必要です", " ！ physical destruction must follow"), min(w, 40)))}
	line := func(ja, en, text string) {
		if text != "" {
			out = append(out, item("  ", m.t(ja, en)+" "+text, w)...)
		}
	}
	line("シリアル番号", "serial", p.Serial)
	line("管理番号", "asset", p.Asset)
	line("方法:", "ways:", strings.Join(p.Ways, "・"))
	line("立会い:", "witness:", m.note(p.Witness))
	line("期限:", "by when:", m.note(p.Deadline))
	line("証拠:", "evidence:", m.note(p.Evidence))
	for _, n := range p.Warnings {
		line("！", "!", m.note(n))
	}
	return out
}

// may reports whether the plan in hand can be confirmed as it is.
func (p *planPage) may(m *Model) bool {
	plan := m.round.work.Plan
	return plan.Refusal == nil && plan.Choice == nil && len(plan.Steps) > 0
}

func (p *planPage) hints(m *Model) []hint {
	plan := m.round.work.Plan
	out := []hint{{"S", "この媒体をとばす", "skip this drive"}, {"Esc", "媒体の選択へ", "back to the drives"}}
	if c := plan.Choice; c != nil {
		if c.Remains != rules.RowNone {
			out = append([]hint{{"A", "(3)までの消去を承諾", "accept level (3)"}}, out...)
		}
		if m.facts.MaySuspend {
			out = append([]hint{{"Z", "凍結を解く", "unfreeze"}}, out...)
		}
	}
	if p.may(m) {
		out = append([]hint{{"Enter", "確認へ", "confirm"}}, out...)
	}
	return append(out, hint{"PgDn", "続き", "more"})
}

func (p *planPage) help() rules.Label {
	return rules.Label{
		Ja: "この媒体に行うことと、その理由、根拠、かかる時間の見込みです。ここにないことは実行しません。「行っても残ること」は証明書にも載ります。" +
			"Enter で確認の画面へ進みます。まだ何も書き込んでいません。S でこの媒体だけをとばせます。",
		En: "What will be done to this drive, why, on what ground and for how long. Nothing else is run. What stays undone is printed on the certificate too. " +
			"Enter goes on to the confirmation; nothing has been written yet. S leaves this drive alone.",
	}
}

func (p *planPage) key(m *Model, k keyPress) tea.Cmd {
	choice := m.round.work.Plan.Choice
	switch letter := strings.ToLower(k.text); {
	case k.name == "enter" && p.may(m):
		return m.goTo(newConfirmPage(m))
	case k.name == "enter":
		m.refuse("このままでは実行できません。S でとばすか、Esc で戻ってください。", "It cannot be run as it is: S skips it, Esc goes back.")
	case k.name == "esc":
		m.round = nil
		return m.goTo(&drivesPage{})
	case letter == "s":
		return m.skip()
	case letter == "z" && choice != nil && m.facts.MaySuspend:
		m.over = &unfreezePage{}
	case letter == "a" && choice != nil && choice.Remains != rules.RowNone:
		m.over = newAcceptPage(m)
	default:
		p.pager.key(k, p.h)
	}
	return nil
}
