// Package gpt writes and reads GUID partition tables with 512-byte sectors and
// a protective MBR that old BIOSes start from.
//
// It leaves the boot code of the MBR alone: the caller puts GRUB's there. The
// protective entry is marked active, against UEFI 5.2.3, because many BIOSes
// refuse a disk without an active entry; no UEFI firmware was seen to mind.
//
// Reference: UEFI Specification 2.10, clause 5. sgdisk judges the output.
package gpt

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"unicode/utf16"
)

// SectorSize is the logical sector size of every USB stick that can be booted.
const SectorSize = 512

const (
	entryCount  = 128
	entrySize   = 128
	headerSize  = 92
	tableBytes  = entryCount * entrySize
	tableBlocks = tableBytes / SectorSize
	// reservedBlocks is what the two tables and headers take at either end.
	reservedBlocks = tableBlocks + 1
	signature      = "EFI PART"
	revision       = 0x00010000
)

// GUID is in RFC 9562 byte order, as it is written; on disk the first three
// fields are little-endian.
type GUID [16]byte

// Partition types.
var (
	BIOSBoot  = mustParse("21686148-6449-6E6F-744E-656564454649")
	EFISystem = mustParse("C12A7328-F81F-11D2-BA4B-00A0C93EC93B")
	BasicData = mustParse("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7")
)

// ErrGUID says that a text is not a GUID.
var ErrGUID = errors.New("not a GUID")

// ParseGUID reads the form XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX.
func ParseGUID(s string) (g GUID, err error) {
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 || len(s) != 36 {
		return g, fmt.Errorf("parse %q: %w", s, ErrGUID)
	}
	copy(g[:], b)
	if !strings.EqualFold(g.String(), s) {
		return GUID{}, fmt.Errorf("parse %q: %w", s, ErrGUID)
	}
	return g, nil
}

func mustParse(s string) GUID {
	g, err := ParseGUID(s)
	if err != nil {
		panic(err) // a constant of this file is wrong
	}
	return g
}

// String writes upper-case hex.
func (g GUID) String() string {
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", g[:4], g[4:6], g[6:8], g[8:10], g[10:]))
}

// Version4 marks 16 random bytes as a random GUID (RFC 9562, 5.4).
func Version4(random [16]byte) GUID {
	random[6] = random[6]&0x0F | 0x40
	random[8] = random[8]&0x3F | 0x80
	return random
}

// swap turns a GUID between its written and its on-disk order.
func (g GUID) swap() GUID {
	return GUID{g[3], g[2], g[1], g[0], g[5], g[4], g[7], g[6],
		g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]}
}

// Partition is one entry of the table.
type Partition struct {
	Type, ID GUID
	// Name is at most 36 UTF-16 units.
	Name string
	// First is the first sector, Sectors the length.
	First, Sectors int64
}

// Offset and Size are in bytes.
func (p Partition) Offset() int64 { return p.First * SectorSize }

// Size is the length of the partition in bytes.
func (p Partition) Size() int64 { return p.Sectors * SectorSize }

// Table is a partitioned disk.
type Table struct {
	Disk GUID
	// Sectors is the size of the disk.
	Sectors    int64
	Partitions []Partition
}

// ErrTable says that a table cannot be, or is not there, or is damaged.
var ErrTable = errors.New("not a sound GPT")

// check refuses partitions that overlap each other or the tables.
func (t Table) check() error {
	if len(t.Partitions) > entryCount {
		return fmt.Errorf("%d partitions: %w", len(t.Partitions), ErrTable)
	}
	for i, p := range t.Partitions {
		last := p.First + p.Sectors - 1
		if p.First < 1+reservedBlocks || p.Sectors < 1 || last > t.lastUsable() {
			return fmt.Errorf("partition %d: sectors %d to %d of %d: %w", i+1, p.First, last, t.Sectors, ErrTable)
		}
		if p.Type == (GUID{}) || len(utf16.Encode([]rune(p.Name))) > 36 {
			return fmt.Errorf("partition %d: type %s, name %q: %w", i+1, p.Type, p.Name, ErrTable)
		}
		for j, q := range t.Partitions[:i] {
			if p.First <= q.First+q.Sectors-1 && q.First <= last {
				return fmt.Errorf("partitions %d and %d overlap: %w", j+1, i+1, ErrTable)
			}
		}
	}
	return nil
}

func (t Table) lastUsable() int64 { return t.Sectors - 1 - reservedBlocks }

// Write stores both copies of the table and the partition part of the MBR. The
// first 440 bytes, boot code, are not touched. Errors wrap ErrTable or are w's.
func (t Table) Write(w io.WriterAt) error {
	if err := t.check(); err != nil {
		return fmt.Errorf("write GPT: %w", err)
	}
	entries := t.entries()
	last := t.Sectors - 1
	for _, part := range []struct {
		at int64
		b  []byte
	}{
		{2 * SectorSize, entries},
		{(last - tableBlocks) * SectorSize, entries},
		{last * SectorSize, t.header(last, 1, last-tableBlocks, entries)},
		{SectorSize, t.header(1, last, 2, entries)},
		{440, t.protective()},
	} {
		if _, err := w.WriteAt(part.b, part.at); err != nil {
			return fmt.Errorf("write GPT at byte %d: %w", part.at, err)
		}
	}
	return nil
}

// protective is bytes 440 to 511 of the MBR (UEFI 5.2.3).
func (t Table) protective() []byte {
	b := make([]byte, SectorSize-440)
	e := b[446-440:]
	e[0] = 0x80
	copy(e[1:], []byte{0x00, 0x02, 0x00, 0xEE, 0xFF, 0xFF, 0xFF})
	binary.LittleEndian.PutUint32(e[8:], 1)
	binary.LittleEndian.PutUint32(e[12:], uint32(min(t.Sectors-1, 0xFFFFFFFF)))
	b[510-440], b[511-440] = 0x55, 0xAA
	return b
}

func (t Table) entries() []byte {
	b := make([]byte, tableBytes)
	le := binary.LittleEndian
	for i, p := range t.Partitions {
		e := b[i*entrySize:]
		typ, id := p.Type.swap(), p.ID.swap()
		copy(e[0:], typ[:])
		copy(e[16:], id[:])
		le.PutUint64(e[32:], uint64(p.First))
		le.PutUint64(e[40:], uint64(p.First+p.Sectors-1))
		for j, u := range utf16.Encode([]rune(p.Name)) {
			le.PutUint16(e[56+2*j:], u)
		}
	}
	return b
}

// header is one of the two headers (UEFI 5.3.2).
func (t Table) header(own, other, table int64, entries []byte) []byte {
	b := make([]byte, SectorSize)
	le := binary.LittleEndian
	disk := t.Disk.swap()
	copy(b, signature)
	le.PutUint32(b[8:], revision)
	le.PutUint32(b[12:], headerSize)
	le.PutUint64(b[24:], uint64(own))
	le.PutUint64(b[32:], uint64(other))
	le.PutUint64(b[40:], 1+reservedBlocks)
	le.PutUint64(b[48:], uint64(t.lastUsable()))
	copy(b[56:], disk[:])
	le.PutUint64(b[72:], uint64(table))
	le.PutUint32(b[80:], entryCount)
	le.PutUint32(b[84:], entrySize)
	le.PutUint32(b[88:], crc32.ChecksumIEEE(entries))
	le.PutUint32(b[16:], crc32.ChecksumIEEE(b[:headerSize]))
	return b
}
