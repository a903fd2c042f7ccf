package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/session"
)

func (a *app) resumeCommand() *cobra.Command {
	var s selection
	c := &cobra.Command{
		Use:   "resume",
		Short: a.t("停電などで中断した作業を続ける", "go on after a power cut"),
		Long: a.t("--evidence の記録から中断した作業を探し、同じ媒体を見つけて続けます。\n媒体は記録されたシリアルなどで照合し、別の媒体には触れません。",
			"Finds interrupted runs on --evidence, matches their drives by identity, and goes on.\nNo other drive is touched."),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.resume(c.Context(), s) },
	}
	s.flags(c, a)
	c.Flags().StringVar(&s.evidence, "evidence", "", a.t("記録のあるフォルダ（必須）", "folder with the records (required)"))
	a.jsonFlag(c)
	return c
}

func (a *app) resume(ctx context.Context, s selection) error {
	if s.file == "" && s.stick == "" && s.evidence != "" {
		s.file = filepath.Join(s.evidence, evidence.DirCase, cases.FileCase)
	}
	sys := realSystem()
	p, err := s.planner(ctx, sys)
	if err != nil {
		return err
	}
	st, err := a.station(sys, p, s.caseFiles, s.evidence, nil, nil)
	if err != nil {
		return err
	}
	devs, err := sys.Detect(ctx, devices.DetectOptions{Loop: s.loop})
	if err != nil {
		return err
	}
	works, err := a.unfinished(ctx, st, devs, s.environment(devs))
	if err != nil {
		return err
	}
	if len(works) == 0 {
		_, err := fmt.Fprintln(a.out, a.t("続けられる作業はありません。", "There is nothing to go on with."))
		return err
	}
	return a.carryOut(ctx, st, works)
}

// unfinished finds interrupted runs and takes up those whose drive is here. What
// cannot be gone on with, and every damaged journal, is named.
func (a *app) unfinished(ctx context.Context, st *station, devs []devices.Device, env devices.Environment) ([]session.Work, error) {
	runs, damaged, err := session.FindUnfinished(st.session.Place)
	if err != nil {
		return nil, err
	}
	for _, d := range damaged {
		fmt.Fprintf(a.out, "%s %s: %v\n", a.t("記録が壊れています。引き継がず、そのまま残します:", "This journal is damaged. It is kept as it is and not gone on with:"), d.Copy, d.Err)
	}
	if len(runs) == 0 {
		return nil, nil
	}
	works, left := st.session.Resume(ctx, runs, devs, env)
	for _, l := range left {
		fmt.Fprintf(a.out, "%s %s\n", a.t("中断した作業を続けられません:", "An interrupted run cannot be gone on with:"), a.errorText(l.Err))
	}
	for _, w := range works {
		fmt.Fprintf(a.out, "%s %s\n", a.t("中断した作業を続けます:", "Going on with:"), w.Plan.Target.Serial)
	}
	return works, nil
}
