package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe"
	"github.com/massho/massho/wipe/rules"
	"github.com/massho/massho/wipe/session"
)

// selection is which drives a command is about, and what was stored on them.
type selection struct {
	machine
	caseFiles
	category string
	accept   string
	psid     []string
}

func (s *selection) flags(c *cobra.Command, a *app) {
	s.machine.flags(c, a)
	s.caseFiles.flags(c, a)
	c.Flags().StringVar(&s.category, "category", "", a.t("系:機密性[:住民情報]（例 lgwan:2、mynumber:3A:yes、unknown:unknown）", "system:confidentiality[:resident information]"))
	c.Flags().StringArrayVar(&s.psid, "psid", nil, a.t("自己暗号化ドライブのラベルにあるPSID（シリアル=PSID、複数可）", "SERIAL=PSID from the label of a self-encrypting drive; may be repeated"))
	c.Flags().StringVar(&s.accept, "accept-lower", "", a.t("求められる水準に届かない消去を承諾した人", "who accepts a level below the one asked; recorded"))
}

// planner reads case, host and category.
func (s *selection) planner(ctx context.Context, sys devices.System) (planner, error) {
	p := planner{pack: rules.Default()}
	var err error
	if p.psids, err = parsePSIDs(s.psid); err != nil {
		return p, err
	}
	if p.c, err = s.caseFiles.load(now()); err != nil {
		return p, err
	}
	if p.c.Signed && p.c.RulePack.ID != "" {
		if p.pack, err = rules.Load(p.c.RulePack.ID); err != nil {
			return p, coded{exitCaseExpired, err}
		}
	}
	if s.category != "" {
		c, err := parseCategory(s.category)
		if err != nil {
			return p, err
		}
		p.category = &c
	}
	if s.accept != "" {
		p.accept = &wipe.Acceptance{Level: rules.Row3, By: s.accept}
	}
	if p.host, err = sys.Host(ctx); err != nil {
		return p, fmt.Errorf("read this PC's firmware tables: %w", err)
	}
	return p, nil
}

// choose finds the drives that were named; each must be unique, and none may be
// one that an interlock protects.
func (s *selection) choose(devs []devices.Device, serials []string) ([]devices.Device, error) {
	var out []devices.Device
	env := s.environment(devs)
	for _, typed := range serials {
		d, err := devices.MatchSerial(devs, typed)
		if err != nil {
			return nil, err
		}
		if r := devices.Refusals(d, env); len(r) > 0 {
			return nil, &r[0]
		}
		out = append(out, d)
	}
	return out, nil
}

type wipeOptions struct {
	selection
	people []string
	dryRun bool
}

func (a *app) wipeCommand() *cobra.Command {
	var o wipeOptions
	c := &cobra.Command{
		Use:   "wipe SERIAL…",
		Short: a.t("指定した媒体を消去・抹消し、検証して、署名した記録を残す", "erase the named drives, verify, and leave signed records"),
		Long: a.t(`シリアル番号で指定した媒体を、案件（--case）または申告（--category）の分類に従って
図表41 の水準まで消去・抹消し、読み戻して検証し、署名した記録を --evidence に残します。
何も検証できなかったときは 0 では終わりません。`,
			`Erases the drives named by serial to the level that 図表41 asks for what the case
(--case) or the operator (--category) says was stored on them, verifies by reading
back, and leaves signed records in --evidence. It never ends with 0 unless every
drive was verified.`),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fail(exitUsage, "消去する媒体のシリアル番号を指定してください。一覧は massho detect で見られます。",
					"Name the drives by serial number; massho detect lists them.")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.wipe(c.Context(), o, args) },
	}
	o.flags(c, a)
	c.Flags().StringVar(&o.evidence, "evidence", "", a.t("記録を置くフォルダ（必須）", "folder for the records (required)"))
	c.Flags().StringSliceVar(&o.people, "person", nil, a.t("案件に記載された作業者・立会職員のID", "ids of the people of the case who are here"))
	c.Flags().BoolVar(&o.dryRun, "dry-run", false, a.t("確認だけ行い、何も書き込まない", "check everything, write nothing"))
	a.jsonFlag(c)
	return c
}

// wipe does everything that can be refused before it writes anything.
func (a *app) wipe(ctx context.Context, o wipeOptions, serials []string) error {
	sys := realSystem()
	p, err := o.planner(ctx, sys)
	if err != nil {
		return err
	}
	devs, err := sys.Detect(ctx, devices.DetectOptions{Loop: o.loop})
	if err != nil {
		return err
	}
	chosen, err := o.choose(devs, serials)
	if err != nil {
		return err
	}
	works, err := a.works(p, chosen)
	if err != nil {
		return err
	}
	if o.dryRun {
		return nil
	}
	st, err := a.station(sys, p, o.caseFiles, o.evidence, o.people, works)
	if err != nil {
		return err
	}
	return a.carryOut(ctx, st, works)
}

// works plans every chosen drive and shows the plans; one that may not be run
// stops all: the person named it.
func (a *app) works(p planner, chosen []devices.Device) ([]session.Work, error) {
	var works []session.Work
	for _, d := range chosen {
		w, err := p.work(d)
		if err != nil {
			return nil, err
		}
		if err := a.showPlan(w); err != nil {
			return nil, err
		}
		if err := runnable(w.Plan); err != nil {
			return nil, err
		}
		works = append(works, w)
	}
	return works, nil
}

// worksOfCase is works where nobody is there to ask: a drive that needs a person's
// choice, or that nothing here can erase, is left alone with its reason in left,
// and the others are not kept waiting.
func (a *app) worksOfCase(p planner, chosen []devices.Device) (works []session.Work, left []error) {
	for _, d := range chosen {
		w, err := a.works(p, []devices.Device{d})
		if err != nil {
			left = append(left, err)
		}
		works = append(works, w...)
	}
	return works, left
}

// carryOut runs the works, shows their outcomes, and ends with the code of the
// worst of them.
func (a *app) carryOut(ctx context.Context, st *station, works []session.Work) error {
	outcomes := st.session.Run(ctx, works)
	var errs []error
	for _, o := range outcomes {
		if err := a.showOutcome(o); err != nil {
			return err
		}
		errs = append(errs, outcomeError(o))
	}
	return worst(errs)
}

// outcomeError is the error that one drive's outcome ends the program with.
func outcomeError(o session.Outcome) error {
	switch {
	case o.Err != nil:
		return o.Err
	case o.Result.Derivation.Outcome == rules.OutcomeInterrupted:
		return coded{exitInterrupted, errSilent}
	case o.Result.Derivation.Outcome != rules.OutcomeVerified, o.Result.Derivation.Paper == rules.PaperIncomplete:
		return coded{exitNotVerified, errSilent}
	}
	return nil
}

// worst is the error that decides the exit code: the first that was not shown
// yet, else the one with the highest code.
func worst(errs []error) error {
	var top error
	for _, err := range errs {
		if err != nil && !errors.Is(err, errSilent) {
			return errors.Join(errs...)
		}
		if err != nil && (top == nil || exitCode(err) > exitCode(top)) {
			top = err
		}
	}
	return top
}
