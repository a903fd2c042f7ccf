package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/massho/massho/bootimage/early"
)

func TestSleepRefusals(t *testing.T) {
	good := sleepFacts{states: "freeze mem disk", mem: "s2idle [deep]", evidence: true}
	for _, tc := range []struct {
		name   string
		change func(*sleepFacts)
		code   int // 0: may sleep
	}{
		{"deep in use", func(*sleepFacts) {}, 0},
		{"deep offered, not in use", func(f *sleepFacts) { f.mem = "[s2idle] deep" }, 0},
		{"deep alone", func(f *sleepFacts) { f.mem = "[deep]" }, 0},
		{"s2idle only", func(f *sleepFacts) { f.mem = "[s2idle]" }, exitChoiceNeeded},
		{"shallow is not deep", func(f *sleepFacts) { f.mem = "s2idle [shallow]" }, exitChoiceNeeded},
		{"a virtual machine without S3", func(f *sleepFacts) { f.states, f.mem = "freeze", "[s2idle]" }, exitChoiceNeeded},
		{"nothing could be read", func(f *sleepFacts) { f.states, f.mem = "", "" }, exitChoiceNeeded},
		{"no mem state", func(f *sleepFacts) { f.states = "freeze disk" }, exitChoiceNeeded},
		{"a drive is at work", func(f *sleepFacts) { f.running = 1 }, exitChoiceNeeded},
		{"no evidence stick", func(f *sleepFacts) { f.evidence = false }, exitEvidenceMissing},
		{"on battery", func(f *sleepFacts) { f.power = early.Power{OnBattery: true} }, exitChoiceNeeded},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := good
			tc.change(&f)
			err := f.refusal()
			if tc.code == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			a := &app{lang: "ja"}
			if exitCode(err) != tc.code || a.errorText(err) == err.Error() {
				t.Errorf("%v (code %d), want code %d and a Japanese text", err, exitCode(err), tc.code)
			}
		})
	}
}

// powerTree is /sys/power in plain files: what is written stays as it was written.
func powerTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, "sys/power", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestSuspendToRAMAsksForDeep(t *testing.T) {
	root := powerTree(t, map[string]string{"state": "freeze mem disk", "mem_sleep": "[s2idle] deep"})
	if !mayUnfreeze(root) {
		t.Error("deep is offered and not seen")
	}
	if err := suspendToRAM(root); err != nil {
		t.Fatal(err)
	}
	if mem, state := kernelWord(root, "sys/power/mem_sleep"), kernelWord(root, "sys/power/state"); !strings.HasPrefix(mem, "deep") || !strings.HasPrefix(state, "mem") {
		t.Errorf("mem_sleep %q, state %q", mem, state)
	}
}

// A kernel that came back at once has not slept, and the freeze is still there.
func TestSleepThatWasNone(t *testing.T) {
	root := powerTree(t, map[string]string{"state": "mem", "mem_sleep": "[deep]", "suspend_stats/success": "3"})
	if err := suspendToRAM(root); err == nil || !strings.Contains(err.Error(), "no sleep") {
		t.Errorf("%v", err)
	}
	if err := suspendToRAM(powerTree(t, map[string]string{"state": "mem"})); err == nil {
		t.Error("slept without mem_sleep")
	}
}
