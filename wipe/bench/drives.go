//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// drive is a loop device over a memory file of this process.
type drive struct {
	path string // /dev/loopN
	size int64
	loop *os.File // held open: the kernel detaches the device when the last holder is gone
	back *os.File
}

// memoryName marks our memory files; sysfs shows it as the loop's backing file.
func memoryName() string { return fmt.Sprintf("massho-bench-%d", os.Getpid()) }

// makeDrives makes n drives of size bytes each.
func makeDrives(n int, size int64) (all []*drive, err error) {
	for range n {
		d, err := makeDrive(size)
		if err != nil {
			return nil, errors.Join(err, closeDrives(all))
		}
		all = append(all, d)
	}
	return all, nil
}

func makeDrive(size int64) (*drive, error) {
	fd, err := unix.MemfdCreate(memoryName(), unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memory file: %w", err)
	}
	back := os.NewFile(uintptr(fd), memoryName())
	if err := back.Truncate(size); err != nil {
		return nil, errors.Join(fmt.Errorf("memory file of %d bytes: %w", size, err), back.Close())
	}
	loop, path, err := attach(back)
	if err != nil {
		return nil, errors.Join(err, back.Close())
	}
	return &drive{path, size, loop, back}, nil
}

// attach puts back behind a free loop device.
func attach(back *os.File) (*os.File, string, error) {
	ctl, err := os.OpenFile("/dev/loop-control", os.O_RDWR, 0)
	if err != nil {
		return nil, "", fmt.Errorf("this kernel gives no loop devices: %w", err)
	}
	defer ctl.Close()
	for range 100 { // another program may take the free one first
		n, err := unix.IoctlRetInt(int(ctl.Fd()), unix.LOOP_CTL_GET_FREE)
		if err != nil {
			return nil, "", fmt.Errorf("free loop device: %w", err)
		}
		path := fmt.Sprintf("/dev/loop%d", n)
		loop, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return nil, "", err
		}
		c := unix.LoopConfig{Fd: uint32(back.Fd()), Info: unix.LoopInfo64{Flags: unix.LO_FLAGS_AUTOCLEAR}}
		if err = unix.IoctlLoopConfigure(int(loop.Fd()), &c); err == nil {
			return loop, path, nil
		}
		if err = errors.Join(err, loop.Close()); !errors.Is(err, unix.EBUSY) {
			return nil, "", fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil, "", errors.New("every free loop device was taken by somebody else: try again")
}

// ours makes sure that the device lies on a file of this process: nothing else
// may ever be given to a program that erases.
func (d *drive) ours() error {
	name := "/sys/block/" + strings.TrimPrefix(d.path, "/dev/") + "/loop/backing_file"
	b, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("%s is not our loop device: %w", d.path, err)
	}
	if got, want := strings.TrimSpace(string(b)), "/memfd:"+memoryName()+" (deleted)"; got != want {
		return fmt.Errorf("%s lies on %q, not on a file of this benchmark: nothing was run", d.path, got)
	}
	return nil
}

func closeDrives(all []*drive) error {
	var errs []error
	for _, d := range all {
		errs = append(errs, d.loop.Close(), d.back.Close())
	}
	return errors.Join(errs...)
}

// paths are the devices' names.
func paths(all []*drive) []string {
	var out []string
	for _, d := range all {
		out = append(out, d.path)
	}
	return out
}
