package depmod

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ulikunitz/xz"
)

// Tree is a folder lib/modules/RELEASE of a kernel package.
type Tree struct {
	fsys fs.FS
	// paths maps normal names to files below the folder.
	paths map[string]string
	// builtin holds the names that are part of the kernel itself.
	builtin map[string]bool
}

// ErrMissing says that a module is not in the tree.
var ErrMissing = errors.New("module is not in the kernel package")

// Open lists the modules of a tree.
func Open(fsys fs.FS) (*Tree, error) {
	t := &Tree{fsys: fsys, paths: map[string]string{}, builtin: map[string]bool{}}
	err := fs.WalkDir(fsys, "kernel", func(p string, _ fs.DirEntry, err error) error {
		if name := nameOf(p); err == nil && name != "" {
			t.paths[name] = p
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list modules: %w", err)
	}
	b, err := fs.ReadFile(fsys, "modules.builtin")
	if err != nil {
		return nil, fmt.Errorf("list built-in modules: %w", err)
	}
	for line := range strings.Lines(string(b)) {
		if name := nameOf(strings.TrimSpace(line)); name != "" {
			t.builtin[name] = true
		}
	}
	return t, nil
}

// Module is one module of a selection.
type Module struct {
	Info
	// Path is below lib/modules/RELEASE and ends in ".ko".
	Path string
	// Data is the uncompressed file, with its signature at the end.
	Data []byte
}

// Selection is a set of modules that is closed over dependencies.
type Selection struct {
	// Modules are sorted by Path.
	Modules []Module
	// Builtin are the names asked for, or depended on, that the kernel holds.
	Builtin []string
	// Unmet are soft dependencies that neither the selection nor the kernel
	// has, as "module: name".
	Unmet []string
}

// Select takes modules by name, or by a folder that ends in a slash, counted
// from "kernel/" and without folders below it ("drivers/ata/"), and all that
// they depend on. A name that the tree does not have is ErrMissing.
func (t *Tree) Select(wanted ...string) (Selection, error) {
	got, builtin := map[string]Module{}, map[string]bool{}
	queue, err := t.expand(wanted)
	if err != nil {
		return Selection{}, err
	}
	for len(queue) > 0 {
		name := queue[0]
		queue = queue[1:]
		if _, ok := got[name]; ok {
			continue
		}
		if t.builtin[name] {
			builtin[name] = true
			continue
		}
		m, err := t.read(name)
		if err != nil {
			return Selection{}, err
		}
		got[name] = m
		queue = append(queue, m.Depends...)
		for _, s := range m.SoftPre {
			if _, ok := t.paths[s]; ok {
				queue = append(queue, s)
			}
		}
	}
	s := Selection{
		Modules: slices.SortedFunc(maps.Values(got), func(a, b Module) int { return strings.Compare(a.Path, b.Path) }),
		Builtin: slices.Sorted(maps.Keys(builtin)),
	}
	s.Unmet = s.unmet(t.builtin)
	return s, s.acyclic()
}

// expand turns folders into names.
func (t *Tree) expand(wanted []string) (names []string, err error) {
	for _, w := range wanted {
		if !strings.HasSuffix(w, "/") {
			names = append(names, Normal(w))
			continue
		}
		before := len(names)
		for name, p := range t.paths {
			if path.Dir(p) == "kernel/"+strings.TrimSuffix(w, "/") {
				names = append(names, name)
			}
		}
		if len(names) == before {
			return nil, fmt.Errorf("folder %s: %w", w, ErrMissing)
		}
	}
	return names, nil
}

func (t *Tree) read(name string) (Module, error) {
	p, ok := t.paths[name]
	if !ok {
		return Module{}, fmt.Errorf("%s: %w", name, ErrMissing)
	}
	b, err := fs.ReadFile(t.fsys, p)
	if err != nil {
		return Module{}, fmt.Errorf("module %s: %w", name, err)
	}
	if strings.HasSuffix(p, ".xz") {
		r, err := xz.NewReader(bytes.NewReader(b))
		if err != nil {
			return Module{}, fmt.Errorf("module %s: %w", name, err)
		}
		if b, err = io.ReadAll(r); err != nil {
			return Module{}, fmt.Errorf("module %s: %w", name, err)
		}
	}
	in, err := ReadInfo(bytes.NewReader(b))
	if err != nil {
		return Module{}, fmt.Errorf("module %s: %w", name, err)
	}
	in.Name = name // the file's name is what modules.dep and the loader use
	return Module{Info: in, Path: strings.TrimSuffix(p, ".xz"), Data: b}, nil
}

// unmet lists the soft dependencies that no name and no alias answers.
func (s Selection) unmet(builtin map[string]bool) (out []string) {
	known := maps.Clone(builtin)
	for _, m := range s.Modules {
		known[m.Name] = true
		for _, a := range m.Aliases {
			known[Normal(a)] = true
		}
	}
	for _, m := range s.Modules {
		for _, d := range m.SoftPre {
			if !known[d] {
				out = append(out, m.Name+": "+d)
			}
		}
	}
	return out
}

// ErrCycle says that modules need each other in a circle, which a loader that
// loads what is needed first could never end.
var ErrCycle = errors.New("modules need each other in a circle")

// acyclic follows hard and soft dependencies, as the loader does.
func (s Selection) acyclic() error {
	byName, byAlias := map[string]Module{}, map[string][]string{}
	for _, m := range s.Modules {
		byName[m.Name] = m
		for _, a := range m.Aliases {
			byAlias[a] = append(byAlias[a], m.Name)
		}
	}
	const open, done = 1, 2
	state := map[string]int{}
	var visit func(name string) error
	visit = func(name string) error {
		m, ok := byName[name]
		switch {
		case !ok || state[name] == done:
			return nil
		case state[name] == open:
			return fmt.Errorf("%s: %w", name, ErrCycle)
		}
		state[name] = open
		next := slices.Clone(m.Depends)
		for _, soft := range m.SoftPre {
			next = append(append(next, soft), byAlias[soft]...)
		}
		for _, n := range next {
			if err := visit(n); err != nil {
				return err
			}
		}
		state[name] = done
		return nil
	}
	for _, m := range s.Modules {
		if err := visit(m.Name); err != nil {
			return err
		}
	}
	return nil
}

// Size is the sum of the modules' sizes in bytes.
func (s Selection) Size() (n int64) {
	for _, m := range s.Modules {
		n += int64(len(m.Data))
	}
	return n
}
