// Package depmod does what depmod and modprobe's configuration do for a chosen
// set of kernel modules: it reads their .modinfo sections, closes the set over
// its dependencies, writes modules.dep, modules.alias and modules.softdep, and
// matches a device's modalias against them.
//
// It is pure: files come in as fs.FS and io.ReaderAt. Debian's kernel packages
// ship no modules.dep (it is made at installation), so the image needs this.
//
// Reference: modules.dep(5), modprobe.d(5), kernel Documentation/kbuild.
package depmod

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Info is what a module says of itself.
type Info struct {
	// Name is the module's name as the kernel knows it: underscores, no
	// dashes.
	Name string
	// Depends names the modules that must be loaded before.
	Depends []string
	// SoftPre names modules or aliases that should be loaded before; without
	// them the module may still work.
	SoftPre []string
	// Aliases are the patterns of the devices and names it serves.
	Aliases []string
}

// ErrModule says that bytes are not a kernel module.
var ErrModule = errors.New("not a kernel module")

// maxInfo bounds a .modinfo section; the largest of Debian's 6.1 has 70 kB.
const maxInfo = 4 << 20

// ReadInfo reads the .modinfo section of an uncompressed module. An error
// wraps ErrModule.
func ReadInfo(r io.ReaderAt) (Info, error) {
	f, err := elf.NewFile(r)
	if err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrModule, err)
	}
	defer f.Close()
	s := f.Section(".modinfo")
	if s == nil || s.Type == elf.SHT_NOBITS || s.Size > maxInfo || s.FileSize > maxInfo {
		return Info{}, fmt.Errorf("%w: no .modinfo section", ErrModule)
	}
	b, err := s.Data()
	if err != nil {
		return Info{}, fmt.Errorf("%w: %w", ErrModule, err)
	}
	return parseInfo(b), nil
}

// parseInfo reads key=value strings that end in NUL.
func parseInfo(b []byte) (in Info) {
	for _, field := range bytes.Split(b, []byte{0}) {
		key, value, _ := strings.Cut(string(field), "=")
		switch key {
		case "name":
			in.Name = Normal(value)
		case "depends":
			for _, d := range strings.Split(value, ",") {
				if d != "" {
					in.Depends = append(in.Depends, Normal(d))
				}
			}
		case "alias":
			in.Aliases = append(in.Aliases, value)
		case "softdep":
			in.SoftPre = append(in.SoftPre, softPre(value)...)
		}
	}
	return in
}

// softPre returns the names that follow "pre:" and not "post:".
func softPre(value string) (names []string) {
	pre := false
	for _, w := range strings.Fields(value) {
		switch w {
		case "pre:":
			pre = true
		case "post:":
			pre = false
		default:
			if pre {
				names = append(names, Normal(w))
			}
		}
	}
	return names
}

// Normal writes a module's name with underscores, as the kernel does.
func Normal(name string) string { return strings.ReplaceAll(name, "-", "_") }

// nameOf returns the normal name of a module file, or "" for another file.
func nameOf(file string) string {
	base := path.Base(file)
	for _, end := range []string{".ko", ".ko.xz"} {
		if name, ok := strings.CutSuffix(base, end); ok {
			return Normal(name)
		}
	}
	return ""
}
