package console

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/rules"
)

// clockPage asks which reading of the hardware clock is right: Windows keeps
// Japanese time in it, everything else keeps UTC.
type clockPage struct {
	list
	typing bool
	field  field
	typed  time.Time // what the field says, once it was checked
}

func (p *clockPage) title(m *Model) string { return m.t("1 時計の確認", "1 The clock") }

func (p *clockPage) enter(m *Model) tea.Cmd {
	p.field.max = 12
	p.list.at = p.likely(m)
	return nil
}

// reading is one way to read the clock.
type reading struct {
	name string // as ClockChoice.Reading
	at   time.Time
	why  string // why it cannot be right; empty: it can
}

func (p *clockPage) readings(m *Model) []reading {
	rtc := m.world.Clock()
	if rtc.IsZero() {
		return nil
	}
	out := []reading{{name: "utc", at: rtc}, {name: "jst", at: asJST(rtc)}}
	for i := range out {
		out[i].why = m.impossible(out[i].at)
	}
	return out
}

// impossible says why a time cannot be now: nobody signed a case, or built a
// program, in the future.
func (m *Model) impossible(t time.Time) string {
	c := m.facts.Case
	switch {
	case m.facts.Signed && !c.Created.IsZero() && t.Before(c.Created):
		return m.t("案件の作成日時 "+dateTime(c.Created, m.lang)+" より前", "before the case was made ("+dateTime(c.Created, m.lang)+")")
	case !m.facts.Built.IsZero() && t.Before(m.facts.Built):
		return m.t("このプログラムの作成日時より前", "before this program was built")
	case m.facts.Signed && !c.ValidUntil.IsZero() && t.After(c.ValidUntil):
		return m.t("案件の期限 "+dateTime(c.ValidUntil, m.lang)+" より後", "after the term of the case ("+dateTime(c.ValidUntil, m.lang)+")")
	}
	return ""
}

// likely is where the cursor starts: the first reading that can be right, else
// typing. It is never taken without a key.
func (p *clockPage) likely(m *Model) int {
	for i, r := range p.readings(m) {
		if r.why == "" {
			return i
		}
	}
	return 2
}

func (p *clockPage) body(m *Model, w, h int) []string {
	out := wrap(m.t("壁の時計・電波時計と見比べて、合っているものを選んでください。選んだ結果と時計の生の値は記録に残ります。",
		"Compare with a clock on the wall and choose the line that agrees. The choice and the clock's own value are recorded."), w)
	out = append(out, "")
	for i, line := range p.lines(m) {
		mark := "   "
		if i == p.list.at {
			mark = " → "
		}
		out = append(out, mark+line)
		if all := p.readings(m); i < len(all) && all[i].why != "" {
			out = append(out, item("      Ｘ ", all[i].why, w)...)
		}
	}
	out = append(out, "")
	if all := p.readings(m); len(all) == 0 || all[0].why != "" && all[1].why != "" {
		out = append(out, wrap("！ "+m.t("このPCの時計は止まっていた可能性があります（電池切れなど）。壁の時計の日時を入力してください。",
			"This PC's clock may have stopped (flat battery). Type the time of a clock on the wall."), w)...)
		out = append(out, "")
	}
	if p.typing {
		out = append(out, m.t("壁の時計の日時（日本時間）を12桁で: 年4桁・月2桁・日2桁・時2桁・分2桁", "Wall clock, Japanese time, 12 digits: year month day hour minute"),
			m.t("  例 202611211405 = 2026年11月21日 14時05分", "  e.g. 202611211405 = 21 November 2026, 14:05"), "", "  "+p.field.show())
		if !p.typed.IsZero() {
			out = append(out, "", "  "+bold.on(dateTime(p.typed, m.lang))+m.t(" でよければ Enter", ": Enter if this is right"))
		}
	}
	return out
}

// lines are the choices with the seconds running, so that they can be compared.
func (p *clockPage) lines(m *Model) []string {
	all := p.readings(m)
	if len(all) == 0 {
		all = []reading{{why: m.t("読めません", "cannot be read")}, {why: m.t("読めません", "cannot be read")}}
	}
	names := []string{m.t("ハードウェア時計をUTCとして読む ", "hardware clock read as UTC "), m.t("ハードウェア時計を日本時間と読む", "hardware clock read as JST ")}
	var out []string
	for i, r := range all {
		s := string(rune('1'+i)) + "  " + names[i] + "  "
		if !r.at.IsZero() {
			s += bold.on(dateTime(r.at, m.lang) + r.at.In(jst).Format(":05"))
		}
		if r.why != "" {
			s += "  Ｘ"
		}
		out = append(out, s)
	}
	return append(out, m.t("3  どちらも違う（日時を入力する）", "3  neither is right (type the time)"))
}

func (p *clockPage) hints(m *Model) []hint {
	if p.typing {
		return []hint{{"0-9", "入力", "type"}, {"Enter", "決定", "confirm"}, {"Esc", "選択に戻る", "back"}}
	}
	out := []hint{{"1 2 3 ↑↓", "選ぶ", "choose"}, {"Enter", "決定", "confirm"}}
	if m.facts.MayTrain && !m.facts.Training {
		out = append(out, hint{"T", "訓練モード（模擬の媒体）", "training (emulated drives)"})
	}
	return out
}

func (p *clockPage) help() rules.Label {
	return rules.Label{
		Ja: "証明書の日時は、この画面で確認した時計によります。Windowsは時計を日本時間で、Linuxなどは世界協定時(UTC)で保存するため、両方の読みを示しています。" +
			"壁の時計と5分以内で合うものを選んでください。どちらも合わないときは 3 を選び、日時を入力します。PCの時計そのものは書き換えません。差は記録に残ります。",
		En: "The times on the certificates come from the clock confirmed here. Windows keeps Japanese time in the hardware clock, other systems UTC: both readings are shown. " +
			"Choose the one that agrees with the wall clock within five minutes, or 3 to type the time. The PC's clock is not changed; the difference is recorded.",
	}
}

func (p *clockPage) key(m *Model, k keyPress) tea.Cmd {
	if p.typing {
		return p.typeKey(m, k)
	}
	if n := number(k); n >= 0 && n < 3 {
		p.list.at = n
		return nil
	}
	switch {
	case p.list.move(k, 3, 3):
	case strings.EqualFold(k.text, "t") && m.facts.MayTrain && !m.facts.Training:
		return m.train()
	case k.name == "enter":
		return p.choose(m)
	}
	return nil
}

func (p *clockPage) choose(m *Model) tea.Cmd {
	all := p.readings(m)
	switch {
	case p.list.at == 2:
		p.typing = true
		return nil
	case p.list.at >= len(all):
		m.refuse("時計を読めません。3 を選んで日時を入力してください。", "The clock cannot be read: choose 3 and type the time.")
		return nil
	case all[p.list.at].why != "":
		m.refuse("その日時はあり得ません: "+all[p.list.at].why+"。", "That cannot be: "+all[p.list.at].why+".")
		return nil
	}
	return m.setClock(ClockChoice{Reading: all[p.list.at].name})
}

func (p *clockPage) typeKey(m *Model, k keyPress) tea.Cmd {
	switch {
	case k.name == "esc":
		p.typing = false
	case k.name == "enter":
		if p.typed.IsZero() {
			m.refuse("12桁の日時として読めません。例 202611211405", "That is no date of 12 digits, e.g. 202611211405.")
			return nil
		}
		if why := m.impossible(p.typed); why != "" {
			m.refuse("その日時はあり得ません: "+why+"。", "That cannot be: "+why+".")
			return nil
		}
		return m.setClock(ClockChoice{Reading: "typed", Typed: p.typed})
	case k.text != "" && (k.text < "0" || k.text > "9"):
		// Separators that people type out of habit mean nothing.
	default:
		p.field.key(k)
	}
	p.typed = time.Time{}
	if t, err := time.ParseInLocation("200601021504", p.field.text, jst); err == nil {
		p.typed = t
	}
	return nil
}

func (m *Model) setClock(c ClockChoice) tea.Cmd {
	w := m.world
	return m.act(func() error { return w.SetClock(c) }, func(m *Model) tea.Cmd {
		m.now = w.Now()
		return m.goTo(&peoplePage{})
	})
}

// train begins again with emulated drives.
func (m *Model) train() tea.Cmd {
	var to World
	ctx, w := m.ctx, m.world
	return m.act(func() (err error) { to, err = w.Train(ctx); return err }, func(m *Model) tea.Cmd {
		m.meet(to)
		return m.page.enter(m)
	})
}
