//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// throttle is a control group whose processes get so many bytes a second of a
// drive and no more.
type throttle struct {
	dir     string
	unified bool // cgroup version 2: io.max
}

const cgroups = "/sys/fs/cgroup"

// newThrottle makes an empty group under the blkio controller of version 1 or
// the io controller of version 2, whichever this kernel has.
func newThrottle() (throttle, error) {
	name := memoryName()
	g := throttle{dir: filepath.Join(cgroups, "blkio", name)}
	knob := "blkio.throttle.write_bps_device"
	if _, err := os.Stat(filepath.Join(cgroups, "cgroup.controllers")); err == nil {
		g = throttle{filepath.Join(cgroups, name), true}
		knob = "io.max"
		if err := os.WriteFile(filepath.Join(cgroups, "cgroup.subtree_control"), []byte("+io"), 0); err != nil {
			return g, fmt.Errorf("no io controller: %w", err)
		}
	}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return g, fmt.Errorf("no blkio controller: %w", err)
	}
	if _, err := os.Stat(filepath.Join(g.dir, knob)); err != nil {
		return g, errors.Join(fmt.Errorf("this kernel cannot limit a drive's bytes: %w", err), g.close())
	}
	return g, nil
}

// limit bounds reading and writing of d, for the group's processes.
func (g throttle) limit(d *drive, bytes int64) error {
	info, err := d.loop.Stat()
	if err != nil {
		return err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: no device number", d.path)
	}
	number := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
	if g.unified {
		return os.WriteFile(filepath.Join(g.dir, "io.max"), fmt.Appendf(nil, "%s rbps=%d wbps=%d", number, bytes, bytes), 0)
	}
	for _, knob := range []string{"read", "write"} {
		if err := os.WriteFile(filepath.Join(g.dir, "blkio.throttle."+knob+"_bps_device"), fmt.Appendf(nil, "%s %d", number, bytes), 0); err != nil {
			return fmt.Errorf("limit %s: %w", d.path, err)
		}
	}
	return nil
}

// procs is the file that a process writes its id into to join.
func (g throttle) procs() string { return filepath.Join(g.dir, "cgroup.procs") }

// close removes the group; its processes have ended.
func (g throttle) close() error { return os.Remove(g.dir) }
