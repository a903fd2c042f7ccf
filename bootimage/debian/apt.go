//go:build unix

package debian

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// suite is the Debian release whose signed kernel and boot loaders we ship.
const suite = "bookworm"

// keyring is where Debian and Ubuntu keep Debian's archive keys.
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"

// sources are Debian's own archives. Backports are never chosen by themselves
// (apt's priority 100), only when a package is in no other suite.
const sources = `deb [signed-by=` + keyring + `] http://deb.debian.org/debian ` + suite + ` main
deb [signed-by=` + keyring + `] http://deb.debian.org/debian ` + suite + `-updates main
deb [signed-by=` + keyring + `] http://deb.debian.org/debian ` + suite + `-backports main
deb [signed-by=` + keyring + `] http://deb.debian.org/debian-security ` + suite + `-security main
`

// download puts the .deb of a package into a fresh folder below tmp.
func download(ctx context.Context, cfg Config, tmp, name string) (string, error) {
	var tried []error
	if !cfg.Private && isSuite("/etc/os-release") {
		deb, err := aptDownload(ctx, tmp, nil, name)
		if err == nil {
			return deb, nil
		}
		tried = append(tried, fmt.Errorf("this machine's sources: %w", err))
	}
	opts, err := privateState(ctx, filepath.Join(cfg.Dir, "apt"))
	if err == nil {
		deb, err := aptDownload(ctx, tmp, opts, name)
		if err == nil {
			return deb, nil
		}
		tried = append(tried, fmt.Errorf("deb.debian.org: %w", err))
	} else {
		tried = append(tried, err)
	}
	return "", fmt.Errorf("download: %w; check the network, or run apt-get update and try again: %w", ErrFetch, errors.Join(tried...))
}

// aptDownload runs apt-get download in a folder of its own, so that the one
// .deb in it afterwards is the one.
func aptDownload(ctx context.Context, tmp string, opts []string, name string) (string, error) {
	dir, err := os.MkdirTemp(tmp, "deb-")
	if err != nil {
		return "", err
	}
	args := append([]string{"-q", "-o", "APT::Sandbox::User=root"}, opts...)
	cmd := exec.CommandContext(ctx, "apt-get", append(args, "download", name)...)
	cmd.Dir = dir
	if _, err := output(cmd); err != nil {
		return "", err
	}
	debs, err := filepath.Glob(filepath.Join(dir, "*.deb"))
	if err != nil || len(debs) != 1 {
		return "", fmt.Errorf("apt-get download %s left %d packages: %w", name, len(debs), ErrFetch)
	}
	return debs[0], nil
}

// privateState sets up an apt of our own below dir and returns its options.
func privateState(ctx context.Context, dir string) ([]string, error) {
	if _, err := os.Stat(keyring); err != nil {
		return nil, fmt.Errorf("%w: Debian's archive keys are missing: apt-get install debian-archive-keyring: %w", ErrFetch, err)
	}
	for _, d := range []string{"state/lists/partial", "cache/archives/partial"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			return nil, err
		}
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	list, status := filepath.Join(abs, "sources.list"), filepath.Join(abs, "status")
	if err := errors.Join(os.WriteFile(list, []byte(sources), 0o644), os.WriteFile(status, nil, 0o644)); err != nil {
		return nil, err
	}
	var opts []string
	for _, o := range []string{
		"Dir::State=" + filepath.Join(abs, "state"), "Dir::State::status=" + status,
		"Dir::Cache=" + filepath.Join(abs, "cache"), "Dir::Etc::SourceList=" + list,
		"Dir::Etc::SourceParts=/dev/null", "Dir::Etc::Preferences=/dev/null", "Dir::Etc::PreferencesParts=/dev/null",
		"APT::Architecture=amd64", "APT::Architectures=amd64", "Acquire::Languages=none",
	} {
		opts = append(opts, "-o", o)
	}
	args := append([]string{"-q", "-o", "APT::Sandbox::User=root"}, opts...)
	if _, err := run(ctx, "apt-get", append(args, "update")...); err != nil {
		return nil, fmt.Errorf("private package lists: %w", err)
	}
	return opts, nil
}

// isSuite says whether the machine is the Debian that we take packages from.
func isSuite(osRelease string) bool {
	b, err := os.ReadFile(osRelease)
	if err != nil {
		return false
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(b)) {
		k, v, _ := strings.Cut(strings.TrimSpace(line), "=")
		fields[k] = strings.Trim(v, `"`)
	}
	return fields["ID"] == "debian" && fields["VERSION_CODENAME"] == suite
}

// describe reads the control fields of a .deb.
func describe(ctx context.Context, deb string) (p Package, depends string, err error) {
	out, err := run(ctx, "dpkg-deb", "-f", deb, "Package", "Version", "Source", "Built-Using", "Depends")
	if err != nil {
		return p, "", err
	}
	p, depends = parseControl(out)
	if p.Name == "" || p.Version == "" {
		return p, "", fmt.Errorf("%s: no Package or Version field: %w", deb, ErrFetch)
	}
	return p, depends, nil
}

// parseControl reads control fields. A Source field that is missing means
// that source and version are the package's own (Debian Policy 5.6.1).
func parseControl(text string) (p Package, depends string) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "Package":
			p.Name = value
		case "Version":
			p.Version = value
		case "Source":
			p.Source, p.SourceVersion, _ = strings.Cut(value, " ")
			p.SourceVersion = strings.Trim(p.SourceVersion, "()")
		case "Built-Using":
			p.BuiltUsing = value
		case "Depends":
			depends = value
		}
	}
	if p.Source == "" {
		p.Source = p.Name
	}
	if p.SourceVersion == "" {
		p.SourceVersion = p.Version
	}
	return p, depends
}

func run(ctx context.Context, name string, args ...string) (string, error) {
	return output(exec.CommandContext(ctx, name, args...))
}

// output runs cmd and puts the tail of what it complained about into the error.
func output(cmd *exec.Cmd) (string, error) {
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.Env = append(cmd.Environ(), "LC_ALL=C", "DEBIAN_FRONTEND=noninteractive")
	if err := cmd.Run(); err != nil {
		said := strings.TrimSpace(complaint.String())
		if len(said) > 600 {
			said = "…" + said[len(said)-600:]
		}
		return "", fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, said)
	}
	return out.String(), nil
}
