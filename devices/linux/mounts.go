//go:build linux

package linux

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/massho/massho/devices"
)

// mount is one line of /proc/self/mountinfo.
type mount struct {
	dev    string // "major:minor"; anonymous (0:n) for btrfs and overlay
	target string
	fstype string
	source string
}

// parseMountinfo reads the format of proc(5). Lines that are none are skipped:
// a filesystem's own options come last and are not looked at.
func parseMountinfo(r io.Reader) ([]mount, error) {
	var out []mount
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		left, right, ok := strings.Cut(sc.Text(), " - ")
		l, rr := strings.Fields(left), strings.Fields(right)
		if !ok || len(l) < 6 || len(rr) < 2 {
			continue
		}
		out = append(out, mount{dev: l[2], target: unescape(l[4]), fstype: rr[0], source: unescape(rr[1])})
	}
	return out, sc.Err()
}

// parseSwaps reads /proc/swaps: the paths of swap partitions and files.
func parseSwaps(r io.Reader) ([]string, error) {
	var out []string
	sc := bufio.NewScanner(r)
	for sc.Scan() {
		f := strings.Fields(sc.Text())
		if len(f) < 2 || f[0] == "Filename" {
			continue
		}
		out = append(out, unescape(f[0]))
	}
	return out, sc.Err()
}

// unescape turns the kernel's \040 into the byte that it stands for.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if v, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(v))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// uses is what the running system does with block devices, by kernel name.
type uses struct {
	mounts    map[string][]devices.Mount
	swaps     map[string][]string
	loops     map[string][]string // loop devices whose file is this device node
	byBtrfs   map[string][]string // mounted btrfs filesystems that this device is a member of
	multipath map[string]bool     // dm devices of dm-multipath
}

// readUses reads mounts, swaps, loops and btrfs members. A list that cannot be
// read is an error: without it nothing may be called unused.
func (t tree) readUses() (uses, error) {
	u := uses{map[string][]devices.Mount{}, map[string][]string{}, map[string][]string{}, map[string][]string{}, map[string]bool{}}
	text, err := os.ReadFile(filepath.Join(t.proc, "self/mountinfo"))
	if err != nil {
		return u, err
	}
	mounts, err := parseMountinfo(bytes.NewReader(text))
	if err != nil {
		return u, err
	}
	numbers := t.numbers()
	for _, m := range mounts {
		for _, name := range unique(numbers[m.dev], t.nameOf(m.source)) {
			u.mounts[name] = append(u.mounts[name], devices.Mount{Source: m.source, Target: m.target})
		}
	}
	if err := t.readSwaps(u); err != nil {
		return u, err
	}
	t.readLayers(u)
	return u, nil
}

// readSwaps: a kernel without swap has no /proc/swaps, and no swap.
func (t tree) readSwaps(u uses) error {
	text, err := os.ReadFile(filepath.Join(t.proc, "swaps"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	swaps, err := parseSwaps(bytes.NewReader(text))
	for _, s := range swaps {
		if name := t.nameOf(s); name != "" {
			u.swaps[name] = append(u.swaps[name], s)
		}
	}
	return err
}

// readLayers finds what sysfs' holders directories do not show.
func (t tree) readLayers(u uses) {
	for _, b := range t.class("block") {
		name := b.name()
		if back := t.nameOf(b.child("loop").attr("backing_file")); back != "" {
			u.loops[back] = append(u.loops[back], name)
		}
		if strings.HasPrefix(b.child("dm").attr("uuid"), "mpath-") {
			u.multipath[name] = true
		}
	}
	fs := node(t.sys).child("fs/btrfs")
	for _, uuid := range fs.list("") {
		for _, member := range fs.child(uuid).list("devices") {
			// without its UUID: nothing read from a medium is kept
			u.byBtrfs[member] = append(u.byBtrfs[member], "btrfs")
		}
	}
}

// numbers maps "major:minor" to kernel names.
func (t tree) numbers() map[string]string {
	out := map[string]string{}
	for _, n := range t.class("class/block") {
		if d := n.attr("dev"); d != "" {
			out[d] = n.name()
		}
	}
	return out
}

// nameOf is the kernel name of a device node given by path; "" for anything
// else. Links such as /dev/disk/by-uuid are followed.
func (t tree) nameOf(path string) string {
	if !strings.HasPrefix(path, "/dev/") {
		return ""
	}
	p := filepath.Join(t.dev, strings.TrimPrefix(path, "/dev/"))
	if r, err := filepath.EvalSymlinks(p); err == nil {
		p = r
	}
	name := filepath.Base(p)
	if n, err := t.resolve("class/block", name); err != nil || n.attr("dev") == "" {
		return ""
	}
	return name
}

func unique(names ...string) []string {
	var out []string
	for _, n := range names {
		if n != "" && (len(out) == 0 || out[0] != n) {
			out = append(out, n)
		}
	}
	return out
}
