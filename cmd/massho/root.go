package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// streams are where a command reads and prints.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// app is what every command shares.
type app struct {
	streams
	env  func(string) string
	lang string
	// paperLang is the language of papers: only an explicit --lang changes it, for
	// they are addressed to the 団体.
	paperLang string
	json      bool
}

// run is the whole program but for the process: it returns the exit code.
func run(args []string, s streams, env func(string) string) int {
	a := &app{streams: s, env: env}
	a.lang, a.paperLang = a.langOf(args)
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	// The first signal ends every drive at a safe point; a second one kills.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { <-ctx.Done(); stop() }()
	err := root.ExecuteContext(ctx)
	if err != nil {
		a.complain(err)
	}
	return exitCode(err)
}

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:           "massho",
		Short:         a.t("図表41 に従って記憶媒体を消去・抹消し、結果を証明する", "erase drives by 図表41 and prove the result"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		Long: `massho は、総務省ガイドライン図表41 に従って記憶媒体を消去・抹消し、
確認できたことだけを署名付きの記録に残します。媒体は常にシリアル番号で指定します。

massho erases drives by 図表41 of the 総務省 guideline and records, signed, only
what was verified. Drives are named by serial number, never by sdX.`,
		PersistentPreRunE: func(*cobra.Command, []string) error { return a.checkLang() },
	}
	c.PersistentFlags().StringVar(&a.lang, "lang", a.lang, "ja | en")
	c.CompletionOptions.DisableDefaultCmd = true
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	c.AddCommand(a.detectCommand(), a.planCommand(), a.wipeCommand(), a.resumeCommand(),
		a.consoleCommand(), a.imageCommand(), a.demoCommand(), a.bootCommand())
	return c
}

// langOf is the language of this run: --lang, else English where LANG asks for it
// outright, else Japanese. It is read before the commands are made, so that help
// speaks it too. Papers are Japanese unless --lang says otherwise.
func (a *app) langOf(args []string) (screen, paper string) {
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, "--lang="); ok {
			return v, v
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1], args[i+1]
		}
	}
	if strings.HasPrefix(a.env("LANG"), "en") {
		return "en", "ja"
	}
	return "ja", "ja"
}

func (a *app) checkLang() error {
	if a.lang != "ja" && a.lang != "en" {
		return usageError{fmt.Errorf("--lang %q: use ja or en", a.lang)}
	}
	return nil
}

// t chooses between the two languages of this program.
func (a *app) t(ja, en string) string {
	if a.lang == "en" {
		return en
	}
	return ja
}

// complain prints an error the way every command does: what, and what next.
func (a *app) complain(err error) {
	if errors.Is(err, errSilent) {
		return
	}
	fmt.Fprintf(a.err, "massho: %s\n", a.errorText(err))
}
