package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/inconshreveable/mousetrap"
	"github.com/spf13/cobra"
)

// clicked reports whether Explorer started the program: with a double click, or
// because something was dropped on its icon. Never so but on Windows.
func clicked() bool { return mousetrap.StartedByExplorer() }

// letExplorerIn keeps cobra from sending away who starts the program from
// Explorer: here that is a way to use it.
func letExplorerIn() { cobra.MousetrapHelpText = "" }

// dropped turns files and folders that were dropped on the icon into the command
// that they mean: sticks are collected, papers are checked, a list is compared
// with the certificates. Anything else is left as it is.
func dropped(args []string, exists func(string) bool) []string {
	if len(args) == 0 {
		return args
	}
	command := ""
	for _, arg := range args {
		c := meaning(arg, exists)
		if c == "" || command != "" && c != command {
			return args
		}
		command = c
	}
	return append([]string{command}, args...)
}

// meaning is the command that one dropped thing stands for.
func meaning(path string, exists func(string) bool) string {
	if !exists(path) {
		return ""
	}
	for _, place := range []string{path, filepath.Join(path, "EVIDENCE")} {
		if exists(filepath.Join(place, "records")) && exists(filepath.Join(place, "case")) {
			return "collect"
		}
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pdf":
		return "verify"
	case ".csv", ".xlsx":
		return "ledger"
	}
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// besideProgram is the office's folder when the program lies in it: then nobody
// has to name it.
func besideProgram() string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	if dir := filepath.Dir(exe); exists(filepath.Join(dir, fileRoot)) {
		return dir
	}
	return ""
}

// hold keeps the window open until somebody has read it.
func (a *app) hold() {
	fmt.Fprint(a.out, a.t("\nEnter キーで終わります。", "\nPress Enter to close."))
	if _, err := bufio.NewReader(a.in).ReadString('\n'); err != nil && err != io.EOF {
		fmt.Fprintln(a.err, err)
	}
}
