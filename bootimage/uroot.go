//go:build unix

package bootimage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/u-root/gobusybox/src/pkg/golang"
	"github.com/u-root/mkuimage/uimage"
	"github.com/u-root/uio/llog"
)

// ErrURoot says that u-root's commands could not be built.
var ErrURoot = errors.New("u-root part of the initramfs")

// urootRecipe changes whenever the way of building changes, so that no cached
// part outlives it.
const urootRecipe = "massho-uroot-1"

// urootTags leave the shell's line editor out: it would bring a terminal
// library that nothing else uses.
const urootTags = "goshsmall"

// urootCommands are what the shell on the stick offers, and init itself.
// Nothing here writes to a drive.
var urootCommands = []string{
	"cat", "dmesg", "gosh", "hexdump", "init", "ls", "lsmod", "mount", "ps", "shutdown", "sync", "umount",
}

// programPath is where massho lies in the guest; u-root's init runs it with
// the argument programCommand, and a shell when it has ended.
const (
	programPath    = "/bin/massho"
	programCommand = "boot"
)

func urootPackages() (pkgs []string) {
	for _, c := range urootCommands {
		pkgs = append(pkgs, "github.com/u-root/u-root/cmds/core/"+c)
	}
	return pkgs
}

// buildURoot returns u-root's part of the initramfs as a newc archive. It runs
// the Go compiler in moduleDir and takes about a minute when nothing is cached.
func buildURoot(ctx context.Context, moduleDir string, cache *cache) ([]byte, error) {
	key, err := urootKey(ctx, moduleDir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURoot, err)
	}
	return cache.get("uroot-"+key+".cpio", func() ([]byte, error) {
		goroot, err := goRoot(ctx, moduleDir)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrURoot, err)
		}
		tmp, err := os.MkdirTemp("", "massho-uroot-")
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrURoot, err)
		}
		defer os.RemoveAll(tmp)
		out := filepath.Join(tmp, "uroot.cpio")
		var said bytes.Buffer
		err = uimage.Create(llog.New(slog.LevelWarn, llog.WritePrintf(&said)),
			uimage.WithEnv(golang.DisableCGO(), golang.WithGOROOT(goroot), golang.WithGOOS("linux"), golang.WithGOARCH("amd64"),
				golang.WithBuildTag(urootTags), golang.WithWorkingDir(moduleDir)),
			uimage.WithBusyboxCommands(urootPackages()...),
			uimage.WithBaseArchive(uimage.DefaultRamfs()),
			uimage.WithInit("init"),
			uimage.WithUinit(programPath, programCommand),
			uimage.WithShell("gosh"),
			uimage.WithTempDir(tmp),
			uimage.WithCPIOOutput(out),
		)
		if err != nil {
			return nil, fmt.Errorf("%w: build in %s: %w: %s", ErrURoot, moduleDir, err, said.String())
		}
		return os.ReadFile(out)
	})
}

// goRoot asks the go command: a program built with -trimpath does not know it.
func goRoot(ctx context.Context, moduleDir string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "GOROOT")
	cmd.Dir = moduleDir
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w: install Go", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// urootKey names everything that the u-root part is made of: the compiler, the
// commands, and the exact version of each module they use.
func urootKey(ctx context.Context, moduleDir string) (string, error) {
	args := append([]string{"list", "-deps", "-tags", urootTags, "-f", "{{with .Module}}{{.Path}}@{{.Version}}{{end}}"}, urootPackages()...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = moduleDir
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go list in %s, which must be inside massho's source tree: %w: %s", moduleDir, err, complaint.String())
	}
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	parts := append([]string{urootRecipe, urootTags, runtime.Version(), programPath, programCommand}, urootCommands...)
	parts = append(parts, slices.Compact(modules)...)
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:8]), nil
}
