package console

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe/rules"
)

// waitPage stands before the start while something is in the way: the battery,
// or a stick that is not there. It goes on by itself: everything was confirmed.
type waitPage struct{ quietPage }

func (p *waitPage) title(m *Model) string {
	return m.t("開始を待っています", "Waiting to begin")
}

func (p *waitPage) body(m *Model, w, h int) []string {
	out := []string{""}
	if m.status.OnBattery {
		out = append(out, wrap(caution.on(m.t(" バッテリーで動作しています ", " running on battery "))+" "+
			m.t("ACアダプターを接続してください。接続されると始まります。", "Plug in the mains adapter; then it begins."), w)...)
	}
	if m.status.Pull == PullGone {
		out = append(out, wrap(caution.on(m.t(" 記録用のUSBがありません ", " no stick for the records "))+" "+
			m.t("この案件のUSBを挿してください。挿すと始まります。", "Plug in a stick of this case; then it begins."), w)...)
	}
	return out
}

func (p *waitPage) hints(*Model) []hint {
	return []hint{{"Esc", "やめて媒体の選択へ（何もしない）", "back to the drives (does nothing)"}}
}

func (p *waitPage) help() rules.Label {
	return rules.Label{
		Ja: "途中で電源が切れないように、また記録が失われないように、ACアダプターと記録用USBがそろうまで始めません。そろうと、確認済みの媒体の消去が始まります。",
		En: "Nothing begins before mains power and the stick for the records are there. Then the drives that were confirmed begin.",
	}
}

func (p *waitPage) key(m *Model, k keyPress) tea.Cmd {
	if k.name == "esc" {
		m.round = nil
		return m.goTo(&drivesPage{})
	}
	return nil
}

func (p *waitPage) tick(m *Model) tea.Cmd {
	if m.round == nil || m.status.OnBattery || m.status.Pull == PullGone {
		return nil
	}
	return m.begin()
}

// unfreezePage guides through suspend to RAM, which lifts the freeze that the
// firmware put on ATA security. It may lie over the drives or over a plan.
type unfreezePage struct{ quietPage }

func (p *unfreezePage) title(m *Model) string { return m.t("凍結を解く", "Lift the freeze") }

func (p *unfreezePage) body(m *Model, w, h int) []string {
	var out []string
	for i, s := range []string{
		m.t("ファームウェアがドライブの消去命令を凍結しています。PCを一度スリープさせると解けます。", "The firmware froze the drive's erase commands. Putting the PC to sleep once lifts that."),
		m.t("Enter を押すと画面が消え、PCがスリープします。", "Press Enter: the screen goes dark and the PC sleeps."),
		m.t("10秒ほど待ち、電源ボタンを短く1回押してください（長押ししない）。", "Wait about ten seconds, then press the power button once, briefly (do not hold it)."),
		m.t("戻らないときは電源を入れ直してください。この媒体にはまだ何も書き込んでいません。", "If it does not come back switch it off and on. Nothing has been written to the drive yet."),
	} {
		sign := "   "
		if i > 0 {
			sign = string(rune('0'+i)) + ". "
		}
		out = append(out, item(sign, s, w)...)
		out = append(out, "")
	}
	if m.running > 0 {
		out = append(out, wrap(caution.on(m.t(" 実行中の媒体があります ", " drives are running "))+" "+m.t("終わるまでスリープできません。", "The PC cannot sleep before they have ended."), w)...)
	}
	return out
}

func (p *unfreezePage) hints(*Model) []hint {
	return []hint{{"Enter", "スリープする", "sleep"}, {"Esc", "やめる", "cancel"}}
}

func (p *unfreezePage) key(m *Model, k keyPress) tea.Cmd {
	switch {
	case k.name == "esc":
		m.over = nil
	case k.name == "enter" && m.running > 0:
		m.refuse("実行中の媒体が終わるまでスリープできません。", "Drives are running: the PC cannot sleep.")
	case k.name == "enter":
		ctx, w := m.ctx, m.world
		return m.act(func() error { return w.Suspend(ctx) }, func(m *Model) tea.Cmd {
			m.round = nil // its drives were seen before the sleep
			cmd := m.goTo(&drivesPage{})
			m.say("復帰しました。媒体を調べ直しています。", "Awake again; looking at the drives anew.")
			return cmd
		})
	}
	return nil
}

// unattendedGrace is how long a person has to step in.
const unattendedGrace = 20 * time.Second

// autoPage counts down to what a signed case wants done without a person.
type autoPage struct {
	quietPage
	until time.Time
}

func newAutoPage(now time.Time) *autoPage { return &autoPage{until: now.Add(unattendedGrace)} }

func (p *autoPage) title(m *Model) string { return m.t("自動実行", "Unattended run") }

func (p *autoPage) body(m *Model, w, h int) []string {
	out := append(m.caseLines(w), "")
	out = append(out, wrap(caution.on(m.t(" この案件は無人での実行を定めています ", " this case asks for an unattended run "))+" "+
		m.t("案件がシリアル番号で名指しした媒体だけを、確認なしで消去します。", "Only drives that it names by serial are erased, without confirmation."), w)...)
	left := max(0, p.until.Sub(m.now))
	return append(out, "", bold.on(m.t("開始まで ", "begins in ")+span(left)), "",
		m.t("人が操作するときは Esc を押してください。", "Press Esc to take over by hand."))
}

func (p *autoPage) hints(*Model) []hint {
	return []hint{{"Esc", "人が操作する", "take over by hand"}}
}

func (p *autoPage) help() rules.Label {
	return rules.Label{
		Ja: "署名された案件が無人での実行を定めているときだけ、この画面が出ます。対象は案件がシリアル番号で名指しした媒体だけです。Esc を押すと、通常の確認の手順になります。",
		En: "This screen appears only where the signed case asks for an unattended run, and only drives that it names by serial are erased. Esc leads to the usual steps.",
	}
}

func (p *autoPage) key(m *Model, k keyPress) tea.Cmd {
	if k.name == "esc" {
		return m.goTo(&clockPage{})
	}
	return nil
}

func (p *autoPage) tick(m *Model) tea.Cmd {
	if m.now.Before(p.until) || m.over != nil || m.status.OnBattery || m.status.Pull == PullGone {
		return nil
	}
	ctx, w := m.ctx, m.world
	reports := Reports{Event: m.feed.observe, Done: m.feed.done}
	m.running++
	return tea.Batch(m.goTo(&progressPage{}), func() tea.Msg { return runEndedMsg{nil, w.Unattended(ctx, reports)} })
}

// stopPage asks before one drive's run is ended early.
type stopPage struct {
	quietPage
	serial string
}

func (p *stopPage) title(m *Model) string { return m.t("中断", "Stop a drive") }

func (p *stopPage) body(m *Model, w, h int) []string {
	out := wrap(bold.on(p.serial)+" "+m.t("の実行を中断しますか。", ": stop its run?"), w)
	out = append(out, "")
	return append(out, wrap(m.t("次の安全なところで止まり、「中断」と書いた未完了報告書が残ります。装置の中で進む消去（SANITIZEなど）は、止めても装置の中で続くことがあります。",
		"It stops at the next safe point and leaves a report that says 中断. An erase that runs inside the drive (SANITIZE and its kin) may go on in there."), w)...)
}

func (p *stopPage) hints(*Model) []hint {
	return []hint{{"Y", "中断する", "stop it"}, {"Esc", "続ける", "let it run"}}
}

func (p *stopPage) key(m *Model, k keyPress) tea.Cmd {
	switch {
	case k.name == "esc" || strings.EqualFold(k.text, "n"):
		m.over = nil
	case strings.EqualFold(k.text, "y"):
		m.over = nil
		w, serial := m.world, p.serial
		return m.act(func() error { return w.Stop(serial) }, func(m *Model) tea.Cmd {
			m.say(serial+" を次の安全なところで止めます。", serial+" stops at the next safe point.")
			return nil
		})
	}
	return nil
}
