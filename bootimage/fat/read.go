package fat

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"
)

// ErrFormat says that bytes are not a FAT32 volume, or a damaged one.
var ErrFormat = errors.New("not a sound FAT32 volume")

// Header is what the boot sector of a FAT32 volume says.
type Header struct {
	// ID and Label are BS_VolID and BS_VolLab (without padding).
	ID    ID
	Label string
	// Size is the length of the volume in bytes.
	Size int64
	// HiddenSectors is BPB_HiddSec.
	HiddenSectors uint32

	g    geometry
	root uint32
}

// ReadHeader decodes a boot sector, of which it wants the first 512 bytes. An
// error wraps ErrFormat. Sectors other than 512 bytes are refused.
func ReadHeader(b []byte) (Header, error) {
	if len(b) < sectorSize || b[510] != 0x55 || b[511] != 0xAA || string(b[82:87]) != "FAT32" {
		return Header{}, fmt.Errorf("boot sector: %w", ErrFormat)
	}
	le := binary.LittleEndian
	h := Header{
		ID: ID(le.Uint32(b[67:])), Label: strings.TrimRight(string(b[71:82]), " "),
		HiddenSectors: le.Uint32(b[28:]), root: le.Uint32(b[44:]),
	}
	h.g = geometry{
		total: le.Uint32(b[32:]), reserved: uint32(le.Uint16(b[14:])),
		fatSectors: le.Uint32(b[36:]), perCluster: uint32(b[13]),
	}
	h.Size = int64(h.g.total) * sectorSize
	meta := int64(h.g.reserved) + fatCount*int64(h.g.fatSectors)
	switch {
	case le.Uint16(b[11:]) != sectorSize, b[16] != fatCount, h.g.perCluster == 0,
		h.g.reserved == 0, h.g.fatSectors == 0, meta >= int64(h.g.total):
		return Header{}, fmt.Errorf("boot sector: %w", ErrFormat)
	}
	h.g.clusters = (h.g.total - uint32(meta)) / h.g.perCluster
	if h.g.clusters > maxClusters || int64(h.g.clusters)+rootCluster > int64(h.g.fatSectors)*sectorSize/4 {
		return Header{}, fmt.Errorf("boot sector: FAT smaller than the volume: %w", ErrFormat)
	}
	return h, nil
}

// maxRead bounds the memory for the FAT to 16 MiB: 128 GiB in clusters of 32 KiB.
const maxRead = 4 << 20

// reader walks one volume.
type reader struct {
	Header
	r     io.ReaderAt
	off   int64
	table []uint32
	files map[string][]byte
	time  time.Time
	// left bounds the work: no sound volume has more clusters in its chains
	// than it has clusters.
	left uint32
}

// Read reads the whole volume that begins at byte offset off of r. Errors wrap
// ErrFormat, or are what r says.
func Read(r io.ReaderAt, off int64) (Volume, error) {
	boot := make([]byte, sectorSize)
	if _, err := r.ReadAt(boot, off); err != nil {
		return Volume{}, fmt.Errorf("read boot sector: %w", err)
	}
	h, err := ReadHeader(boot)
	if err != nil {
		return Volume{}, err
	}
	if h.g.clusters > maxRead {
		return Volume{}, fmt.Errorf("%d clusters: larger than this reader takes: %w", h.g.clusters, ErrFormat)
	}
	raw := make([]byte, (int64(h.g.clusters)+rootCluster)*4)
	if _, err := r.ReadAt(raw, off+h.g.fatOffset(0)); err != nil {
		return Volume{}, fmt.Errorf("read FAT: %w", err)
	}
	rd := reader{Header: h, r: r, off: off, files: map[string][]byte{}, left: h.g.clusters}
	for i := 0; i < len(raw); i += 4 {
		rd.table = append(rd.table, binary.LittleEndian.Uint32(raw[i:])&entryMask)
	}
	if err := rd.dir("", h.root, 0); err != nil {
		return Volume{}, err
	}
	return Volume{
		ID: h.ID, Label: h.Label, Size: h.Size, HiddenSectors: h.HiddenSectors,
		Time: rd.time, Files: rd.files,
	}, nil
}

// chain reads the clusters that begin at first.
func (rd *reader) chain(name string, first uint32) ([]byte, error) {
	var out []byte
	for c := first; c < chainEnd; c = rd.table[c] {
		if c < rootCluster || int64(c) >= int64(len(rd.table)) || rd.left == 0 {
			return nil, fmt.Errorf("%q: chain of clusters leaves the volume or runs in a circle: %w", name, ErrFormat)
		}
		rd.left--
		b := make([]byte, rd.g.clusterBytes())
		if _, err := rd.r.ReadAt(b, rd.off+rd.g.clusterOffset(c)); err != nil {
			return nil, fmt.Errorf("read %q: %w", name, err)
		}
		out = append(out, b...)
	}
	return out, nil
}

// maxDepth bounds folders inside folders.
const maxDepth = 32

// dir reads the folder at path, whose entries begin at cluster first.
func (rd *reader) dir(path string, first uint32, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%q: folders deeper than %d: %w", path, maxDepth, ErrFormat)
	}
	b, err := rd.chain(path, first)
	if err != nil {
		return err
	}
	if depth > 0 {
		rd.files[path] = nil
	}
	var long longName
	for ; len(b) >= entrySize && b[0] != 0; b = b[entrySize:] {
		e := b[:entrySize]
		switch {
		case e[0] == 0xE5: // deleted
			long = longName{}
		case e[11]&0x3F == attrLong:
			long.add(e)
		case e[11]&attrLabel != 0:
			rd.time = unstamp(e)
			long = longName{}
		default:
			if err := rd.file(path, long.or(e), e, depth); err != nil {
				return err
			}
			long = longName{}
		}
	}
	return nil
}

// file reads what one entry of the folder at path names.
func (rd *reader) file(path, name string, e []byte, depth int) error {
	if name == "." || name == ".." {
		return nil
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("folder %q: %w: %w", path, err, ErrFormat)
	}
	le := binary.LittleEndian
	first := uint32(le.Uint16(e[20:]))<<16 | uint32(le.Uint16(e[26:]))
	size := le.Uint32(e[28:])
	delete(rd.files, path) // a folder that holds something needs no entry
	if e[11]&attrDir != 0 {
		return rd.dir(path+name+"/", first, depth+1)
	}
	if size == 0 {
		rd.files[path+name] = []byte{}
		return nil
	}
	data, err := rd.chain(path+name, first)
	if err != nil {
		return err
	}
	if int64(size) > int64(len(data)) {
		return fmt.Errorf("%q: %d bytes in a chain of %d: %w", path+name, size, len(data), ErrFormat)
	}
	rd.files[path+name] = data[:size]
	return nil
}

// longName gathers the pieces of a long name, which come last piece first.
type longName struct {
	units []uint16
	sum   byte
}

func (l *longName) add(e []byte) {
	piece := make([]uint16, longRoom)
	for i, at := range longAt {
		piece[i] = binary.LittleEndian.Uint16(e[at:])
	}
	if e[0]&0x40 != 0 {
		l.units = nil
	}
	l.units, l.sum = append(piece, l.units...), e[13]
}

// or returns the long name when it belongs to e, and the short name otherwise.
func (l *longName) or(e []byte) string {
	short := [11]byte(e[:11])
	if len(l.units) > 0 && l.sum == checksum(short) {
		units := l.units
		for i, u := range units {
			if u == 0 {
				units = units[:i]
				break
			}
		}
		return string(utf16.Decode(units))
	}
	base, ext := strings.TrimRight(string(e[:8]), " "), strings.TrimRight(string(e[8:11]), " ")
	if e[12]&0x08 != 0 { // Windows marks an all-lower-case base or extension
		base = strings.ToLower(base)
	}
	if e[12]&0x10 != 0 {
		ext = strings.ToLower(ext)
	}
	if ext == "" {
		return base
	}
	return base + "." + ext
}

func unstamp(e []byte) time.Time {
	d, c := binary.LittleEndian.Uint16(e[24:]), binary.LittleEndian.Uint16(e[22:])
	return time.Date(int(d>>9)+1980, time.Month(d>>5&15), int(d&31), int(c>>11), int(c>>5&63), int(c&31)*2, 0, time.UTC)
}
