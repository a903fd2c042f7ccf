package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// release is the version of this source tree.
const release = "0.1.0"

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
}

// Exit codes; README.md has the same table.
const (
	exitDone    = 0
	exitError   = 1
	exitUsage   = 2
	exitExists  = 3 // it is there already and is never overwritten
	exitSecret  = 4 // passphrase missing or wrong
	exitInvalid = 5 // what was given cannot be used as it is
)

// coded is an error with its own exit code, in both languages.
type coded struct {
	code   int
	ja, en string
	cause  error
}

func (e *coded) Error() string { return e.en }
func (e *coded) Unwrap() error { return e.cause }

func fail(code int, cause error, ja, en string) error { return &coded{code, ja, en, cause} }

// now is the clock of this program.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// run is the whole program but for the process: it returns the exit code.
func run(args []string, s streams, env func(string) string) int {
	a := &app{streams: s, env: env}
	a.lang = a.langOf(args)
	letExplorerIn()
	if clicked() {
		defer a.hold()
	}
	args = dropped(args, exists)
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.Execute()
	if err == nil {
		return exitDone
	}
	var shown exitWith
	if errors.As(err, &shown) {
		return int(shown)
	}
	var c *coded
	if !errors.As(err, &c) {
		fmt.Fprintf(s.err, "massho-office: %v\n", err)
		return exitError
	}
	text := a.t(c.ja, c.en)
	if c.cause != nil {
		text += " (" + c.cause.Error() + ")"
	}
	fmt.Fprintf(s.err, "massho-office: %s\n", text)
	return c.code
}

func (a *app) root() *cobra.Command {
	c := &cobra.Command{
		Use:           "massho-office",
		Short:         a.t("案件とUSBを準備し、回収した記録を扱う（庁内用）", "prepare cases and sticks, and work on what they bring back"),
		Version:       release,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	c.PersistentFlags().StringVar(&a.lang, "lang", a.lang, "ja | en")
	c.CompletionOptions.DisableDefaultCmd = true
	c.SetFlagErrorFunc(func(_ *cobra.Command, err error) error {
		return fail(exitUsage, err, "指定が正しくありません。--help を見てください。", "That is not understood; see --help.")
	})
	c.AddCommand(a.keysCommand(), a.prepareCommand(), a.collectCommand(), a.validateCommand(),
		a.destroyCommand(), a.ledgerCommand(), a.summaryCommand(), a.timestampCommand(), a.verifyCommand())
	return c
}

// langOf is the language of this run: --lang, else English where LANG asks for it
// outright, else Japanese. It is read before the commands are made, so that help
// speaks it too.
func (a *app) langOf(args []string) string {
	for i, arg := range args {
		if v, ok := strings.CutPrefix(arg, "--lang="); ok {
			return v
		}
		if arg == "--lang" && i+1 < len(args) {
			return args[i+1]
		}
	}
	if strings.HasPrefix(a.env("LANG"), "en") {
		return "en"
	}
	return "ja"
}

// t chooses between the two languages of this program.
func (a *app) t(ja, en string) string {
	if a.lang == "en" {
		return en
	}
	return ja
}
