package console

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// unplug takes a drive away and lets the model notice.
func (s *sitter) unplug(serial string) *sitter {
	s.t.Helper()
	s.w.mu.Lock()
	for i, d := range s.w.devs {
		if d.Identity.Serial == serial {
			s.w.devs = append(s.w.devs[:i:i], s.w.devs[i+1:]...)
			break
		}
	}
	s.w.gen++
	s.w.mu.Unlock()
	return s.tick(time.Second)
}

func TestDriveVanishes(t *testing.T) {
	a, b := disk(0, "A", 500), disk(1, "B", 500)
	for _, c := range []struct {
		name string
		to   func(s *sitter)
		gone string
	}{
		{"while chosen", func(s *sitter) { s.press("space") }, a.Identity.Serial},
		{"at its plan", func(s *sitter) { s.press("a", "enter").at(atPlan) }, a.Identity.Serial},
		{"at its confirmation", func(s *sitter) { s.press("a", "enter", "enter").at(atConfirm).press("0000") }, a.Identity.Serial},
		{"after its confirmation, before the others'", func(s *sitter) {
			s.press("a", "enter", "enter", "0000", "enter").at(atPlan)
		}, a.Identity.Serial},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newPlay(a, b)
			s := sit(t, w).press("enter", "1", "enter").at(atDrives)
			c.to(s)
			s.unplug(c.gone).at(atMessage)
			if text := s.m.Render(Canvas{Cols: 80, Rows: 30}); !strings.Contains(text, c.gone) {
				t.Errorf("does not name the drive:\n%s", text)
			}
			s.press("enter").at(atDrives)
			if len(w.ran) != 0 || s.m.round != nil {
				t.Error("the round goes on")
			}
		})
	}
}

func TestDriveComes(t *testing.T) {
	w := newPlay()
	s := sit(t, w).press("enter", "1", "enter").at(atDrives)
	w.mu.Lock()
	w.devs = append(w.devs, disk(0, "A", 500))
	w.gen++
	w.mu.Unlock()
	if s.tick(time.Second); len(s.m.drives) != 1 {
		t.Errorf("%d drives listed", len(s.m.drives))
	}
}

func TestStickPulled(t *testing.T) {
	t.Run("before the start nothing begins", func(t *testing.T) {
		w := newPlay(disk(0, "A", 500))
		s := toConfirm(t, w)
		w.status = Status{Pull: PullGone}
		s.tick(time.Second).press("0000", "enter").at(atWait)
		if len(w.ran) != 0 {
			t.Fatal("began without a stick")
		}
		w.status = Status{}
		s.tick(time.Second).at(atProgress)
		if len(w.ran) != 1 {
			t.Error("did not begin when the stick was back")
		}
	})
	t.Run("in mid-run it is said on every screen", func(t *testing.T) {
		w := newPlay(disk(0, "A", 500))
		s := toConfirm(t, w).press("0000", "enter").at(atProgress)
		w.status.Pull = PullGone
		s.tick(time.Second)
		for _, over := range []string{"", "f1", "f3", "f5", "f6"} {
			if over != "" {
				s.press(over)
			}
			for _, lang := range []string{"ja", "en"} {
				s.m.lang = lang
				text := s.m.Render(Canvas{Cols: 80, Rows: 30})
				if !strings.Contains(text, "USBがありません") && !strings.Contains(text, "no stick") {
					t.Errorf("%s %s does not say that the stick is gone:\n%s", over, lang, text)
				}
			}
			if s.m.lang = "ja"; over != "" {
				s.press("esc")
			}
		}
	})
}

func TestBatteryHoldsTheStart(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	s := toConfirm(t, w)
	w.status.OnBattery = true
	s.tick(time.Second).press("0000", "enter").at(atWait).tick(time.Minute).at(atWait)
	if len(w.ran) != 0 {
		t.Fatal("began on battery")
	}
	s.press("esc").at(atDrives)
	w.status.OnBattery = false
	if s.tick(time.Second); len(w.ran) != 0 {
		t.Error("began after the person went back")
	}
}

func TestChallengeWord(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	w.heads("WD-1")
	s := sit(t, w).press("f6").at("合言葉").press("enter").at("合言葉").press("kasumi7", "enter")
	if len(w.words) != 1 || w.words[0] != "kasumi7" {
		t.Fatalf("recorded %q", w.words)
	}
	if text := s.m.Render(Canvas{Cols: 80, Rows: 30}); !strings.Contains(text, "合言葉 kasumi7 (14:05:33)") {
		t.Errorf("the header lacks the word:\n%s", text)
	}
	w.fail["Challenge"] = errors.New("journal: not durable")
	s.press("f6", "other", "enter").at(atMessage)
	if s.m.word != "kasumi7" {
		t.Error("shows a word that was not recorded")
	}
}

func TestUnattended(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	w.facts.Unattended, w.facts.Case.Unattended = true, true
	s := sit(t, w).at("自動実行").tick(10 * time.Second).at("自動実行")
	s.press("esc").at(atClock).tick(time.Minute).at(atClock)
	if w.auto != 0 {
		t.Fatal("began although a person took over")
	}
	s = sit(t, w)
	s.tick(21 * time.Second).at(atProgress)
	if w.auto != 1 {
		t.Error("did not begin")
	}
	w2 := newPlay(disk(0, "A", 500))
	w2.facts.Unattended, w2.facts.Signed = true, false
	if s := sit(t, w2).tick(time.Hour).at(atClock); w2.auto != 0 {
		t.Error("an unsigned case began by itself", s.front())
	}
}

func TestTrainingIsEverywhere(t *testing.T) {
	s := sit(t, newPlay()).press("t").at(atClock)
	for _, k := range []string{"", "f1", "esc", "f3", "esc", "f5", "esc", "f6", "esc", "3", "enter"} {
		if k != "" {
			s.press(k)
		}
		for _, lang := range []string{"ja", "en"} {
			s.m.lang = lang
			for _, c := range []Canvas{{80, 30, false}, {80, 24, true}} {
				if !strings.Contains(s.m.Render(c), "訓練") {
					t.Errorf("after %q, %s, %v: no 訓練", k, lang, c)
				}
			}
		}
		s.m.lang = "ja"
	}
}

func TestErrorsAreAcknowledged(t *testing.T) {
	w := newPlay(disk(0, "A", 500))
	w.fail["SetClock"] = fmt.Errorf("rtc: write: permission denied")
	s := sit(t, w).press("enter").at(atMessage).press("f1", "f6", "x").at(atMessage)
	if !strings.Contains(s.m.Render(Canvas{Cols: 80, Rows: 30}), "permission denied") {
		t.Error("the cause is not shown")
	}
	s.press("enter").at(atClock)
}

func TestKeyboardAndLanguage(t *testing.T) {
	w := newPlay()
	s := sit(t, w).press("f4")
	if w.keyboard != "us" || !strings.Contains(s.m.notice.text, "US") {
		t.Errorf("keyboard %q, notice %q", w.keyboard, s.m.notice.text)
	}
	s.press("f2").at("1 The clock").press("f2").at(atClock)
	w.fail["SetKeyboard"] = errors.New("KDSKBENT: not permitted")
	s.press("f4").at(atMessage)
}

// TestRunWithoutReports: a drive of which the run said nothing is not shown as
// running for ever, nor as erased.
func TestRunWithoutReports(t *testing.T) {
	for _, err := range []error{nil, errors.New("evidence: the place is full")} {
		w := newPlay(disk(0, "A", 500))
		s := toConfirm(t, w).press("0000", "enter").at(atProgress)
		w.ends[0] <- err
		if s.wait(); err != nil {
			s.at(atMessage).press("enter")
		}
		s.at(atResults)
		if text := s.m.Render(Canvas{Cols: 80, Rows: 30}); !strings.Contains(text, "開始していません") || !strings.Contains(text, "検証済み 0台") {
			t.Errorf("%v:\n%s", err, text)
		}
		s.press("enter", "enter").at(atHandover)
	}
}

// TestLongNameInFull: a name that the list has to cut can be read all the same.
func TestLongNameInFull(t *testing.T) {
	w := newPlay()
	name := strings.Repeat("寿限無寿限無五劫の", 4) + "擦切海砂" // 40 characters
	w.facts.Case.People[0].Name = name
	s := sit(t, w).press("enter").at(atPeople)
	for _, c := range canvases {
		text := strings.Join(strings.Fields(ansi.Strip(s.m.Render(c.Canvas))), "")
		if !strings.Contains(text, name) {
			t.Errorf("%s: the name is cut", c.name)
		}
	}
}

// TestMessagesAreNotLost: two errors at once are both there to read, and a word
// that is being typed is not swept away by the end of a run.
func TestMessagesAreNotLost(t *testing.T) {
	w := newPlay(disk(0, "A", 500), disk(1, "B", 500))
	s := sit(t, w).press("enter", "1", "enter", "space", "enter", "enter", "0000", "enter", "d", "down", "space", "enter", "enter", "7919", "enter").at(atProgress)
	for i, cause := range []string{"first cause", "second cause"} {
		w.ends[i] <- errors.New(cause)
	}
	s.wait()
	s.wait()
	text := s.at(atMessage).m.Render(Canvas{Cols: 80, Rows: 30})
	if !strings.Contains(text, "first cause") || !strings.Contains(text, "second cause") {
		t.Errorf("an error is lost:\n%s", text)
	}
	s.press("enter").at(atResults)

	w = newPlay(disk(0, "A", 500))
	s = toConfirm(t, w).press("0000", "enter", "f6", "kas")
	s.finish(0, nil)
	s.at("合言葉").press("umi", "enter")
	if len(w.words) != 1 || w.words[0] != "kasumi" {
		t.Errorf("recorded %q", w.words)
	}
	s.tick(time.Second).at(atResults)
}
