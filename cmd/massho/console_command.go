package main

import (
	"bufio"
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/wipe/evidence"
)

func (a *app) consoleCommand() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "console",
		Short: a.t("対話で進める（起動用USBの画面と同じ流れ）", "the guided dialogue of the boot stick, on this terminal"),
		Args:  cobra.NoArgs,
		RunE:  func(c *cobra.Command, _ []string) error { return a.console(c.Context(), dir) },
	}
	c.Flags().StringVar(&dir, "evidence", "", a.t("記録を置くフォルダ（案件は その中の case/ ）", "folder for the records; the case is in its case/ folder"))
	return c
}

// console plays the stick's sitting on a machine that is already up.
func (a *app) console(ctx context.Context, dir string) error {
	if dir == "" {
		return fail(exitUsage, "--evidence で記録を置くフォルダを指定してください。", "Name a folder for the records with --evidence.")
	}
	if _, err := os.Stat(dir); err != nil {
		return evidence.Classify("open "+dir, err)
	}
	cmdline, err := early.ReadCmdline("/")
	if err != nil {
		return err
	}
	st := &early.State{Cmdline: cmdline, Evidence: &early.Mounted{Dir: dir}, Measured: early.ReadMeasured("/")}
	st.Clock.System, st.Clock.RTC = now(), now()
	s := &sitting{app: a, state: st, in: bufio.NewReader(a.in)}
	_, err = s.run(ctx)
	return err
}
