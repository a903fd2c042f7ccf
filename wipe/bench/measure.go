//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// figures are what one run of one contender cost.
type figures struct {
	Wall     float64 `json:"wall_s"`    // from start to end of its processes
	User     float64 `json:"user_s"`    // CPU of its processes
	System   float64 `json:"system_s"`  // in the kernel on their behalf
	Kernel   float64 `json:"kernel_s"`  // CPU of all kernel threads meanwhile
	Foreign  float64 `json:"foreign_s"` // CPU of everything else meanwhile
	Stolen   float64 `json:"stolen_s"`  // taken by the hypervisor
	Peak     float64 `json:"peak_mib"`  // resident memory, summed over its processes
	Load     float64 `json:"load"`      // one-minute load average before
	Output   string  `json:"-"`         // what the processes printed, one after another
	ExitCode int     `json:"exit"`      // of the first that did not end with 0
}

// pollEvery is how often the peak of resident memory is read: the kernel keeps
// the highest value itself, so only the last moments can be missed.
const pollEvery = 10 * time.Millisecond

// measure runs the commands at the same time and waits for all.
func measure(ctx context.Context, commands [][]string) (figures, error) {
	f := figures{Load: loadAverage()}
	before, err := readCPU()
	if err != nil {
		return f, err
	}
	procs := make([]*process, len(commands))
	began := time.Now()
	for i, c := range commands {
		if procs[i], err = start(ctx, c); err != nil {
			commands = commands[:i]
			break
		}
	}
	var all sync.WaitGroup
	for _, p := range procs[:len(commands)] {
		all.Go(p.wait)
	}
	all.Wait()
	f.Wall = time.Since(began).Seconds()
	after, cpuErr := readCPU()
	if err = errors.Join(err, cpuErr); err != nil {
		return f, err
	}
	for _, p := range procs {
		f.add(p)
	}
	spent := after.since(before)
	f.Kernel, f.Stolen = spent.kernel, spent.stolen
	f.Foreign = max(0, spent.busy-spent.kernel-f.User-f.System)
	return f, nil
}

func (f *figures) add(p *process) {
	f.User += p.cmd.ProcessState.UserTime().Seconds()
	f.System += p.cmd.ProcessState.SystemTime().Seconds()
	f.Peak += p.peak
	f.Output += p.out.String()
	if code := p.cmd.ProcessState.ExitCode(); code != 0 && f.ExitCode == 0 {
		f.ExitCode = code
	}
}

// process is one running command.
type process struct {
	cmd  *exec.Cmd
	out  bytes.Buffer
	peak float64 // MiB
}

func start(ctx context.Context, command []string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, command[0], command[1:]...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.Env = append(os.Environ(), "LANG=C.UTF-8")
	// A benchmark that is stopped leaves nothing behind that goes on erasing.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", command[0], err)
	}
	return p, nil
}

// wait watches the process's memory until it ends. An exit code is a finding,
// not an error of the measurement.
func (p *process) wait() {
	ended := make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // the exit code is in ProcessState
		close(ended)
	}()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		p.peak = max(p.peak, highWater(p.cmd.Process.Pid))
		select {
		case <-ended:
			return
		case <-tick.C:
		}
	}
}

// highWater is the peak of a process's resident memory so far, in MiB, 0 when
// it has ended. The kernel's own ru_maxrss would start with that of the program
// that started it.
func highWater(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		var kib float64
		if n, _ := fmt.Sscanf(line, "VmHWM: %f kB", &kib); n == 1 {
			return kib / 1024
		}
	}
	return 0
}
