package verifycmd

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/massho/massho/certs/verify"
)

// maxFile is larger than any certificate.
const maxFile = 256 << 20

// What lies in folders.
const (
	extPaper   = ".pdf"
	extJournal = ".mjl" // as a stick names them
)

// gather reads files, and of folders every file with one of the extensions.
// What cannot be read is in the list all the same.
func gather(paths []string, exts ...string) []verify.Named {
	var out []verify.Named
	for _, p := range paths {
		info, err := os.Stat(p)
		switch {
		case err != nil:
			out = append(out, verify.Named{Name: p, Err: err})
		case info.IsDir():
			found := folder(p, exts)
			if len(found) == 0 {
				found = []verify.Named{{Name: p, Err: fmt.Errorf("no *%s in this folder", strings.Join(exts, ", *"))}}
			}
			out = append(out, found...)
		default:
			out = append(out, read(p))
		}
	}
	return out
}

func folder(dir string, exts []string) []verify.Named {
	var out []verify.Named
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			out = append(out, verify.Named{Name: p, Err: err})
		case !d.IsDir() && slices.Contains(exts, strings.ToLower(filepath.Ext(p))) && !strings.HasPrefix(d.Name(), "._"):
			// "._x.pdf" is what macOS leaves beside x.pdf on FAT.
			out = append(out, read(p))
		}
		return nil
	})
	if err != nil {
		out = append(out, verify.Named{Name: dir, Err: err})
	}
	return out
}

func read(p string) verify.Named {
	if info, err := os.Stat(p); err == nil && info.Size() > maxFile {
		return verify.Named{Name: p, Err: fmt.Errorf("%d bytes: larger than any certificate", info.Size())}
	}
	b, err := os.ReadFile(p)
	return verify.Named{Name: p, Data: b, Err: err}
}
