//go:build unix

// Package debian fetches Debian packages and unpacks them into a folder,
// without root and without installing anything.
//
// apt-get checks the archive's signature and every package's hash; dpkg-deb
// unpacks. On Debian 12 the machine's own sources are asked first; where they
// do not have a package (another distribution, stale lists) a private apt
// state inside the folder is set up with Debian's own archive.
//
//	set, err := debian.Fetch(ctx, debian.Config{Dir: cache}, "shim-signed", "linux-image-amd64")
//	shim := set["shim-signed"].Path("usr/lib/shim/shimx64.efi.signed")
//
// A fetched package is kept, so a second call needs no network and gives the
// same bytes. Remove the folder to ask for newer versions.
package debian

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Config says where packages are kept.
type Config struct {
	// Dir is the cache folder; it is made when it is not there.
	Dir string
	// Private skips the machine's own sources.
	Private bool
}

// Package is a fetched and unpacked package.
type Package struct {
	// Asked is the name that was asked for: Name, or a metapackage of it.
	Asked string `json:"asked"`
	// Name and Version are those of the .deb.
	Name    string `json:"name"`
	Version string `json:"version"`
	// Source and SourceVersion name the Debian source package that the licence
	// obliges us to name; BuiltUsing is the field of that name, for packages
	// that repack signed binaries of another source.
	Source        string `json:"source"`
	SourceVersion string `json:"sourceVersion"`
	BuiltUsing    string `json:"builtUsing,omitempty"`
	// SHA256 is that of the .deb, in hex.
	SHA256 string `json:"sha256"`
	// Root is the folder that it was unpacked into.
	Root string `json:"-"`
}

// Path returns the path of a file of the package.
func (p Package) Path(name string) string { return filepath.Join(p.Root, filepath.FromSlash(name)) }

// Set holds packages by the name that was asked for.
type Set map[string]Package

// ErrFetch says that a package could not be had; the message says what to do.
var ErrFetch = errors.New("package not fetched")

// Fetch returns the packages called names, from the cache or from the archive.
// A name may carry a version as in apt ("shim-signed=1.51~..."). The name of a
// metapackage linux-image-* stands for the kernel that it depends on. Errors
// wrap ErrFetch.
func Fetch(ctx context.Context, cfg Config, names ...string) (Set, error) {
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("fetch packages: %w", err)
	}
	unlock, err := lock(filepath.Join(cfg.Dir, ".lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	set := Set{}
	for _, name := range names {
		p, err := cached(cfg.Dir, name)
		if errors.Is(err, fs.ErrNotExist) {
			p, err = fetchOne(ctx, cfg, name)
		}
		if err != nil {
			return nil, fmt.Errorf("package %s: %w", name, err)
		}
		set[name] = p
	}
	return set, nil
}

// lock makes concurrent fetches into one folder wait for each other.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("fetch packages: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("fetch packages: lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// recordPath is the file that says that a package is unpacked and whole: it is
// written last.
func recordPath(dir, asked string) string {
	return filepath.Join(dir, strings.ReplaceAll(asked, "/", "_")+".json")
}

func rootPath(dir string, p Package) string { return filepath.Join(dir, p.Name+"_"+p.Version) }

func cached(dir, asked string) (Package, error) {
	b, err := os.ReadFile(recordPath(dir, asked))
	if err != nil {
		return Package{}, err
	}
	var p Package
	if err := json.Unmarshal(b, &p); err != nil {
		return Package{}, fmt.Errorf("%s: %w: %w", recordPath(dir, asked), ErrFetch, err)
	}
	p.Root = rootPath(dir, p)
	if _, err := os.Stat(p.Root); err != nil {
		return Package{}, err
	}
	return p, nil
}

// fetchOne downloads and unpacks one package, following a kernel metapackage.
func fetchOne(ctx context.Context, cfg Config, asked string) (Package, error) {
	tmp, err := os.MkdirTemp(cfg.Dir, "fetch-")
	if err != nil {
		return Package{}, err
	}
	defer os.RemoveAll(tmp)
	deb, err := download(ctx, cfg, tmp, asked)
	if err != nil {
		return Package{}, err
	}
	p, depends, err := describe(ctx, deb)
	if err != nil {
		return Package{}, err
	}
	if real := kernelOf(p.Name, depends); real != "" {
		if deb, err = download(ctx, cfg, tmp, real); err != nil {
			return Package{}, err
		}
		if p, _, err = describe(ctx, deb); err != nil {
			return Package{}, err
		}
	}
	p.Asked = asked
	return p, keep(ctx, cfg.Dir, &p, deb, filepath.Join(tmp, "root"))
}

// kernelOf returns the kernel package of a linux-image metapackage, or "".
func kernelOf(name, depends string) string {
	if !strings.HasPrefix(name, "linux-image-") {
		return ""
	}
	for _, d := range strings.Split(depends, ",") {
		field := strings.Fields(d)
		if len(field) > 0 && strings.HasPrefix(field[0], "linux-image-") {
			if len(field) == 3 && field[1] == "(=" {
				return field[0] + "=" + strings.TrimSuffix(field[2], ")")
			}
			return field[0]
		}
	}
	return ""
}

// keep unpacks deb and records it under p.Asked.
func keep(ctx context.Context, dir string, p *Package, deb, tmp string) error {
	var err error
	if p.SHA256, err = hashFile(deb); err != nil {
		return err
	}
	if _, err := run(ctx, "dpkg-deb", "-x", deb, tmp); err != nil {
		return err
	}
	p.Root = rootPath(dir, *p)
	if err := os.RemoveAll(p.Root); err != nil {
		return err
	}
	if err := os.Rename(tmp, p.Root); err != nil {
		return err
	}
	b, err := json.MarshalIndent(p, "", "\t")
	if err != nil {
		return err
	}
	record := recordPath(dir, p.Asked)
	if err := os.WriteFile(record+".new", append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(record+".new", record)
}

func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
