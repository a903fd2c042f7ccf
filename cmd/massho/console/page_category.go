package console

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/rules"
)

// categoryPage asks what was stored on the drive in hand: 系 first, then
// 自治体機密性; and shows at once what 図表41 asks, in its own words.
type categoryPage struct {
	question int // 0 系, 1 住民情報, 2 自治体機密性
	chosen   int // place in the answers; -1: none yet
	category rules.Category
	forAll   bool
}

func (p *categoryPage) title(m *Model) string {
	return m.t("4 何が保存されていたか", "4 What was stored")
}

func (p *categoryPage) enter(*Model) tea.Cmd {
	p.chosen = -1
	return nil
}

var (
	systems  = []rules.System{rules.SystemMyNumber, rules.SystemLGWAN, rules.SystemInternet, rules.SystemUnknown}
	resident = []rules.Answer{rules.AnswerYes, rules.AnswerNo, rules.AnswerUnknown}
	confs    = []rules.Confidentiality{rules.Conf3A, rules.Conf3B, rules.Conf3C, rules.Conf2, rules.Conf1, rules.ConfUnknown}
)

// answers are the choices of the question in hand.
func (p *categoryPage) answers(m *Model) []string {
	var out []string
	switch p.question {
	case 0:
		for _, s := range systems {
			out = append(out, s.Label().In(m.lang))
		}
	case 1:
		for _, a := range resident {
			out = append(out, a.Label().In(m.lang))
		}
	default:
		for _, c := range confs {
			out = append(out, c.Label().In(m.lang))
		}
	}
	return out
}

func (p *categoryPage) question41(m *Model) string {
	switch p.question {
	case 0:
		return m.t("どの系で使われていましたか。", "Which 系 did it serve?")
	case 1:
		return m.t("住民情報を保存していましたか。", "Did it hold 住民情報 (resident information)?")
	}
	return m.t("保存していた情報の自治体機密性は。", "The 自治体機密性 (confidentiality) of what it held?")
}

// with is the category as the answer under the mark would make it. Questions
// that were not reached yet stay open.
func (p *categoryPage) with() rules.Category {
	c := p.category
	if p.chosen < 0 {
		return c
	}
	switch p.question {
	case 0:
		c = rules.Category{System: systems[p.chosen]}
	case 1:
		c.ResidentInfo = resident[p.chosen]
	default:
		c.Confidentiality = confs[p.chosen]
	}
	return c
}

func (p *categoryPage) body(m *Model, w, h int) []string {
	out := m.inHand(w)
	for i, done := range p.sofar(m) {
		out = append(out, fmt.Sprintf("   %d  %s", i+1, done))
	}
	out = append(out, "", bold.on(p.question41(m)))
	for i, a := range p.answers(m) {
		mark := "   "
		if i == p.chosen {
			mark = " → "
			a = bold.on(a)
		}
		out = append(out, fmt.Sprintf("%s%d  %s", mark, i+1, a))
	}
	if left := len(m.round.drives) - m.round.at - 1; left > 0 {
		box := "[ ]"
		if p.forAll {
			box = "[x]"
		}
		out = append(out, "", fmt.Sprintf(m.t("   A  %s この答えを残り%d台にも使う（台帳にない媒体）", "   A  %s the same for the %d drives that follow"), box, left))
	}
	return append(out, p.rowLines(m, w, h-len(out))...)
}

// sofar are the questions that were answered.
func (p *categoryPage) sofar(m *Model) []string {
	var out []string
	if p.question > 0 {
		out = append(out, p.category.System.Label().In(m.lang))
	}
	if p.question == 2 && p.category.System == rules.SystemMyNumber {
		out = append(out, m.t("住民情報: ", "resident information: ")+p.category.ResidentInfo.Label().In(m.lang))
	}
	return out
}

// rowLines is what 図表41 asks of the answers so far, in its own words.
func (p *categoryPage) rowLines(m *Model, w, h int) []string {
	row, notes, err := m.facts.Pack.Classify(p.with(), m.facts.Policy)
	if err != nil {
		return nil // the next question decides
	}
	text, ok := m.facts.Pack.Row(row)
	if !ok {
		return nil
	}
	out := []string{"", title.on(fit(" "+row.Label().In(m.lang), w))}
	out = append(out, wrap(text.Class, w)...)
	out = append(out, wrap("方法: "+text.Disposal, w)...)
	out = append(out, wrap("確認: "+text.Assurance, w)...)
	for _, n := range notes {
		out = append(out, wrap("・"+m.note(n), w)...)
	}
	out = append(out, wrap(faint.on(m.note(m.facts.Pack.NewerEdition)), w)...)
	if len(out) > h && h > 1 {
		out = append(out[:h-1], faint.on(m.t("（続きは計画の画面で読めます）", "(the plan shows the rest)")))
	}
	return out
}

// inHand names the drive in hand and its place among those chosen.
func (m *Model) inHand(w int) []string {
	r := m.round
	id := r.drive().Device.Identity
	s := fmt.Sprintf("%d/%d  ", r.at+1, len(r.drives)) + "S/N " + id.Serial + "  " + id.Model + "  " + bytesText(id.CapacityBytes())
	if a := r.drive().Assigned; a != nil {
		s += m.t("  管理番号 ", "  asset ") + a.Asset.Number
	}
	return []string{bold.on(cut(s, w)), ""}
}

func (p *categoryPage) hints(m *Model) []hint {
	return []hint{{"1-" + fmt.Sprint(len(p.answers(m))), "選ぶ", "choose"}, {"Enter", "決定", "confirm"},
		{"Esc", "戻る", "back"}, {"S", "この媒体をとばす", "skip this drive"}}
}

func (p *categoryPage) help() rules.Label {
	return rules.Label{
		Ja: "署名された案件に分類がない媒体について、系、住民情報の有無（マイナンバー利用事務系のみ）、自治体機密性の順に答えます。答えを選ぶと、図表41が求めることを原文のまま示します。" +
			"分からないときは「不明」を選んでください。あり得る中で最も厳しい扱いになります。証明書には「分類は作業者の申告」と載ります。",
		En: "For a drive that the signed case does not classify answer: which 系, whether it held 住民情報 (マイナンバー利用事務系 only), and its 自治体機密性. 図表41's own words appear with each choice. " +
			"If you do not know choose 不明: the strictest row that is possible applies. The certificate says that the operator classified it.",
	}
}

func (p *categoryPage) key(m *Model, k keyPress) tea.Cmd {
	all := p.answers(m)
	if n := number(k); n >= 0 && n < len(all) {
		p.chosen = n
		return nil
	}
	switch {
	case k.name == "up" || k.name == "down":
		l := list{at: p.chosen}
		l.move(k, len(all), 1)
		p.chosen = l.at
	case strings.EqualFold(k.text, "a"):
		p.forAll = !p.forAll
	case strings.EqualFold(k.text, "s"):
		return m.skip()
	case k.name == "esc":
		return p.back(m)
	case k.name == "enter":
		return p.answer(m)
	}
	return nil
}

func (p *categoryPage) back(m *Model) tea.Cmd {
	switch {
	case p.question == 0:
		m.round = nil
		return m.goTo(&drivesPage{})
	case p.question == 2 && p.category.System == rules.SystemMyNumber:
		p.question = 1
	default:
		p.question = 0
	}
	p.chosen = -1
	return nil
}

// answer takes the marked answer and asks the next question until 図表41's row
// is decided.
func (p *categoryPage) answer(m *Model) tea.Cmd {
	if p.chosen < 0 {
		m.refuse("番号で選んでください。分からないときは「不明」を選びます。", "Choose by number; if you do not know choose 不明.")
		return nil
	}
	p.category = p.with()
	p.chosen = -1
	switch {
	case p.question == 0 && p.category.System == rules.SystemMyNumber:
		p.question = 1
		return nil
	case p.question == 0:
		p.category.ResidentInfo = rules.AnswerUnknown
		p.question = 2
		return nil
	case p.question == 1:
		p.question = 2
		return nil
	}
	c := p.category
	m.round.answers.Category = &c
	if p.forAll {
		m.round.same = &c
	}
	return m.planDrive()
}
