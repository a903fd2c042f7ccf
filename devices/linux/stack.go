//go:build linux

package linux

import (
	"slices"
	"strings"

	"github.com/massho/massho/devices"
)

// stack is what lies on the disk n, its partitions, and the areas of the same
// card that are not listed on their own.
func (t tree) stack(n node, u uses, areas []node) devices.Stack {
	var s devices.Stack
	for _, p := range n.list("") {
		if n.child(p).has("partition") {
			s.Partitions = append(s.Partitions, p)
		}
	}
	slices.SortFunc(s.Partitions, compareNatural)
	all := []node{n}
	for _, p := range s.Partitions {
		all = append(all, n.child(p))
	}
	all = append(all, areas...)
	for _, b := range all {
		name := b.name()
		s.Mounts = append(s.Mounts, u.mounts[name]...)
		s.Swaps = append(s.Swaps, u.swaps[name]...)
		for _, h := range slices.Concat(b.list("holders"), u.loops[name], u.byBtrfs[name]) {
			s.Holders = append(s.Holders, t.describeHolder(h))
			if u.multipath[h] {
				s.Multipath = append(s.Multipath, t.describeHolder(h))
			}
		}
	}
	return s
}

// describeHolder adds the kind of a dm device ("LVM", "CRYPT", "mpath"). Its
// name is left out: that is somebody's label.
func (t tree) describeHolder(name string) string {
	n, err := t.resolve("block", name)
	if err != nil {
		return name
	}
	if owner, _, ok := strings.Cut(n.child("dm").attr("uuid"), "-"); ok {
		return name + " (" + owner + ")"
	}
	return name
}
