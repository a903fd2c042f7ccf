//go:build linux

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// task is what contenders do against each other.
type task string

const (
	taskRandom   task = "random"   // one pass of random data
	taskConstant task = "constant" // one pass of zeros
	taskVerify   task = "verify"   // read everything; massho also makes the pass again and compares
	taskCommand  task = "command"  // the whole program: passes, reading back, papers
	taskThrottle task = "throttle"
)

// contender is one program at one task.
type contender struct {
	task  task
	tool  string
	parts float64 // how often it moves the drives' bytes
	// commands are started at the same time.
	commands func(l *lab) ([][]string, error)
	// seconds is the time of the transfer itself by the program's own word; nil:
	// the wall time less what the program takes for drives of 1 MiB.
	seconds func(l *lab, f figures) (float64, error)
	// after looks at what the run left, and cleans up.
	after func(l *lab, m *measurement) error
}

func contenders() []contender {
	return []contender{
		{task: taskRandom, tool: "massho", parts: 1, commands: path("random"), seconds: pathSeconds},
		{task: taskRandom, tool: "fio", parts: 1, commands: fio("write", "--refill_buffers"), seconds: fioSeconds},
		{task: taskRandom, tool: "nwipe", parts: 1, commands: nwipe("--method=random", "--rounds=1", "--verify=off")},
		{task: taskRandom, tool: "shred", parts: 1, commands: shred("-n", "1")},
		{task: taskConstant, tool: "massho", parts: 1, commands: path("constant"), seconds: pathSeconds},
		{task: taskConstant, tool: "fio", parts: 1, commands: fio("write", "--zero_buffers"), seconds: fioSeconds},
		{task: taskConstant, tool: "nwipe", parts: 1, commands: nwipe("--method=zero", "--rounds=1", "--verify=off")},
		{task: taskConstant, tool: "shred", parts: 1, commands: shred("-n", "0", "-z")},
		{task: taskVerify, tool: "massho", parts: 1, commands: path("verify"), seconds: pathSeconds},
		{task: taskVerify, tool: "fio", parts: 1, commands: fio("read"), seconds: fioSeconds},
		{task: taskCommand, tool: "massho", parts: passes + 1, commands: massho, seconds: wallSeconds, after: masshoAfter},
		{task: taskCommand, tool: "nwipe", parts: passes + 1, seconds: wallSeconds,
			commands: nwipe("--method=random", fmt.Sprintf("--rounds=%d", passes), "--verify=last")},
	}
}

// passes is how many random passes massho plans for a drive that does not say
// what it is; masshoAfter checks it.
const passes = 2

func wallSeconds(_ *lab, f figures) (float64, error) { return f.Wall, nil }

// path is massho's data path alone.
func path(do string) func(*lab) ([][]string, error) {
	return func(l *lab) ([][]string, error) {
		arg, err := json.Marshal(pathRun{Do: do, Key: l.key, Devices: paths(l.drives)})
		return [][]string{{l.self, "-path", string(arg)}}, err
	}
}

func pathSeconds(_ *lab, f figures) (float64, error) {
	r, err := readPath(f.Output)
	return r.Elapsed.Seconds(), err
}

func readPath(out string) (pathResult, error) {
	var r pathResult
	if err := json.Unmarshal([]byte(out), &r); err != nil || r.Bytes == 0 {
		return r, fmt.Errorf("data path: %w: %s", err, out)
	}
	return r, nil
}

// fio is the limit: the same requests, nothing else done.
func fio(rw string, more ...string) func(*lab) ([][]string, error) {
	return func(l *lab) ([][]string, error) {
		c := []string{"fio", "--direct=1", "--ioengine=libaio", "--thread", "--bs=1M", "--iodepth=4", "--end_fsync=1",
			"--group_reporting", "--output-format=json", "--rw=" + rw}
		c = append(c, more...)
		for i, d := range l.drives {
			c = append(c, fmt.Sprintf("--name=d%d", i), "--filename="+d.path)
		}
		return [][]string{c}, nil
	}
}

func fioSeconds(_ *lab, f figures) (float64, error) {
	var r struct {
		Jobs []struct {
			Read  struct{ Runtime float64 } // ms
			Write struct{ Runtime float64 }
		}
	}
	at := strings.IndexByte(f.Output, '{')
	if at < 0 {
		return 0, fmt.Errorf("fio: %s", f.Output)
	}
	if err := json.Unmarshal([]byte(f.Output[at:]), &r); err != nil {
		return 0, fmt.Errorf("fio: %w", err)
	}
	longest := 0.0
	for _, j := range r.Jobs {
		longest = max(longest, j.Read.Runtime, j.Write.Runtime)
	}
	if longest == 0 {
		return 0, errors.New("fio: no runtime in its output")
	}
	return longest / 1000, nil
}

func nwipe(more ...string) func(*lab) ([][]string, error) {
	return func(l *lab) ([][]string, error) {
		c := append([]string{"nwipe", "--autonuke", "--nogui", "--noblank", "--logfile=" + l.log()}, more...)
		return [][]string{append(c, paths(l.drives)...)}, nil
	}
}

// shred takes one drive after another, so there is one for each.
func shred(args ...string) func(*lab) ([][]string, error) {
	return func(l *lab) ([][]string, error) {
		var all [][]string
		for _, p := range paths(l.drives) {
			all = append(all, append(append([]string{"shred"}, args...), p))
		}
		return all, nil
	}
}
