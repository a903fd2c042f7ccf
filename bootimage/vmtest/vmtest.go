//go:build linux

// Package vmtest boots images in QEMU: expect and type on the serial port,
// press keys, take screendumps, plug and unplug drives, cut the power.
//
//	vm, err := vmtest.Start(ctx, vmtest.Config{
//		Firmware: vmtest.SecureBoot,
//		Drives: []vmtest.Drive{
//			{Bus: vmtest.USB, File: "massho.img", Boot: true},
//			{Bus: vmtest.AHCI, File: "disk.img", Serial: "S1", RotationRate: 7200},
//		}})
//	defer vm.Close()
//	_, err = vm.Expect(regexp.MustCompile(`ready`), time.Minute)
//
// Machines run under TCG with -cpu max: KVM hangs where these tests run, and
// without AES instructions the keystream crawls. Every machine has a time
// limit, kept by timeout(1) even when the test itself is killed, and takes its
// processes and files with it. It has no network.
//
// Killing QEMU keeps what the guest wrote and did not flush, for it is in the
// host's memory: Kill is no proof about caches, package emulator is.
package vmtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Firmware is what the machine starts with.
type Firmware int

// The firmwares.
const (
	BIOS       Firmware = iota // SeaBIOS
	UEFI                       // OVMF, Secure Boot off
	SecureBoot                 // OVMF with Microsoft's keys, Secure Boot enforced
	UEFI32                     // 32-bit OVMF on a 64-bit CPU, Secure Boot off
)

// String names the firmware for test names.
func (f Firmware) String() string {
	switch f {
	case BIOS:
		return "BIOS"
	case UEFI:
		return "UEFI"
	case SecureBoot:
		return "SecureBoot"
	case UEFI32:
		return "UEFI32"
	}
	return "Firmware(" + strconv.Itoa(int(f)) + ")"
}

// Config describes a machine.
type Config struct {
	Firmware Firmware
	// FirmwareDir holds OVMF's files; empty means /usr/share/OVMF.
	FirmwareDir string
	// Memory is in MiB, 0 means 1024. CPUs 0 means 2.
	Memory, CPUs int
	Drives       []Drive
	// TPM starts swtpm and gives the machine a TPM 2.0.
	TPM bool
	// NoSerial leaves the machine without a serial port: Expect hears nothing.
	NoSerial bool
	// Args are appended to QEMU's command line.
	Args []string
	// Timeout ends the machine whatever happens; 0 means 5 minutes.
	Timeout time.Duration
	// Log is the file that keeps what the serial port said; empty means that
	// it is only in memory.
	Log string
}

func (c Config) withDefaults() Config {
	if c.FirmwareDir == "" {
		c.FirmwareDir = "/usr/share/OVMF"
	}
	if c.Memory == 0 {
		c.Memory = 1024
	}
	if c.CPUs == 0 {
		c.CPUs = 2
	}
	if c.Timeout == 0 {
		c.Timeout = 5 * time.Minute
	}
	return c
}

// Errors of a machine.
var (
	// ErrHost says that a program or file of the host is missing.
	ErrHost = errors.New("virtual machine cannot start")
	// ErrTimeout says that something did not happen in time.
	ErrTimeout = errors.New("timeout")
	// ErrEnded says that the machine is not running any more.
	ErrEnded = errors.New("the machine has ended")
)

// VM is a running machine. Its methods may be called from one goroutine at a
// time, Kill and Close from any.
type VM struct {
	dir     string
	cmd     *exec.Cmd
	serial  *serial
	qmp     *qmp
	tpm     *exec.Cmd
	ended   chan struct{}
	endErr  error // valid once ended is closed
	drives  map[string]Drive
	errText *tail
}

// Start runs a machine. The caller must Close it. Errors wrap ErrHost when
// the host lacks something.
func Start(ctx context.Context, cfg Config) (_ *VM, err error) {
	cfg = cfg.withDefaults()
	dir, err := os.MkdirTemp("", "vmt-")
	if err != nil {
		return nil, err
	}
	vm := &VM{dir: dir, ended: make(chan struct{}), drives: map[string]Drive{}, errText: &tail{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, vm.Close())
		}
	}()
	args, err := vm.arguments(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.TPM {
		tpmArgs, err := vm.startTPM(ctx, cfg.Timeout)
		if err != nil {
			return nil, err
		}
		args = append(args, tpmArgs...)
	}
	return vm, vm.run(ctx, cfg, append(args, cfg.Args...))
}

// limited wraps a command in timeout(1), in a process group of its own.
func limited(ctx context.Context, limit time.Duration, name string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %s is missing: apt-get install qemu-system-x86 ovmf swtpm: %w", ErrHost, name, err)
	}
	secs := strconv.Itoa(int(limit.Seconds()) + 1)
	cmd := exec.CommandContext(ctx, "timeout", append([]string{"--signal=KILL", secs, path}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killChild(cmd) }
	return cmd, nil
}

// killChild kills what timeout(1) runs; timeout then reaps it and ends. Killing
// the whole group would leave the child a zombie where process 1 reaps none.
// While timeout has not started it yet, the group is killed.
func killChild(cmd *exec.Cmd) error {
	pid := strconv.Itoa(cmd.Process.Pid)
	b, err := os.ReadFile(filepath.Join("/proc", pid, "task", pid, "children"))
	if err != nil {
		return os.ErrProcessDone
	}
	target := -cmd.Process.Pid
	if children := strings.Fields(string(b)); len(children) > 0 {
		if target, err = strconv.Atoi(children[0]); err != nil {
			return err
		}
	}
	err = syscall.Kill(target, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// run starts QEMU with its serial port on our pipes and QMP on a socket pair.
func (vm *VM) run(ctx context.Context, cfg Config, args []string) error {
	ours, theirs, err := socketPair()
	if err != nil {
		return err
	}
	defer theirs.Close()
	args = append(args, "-chardev", "socket,id=qmp,fd=3", "-mon", "chardev=qmp,mode=control")
	cmd, err := limited(ctx, cfg.Timeout, "qemu-system-x86_64", args...)
	if err != nil {
		return errors.Join(err, ours.Close())
	}
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.Stderr = vm.errText
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return errors.Join(err, ours.Close())
	}
	if vm.serial, err = newSerial(in, cfg.Log); err != nil {
		return errors.Join(err, ours.Close())
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("%w: %w", ErrHost, err), ours.Close(), vm.serial.close())
	}
	vm.cmd = cmd
	go func() {
		vm.serial.listen(out) // to its end, before Wait closes the pipe
		vm.endErr = errors.Join(cmd.Wait(), vm.serial.close())
		close(vm.ended)
	}()
	if vm.qmp, err = newQMP(ours); err != nil {
		return fmt.Errorf("%w: QMP: %w: %s", ErrHost, err, vm.errText)
	}
	return nil
}

// Wait waits until the machine has switched itself off, and returns nil when
// it did. The error wraps ErrTimeout when it runs on.
func (vm *VM) Wait(within time.Duration) error {
	select {
	case <-vm.ended:
		if vm.endErr != nil {
			return fmt.Errorf("machine: %w: %s", vm.endErr, vm.errText)
		}
		return nil
	case <-time.After(within):
		return fmt.Errorf("wait for power off: %w after %v; the serial port said last: %s", ErrTimeout, within, vm.serial.last())
	}
}

// Kill cuts the power.
func (vm *VM) Kill() error {
	if vm.cmd == nil {
		return nil
	}
	select {
	case <-vm.ended: // its number may be another process' by now
		return nil
	default:
	}
	err := killChild(vm.cmd)
	<-vm.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Close ends the machine and removes its files, but not the serial log.
func (vm *VM) Close() error {
	err := vm.Kill()
	if vm.qmp != nil {
		err = errors.Join(err, vm.qmp.close())
		vm.qmp = nil
	}
	if vm.tpm != nil {
		if kill := killChild(vm.tpm); !errors.Is(kill, os.ErrProcessDone) {
			err = errors.Join(err, kill)
		}
		_ = vm.tpm.Wait() // it was killed: its status says just that
		vm.tpm = nil
	}
	return errors.Join(err, os.RemoveAll(vm.dir))
}

func (vm *VM) path(name string) string { return filepath.Join(vm.dir, name) }

// socketPair returns two connected Unix sockets.
func socketPair() (ours, theirs *os.File, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socket pair: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "qmp"), os.NewFile(uintptr(fds[1]), "qemu"), nil
}
