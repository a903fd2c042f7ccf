// Command massho-verify checks certificates of massho with nothing but the
// files and a trust root. It uses no network and holds no device code.
//
//	massho-verify FILE|DIR… [--trust root.pem] [--json] [--complete]
//	massho-verify camera --code XXXX-XXXX-XXXX FILE|DIR…
//	massho-verify trust add root.pem
//
// On Windows files may be dropped on its icon; it then waits for Enter.
//
// Exit codes are those of package certs/verify: 0 valid, 2 usage, 3 trust file
// unreadable, 10 and above one for each way of not being valid.
package main

import (
	"os"
	"time"

	"github.com/inconshreveable/mousetrap"

	"github.com/massho/massho/cmd/internal/verifycmd"
)

func main() { os.Exit(run()) }

func run() int {
	dir, err := os.UserConfigDir()
	if err != nil {
		dir = "" // no trust folder then: --trust is needed
	}
	return verifycmd.Run(os.Args[1:], verifycmd.Env{
		Prog: "massho-verify", In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now(), ConfigDir: dir,
		Clicked: mousetrap.StartedByExplorer(), // never so but on Windows
	})
}
