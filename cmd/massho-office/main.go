// Command massho-office is the clerk's program: it keeps the authority's keys,
// prepares cases and sticks, and works on what the sticks bring back. It holds
// no device code and runs on Windows, macOS and Linux.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, os.Getenv))
}
