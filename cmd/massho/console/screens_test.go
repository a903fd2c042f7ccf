package console

import (
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/massho/massho/bootimage/fbterm"
	"github.com/massho/massho/bootimage/fbterm/font"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

var update = flag.Bool("update", false, "write the golden files again")

// canvases are the terminals that goldens are kept of: 800x600, 1024x768 and
// 1280x800 pixels on the framebuffer, and a serial line.
var canvases = []struct {
	name string
	Canvas
	cell fbterm.CellSize
}{
	{"800x600", Canvas{80, 30, false}, fbterm.CellSize{W: 10, H: 20}},
	{"1024x768", Canvas{85, 32, false}, fbterm.CellSize{W: 12, H: 24}},
	{"1280x800", Canvas{106, 33, false}, fbterm.CellSize{W: 12, H: 24}},
	{"serial", Canvas{80, 24, true}, fbterm.CellSize{W: 10, H: 20}},
}

// fleet is 24 drives of all kinds, some of which may not be touched.
func fleet() []devices.Device {
	out := []devices.Device{stick(0)}
	models := []string{"WDC WD10EZEX-08WN4A0", "TOSHIBA MQ01ABF050", "ST500LM021-1KJ152", "Samsung SSD 860 EVO 250GB"}
	for i := 1; i < 24; i++ {
		d := disk(i, models[i%4], uint64(250+250*(i%4)))
		if i%4 == 3 {
			d = flash(i, models[3], 250)
		}
		switch i {
		case 3:
			d.Stack.Mounts = []devices.Mount{{Source: "/dev/sdd1", Target: "/mnt/old"}}
		case 5:
			n := uint64(37)
			d.Health.Reallocated = &n
		case 6:
			d.Health.FailPredicted = support.Yes
		case 8:
			d.Class, d.IdentityProblem = devices.ClassLogical, devices.ProblemVolume
			d.Identity.Model, d.Identity.Serial = "MR9260-8i", "0071a3e4"
		case 9:
			d.Unreadable, d.IdentityProblem = true, devices.ProblemNoAnswer
			d.Identity = devices.Identity{}
		case 11:
			d.Caps.ATA.SecurityFrozen = support.Yes
		}
		out = append(out, d)
	}
	return out
}

// working is a sitting with n drives that are in all the phases there are.
func working(s *sitter, n int) {
	s.press("enter", "1", "2", "enter", "down", "a", "enter")
	var serials []string
	for s.front() == atPlan {
		serial := s.m.round.drive().Device.Identity.Serial
		if !s.m.page.(*planPage).may(s.m) {
			s.press("s")
			continue
		}
		s.press("enter")
		s.press(serial[len(serial)-s.need():], "enter")
		serials = append(serials, serial)
		if len(serials) == n {
			for s.front() == atPlan {
				s.press("s")
			}
		}
	}
	s.w.heads(serials...)
	temp := int64(38)
	for i, serial := range serials {
		e := wipe.Event{Drive: serial, Phase: wipe.PhaseWrite, Step: 1, Steps: 2, Pass: 1, Passes: 2, Total: 1000e9, TempC: &temp,
			Head: "7ZK3-0PQ2-9XYZ", Elapsed: time.Duration(i+1) * 11 * time.Minute}
		for k := range 20 {
			e.Done, e.Rate = int64(i+1)*37e9+int64(k)*1e9, 90e6+float64((k*k*7+i*13)%60)*1e6
			e.Left = time.Duration(float64(e.Total-e.Done)/e.Rate) * time.Second
			s.w.reports[0].Event(e)
		}
		switch i % 6 {
		case 1:
			e.Phase, e.Pass, e.Passes, e.Done = wipe.PhaseVerify, 0, 0, 912e9
		case 2:
			e = wipe.Event{Drive: serial, Phase: wipe.PhaseDevice, Step: 1, Steps: 1, Elapsed: 83 * time.Minute, Left: -1, Head: e.Head}
		case 3:
			e.Bad, e.Text = 3, "不良セクタを1つずつ調べています"
		case 4:
			e = wipe.Event{Drive: serial, Phase: wipe.PhaseWaiting, Step: 2, Steps: 2, Left: -1, Text: "記録用USBの復帰を待っています", Head: e.Head}
		}
		s.w.reports[0].Event(e)
	}
	s.tick(time.Second)
}

var shots = []struct {
	name string
	devs []devices.Device
	edit func(*play)
	to   func(*sitter)
}{
	{"01-clock", nil, nil, nil},
	{"01-clock-dead", nil, func(w *play) { w.rtc = time.Date(1980, 1, 1, 0, 0, 12, 0, time.UTC) }, func(s *sitter) { s.press("enter", "2026112114") }},
	{"02-people", nil, nil, func(s *sitter) { s.press("enter", "1", "2") }},
	{"02-people-long", nil, func(w *play) {
		for i := range 14 {
			w.facts.Case.People = append(w.facts.Case.People, cases.Person{ID: fmt.Sprint("x", i), Role: "operator",
				Name: strings.Repeat("長い名前の作業者", 5), Title: "主任", Organisation: "株式会社とても長い名前の受託者情報処理サービス"})
		}
		w.facts.Case.Title = strings.Repeat("端末廃棄に伴うデータ消去業務委託", 4)
		w.facts.Host.Serial = "UNKNOWN-PC"
	}, func(s *sitter) { s.press("enter", "1", "4") }},
	{"02-people-unsigned", nil, func(w *play) { w.facts.Signed, w.facts.Case = false, cases.Case{} }, func(s *sitter) { s.press("enter", "o", "E12") }},
	{"03-drives-none", nil, nil, func(s *sitter) { s.press("enter", "1", "enter") }},
	{"03-drives-24", fleet(), nil, func(s *sitter) { s.press("enter", "1", "enter", "a", "down", "down", "down") }},
	{"03-drives-24-end", fleet(), nil, func(s *sitter) { s.press("enter", "1", "enter", "end") }},
	{"04-category", []devices.Device{disk(0, "WDC WD10EZEX-08WN4A0", 1000), disk(1, "TOSHIBA MQ01ABF050", 500)}, func(w *play) { w.facts.Signed = false },
		func(s *sitter) { s.press("enter", "1", "enter", "a", "enter", "1", "enter", "1") }},
	{"05-plan-row2", []devices.Device{flash(0, "Samsung SSD 860 EVO 250GB", 250)}, nil, func(s *sitter) { s.press("enter", "1", "enter", "a", "enter") }},
	{"05-plan-choice", []devices.Device{frozenDisk()}, nil, func(s *sitter) { s.press("enter", "1", "enter", "a", "enter") }},
	{"05-accept", []devices.Device{frozenDisk()}, nil, func(s *sitter) { s.press("enter", "1", "2", "enter", "a", "enter", "a") }},
	{"06-confirm", []devices.Device{disk(0, "WDC WD10EZEX-08WN4A0", 1000)}, func(w *play) { w.facts.Policy.RequireSecondPerson = true },
		func(s *sitter) { s.press("enter", "1", "2", "enter", "a", "enter", "enter", "0000", "enter", "00") }},
	{"07-progress-4", fleet()[:7], nil, func(s *sitter) { working(s, 4) }},
	{"07-progress-24", fleet(), nil, func(s *sitter) { working(s, 24) }},
	{"08-results", fleet()[:8], nil, func(s *sitter) { working(s, 5); s.finish(0, spoiled) }},
	{"09-missing", []devices.Device{disk(0, "WDC WD10EZEX-08WN4A0", 1000)}, func(w *play) {
		w.facts.Case.Roster[0].ExpectedMedia = 3
		w.facts.Case.Roster[0].Media = []cases.Medium{{Serial: "WD-WX11A1000000"}, {Serial: "Z1D5ABCD"}}
	}, func(s *sitter) { s.press("enter", "1", "enter", "e", "1") }},
	{"10-handover", fleet()[:8], func(w *play) { w.facts.Policy.DestructionDays = 30 },
		func(s *sitter) { working(s, 5); s.finish(0, spoiled); s.press("enter", "1", "1", "1", "enter", "down") }},
	{"10-label", fleet()[:8], nil, func(s *sitter) {
		working(s, 5)
		s.finish(0, spoiled)
		s.press("enter", "1", "1", "1", "enter", "l")
	}},
	{"11-help", fleet(), nil, func(s *sitter) { s.press("enter", "1", "enter", "f1") }},
	{"12-log", fleet(), nil, func(s *sitter) { s.press("enter", "1", "enter", "f3") }},
	{"13-large", fleet()[:7], nil, func(s *sitter) { working(s, 4); s.press("f5") }},
	{"13-large-training", fleet()[:7], func(w *play) { w.facts.Training = true }, func(s *sitter) { working(s, 4); s.press("f6", "kasumi", "enter", "f5") }},
	{"14-word", fleet()[:7], nil, func(s *sitter) { working(s, 4); s.press("f6", "kasumi") }},
	{"15-unattended", nil, func(w *play) { w.facts.Unattended = true }, func(s *sitter) { s.tick(3 * time.Second) }},
	{"16-unfreeze", []devices.Device{frozenDisk()}, nil, func(s *sitter) { s.press("enter", "1", "enter", "z") }},
	{"17-stop", fleet()[:7], nil, func(s *sitter) { working(s, 4); s.press("x") }},
	{"18-wait", []devices.Device{disk(0, "WDC WD10EZEX-08WN4A0", 1000)}, func(w *play) { w.status.OnBattery = true },
		func(s *sitter) { s.press("enter", "1", "enter", "a", "enter", "enter", "0000", "enter") }},
	{"19-message", []devices.Device{disk(0, "WDC WD10EZEX-08WN4A0", 1000)}, nil, func(s *sitter) {
		s.press("enter", "1", "enter", "a")
		s.unplug(s.w.devs[0].Identity.Serial)
	}},
	{"20-pulled", fleet()[:7], nil, func(s *sitter) {
		working(s, 2)
		s.w.status.Pull, s.w.status.Why = PullGone, rules.Label{Ja: "記録はメモリにあります", En: "the record is in memory"}
		s.tick(time.Second)
	}},
}

func frozenDisk() devices.Device {
	d := disk(0, "HGST HTS545050A7E680", 500)
	d.Caps.ATA.SecurityFrozen = support.Yes
	return d
}

// spoiled gives every way of ending to one of five drives.
func spoiled(i int, o *session.Outcome) {
	switch i {
	case 1:
		o.Result.Derivation = rules.Default().Derive(o.Work.Plan.Row, rules.Facts{Medium: rules.MediumHDD, IdentityOwn: true, IdentityHeld: true, Unwritten: 3,
			Steps: []rules.Step{{Technique: rules.TechOverwrite, Status: rules.StepCompleted, RandomPasses: 1}}, Errors: []string{"x"}}, rules.Policy{})
		o.Result.Errors = []string{"write LBA 4711–4713: medium error (sense 3h/0Ch/00h)"}
		o.Result.Prompt = &wipe.DestructionPrompt{Serial: o.Work.Plan.Target.Serial, Asset: "B-0001", Row: rules.Row2, Inside: true,
			Ways: []string{"分解", "粉砕", "溶解", "焼却", "細断"}, Witness: rules.Note{Ja: "庁舎外へ持ち出さない。庁舎内で職員立会いのもと破壊する。"}}
	case 2:
		o.Begun, o.Number, o.File, o.Err = false, "", "", devices.Refuse(devices.CodeBusy, o.Work.Plan.Device)
	case 3:
		o.Result.Derivation.Outcome, o.Result.Derivation.Paper = rules.OutcomeInterrupted, rules.PaperIncomplete
	case 4:
		o.Result.Derivation.Paper, o.Result.Prompt = rules.PaperStageA, &wipe.DestructionPrompt{Serial: o.Work.Plan.Target.Serial, Row: rules.Row1,
			Ways: []string{"分解", "粉砕", "溶解", "焼却", "細断"}}
	}
}

// TestScreens keeps the text of every screen on every terminal, and holds of
// each that nothing is cut, broken or out of line.
func TestScreens(t *testing.T) {
	for _, shot := range shots {
		t.Run(shot.name, func(t *testing.T) {
			w := newPlay(shot.devs...)
			if shot.edit != nil {
				shot.edit(w)
			}
			s := sit(t, w)
			if shot.to != nil {
				shot.to(s)
			}
			for _, c := range canvases {
				for _, lang := range []string{"ja", "en"} {
					s.m.lang = lang
					if shot.name == "12-log" {
						s.m.over = &logPage{}
					}
					out := s.m.Render(c.Canvas)
					checkFrame(t, c.name+" "+lang, out, c.Canvas)
					text := onScreen(t, shot.name+"-"+c.name+"-"+lang, out, c.Canvas, c.cell)
					if lang == "ja" {
						golden(t, filepath.Join("testdata", "screens", shot.name+"-"+c.name+".txt"), text)
					}
				}
			}
		})
	}
}

// checkFrame: as many lines as the terminal has, each exactly as wide; on a
// serial line no character about whose width terminals disagree.
func checkFrame(t *testing.T, name, out string, c Canvas) {
	t.Helper()
	lines := strings.Split(out, "\n")
	if len(lines) != c.Rows {
		t.Errorf("%s: %d lines, want %d", name, len(lines), c.Rows)
	}
	for i, l := range lines {
		if w := ansi.StringWidth(l); w != c.Cols {
			t.Errorf("%s: line %d is %d columns wide, want %d: %q", name, i, w, c.Cols, l)
		}
		if strings.Contains(l, "表示しきれません") || strings.Contains(l, "does not fit") {
			t.Errorf("%s: the body is longer than its place", name)
		}
	}
	if !c.Plain {
		return
	}
	for _, r := range ansi.Strip(out) {
		if r >= 0x7f && ansi.StringWidth(string(r)) == 1 {
			t.Errorf("%s: %q (%U) may take two columns on a serial terminal", name, r, r)
		}
	}
}

// onScreen writes the frame to a terminal of that size and reads its cells. With
// MASSHO_SCREENS=DIR it also paints it as a picture, to look at.
func onScreen(t *testing.T, name, out string, c Canvas, cell fbterm.CellSize) string {
	t.Helper()
	scr, err := fbterm.NewScreen(c.Cols, c.Rows)
	if err != nil {
		t.Fatal(err)
	}
	defer scr.Close()
	for y, l := range strings.Split(out, "\n") {
		if _, err := fmt.Fprintf(scr, "\x1b[%d;1H%s", y+1, l); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := scr.Write([]byte("\x1b[?25l")); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("MASSHO_SCREENS"); dir != "" {
		paint(t, scr, cell, filepath.Join(dir, name+".png"))
	}
	return scr.Text()
}

func paint(t *testing.T, scr *fbterm.Screen, cell fbterm.CellSize, path string) {
	t.Helper()
	ttf, err := font.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := fbterm.NewRenderer(cell, ttf)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, r.Image(scr)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; look at it, then -update\n%s", path, got)
	}
}
