package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/certs/cases"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/wipe/evidence"
	"github.com/massho/massho/wipe/session"
)

func (a *app) bootCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "boot",
		Short:  a.t("起動用USBの最初のプログラム", "the first program of the boot stick"),
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE:   func(c *cobra.Command, _ []string) error { return a.boot(c.Context()) },
	}
}

// boot brings the stick up, runs the case or the dialogue, and switches off or
// gives a shell as the case says. It never returns to a PC that looks idle while
// something is unsaid: the last error stays on the screen.
func (a *app) boot(ctx context.Context) error {
	terminal, err := openConsoles()
	if err != nil {
		return err
	}
	a.out, a.err, a.in = terminal, terminal, terminal
	fmt.Fprintf(a.out, "\nmassho %s\n", version())
	var said remarks
	st, err := early.Up(ctx, early.Options{Now: now, Observe: func(text string) {
		said.add(text, text)
		fmt.Fprintln(a.out, "  "+text)
	}})
	if err != nil {
		a.complain(err)
		return a.afterwards(st, cases.AfterShell, nil)
	}
	if lang := st.Cmdline.Params["massho.lang"]; lang == "ja" || lang == "en" {
		a.lang = lang
	}
	for _, e := range st.ModuleErrors {
		said.add("ドライバを読み込めません: "+e.Error(), "driver not loaded: "+e.Error())
		fmt.Fprintf(a.out, "  %s: %v\n", a.t("ドライバを読み込めません", "driver not loaded"), e)
	}
	s := &sitting{app: a, state: st, in: bufio.NewReader(terminal), booted: true, terminal: terminal, said: &said}
	after, err := s.run(ctx)
	if err != nil {
		a.complain(err)
	}
	return a.afterwards(st, after, err)
}

// afterwards closes the evidence place and ends as the case says.
func (a *app) afterwards(st *early.State, after string, cause error) error {
	if st != nil && st.Evidence != nil {
		if err := st.Evidence.Unmount(); err != nil {
			a.complain(fmt.Errorf("close the evidence place: %w", err))
			after = cases.AfterShell
		} else {
			fmt.Fprintln(a.out, a.t("記録用の区画を閉じました。USBを抜いてよい。", "The evidence place is closed. The stick may be pulled."))
		}
	}
	fmt.Fprintf(a.out, "massho: exit %d\n", exitCode(cause))
	if after == cases.AfterPowerOff {
		fmt.Fprintln(a.out, a.t("電源を切ります。", "Powering off."))
		return early.PowerOff()
	}
	return cause
}

// sitting is one start of the stick, from the clock to the last paper.
type sitting struct {
	*app
	state  *early.State
	in     *bufio.Reader
	sys    devices.System
	plan   planner
	files  caseFiles
	who    []string
	booted bool // from the stick itself, not on a PC that is already up
	chosen clockChoice

	terminal *consoles    // nil: not the stick's own
	said     *remarks     // what was said at start-up
	find     *stickSearch // nil: the evidence place is a folder

	resumed []string // serials that an earlier start had begun
	last    error    // what came of them
}

// run is the whole sitting. It returns what the case wants done afterwards.
func (s *sitting) run(ctx context.Context) (after string, err error) {
	after = cases.AfterShell
	if s.state.EvidenceErr != nil {
		return after, evidenceError(s.state.EvidenceErr)
	}
	s.sys = realSystem()
	dir := s.state.Evidence.Dir
	s.files.file = filepath.Join(dir, evidence.DirCase, cases.FileCase)
	if _, err := os.Stat(s.files.file); errors.Is(err, os.ErrNotExist) {
		s.files = caseFiles{stick: filepath.Join(dir, evidence.DirCase)}
	}
	sel := selection{caseFiles: s.files}
	if s.plan, err = sel.planner(ctx, s.sys); err != nil {
		return after, err
	}
	if s.plan.c.Afterwards != "" {
		after = s.plan.c.Afterwards
	}
	if s.booted {
		s.find = &stickSearch{state: s.state, cmdline: s.state.Cmdline, caseBytes: s.plan.c.Bytes}
	}
	s.showCase()
	if s.wantsConsole() {
		if end, sat, err := s.fullScreen(ctx); sat {
			return end, err
		}
	}
	if err := s.goOn(ctx); err != nil {
		s.complain(err)
		s.last = err
	}
	if s.plan.c.Signed && s.plan.c.Unattended {
		return after, worst([]error{s.last, s.unattended(ctx)})
	}
	return after, worst([]error{s.last, s.dialogue(ctx)})
}

// goOn takes up what an earlier start left unfinished: by itself in a signed
// unattended case, else after a keypress.
func (s *sitting) goOn(ctx context.Context) error {
	devs, err := s.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return err
	}
	st, err := s.stationFor(nil)
	if err != nil {
		return err
	}
	works, err := s.unfinished(ctx, st, devs, s.environment(devs))
	if err != nil || len(works) == 0 {
		return err
	}
	for _, w := range works {
		s.resumed = append(s.resumed, w.Plan.Target.Serial)
	}
	if !s.plan.c.Signed || !s.plan.c.Unattended {
		if _, err := s.ask("続けるには Enter を押してください", "Press Enter to go on"); err != nil {
			return err
		}
	}
	if err := s.waitForMains(ctx); err != nil {
		return err
	}
	return s.carryOut(ctx, st, works)
}

// unattended runs every medium that the signed case names by serial, and shows
// why each other one is left alone.
func (s *sitting) unattended(ctx context.Context) error {
	if err := s.waitForMains(ctx); err != nil {
		return err
	}
	devs, err := s.sys.Detect(ctx, devices.DetectOptions{})
	if err != nil {
		return err
	}
	env := s.environment(devs)
	if err := s.showDevices(devs, env); err != nil {
		return err
	}
	done, err := s.done()
	if err != nil {
		return err
	}
	chosen := s.named(devs, env, done)
	if missing := s.missing(devs); len(missing) > 0 {
		fmt.Fprintf(s.out, "%s: %v\n", s.t("案件にあるが見つからない媒体", "named by the case but not found"), missing)
	}
	if len(chosen) == 0 && len(s.resumed)+len(done) > 0 {
		return nil
	}
	if len(chosen) == 0 {
		return fail(exitSerialUnknown, "案件に記載された媒体が1台も見つかりません。", "No medium that the case names was found.")
	}
	return s.wipe(ctx, chosen)
}

// named are the drives that the signed case names by serial and that nothing
// speaks against; why each other one is left alone is said.
func (s *sitting) named(devs []devices.Device, env devices.Environment, done map[string]string) (chosen []devices.Device) {
	for _, d := range devs {
		assigned, ok := session.Assign(s.plan.c.Case, s.plan.host, d)
		switch refusals := devices.Refusals(d, env); {
		case slices.Contains(s.resumed, d.Identity.Serial), done[d.Identity.Serial] != "":
			fmt.Fprintf(s.out, "%s: %s\n", d.Identity.Serial, s.t("この案件で処理済みです", "done in this case already"))
		case !ok || !assigned.Named:
			fmt.Fprintf(s.out, "%s: %s\n", d.Identity.Serial, s.t("案件に記載がないため触れません", "not named by the case: left alone"))
		case len(refusals) > 0:
			s.complain(&refusals[0])
		default:
			chosen = append(chosen, d)
		}
	}
	return chosen
}

// done are the drives whose papers this stick holds already, from before a power
// cut.
func (s *sitting) done() (map[string]string, error) {
	place, err := evidence.Open(s.dir())
	if err != nil {
		return nil, err
	}
	return session.Done(place)
}

// missing are the serials that the case names for this PC, or for no PC that is
// known, and that no drive here has.
func (s *sitting) missing(devs []devices.Device) []string {
	var out []string
	for _, asset := range s.plan.c.Roster {
		for _, m := range asset.Media {
			if _, err := devices.MatchSerial(devs, m.Serial); err != nil {
				out = append(out, m.Serial)
			}
		}
	}
	return out
}

// environment is the boot stick and the evidence place, which are never wiped.
func (s *sitting) environment(devs []devices.Device) devices.Environment {
	return devices.Environment{Present: devs, Boot: bootUUIDs(s.state), Evidence: []string{s.dir()}}
}

// wipe plans and runs the chosen drives and stores their papers.
func (s *sitting) wipe(ctx context.Context, chosen []devices.Device) error {
	works, left := s.worksOfCase(s.plan, chosen)
	for i, err := range left {
		s.complain(err)
		left[i] = coded{exitCode(err), errSilent}
	}
	if len(works) == 0 {
		return worst(left)
	}
	return worst(append(left, s.start(ctx, works)))
}

// evidenceError gives each way of the evidence place being absent its code.
func evidenceError(err error) error {
	switch {
	case errors.Is(err, early.ErrReadOnlyEvidence):
		return coded{exitEvidenceReadOnly, err}
	case errors.Is(err, early.ErrManyEvidence):
		return coded{exitBootStick, err}
	}
	return coded{exitEvidenceMissing, err}
}

// bootUUIDs are the filesystem UUIDs that the boot loader named.
func bootUUIDs(st *early.State) []string {
	var out []string
	for _, key := range []string{"massho.bootfs", "massho.evidence"} {
		if id := st.Cmdline.Params[key]; id != "" {
			out = append(out, id)
		}
	}
	return out
}
