package fat

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// ErrFull says that the files do not fit the volume.
var ErrFull = errors.New("volume is full")

// Attributes of a folder entry.
const (
	attrLabel   = 0x08
	attrDir     = 0x10
	attrArchive = 0x20
	attrLong    = 0x0F
)

// maxEntries is the most a folder may hold: 2 MiB of entries.
const maxEntries = 65536

// node is a file or folder on its way to the volume.
type node struct {
	name     string
	dir      bool
	data     []byte
	children []*node
	byName   map[string]*node
	short    [11]byte
	long     bool
	first    uint32
}

// entries counts the 32-byte entries of a folder, with ".", ".." or the label.
func (n *node) entries() int {
	count := 2
	for _, c := range n.children {
		count++
		if c.long {
			count += longCount(c.name)
		}
	}
	return count
}

// tree turns the paths of the volume into folders with short names given out.
func (v Volume) tree() (*node, error) {
	paths := make([]string, 0, len(v.Files))
	for p := range v.Files {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	root := &node{dir: true}
	for _, p := range paths {
		if err := root.insert(p, v.Files[p]); err != nil {
			return nil, fmt.Errorf("path %q: %w", p, err)
		}
	}
	return root, root.nameAll()
}

// insert adds one path; a path that ends in a slash is a folder.
func (n *node) insert(path string, data []byte) error {
	folder := strings.HasSuffix(path, "/")
	if folder && len(data) != 0 {
		return fmt.Errorf("a folder has no contents: %w", ErrName)
	}
	if int64(len(data)) > 0xFFFFFFFF {
		return fmt.Errorf("4 GiB or more: %w", ErrSize)
	}
	parts := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for i, part := range parts {
		if err := checkName(part); err != nil {
			return err
		}
		last := i == len(parts)-1
		child, err := n.child(part, !last || folder)
		if err != nil {
			return err
		}
		if last {
			child.data = data
		}
		n = child
	}
	return nil
}

// child finds or adds the entry called name, and refuses a clash.
func (n *node) child(name string, dir bool) (*node, error) {
	key := strings.ToLower(strings.ToUpper(name))
	if c, ok := n.byName[key]; ok {
		if c.name != name || !c.dir || !dir {
			return nil, fmt.Errorf("name %q clashes with %q: %w", name, c.name, ErrName)
		}
		return c, nil
	}
	c := &node{name: name, dir: dir}
	if n.byName == nil {
		n.byName = map[string]*node{}
	}
	n.byName[key] = c
	n.children = append(n.children, c)
	return c, nil
}

// nameAll gives out short names: first to those that are 8.3 as they stand, so
// that no invented alias takes their place.
func (n *node) nameAll() error {
	taken := shortNames{}
	for _, want83 := range []bool{true, false} {
		for _, c := range n.children {
			if _, _, is83 := splitShort(c.name); is83 != want83 {
				continue
			}
			var err error
			if c.short, c.long, err = taken.take(c.name); err != nil {
				return err
			}
		}
	}
	if n.entries() > maxEntries {
		return fmt.Errorf("folder %q: more than %d entries: %w", n.name, maxEntries, ErrFull)
	}
	for _, c := range n.children {
		if err := c.nameAll(); err != nil {
			return err
		}
	}
	return nil
}

// dosTime is a date and a time as a folder entry holds them.
type dosTime struct{ date, clock uint16 }

// stamp encodes t's UTC fields; FAT begins in 1980 and ends in 2107.
func stamp(t time.Time) dosTime {
	t = t.UTC()
	if t.Year() < 1980 || t.Year() > 2107 {
		t = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return dosTime{
		date:  uint16(t.Year()-1980)<<9 | uint16(t.Month())<<5 | uint16(t.Day()),
		clock: uint16(t.Hour())<<11 | uint16(t.Minute())<<5 | uint16(t.Second()/2),
	}
}

func (f *formatter) entry(short [11]byte, attr byte, first, size uint32) []byte {
	b := make([]byte, entrySize)
	le := binary.LittleEndian
	copy(b, short[:])
	b[11] = attr
	le.PutUint16(b[14:], f.time.clock)
	le.PutUint16(b[16:], f.time.date)
	le.PutUint16(b[18:], f.time.date)
	le.PutUint16(b[20:], uint16(first>>16))
	le.PutUint16(b[22:], f.time.clock)
	le.PutUint16(b[24:], f.time.date)
	le.PutUint16(b[26:], uint16(first))
	le.PutUint32(b[28:], size)
	return b
}

// longRoom is how many UTF-16 units one entry of a long name holds.
const longRoom = 13

func longCount(name string) int {
	return (len(utf16.Encode([]rune(name))) + longRoom - 1) / longRoom
}

// longEntries encodes a long name: last piece first, as it lies on the disk.
func longEntries(name string, sum byte) []byte {
	units := utf16.Encode([]rune(name))
	count := longCount(name)
	var out []byte
	for seq := count; seq >= 1; seq-- {
		b := make([]byte, entrySize)
		b[0] = byte(seq)
		if seq == count {
			b[0] |= 0x40
		}
		b[11], b[13] = attrLong, sum
		for i, at := range longAt {
			u := uint16(0xFFFF)
			switch pos := (seq-1)*longRoom + i; {
			case pos < len(units):
				u = units[pos]
			case pos == len(units):
				u = 0
			}
			binary.LittleEndian.PutUint16(b[at:], u)
		}
		out = append(out, b...)
	}
	return out
}

// longAt are the byte offsets of the 13 units inside an entry.
var longAt = [longRoom]int{1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30}
