//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cpuTimes are sums since the machine started, in seconds.
type cpuTimes struct {
	busy, stolen float64         // all processors
	threads      map[int]float64 // kernel threads, by id
	kernel       float64         // difference of two readings: all kernel threads
}

// tick is the unit of /proc/stat (USER_HZ, 100 on every architecture of Go).
const tick = 0.01

// readCPU reads the whole machine's and the kernel threads' CPU time.
func readCPU() (cpuTimes, error) {
	c := cpuTimes{threads: map[int]float64{}}
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return c, err
	}
	line, _, _ := strings.Cut(string(b), "\n")
	f := strings.Fields(line) // cpu user nice system idle iowait irq softirq steal …
	if len(f) < 9 {
		return c, fmt.Errorf("/proc/stat begins with %q", line)
	}
	for i, s := range f[1:9] {
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return c, fmt.Errorf("/proc/stat: %w", err)
		}
		switch i {
		case 3, 4: // idle, iowait
		case 7:
			c.stolen = n * tick
		default:
			c.busy += n * tick
		}
	}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		if id, seconds, ok := kernelThread(name); ok {
			c.threads[id] = seconds
		}
	}
	return c, err
}

// isKernelThread is PF_KTHREAD of the kernel's sched.h.
const isKernelThread = 0x00200000

// kernelThread reads one thread's CPU time; false for everything else and for
// what has just ended.
func kernelThread(stat string) (id int, seconds float64, ok bool) {
	b, err := os.ReadFile(stat)
	if err != nil {
		return 0, 0, false
	}
	name, rest, found := strings.Cut(string(b), ") ") // the name may hold anything but this
	f := strings.Fields(rest)                         // state ppid pgrp session tty tpgid flags …
	if !found || len(f) < 13 {
		return 0, 0, false
	}
	flags, err := strconv.ParseUint(f[6], 10, 64)
	if err != nil || flags&isKernelThread == 0 {
		return 0, 0, false
	}
	if _, err := fmt.Sscanf(name, "%d", &id); err != nil {
		return 0, 0, false
	}
	user, errU := strconv.ParseFloat(f[11], 64)
	system, errS := strconv.ParseFloat(f[12], 64)
	return id, (user + system) * tick, errU == nil && errS == nil
}

// since is what was used after an earlier reading. A thread that ended between
// the two is missed; kernel workers stay for minutes.
func (c cpuTimes) since(old cpuTimes) cpuTimes {
	d := cpuTimes{busy: c.busy - old.busy, stolen: c.stolen - old.stolen}
	for id, seconds := range c.threads {
		d.kernel += max(0, seconds-old.threads[id])
	}
	return d
}

// loadAverage is that of the last minute, or 0 where the kernel does not say.
func loadAverage() float64 {
	var load float64
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		_, _ = fmt.Sscan(string(b), &load)
	}
	return load
}
