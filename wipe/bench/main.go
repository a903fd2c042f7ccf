//go:build linux

// Command bench measures massho beside nwipe, shred and fio in one run and
// prints one table: GB/s, CPU seconds per GB (user, system and kernel threads
// apart), peak memory and wall time, for 1, 2, 4, 8 and 16 drives.
//
//	go run ./wipe/bench -bin out/bin -out out/bench      (make bench; needs root)
//
// The drives are loop devices over anonymous memory files (tmpfs) that this
// program makes, sized to the machine; the kernel takes them back when it ends,
// however it ends. Nothing else is touched: before every run each device is
// looked at again, and one that does not lie on a file of this process ends the
// benchmark.
//
// Four tasks are measured. random, constant and verify are the data path alone,
// beside fio with the same request size as the limit; command is the whole
// program, from its start until the last signed paper is stored, beside nwipe
// with the same passes and the same reading back. Contenders take turns within
// a repetition, and ratios are formed within a repetition before their median
// is taken. Everything that was run, with its output, lies in -out.
//
// The last table holds the figures against the project's own targets. A target
// that is missed is printed as missed. With much CPU used by others during the
// runs ("others" in the table), no figure here is worth much.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	var o options
	flag.StringVar(&o.bin, "bin", "out/bin", "folder of massho's programs")
	flag.StringVar(&o.out, "out", "out/bench", "folder for tables and raw output; emptied first")
	flag.IntVar(&o.reps, "reps", 5, "repetitions")
	flag.BoolVar(&o.quick, "quick", false, "small drives, one repetition: shows that everything runs, measures nothing")
	flag.StringVar(&o.only, "only", "", "only these tasks: random,constant,verify,command,throttle")
	drives := flag.String("drives", "1,2,4,8,16", "numbers of drives")
	path := flag.String("path", "", "internal: carry out this part of a measurement")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *path != "" {
		var r pathRun
		if err := json.Unmarshal([]byte(*path), &r); err != nil {
			return fmt.Errorf("-path: %w", err)
		}
		return child(ctx, r, os.Stdout)
	}
	for _, s := range strings.Split(*drives, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > 64 {
			return fmt.Errorf("-drives %s: give numbers from 1 to 64", *drives)
		}
		o.drives = append(o.drives, n)
	}
	return bench(ctx, o, os.Stdout)
}

// options are the command line.
type options struct {
	bin, out, only string
	reps           int
	quick          bool
	drives         []int
}

// wants says whether a task is to be measured.
func (o options) wants(t task) bool {
	if o.only == "" {
		return true
	}
	for _, s := range strings.Split(o.only, ",") {
		if task(s) == t {
			return true
		}
	}
	return false
}

// check refuses what cannot work before anything is made.
func (o options) check() error {
	if os.Geteuid() != 0 {
		return errors.New("loop devices need root: run it as root")
	}
	for _, name := range []string{"massho", "massho-office"} {
		if _, err := os.Stat(o.bin + "/" + name); err != nil {
			return fmt.Errorf("%w: run make build first", err)
		}
	}
	if o.reps < 1 {
		return fmt.Errorf("-reps %d: at least 1", o.reps)
	}
	return nil
}
