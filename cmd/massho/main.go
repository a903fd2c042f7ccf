// Command massho erases drives by 図表41, proves the result, and leaves signed
// records. It runs from the boot stick (boot, console) and from a shell.
package main

import "os"

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, os.Getenv))
}
