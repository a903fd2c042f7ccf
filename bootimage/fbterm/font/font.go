// Package font holds the fixed-width font of the full-screen console, BIZ
// UDGothic (SIL OFL 1.1). The file is embedded at build time and not
// committed: a program built from a bare clone compiles, and Load says how to
// build it with the font.
package font

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed ttf
var files embed.FS

// ErrAbsent means that the program was built without the font.
var ErrAbsent = errors.New("this program was built without the font of the full-screen console; " +
	"build it with `make build` (or run `bootimage/fbterm/font/fetch.sh .cache/fonts bootimage/fbterm/font/ttf` first)")

const name = "ttf/BIZUDGothic-Regular.ttf"

// Load returns the font's file, or ErrAbsent.
func Load() ([]byte, error) {
	b, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrAbsent
	}
	if err != nil {
		return nil, fmt.Errorf("font of the console: %w", err)
	}
	return b, nil
}
