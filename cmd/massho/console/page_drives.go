package console

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/rules"
)

// drivesPage lists every drive and asks which ones are to be erased.
type drivesPage struct{ list }

func (p *drivesPage) title(m *Model) string { return m.t("3 媒体の選択", "3 The drives") }

func (p *drivesPage) enter(m *Model) tea.Cmd { return m.detect() }

// driveKey names a medium from one listing to the next.
func driveKey(d devices.Device) string {
	if d.Identity.Serial == "" {
		return "?" + d.Location + "|" + d.Name
	}
	return d.Identity.Model + "|" + d.Identity.Serial + "|" + d.Identity.WWN + "|" + d.Name
}

// detected takes a new listing over. What was chosen and is gone is unchosen,
// and said: nobody shall confirm a drive that is not there.
func (m *Model) detected(msg detectedMsg) tea.Cmd {
	m.looks = lookDone
	if msg.err != nil {
		m.complain(msg.err)
		return nil
	}
	m.drives, m.gen = msg.drives, msg.gen
	present := map[string]bool{}
	for _, d := range m.drives {
		present[driveKey(d.Device)] = true
	}
	var gone []string
	for k := range m.marked {
		if !present[k] {
			gone = append(gone, serialOf(k))
			delete(m.marked, k)
		}
	}
	lost := m.round.lost(present)
	if lost != "" {
		m.round = nil
		m.page = &drivesPage{}
		gone = append(gone, lost)
	}
	if len(gone) > 0 {
		list := strings.Join(gone, ", ")
		m.message(m.t("選んでいた媒体が外れました: "+list+"\n接続を確かめ、もう一度選んでください。この選択ではまだ何も書き込んでいません。",
			"A drive that was chosen is gone: "+list+"\nCheck the connection and choose again. Nothing has been written on this choice yet."))
	}
	return nil
}

func serialOf(key string) string {
	if parts := strings.Split(key, "|"); len(parts) > 2 {
		return parts[1]
	}
	return key
}

func (p *drivesPage) body(m *Model, w, h int) []string {
	if m.looks != lookDone && len(m.drives) == 0 {
		return []string{"", m.t("  媒体を調べています…", "  Looking for drives…")}
	}
	if len(m.drives) == 0 {
		return append([]string{"", bold.on(m.t("  媒体が1台も見つかりません。", "  No drive was found.")), ""},
			wrap(m.t("電源とケーブルを確かめ、Rで調べ直してください。ファームウェアの設定がRAID（Intel RST、VMD）のときは、媒体が隠れています。設定をAHCIに変えてから起動し直してください。",
				"Check power and cables and press R. Where the firmware is set to RAID (Intel RST, VMD) it hides the drives: set it to AHCI and start again."), w)...)
	}
	const detail = 7
	head := []string{faint.on(fit("      "+fit(m.t("シリアル番号", "serial"), 18)+fit(m.t("型式", "model"), 20)+fit(m.t("容量", "size"), 8)+
		fit(m.t("管理番号", "asset"), 11)+m.t("状態", "state"), w))}
	from, to := p.window(len(m.drives), h-detail-2)
	for i := from; i < to; i++ {
		head = append(head, p.line(m, i, w))
	}
	counts := fmt.Sprintf(m.t("  %d台中 %d台を選択", "  %[2]d of %[1]d chosen"), len(m.drives), len(m.marked))
	if len(m.drives) > to-from {
		counts += fmt.Sprintf(m.t("　%d–%d台目を表示（PgUp PgDn）", "  showing %d–%d (PgUp PgDn)"), from+1, to)
	}
	head = append(head, faint.on(counts))
	for len(head) < h-detail {
		head = append(head, "")
	}
	return append(head, m.driveDetail(m.drives[p.list.at], w, detail)...)
}

func (p *drivesPage) line(m *Model, i, w int) string {
	d := m.drives[i]
	mark, box := " ", "[ ]"
	if i == p.list.at {
		mark = "→"
	}
	switch {
	case m.isRunning(d):
		box = " ▶ "
	case len(d.Refusals) > 0:
		box = " Ｘ"
	case m.marked[driveKey(d.Device)]:
		box = "[x]"
	}
	id := d.Device.Identity
	serial := id.Serial
	if serial == "" {
		serial = m.t("（なし）", "(none)")
	}
	asset := ""
	if d.Assigned != nil {
		asset = d.Assigned.Asset.Number
	}
	s := mark + box + " " + fit(cutLeft(serial, 17), 18) + fit(id.Model, 19) + " " + fit(bytesText(id.CapacityBytes()), 8) +
		fit(cut(asset, 10), 11) + m.driveState(d)
	if i == p.list.at {
		return bold.on(cut(s, w))
	}
	return cut(s, w)
}

// driveState is the drive in one or two words.
func (m *Model) driveState(d Drive) string {
	switch {
	case m.isRunning(d):
		return m.t("実行中", "running")
	case m.isDone(d):
		return m.t("処理済み", "done")
	case len(d.Refusals) > 0:
		return m.t("対象外", "not to be touched")
	}
	if health := m.healthText(d.Device.Health); health != "" {
		return health
	}
	return m.t("選択できます", "can be chosen")
}

func (m *Model) isRunning(d Drive) bool { p, ok := m.progressOf(d); return ok && p.outcome == nil }
func (m *Model) isDone(d Drive) bool    { p, ok := m.progressOf(d); return ok && p.outcome != nil }

func (m *Model) progressOf(d Drive) (progress, bool) {
	all, _ := m.feed.snapshot()
	for _, p := range all {
		if p.last.Drive == d.Device.Identity.Serial && p.last.Drive != "" {
			return p, true
		}
	}
	return progress{}, false
}

func (p *drivesPage) hints(m *Model) []hint {
	out := []hint{{"Space", "選ぶ", "choose"}, {"A", "全て", "all"}, {"Enter", "次へ", "next"}, {"R", "調べ直す", "look again"}}
	if m.frozen() && m.facts.MaySuspend {
		out = append(out, hint{"Z", "凍結を解く", "unfreeze"})
	}
	if len(m.started) > 0 {
		out = append(out, hint{"P", "進捗へ", "progress"})
	}
	return append(out, hint{"E", "終了へ", "finish"}, hint{"Esc", "戻る", "back"})
}

func (p *drivesPage) help() rules.Label {
	return rules.Label{
		Ja: "消去する媒体を選びます。Ｘ は触れてはならない媒体で、下に理由と次にすることが出ます。起動に使ったUSBと記録用の区画は決して消えません。" +
			"管理番号は署名された名簿と照合した結果です。抜き差しすると自動で調べ直します。出てこない媒体があるときは、電源・ケーブル・ファームウェアのRAID設定を確かめてください。",
		En: "Choose the drives to erase. Ｘ marks what must not be touched; below are the reason and what to do. The boot stick and the evidence place are never erased. " +
			"The asset number comes from the signed roster. Plugging drives in or out lists them again. If one does not appear check power, cable and the firmware's RAID setting.",
	}
}

func (p *drivesPage) key(m *Model, k keyPress) tea.Cmd {
	switch {
	case p.list.move(k, len(m.drives), 10):
		return nil
	case k.name == "space" && len(m.drives) > 0:
		p.mark(m, p.list.at)
		return nil
	case k.name == "enter":
		return p.next(m)
	case k.name == "esc":
		return m.goTo(&peoplePage{})
	}
	switch strings.ToLower(k.text) {
	case "a":
		p.all(m)
	case "r":
		return m.detect()
	case "z":
		if m.facts.MaySuspend && m.frozen() {
			m.over = &unfreezePage{}
		}
	case "p":
		if len(m.started) > 0 {
			return m.goTo(&progressPage{})
		}
	case "e":
		return m.finish()
	}
	return nil
}

// mark chooses a drive or lets it go; one that may not be touched says why.
func (p *drivesPage) mark(m *Model, i int) {
	d := m.drives[i]
	key := driveKey(d.Device)
	switch {
	case m.marked[key]:
		delete(m.marked, key)
	case m.isRunning(d):
		m.refuse("この媒体は実行中です。", "This drive is running.")
	case len(d.Refusals) > 0:
		r := d.Refusals[0]
		m.refuse(r.Why.Ja+"。"+r.Next.Ja, r.Why.En+". "+r.Next.En)
	default:
		m.marked[key] = true
	}
}

// all chooses everything that may be touched and was not done yet, or nothing.
func (p *drivesPage) all(m *Model) {
	if len(m.marked) > 0 {
		clear(m.marked)
		return
	}
	for _, d := range m.drives {
		if _, seen := m.progressOf(d); len(d.Refusals) == 0 && !seen {
			m.marked[driveKey(d.Device)] = true
		}
	}
}

func (p *drivesPage) next(m *Model) tea.Cmd {
	var chosen []Drive
	for _, d := range m.drives {
		if m.marked[driveKey(d.Device)] {
			chosen = append(chosen, d)
		}
	}
	switch {
	case m.looks == lookNow:
		m.refuse("媒体を調べています。終わるまでお待ちください。", "Still looking for drives: wait until it is done.")
		return nil
	case len(chosen) == 0:
		m.refuse("媒体を選んでください（Space）。消すものがなければ E で終了へ。", "Choose a drive (Space), or press E to finish.")
		return nil
	}
	m.round = &round{drives: chosen}
	return m.nextInRound()
}
