//go:build linux

package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// machine is what the figures were measured on.
type machine struct {
	cpu       string
	cores     int
	memory    int64 // bytes
	available int64 // bytes
	kernel    string
	hugePages string
}

func readMachine() (machine, error) {
	m := machine{cores: runtime.NumCPU()}
	mem, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(mem)) {
		var kib int64
		if n, _ := fmt.Sscanf(line, "MemTotal: %d kB", &kib); n == 1 {
			m.memory = kib << 10
		}
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &kib); n == 1 {
			m.available = kib << 10
		}
	}
	if m.available == 0 {
		return m, fmt.Errorf("/proc/meminfo does not say how much memory is available")
	}
	cpu, _ := os.ReadFile("/proc/cpuinfo") // only printed
	for line := range strings.Lines(string(cpu)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.cpu = strings.TrimSpace(value)
			break
		}
	}
	huge, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled") // only printed
	m.hugePages = strings.TrimSpace(string(huge))
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return m, err
	}
	m.kernel = unix.ByteSliceToString(u.Release[:])
	return m, nil
}

const (
	largestDrive = 1536 << 20 // 1.5 GiB
	largestTotal = 3 << 30    // but four drives have 1.5 GiB each, as the targets want
	smallest     = 32 << 20
	quickDrive   = 16 << 20
)

// sizes are the drives' sizes for each number of drives. A third of the memory
// at most: nwipe writes through the host's cache, which needs as much again.
func (m machine) sizes(o options) ([]int64, error) {
	var all []int64
	for _, n := range o.drives {
		total := int64(largestTotal)
		if n == 4 {
			total = 4 * largestDrive
		}
		size := min(total, m.available/3) / int64(n)
		size = min(size, largestDrive)
		if o.quick {
			size = quickDrive
		}
		size -= size % (1 << 20)
		if !o.quick && size < smallest {
			return nil, fmt.Errorf("%d drives: %d MiB of memory are available, too little: give -drives with smaller numbers, or -quick", n, m.available>>20)
		}
		all = append(all, size)
	}
	return all, nil
}
