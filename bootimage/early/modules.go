//go:build linux

package early

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/massho/massho/bootimage/depmod"
	"golang.org/x/sys/unix"
)

// StaticModules names the modules that Up loads whatever the hardware; the
// image must hold them.
func StaticModules() []string { return slices.Clone(staticModules) }

// staticModules serve no device that has a modalias, or must be there before
// one shows up.
var staticModules = []string{
	"libata", "usbcore", // before their users, and with their parameters
	"sd_mod", "sr_mod", "sg", "ses", "evdev", "usb_storage", "uas", "usbhid", "hid_generic",
	"vfat", "nls_cp437", "nls_ascii", "nls_utf8", "nls_iso8859_1", "efivarfs", "mmc_block",
	"crc32c_intel", "crc32c_generic", "crct10dif_pclmul", "crct10dif_generic", "battery", "ac", "fan",
}

// parallel is how many modules are loaded at once: some host adapters take
// many seconds to probe, and the others need not wait.
const parallel = 4

// loader loads kernel modules with their dependencies and parameters.
type loader struct {
	root, dir string
	cmdline   Cmdline
	paths     map[string]string
	deps      map[string][]string
	soft      map[string][]string
	aliases   depmod.Aliases
	// insert is finit_module, or a test's.
	insert func(path, params string) error

	mu     sync.Mutex
	once   map[string]*sync.Once
	loaded []string
	failed map[string]error
}

// newLoader reads the tables of the running kernel's modules.
func newLoader(root string, cmdline Cmdline) (*loader, error) {
	release, err := os.ReadFile(at(root, "proc/sys/kernel/osrelease"))
	if err != nil {
		return nil, fmt.Errorf("kernel release: %w", err)
	}
	l := &loader{
		root: root, dir: at(root, "lib/modules", strings.TrimSpace(string(release))), cmdline: cmdline,
		paths: map[string]string{}, deps: map[string][]string{}, insert: finit,
		once: map[string]*sync.Once{}, failed: map[string]error{},
	}
	dep, err1 := os.ReadFile(filepath.Join(l.dir, "modules.dep"))
	alias, err2 := os.ReadFile(filepath.Join(l.dir, "modules.alias"))
	soft, err3 := os.ReadFile(filepath.Join(l.dir, "modules.softdep"))
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("module tables of the kernel that runs: the initramfs belongs to another kernel: %w", err)
	}
	l.parseDep(string(dep))
	l.aliases, l.soft = depmod.ParseAliases(alias), depmod.ParseSoftDep(soft)
	return l, nil
}

func (l *loader) parseDep(text string) {
	for line := range strings.Lines(text) {
		file, rest, ok := strings.Cut(line, ":")
		if !ok {
			continue
		}
		name := moduleName(file)
		l.paths[name] = file
		for _, d := range strings.Fields(rest) {
			l.deps[name] = append(l.deps[name], moduleName(d))
		}
	}
}

func moduleName(file string) string { return depmod.Normal(strings.TrimSuffix(path.Base(file), ".ko")) }

// load loads name and what it needs, once; a name that the tables do not have
// is part of the kernel or was left out of the image, and is no error.
func (l *loader) load(name string) {
	l.mu.Lock()
	once, known := l.once[name]
	if !known {
		once = new(sync.Once)
		l.once[name] = once
	}
	l.mu.Unlock()
	file, ok := l.paths[name]
	if !ok {
		return
	}
	once.Do(func() {
		// modules.dep lists the nearest first, so the farthest is loaded first.
		for _, d := range slices.Backward(l.deps[name]) {
			l.load(d)
		}
		for _, s := range l.soft[name] {
			l.load(s)
			l.loadList(l.aliases.Match(s))
		}
		err := l.insert(filepath.Join(l.dir, file), l.cmdline.moduleParams(name))
		l.mu.Lock()
		defer l.mu.Unlock()
		switch {
		case err == nil || errors.Is(err, unix.EEXIST):
			l.loaded = append(l.loaded, name)
		case errors.Is(err, unix.ENODEV): // this machine has nothing for it
		default:
			l.failed[name] = fmt.Errorf("load module %s: %w", name, err)
		}
	})
}

func (l *loader) loadList(names []string) {
	for _, n := range names {
		l.load(n)
	}
}

// loadAll loads names, several at once.
func (l *loader) loadAll(names []string) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for _, n := range names {
		slots <- struct{}{}
		wg.Go(func() {
			l.load(n)
			<-slots
		})
	}
	wg.Wait()
}

// plug loads the drivers of one modalias.
func (l *loader) plug(modalias string) {
	if modalias != "" {
		l.loadAll(l.aliases.Match(modalias))
	}
}

// coldPlug loads the drivers of every device that is there, again and again
// until a round finds no device that the one before had not.
func (l *loader) coldPlug(root string) error {
	seen := map[string]bool{}
	for {
		found, err := modaliases(at(root, "sys/devices"))
		if err != nil {
			return fmt.Errorf("look for devices: %w", err)
		}
		var fresh []string
		for alias := range found {
			if !seen[alias] {
				seen[alias] = true
				fresh = append(fresh, alias)
			}
		}
		if len(fresh) == 0 {
			return nil
		}
		slices.Sort(fresh)
		modules := map[string]bool{}
		for _, alias := range fresh {
			for _, m := range l.aliases.Match(alias) {
				modules[m] = true
			}
		}
		l.loadAll(slices.Sorted(maps.Keys(modules)))
	}
}

// modaliases gathers the contents of all files called modalias. A device that
// goes away while it is read is not there.
func modaliases(dir string) (map[string]bool, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.Name() != "modalias" || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENODEV) {
			return nil
		}
		if alias := strings.TrimSpace(string(b)); alias != "" {
			found[alias] = true
		}
		return err
	})
	return found, err
}

// report returns what was loaded, and the errors in the order of names.
func (l *loader) report() (loaded []string, failed []error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(l.failed)) {
		failed = append(failed, l.failed[name])
	}
	return slices.Clone(l.loaded), failed
}

// finit is finit_module(2).
func finit(path, params string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.FinitModule(int(f.Fd()), params, 0); err != nil {
		return err
	}
	return nil
}
