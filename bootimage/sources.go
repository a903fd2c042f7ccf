//go:build unix

package bootimage

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/massho/massho/bootimage/debian"
)

// licences are those of the packages, as SPDX expressions, by Debian source.
var licences = map[string]string{
	"linux-signed-amd64":          "GPL-2.0-only WITH Linux-syscall-note",
	"linux":                       "GPL-2.0-only WITH Linux-syscall-note",
	"grub2":                       "GPL-3.0-or-later",
	"grub-efi-amd64-signed":       "GPL-3.0-or-later",
	"shim":                        "BSD-2-Clause",
	"shim-signed":                 "BSD-2-Clause",
	"shim-helpers-amd64-signed":   "BSD-2-Clause",
	"fonts-morisawa-bizud-gothic": "OFL-1.1",
}

// licenceOf returns the licence of a package, or where to read it.
func licenceOf(p debian.Package) string {
	return cmp.Or(licences[p.Source], "see "+copyrightPath(p))
}

// Paths of the licence files on the stick.
const (
	sourcesPath  = "massho/SOURCES.txt"
	manifestPath = "massho/manifest.json"
)

func copyrightPath(p debian.Package) string { return "massho/licences/" + p.Source + ".txt" }

// builtIn are the works that are neither Debian packages nor ours.
var builtIn = []Notice{
	{Name: "u-root (init, shell and commands of the initramfs)", Version: "v0.16.0", Licence: "BSD-3-Clause", Source: "https://github.com/u-root/u-root"},
	{Name: "massho", Licence: "Apache-2.0", Source: "https://github.com/massho/massho"},
}

// sourcesText names every work on the stick, its licence, and where its source
// code is to be had (GPL-2.0 clause 3, GPL-3.0 clause 6, OFL-1.1 clause 2).
func sourcesText(packages []debian.Package, notices []Notice) string {
	var b strings.Builder
	b.WriteString(`このUSBメモリに含まれるソフトウェア、その許諾条件とソースコードの入手先
Software on this stick, its licences, and where its source code is to be had

Debian packages, unchanged. The source of each is the Debian source package
named below, in exactly that version. It is to be had with
    apt-get source SOURCE=VERSION
or at https://snapshot.debian.org/package/SOURCE/VERSION/
The full licence texts are in the folder massho/licences.

`)
	for _, p := range packages {
		fmt.Fprintf(&b, "%s %s\n    licence: %s\n    source:  %s %s\n", p.Name, p.Version, licenceOf(p), p.Source, p.SourceVersion)
		if p.BuiltUsing != "" {
			fmt.Fprintf(&b, "    built using: %s\n", p.BuiltUsing)
		}
		fmt.Fprintf(&b, "    SHA-256 of the .deb: %s\n\n", p.SHA256)
	}
	b.WriteString("Other works\n\n")
	for _, n := range slices.Concat(builtIn, notices) {
		fmt.Fprintf(&b, "%s\n    licence: %s\n    source:  %s\n\n", strings.TrimSpace(n.Name+" "+n.Version), n.Licence, n.Source)
	}
	return b.String()
}

// licenceFiles returns SOURCES.txt and Debian's copyright files. Some packages
// share that of another package of the same source.
func licenceFiles(packages []debian.Package, notices []Notice) (map[string][]byte, error) {
	files := map[string][]byte{sourcesPath: []byte(sourcesText(packages, notices))}
	for _, p := range packages {
		b, err := os.ReadFile(p.Path("usr/share/doc/" + p.Name + "/copyright"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", p.Name, err)
		}
		files[copyrightPath(p)] = b
	}
	for _, p := range packages {
		if files[copyrightPath(p)] == nil {
			return nil, fmt.Errorf("licence of %s: no copyright file in any package of source %s: %w", p.Name, p.Source, ErrInputs)
		}
	}
	return files, nil
}
