//go:build unix

// Command fetch downloads Debian packages, unpacks them into a cache folder
// and prints where each one lies, one "name path" a line. Makefiles use it for
// what is embedded at build time and not committed, such as fonts.
//
//	go run ./bootimage/debian/fetch -dir out/.cache fonts-morisawa-bizud-gothic
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/massho/massho/bootimage/debian"
)

func main() {
	dir := flag.String("dir", "out/.cache", "cache `folder`")
	private := flag.Bool("private", false, "ask deb.debian.org, not this machine's sources")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	set, err := debian.Fetch(ctx, debian.Config{Dir: *dir, Private: *private}, flag.Args()...)
	if err != nil {
		fmt.Fprintln(os.Stderr, "fetch:", err)
		os.Exit(1)
	}
	for _, name := range flag.Args() {
		fmt.Println(name, set[name].Root)
	}
}
