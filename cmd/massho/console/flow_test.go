package console

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/support"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

const (
	atClock, atPeople, atDrives   = "1 時計の確認", "2 案件と立会者", "3 媒体の選択"
	atCategory, atPlan, atConfirm = "4 何が保存されていたか", "5 計画", "6 確認"
	atProgress, atResults         = "7 実行中", "8 結果と記録"
	atMissing, atHandover, atOff  = "9 見当たらない媒体", "10 引渡し", "電源を切る"
	atMessage, atWait             = "お知らせ", "開始を待っています"
)

// TestPlainPath counts the keys of a whole sitting: issue 8 allows 25 a drive.
func TestPlainPath(t *testing.T) {
	for _, c := range []struct {
		name   string
		drives int
		signed bool
	}{
		{"one drive, case says all", 1, true}, {"one drive, no case", 1, false}, {"four drives, no case", 4, false}, {"24 drives, no case", 24, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newPlay(stick(25))
			for i := range c.drives {
				w.devs = append(w.devs, disk(i, "WDC WD10EZEX-08WN4A0", 1000))
			}
			w.facts.Signed = c.signed
			s := sit(t, w).at(atClock).press("enter").at(atPeople).press("1", "enter").at(atDrives)
			if c.drives == 1 {
				s.press("down", "space", "enter")
			} else {
				s.press("a", "enter")
			}
			for i := range c.drives {
				if !c.signed {
					s.at(atCategory).press("2", "enter", "4", "enter")
				}
				serial := w.devs[i+1].Identity.Serial
				s.at(atPlan).press("enter").at(atConfirm).press(serial[len(serial)-s.need():], "enter")
			}
			s.at(atProgress)
			if got := len(w.ran[0]); got != c.drives {
				t.Fatalf("%d drives run, want %d", got, c.drives)
			}
			s.finish(0, nil)
			s.at(atResults).press("enter")
			if c.signed {
				s.at(atMissing).press("enter")
			}
			s.at(atHandover).press("enter").at(atOff).press("enter")
			if end, ok := s.m.Ended(); !ok || end != EndPowerOff {
				t.Errorf("ended %v with %q", ok, end)
			}
			if limit := 25 * c.drives; s.keys > limit {
				t.Errorf("%d keys for %d drives, at most %d", s.keys, c.drives, limit)
			}
			t.Logf("%d keys for %d drives", s.keys, c.drives)
			for _, x := range w.ran[0] {
				if len(x.By) != 1 || x.By[0].Person.ID != "op1" || x.Drive.Device.Identity.Serial == "BOOT0001" {
					t.Errorf("confirmed %+v", x.By)
				}
			}
			if w.clock.Reading != "utc" || len(w.people) != 1 {
				t.Errorf("clock %+v, people %+v", w.clock, w.people)
			}
		})
	}
}

// need is how many characters the confirmation asks for now.
func (s *sitter) need() int { return s.m.page.(*confirmPage).need }

// toConfirm goes to the confirmation of the first drive that may be touched.
func toConfirm(t *testing.T, w *play) *sitter {
	s := sit(t, w).press("enter", "1", "2", "enter").at(atDrives).press("a", "enter")
	return s.at(atPlan).press("enter").at(atConfirm)
}

func TestWrongSerialDoesNothing(t *testing.T) {
	a, b := disk(0, "A", 500), disk(1, "B", 500)
	w := newPlay(a, b)
	s := toConfirm(t, w)
	for _, typed := range []string{"", "9999", b.Identity.Serial[len(b.Identity.Serial)-4:], " ", a.Identity.Serial[:4]} {
		s.press(typed, "enter").at(atConfirm)
	}
	if len(w.ran) != 0 || s.m.running != 0 {
		t.Fatal("something was started")
	}
	if !strings.Contains(s.m.notice.text, "一致しません") {
		t.Errorf("notice %q", s.m.notice.text)
	}
}

func TestSuffixIsUniqueAmongThosePresent(t *testing.T) {
	a, b := disk(0, "A", 500), disk(1, "A", 500)
	a.Identity.Serial, b.Identity.Serial = "AAA-1234567", "BBB-1234567"
	s := toConfirm(t, newPlay(a, b))
	if got := s.need(); got != 8 {
		t.Fatalf("asks for %d characters, want 8: fewer name both", got)
	}
	s.press("a1234567", "enter") // case and hyphen do not matter
	s.at(atPlan)
}

func TestSecondPerson(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	w.facts.Policy.RequireSecondPerson = true
	s := sit(t, w).press("enter", "1", "enter").at(atPeople) // an operator alone will not do
	s.press("2", "enter").at(atDrives).press("a", "enter", "enter").at(atConfirm)
	s.press("0000", "enter").at(atConfirm)
	if len(w.ran) > 0 {
		t.Fatal("began after the operator's word alone")
	}
	s.press("0000", "enter").at(atProgress)
	by := w.ran[0][0].By
	if len(by) != 2 || by[0].Person.ID != "op1" || by[1].Person.ID != "w1" {
		t.Errorf("confirmed by %+v", by)
	}
}

func TestStandIn(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	w.facts.Case.People = nil
	s := sit(t, w).press("enter", "enter").at(atPeople)
	s.press("o", "E1234", "enter", "enter").at(atDrives)
	if len(w.people) != 1 || !w.people[0].OffRoster || w.people[0].ID != "E1234" {
		t.Errorf("people %+v", w.people)
	}
}

func TestClock(t *testing.T) {
	t.Run("a dead clock cannot be taken", func(t *testing.T) {
		w := newPlay(disk(0, "A", 500))
		w.rtc = time.Date(1980, 1, 1, 0, 0, 12, 0, time.UTC)
		s := sit(t, w).press("1", "enter").at(atClock).press("2", "enter").at(atClock)
		s.press("3", "enter", "198001010000", "enter").at(atClock).press("esc", "3", "enter")
		for range 12 {
			s.press("backspace")
		}
		s.press("202611211405", "enter").at(atPeople)
		if want := time.Date(2026, 11, 21, 14, 5, 0, 0, jst); w.clock.Reading != "typed" || !w.clock.Typed.Equal(want) {
			t.Errorf("clock %+v, want %s", w.clock, want)
		}
	})
	t.Run("Windows keeps JST", func(t *testing.T) {
		w := newPlay()
		w.rtc = asJST(noon.Add(9 * time.Hour)).In(time.UTC).Add(9 * time.Hour)
		sit(t, w).press("2", "enter").at(atPeople)
		if w.clock.Reading != "jst" {
			t.Errorf("clock %+v", w.clock)
		}
	})
	t.Run("unreadable", func(t *testing.T) {
		w := newPlay()
		w.rtc = time.Time{}
		sit(t, w).press("1", "enter").at(atClock).press("3", "enter", "202611311405", "enter").at(atClock) // no such day
	})
}

func TestNoDrives(t *testing.T) {
	s := sit(t, newPlay()).press("enter", "1", "enter").at(atDrives)
	if text := s.m.Render(Canvas{Cols: 80, Rows: 30}); !strings.Contains(text, "媒体が1台も見つかりません") || !strings.Contains(text, "AHCI") {
		t.Errorf("says neither that nothing was found nor what to do:\n%s", text)
	}
	s.press("enter", "space", "down", "a", "enter").at(atDrives)
	s.press("e").at(atMissing) // the case expects a medium of this PC
	if page := s.m.page.(*missingPage); len(page.media) != 1 || page.media[0].Count != 1 {
		t.Errorf("missing %+v", page.media)
	}
	s.press("enter").at(atMissing).press("1", "enter").at(atHandover)
	if len(s.w.missing) != 1 || s.w.missing[0].Reason != "not-found" {
		t.Errorf("recorded %+v", s.w.missing)
	}
}

func TestRefusedDriveCannotBeChosen(t *testing.T) {
	s := sit(t, newPlay(stick(0))).press("enter", "1", "enter", "space").at(atDrives)
	if len(s.m.marked) != 0 || s.m.notice.text == "" {
		t.Errorf("marked %v, notice %q", s.m.marked, s.m.notice.text)
	}
	s.press("a", "enter").at(atDrives)
}

func TestFrozen(t *testing.T) {
	d := flash(0, "Samsung SSD 860 EVO 250GB", 250)
	d.Caps.ATA.SanitizeBlock, d.Caps.ATA.SanitizeCrypto = support.No, support.No
	d.Caps.Rotational, d.Caps.RotationRPM = support.Yes, 5400
	d.Caps.ATA.SecurityFrozen = support.Yes
	w := newPlay(d)
	s := sit(t, w).press("enter", "1", "enter").at(atDrives).press("a", "enter").at(atPlan)
	if s.m.round.work.Plan.Choice == nil {
		t.Fatal("the plan asks for no choice")
	}
	s.press("enter").at(atPlan) // cannot be confirmed as it is
	t.Run("suspend", func(t *testing.T) {
		s.t = t
		s.press("z").at("凍結を解く").press("enter").at(atDrives)
		if w.suspended != 1 {
			t.Fatal("did not suspend")
		}
		s.press("enter").at(atPlan)
		if s.m.round.work.Plan.Choice != nil {
			t.Error("still asks for a choice")
		}
	})
	t.Run("accept", func(t *testing.T) {
		w := newPlay(d)
		s := sit(t, w).press("enter", "1", "enter", "a", "enter").at(atPlan)
		if s.m.round.work.Plan.Choice.Remains == rules.RowNone {
			t.Fatal("nothing remains to accept")
		}
		s.press("a").at("水準の承諾").press("y").at(atPlan)
		acc := s.m.round.work.Plan.Accepted
		if acc == nil || acc.By != "作業者 髙橋 花子" {
			t.Fatalf("accepted %+v", acc)
		}
		s.press("enter").at(atConfirm)
	})
}

func TestRow1AsksForDestruction(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	w.facts.Case.Roster[0].Category = rules.Category{System: rules.SystemMyNumber, ResidentInfo: rules.AnswerYes, Confidentiality: rules.Conf3A}
	s := toConfirm(t, w).press("0000", "enter")
	s.finish(0, nil)
	s.at(atResults).press("enter", "enter").at(atHandover)
	text := s.m.Render(Canvas{Cols: 80, Rows: 40})
	for _, want := range []string{"破壊待ち", "分解・粉砕・溶解・焼却・細断", "R8-012-U1-0001", "完了証明書の提出期限"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
}

func TestFailuresAreShown(t *testing.T) {
	w := newPlay(disk(0, "A", 500), disk(1, "B", 500), disk(2, "C", 500))
	s := sit(t, w).press("enter", "1", "enter", "a", "enter")
	for i := range 3 {
		serial := w.devs[i].Identity.Serial
		s.at(atPlan).press("enter", serial[len(serial)-4:], "enter")
	}
	s.finish(0, func(i int, o *session.Outcome) {
		switch i {
		case 0:
			o.Begun, o.Number, o.File, o.Err = false, "", "", devices.Refuse(devices.CodeBusy, o.Work.Plan.Device)
		case 1:
			o.Result.Derivation.Outcome, o.Result.Derivation.Paper = rules.OutcomeFailed, rules.PaperIncomplete
			o.Result.Errors = []string{"write LBA 4711: medium error"}
		case 2:
			o.File, o.Err = "", errors.New("evidence: full")
		}
	})
	s.at(atResults)
	for i, want := range [][]string{{"開始していません"}, {"失敗", "未完了報告書", "LBA 4711"}, {"記録を保存できていません", "evidence: full"}} {
		text := s.m.Render(Canvas{Cols: 80, Rows: 40})
		for _, x := range want {
			if !strings.Contains(text, x) {
				t.Errorf("drive %d: lacks %q:\n%s", i, x, text)
			}
		}
		s.press("down")
	}
	if text := s.m.Render(Canvas{Cols: 80, Rows: 40}); !strings.Contains(text, "検証済み 1台") {
		// The third was verified, but has no paper: the tally counts the erasure.
		t.Errorf("tally:\n%s", text)
	}
	s.press("enter", "enter").at(atHandover)
	text := s.m.Render(Canvas{Cols: 80, Rows: 40})
	for _, want := range []string{"何もしていない", "持ち出さない"} {
		if !strings.Contains(text, want) {
			t.Errorf("hand-over lacks %q:\n%s", want, text)
		}
	}
}

func TestHotPlugRounds(t *testing.T) {
	w := newPlay(disk(0, "A", 500), disk(1, "B", 500))
	s := sit(t, w).press("enter", "1", "enter", "space", "enter", "enter", "0000", "enter").at(atProgress)
	s.press("d").at(atDrives).press("space") // the running one cannot be chosen again
	if len(s.m.marked) != 0 {
		t.Fatal("a running drive was chosen")
	}
	serial := w.devs[1].Identity.Serial
	s.press("down", "space", "enter", "enter", serial[len(serial)-4:], "enter").at(atProgress)
	if s.m.running != 2 || len(w.ran) != 2 {
		t.Fatalf("%d running, %d begun", s.m.running, len(w.ran))
	}
	s.press("e") // no such key here
	s.finish(0, nil)
	s.at(atProgress).press("enter").at(atResults).press("enter").at(atProgress)
	s.finish(1, nil)
	s.at(atResults)
}

func TestStopAsksFirst(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	s := toConfirm(t, w).press("0000", "enter", "x").at("中断").press("esc")
	if len(w.stopped) != 0 {
		t.Fatal("stopped without a yes")
	}
	if s.press("x", "y"); len(w.stopped) != 1 {
		t.Error("not stopped")
	}
}

func TestNothingEndsTheConsoleWhileDrivesRun(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	s := toConfirm(t, w).press("0000", "enter").at(atProgress)
	s.press("ctrl+c", "esc", "enter", "q", "d", "e").at(atDrives)
	if _, ended := s.m.Ended(); ended || s.m.running != 1 {
		t.Error("ended")
	}
}
