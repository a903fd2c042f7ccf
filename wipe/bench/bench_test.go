//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMain lets this test program be its own child, as the benchmark is.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "-path" {
		var r pathRun
		err := json.Unmarshal([]byte(os.Args[2]), &r)
		if err == nil {
			err = child(context.Background(), r, os.Stdout)
		}
		if err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// needLoops skips without root or loop devices.
func needLoops(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	if _, err := os.Stat("/dev/loop-control"); err != nil {
		t.Skip("no loop devices:", err)
	}
}

// programs builds massho and massho-office, unless MASSHO_BIN says where they are.
func programs(t *testing.T) string {
	t.Helper()
	if dir := os.Getenv("MASSHO_BIN"); dir != "" {
		return dir
	}
	dir := t.TempDir()
	cmd := exec.Command("go", "build", "-o", dir+"/", "../../cmd/massho", "../../cmd/massho-office")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return dir
}

// TestQuick runs the whole benchmark on tiny drives: every contender that is
// installed, the papers, the tables.
func TestQuick(t *testing.T) {
	needLoops(t)
	o := options{bin: programs(t), out: filepath.Join(t.TempDir(), "out"), reps: 1, quick: true, drives: []int{2}}
	var out bytes.Buffer
	if err := bench(context.Background(), o, &out); err != nil {
		t.Fatal(err)
	}
	runs, err := os.ReadFile(filepath.Join(o.out, "runs.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[task]measurement{}
	for line := range strings.Lines(string(runs)) {
		var m measurement
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.Tool == "massho" {
			seen[m.Task] = m
		}
	}
	for task, parts := range map[task]int64{taskRandom: 1, taskConstant: 1, taskVerify: 1, taskCommand: passes + 1} {
		m, ok := seen[task]
		if !ok || m.Failed != "" || m.Bytes != 2*quickDrive*parts || m.Seconds <= 0 || m.Peak <= 0 {
			t.Errorf("%s: %+v", task, m)
		}
	}
	if m := seen[taskCommand]; m.Overhead <= 0 || m.Overhead >= m.Wall {
		t.Errorf("%.2f of %.2f s without any transfer", m.Overhead, m.Wall)
	}
	for _, want := range []string{"QUICK", "## 2 × 16 MiB", "| command | massho |", "## Targets"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

// TestOnlyOurDrives: a loop device over somebody else's file is never used.
func TestOnlyOurDrives(t *testing.T) {
	needLoops(t)
	name := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(name, bytes.Repeat([]byte{7}, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	back, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	loop, path, err := attach(back)
	if err != nil {
		t.Fatal(err)
	}
	d := &drive{path: path, size: 1 << 20, loop: loop, back: back}
	defer func() {
		if err := closeDrives([]*drive{d}); err != nil {
			t.Error(err)
		}
	}()
	if err := d.ours(); err == nil || !strings.Contains(err.Error(), "precious") {
		t.Errorf("%v", err)
	}
	touched := filepath.Join(t.TempDir(), "touched")
	l := &lab{drives: []*drive{d}, tmp: t.TempDir()}
	if _, err := l.execute(context.Background(), [][]string{{"touch", touched}}); err == nil {
		t.Error("a command was run")
	}
	if _, err := os.Stat(touched); err == nil {
		t.Error("a command was run")
	}
}

func TestDrivesVanish(t *testing.T) {
	needLoops(t)
	all, err := makeDrives(2, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if err := d.ours(); err != nil {
			t.Error(err)
		}
	}
	if err := closeDrives(all); err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if d.ours() == nil {
			t.Errorf("%s is still there", d.path)
		}
	}
}

func TestSeries(t *testing.T) {
	for want, s := range map[float64]series{2: {3, 1, 2}, 2.5: {4, 1, 2, 3}, 7: {7}} {
		if got := s.median(); got != want {
			t.Errorf("%v: %g, want %g", s, got, want)
		}
	}
	if !math.IsNaN(series(nil).median()) || (target{limit: 1}).met() != "not measured" {
		t.Error("no value is a value")
	}
	for _, c := range []struct {
		t    target
		want string
	}{
		{target{limit: 1, least: true, got: series{1}}, "met"}, {target{limit: 1, least: true, got: series{0.99}}, "MISSED"},
		{target{limit: 1, got: series{1}}, "met"}, {target{limit: 1, got: series{1.01}}, "MISSED"},
	} {
		if got := c.t.met(); got != c.want {
			t.Errorf("%+v: %s", c.t, got)
		}
	}
}

// TestRatiosPairRepetitions: a ratio is formed within a repetition, and a run
// that failed makes none.
func TestRatiosPairRepetitions(t *testing.T) {
	run := func(tool string, rep int, seconds float64, failed string) measurement {
		return measurement{Drives: 4, Rep: rep, Task: taskRandom, Tool: tool, Bytes: 1e9, Seconds: seconds, Failed: failed}
	}
	all := []measurement{run("massho", 1, 1, ""), run("fio", 2, 4, ""), run("fio", 1, 2, ""), run("massho", 2, 1, ""), run("massho", 3, 1, ""), run("fio", 3, 9, "no")}
	got := ratios(all, 4, taskRandom, "fio", rate)
	if len(got) != 2 || got[0] != 2 || got[1] != 4 {
		t.Errorf("%v", got)
	}
}

func TestCovered(t *testing.T) {
	at := func(a, b int) interval { return interval{time.Unix(int64(a), 0), time.Unix(int64(b), 0)} }
	for want, all := range map[time.Duration][]interval{
		0: nil, 5 * time.Second: {at(3, 5), at(0, 2), at(4, 6)}, 10 * time.Second: {at(0, 10), at(2, 3), at(9, 10)},
	} {
		if got := covered(all); got != want {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// TestKernelThreads: there are some, and this process is none of them.
func TestKernelThreads(t *testing.T) {
	c, err := readCPU()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := c.threads[os.Getpid()]; ok || c.busy <= 0 {
		t.Errorf("busy %g, this process a kernel thread: %t", c.busy, ok)
	}
	later := cpuTimes{busy: 12, threads: map[int]float64{1: 3, 2: 5}}
	if d := later.since(cpuTimes{busy: 10, threads: map[int]float64{1: 2}}); d.kernel != 6 || d.busy != 2 {
		t.Errorf("%+v", d)
	}
}

func TestSizes(t *testing.T) {
	small, large := machine{available: 2 << 30}, machine{available: 64 << 30}
	o := options{drives: []int{1, 4, 16}}
	got, err := large.sizes(o)
	if err != nil || got[0] != 1536<<20 || got[1] != 1536<<20 || got[2] != 192<<20 {
		t.Errorf("%v, %v", got, err)
	}
	if got, err = small.sizes(o); err != nil || got[2]*16 > 2<<30/3 {
		t.Errorf("%v, %v", got, err)
	}
	if _, err = (machine{available: 256 << 20}).sizes(o); err == nil {
		t.Error("16 drives in 256 MiB")
	}
}
