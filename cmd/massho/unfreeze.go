package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/bootimage/early"
)

// Suspend to RAM takes the power from the drives, so that they come back without
// the SECURITY FREEZE LOCK that the firmware sent at the start: a kernel that
// resumes runs no firmware setup. Only the sleep called "deep" (ACPI S3) does; in
// "s2idle" the drives keep their power.

// sleepFacts is what decides whether this PC may sleep to lift a freeze.
type sleepFacts struct {
	states   string // /sys/power/state, as the kernel says it
	mem      string // /sys/power/mem_sleep
	running  int    // drives that are at work
	evidence bool   // the evidence place is mounted and writable
	power    early.Power
}

// readSleepFacts reads what the kernel offers. What cannot be read is not offered.
func readSleepFacts(root string) (f sleepFacts, err error) {
	f.states = kernelWord(root, "sys/power/state")
	f.mem = kernelWord(root, "sys/power/mem_sleep")
	f.power, err = early.ReadPower(root)
	return f, err
}

func kernelWord(root, path string) string {
	b, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// offersDeep: "s2idle [deep]" names the modes, brackets the one in use.
func (f sleepFacts) offersDeep() bool {
	modes := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(f.mem))
	return slices.Contains(strings.Fields(f.states), "mem") && slices.Contains(modes, "deep")
}

// refusal is why this PC may not sleep now; nil when it may. It touches nothing.
func (f sleepFacts) refusal() error {
	const replugJa = "電源を入れたまま、ドライブのSATA電源コネクタを抜き差しする方法を使ってください。できなければ(3)までの消去を記録のうえ選べます。"
	const replugEn = "Plug the drive's SATA power out and in again while the PC runs. Where that is impossible, level (3) may be chosen on record."
	switch {
	case !f.offersDeep() && strings.Contains(f.mem, "s2idle"):
		return fail(exitChoiceNeeded, "このPCは浅いスリープ（s2idle）しかできず、凍結は解けません。"+replugJa,
			"This PC offers the shallow sleep (s2idle) only, which does not lift the freeze. "+replugEn)
	case !f.offersDeep():
		return fail(exitChoiceNeeded, "このPCはスリープ（S3）できません。"+replugJa, "This PC cannot suspend to RAM (S3). "+replugEn)
	case f.running > 0:
		return fail(exitChoiceNeeded, fmt.Sprintf("実行中の媒体が%d台あるため、スリープできません。終わってからやり直してください。", f.running),
			fmt.Sprintf("%d drives are at work: the PC cannot sleep before they have ended.", f.running))
	case !f.evidence:
		return fail(exitEvidenceMissing, "記録用のUSBがないため、スリープしません。同じ案件のUSBを挿してからやり直してください。",
			"The evidence stick is away: no sleep before a stick of this case is back.")
	case f.power.OnBattery:
		return fail(exitChoiceNeeded, "バッテリーで動作しています。ACアダプターを接続してからやり直してください。",
			"Running on battery: plug the mains adapter in first.")
	}
	return nil
}

// mayUnfreeze reports whether this PC can suspend to RAM at all.
func mayUnfreeze(root string) bool {
	f, err := readSleepFacts(root)
	return err == nil && f.offersDeep()
}

// unfreeze puts the PC to sleep and returns after it woke, with the evidence place
// found and mounted again. The caller has no journal open and looks at the drives
// anew; an error leaves the evidence place mounted wherever that was possible.
func (s *sitting) unfreeze(ctx context.Context, running int) error {
	f, err := readSleepFacts("/")
	if err != nil {
		return err
	}
	f.running, f.evidence = running, s.state.Evidence != nil && !s.state.Evidence.ReadOnly
	if err := f.refusal(); err != nil {
		return err
	}
	old := s.state.Evidence
	if err := old.Unmount(); err != nil {
		return err // still mounted, nothing has changed
	}
	slept := suspendToRAM("/")
	fmt.Fprint(s.out, "\a") // the screen may have stayed black: a beep says that it is awake
	return errors.Join(slept, s.evidenceAgain(ctx, old.Place))
}

// suspendToRAM sleeps until somebody wakes the PC. It is an error when the kernel
// came back without having slept.
func suspendToRAM(root string) error {
	power := filepath.Join(root, "sys/power")
	before := kernelWord(root, "sys/power/suspend_stats/success")
	if err := tellKernel(filepath.Join(power, "mem_sleep"), "deep"); err != nil {
		return fmt.Errorf("suspend to RAM: choose deep: %w", err)
	}
	if in := kernelWord(root, "sys/power/mem_sleep"); !strings.HasPrefix(in, "deep") && !strings.Contains(in, "[deep]") {
		return fmt.Errorf("suspend to RAM: the kernel keeps %q in place of deep", in)
	}
	unix.Sync()
	if err := tellKernel(filepath.Join(power, "state"), "mem"); err != nil {
		return fmt.Errorf("suspend to RAM: %w: the PC did not sleep; close nothing, and plug the drive's SATA power out and in instead", err)
	}
	if after := kernelWord(root, "sys/power/suspend_stats/success"); before != "" && after == before {
		return fmt.Errorf("suspend to RAM: the kernel counts no sleep (%s)", after)
	}
	return nil
}

// tellKernel writes a word to a file of sysfs that must be there.
func tellKernel(path, word string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(word)
	return errors.Join(err, f.Close())
}

// A stick needs some seconds to come back after a sleep.
const (
	evidencePause = 500 * time.Millisecond
	evidenceWait  = time.Minute
)

// evidenceAgain finds the same evidence place and mounts it: the stick may have
// another name now, or may have been exchanged while the PC slept.
func (s *sitting) evidenceAgain(ctx context.Context, old early.Place) error {
	limit, stop := context.WithTimeout(ctx, evidenceWait)
	defer stop()
	for {
		place, err := early.FindEvidence("/", s.state.Cmdline)
		if err == nil && place.UUID != old.UUID {
			return fmt.Errorf("after the sleep: the evidence place is %s, was %s: %w", place.UUID, old.UUID, early.ErrOtherMedium)
		}
		if err == nil {
			s.state.Evidence, err = place.Mount(evidenceDir)
			return err
		}
		if !errors.Is(err, early.ErrNoEvidence) {
			return fmt.Errorf("after the sleep: %w", err)
		}
		select {
		case <-limit.Done():
			return fmt.Errorf("after the sleep: %w", err)
		case <-time.After(evidencePause):
		}
	}
}
