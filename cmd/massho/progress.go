package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/massho/massho/wipe"
)

// observer prints each drive's progress on lines of its own: on every change of
// phase, and about every ten seconds within one.
func (a *app) observer() wipe.Observer {
	var mu sync.Mutex
	type seen struct {
		phase wipe.Phase
		step  int
		pass  int
		at    time.Duration
	}
	last := map[string]seen{}
	return func(e wipe.Event) {
		mu.Lock()
		defer mu.Unlock()
		l, at := last[e.Drive], mono()
		same := l.phase == e.Phase && l.step == e.Step && l.pass == e.Pass
		if same && at-l.at < 10*time.Second {
			return
		}
		last[e.Drive] = seen{e.Phase, e.Step, e.Pass, at}
		if a.json {
			// A line that cannot be printed is no reason to stop a drive.
			_ = a.printJSON(progressLine{"progress", e})
			return
		}
		fmt.Fprintln(a.err, a.progressText(e))
	}
}

// progressLine is the JSON form of one event.
type progressLine struct {
	Type string `json:"type"` // "progress"
	wipe.Event
}

// progressText is one drive on one line: percent, speed, time left.
func (a *app) progressText(e wipe.Event) string {
	s := fmt.Sprintf("%-20s %s", e.Drive, a.phase(e.Phase))
	if e.Pass > 0 {
		s += fmt.Sprintf(" %d/%d", e.Pass, e.Passes)
	}
	if e.Total > 0 {
		s += fmt.Sprintf("  %3.0f %%", 100*float64(e.Done)/float64(e.Total))
	}
	if e.Rate > 0 {
		s += fmt.Sprintf("  %.0f MB/s", e.Rate/1e6)
	}
	if e.Left > 0 {
		s += "  " + a.t("残り ", "left ") + duration(e.Left)
	}
	if e.Bad > 0 {
		s += fmt.Sprintf("  %s %d", a.t("不良セクタ", "bad sectors"), e.Bad)
	}
	if e.Text != "" {
		s += "  " + e.Text
	}
	if e.Head != "" {
		s += "  [" + e.Head + "]"
	}
	return s
}

// phase is what a drive is doing, in words.
func (a *app) phase(p wipe.Phase) string {
	words := map[wipe.Phase][2]string{
		wipe.PhaseIdentify: {"識別", "identify"},
		wipe.PhasePrepare:  {"隠れ領域を開放", "open hidden areas"},
		wipe.PhaseCanaries: {"標識を書込み", "plant canaries"},
		wipe.PhaseWrite:    {"上書き", "overwrite"},
		wipe.PhaseDevice:   {"装置による消去", "device erase"},
		wipe.PhaseVerify:   {"読み戻し検証", "read back"},
		wipe.PhaseCheck:    {"標識を確認", "read canaries"},
		wipe.PhaseWaiting:  {"記録用USBを待機", "waiting for the evidence stick"},
		wipe.PhasePaper:    {"記録を作成", "paper"},
		wipe.PhaseDone:     {"完了", "ended"},
	}
	w, ok := words[p]
	if !ok {
		return string(p)
	}
	return a.t(w[0], w[1])
}
