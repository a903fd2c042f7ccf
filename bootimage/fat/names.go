package fat

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrName says that a name cannot be stored, or clashes with another.
var ErrName = errors.New("name does not fit FAT32")

// checkName refuses what Windows cannot hold as a file name.
func checkName(name string) error {
	switch {
	case name == "" || name == "." || name == "..":
		return fmt.Errorf("name %q: %w", name, ErrName)
	case !utf8.ValidString(name):
		return fmt.Errorf("name %q: not UTF-8: %w", name, ErrName)
	case len(utf16.Encode([]rune(name))) > 255:
		return fmt.Errorf("name %q: longer than 255 units: %w", name, ErrName)
	case strings.HasSuffix(name, " ") || strings.HasSuffix(name, "."):
		return fmt.Errorf("name %q: ends in a space or a dot: %w", name, ErrName)
	}
	for _, r := range name {
		if r < 0x20 || r == 0x7f || strings.ContainsRune(`"*/:<>?\|`, r) {
			return fmt.Errorf("name %q: character %U: %w", name, r, ErrName)
		}
	}
	return nil
}

// checkLabel refuses what is not a volume label.
func checkLabel(label string) error {
	if label == "" || len(label) > 11 {
		return fmt.Errorf("label %q: 1 to 11 characters: %w", label, ErrName)
	}
	for _, r := range label {
		if !shortRune(r) && r != ' ' {
			return fmt.Errorf("label %q: character %U: %w", label, r, ErrName)
		}
	}
	return nil
}

func paddedLabel(label string) string { return fmt.Sprintf("%-11s", label) }

// shortRune says whether r may stand in an 8.3 name as it is.
func shortRune(r rune) bool {
	return r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r < 0x80 && strings.ContainsRune("!#$%&'()-@^_`{}~", r)
}

// splitShort returns the two parts of an 8.3 name, and whether name is one.
func splitShort(name string) (base, ext string, ok bool) {
	base, ext, dotted := strings.Cut(name, ".")
	if base == "" || len(base) > 8 || len(ext) > 3 || dotted && ext == "" {
		return "", "", false
	}
	for _, r := range base + ext {
		if !shortRune(r) {
			return "", "", false
		}
	}
	return base, ext, true
}

// shortNames hands out the 11-byte names of one folder, each once.
type shortNames map[[11]byte]bool

// take returns the short name of name and whether a long name is needed too.
func (s shortNames) take(name string) (short [11]byte, long bool, err error) {
	if base, ext, ok := splitShort(name); ok {
		short = pack(base, ext)
		if s[short] {
			return short, false, fmt.Errorf("name %q: twice in a folder: %w", name, ErrName)
		}
		s[short] = true
		return short, false, nil
	}
	base, ext := squeeze(name)
	for n := 1; n < 1000000; n++ {
		tail := fmt.Sprintf("~%d", n)
		short = pack(base[:min(len(base), 8-len(tail))]+tail, ext)
		if !s[short] {
			s[short] = true
			return short, true, nil
		}
	}
	return short, true, fmt.Errorf("name %q: no short name left: %w", name, ErrName)
}

// squeeze makes the basis of a short name: upper case, foreign characters as
// underscores, the text after the last dot as extension (FATGEN, "Basis-Name").
func squeeze(name string) (base, ext string) {
	name = strings.TrimLeft(name, ".")
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name, ext = name[:i], name[i+1:]
	}
	return fold(name, 8), fold(ext, 3)
}

func fold(s string, limit int) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		if r == ' ' || r == '.' {
			continue
		}
		if !shortRune(r) {
			r = '_'
		}
		if b.Len() == limit {
			break
		}
		b.WriteRune(r)
	}
	return b.String()
}

func pack(base, ext string) (short [11]byte) {
	copy(short[:], fmt.Sprintf("%-8s%-3s", base, ext))
	return short
}

// checksum ties the entries of a long name to their short one.
func checksum(short [11]byte) byte {
	var sum byte
	for _, c := range short {
		sum = sum>>1 | sum<<7
		sum += c
	}
	return sum
}
