//go:build linux

// Command guest stands in for massho in a virtual PC of package vm's tests: it
// brings the guest up, and does what the serial port tells it, one line each:
//
//	run PROGRAM ARGS…   run one of Debian's tools; its output, then "GUEST rc N"
//	look                what devices/linux makes of every drive, one JSON line each, then "GUEST rc 0"
//	off                 power off
//
// Every line that is not a tool's own begins with GUEST.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/massho/massho/bootimage/early"
	"github.com/massho/massho/devices"
	"github.com/massho/massho/devices/linux"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "GUEST failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := early.ReadCmdline("/")
	if err != nil {
		return err
	}
	port, err := serial(c)
	if err != nil {
		return err
	}
	st, err := early.Up(ctx, early.Options{})
	if err != nil {
		return err
	}
	fmt.Fprint(port, "GUEST ready\r\n")
	for in := bufio.NewScanner(port); in.Scan(); {
		words := strings.Fields(in.Text())
		switch {
		case len(words) == 0:
		case words[0] == "run" && len(words) > 1:
			fmt.Fprintf(port, "GUEST rc %d\r\n", tool(ctx, port, words[1:]))
		case words[0] == "look":
			fmt.Fprintf(port, "GUEST rc %d\r\n", look(ctx, port))
		case words[0] == "off":
			return off(st)
		default:
			fmt.Fprintf(port, "GUEST knows no %q\r\n", words)
		}
	}
	return errors.New("the serial port has closed")
}

// serial is the serial console, which must be there.
func serial(c early.Cmdline) (*os.File, error) {
	for _, con := range early.Consoles("/", c) {
		if con.Serial {
			return os.OpenFile(con.Path, os.O_RDWR, 0)
		}
	}
	return nil, early.ErrNoConsole
}

// tool runs a program and returns its exit code.
func tool(ctx context.Context, out io.Writer, words []string) int {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"}
	text, err := cmd.CombinedOutput()
	fmt.Fprintf(out, "%s\r\n", strings.ReplaceAll(string(text), "\n", "\r\n"))
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	fmt.Fprintf(out, "GUEST %v\r\n", err)
	return 127
}

// look prints what our own code makes of every drive.
func look(ctx context.Context, out io.Writer) int {
	devs, err := linux.NewSystem().Detect(ctx, devices.DetectOptions{})
	if err != nil {
		fmt.Fprintf(out, "GUEST detect: %v\r\n", err)
		return 1
	}
	for _, d := range devs {
		b, err := json.Marshal(d)
		if err != nil {
			fmt.Fprintf(out, "GUEST %s: %v\r\n", d.Name, err)
			return 1
		}
		fmt.Fprintf(out, "GUEST drive %s\r\n", b)
	}
	return 0
}

// off powers off; nothing was written to the stick.
func off(st *early.State) error {
	if st.Evidence != nil {
		if err := st.Evidence.Unmount(); err != nil {
			return err
		}
	}
	return early.PowerOff()
}
