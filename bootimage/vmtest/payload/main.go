//go:build linux

// Command payload stands in for massho in the tests of the boot image: it
// brings the guest up with package early, says on every console what it found,
// and does what the serial port tells it:
//
//	list         block devices
//	evidence     look for the evidence place again
//	write NAME   write a file into the evidence place and read it back
//	remount      mount the evidence place again after the stick was pulled
//	off          unmount and power off
//	exit         end, so that init starts the shell
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/massho/massho/bootimage/early"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "payload:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx := context.Background()
	c, err := early.ReadCmdline("/")
	if err != nil {
		return err
	}
	out, in, err := consoles(c)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "PAYLOAD args %q\r\n", os.Args[1:])
	st, err := early.Up(ctx, early.Options{Now: time.Now, Observe: func(s string) { fmt.Fprintf(out, "PAYLOAD step %s\r\n", s) }})
	if err != nil {
		return errors.Join(err, early.PowerOff())
	}
	report(out, st)
	keys := make(chan os.Signal, 1)
	signal.Notify(keys, os.Interrupt)
	go func() {
		for s := range keys {
			fmt.Fprintf(out, "PAYLOAD signal %v\r\n", s)
		}
	}()
	go func() {
		err := st.Watch(ctx, func(ev early.Event) {
			if ev.Subsystem == "block" {
				fmt.Fprintf(out, "PAYLOAD event %s %s\r\n", ev.Action, ev.DevName)
			}
		})
		fmt.Fprintf(out, "PAYLOAD watch ended: %v\r\n", err)
	}()
	if _, auto := c.Params["payload.auto"]; auto {
		return off(out, st)
	}
	fmt.Fprint(out, "PAYLOAD ready\r\n")
	for in.Scan() {
		if end, err := command(out, st, strings.Fields(in.Text())); end || err != nil {
			return err
		}
	}
	return in.Err()
}

// consoles opens every terminal that works; commands come from the serial one.
func consoles(c early.Cmdline) (io.Writer, *bufio.Scanner, error) {
	var all []io.Writer
	var in io.Reader = &bytes.Buffer{}
	found := early.Consoles("/", c)
	if len(found) == 0 {
		return nil, nil, early.ErrNoConsole
	}
	if err := early.Stdio(found[0].Path); err != nil {
		return nil, nil, err
	}
	for _, con := range found {
		f, err := os.OpenFile(con.Path, os.O_RDWR, 0)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, f)
		if con.Serial {
			in = f
		}
	}
	return io.MultiWriter(all...), bufio.NewScanner(in), nil
}

// report writes one line of JSON for each part of the state.
func report(out io.Writer, st *early.State) {
	line := func(name string, v any) {
		b, err := json.Marshal(v)
		if err != nil {
			b = []byte(err.Error())
		}
		fmt.Fprintf(out, "PAYLOAD %s %s\r\n", name, b)
	}
	line("cmdline", st.Cmdline.Raw)
	line("modules", st.Modules)
	line("errors", texts(append(st.ModuleErrors, st.SetupErrors...)))
	line("evidence", map[string]any{"mounted": st.Evidence, "error": text(st.EvidenceErr), "files": files(st.Evidence)})
	line("clock", map[string]any{"rtc": st.Clock.RTC, "system": st.Clock.System, "error": text(st.Clock.RTCErr)})
	m := st.Measured
	line("measured", map[string]any{"secureBoot": m.SecureBoot, "secureBootError": text(m.SecureBootErr), "lockdown": m.Lockdown,
		"tpm": m.TPM, "bank": m.PCRBank, "pcrs": m.PCRs, "log": len(m.EventLog), "logSHA256": m.EventLogSHA256})
	line("power", map[string]any{"power": st.Power, "error": text(st.PowerErr)})
	line("drives", drives())
	line("memory", memory())
	_, err := os.Stat("/dev/fb0")
	line("framebuffer", err == nil)
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func texts(errs []error) (out []string) {
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out
}

func files(m *early.Mounted) (names []string) {
	if m == nil {
		return nil
	}
	err := filepath.WalkDir(m.Dir, func(p string, _ os.DirEntry, err error) error {
		names = append(names, strings.TrimPrefix(p, m.Dir))
		return err
	})
	if err != nil {
		names = append(names, err.Error())
	}
	return names
}

// drives is what lsblk would show.
func drives() map[string]string {
	out := map[string]string{}
	entries, err := os.ReadDir("/sys/block")
	if err != nil {
		out["error"] = err.Error()
	}
	for _, e := range entries {
		size, _ := os.ReadFile("/sys/block/" + e.Name() + "/size")
		rotational, _ := os.ReadFile("/sys/block/" + e.Name() + "/queue/rotational")
		out[e.Name()] = strings.TrimSpace(string(size)) + " sectors, rotational " + strings.TrimSpace(string(rotational))
	}
	return out
}

func memory() []string {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return []string{err.Error()}
	}
	return strings.SplitN(string(b), "\n", 4)[:3]
}

func command(out io.Writer, st *early.State, words []string) (end bool, err error) {
	if len(words) == 0 {
		return false, nil
	}
	switch words[0] {
	case "list":
		b, err := json.Marshal(drives())
		fmt.Fprintf(out, "PAYLOAD drives %s %v\r\n", b, err)
	case "evidence":
		p, err := early.FindEvidence("/", st.Cmdline)
		fmt.Fprintf(out, "PAYLOAD found %+v error %v\r\n", p, err)
	case "write":
		fmt.Fprintf(out, "PAYLOAD wrote %v\r\n", write(st, strings.Join(words[1:], " ")))
	case "remount":
		fmt.Fprintf(out, "PAYLOAD remounted %v\r\n", remount(st))
	case "off":
		return true, off(out, st)
	case "exit":
		return true, nil
	default:
		fmt.Fprintf(out, "PAYLOAD unknown %q\r\n", words)
	}
	return false, nil
}

func write(st *early.State, name string) error {
	if st.Evidence == nil {
		return st.EvidenceErr
	}
	path := filepath.Join(st.Evidence.Dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_SYNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString("written by payload: " + name)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	_, err = os.ReadFile(path)
	return err
}

func remount(st *early.State) error {
	if err := st.Evidence.Detach(); err != nil {
		return err
	}
	p, err := early.FindEvidence("/", st.Cmdline)
	if err != nil {
		return err
	}
	st.Evidence, err = p.Mount("/run/massho/evidence")
	return err
}

// off leaves a record, so that a machine without a serial port tells as well.
func off(out io.Writer, st *early.State) error {
	if st.Evidence != nil && !st.Evidence.ReadOnly {
		if err := write(st, "payload.txt"); err != nil {
			fmt.Fprintf(out, "PAYLOAD write: %v\r\n", err)
		}
		if err := early.PowerOff(); !errors.Is(err, early.ErrStillMounted) {
			return fmt.Errorf("power off with a mounted stick: %w", err)
		}
	}
	if st.Evidence != nil {
		if err := st.Evidence.Unmount(); err != nil {
			return err
		}
	}
	fmt.Fprint(out, "PAYLOAD off\r\n")
	return early.PowerOff()
}
