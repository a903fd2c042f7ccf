//go:build linux

// Command demo plays the scene for a stranger: a virtual PC boots from the stick,
// erases and verifies its drives, and the records verify on this host. make demo
// runs it; everything it makes lies in the folder -out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/massho/massho/bootimage/vmtest"
	"github.com/massho/massho/bootimage/vmtest/scene"
)

func main() {
	bin := flag.String("bin", "out/bin", "folder of massho's programs")
	out := flag.String("out", "out/demo", "folder for what the demo makes; emptied first")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := play(ctx, *bin, *out); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func play(ctx context.Context, bin, out string) error {
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	begin := time.Now()
	p := scene.Play{Bin: bin, Dir: out, Say: func(text string) {
		fmt.Printf("%6.1fs  %s\n", time.Since(begin).Seconds(), text)
	}}
	if err := p.Prepare(ctx); err != nil {
		return err
	}
	code, err := p.Run(ctx, p.Config(vmtest.UEFI))
	if err != nil {
		return err
	}
	log, err := p.Transcript()
	if err != nil {
		return err
	}
	if at := strings.Index(log, "massho "); at >= 0 {
		fmt.Println(indent(log[at:]))
	}
	if code != "0" {
		return fmt.Errorf("the stick's program ended with %s, not 0; see %s", code, filepath.Join(out, "serial.log"))
	}
	return look(ctx, p, out)
}

// look is what the host sees afterwards.
func look(ctx context.Context, p scene.Play, out string) error {
	p.Say("searching the drives' images for what was planted")
	for i, d := range p.Disks() {
		held, err := d.Holds()
		if err != nil {
			return err
		}
		if want := i >= scene.Named; held != want {
			return fmt.Errorf("%s: planted contents found: %t, want %t", d.File, held, want)
		}
	}
	if _, err := p.Collect(); err != nil {
		return err
	}
	p.Say("verifying the records on this host (massho-verify)")
	said, err := p.Verify(ctx)
	fmt.Println(indent(said))
	if err != nil {
		return err
	}
	records, err := p.Records()
	if err != nil || len(records) != scene.Named {
		return errors.Join(err, fmt.Errorf("%d records, want %d", len(records), scene.Named))
	}
	fmt.Printf("\nrecords     %s\ntrust root  %s\nserial log  %s\nwiped images and the drive that no case names:\n", filepath.Join(out, "evidence", "records"), p.Root(), filepath.Join(out, "serial.log"))
	for _, d := range p.Disks() {
		fmt.Println("            " + d.File)
	}
	return nil
}

func indent(s string) string {
	return "        | " + strings.ReplaceAll(strings.TrimSpace(s), "\n", "\n        | ")
}
