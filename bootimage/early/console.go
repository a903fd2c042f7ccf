//go:build linux

package early

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Console is a terminal that works.
type Console struct {
	// Path is its node, for instance /dev/tty1 or /dev/ttyS0.
	Path string
	// Serial says that it is a serial port, which has no size of its own.
	Serial bool
}

// quietKernel sets the console log level back to what the command line asks
// for (loglevel=): u-root's init has raised it, and kernel messages would write
// over the screen that is filmed.
func quietKernel(root string, c Cmdline) []error {
	level, err := strconv.Atoi(c.Params["loglevel"])
	if err != nil || level < 1 || level > 8 || root != "/" {
		return nil
	}
	// syslog(2) takes the level as the length of a buffer that it ignores.
	if _, err := unix.Klogctl(unix.SYSLOG_ACTION_CONSOLE_LEVEL, make([]byte, level)); err != nil {
		return []error{fmt.Errorf("console log level %d: %w", level, err)}
	}
	return nil
}

// holdKeys keeps key combinations from restarting the machine in the middle of
// a wipe: Ctrl-Alt-Del becomes SIGINT to this process (reboot(2), CAD_OFF, and
// the sysctl cad_pid; init would exit on it and the kernel panic), SysRq is off.
func holdKeys(root string) (failed []error) {
	if root != "/" {
		return nil
	}
	for name, value := range map[string]string{"cad_pid": strconv.Itoa(os.Getpid()), "sysrq": "0"} {
		if err := os.WriteFile(at(root, "proc/sys/kernel", name), []byte(value), 0); err != nil {
			failed = append(failed, fmt.Errorf("hold restart keys: %w", err))
		}
	}
	if err := unix.Reboot(unix.LINUX_REBOOT_CMD_CAD_OFF); err != nil {
		failed = append(failed, fmt.Errorf("hold Ctrl-Alt-Del: %w", err))
	}
	return failed
}

// ErrNoConsole says that no terminal works.
var ErrNoConsole = errors.New("no console")

// Consoles returns the terminals that the command line names and that work:
// the screen as tty1, and serial ports with hardware behind them. A machine
// without serial port still has a node ttyS0; it answers EIO.
func Consoles(root string, c Cmdline) (found []Console) {
	names := []string{"tty1"}
	for _, name := range c.Consoles {
		if strings.HasPrefix(name, "ttyS") || strings.HasPrefix(name, "ttyUSB") || strings.HasPrefix(name, "hvc") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if path := at(root, "dev", name); works(path) {
			found = append(found, Console{Path: path, Serial: name != "tty1"})
		}
	}
	return found
}

// works opens a terminal without making it ours or waiting for a carrier.
func works(path string) bool {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return false
	}
	_, err = unix.IoctlGetTermios(fd, unix.TCGETS)
	return errors.Join(err, unix.Close(fd)) == nil
}

// Stdio makes a terminal the program's standard input, output and error, so
// that even a crash is seen there.
func Stdio(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return fmt.Errorf("standard output: %w", err)
	}
	defer f.Close()
	for fd := range 3 {
		if err := unix.Dup3(int(f.Fd()), fd, 0); err != nil {
			return fmt.Errorf("standard output on %s: %w", path, err)
		}
	}
	return nil
}
