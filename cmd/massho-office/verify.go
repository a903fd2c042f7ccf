package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/massho/massho/cmd/internal/verifycmd"
)

// verifyCommand is massho-verify: the same arguments, output and exit codes.
func (a *app) verifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:                "verify FILE|DIR… --trust root.pem",
		Short:              a.t("書面を検査する（massho-verify と同じ）", "check certificates (the same as massho-verify)"),
		DisableFlagParsing: true,
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := os.UserConfigDir()
			if err != nil {
				dir = "" // no trust folder then: --trust is needed
			}
			code := verifycmd.Run(args, verifycmd.Env{Prog: "massho-office verify", In: a.in, Out: a.out, Err: a.err, Now: now(), ConfigDir: dir})
			if code != exitDone {
				return exitWith(code)
			}
			return nil
		},
	}
}

// exitWith ends the program with a code after everything was said.
type exitWith int

func (exitWith) Error() string { return "already shown" }
