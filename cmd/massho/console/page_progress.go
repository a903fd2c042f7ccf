package console

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
)

// progressPage shows every drive that was started.
type progressPage struct{ list }

func (p *progressPage) title(m *Model) string { return m.t("7 実行中", "7 Progress") }

func (p *progressPage) enter(*Model) tea.Cmd { return nil }

func (p *progressPage) body(m *Model, w, h int) []string {
	all, _ := m.feed.snapshot()
	running := 0
	for _, d := range all {
		if d.outcome == nil {
			running++
		}
	}
	head := fmt.Sprintf(m.t("全%d台  実行中 %d台  終了 %d台", "%d drives, %d running, %d ended"), len(all), running, len(all)-running)
	if m.running == 0 {
		head += "  " + good.on(m.t("すべて終わりました。Enter で結果へ", "All have ended: Enter shows the results"))
	} else if running == 0 && len(all) > 0 {
		head += m.t("  記録を保存しています", "  storing the records")
	}
	out := []string{cut(head, w)}
	if len(all) == 0 {
		return append(out, "", m.t("  準備しています…", "  getting ready…"))
	}
	each := 3
	for each > 1 && len(all)*each > h-2 {
		each-- // one line a drive, so that twenty and more fit
	}
	if each == 1 {
		out = append(out, faint.on(cut(m.lineHead(w-1), w)))
	}
	from, to := p.window(len(all), max(1, (h-len(out)-1)/each))
	for i := from; i < to; i++ {
		mark := " "
		if i == p.list.at {
			mark = "→"
		}
		if each == 1 {
			out = append(out, mark+m.driveLine(all[i], w-1))
			continue
		}
		for k, l := range m.driveLines(all[i], w-1, each) {
			if k > 0 {
				mark = " "
			}
			out = append(out, mark+l)
		}
	}
	if to-from < len(all) {
		for len(out) < h-1 {
			out = append(out, "")
		}
		out = append(out, inverse.on(fmt.Sprintf(m.t(" %d–%d台目 / %d台（PgUp PgDn） ", " drives %d–%d of %d (PgUp PgDn) "), from+1, to, len(all))))
	}
	return out
}

// lineHead names the columns of driveLine.
func (m *Model) lineHead(w int) string {
	return " " + fit(m.t("媒体", "drive"), 10) + fit(m.t("段階", "phase"), 14) + strings.Repeat(" ", lineBar(w)) +
		fitRight(m.t("進み", "done"), 5) + fitRight("MB/s", 5) + fitRight(m.t("残(+経過)", "left(+)"), 10) + m.t(" 温度", " temp")
}

// lineBar is how wide the bar of driveLine is.
func lineBar(w int) int { return max(4, w-10-14-5-5-10-alertCols) }

// driveLine is one drive in one line: the end of the serial, phase, bar,
// percent, speed, time left.
func (m *Model) driveLine(d progress, w int) string {
	e := d.last
	name := fit(cutLeft(e.Drive, 9), 9) + " "
	if d.outcome != nil {
		return cut(name+m.outcomeWord(d)+"  "+m.paperText(d), w)
	}
	phase := m.phaseWord(e)
	if e.Passes > 1 {
		phase += fmt.Sprintf(" %d/%d", e.Pass, e.Passes)
	}
	left := "+" + span(e.Elapsed)
	if known(e) {
		left = span(e.Left)
	}
	speed := "--"
	if e.Rate > 0 {
		speed = fmt.Sprintf("%.0f", e.Rate/1e6)
	}
	head := name + fit(phase, 13) + " "
	tail := fmt.Sprintf(" %4s %4s %9s", percent(e), speed, left)
	return cut(head+drawBar(e, lineBar(w))+tail+m.alerts(e), w)
}

// alertCols is kept for temperature or bad sectors at the end of a line.
const alertCols = 7

// driveLines is one drive in two or three lines.
func (m *Model) driveLines(d progress, w, each int) []string {
	e := d.last
	first := bold.on(fit(cutLeft(e.Drive, 20), 20)) + " "
	place := cut(faint.on("   "+m.placeOf(e.Drive)), w)
	if d.outcome != nil {
		return []string{cut(first+m.outcomeWord(d), w), cut("   "+m.paperText(d), w), place}[:each]
	}
	first += m.phaseText(e) + m.alerts(e)
	switch {
	case e.Phase == wipe.PhaseDevice && e.Text == "":
		place = cut(faint.on("   "+m.t("装置の申告による。経過 ", "by the drive's own word; so far ")+span(e.Elapsed)), w)
	case e.Text != "" && each == 3:
		place = cut("   "+warn.on("！ "+e.Text), w)
	case e.Text != "":
		first += "  " + warn.on("！ "+e.Text)
	}
	tail := fmt.Sprintf(" %4s %8s ", percent(e), rate(e))
	rest := " " + fitRight(m.left(e), 11)
	const graph = 10
	bar := min(40, max(8, w-3-width(tail)-graph-width(rest)))
	return []string{cut(first, w), cut("   "+drawBar(e, bar)+tail+faint.on(sparks(d.rates, graph))+rest, w), place}[:each]
}

// placeOf is where a drive is plugged in, and its line of the roster.
func (m *Model) placeOf(serial string) string {
	for _, d := range m.drives {
		if d.Device.Identity.Serial != serial {
			continue
		}
		s := d.Device.Location
		if d.Assigned != nil {
			s += m.t("  管理番号 ", "  asset ") + d.Assigned.Asset.Number
		}
		return s
	}
	return ""
}

// alerts are bad sectors, else the temperature.
func (m *Model) alerts(e wipe.Event) string {
	switch {
	case e.Bad > 0:
		return " " + bad.on(fmt.Sprintf(m.t("不良%d", "bad %d"), e.Bad))
	case e.TempC != nil:
		return fmt.Sprintf(" %d°C", *e.TempC)
	}
	return ""
}

func share(e wipe.Event) float64 {
	if e.Total <= 0 {
		return 0
	}
	return min(1, max(0, float64(e.Done)/float64(e.Total)))
}

func percent(e wipe.Event) string {
	if e.Total <= 0 {
		return "--%"
	}
	return fmt.Sprintf("%d%%", int(100*share(e)))
}

func rate(e wipe.Event) string {
	if e.Rate <= 0 {
		return "-- MB/s"
	}
	return fmt.Sprintf("%.0f MB/s", e.Rate/1e6)
}

// left is the time left, or how long the phase has taken where the drive gives
// no estimate.
func (m *Model) left(e wipe.Event) string {
	if known(e) {
		return m.t("残", "-") + span(e.Left)
	}
	return m.t("経過", "+") + span(e.Elapsed)
}

// known reports whether the time left is: of the host's own work by its speed,
// of an erase in the drive by the drive's estimate.
func known(e wipe.Event) bool { return e.Left > 0 || e.Left == 0 && e.Total > 0 }

// drawBar is a bar of n columns; an erase inside the drive without an estimate
// has none to fill.
func drawBar(e wipe.Event, n int) string {
	if e.Total <= 0 {
		return faint.on(strings.Repeat("▁", n))
	}
	full := int(share(e) * float64(n))
	return strings.Repeat("▆", full) + faint.on(strings.Repeat("▁", n-full))
}

// sparks is the rate of late as n little bars, the newest at the right.
func sparks(rates []float64, n int) string {
	const levels = "▁▂▃▄▅▆▇█"
	rates = rates[max(0, len(rates)-n):]
	top := 0.0
	for _, r := range rates {
		top = max(top, r)
	}
	var b strings.Builder
	for range n - len(rates) {
		b.WriteByte(' ')
	}
	for _, r := range rates {
		// From half of the top on: a graph of rates that are all alike tells nothing.
		b.WriteRune([]rune(levels)[min(7, max(0, int(16*(r/max(top, 1)-0.5))))])
	}
	return b.String()
}

// phaseWord is what a drive is doing.
func (m *Model) phaseWord(e wipe.Event) string {
	words := map[wipe.Phase]rules.Label{
		wipe.PhaseIdentify: {Ja: "識別", En: "identify"},
		wipe.PhasePrepare:  {Ja: "隠れ領域を開放", En: "open hidden areas"},
		wipe.PhaseCanaries: {Ja: "目印を埋め込み", En: "plant canaries"},
		wipe.PhaseWrite:    {Ja: "上書き", En: "overwrite"},
		wipe.PhaseDevice:   {Ja: "装置内の消去", En: "erase in the drive"},
		wipe.PhaseVerify:   {Ja: "読み戻し検証", En: "read back"},
		wipe.PhaseCheck:    {Ja: "目印を確認", En: "check canaries"},
		wipe.PhaseWaiting:  {Ja: "待機", En: "waiting"},
		wipe.PhasePaper:    {Ja: "記録を作成", En: "paper"},
		wipe.PhaseDone:     {Ja: "終了", En: "ended"},
	}
	if l, ok := words[e.Phase]; ok {
		return l.In(m.lang)
	}
	return string(e.Phase)
}

// phaseText is the phase with pass and step.
func (m *Model) phaseText(e wipe.Event) string {
	s := m.phaseWord(e)
	if e.Passes > 1 {
		s += fmt.Sprintf(" %d/%d", e.Pass, e.Passes)
	}
	if e.Steps > 1 && e.Step > 0 {
		s += fmt.Sprintf(m.t(" 手順%d/%d", " step %d/%d"), e.Step, e.Steps)
	}
	return s
}

func (p *progressPage) hints(m *Model) []hint {
	if m.running == 0 {
		return []hint{{"Enter", "結果へ", "results"}, {"D", "媒体を追加", "more drives"}}
	}
	return []hint{{"D", "媒体を追加（実行中のまま）", "more drives (these go on)"}, {"X", "選んだ媒体を中断", "stop the chosen one"},
		{"Enter", "終わった媒体の結果", "results so far"}}
}

func (p *progressPage) help() rules.Label {
	return rules.Label{
		Ja: "媒体ごとの進み具合です。上書きと検証では速さと残り時間を、装置の中で進む消去では装置の申告する進み具合と経過時間を示します。ほかの媒体を待つことはありません。" +
			"D で別の媒体を追加でき、実行中のものはそのまま続きます。X は矢印の媒体だけを中断します。「不良」は読み書きできなかったセクタの数で、1つでもあると「検証済み」にはなりません。",
		En: "How far each drive is. Overwrites and read-backs show speed and time left; an erase inside the drive shows the drive's own estimate and the time it took so far. No drive waits for another. " +
			"D adds drives while these go on. X stops only the one at the arrow. \"bad\" counts sectors that could not be read or written: with any, the result is not Verified.",
	}
}

func (p *progressPage) key(m *Model, k keyPress) tea.Cmd {
	all, _ := m.feed.snapshot()
	switch {
	case p.list.move(k, len(all), 10):
	case k.name == "enter" && len(m.outcomes()) == 0:
		m.refuse("まだ終わった媒体がありません。", "No drive has ended yet.")
	case k.name == "enter":
		return m.goTo(&resultsPage{})
	case strings.EqualFold(k.text, "d"):
		return m.goTo(&drivesPage{})
	case strings.EqualFold(k.text, "x") && p.list.at < len(all) && all[p.list.at].outcome == nil:
		m.over = &stopPage{serial: all[p.list.at].last.Drive}
	}
	return nil
}
