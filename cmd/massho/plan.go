package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

func (a *app) planCommand() *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:   "plan [SERIAL…]",
		Short: a.t("図表41 が何を求め、何を行うかを示す（何も書き込まない）", "what 図表41 asks and what would run; touches nothing"),
		RunE:  func(c *cobra.Command, args []string) error { return a.plan(c.Context(), s, args) },
	}
	s.flags(c, a)
	a.jsonFlag(c)
	return c
}

func (a *app) plan(ctx context.Context, s selection, serials []string) error {
	sys := realSystem()
	p, err := s.planner(ctx, sys)
	if err != nil {
		return err
	}
	devs, err := sys.Detect(ctx, devices.DetectOptions{Loop: s.loop})
	if err != nil {
		return err
	}
	if len(serials) > 0 {
		if devs, err = s.choose(devs, serials); err != nil {
			return err
		}
	}
	for _, d := range devs {
		w, err := p.work(d)
		if err != nil {
			if len(serials) > 0 {
				return err
			}
			fmt.Fprintln(a.out, a.errorText(err))
			continue
		}
		if err := a.showPlan(w); err != nil {
			return err
		}
	}
	return nil
}

// planLine is the JSON form of one plan.
type planLine struct {
	Type string    `json:"type"` // "plan"
	ID   string    `json:"id"`
	Plan wipe.Plan `json:"plan"`
}

// showPlan prints what the table asks, then what would run and what stays undone.
func (a *app) showPlan(w session.Work) error {
	p := w.Plan
	if a.json {
		return a.printJSON(planLine{"plan", p.ID(), p})
	}
	fmt.Fprintf(a.out, "%-24s %s  %s\n", p.Target.Serial, p.Target.Model, size(p.Target.Sectors*uint64(p.Target.Sector)))
	fmt.Fprintf(a.out, "    %s", p.Row.Label().In(a.lang))
	if w.Asset.Number != "" {
		fmt.Fprintf(a.out, "  %s %s", a.t("管理番号", "asset"), w.Asset.Number)
	}
	fmt.Fprintln(a.out)
	for i, s := range p.Steps {
		fmt.Fprintf(a.out, "    %d. %s%s — %s (%s)\n", i+1, s.Technique.Label().In(a.lang), a.passes(s), a.note(s.Reason), a.time(s))
	}
	for _, n := range p.Scope {
		fmt.Fprintf(a.out, "    ・ %s\n", a.note(n))
	}
	for _, u := range p.Undone {
		fmt.Fprintf(a.out, "    △ %s\n", a.note(u))
	}
	if p.Choice != nil {
		a.showChoice(p.Choice)
	}
	if p.Prompt != nil {
		a.showPrompt(p.Prompt)
	}
	return nil
}

// time is how long a step takes, and what each further pass would add to it.
func (a *app) time(s wipe.PlannedStep) string {
	if s.PassCost() == 0 {
		return duration(s.Estimate)
	}
	return fmt.Sprintf(a.t("%s、1回増やすごとに +%s", "%s, each further pass +%s"), duration(s.Estimate), duration(s.PassCost()))
}

func (a *app) passes(s wipe.PlannedStep) string {
	if len(s.Passes) == 0 {
		return ""
	}
	return fmt.Sprintf(" ×%d", len(s.Passes))
}

func (a *app) showChoice(c *wipe.Choice) {
	fmt.Fprintf(a.out, "    ？ %s\n", a.note(c.Why))
	for _, o := range c.Options {
		fmt.Fprintf(a.out, "       → %s\n", a.note(o))
	}
}

// showPrompt asks for the physical destruction that must follow.
func (a *app) showPrompt(p *wipe.DestructionPrompt) {
	fmt.Fprintf(a.out, "    ■ %s\n", a.t("物理的な破壊が必要です", "physical destruction must follow"))
	fmt.Fprintf(a.out, "      %s %s  %s %s\n", a.t("シリアル", "serial"), p.Serial, a.t("方法", "ways"), strings.Join(p.Ways, "・"))
	for _, n := range []rules.Note{p.Witness, p.Deadline, p.Evidence} {
		if text := a.note(n); text != "" {
			fmt.Fprintf(a.out, "      %s\n", text)
		}
	}
	for _, n := range p.Warnings {
		fmt.Fprintf(a.out, "      ！ %s\n", a.note(n))
	}
}

// duration is a time for people: minutes from one minute on.
func duration(d time.Duration) string {
	if d < time.Minute {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Minute).String()
}
