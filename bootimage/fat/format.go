package fat

import (
	"encoding/binary"
	"fmt"
	"io"
)

// Write formats the volume at byte offset off of w and stores its files.
//
// Only what is not zero is written: the caller gives a region of v.Size bytes
// that reads as zeros, so a fresh file stays sparse. Errors: ErrSize, ErrName,
// ErrFull, or what w says.
func (v Volume) Write(w io.WriterAt, off int64) error {
	g, err := geometryFor(v.Size)
	if err != nil {
		return fmt.Errorf("format %s: %w", v.Label, err)
	}
	if err := checkLabel(v.Label); err != nil {
		return fmt.Errorf("format %s: %w", v.Label, err)
	}
	root, err := v.tree()
	if err != nil {
		return fmt.Errorf("format %s: %w", v.Label, err)
	}
	f := formatter{g: g, w: w, off: off, fat: make([]uint32, 2, 1024), time: stamp(v.Time)}
	f.fat[0], f.fat[1] = 0x0FFFFFF8, endOfChain
	if err := f.store(v, root); err != nil {
		return fmt.Errorf("format %s: %w", v.Label, err)
	}
	return nil
}

// formatter hands out clusters in order, so that the same tree always gives
// the same bytes and no file is ever in two pieces.
type formatter struct {
	g    geometry
	w    io.WriterAt
	off  int64
	fat  []uint32
	time dosTime
}

// store writes the tree, then the FATs, then the boot sectors: a volume cut
// off while it was written is not taken for a whole one.
func (f *formatter) store(v Volume, root *node) error {
	if err := f.allot(root); err != nil {
		return err
	}
	if err := f.writeDir(root, root, v.Label); err != nil {
		return err
	}
	table := make([]byte, len(f.fat)*4)
	for i, e := range f.fat {
		binary.LittleEndian.PutUint32(table[i*4:], e)
	}
	for n := range fatCount {
		if err := f.put(f.g.fatOffset(n), table); err != nil {
			return err
		}
	}
	used := uint32(len(f.fat)) - rootCluster
	info := f.g.infoBytes(f.g.clusters-used, uint32(len(f.fat)))
	boot := f.g.bootSector(v)
	for _, base := range []int64{backupSector, 0} {
		if err := f.put((base+infoSector)*sectorSize, info); err != nil {
			return err
		}
		if err := f.put(base*sectorSize, boot); err != nil {
			return err
		}
	}
	return nil
}

func (f *formatter) put(at int64, b []byte) error {
	if _, err := f.w.WriteAt(b, f.off+at); err != nil {
		return fmt.Errorf("write at %d: %w", at, err)
	}
	return nil
}

// allot gives n and everything below it its clusters.
func (f *formatter) allot(n *node) error {
	size := len(n.data)
	if n.dir {
		size = n.entries() * entrySize
	}
	count := (size + f.g.clusterBytes() - 1) / f.g.clusterBytes()
	if n.dir && count == 0 {
		count = 1
	}
	if int64(len(f.fat))+int64(count) > int64(f.g.clusters)+rootCluster {
		return fmt.Errorf("%s: %w", n.name, ErrFull)
	}
	if count > 0 {
		n.first = uint32(len(f.fat))
		for range count - 1 {
			f.fat = append(f.fat, uint32(len(f.fat))+1)
		}
		f.fat = append(f.fat, endOfChain)
	}
	for _, c := range n.children {
		if err := f.allot(c); err != nil {
			return err
		}
	}
	return nil
}

// writeDir writes the folder n, whose parent is up, and everything below it.
func (f *formatter) writeDir(n, up *node, label string) error {
	var b []byte
	if n == up {
		b = append(b, f.entry(pack(label[:min(8, len(label))], label[min(8, len(label)):]), attrLabel, 0, 0)...)
	} else {
		parent := up.first
		if up.name == "" {
			parent = 0 // ".." of a folder in the root names cluster 0
		}
		b = append(b, f.entry(pack(".", ""), attrDir, n.first, 0)...)
		b = append(b, f.entry(pack("..", ""), attrDir, parent, 0)...)
	}
	for _, c := range n.children {
		if c.long {
			b = append(b, longEntries(c.name, checksum(c.short))...)
		}
		attr := byte(attrArchive)
		if c.dir {
			attr = attrDir
		}
		b = append(b, f.entry(c.short, attr, c.first, uint32(len(c.data)))...)
	}
	if err := f.put(f.g.clusterOffset(n.first), b); err != nil {
		return fmt.Errorf("folder %q: %w", n.name, err)
	}
	for _, c := range n.children {
		if err := f.writeChild(c, n); err != nil {
			return err
		}
	}
	return nil
}

func (f *formatter) writeChild(c, up *node) error {
	if c.dir {
		return f.writeDir(c, up, "")
	}
	if len(c.data) == 0 {
		return nil
	}
	if err := f.put(f.g.clusterOffset(c.first), c.data); err != nil {
		return fmt.Errorf("file %q: %w", c.name, err)
	}
	return nil
}
