package depmod

import (
	"fmt"
	"slices"
	"strings"
)

// Dep writes modules.dep: each module's file and all files it needs, the
// nearest first (modules.dep(5)); u-root's kmodule reads it.
func (s Selection) Dep() []byte {
	byName := map[string]Module{}
	for _, m := range s.Modules {
		byName[m.Name] = m
	}
	var b strings.Builder
	for _, m := range s.Modules {
		b.WriteString(m.Path + ":")
		var needed []string
		collect(byName, m, &needed)
		for _, p := range needed {
			b.WriteString(" " + p)
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

// collect appends the files that m needs, depth first, each once.
func collect(byName map[string]Module, m Module, needed *[]string) {
	for _, d := range m.Depends {
		if dep, ok := byName[d]; ok && !slices.Contains(*needed, dep.Path) {
			*needed = append(*needed, dep.Path)
			collect(byName, dep, needed)
		}
	}
}

// Alias writes modules.alias: one "alias PATTERN NAME" a line.
func (s Selection) Alias() []byte {
	var b strings.Builder
	for _, m := range s.Modules {
		for _, a := range m.Aliases {
			fmt.Fprintf(&b, "alias %s %s\n", a, m.Name)
		}
	}
	return []byte(b.String())
}

// SoftDep writes modules.softdep, one "softdep NAME pre: NAMES" a line.
func (s Selection) SoftDep() []byte {
	var b strings.Builder
	for _, m := range s.Modules {
		if len(m.SoftPre) > 0 {
			fmt.Fprintf(&b, "softdep %s pre: %s\n", m.Name, strings.Join(m.SoftPre, " "))
		}
	}
	return []byte(b.String())
}

// Aliases is a modules.alias that was read.
type Aliases struct {
	// byBus groups the patterns by what stands before the first colon; those
	// that leave it open ("acpi*:PNP0C0A:*") are under openBus.
	byBus map[string][]alias
}

const openBus = "*"

type alias struct{ pattern, module string }

// ParseAliases reads what Alias writes. Lines that are not aliases are
// comments to modprobe, and to us.
func ParseAliases(b []byte) Aliases {
	t := Aliases{byBus: map[string][]alias{}}
	for line := range strings.Lines(string(b)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		// A pattern may hold spaces (dmi:), a module's name never.
		i := strings.LastIndexByte(rest, ' ')
		if word != "alias" || i < 1 {
			continue
		}
		a := alias{pattern: rest[:i], module: rest[i+1:]}
		t.byBus[bus(a.pattern)] = append(t.byBus[bus(a.pattern)], a)
	}
	return t
}

func bus(s string) string {
	b, _, ok := strings.Cut(s, ":")
	switch {
	case !ok:
		return ""
	case strings.ContainsAny(b, "*?["):
		return openBus
	}
	return b
}

// Match returns the modules whose patterns match a modalias, each once, in the
// order of the file; modules that name the bus come first.
func (t Aliases) Match(modalias string) (modules []string) {
	for _, group := range [][]alias{t.byBus[bus(modalias)], t.byBus[openBus]} {
		for _, a := range group {
			if glob(a.pattern, modalias) && !slices.Contains(modules, a.module) {
				modules = append(modules, a.module)
			}
		}
	}
	return modules
}

// glob is fnmatch(3) without flags: * ? and [sets]; a slash is a character
// like any other, which is why path.Match does not do.
func glob(pattern, s string) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			star, mark = p, i
			p++
			continue
		}
		if n, ok := one(pattern[p:], s[i]); ok {
			p += n
			i++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		p, i = star+1, mark
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// one matches a single character and returns how much of the pattern it took.
func one(pattern string, c byte) (int, bool) {
	switch {
	case pattern == "":
		return 0, false
	case pattern[0] == '?':
		return 1, true
	case pattern[0] == '[':
		if end := strings.IndexByte(pattern[1:], ']'); end > 0 {
			return end + 2, inSet(pattern[1:1+end], c)
		}
	}
	return 1, pattern[0] == c
}

// inSet says whether c is in the set, where a-z is a range.
func inSet(set string, c byte) bool {
	for i := 0; i < len(set); i++ {
		if i+2 < len(set) && set[i+1] == '-' {
			if set[i] <= c && c <= set[i+2] {
				return true
			}
			i += 2
			continue
		}
		if set[i] == c {
			return true
		}
	}
	return false
}

// ParseSoftDep reads what SoftDep writes: names that go before, by module.
func ParseSoftDep(b []byte) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) > 2 && f[0] == "softdep" {
			out[f[1]] = append(out[f[1]], softPre(strings.Join(f[2:], " "))...)
		}
	}
	return out
}
