//go:build linux

package linux

import (
	"cmp"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// tree is where the kernel shows its devices. Tests put recorded trees here.
type tree struct {
	sys  string // "/sys"
	proc string // "/proc"
	dev  string // "/dev"
}

// node is one directory of sysfs, resolved.
type node string

// attr reads a one-line attribute; "" where it does not exist.
func (n node) attr(name string) string {
	b, err := os.ReadFile(filepath.Join(string(n), name))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(strings.TrimRight(string(b), "\x00\n"))
}

// number reads a decimal attribute; ok is false where it is missing or is none.
func (n node) number(name string) (v uint64, ok bool) {
	v, err := strconv.ParseUint(n.attr(name), 10, 64)
	return v, err == nil
}

func (n node) has(name string) bool {
	_, err := os.Stat(filepath.Join(string(n), name))
	return err == nil
}

// link is the base name of what a symbolic link points to ("driver",
// "subsystem"); "" where there is none.
func (n node) link(name string) string {
	s, err := os.Readlink(filepath.Join(string(n), name))
	if err != nil {
		return ""
	}
	return filepath.Base(s)
}

// follow resolves a symbolic link below n.
func (n node) follow(name string) (node, error) {
	p, err := filepath.EvalSymlinks(filepath.Join(string(n), name))
	return node(p), err
}

// list is the sorted names in a directory below n; nil where it does not exist.
func (n node) list(name string) []string {
	es, err := os.ReadDir(filepath.Join(string(n), name))
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range es {
		out = append(out, e.Name())
	}
	return out
}

func (n node) child(name string) node { return node(filepath.Join(string(n), name)) }
func (n node) name() string           { return filepath.Base(string(n)) }

// up is the nearest directory at or above n whose name matches re; "" if none.
func (n node) up(re *regexp.Regexp) node {
	for p := string(n); p != "/" && p != "."; p = filepath.Dir(p) {
		if re.MatchString(filepath.Base(p)) {
			return node(p)
		}
	}
	return ""
}

// resolve follows the symbolic links of a path below sys.
func (t tree) resolve(elem ...string) (node, error) {
	return node(t.sys).follow(filepath.Join(elem...))
}

// class lists the entries of /sys/<dir>, each resolved; those that vanish
// meanwhile are left out.
func (t tree) class(dir string) []node {
	var out []node
	for _, name := range node(t.sys).list(dir) {
		if n, err := t.resolve(dir, name); err == nil {
			out = append(out, n)
		}
	}
	slices.SortFunc(out, func(a, b node) int { return compareNatural(a.name(), b.name()) })
	return out
}

// compareNatural sorts nvme2n1 before nvme10n1; letters go one by one.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		da, db := digits(a), digits(b)
		if da > 0 && db > 0 {
			x, _ := strconv.ParseUint(a[:da], 10, 64)
			y, _ := strconv.ParseUint(b[:db], 10, 64)
			if x != y {
				return cmp.Compare(x, y)
			}
			a, b = a[da:], b[db:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func digits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}
