package main

import (
	"context"
	"fmt"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// askChoice lets a person decide what a plan cannot: to lift the freeze that keeps
// the drive from its level, or to take the level that remains, on record. Without
// an answer the drive is left alone; nothing is lowered silently.
func (s *sitting) askChoice(ctx context.Context, w session.Work) (session.Work, error) {
	for w.Plan.Choice != nil {
		answer, err := s.ask(s.choiceQuestion(w.Plan.Choice))
		if err != nil {
			return w, err
		}
		p := s.plan
		p.category = w.Plan.Category
		switch answer {
		case "":
			return w, runnable(w.Plan)
		case "1":
			fmt.Fprintln(s.out, s.t("画面が消え、PCがスリープします。10秒ほど待ち、電源ボタンを短く1回押してください。画面が戻らないことがあります。「ピッ」と鳴れば動いています。",
				"The screen goes dark and the PC sleeps. Wait about ten seconds, then press the power button once, briefly. The screen may stay black: a beep says that it is awake."))
			if err := s.unfreeze(ctx, 0); err != nil {
				s.complain(err)
				continue
			}
		case "2":
			if _, err := s.ask("電源を入れたままドライブのSATA電源コネクタを抜き、5秒待って挿し、Enter を押してください",
				"Plug the drive's SATA power out while the PC runs, wait five seconds, plug it in again, then press Enter"); err != nil {
				return w, err
			}
		case "3":
			if p.accept, err = s.askAcceptance(w.Plan.Choice); err != nil {
				return w, err
			}
		default:
			continue
		}
		if w, err = s.planAgain(ctx, p, w); err != nil {
			return w, err
		}
	}
	return w, runnable(w.Plan)
}

func (s *sitting) choiceQuestion(c *wipe.Choice) (ja, en string) {
	ja, en = "番号（空欄: この媒体には触れない）", "Number (empty: leave this drive alone)"
	if c.Remains != rules.RowNone {
		ja, en = "3: (3)までの消去とする  "+ja, "3: erase to level (3) only  "+en
	}
	ja, en = "2: SATA電源の抜き差し  "+ja, "2: re-plug the SATA power  "+en
	if mayUnfreeze("/") {
		ja, en = "1: スリープで凍結を解く  "+ja, "1: lift the freeze by sleeping  "+en
	}
	return ja, en
}

// askAcceptance records who takes a lower level, and why; nil where the answer was
// taken back.
func (s *sitting) askAcceptance(c *wipe.Choice) (*wipe.Acceptance, error) {
	if c.Remains != rules.Row3 {
		return nil, nil
	}
	by, err := s.ask("(3)までの消去とし、その後に物理的な破壊を行うことを決めた人の名前（空欄: 戻る）",
		"Name of the person who decides for level (3) and a physical destruction afterwards (empty: back)")
	if err != nil || by == "" {
		return nil, err
	}
	why, err := s.ask("理由", "Reason")
	if err != nil {
		return nil, err
	}
	return &wipe.Acceptance{Level: rules.Row3, By: by, Reason: why}, nil
}

// planAgain looks at the drives anew, finds the same one and plans it.
func (s *sitting) planAgain(ctx context.Context, p planner, w session.Work) (session.Work, error) {
	devs, err := s.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return w, err
	}
	d, err := devices.MatchSerial(devs, w.Plan.Target.Serial)
	if err != nil {
		return w, err
	}
	again, err := p.work(d)
	if err != nil {
		return w, err
	}
	if again.Plan.Choice != nil {
		fmt.Fprintln(s.out, s.t("まだ凍結されています。", "It is still frozen."))
	}
	return again, s.showPlan(again)
}
