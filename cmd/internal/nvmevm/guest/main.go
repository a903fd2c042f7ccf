//go:build linux

// Command guest stands in for massho in a virtual machine that reaches its drives
// over NVMe/TCP. It brings the machine up with package early and does what the
// serial port tells it:
//
//	modprobe NAME            load a kernel module with its dependencies
//	net                      give the only network card its address in QEMU's network
//	connect PORT NQN         connect to a subsystem on the host
//	evidence                 say where the evidence place is mounted
//	run PROGRAM ARGS…        run a program and show what it says
//	off                      unmount and power off
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/massho/massho/bootimage/early"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(1)
	}
}

func run() error {
	c, err := early.ReadCmdline("/")
	if err != nil {
		return err
	}
	port, err := serialPort(c)
	if err != nil {
		return err
	}
	st, err := early.Up(context.Background(), early.Options{Now: time.Now})
	if err != nil {
		fmt.Fprintf(port, "GUEST error %v\n", err)
		return errors.Join(err, early.PowerOff())
	}
	fmt.Fprintf(port, "GUEST ready %v\n", st.EvidenceErr)
	in := bufio.NewScanner(port)
	for in.Scan() {
		words := strings.Fields(in.Text())
		if len(words) == 0 {
			continue
		}
		if words[0] == "off" {
			if st.Evidence != nil {
				fmt.Fprintf(port, "GUEST unmounted %v\n", st.Evidence.Unmount())
			}
			return early.PowerOff()
		}
		fmt.Fprintf(port, "GUEST begin\n")
		err := do(port, st, words)
		fmt.Fprintf(port, "GUEST end %v\n", err)
	}
	return in.Err()
}

func serialPort(c early.Cmdline) (*os.File, error) {
	for _, con := range early.Consoles("/", c) {
		if con.Serial {
			if err := early.Stdio(con.Path); err != nil {
				return nil, err
			}
			return os.OpenFile(con.Path, os.O_RDWR, 0)
		}
	}
	return nil, early.ErrNoConsole
}

func do(port io.Writer, st *early.State, words []string) error {
	switch {
	case words[0] == "modprobe" && len(words) == 2:
		return modprobe(words[1])
	case words[0] == "net" && len(words) == 1:
		return network("10.0.2.15", "255.255.255.0")
	case words[0] == "connect" && len(words) == 3:
		return connect(words[1], words[2])
	case words[0] == "evidence" && st.Evidence != nil:
		_, err := fmt.Fprintf(port, "%s\n", st.Evidence.Dir)
		return err
	case words[0] == "run" && len(words) > 1:
		cmd := exec.Command(words[1], words[2:]...)
		cmd.Stdout, cmd.Stderr = port, port
		return cmd.Run()
	}
	return fmt.Errorf("what is %q", words)
}

// connect writes to /dev/nvme-fabrics, as nvme connect does.
func connect(port, nqn string) error {
	f, err := os.OpenFile("/dev/nvme-fabrics", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "transport=tcp,traddr=10.0.2.2,trsvcid=%s,nqn=%s,hostnqn=nqn.2014-08.org.nvmexpress:uuid:2cd2c43b-a90a-45c1-a8cd-86b33ab273b5,reconnect_delay=1,ctrl_loss_tmo=600", port, nqn)
	return errors.Join(err, f.Close())
}

// modprobe loads a module, and before it what modules.dep says that it needs.
func modprobe(name string) error {
	release, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return err
	}
	dir := filepath.Join("/lib/modules", strings.TrimSpace(string(release)))
	dep, err := os.ReadFile(filepath.Join(dir, "modules.dep"))
	if err != nil {
		return err
	}
	files, needs := map[string]string{}, map[string][]string{}
	for line := range strings.Lines(string(dep)) {
		file, rest, _ := strings.Cut(line, ":")
		files[module(file)] = file
		for _, d := range strings.Fields(rest) {
			needs[module(file)] = append(needs[module(file)], module(d))
		}
	}
	var load func(string) error
	load = func(name string) error {
		if files[name] == "" {
			return fmt.Errorf("no module %s", name)
		}
		for _, d := range needs[name] {
			if err := load(d); err != nil {
				return err
			}
		}
		return insert(filepath.Join(dir, files[name]))
	}
	return load(name)
}

func module(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(path.Base(file), ".ko"), "-", "_")
}

func insert(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), "", 0); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// network configures the first card that is not the loopback.
func network(address, mask string) error {
	cards, err := os.ReadDir("/sys/class/net")
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Name() != "lo" {
			return configure(c.Name(), address, mask)
		}
	}
	return errors.New("no network card")
}

func configure(name, address, mask string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }() // a socket without data
	for _, step := range []struct {
		req  uint
		addr string
	}{{unix.SIOCSIFADDR, address}, {unix.SIOCSIFNETMASK, mask}} {
		ifr, err := unix.NewIfreq(name)
		if err != nil {
			return err
		}
		var ip [4]byte
		if _, err := fmt.Sscanf(step.addr, "%d.%d.%d.%d", &ip[0], &ip[1], &ip[2], &ip[3]); err != nil {
			return err
		}
		if err := ifr.SetInet4Addr(ip[:]); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, step.req, ifr); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	ifr.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr)
}
